"""The files of customers and of what was said to them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.attachments import Attachment
from crm.models.record import tracked
from customers.models.customer import Customer
from customers.models.interaction import Interaction


@tracked
class CustomerFile(Attachment):
    """A file at a customer."""

    record = models.ForeignKey(Customer, models.CASCADE, related_name="files", verbose_name=_("customer"))

    class Meta(Attachment.Meta):
        verbose_name = _("customer's file")
        verbose_name_plural = _("customers' files")


@tracked
class InteractionFile(Attachment):
    """A file at a talk: minutes, a photograph, the mail that was sent."""

    record = models.ForeignKey(Interaction, models.CASCADE, related_name="files", verbose_name=_("interaction"))

    class Meta(Attachment.Meta):
        verbose_name = _("file of a talk")
        verbose_name_plural = _("files of talks")
