"""Asking for access to a record, and looking at the product as another person sees it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Personal, System
from crm.models.history import Subject, SubjectQuerySet
from crm.models.record import ACTIONS, Record


class Viewing(Record):
    """One time that somebody looked at the product as another person. The right to add such rows is the right to do so;
    rows are never changed but for their end."""

    access = System()

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("looked by"))
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


class AccessRequest(Subject, Record):
    """A person asks whoever answers for a record to share it. name: as the person saw it where he asked."""

    access = Personal("asker")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("request", "waiting")
        GRANTED = "granted", pgettext_lazy("request", "granted")
        REFUSED = "refused", pgettext_lazy("request", "refused")

    class Level(models.TextChoices):
        VIEW = "view", _("View")
        CHANGE = "change", _("View and change")

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"), db_index=False
    )
    name = models.CharField(_("name"), max_length=300)
    level = models.CharField(_("right"), max_length=10, choices=Level, default=Level.VIEW)
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("access request")
        verbose_name_plural = _("access requests")
        default_permissions = ACTIONS
        indexes = [models.Index(fields=["asker", "-id"], name="access_request_of_asker")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "asker"],
                condition=models.Q(state="open"),
                name="one_open_request_per_record",
            )
        ]

    def __str__(self):
        return self.name
