"""What a person keeps an eye on: records with a star, and records that are followed."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Personal
from crm.models.history import Subject, SubjectQuerySet
from crm.models.record import ACTIONS, Record


class RecordMark(Subject, Record):
    """A star or a follow of one person on one root. It opens nothing: who no longer sees the record sees no mark."""

    access = Personal("user")

    class Kind(models.TextChoices):
        STAR = "star", _("star")
        FOLLOW = "follow", _("follow")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("time"), default=timezone.now)

    objects = models.Manager.from_queryset(SubjectQuerySet)()

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        default_permissions = ACTIONS
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "subject_type", "subject_id"], name="one_mark_a_record")
        ]

    def __str__(self):
        return f"{self.kind} {self.subject_type_id} {self.subject_id}"
