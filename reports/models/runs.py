"""Runs of a schedule: what was due, the files made for each scope, and what each recipient got."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal, System
from crm.models import Job, OutboxMessage, StoredFile
from crm.models.record import Record
from reports.models.schedules import OwnedQuerySet, ReportSchedule


class ReportRun(Record):
    """One execution of a schedule for one slot. The slot is unique, so that two clocks start it once."""

    access = Personal("owner")

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", _("scheduled")
        MANUAL = "manual", _("by hand")
        TEST = "test", _("test to oneself")

    schedule = models.ForeignKey(ReportSchedule, models.CASCADE, related_name="runs", verbose_name=_("schedule"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner"))
    slot = models.CharField(_("slot"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SCHEDULED)
    due_at = models.DateTimeField(_("due to run"))
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    starts_on = models.DateField(_("first day"), null=True)
    ends_on = models.DateField(_("last day"))
    job = models.OneToOneField(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("job"))
    told_at = models.DateTimeField(_("owner told of failures"), null=True, editable=False)

    objects = models.Manager.from_queryset(OwnedQuerySet)()

    class Meta(Record.Meta):
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["schedule", "slot"], name="one_run_per_slot")]
        indexes = [models.Index(fields=["told_at", "finished_at"], name="run_to_tell")]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people quote: R-20261123-0800-417, with the time at which it was due in the schedule's zone."""
        return f"R-{timezone.localtime(self.due_at, self.schedule.zone):%Y%m%d-%H%M}-{self.pk}"

    @property
    def is_late(self) -> bool:
        """Whether the slot was missed and run afterwards."""
        return self.kind == self.Kind.SCHEDULED and (self.created_at - self.due_at).total_seconds() > 900


class RunArtefact(Record):
    """A file of a run, made once for a scope of rights, language and time zone, for those who see exactly the same."""

    access = System()

    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="artefacts", verbose_name=_("run"))
    scope = models.CharField(_("scope"), max_length=64)
    language = models.CharField(_("language"), max_length=10)
    time_zone = models.CharField(_("time zone"), max_length=50)
    format = models.CharField(_("format"), max_length=4, choices=ReportSchedule.Format)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta(Record.Meta):
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "scope", "language", "time_zone", "format"], name="one_file_per_scope"
            )
        ]

    def __str__(self):
        return self.file.name


class RunCopy(Record):
    """What one recipient got from a run."""

    access = Personal("user")

    class State(models.TextChoices):
        MAILED = "mailed", _("mail written")
        EMPTY = "empty", _("nothing to report")
        FORBIDDEN = "forbidden", _("may not see this report")

    run = models.ForeignKey(ReportRun, models.CASCADE, related_name="copies", verbose_name=_("run"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_copies", verbose_name=_("recipient")
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    scope = models.CharField(_("scope"), max_length=64, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    artefacts = models.ManyToManyField(RunArtefact, blank=True, related_name="copies", verbose_name=_("files"))
    message = models.ForeignKey(
        OutboxMessage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mail")
    )

    class Meta(Record.Meta):
        verbose_name = _("copy of a report")
        verbose_name_plural = _("copies of reports")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="one_copy_per_recipient")]

    def __str__(self):
        return f"{self.run} · {self.user}"
