"""How customers belong together beyond a group: partners, suppliers, who recommended whom."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part
from crm.models.record import IN_USE, Stamped, tracked
from customers.models.customer import Customer


@tracked
class CustomerRelation(Stamped):
    """The other customer is this to the first one: its partner, its supplier … Seen from both sides."""

    access = Part("customer", "other")

    class Kind(models.TextChoices):
        PARTNER = "partner", pgettext_lazy("relation", "Partner")
        SUPPLIER = "supplier", pgettext_lazy("relation", "Supplier")
        BUYER = "buyer", pgettext_lazy("relation", "Buyer")
        SUBSIDIARY = "subsidiary", pgettext_lazy("relation", "Subsidiary")
        PARENT = "parent", pgettext_lazy("relation", "Parent company")
        REFERRED_BY = "referred_by", pgettext_lazy("relation", "Referred by")
        REFERRED = "referred", pgettext_lazy("relation", "Referred")
        OTHER = "other", pgettext_lazy("relation", "Other")

    INVERSE = {
        Kind.SUPPLIER: Kind.BUYER,
        Kind.BUYER: Kind.SUPPLIER,
        Kind.SUBSIDIARY: Kind.PARENT,
        Kind.PARENT: Kind.SUBSIDIARY,
        Kind.REFERRED_BY: Kind.REFERRED,
        Kind.REFERRED: Kind.REFERRED_BY,
    }

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="relations", verbose_name=_("customer"))
    kind = models.CharField(_("relation"), max_length=12, choices=Kind, default=Kind.PARTNER)
    other = models.ForeignKey(Customer, models.CASCADE, related_name="relations_to", verbose_name=_("related customer"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Stamped.Meta):
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "other", "kind"],
                condition=IN_USE,
                name="customerrelation_unique",
                violation_error_message=_("This relation is listed already."),
            ),
            models.CheckConstraint(
                condition=~Q(customer=F("other")),
                name="customerrelation_not_to_itself",
                violation_error_message=_("A customer has no relation to itself. Choose another one."),
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="customerrelation_created_at")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.other}"

    def seen_from(self, customer) -> tuple[str, Customer]:
        """(what the other one is to this customer, the other one)."""
        if customer.pk == self.customer_id:
            return self.get_kind_display(), self.other
        return self.Kind(self.INVERSE.get(self.kind, self.kind)).label, self.customer

    def clean(self):
        if self.customer_id and self.customer_id == self.other_id:
            raise ValidationError({"other": _("A customer has no relation to itself. Choose another one.")})
        mirrored = CustomerRelation.objects.filter(
            customer=self.other_id, other=self.customer_id, kind=self.INVERSE.get(self.kind, self.kind)
        )
        if self.customer_id and self.other_id and mirrored.exclude(pk=self.pk).exists():
            raise ValidationError({"other": _("This relation is listed already, from the other side.")})
