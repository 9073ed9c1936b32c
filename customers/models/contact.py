"""People at our customers and their roles there."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part
from crm.models import Company
from crm.models.copies import OWNER_AND_TEAM, copies_of_part, copies_of_whole, copy_field, copy_indexes
from crm.models.custom import CustomValues, custom_indexes
from crm.models.merging import Mergeable
from crm.models.record import IN_USE, Keyed, Stamped, number_field, search_field, search_index, tracked
from crm.protection import ProtectedField
from customers.codes import identity_number
from customers.models.customer import Customer
from customers.pinyin import name_pinyin

# What a role repeats of its contact: the fields by which the list of contacts is ordered; empty while the contact lies
# in the recycle bin, so that a page of the list need not look at the contacts themselves.
ORDERS = {
    "{key}_name": "CASE WHEN whole.deleted_at IS NULL THEN whole.name END",
    "{key}_created_at": "CASE WHEN whole.deleted_at IS NULL THEN whole.created_at END",
}


@tracked
class Contact(Mergeable, Keyed, CustomValues, Stamped):
    """A person; belongs to one or several customers through roles, and is seen with any of them."""

    access = Part("roles__customer")
    copied_from = "roles__customer"  # the copies stand on the roles, with what the list is ordered by
    unversioned = ("name_pinyin", "merged_into")

    class Channel(models.TextChoices):
        CALL = "call", pgettext_lazy("channel", "Call")
        EMAIL = "email", pgettext_lazy("channel", "E-mail")
        WECHAT = "wechat", pgettext_lazy("channel", "WeChat")
        SMS = "sms", pgettext_lazy("channel", "SMS")
        VISIT = "visit", pgettext_lazy("channel", "Visit")

    class Language(models.TextChoices):
        CHINESE = "zh", _("Chinese")
        ENGLISH = "en", _("English")
        OTHER = "other", pgettext_lazy("language", "Other")

    name = models.CharField(pgettext_lazy("person", "name"), max_length=120)
    name_pinyin = models.TextField(_("pinyin"), blank=True, editable=False)
    position = models.CharField(_("position"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    preferred_channel = models.CharField(_("prefers"), max_length=10, choices=Channel, blank=True)
    preferred_language = models.CharField(_("speaks"), max_length=5, choices=Language, blank=True)
    do_not_contact = models.BooleanField(
        _("do not contact"), default=False, help_text=_("This person asked for no calls, mails and messages.")
    )
    birthday = ProtectedField(_("birthday"), scope="customers.contact.birthday", kind="date")
    identity_number = ProtectedField(
        _("identity number"), scope="customers.contact.identity_number", max_length=20, mask="tail"
    )
    note = models.TextField(_("note"), max_length=10_000, blank=True)

    number = number_field("P")
    search_text = search_field("P", "name", "name_pinyin", "position", "department")

    class Meta(Stamped.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["name", "id"], condition=IN_USE, name="contact_name"),
            models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="contact_created_at"),
            search_index("contact"),
            *custom_indexes("contact", slots=False),
        ]
        triggers = [
            *Stamped.Meta.triggers,
            copies_of_whole("customers_contactrole", "contact", ("name", "created_at", "deleted_at"), ORDERS),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.put_in_form(identity_number=identity_number)
        today = Company.current().today
        if self.birthday and not today.replace(year=today.year - 130, day=1) < self.birthday <= today:
            raise ValidationError({"birthday": _("Nobody living was born then. Check the year.")})

    def save(self, *args, update_fields=None, **kwargs):
        """Keep the reading of the name beside it."""
        if update_fields is None or "name" in update_fields:
            self.name_pinyin = name_pinyin(self.name)
            update_fields = update_fields and {*update_fields, "name_pinyin"}
        super().save(*args, update_fields=update_fields, **kwargs)


@tracked
class ContactRole(Stamped):
    """What a person is at one customer. A customer has at most one primary contact."""

    access = Part("customer")
    copied_from = "customer"
    unversioned = ("customer_owner", "customer_team", "contact_name", "contact_created_at")

    class Role(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("Decision maker")
        INFLUENCER = "influencer", _("Influencer")
        EVALUATOR = "evaluator", _("Evaluator")
        USER = "user", pgettext_lazy("role", "User")
        FINANCE = "finance", _("Finance")
        OTHER = "other", pgettext_lazy("role", "Other")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="roles", verbose_name=_("contact"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="roles", verbose_name=_("customer"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.OTHER)
    is_primary = models.BooleanField(_("primary contact"), default=False)
    is_active = models.BooleanField(_("works there now"), default=True)
    customer_owner = copy_field(_("owner of the customer"))
    customer_team = copy_field(_("team of the customer"))
    contact_name = models.CharField(_("name of the contact"), max_length=120, null=True, editable=False)
    contact_created_at = models.DateTimeField(_("contact created"), null=True, editable=False)

    class Meta(Stamped.Meta):
        verbose_name = _("role of a contact")
        verbose_name_plural = _("roles of contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=IN_USE & Q(is_primary=True),
                name="one_primary_contact_per_customer",
                violation_error_message=_("This customer already has a primary contact."),
            ),
            models.UniqueConstraint(
                fields=["contact", "customer"],
                condition=IN_USE,
                name="one_role_per_contact_and_customer",
                violation_error_message=_(
                    "This contact already has a role at this customer. Change that role instead."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="contactrole_created_at"),
            *copy_indexes(
                "role",
                "customer",
                ("contact_name", "contact"),
                ("-contact_created_at", "-contact"),
                ("-created_at", "-id"),
            ),
        ]
        triggers = [
            *Stamped.Meta.triggers,
            *copies_of_part("customers_contactrole", "contact", "customers_contact", ORDERS),
            *copies_of_part("customers_contactrole", "customer", "customers_customer", OWNER_AND_TEAM),
        ]

    def __str__(self):
        return self.get_role_display()
