"""What is planned with a customer, and how it becomes what was said; the customer's next follow-up comes from here."""

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part, RecordQuerySet
from crm.models.copies import OWNER_AND_TEAM, copies_of_part, copy_field, copy_indexes
from crm.models.record import IN_USE, InUse, Stamped, search_field, search_index, tracked
from customers.models.contact import Contact
from customers.models.customer import Customer
from customers.models.interaction import Interaction
from customers.models.talk_triggers import keep_next_follow_ups


class PlanQuerySet(RecordQuerySet):
    def open(self):
        """Plans that nobody has kept, called off or given up yet."""
        return self.filter(state=FollowUpPlan.State.PLANNED)

    def overdue(self):
        return self.open().filter(at__lt=timezone.now())

    def this_week(self):
        """Open plans from Monday to Sunday of this week, where the reader is."""
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        monday = today - timezone.timedelta(days=today.weekday())
        return self.open().filter(at__gte=monday, at__lt=monday + timezone.timedelta(days=7))


@tracked
class FollowUpPlan(Stamped):
    """A planned contact with a customer: who is to do it, when and what for. It becomes the talk that kept it."""

    access = Part("customer", author="owner")
    copied_from = "customer"
    unversioned = ("customer_owner", "customer_team")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("plan", "Planned")
        DONE = "done", pgettext_lazy("plan", "Done")
        CANCELLED = "cancelled", pgettext_lazy("plan", "Called off")
        MISSED = "missed", pgettext_lazy("plan", "Did not take place")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="plans", verbose_name=_("customer"), db_index=False
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Interaction.Kind, default=Interaction.Kind.CALL)
    at = models.DateTimeField(pgettext_lazy("plan", "planned for"))
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    # Null only where the talk from which a plan came has no author any more.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("plan", "who does it"),
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED, editable=False)
    origin = models.ForeignKey(
        Interaction,
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="plans",
        verbose_name=_("agreed in"),
    )
    record = models.ForeignKey(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="kept_plans",
        verbose_name=_("became"),
    )

    customer_owner = copy_field(_("owner of the customer"))
    customer_team = copy_field(_("team of the customer"))
    search_text = search_field("F", "purpose")

    objects = InUse.from_queryset(PlanQuerySet)()

    class Meta(Stamped.Meta):
        verbose_name = _("follow-up plan")
        verbose_name_plural = _("follow-up plans")
        indexes = [
            models.Index(fields=["customer", "at", "id"], condition=IN_USE, name="plan_of_customer"),
            models.Index(fields=["owner", "state", "at"], condition=IN_USE, name="plan_of_owner"),
            models.Index(fields=["at", "id"], condition=IN_USE, name="plan_at"),
            *copy_indexes("plan", "customer", ("at", "id")),
            search_index("plan"),
        ]
        triggers = [
            *Stamped.Meta.triggers,
            *copies_of_part("customers_followupplan", "customer", "customers_customer", OWNER_AND_TEAM),
            keep_next_follow_ups(pgtrigger.Insert, new="new_rows"),
            keep_next_follow_ups(pgtrigger.Update, old="old_rows", new="new_rows"),
            keep_next_follow_ups(pgtrigger.Delete, old="old_rows"),
        ]

    def __str__(self):
        return self.purpose or f"{self.get_kind_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.PLANNED

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.at < timezone.now()

    def clean(self):
        if self.contact_id and self.customer_id and not self.contact.roles.filter(customer=self.customer_id).exists():
            raise ValidationError(
                {
                    "contact": _("“%(name)s” has no role at this customer. Choose one of its contacts.")
                    % {"name": self.contact}
                }
            )
