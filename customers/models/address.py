"""Where customers are: their offices, and where goods and bills go."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part
from crm.models.record import IN_USE, Keyed, Stamped, tracked
from crm.protection import ProtectedField
from customers.divisions import divisions
from customers.models.customer import Customer


@tracked
class Address(Keyed, Stamped):
    """One address of a customer. The street is protected; country and place stay readable, to find by and to count."""

    access = Part("customer")

    class Kind(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("address", "Registered office")
        OFFICE = "office", pgettext_lazy("address", "Office")
        DELIVERY = "delivery", pgettext_lazy("address", "Delivery")
        BILLING = "billing", pgettext_lazy("address", "Billing")
        OTHER = "other", pgettext_lazy("address", "Other")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OFFICE)
    is_primary = models.BooleanField(_("main address"), default=False)
    country = models.CharField(_("country"), max_length=80, blank=True)
    division = models.CharField(_("code of the place"), max_length=6, blank=True, editable=False)
    place = models.CharField(
        _("province, city, district"),
        max_length=120,
        blank=True,
        help_text=_("In China choose from the list; elsewhere write city and state."),
    )
    street = ProtectedField(_("street and house"), scope="customers.address.street", max_length=300)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    receiver = models.CharField(_("receiver"), max_length=80, blank=True)

    class Meta(Stamped.Meta):
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=IN_USE & Q(is_primary=True),
                name="one_main_address",
                violation_error_message=_("This customer already has a main address."),
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="address_created_at")]

    def __str__(self):
        return " ".join(str(part) for part in (self.get_kind_display(), self.place or self.country) if part)

    def clean(self):
        found = divisions().get(self.division)
        self.division = self.division if found and str(found) == self.place else ""
        if not (self.place or self.street):
            raise ValidationError(_("Fill in the place or the street."))
