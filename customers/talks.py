"""Writes of talks and plans: a talk is logged, a plan becomes the talk that kept it, or is given up."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.events import announce
from customers.events import interaction_logged
from customers.models import Customer, FollowUpPlan, Interaction


@transaction.atomic
def log_interaction(customer, *, actor, kind, text, plan=None, **fields) -> Interaction:
    """Write down one contact with a customer; the customer object then knows its last contact and next follow-up.

    plan: the open plan that this talk keeps. fields: at, contact, direction, outcome, duration, with_contacts,
    with_colleagues, next_step, next_at. Raises ValidationError for a contact without a role here, for a next follow-up
    that does not lie after the contact, and for a plan that is no longer open. The rights are the caller's to check.
    """
    if plan is not None:
        # The customer first, as the triggers do: two people who write at once wait for each other in one order.
        Customer.everything.select_for_update(no_key=True).get(pk=customer.pk)
        plan = FollowUpPlan.objects.select_for_update().open().filter(pk=plan.pk, customer=customer).first()
        if plan is None:
            raise ValidationError(
                _("The plan is no longer open: somebody marked it done, called it off or deleted it meanwhile.")
            )
    interaction = Interaction(customer=customer, kind=kind, text=text, created_by=actor, modified_by=actor, **fields)
    interaction.clean()
    interaction.save()
    if plan is not None:
        FollowUpPlan.objects.filter(pk=plan.pk).update(
            state=FollowUpPlan.State.DONE, record=interaction, modified_by=actor, modified_at=interaction.modified_at
        )
    customer.refresh_from_db(fields=["last_followed_at", "next_follow_at", "next_step"])
    announce(interaction_logged, interaction, actor=actor)
    return interaction


@transaction.atomic
def set_state(plan, state, *, actor) -> bool:
    """Call a plan off, say that it did not take place, or open it again; False when it is not what it was meanwhile.

    A plan that became a talk stays done: delete the talk, and the plan is open again.
    """
    known = FollowUpPlan.State
    former = (known.CANCELLED, known.MISSED) if state == known.PLANNED else (known.PLANNED,)
    Customer.everything.select_for_update(no_key=True).get(pk=plan.customer_id)
    row = FollowUpPlan.objects.select_for_update().filter(pk=plan.pk, state__in=former).first()
    if row is None:
        return False
    row.state, row.modified_by = state, actor
    row.save(update_fields=["state", "modified_by", "modified_at"])
    return True
