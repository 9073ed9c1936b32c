"""What happened: the timeline for people, the log of reads, deletions, and the tokens of forms already sent."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal, RecordQuerySet, System
from crm.events import sentence_of
from crm.models.record import ACTIONS, Record


class Subject(models.Model):
    """A row about one record of any model, named by type and key; no database link, since history outlives records
    and kinds of records stay."""

    subject_type = models.ForeignKey(
        ContentType,
        models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("kind of record"),
    )
    subject_id = models.BigIntegerField(_("record"), null=True)

    class Meta:
        abstract = True


class SubjectQuerySet(RecordQuerySet):
    def about(self, record):
        """The rows about one record."""
        return self.filter(subject_type=ContentType.objects.get_for_model(record), subject_id=record.pk)


class TimelineEntry(Subject, Record):
    """One thing that happened to one record, for people to read; whoever sees the record sees it."""

    access = System()

    event = models.CharField(_("event"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,  # whoever has signed in stays (crm.models.User)
        verbose_name=_("actor"),
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    facts = models.JSONField(_("facts"), default=dict)
    handled_at = models.DateTimeField(_("listeners done"), null=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at", "-id"], name="timeline_of_record"),
            models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="timeline_unhandled"),
        ]

    def __str__(self):
        return f"{self.event} {self.subject_id}"

    @property
    def sentence(self) -> str:
        """Who did what, in the active language; every part that comes from data is escaped."""
        return sentence_of(self)


class AccessLogEntry(Subject, Record):
    """Who looked at what, took what out, or signed in: one row each, never changed."""

    access = System()

    class Kind(models.TextChoices):
        READ = "read", _("read")
        REVEAL = "reveal", _("revealed")
        EXPORT = "export", _("exported")
        DOWNLOAD = "download", _("downloaded")
        LOGIN = "login", _("signed in")
        LOGIN_FAILED = "login_failed", _("sign-in refused")
        LOGOUT = "logout", _("signed out")
        LOOKUP = "lookup", _("looked up")
        VIEW_AS = "view_as", _("looked as somebody else")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("user")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    address = models.GenericIPAddressField(_("address"), null=True)
    facts = models.JSONField(_("facts"), default=dict)

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="access_of_record"),
            models.Index(fields=["user", "-id"], name="access_of_user"),
            models.Index(fields=["kind", "-id"], name="access_of_kind"),
            models.Index(fields=["at"], name="access_at"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class DeletionQuerySet(SubjectQuerySet):
    def waiting(self):
        """Those whose rows still lie in the recycle bin."""
        return self.filter(restored_at__isnull=True, purged_at__isnull=True)


class Deletion(Subject, Record):
    """One deleted record and, through their column `deletion`, all the parts that went with it.

    act: shared by the records that were deleted together. Which of them a person sees is said by crm.recycling.
    """

    access = System()

    name = models.CharField(_("name"), max_length=300)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("deleted by")
    )
    at = models.DateTimeField(_("deleted"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    act = models.UUIDField(_("act"), default=uuid.uuid4, db_index=True, editable=False)
    restored_at = models.DateTimeField(_("restored"), null=True)
    purged_at = models.DateTimeField(_("deleted for good"), null=True)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("deleted for good by"),
    )

    objects = models.Manager.from_queryset(DeletionQuerySet)()

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("recycle bin")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="deletion_of_record"),
            models.Index(
                fields=["-id"],
                condition=Q(restored_at__isnull=True, purged_at__isnull=True),
                name="deletion_waiting",
            ),
        ]

    def __str__(self):
        return self.name


class FormToken(Record):
    """A form that was sent: its one-time token, and the page the first sending led to."""

    access = Personal("user")

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("user")
    )
    location = models.CharField(_("page"), max_length=300, blank=True)
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("form token")
        verbose_name_plural = _("form tokens")
        default_permissions = ACTIONS

    def __str__(self):
        return str(self.token)
