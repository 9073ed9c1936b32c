"""The ledger of stages: one row for each move of an opportunity, never changed afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Part, RecordQuerySet
from crm.models.record import Record
from sales.models.opportunities import Opportunity
from sales.models.pipelines import Stage


class StageChangeQuerySet(RecordQuerySet):
    def visible_to(self, user, action: str = Action.VIEW):
        """Moves of visible opportunities; those in the recycle bin take their moves along."""
        return super().visible_to(user, action).filter(opportunity__deleted_at__isnull=True)

    def standing(self):
        """Without moves that were undone and the moves that undid them."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class StageChange(Record):
    """An opportunity entered a stage. Append-only; it is the timeline row, too.

    amount: the opportunity's amount after the move. before: values that undo puts back, and version: the opportunity's
    version right after the move; both null where a move cannot be undone (imports). undoes: what this move took back.
    """

    access = Part("opportunity", author=None)

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="stage_changes", db_index=False, verbose_name=_("opportunity")
    )
    from_stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("from stage")
    )
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False, verbose_name=_("to stage"))
    at = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("actor"),
    )
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    before = models.JSONField(_("values before"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), null=True, editable=False)
    undoes = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="undone_by",
        verbose_name=_("undoes"),
    )

    objects = models.Manager.from_queryset(StageChangeQuerySet)()

    class Meta(Record.Meta):
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=["opportunity", "-at", "-id"], name="stagechange_of_opportunity"),
            models.Index(fields=["at", "to_stage"], name="stagechange_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_stage__isnull=True) | ~Q(from_stage=models.F("to_stage")), name="stagechange_moves"
            )
        ]

    def __str__(self):
        return f"{self.from_stage or '·'} → {self.to_stage}"
