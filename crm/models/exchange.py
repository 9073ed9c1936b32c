"""Imports as rows: the file somebody brought, and each of its lines as staged, checked and, once written, what became
of it."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal, System
from crm.models.background import Job, StoredFile
from crm.models.record import ACTIONS, Record
from crm.protection import PartlySealedField

KEPT_DAYS = 30  # lines of a file and before-images: so long an import can be taken back


class ImportBatch(Record):
    """One file to be imported by one person: checked by one job, written by another, with that person's rights.

    A file that a command of the server loads has no person. compare_job: compares it with the records that are there;
    comparison: what that found, its list of differences sealed. act: joins what the import does in other ledgers.
    """

    access = Personal("user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    entity = models.CharField(_("kind of record"), max_length=80)
    name = models.CharField(_("file"), max_length=255)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    reading = models.JSONField(
        _("reading"), default=dict, help_text=_("How the file is read: what was chosen, and what is used.")
    )
    headings = models.JSONField(_("headings"), default=list)
    columns = models.JSONField(_("columns"), default=dict, help_text=_("Which column each heading fills."))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    options = models.JSONField(_("options"), default=dict, help_text=_("Constant values, and how values are written."))
    samples = PartlySealedField(_("samples"), default=dict, scope="crm.importbatch.samples")
    unmatched = PartlySealedField(_("values that match nothing"), default=dict, scope="crm.importbatch.samples")
    kinds = models.JSONField(_("kinds of problems"), default=dict, help_text=_("What each says, without values."))
    fixes = PartlySealedField(_("corrections"), default=dict, scope="crm.importbatch.samples")
    act = models.UUIDField(_("act"), default=uuid.uuid4, editable=False)
    check_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("check"))
    run_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("run"))
    compare_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("comparison"))
    comparison = PartlySealedField(_("result of the comparison"), default=dict, scope="crm.importbatch.samples")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ACTIONS
        indexes = [models.Index(fields=["user", "entity", "-id"], name="import_of_user")]

    def __str__(self):
        return self.name

    @property
    def undo_until(self):
        """The moment after which the import can no longer be taken back; None before it has ended."""
        ended = self.run_job.finished_at if self.run_job else None
        return ended and ended + timedelta(days=KEPT_DAYS)


class StagedRow(Record):
    """One line of the file. data: the columns of a new record as they will be stored, null when it cannot become one.

    target_id, match: the record that exists already, and by what it was found. changes: {column: new value} for it,
    null when it cannot be changed; {} when all is so already. cells: the line as it was read. errors: {column name, or
    "" for the whole line: sentence}. Cells and errors are sealed, as is what stands beside the record in data and
    changes: phones are in them. kinds: keys of the batch's kinds of problems, "column:fingerprint".
    """

    access = System()

    class Decision(models.TextChoices):
        CREATE = "create", _("will be added")
        UPDATE = "update", _("will be changed")
        FILL = "fill", _("empty fields will be filled")
        SAME = "same", _("nothing to change")
        SKIP = "skip", _("will be left out")
        REJECT = "reject", _("needs a change")
        TWIN = "twin", _("exists already")

    WRITTEN = (Decision.CREATE, Decision.UPDATE, Decision.FILL)

    class Match(models.TextChoices):
        NUMBER = "number", _("number")
        REFERENCE = "external_ref", _("external reference")
        KEY = "key", _("code")
        POINT = "point", _("phone or e-mail")
        NAME = "name", _("name")
        LOGIN = "login", _("user name or e-mail")
        FILE = "file", _("another line of the file")

    batch = models.ForeignKey(
        ImportBatch,
        models.CASCADE,
        related_name="rows",
        db_index=False,
        db_constraint=False,  # written only by the job of the import, which holds it
        verbose_name=_("import"),
    )
    line = models.PositiveIntegerField(_("line"))
    cells = PartlySealedField(_("cells"), scope="crm.stagedrow.cells")
    data = PartlySealedField(_("data"), null=True, scope="crm.stagedrow.data")
    changes = PartlySealedField(_("changes"), null=True, scope="crm.stagedrow.data")
    errors = PartlySealedField(_("errors"), default=dict, scope="crm.stagedrow.errors")
    kinds = models.JSONField(_("kinds of problems"), default=list)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    target_id = models.BigIntegerField(_("record that exists"), null=True)
    match = models.CharField(_("found by"), max_length=12, choices=Match, blank=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        default_permissions = ACTIONS
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="staged_line_once")]
        indexes = [models.Index(fields=["batch", "decision", "line"], name="staged_waiting")]

    def __str__(self):
        return f"{self.batch_id}:{self.line}"


class ImportedRow(Record):
    """What a line became when it was written: the ledger of an import, and the before-image for taking it back.

    before: {column: value before} of a changed record, as PostgreSQL writes it in JSON; ciphertext stays ciphertext,
    and what stood beside the record is sealed. version: of the record once the line was written; another one later
    means that somebody has changed it since. undone: what became of the line when the import was taken back.
    """

    access = System()

    class Outcome(models.TextChoices):
        CREATED = "created", _("added")
        UPDATED = "updated", _("changed")
        SAME = "same", _("was so already")
        FAILED = "failed", _("failed")

    class Undone(models.TextChoices):
        BACK = "back", _("taken back")
        CHANGED = "changed", _("changed since")
        USED = "used", _("in use since")
        GONE = "gone", _("deleted since")
        REACH = "reach", _("out of your reach")
        OFF = "off", _("switched off, since something rests on it")

    batch = models.ForeignKey(
        ImportBatch,
        models.CASCADE,
        related_name="imported",
        db_index=False,
        db_constraint=False,
        verbose_name=_("import"),
    )
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    record_id = models.BigIntegerField(_("record"), null=True)
    version = models.PositiveIntegerField(_("version"), null=True)
    before = PartlySealedField(_("before"), null=True, scope="crm.importedrow.before")
    at = models.DateTimeField(_("time"), default=timezone.now)
    undone = models.CharField(_("taken back"), max_length=8, choices=Undone, blank=True)

    class Meta:
        verbose_name = _("result of an import")
        verbose_name_plural = _("results of imports")
        default_permissions = ACTIONS
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="imported_line_once")]

    def __str__(self):
        return f"{self.batch_id}:{self.line}"


class MadeRecord(Record):
    """A record of another kind that an import makes along because its lines name it: the customer of a contact.

    field: the column that names it, line: the first line that does. data: its columns, as those of a staged row.
    record_id is reserved by the check; at, version: when it was made, and its version then. undone: as of a line.
    """

    access = System()

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="made", db_index=False, verbose_name=_("import")
    )
    entity = models.CharField(_("kind of record"), max_length=80)
    field = models.CharField(_("column"), max_length=80)
    name = models.CharField(_("name"), max_length=255)
    line = models.PositiveIntegerField(_("line"))
    lines = models.PositiveIntegerField(_("lines"))
    data = PartlySealedField(_("data"), scope="crm.stagedrow.data")
    record_id = models.BigIntegerField(_("record"))
    version = models.PositiveIntegerField(_("version"), null=True)
    at = models.DateTimeField(_("time"), null=True)
    undone = models.CharField(_("taken back"), max_length=8, choices=ImportedRow.Undone, blank=True)

    class Meta:
        verbose_name = _("record made along with an import")
        verbose_name_plural = _("records made along with imports")
        default_permissions = ACTIONS
        ordering = ("line", "pk")
        constraints = [models.UniqueConstraint(fields=["batch", "field", "record_id"], name="made_record_once")]

    def __str__(self):
        return self.name


class ImportMapping(Record):
    """How a person mapped a file: for the next one with the same headings, or as a template under a name.

    headings: fingerprint of the set of headings, empty for a template. columns: {match key of a heading: field};
    left_out: headings that fill nothing. values: {field: {match key of a value: what it means}}; the row without name
    and headings holds those that are remembered for every file.
    """

    access = Personal("user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("user")
    )
    entity = models.CharField(_("kind of record"), max_length=80)
    name = models.CharField(_("name"), max_length=80, blank=True)
    headings = models.CharField(_("headings"), max_length=64, blank=True)
    columns = models.JSONField(_("columns"), default=dict)
    left_out = models.JSONField(_("headings that fill nothing"), default=list)
    options = models.JSONField(_("options"), default=dict)
    values = models.JSONField(_("values"), default=dict)
    used_at = models.DateTimeField(_("used"), auto_now=True)

    class Meta:
        verbose_name = _("mapping of an import")
        verbose_name_plural = _("mappings of imports")
        default_permissions = ACTIONS
        constraints = [
            models.UniqueConstraint(fields=["user", "entity", "name", "headings"], name="import_mapping_once")
        ]

    def __str__(self):
        return self.name
