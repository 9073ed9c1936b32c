"""Pipelines and their stages: administrators name them, the program reads their fixed types."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Catalogue, RecordQuerySet
from crm.models.record import IN_USE, CatalogueRecord, InUse, tracked


class StageType(models.TextChoices):
    """What a stage means to the program, whatever administrators call it."""

    OPEN = "open", pgettext_lazy("stage type", "Open")
    WON = "won", pgettext_lazy("stage type", "Won")
    LOST = "lost", pgettext_lazy("stage type", "Lost")
    VOID = "void", pgettext_lazy("stage type", "Void")

    @property
    def is_closed(self) -> bool:
        """Whether an opportunity of this type carries the day on which it was won or lost."""
        return self in (StageType.WON, StageType.LOST)


@tracked
class Pipeline(CatalogueRecord):
    """A way of selling: an order of stages."""

    access = Catalogue()

    is_default = models.BooleanField(_("default pipeline"), default=False)

    class Meta(CatalogueRecord.Meta):
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=IN_USE, name="pipeline_code_unique"),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=IN_USE & Q(is_default=True),
                name="pipeline_one_default",
                violation_error_message=_("Another pipeline is the default already."),
            ),
        ]

    @classmethod
    def default(cls) -> "Pipeline | None":
        """The pipeline of new opportunities: the one marked so, else the first in use."""
        return cls.objects.filter(is_active=True).order_by("-is_default", "order", "pk").first()

    def first_stage(self) -> "Stage | None":
        """The stage at which an opportunity begins."""
        return self.stages.open().filter(is_active=True).first()


class StageQuerySet(RecordQuerySet):
    def open(self):
        return self.filter(type=StageType.OPEN)

    def in_use(self):
        return self.filter(is_active=True)


@tracked
class Stage(CatalogueRecord):
    """A step of a pipeline; its type says whether an opportunity in it is open, won, lost or void."""

    access = Catalogue()

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages", verbose_name=_("pipeline"))
    type = models.CharField(_("type"), max_length=8, choices=StageType, default=StageType.OPEN)
    probability = models.PositiveSmallIntegerField(
        _("win probability in %"), default=0, validators=[MaxValueValidator(100)]
    )
    expected_days = models.PositiveSmallIntegerField(
        _("expected days"), null=True, blank=True, help_text=_("Opportunities that stay longer are marked.")
    )

    objects = InUse.from_queryset(StageQuerySet)()
    everything = models.Manager.from_queryset(StageQuerySet)()

    class Meta(CatalogueRecord.Meta):
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ("pipeline", "order", "pk")
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "code"], condition=IN_USE, name="stage_code_unique"),
            models.CheckConstraint(
                condition=Q(probability__lte=100),
                name="stage_probability",
                violation_error_message=_("Type a win probability from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=~Q(type=StageType.WON) | Q(probability=100),
                name="stage_won_probability",
                violation_error_message=_("The win probability of a won stage is 100."),
            ),
            models.CheckConstraint(
                condition=~Q(type__in=(StageType.LOST, StageType.VOID)) | Q(probability=0),
                name="stage_lost_probability",
                violation_error_message=_("The win probability of a lost or void stage is 0."),
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.type == StageType.OPEN

    @property
    def is_closed(self) -> bool:
        return StageType(self.type).is_closed
