"""The customer, a company or a person, its industry and the tables of its shares."""

from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Catalogue, RecordQuerySet
from crm.models import Company
from crm.models.copies import OWNER_AND_TEAM, REACH, copies_of_whole
from crm.models.custom import SortableValues, custom_indexes
from crm.models.merging import Mergeable
from crm.models.record import (
    IN_USE,
    CatalogueRecord,
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
from customers.codes import credit_code
from customers.pinyin import name_pinyin

# Tables of parts that repeat owner and team of their customer (crm.models.copies).
WITH_COPIES = ("customers_interaction", "customers_contactrole", "customers_followupplan")


@tracked
class Industry(CatalogueRecord):
    """What a customer lives from; the codes are the sections of GB/T 4754, some of them divided."""

    access = Catalogue()

    class Meta(CatalogueRecord.Meta):
        verbose_name = _("industry")
        verbose_name_plural = _("industries")
        constraints = [models.UniqueConstraint(fields=["code"], condition=IN_USE, name="industry_code_unique")]


class WebsiteField(models.URLField):
    """A web address; what is typed without a scheme is taken as https."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})


def size_of(employees: int | None) -> str:
    """The band of a number of employees; empty when it is not known."""
    return next((band for least, band in bands() if employees and least <= employees), "")


@cache
def bands() -> list[tuple[int, str]]:
    """(least number of employees, band), the largest first."""
    return sorted(((int(band), band) for band in Customer.Size.values), reverse=True)


class CustomerQuerySet(RecordQuerySet):
    def overdue(self):
        """Customers whose next follow-up should have been made by now."""
        return self.filter(next_follow_at__lt=timezone.now())


@tracked
class Customer(Mergeable, SortableValues, RootRecord):
    """Whoever buys from us or may do so. Phones and e-mail addresses are kept in ContactPoint alone."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Person")

    class Level(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"
        D = "D", "D"

    class Type(models.TextChoices):
        PROSPECT = "prospect", pgettext_lazy("customer type", "Prospect")
        CUSTOMER = "customer", pgettext_lazy("customer type", "Customer")
        PARTNER = "partner", pgettext_lazy("customer type", "Partner")
        RESELLER = "reseller", pgettext_lazy("customer type", "Reseller")
        SUPPLIER = "supplier", pgettext_lazy("customer type", "Supplier")
        COMPETITOR = "competitor", pgettext_lazy("customer type", "Competitor")
        OTHER = "other", pgettext_lazy("customer type", "Other")

    class Size(models.TextChoices):
        MICRO = "1", _("1 to 19 people")
        SMALL = "20", _("20 to 99 people")
        MEDIUM = "100", _("100 to 499 people")
        LARGE = "500", _("500 to 1,999 people")
        HUGE = "2000", _("2,000 people and more")

    class Lifecycle(models.TextChoices):
        LEAD = "lead", pgettext_lazy("lifecycle", "Lead")
        PROSPECT = "prospect", pgettext_lazy("lifecycle", "Prospect")
        ACTIVE = "active", pgettext_lazy("lifecycle", "Active")
        AT_RISK = "at_risk", pgettext_lazy("lifecycle", "At risk")
        DORMANT = "dormant", pgettext_lazy("lifecycle", "Dormant")
        CHURNED = "churned", pgettext_lazy("lifecycle", "Churned")
        WON_BACK = "won_back", pgettext_lazy("lifecycle", "Won back")

    class Source(models.TextChoices):
        WEBSITE = "website", pgettext_lazy("source", "Website")
        REFERRAL = "referral", pgettext_lazy("source", "Referral")
        COLD_CALL = "cold_call", pgettext_lazy("source", "Cold call")
        EXHIBITION = "exhibition", pgettext_lazy("source", "Exhibition")
        ADVERTISEMENT = "advertisement", pgettext_lazy("source", "Advertisement")
        SEARCH = "search", pgettext_lazy("source", "Search")
        SOCIAL = "social", pgettext_lazy("source", "Social")
        EMAIL = "email", pgettext_lazy("source", "E-mail")
        CAMPAIGN = "campaign", pgettext_lazy("source", "Campaign")
        PARTNER = "partner", pgettext_lazy("source", "Partner")
        EXISTING = "existing", pgettext_lazy("source", "Existing customer")
        IMPORT = "import", pgettext_lazy("source", "Import")
        OTHER = "other", pgettext_lazy("source", "Other")

    unversioned = ("name_pinyin", "last_followed_at", "next_follow_at", "next_step", "merged_into")

    name = models.CharField(_("name"), max_length=200)
    name_pinyin = models.TextField(_("pinyin"), blank=True, editable=False)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COMPANY)
    type = models.CharField(_("customer type"), max_length=10, choices=Type, default=Type.CUSTOMER)
    industry = models.ForeignKey(
        Industry, models.PROTECT, null=True, blank=True, related_name="customers", verbose_name=_("industry")
    )
    level = models.CharField(_("level"), max_length=1, choices=Level, default=Level.C)
    lifecycle = models.CharField(_("lifecycle"), max_length=10, choices=Lifecycle, default=Lifecycle.PROSPECT)
    source = models.CharField(_("source"), max_length=15, choices=Source, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    region = models.CharField(
        _("region"), max_length=80, blank=True, help_text=_("Province and city, for example Jiangsu, Suzhou.")
    )
    revenue = models.DecimalField(
        _("annual revenue"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, editable=False)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    size = models.CharField(
        _("company size"),
        max_length=4,
        choices=Size,
        blank=True,
        help_text=_("Follows the employees when they are known."),
    )
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        help_text=_("18 characters, as on the business licence."),
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    website = WebsiteField(_("website"), blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("parent company")
    )
    background = models.TextField(_("background"), max_length=10_000, blank=True)
    preferences = models.TextField(
        _("preferences"),
        max_length=10_000,
        blank=True,
        help_text=_("What they value, and how they like to be dealt with."),
    )
    last_followed_at = models.DateTimeField(_("last contact"), null=True, blank=True, editable=False)
    next_follow_at = models.DateTimeField(_("next follow-up"), null=True, blank=True, editable=False)
    next_step = models.CharField(_("next step"), max_length=200, blank=True, editable=False)

    number = number_field("C")
    search_text = search_field("C", "name", "name_pinyin", "short_name", "credit_code")
    revenue_order = null_last_field(
        "revenue", models.DecimalField(max_digits=18, decimal_places=2), "-1", _("annual revenue")
    )
    followed_order = null_last_field(
        "last_followed_at", models.DateTimeField(), "1970-01-01 00:00:00+00", _("last contact")
    )

    objects = InUse.from_queryset(CustomerQuerySet)()

    class Meta(RootRecord.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_ref"],
                condition=IN_USE & ~Q(external_ref=""),
                name="customer_external_ref_unique",
            ),
            models.CheckConstraint(
                condition=Q(revenue__isnull=True) | Q(revenue__gte=0), name="customer_revenue_not_negative"
            ),
        ]
        indexes = [
            *list_indexes("customer", "name", "-created_at", "-revenue_order", "-followed_order"),
            search_index("customer"),
            tag_index("customer"),
            models.Index(fields=["credit_code"], condition=IN_USE & ~Q(credit_code=""), name="customer_credit_code"),
            *custom_indexes("customer"),
        ]
        triggers = [
            *RootRecord.Meta.triggers,
            *(copies_of_whole(table, "customer", REACH, OWNER_AND_TEAM) for table in WITH_COPIES),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.put_in_form(credit_code=credit_code)
        if self.founded_on and self.founded_on > Company.current().today:
            raise ValidationError({"founded_on": _("The founding lies in the future.")})
        self.clean_parent()

    def clean_parent(self):
        """A customer may not be its own parent, however many levels up."""
        above, parent = {self.pk}, self.parent_id
        while parent is not None:
            if parent in above:
                raise ValidationError(
                    {
                        "parent": _("“%(name)s” cannot stand above itself. Choose a company outside of its own group.")
                        % {"name": self.name}
                    }
                )
            above.add(parent)
            parent = Customer.everything.filter(pk=parent).values_list("parent_id", flat=True).first()

    def save(self, *args, update_fields=None, **kwargs):
        """Keep the reading of the name beside it, and give a new customer the company's currency."""
        if update_fields is None or "name" in update_fields:
            self.name_pinyin = name_pinyin(self.name)
            update_fields = update_fields and {*update_fields, "name_pinyin"}
        if update_fields is None or "employees" in update_fields:
            self.size = size_of(self.employees) or self.size
            update_fields = update_fields and {*update_fields, "size"}
        if not self.currency:
            self.currency = Company.current().currency
        super().save(*args, update_fields=update_fields, **kwargs)


class CustomerUserShare(UserShare):
    """A customer shared with one person."""

    content_object = models.ForeignKey(Customer, models.CASCADE, related_name="user_shares")


class CustomerTeamShare(TeamShare):
    """A customer shared with a team."""

    content_object = models.ForeignKey(Customer, models.CASCADE, related_name="group_shares")
