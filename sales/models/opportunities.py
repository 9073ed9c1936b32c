"""Opportunities: what a customer may buy, how much of it, when, and how likely."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import DateField, DecimalField, DurationField, ExpressionWrapper, F, Index, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.access import RecordQuerySet
from crm.models import Company
from crm.models.custom import SortableValues, custom_indexes
from crm.models.record import (
    IN_USE,
    InUse,
    RootRecord,
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
from sales.models.pipelines import Pipeline, Stage, StageType
from sales.models.products import Product

MONEY = {"max_digits": 18, "decimal_places": 2}
HUNDRED = Decimal(100)


class OpportunityQuerySet(RecordQuerySet):
    """An opportunity without amount adds nothing to a sum; without_amount() gives those."""

    def open(self):
        return self.filter(stage__type=StageType.OPEN)

    def won(self):
        return self.filter(stage__type=StageType.WON)

    def lost(self):
        return self.filter(stage__type=StageType.LOST)

    def closed(self):
        """Won or lost."""
        return self.filter(stage__type__in=(StageType.WON, StageType.LOST))

    def closed_between(self, first: datetime.date, last: datetime.date):
        """Won or lost on a day of the period, both ends included."""
        return self.closed().filter(closed_on__range=(first, last))

    def in_pipeline(self, pipeline):
        return self.filter(pipeline=pipeline)

    def overdue(self, today: datetime.date | None = None):
        """Open ones whose expected closing day has passed; those without such a day are never overdue."""
        return self.open().filter(expected_close_on__lt=today or Company.current().today)

    def without_amount(self):
        return self.filter(amount__isnull=True)

    def without_close_date(self):
        """Open ones for which nobody said when they will close."""
        return self.open().filter(expected_close_on__isnull=True)

    def stale(self, now: datetime.datetime | None = None):
        """Open ones that stay in their stage longer than the stage expects."""
        allowed = ExpressionWrapper(
            F("stage__expected_days") * Value(datetime.timedelta(days=1)), output_field=DurationField()
        )
        return self.open().filter(
            stage__expected_days__isnull=False, stage_entered_at__lt=Value(now or timezone.now()) - allowed
        )

    def weighted(self):
        """With `weighted`: amount × win probability (one's own, else the stage's); null without an amount."""
        chance = Coalesce(F("probability"), F("stage__probability"))
        value = ExpressionWrapper(
            F("amount") * chance / Value(HUNDRED), output_field=DecimalField(max_digits=20, decimal_places=4)
        )
        return self.annotate(weighted=value)


@tracked
class Opportunity(SortableValues, RootRecord):
    """A possible sale. Won or lost exactly when `closed_on` is set; an empty amount is unknown, never 0."""

    class Kind(models.TextChoices):
        NEW = "new", _("New business")
        UPSELL = "upsell", _("Upsell")
        CROSS_SELL = "cross_sell", _("Cross-sell")
        RENEWAL = "renewal", _("Renewal")

    class LostReason(models.TextChoices):
        PRICE = "price", _("Price")
        COMPETITOR = "competitor", _("Competitor")
        NO_BUDGET = "no_budget", _("No budget")
        NO_NEED = "no_need", _("No need")
        TIMING = "timing", _("Timing")
        PRODUCT_FIT = "product_fit", _("Product fit")
        NO_RESPONSE = "no_response", _("No response")
        OTHER = "other", _("Other reason")

    unversioned = ("base_amount",)

    number = number_field("O")
    search_text = search_field("O", "name")
    name = models.CharField(_("opportunity name"), max_length=200)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="opportunities", verbose_name=_("primary contact")
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("product")
    )
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+", db_index=False, verbose_name=_("pipeline"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False, verbose_name=_("stage"))
    stage_entered_at = models.DateTimeField(_("in this stage since"), default=timezone.now, editable=False)
    amount = models.DecimalField(_("amount"), **MONEY, null=True, blank=True, validators=[MinValueValidator(0)])
    amount_order = null_last_field("amount", DecimalField(**MONEY), "-1", _("amount, empty last"))
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    base_amount = models.DecimalField(
        _("amount in the company's currency"), **MONEY, null=True, blank=True, editable=False
    )
    probability = models.PositiveSmallIntegerField(
        _("win probability in %"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("Empty: that of the stage."),
    )
    expected_close_on = models.DateField(_("expected to close"), null=True, blank=True)
    expected_close_order = null_last_field(
        "expected_close_on", DateField(), "9999-12-31", _("expected to close, empty last")
    )
    engaged_on = models.DateField(
        _("engaged"), null=True, blank=True, help_text=_("When the customer first took part.")
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True, help_text=_("The day it was won or lost."))
    type = models.CharField(_("type"), max_length=12, choices=Kind, default=Kind.NEW)
    source = models.CharField(_("source"), max_length=20, choices=Customer.Source, blank=True)
    lost_reason = models.CharField(_("reason for the loss"), max_length=12, choices=LostReason, blank=True)
    lost_note = models.TextField(_("note on the loss"), blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)

    objects = InUse.from_queryset(OpportunityQuerySet)()
    everything = models.Manager.from_queryset(OpportunityQuerySet)()

    class Meta(RootRecord.Meta):
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            *list_indexes("opportunity", "name", "-amount_order", "expected_close_order", "-created_at"),
            search_index("opportunity"),
            tag_index("opportunity"),
            *custom_indexes("opportunity"),
            *(
                Index(
                    fields=[*lead, "stage", "-stage_entered_at", "-id"],
                    condition=IN_USE,
                    name="_".join(["opportunity", *lead, "board"]),
                )
                for lead in ((), ("owner",), ("team",))
            ),
            Index(fields=["closed_on"], condition=IN_USE & Q(closed_on__isnull=False), name="opportunity_closed_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_ref"],
                condition=IN_USE & ~Q(external_ref=""),
                name="opportunity_external_ref_unique",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="opportunity_amount",
                violation_error_message=_("An amount cannot be less than 0."),
            ),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__lte=100),
                name="opportunity_probability",
                violation_error_message=_("Type a win probability from 0 to 100."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, update_fields=None, **kwargs):
        if not self.currency:
            self.currency = Company.current().currency
        if update_fields is None or "amount" in update_fields:
            self.base_amount = self.amount  # all amounts are in the company's currency for now
            update_fields = update_fields and {*update_fields, "base_amount"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean(self):
        super().clean()
        if self.stage_id and self.stage.is_closed and not self.closed_on:
            raise ValidationError({"closed_on": _("Say on which day it was won or lost.")})
        if self.stage_id and not self.stage.is_closed and self.closed_on:
            raise ValidationError(
                {
                    "closed_on": _(
                        "Only a won or lost opportunity has a closing day. Leave it empty, or choose such a stage."
                    )
                }
            )

    @property
    def chance(self) -> int:
        """The win probability in per cent: one's own, else the stage's."""
        return self.stage.probability if self.probability is None else self.probability

    @property
    def weighted_amount(self) -> Decimal | None:
        """Amount × win probability; None without an amount."""
        return None if self.amount is None else self.amount * self.chance / HUNDRED

    @cached_property
    def days_in_stage(self) -> int:
        return max(0, (timezone.now() - self.stage_entered_at).days)

    @property
    def is_stale(self) -> bool:
        """Whether it stays in an open stage longer than the stage expects."""
        limit = self.stage.expected_days
        return (
            self.stage.is_open
            and limit is not None
            and timezone.now() - self.stage_entered_at > datetime.timedelta(days=limit)
        )


class OpportunityUserShare(UserShare):
    content_object = models.ForeignKey(Opportunity, models.CASCADE, related_name="user_shares")


class OpportunityTeamShare(TeamShare):
    content_object = models.ForeignKey(Opportunity, models.CASCADE, related_name="group_shares")
