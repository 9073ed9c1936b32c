"""People at our customers, their roles there, and the only place for phones and e-mail addresses."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part, RecordQuerySet
from crm.models import Company
from crm.models.copies import OWNER_AND_TEAM, copies_of_part, copies_of_whole, copy_field, copy_indexes
from crm.models.custom import CustomValues, custom_indexes
from crm.models.record import IN_USE, InUse, Keyed, Stamped, number_field, search_field, search_index, tracked
from crm.protection import ProtectedField
from customers.codes import identity_number
from customers.models.customer import Customer
from customers.pinyin import name_pinyin
from customers.points import PHONES, normalised, shown

# What a role repeats of its contact: the fields by which the list of contacts is ordered.
ORDERS = {"{key}_name": "whole.name", "{key}_created_at": "whole.created_at"}


@tracked
class Contact(CustomValues, Keyed, Stamped):
    """A person; belongs to one or several customers through roles, and is seen with any of them."""

    access = Part("roles__customer")
    copied_from = "roles__customer"  # the copies stand on the roles, with what the list is ordered by
    unversioned = ("name_pinyin",)

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
    identity_number = ProtectedField(_("identity number"), scope="customers.contact.identity_number", max_length=20)
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
            copies_of_whole("customers_contactrole", "contact", ("name", "created_at"), ORDERS),
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


class ContactPointQuerySet(RecordQuerySet):
    def of(self, holders, user):
        """The points of customers or contacts that the user may see; `holders` is a queryset of either.

        The same rows as visible_to gives for these holders, but asked from their side: for the few of one page there is
        no need to find out which of a million customers the user sees.
        """
        if not user.rights.may(self.model):
            return self.none()
        return self.filter(**{f"{holders.model._meta.model_name}__in": holders.visible_to(user).values("pk")})

    def phones(self):
        """Telephone numbers of both kinds, the primary ones first, mobiles before landlines."""
        return self.filter(kind__in=PHONES).order_by("-is_primary", "kind", "pk")


@tracked
class ContactPoint(Stamped):
    """A way to reach a customer or a contact: a phone, an e-mail …; kept in one form, never searched as text."""

    access = Part("customer", "contact")

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        WECHAT = "wechat", _("WeChat")
        OTHER = "other", pgettext_lazy("contact point", "Other")

    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=254)
    is_primary = models.BooleanField(_("primary"), default=False)

    objects = InUse.from_queryset(ContactPointQuerySet)()

    class Meta(Stamped.Meta):
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ Q(contact__isnull=False),
                name="point_of_customer_or_contact",
                violation_error_message=_("A contact point belongs either to a customer or to a contact."),
            ),
            *(
                models.UniqueConstraint(
                    fields=[holder, "kind", "value"],
                    condition=IN_USE,
                    name=f"{holder}_point_unique",
                    violation_error_message=_("This contact point is listed already."),
                )
                for holder in ("customer", "contact")
            ),
            *(
                models.UniqueConstraint(
                    fields=[holder, "kind"],
                    condition=IN_USE & Q(is_primary=True),
                    name=f"{holder}_primary_point",
                    violation_error_message=_("There is already a primary one of this kind."),
                )
                for holder in ("customer", "contact")
            ),
        ]

    def __str__(self):
        return shown(self.kind, self.value)

    @property
    def dial(self) -> str:
        """What a phone dials, the extension after a pause."""
        return self.value.replace("x", ",")

    def clean(self):
        try:
            self.value = normalised(self.kind, self.value)
        except ValidationError as error:
            raise ValidationError({"value": error}) from None
