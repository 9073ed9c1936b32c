"""Asking for access to a record, and looking at the product as another person sees it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import System
from crm.models.record import ACTIONS, Record


class Viewing(Record):
    """One time that somebody looked at the product as another person. The right to add such rows is the right to do so;
    rows are never changed but for their end."""

    access = System()

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("looked by")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("looked as"), db_index=False
    )
    reason = models.CharField(_("reason"), max_length=200)
    began_at = models.DateTimeField(_("began"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("view as")
        verbose_name_plural = _("view as")
        default_permissions = ACTIONS

    def __str__(self):
        return f"{self.actor} → {self.person}"
