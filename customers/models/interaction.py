"""What was said: calls, visits, mails and messages with a customer, and what is to follow."""

import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part
from crm.models.copies import OWNER_AND_TEAM, copies_of_part, copy_field, copy_indexes
from crm.models.custom import CustomValues, custom_indexes
from crm.models.record import IN_USE, Stamped, search_field, search_index, tracked
from customers.models.contact import Contact, ContactRole
from customers.models.customer import Customer
from customers.models.talk_triggers import keep_follow_ups

MOST_MINUTES = 24 * 60


def this_minute() -> datetime.datetime:
    """Now, to the minute: as fine as a form shows it, so that an untouched moment counts as unchanged."""
    return timezone.now().replace(second=0, microsecond=0)


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
        ONLINE = "online", pgettext_lazy("interaction", "Chat")
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
    duration = models.SmallIntegerField(
        _("duration in minutes"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(
                1, _("A contact takes at least one minute. Leave this empty if nobody looked at the clock.")
            ),
            MaxValueValidator(
                MOST_MINUTES, _("A contact takes at most 1,440 minutes, which is a day. Log each day by itself.")
            ),
        ],
    )
    # Keys, not relations: few on each row, read with it, and in the change log like any other value.
    with_contacts = ArrayField(models.BigIntegerField(), verbose_name=_("also there"), default=list, blank=True)
    with_colleagues = ArrayField(models.BigIntegerField(), verbose_name=_("colleagues"), default=list, blank=True)
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
        constraints = [
            models.CheckConstraint(
                condition=Q(duration__isnull=True) | Q(duration__range=(1, MOST_MINUTES)),
                name="interaction_duration_in_a_day",
            )
        ]
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
        self.check_participants()
        if self.next_at and self.at and self.next_at <= self.at:
            raise ValidationError({"next_at": _("The next follow-up must lie after the contact itself.")})

    def check_participants(self):
        """Those who were also there are contacts of this customer; who was so once stays named."""
        if not (self.with_contacts and self.customer_id):
            return
        roles = ContactRole.everything.filter(customer=self.customer_id, contact__in=self.with_contacts)
        strangers = Contact.everything.filter(pk__in=self.with_contacts).exclude(pk__in=roles.values("contact"))
        if name := strangers.values_list("name", flat=True).first():
            raise ValidationError(
                {
                    "with_contacts": _("“%(name)s” has no role at this customer. Choose one of its contacts.")
                    % {"name": name}
                }
            )
