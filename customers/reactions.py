"""What this floor shows in the timelines of its own records and on the workbench."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import workbench
from crm.entities import entity_for
from crm.models import TimelineEntry
from crm.moments import when
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.models import Contact, Customer, Interaction
from customers.timeline import contacts_of, interaction_item, interactions_of

add_arm(
    Arm("interactions", Customer, Interaction, interactions_of, interaction_item, related=("contact", "created_by"))
)
add_arm(Arm("contacts", Customer, TimelineEntry, entries_about(Contact, contacts_of), entry_item, related=("actor",)))

LINES = 5


def follow_up_lines(user) -> list[workbench.Line]:
    """The user's own customers whose next follow-up is due by the end of today, the longest overdue first."""
    now = timezone.now()
    tonight = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    due = (
        Customer.objects.visible_to(user)
        .filter(owner=user, next_follow_at__lte=tonight)
        .order_by("next_follow_at", "pk")
    )
    entity = entity_for(Customer)
    return [
        workbench.Line(
            customer.name,
            entity.url("record", customer),
            note=customer.next_step or customer.region,
            value=str(when(customer.next_follow_at)),
            tone="red" if customer.next_follow_at < now else "",
        )
        for customer in due[:LINES]
    ]


workbench.add_card(
    workbench.Card(
        "follow_ups",
        _("Follow-ups due"),
        "calendar-check",
        follow_up_lines,
        may=lambda user: user.rights.may(Customer),
        empty=_("No follow-up of yours is due today."),
        url=lambda user: f"{reverse('customers-list')}?overdue=on&sort=followed_order",
        order=10,
    )
)
