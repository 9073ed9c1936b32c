"""Records that were merged: the column that leads to the survivor, and the ledger from which a merge is taken apart."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import System
from crm.models.history import Subject, SubjectQuerySet
from crm.models.record import ACTIONS, Record
from crm.protection import PartlySealedField


class Mergeable(models.Model):
    """A record that may be merged into another of its kind; then it is hidden, its address leads to the survivor."""

    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged into"),
    )

    class Meta:
        abstract = True


class RecordMerge(Subject, Record):
    """One record merged into another (the subject), or, with `undoes`, such a merge taken apart. Nobody changes a row.

    moved: {"sales.opportunity.customer": [keys]} that point to the survivor since; stayed: {label: [keys]} hidden with
    the loser; cleared: {"customers.contactrole.is_primary": [keys]}; arrays: {label: {key: list before}}.
    fields: {name of a column of the survivor: {before, after}}.
    """

    access = System()

    loser = models.BigIntegerField(_("merged record"))
    loser_name = models.CharField(_("name"), max_length=300)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("actor")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    act = models.UUIDField(_("act"), default=uuid.uuid4, unique=True, editable=False)
    undoes = models.UUIDField(_("takes back"), null=True, unique=True, editable=False)
    moved = models.JSONField(default=dict)
    stayed = models.JSONField(default=dict)
    cleared = models.JSONField(default=dict)
    arrays = models.JSONField(default=dict)
    fields = PartlySealedField(default=dict, scope="crm.recordmerge.fields")

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        default_permissions = ACTIONS
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="merge_of_record")]

    def __str__(self):
        return self.loser_name
