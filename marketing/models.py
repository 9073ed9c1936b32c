"""Campaigns, whom they reached, and the opportunities they brought."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import DateField, F, Index, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part, RecordQuerySet
from crm.models import Company
from crm.models.attachments import Attachment
from crm.models.custom import SortableValues, custom_indexes
from crm.models.record import (
    IN_USE,
    InUse,
    RootRecord,
    Stamped,
    list_indexes,
    null_last_field,
    number_field,
    search_field,
    search_index,
    tag_index,
    tracked,
)
from crm.models.shares import TeamShare, UserShare
from customers.models import Contact, Customer
from sales.models import Opportunity

MONEY = {"max_digits": 18, "decimal_places": 2, "null": True, "blank": True, "validators": [MinValueValidator(0)]}


class CampaignQuerySet(RecordQuerySet):
    def running(self):
        """Campaigns that are under way now."""
        return self.filter(status=Campaign.Status.ACTIVE)


@tracked
class Campaign(SortableValues, RootRecord):
    """Something done to win customers. An empty budget or cost is unknown, never 0."""

    class Kind(models.TextChoices):
        EMAIL = "email", pgettext_lazy("campaign", "E-mail")
        SMS = "sms", pgettext_lazy("campaign", "SMS")
        EVENT = "event", pgettext_lazy("campaign", "Event")
        WEBINAR = "webinar", pgettext_lazy("campaign", "Webinar")
        ADVERTISEMENT = "advertisement", pgettext_lazy("campaign", "Advertisement")
        SOCIAL = "social", pgettext_lazy("campaign", "Social")
        TELEMARKETING = "telemarketing", pgettext_lazy("campaign", "Telemarketing")
        DIRECT_MAIL = "direct_mail", pgettext_lazy("campaign", "Direct mail")
        CONTENT = "content", pgettext_lazy("campaign", "Content")
        OTHER = "other", pgettext_lazy("campaign", "Other")

    class Status(models.TextChoices):
        PLANNING = "planning", pgettext_lazy("campaign", "Planning")
        ACTIVE = "active", pgettext_lazy("campaign", "Active")
        PAUSED = "paused", pgettext_lazy("campaign", "Paused")
        COMPLETED = "completed", pgettext_lazy("campaign", "Completed")
        CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")

    number = number_field("M")
    search_text = search_field("M", "name")
    name = models.CharField(_("campaign name"), max_length=200)
    type = models.CharField(_("type"), max_length=15, choices=Kind, default=Kind.EMAIL)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNING)
    goal = models.TextField(_("goal"), max_length=10_000, blank=True)
    target_members = models.PositiveIntegerField(_("target: members"), null=True, blank=True)
    target_revenue = models.DecimalField(_("target: revenue"), **MONEY)
    budget = models.DecimalField(_("budget"), **MONEY)
    cost = models.DecimalField(_("actual cost"), **MONEY)
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    starts_order = null_last_field("starts_on", DateField(), "1900-01-01", _("starts, empty last"))

    objects = InUse.from_queryset(CampaignQuerySet)()
    everything = models.Manager.from_queryset(CampaignQuerySet)()

    class Meta(RootRecord.Meta):
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            *list_indexes("campaign", "name", "-starts_order", "-created_at"),
            search_index("campaign"),
            tag_index("campaign"),
            *custom_indexes("campaign"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_ref"],
                condition=IN_USE & ~Q(external_ref=""),
                name="campaign_external_ref_unique",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}),
                    name=f"campaign_{name}",
                    violation_error_message=_("An amount cannot be less than 0."),
                )
                for name in ("budget", "cost", "target_revenue")
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="campaign_days",
                violation_error_message=_("A campaign cannot end before it starts."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("This day lies before the start. Choose a later one.")})

    def save(self, *args, **kwargs):
        if not self.currency:
            self.currency = Company.current().currency
        super().save(*args, **kwargs)


class CampaignUserShare(UserShare):
    content_object = models.ForeignKey(Campaign, models.CASCADE, related_name="user_shares")


class CampaignTeamShare(TeamShare):
    content_object = models.ForeignKey(Campaign, models.CASCADE, related_name="group_shares")


class CampaignMemberQuerySet(RecordQuerySet):
    def responded(self):
        """Members who answered, whatever came of it."""
        return self.filter(status__in=RESPONDED)


@tracked
class CampaignMember(Stamped):
    """Whom a campaign addresses: a contact, or a customer as a whole."""

    access = Part("campaign")

    class Status(models.TextChoices):
        TARGETED = "targeted", pgettext_lazy("member", "Targeted")
        SENT = "sent", pgettext_lazy("member", "Sent")
        OPENED = "opened", pgettext_lazy("member", "Opened")
        CLICKED = "clicked", pgettext_lazy("member", "Clicked")
        RESPONDED = "responded", pgettext_lazy("member", "Responded")
        CONVERTED = "converted", pgettext_lazy("member", "Converted")
        BOUNCED = "bounced", pgettext_lazy("member", "Bounced")
        UNSUBSCRIBED = "unsubscribed", pgettext_lazy("member", "Unsubscribed")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="members", db_index=False, verbose_name=_("campaign")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.TARGETED)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = InUse.from_queryset(CampaignMemberQuerySet)()
    everything = models.Manager.from_queryset(CampaignMemberQuerySet)()

    class Meta(Stamped.Meta):
        verbose_name = _("campaign member")
        verbose_name_plural = _("campaign members")
        indexes = [
            Index(fields=["campaign", "-created_at", "-id"], condition=IN_USE, name="member_of_campaign"),
            Index(fields=["-created_at", "-id"], condition=IN_USE, name="campaignmember_created_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(contact__isnull=False),
                name="member_is_somebody",
                violation_error_message=_("Choose a customer or a contact."),
            ),
            models.UniqueConstraint(
                fields=["campaign", "contact"],
                condition=IN_USE & Q(contact__isnull=False),
                name="one_membership_per_contact",
                violation_error_message=_("This contact is a member of the campaign already."),
            ),
            models.UniqueConstraint(
                fields=["campaign", "customer"],
                condition=IN_USE & Q(contact__isnull=True),
                name="one_membership_per_customer",
                violation_error_message=_("This customer is a member of the campaign already."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """The contact, else the customer as a whole."""
        return str(self.contact if self.contact_id else self.customer)


RESPONDED = (CampaignMember.Status.RESPONDED, CampaignMember.Status.CONVERTED)


@tracked
class CampaignDeal(Stamped):
    """An opportunity that a campaign brought about. One that several campaigns brought counts fully for each."""

    access = Part("campaign")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="deals", db_index=False, verbose_name=_("campaign")
    )
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="+", verbose_name=_("opportunity"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta(Stamped.Meta):
        verbose_name = _("campaign deal")
        verbose_name_plural = _("campaign deals")
        indexes = [Index(fields=["-created_at", "-id"], condition=IN_USE, name="campaigndeal_created_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "opportunity"],
                condition=IN_USE,
                name="one_deal_per_campaign_and_opportunity",
                violation_error_message=_("This opportunity is linked with the campaign already."),
            )
        ]

    def __str__(self):
        return str(self.opportunity)

    @property
    def currency(self) -> str:
        return self.campaign.currency


@tracked
class CampaignFile(Attachment):
    """A file at a campaign."""

    record = models.ForeignKey(Campaign, models.CASCADE, related_name="files", verbose_name=_("campaign"))

    class Meta(Attachment.Meta):
        verbose_name = _("file of a campaign")
        verbose_name_plural = _("files of campaigns")
