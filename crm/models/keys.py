"""Which data keys have sealed values of this database: their numbers and fingerprints, never a key."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import System
from crm.models.record import ACTIONS, Record


class KeyInUse(Record):
    """A key without which values of this database do not open. Number 0 is the index key."""

    access = System()

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=32)
    since = models.DateTimeField(_("in use since"), default=timezone.now)

    class Meta:
        verbose_name = _("key in use")
        verbose_name_plural = _("keys in use")
        default_permissions = ACTIONS

    def __str__(self):
        return f"{self.number} {self.fingerprint}"
