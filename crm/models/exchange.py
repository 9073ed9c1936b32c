"""Imports as rows: the file somebody brought, and each of its lines as staged, checked and, once written, what became
of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal, System
from crm.models.background import Job, StoredFile
from crm.models.record import ACTIONS, Record
from crm.protection import PartlySealedField


class ImportBatch(Record):
    """One file to be imported by one person: checked by one job, written by another, with that person's rights.

    A file that a command of the server loads has no person.
    """

    access = Personal("user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    entity = models.CharField(_("kind of record"), max_length=80)
    name = models.CharField(_("file"), max_length=255)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    headings = models.JSONField(_("headings"), default=list)
    columns = models.JSONField(_("columns"), default=dict, help_text=_("Which column each heading fills."))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    check_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("check"))
    run_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("run"))

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ACTIONS
        indexes = [models.Index(fields=["user", "entity", "-id"], name="import_of_user")]

    def __str__(self):
        return self.name


class StagedRow(Record):
    """One line of the file. data: the columns of the record as they will be stored, null when the line has errors.

    cells: the line as it was read. errors: {column name, or "" for the whole line: sentence}. Both are sealed, as is
    what stands beside the record in data: phones are in them. record_id: the key of the record that was made of it, so
    that no line is written twice.
    """

    access = System()

    class Decision(models.TextChoices):
        CREATE = "create", _("will be added")
        REJECT = "reject", _("needs a change")
        TWIN = "twin", _("exists already")

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="rows", db_index=False, verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    cells = PartlySealedField(_("cells"), scope="crm.stagedrow.cells")
    data = PartlySealedField(_("data"), null=True, scope="crm.stagedrow.data")
    errors = PartlySealedField(_("errors"), default=dict, scope="crm.stagedrow.errors")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    record_id = models.BigIntegerField(_("record"), null=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        default_permissions = ACTIONS
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="staged_line_once")]
        indexes = [
            models.Index(
                fields=["batch", "decision", "line"], condition=Q(record_id__isnull=True), name="staged_waiting"
            ),
        ]

    def __str__(self):
        return f"{self.batch_id}:{self.line}"
