"""The only place for phones, e-mail addresses and ids of messengers; sealed, found by fingerprints."""

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BooleanField, Exists, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from crm.access import Action, Part, RecordQuerySet
from crm.models.record import IN_USE, InUse, Keyed, Stamped, tracked
from crm.protection import Damaged, DigestField, ProtectedField, TokensField
from customers.models.contact import Contact, ContactRole
from customers.models.customer import Customer
from customers.points import PHONES, SCOPE, digest_of, masked, normalised, shown, tokens_of

DERIVED = ("digest", "tokens")


class ContactPointQuerySet(RecordQuerySet):
    def of(self, holders, user):
        """The points of customers or contacts that the user may see; `holders` is a queryset of either.

        The same rows as visible_to gives for these holders, but asked from their side: for the few of one page there is
        no need to find out which of a million customers the user sees. Each row knows whether it is open to the user
        (`is_unmasked`).
        """
        if not user.rights.may(self.model):
            return self.none()
        name = holders.model._meta.model_name
        rows = self.filter(**{f"{name}__in": holders.visible_to(user).values("pk")})
        return rows.annotate(is_unmasked=self.opening(holders.model, user))

    def opening(self, holder, user):
        """Whether the user sees the true value of a row that hangs on this kind of holder: as visible_to(…, REVEAL)."""
        rights = user.rights
        if not (rights.may(self.model, Action.REVEAL) and rights.may(holder, Action.REVEAL)):
            return Value(False, BooleanField())
        if rights.ways(Customer, Action.REVEAL).everything:
            return Value(True, BooleanField())
        customers = Customer.objects.visible_to(user, Action.REVEAL)
        if holder is Customer:
            return Exists(customers.filter(pk=OuterRef("customer_id")))
        return Exists(ContactRole.objects.filter(contact=OuterRef("contact_id"), customer__in=customers.values("pk")))

    def phones(self):
        """Telephone numbers of both kinds, the primary ones first, mobiles before landlines."""
        return self.filter(kind__in=PHONES).order_by("-is_primary", "kind", "pk")


@tracked
class ContactPoint(Keyed, Stamped):
    """A way to reach a customer or a contact: a phone, an e-mail …; in one form, sealed, found by prints."""

    access = Part("customer", "contact")
    unversioned = DERIVED

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        WECHAT = "wechat", _("WeChat")
        QQ = "qq", "QQ"
        WECOM = "wecom", _("WeCom")
        OTHER = "other", pgettext_lazy("contact point", "Other")

    class Label(models.TextChoices):
        WORK = "work", pgettext_lazy("contact point", "Work")
        HOME = "home", pgettext_lazy("contact point", "Home")
        ASSISTANT = "assistant", pgettext_lazy("contact point", "Assistant")
        BILLING = "billing", pgettext_lazy("contact point", "Billing")
        OTHER = "other", pgettext_lazy("contact point", "Other")

    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, blank=True, related_name="points", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = ProtectedField(_("value"), scope=f"{SCOPE}.value", max_length=254, blank=False)
    digest = DigestField(_("fingerprint"), max_length=16, default=bytes, source="value_digest")
    tokens = TokensField(source="value_tokens", verbose_name=_("fingerprints of parts"))
    label = models.CharField(_("label"), max_length=10, choices=Label, blank=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    is_valid = models.BooleanField(
        _("valid"), default=True, help_text=_("Off for a number that rings nowhere or an address that bounces.")
    )
    opted_in = models.BooleanField(_("agreed to be contacted here"), default=False)

    objects = InUse.from_queryset(ContactPointQuerySet)()
    is_unmasked = False  # rows that `of` gives know better

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
                    fields=[holder, "kind", "digest"],
                    condition=IN_USE & Q(**{f"{holder}__isnull": False}),
                    name=f"{holder}_point_unique",
                    violation_error_message=_("This contact point is listed already."),
                )
                for holder in ("customer", "contact")
            ),
            *(
                models.UniqueConstraint(
                    fields=[holder, "kind"],
                    condition=IN_USE & Q(is_primary=True) & Q(**{f"{holder}__isnull": False}),
                    name=f"{holder}_primary_point",
                    violation_error_message=_("There is already a primary one of this kind."),
                )
                for holder in ("customer", "contact")
            ),
        ]
        indexes = [
            models.Index(fields=["digest"], condition=IN_USE, name="point_digest"),
            GinIndex(fields=["tokens"], condition=IN_USE, name="point_tokens"),
        ]

    def __str__(self):
        """The kind alone: what stands for the record in logs and in the recycle bin must not tell the value."""
        return self.get_kind_display()

    @property
    def plain(self) -> str:
        """The true value as people read it, whoever asks."""
        return shown(self.kind, self.value)

    @property
    def mask(self) -> str:
        return self.value if isinstance(self.value, Damaged) else masked(self.kind, self.value)

    @property
    def text(self) -> str:
        """The value for the person for whom the row was read: true or masked."""
        return self.plain if self.is_unmasked else self.mask

    @property
    def is_damaged(self) -> bool:
        return isinstance(self.value, Damaged)

    @property
    def remarks(self) -> str:
        """What is to be known before using it, in words: Assistant, not valid, agreed to be contacted here."""
        words = [self.get_label_display()] if self.label else []
        if not self.is_valid:
            words.append(pgettext("contact point", "no longer valid"))
        if self.opted_in:
            words.append(pgettext("contact point", "agreed to be contacted here"))
        return " · ".join(words)

    @property
    def icon(self) -> str:
        return "phone" if self.kind in PHONES else "mail" if self.kind == "email" else "messages"

    @property
    def dial(self) -> str:
        """What a phone dials, the extension after a pause."""
        return self.value.replace("x", ",")

    @property
    def country(self) -> str:
        """Where numbers without a country code are at home."""
        return self.customer.country if self.customer_id else ""

    def value_digest(self):
        return None if self.is_damaged else digest_of(self.kind, self.value)

    def value_tokens(self):
        return None if self.is_damaged else tokens_of(self.kind, self.value)

    def clean(self):
        if not self.is_damaged:
            try:
                self.value = normalised(self.kind, self.value, self.country)
            except ValidationError as error:
                raise ValidationError({"value": error}) from None
            self.digest = self.value_digest()

    def validate_constraints(self, exclude=None):
        """Also the one that compares fingerprints, which no form has."""
        super().validate_constraints({*(exclude or ())} - {"digest"})

    def save(self, *args, update_fields=None, **kwargs):
        """The fingerprints go with the value."""
        if update_fields is not None and {"value", "kind"} & {*update_fields}:
            update_fields = {*update_fields, *DERIVED}
        super().save(*args, update_fields=update_fields, **kwargs)
