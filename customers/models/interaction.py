"""What was said: calls, visits, mails and messages with a customer, and what is to follow."""

import datetime

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part
from crm.models.copies import OWNER_AND_TEAM, copies_of_part, copy_field, copy_indexes
from crm.models.custom import CustomValues, custom_indexes
from crm.models.record import IN_USE, Stamped, search_field, search_index, tracked
from customers.models.contact import Contact
from customers.models.customer import Customer

# The last contact is the newest interaction in use; the next follow-up is what the newest plan says, as long as no
# contact was made after the planned moment. Computed from the rows each time, whichever way they were written; the
# customers are locked first, so that of two people who write at once the second one counts what the first one wrote.
FOLLOW_UPS = """
    PERFORM 1 FROM customers_customer WHERE id IN ({touched}) ORDER BY id FOR NO KEY UPDATE;
    UPDATE customers_customer AS customer
    SET last_followed_at = seen.last_at, next_follow_at = seen.next_at, next_step = seen.next_step
    FROM (
        SELECT ids.customer_id, talks.last_at,
            CASE WHEN plan.next_at > talks.last_at THEN plan.next_at END AS next_at,
            CASE WHEN plan.next_at > talks.last_at THEN plan.next_step ELSE '' END AS next_step
        FROM ({touched}) AS ids
        CROSS JOIN LATERAL (
            SELECT max(at) AS last_at FROM customers_interaction
            WHERE customer_id = ids.customer_id AND deleted_at IS NULL
        ) AS talks
        LEFT JOIN LATERAL (
            SELECT next_at, next_step FROM customers_interaction
            WHERE customer_id = ids.customer_id AND deleted_at IS NULL AND next_at IS NOT NULL
            ORDER BY at DESC, id DESC LIMIT 1
        ) AS plan ON true
    ) AS seen
    WHERE customer.id = seen.customer_id AND (customer.last_followed_at, customer.next_follow_at, customer.next_step)
        IS DISTINCT FROM (seen.last_at, seen.next_at, seen.next_step);
    RETURN NULL;
"""


def this_minute() -> datetime.datetime:
    """Now, to the minute: as fine as a form shows it, so that an untouched moment counts as unchanged."""
    return timezone.now().replace(second=0, microsecond=0)


def keep_follow_ups(operation, **tables) -> pgtrigger.Trigger:
    """A trigger that keeps the customers' moments of last contact and next follow-up, once a statement."""
    touched = " UNION ".join(f"SELECT customer_id FROM {table}" for table in tables.values())
    if len(tables) == 2:  # an update: only rows that say something else now; a new owner of the customer does not
        said = "({0}.customer_id, {0}.at, {0}.next_at, {0}.next_step, {0}.deleted_at)"
        differs = f"{said.format('fresh')} IS DISTINCT FROM {said.format('former')}"
        pairs = f"new_rows AS fresh JOIN old_rows AS former USING (id) WHERE {differs}"
        touched = f"SELECT fresh.customer_id FROM {pairs} UNION SELECT former.customer_id FROM {pairs}"
    return pgtrigger.Trigger(
        name=f"follow_ups_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        func=FOLLOW_UPS.format(touched=touched),
    )


@tracked
class Interaction(CustomValues, Stamped):
    """One contact with a customer: when, how, with what result, and the next step agreed."""

    access = Part("customer")
    copied_from = "customer"
    unversioned = ("customer_owner", "customer_team")

    class Kind(models.TextChoices):
        CALL = "call", pgettext_lazy("interaction", "Call")
        VISIT = "visit", pgettext_lazy("interaction", "Visit")
        MEETING = "meeting", pgettext_lazy("interaction", "Meeting")
        EMAIL = "email", pgettext_lazy("interaction", "E-mail")
        WECHAT = "wechat", pgettext_lazy("interaction", "WeChat")
        WECOM = "wecom", pgettext_lazy("interaction", "WeCom")
        SMS = "sms", pgettext_lazy("interaction", "SMS")
        ONLINE = "online", pgettext_lazy("interaction", "Online")
        OTHER = "other", pgettext_lazy("interaction", "Other")

    class Direction(models.TextChoices):
        OUTGOING = "out", _("Outgoing")
        INCOMING = "in", _("Incoming")

    class Outcome(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NO_ANSWER = "no_answer", _("No answer")
        INTERESTED = "interested", _("Interested")
        NOT_INTERESTED = "not_interested", _("Not interested")
        LATER = "later", _("Follow up later")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="interactions", verbose_name=_("customer"), db_index=False
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="interactions", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CALL)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.OUTGOING)
    at = models.DateTimeField(_("time"), default=this_minute)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome, blank=True)
    text = models.TextField(_("what was said"), max_length=10_000)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_at = models.DateTimeField(_("next follow-up"), null=True, blank=True)

    customer_owner = copy_field(_("owner of the customer"))
    customer_team = copy_field(_("team of the customer"))
    search_text = search_field("I", "text", "next_step")

    class Meta(Stamped.Meta):
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], condition=IN_USE, name="interaction_of_customer"),
            models.Index(fields=["-at", "-id"], condition=IN_USE, name="interaction_at"),
            *copy_indexes("interaction", "customer", ("-at", "-id")),
            search_index("interaction"),
            *custom_indexes("interaction", slots=False),
        ]
        triggers = [
            *Stamped.Meta.triggers,
            *copies_of_part("customers_interaction", "customer", "customers_customer", OWNER_AND_TEAM),
            keep_follow_ups(pgtrigger.Insert, new="new_rows"),
            keep_follow_ups(pgtrigger.Update, old="old_rows", new="new_rows"),
            keep_follow_ups(pgtrigger.Delete, old="old_rows"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    def clean(self):
        if self.contact_id and self.customer_id and not self.contact.roles.filter(customer=self.customer_id).exists():
            raise ValidationError(
                {
                    "contact": _("“%(name)s” has no role at this customer. Choose one of its contacts.")
                    % {"name": self.contact}
                }
            )
        if self.next_at and self.at and self.next_at <= self.at:
            raise ValidationError({"next_at": _("The next follow-up must lie after the contact itself.")})
