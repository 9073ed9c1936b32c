"""The files of opportunities."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.attachments import Attachment
from crm.models.record import tracked
from sales.models.opportunities import Opportunity


@tracked
class OpportunityFile(Attachment):
    """A file at an opportunity: an offer, a contract, a drawing."""

    record = models.ForeignKey(Opportunity, models.CASCADE, related_name="files", verbose_name=_("opportunity"))

    class Meta(Attachment.Meta):
        verbose_name = _("file of an opportunity")
        verbose_name_plural = _("files of opportunities")
