"""Suspicions that two records are about the same company or person, what was decided, and the rules that count."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Action, Catalogue, RecordQuerySet, System
from crm.models.record import ACTIONS, Record


class DuplicatePairQuerySet(RecordQuerySet):
    def of(self, model):
        """The pairs of one kind of record."""
        return self.filter(kind=ContentType.objects.get_for_model(model))

    def seen_by(self, user, model, action=Action.VIEW):
        """The pairs of which the user sees both records (or may do the action on both); whoever sees one alone does not
        learn that there is a twin."""
        seen = model.objects.visible_to(user, action).values("pk")
        return self.of(model).filter(first__in=seen, second__in=seen)

    def open(self):
        return self.filter(state=DuplicatePair.State.OPEN)


class DuplicatePair(Record):
    """Two customers, or two contacts, that may be the same; `first` is the smaller key.

    reasons: codes of customers.duplicates.scoring. A pair that was dismissed is never opened again.
    """

    access = System()

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("duplicates", "To decide")
        DISMISSED = "dismissed", pgettext_lazy("duplicates", "Not duplicates")
        MERGED = "merged", pgettext_lazy("duplicates", "Merged")

    kind = models.ForeignKey(
        ContentType, models.CASCADE, related_name="+", db_index=False, verbose_name=_("kind of record")
    )
    first = models.BigIntegerField(_("first record"))
    second = models.BigIntegerField(_("second record"))
    score = models.PositiveSmallIntegerField(_("likeness in percent"))
    reasons = ArrayField(models.CharField(max_length=20), verbose_name=_("reasons"), default=list)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = models.Manager.from_queryset(DuplicatePairQuerySet)()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        default_permissions = ACTIONS
        constraints = [
            models.UniqueConstraint(fields=["kind", "first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [
            models.Index(fields=["kind", "state", "-score", "-id"], name="duplicate_pair_queue"),
            models.Index(fields=["kind", "second"], name="duplicate_pair_second"),
        ]

    def __str__(self):
        return f"{self.first} {self.second}"


class DuplicateRule(Record):
    """One sign by which twins are found, which administrators switch on and off. The code is that of the reason."""

    access = Catalogue()

    code = models.CharField(_("code"), max_length=20, unique=True)
    is_on = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("rule for duplicates")
        verbose_name_plural = _("rules for duplicates")
        default_permissions = ACTIONS

    def __str__(self):
        return self.code
