"""What stands on the invoices of a customer, and the account it pays from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.access import Part
from crm.models.record import IN_USE, Keyed, Stamped, tracked
from crm.protection import ProtectedField
from customers.codes import bank_account, tax_number
from customers.models.customer import Customer


@tracked
class BillingProfile(Keyed, Stamped):
    """An invoice title with tax number and bank; a customer may have several, one of them the usual one."""

    access = Part("customer")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="billing_profiles", verbose_name=_("customer"))
    title = models.CharField(_("invoice title"), max_length=200)
    tax_number = models.CharField(_("tax number"), max_length=30, blank=True)
    bank = models.CharField(_("bank"), max_length=120, blank=True)
    account = ProtectedField(_("bank account"), scope="customers.billingprofile.account", max_length=34, mask="tail")
    is_default = models.BooleanField(_("usual one"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Stamped.Meta):
        verbose_name = _("invoice details")
        verbose_name_plural = _("invoice details")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=IN_USE & Q(is_default=True),
                name="one_usual_billing_profile",
                violation_error_message=_("This customer already has usual invoice details."),
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="billingprofile_created_at")]

    def __str__(self):
        return self.title

    def clean(self):
        self.put_in_form(tax_number=tax_number, account=bank_account)
