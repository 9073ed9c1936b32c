"""Work outside the request as rows: jobs, the files they make, and the mails that leave the house."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal, RecordQuerySet, System
from crm.models.record import ACTIONS, Record


class StoredFile(Record):
    """A file in the private storage; the bytes lie below FILES_DIR under `path`, which never carries a user's words."""

    access = Personal("user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    path = models.CharField(_("path"), max_length=100, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ACTIONS

    def __str__(self):
        return self.name


class JobQuerySet(RecordQuerySet):
    def ended(self):
        return self.filter(state__in=Job.ENDED)

    def open(self):
        return self.exclude(state__in=Job.ENDED)


class Job(Record):
    """Work for one person, done by a worker with that person's rights. The row is the queue; Redis only wakes."""

    access = Personal("user")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=50)
    title = models.CharField(_("title"), max_length=200, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    slot = models.CharField(
        _("slot"), max_length=200, null=True, unique=True, help_text=_("Two jobs with the same slot cannot exist.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    last_attempt = models.PositiveIntegerField(_("last attempt"), default=3, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now, editable=False)
    woken_at = models.DateTimeField(_("worker woken"), default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    cancel_at = models.DateTimeField(_("cancel asked"), null=True, editable=False)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("amount of work"), null=True)
    counts = models.JSONField(_("outcomes"), default=dict)
    log = models.JSONField(_("log"), default=list)
    error = models.TextField(_("error"), blank=True)
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="jobs", verbose_name=_("file")
    )
    undone_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="undoes", verbose_name=_("undo")
    )

    objects = models.Manager.from_queryset(JobQuerySet)()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["user", "-id"], name="job_of_user"),
            models.Index(fields=["next_try_at"], condition=Q(state="queued"), name="job_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
        ]

    def __str__(self):
        return self.title or self.number

    def get_absolute_url(self) -> str:
        return reverse("job-record", args=[self.pk])

    @property
    def number(self) -> str:
        """What people quote: J-000123."""
        return f"J-{self.pk:06d}"

    @property
    def is_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def is_undone(self) -> bool:
        """Whether what it did was taken back."""
        return self.undone_by is not None and self.undone_by.state == self.State.DONE

    @property
    def percent(self) -> int | None:
        """Share done in whole per cent, or None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None


class OutboxMessage(Record):
    """One mail to one recipient, from the moment it is written until the mail server has taken or refused it."""

    access = System()

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("sending")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")
        HELD = "held", _("held")
        UNCERTAIN = "uncertain", _("uncertain")

    ENDED = (State.SENT, State.REFUSED, State.FAILED, State.HELD)
    WAITING = (State.QUEUED, State.UNCERTAIN)

    kind = models.CharField(_("kind"), max_length=50)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("recipient")
    )
    address = models.CharField(_("address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField("HTML", blank=True)
    attachments = models.ManyToManyField(StoredFile, blank=True, related_name="messages", verbose_name=_("attachments"))
    facts = models.JSONField(_("facts"), default=dict, help_text=_("What the check before sending needs, such as ids."))
    message_id = models.CharField("Message-ID", max_length=200, unique=True, editable=False)
    dedupe_key = models.CharField(_("dedupe key"), max_length=200, null=True, unique=True, editable=False)
    is_secret = models.BooleanField(_("secret"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    last_try = models.PositiveIntegerField(_("last try"), default=8, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    woken_at = models.DateTimeField(_("worker woken"), default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    log = models.JSONField(_("log"), default=list)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["state", "-id"], name="mail_by_state"),
            models.Index(fields=["next_try_at"], condition=Q(state__in=["queued", "uncertain"]), name="mail_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="mail_sending"),
        ]

    def __str__(self):
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("outbox-record", args=[self.pk])


def new_message_id(domain: str) -> str:
    """A Message-ID that stays with the row, so that a mail sent twice is recognised as one."""
    return f"<{uuid.uuid4().hex}@{domain}>"
