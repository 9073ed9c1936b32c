"""The board of opportunities: the stages of a pipeline with amounts and weighted amounts."""

from decimal import Decimal

from django.db.models import Count, DecimalField, F, Q, Sum
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.board import Board, BoardColumn, Card, Note
from crm.figures import date_text, days, short_money
from crm.models import Company
from sales.forms import LostForm, WonForm
from sales.models import Pipeline, Stage, StageType
from sales.models.opportunities import HUNDRED
from sales.services import move_stage

TONES = {StageType.OPEN: "blue", StageType.WON: "green", StageType.LOST: "red", StageType.VOID: "gray"}
DETAILS = {StageType.WON: WonForm, StageType.LOST: LostForm}
NOTHING = Decimal(0)


class OpportunityBoard(Board):
    field = "stage"
    order = "-stage_entered_at"
    related = ("owner", "customer", "stage")

    @cached_property
    def stages(self) -> list[Stage]:
        """The stages of the pipeline shown: that of the record to be moved, the chosen one, else the default."""
        return list(Stage.objects.filter(pipeline=self.pipeline).order_by("order", "pk")) if self.pipeline else []

    @cached_property
    def pipelines(self) -> list[Pipeline]:
        return list(Pipeline.objects.visible_to(self.user).order_by("-is_default", "order", "pk"))

    @cached_property
    def pipeline(self) -> Pipeline | None:
        if self.record is not None:
            return self.record.pipeline
        chosen = self.listing.data.get("pipeline")
        return next((p for p in self.pipelines if not chosen or p in chosen), None)

    @cached_property
    def columns(self) -> list[BoardColumn]:
        return [
            BoardColumn(
                stage.pk,
                str(stage),
                TONES[stage.type],
                share=stage.probability,
                is_slim=stage.type in (StageType.LOST, StageType.VOID),
                takes=stage.is_active,
            )
            for stage in self.stages
        ]

    @property
    def title(self) -> str:
        return str(self.pipeline) if self.pipeline else super().title

    def others(self):
        return [(str(p), self.listing.url(pipeline=p.pk)) for p in self.pipelines if p != self.pipeline and p.is_active]

    # -- figures ------------------------------------------------------------------------------------------------------
    @cached_property
    def company(self) -> Company:
        return Company.current()

    def sums(self):
        chance = F("amount") * F("probability")
        return {
            "total": Sum("amount"),
            "without_amount": Count("pk", filter=Q(amount__isnull=True)),
            "by_stage": Sum("amount", filter=Q(probability__isnull=True)),
            "by_hand": Sum(chance, output_field=DecimalField(max_digits=30, decimal_places=2)),
        }

    def all_sums(self):
        """With the weighted amount: those without a win probability of their own count with their stage's."""
        found = super().all_sums()
        for column in self.columns:
            if sums := found.get(column.key):
                sums["weighted"] = (sums["by_stage"] * column.share + sums["by_hand"]) / HUNDRED
        return found

    def head(self, column, sums):
        amount, weighted = sums.get("total", NOTHING), sums.get("weighted", NOTHING)
        currency = self.company.currency
        words = _("%(share)s%% · weighted %(amount)s") % {
            "share": column.share,
            "amount": short_money(weighted, currency),
        }
        return short_money(amount, currency), words if column.tone == TONES[StageType.OPEN] else ""

    def totals(self, columns):
        types = {stage.pk: stage.type for stage in self.stages}

        def total(name, *wanted):
            return sum((f.sums.get(name, NOTHING) for f in columns if types[f.column.value] in wanted), NOTHING)

        currency = self.company.currency
        without = sum(f.sums.get("without_amount", 0) for f in columns if types[f.column.value] == StageType.OPEN)
        return [
            (_("Open amount"), short_money(total("total", StageType.OPEN), currency)),
            (_("Weighted"), short_money(total("weighted", StageType.OPEN), currency)),
            (_("Open without amount"), f"{without:,}"),
            (_("Won amount"), short_money(total("total", StageType.WON), currency)),
        ]

    # -- cards ------------------------------------------------------------------------------------------------------
    def card(self, record):
        return Card(
            record,
            record.name,
            subtitle=record.customer.name if record.customer else _("No customer"),
            figure=short_money(record.amount, record.currency) if record.amount is not None else _("No amount"),
            notes=tuple(self.notes(record)),
            aside=days(record.days_in_stage) if record.stage.is_open else "",
            aside_tone="amber" if record.is_stale else "",
            aside_label=_("in this stage"),
            person=record.owner.name if record.owner else "",
        )

    def notes(self, record):
        today = self.company.today
        if not record.stage.is_open:
            icon, tone = ("trophy", "green") if record.stage.type == StageType.WON else ("ban", "")
            yield Note(icon, date_text(record.closed_on, form="short", today=today), tone, _("closed on"))
            return
        if record.expected_close_on:
            is_late = record.expected_close_on < today
            text = date_text(record.expected_close_on, form="short", today=today)
            yield Note("calendar", text, "red" if is_late else "", _("overdue") if is_late else _("expected to close"))
        if record.next_step:
            is_late = bool(record.next_step_on and record.next_step_on < today)
            yield Note("flag", tone="red" if is_late else "blue", label=record.next_step)
        else:
            yield Note("alert-circle", tone="amber", label=_("no next step"))

    # -- moves ------------------------------------------------------------------------------------------------------
    def stage(self, column) -> Stage:
        return next(stage for stage in self.stages if stage.pk == column.value)

    def details_form(self, record, column):
        return DETAILS.get(StageType(self.stage(column).type))

    def move(self, record, column, *, actor, **details):
        change = move_stage(record, self.stage(column), actor=actor, **details)
        return f"{reverse('opportunities-undo_move', args=[record.pk])}?change={change.pk}" if change else ""
