"""Products: what opportunities are about."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.access import Catalogue
from crm.models.record import IN_USE, CatalogueRecord, tracked


@tracked
class Product(CatalogueRecord):
    """A product or service; `code` is its SKU, and its names in both languages may be equal."""

    access = Catalogue()

    series = models.CharField(_("series"), max_length=80, blank=True)
    list_price = models.DecimalField(
        _("list price"), max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, editable=False)

    class Meta(CatalogueRecord.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=IN_USE,
                name="product_code_unique",
                violation_error_message=_("Another product has this code already."),
            )
        ]

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(self)
