"""Who owned what, from when to when: the ledger of owners, and the hand-overs of colleagues who leave."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import System
from crm.models.history import Subject, SubjectQuerySet
from crm.models.record import ACTIONS, Record


def link(to, label, **more):
    """A foreign key of the ledger: nothing asks from that side, so it has no index."""
    more = {"on_delete": models.SET_NULL, "null": True, "db_index": False} | more
    return models.ForeignKey(to, related_name="+", verbose_name=label, **more)


class OwnershipChange(Subject, Record):
    """One record that got another owner or team. Written by crm.ownership alone, never changed.

    act: shared by the rows that were given away together; undoes: the act that this one took back.
    """

    access = System()

    from_owner = link(settings.AUTH_USER_MODEL, _("owner before"))
    from_team = link("crm.Team", _("team before"))
    to_owner = link(settings.AUTH_USER_MODEL, _("owner after"))
    to_team = link("crm.Team", _("team after"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = link(settings.AUTH_USER_MODEL, _("actor"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    act = models.UUIDField(_("act"), default=uuid.uuid4, editable=False)
    undoes = models.UUIDField(_("takes back"), null=True, editable=False)

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("change of owner")
        verbose_name_plural = _("changes of owner")
        default_permissions = ACTIONS
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at", "-id"], name="ownership_of_record"),
            models.Index(fields=["act", "subject_type", "subject_id"], name="ownership_of_act"),
        ]

    def __str__(self):
        return f"{self.subject_id} {self.at:%Y-%m-%d %H:%M}"


class HandOver(Record):
    """All records of one colleague given to others in one act. Its rows are those of the ledger with the same act.

    plan: [{"entity": slug, "team": key, None or "*", "to": [keys of people]}]; counts: {slug: number} when done.
    """

    access = System()

    act = models.UUIDField(_("act"), default=uuid.uuid4, unique=True, editable=False)
    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("colleague")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("actor")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    plan = models.JSONField(_("plan"), default=list)
    counts = models.JSONField(_("handed over"), default=dict)
    deactivates = models.BooleanField(_("switch the account off"), default=False)
    job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))
    done_at = models.DateTimeField(_("done"), null=True)
    undone_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        default_permissions = ACTIONS

    def __str__(self):
        return f"{self.leaver} {self.at:%Y-%m-%d}"
