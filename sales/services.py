"""Moves of opportunities between stages: one by one, back again, and whole sets for imports."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connections, models, router, transaction
from django.db.models import F, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Company
from sales.models import Opportunity, Stage, StageChange, StageType

UNCHANGED = object()
MOVED = (
    "pipeline_id",
    "stage_id",
    "stage_entered_at",
    "probability",
    "closed_on",
    "lost_reason",
    "lost_note",
    "amount",
)


class CannotUndo(ValidationError):
    """The move is not the last thing that happened to the opportunity."""


@transaction.atomic
def move_stage(
    opportunity: Opportunity,
    stage: Stage,
    *,
    actor,
    at: datetime.datetime | None = None,
    closed_on: datetime.date | None = None,
    lost_reason: str = "",
    lost_note: str = "",
    amount: Decimal | object | None = UNCHANGED,
) -> StageChange | None:
    """Move the opportunity into the stage and write the ledger; None when it stands there already.

    closed_on: the day it was won or lost, today when not given; other stages clear it. lost_reason, lost_note: of a
    loss; other stages clear both. amount: to set on the way. Afterwards the stage's own win probability counts again.
    """
    locked = Opportunity.objects.select_for_update(of=("self",)).select_related("stage").get(pk=opportunity.pk)
    if locked.stage_id == stage.pk:
        return None
    before, from_stage = moved_values(locked), locked.stage
    locked.pipeline_id, locked.stage, locked.stage_entered_at = stage.pipeline_id, stage, at or timezone.now()
    locked.probability = None
    locked.closed_on = (closed_on or Company.current().today) if stage.is_closed else None
    is_lost = stage.type == StageType.LOST
    locked.lost_reason, locked.lost_note = (lost_reason, lost_note) if is_lost else ("", "")
    if amount is not UNCHANGED:
        locked.amount = amount
    save_moved(locked, actor)
    copy_moved(locked, opportunity)
    return StageChange.objects.create(
        opportunity=locked,
        from_stage=from_stage,
        to_stage=stage,
        at=locked.stage_entered_at,
        actor=actor,
        amount=locked.amount,
        before=before,
        version=locked.version,
    )


def record_entry(opportunity: Opportunity, *, actor, from_stage: Stage | None = None) -> StageChange:
    """Write into the ledger that a saved opportunity entered its stage, newly made or by its form; no undo."""
    return StageChange.objects.create(
        opportunity=opportunity,
        from_stage=from_stage,
        to_stage=opportunity.stage,
        at=opportunity.stage_entered_at,
        actor=actor,
        amount=opportunity.amount,
    )


@transaction.atomic
def undo_move(change: StageChange, *, actor) -> StageChange:
    """Put everything back as it was before the move and say so in the ledger; CannotUndo when anything came after."""
    opportunity = (
        Opportunity.objects.select_for_update(of=("self",)).select_related("stage").get(pk=change.opportunity_id)
    )
    last = StageChange.objects.filter(opportunity=opportunity).order_by("-pk").first()
    if change.before is None or change.undoes_id or last.pk != change.pk or opportunity.version != change.version:
        raise CannotUndo(
            _("“%(name)s” was changed after this move, so the move can no longer be undone. Move it by hand.")
            % {"name": opportunity.name}
        )
    left = opportunity.stage
    for name, value in change.before.items():
        setattr(opportunity, name, Opportunity._meta.get_field(name).to_python(value))
    save_moved(opportunity, actor)
    return StageChange.objects.create(
        opportunity=opportunity,
        from_stage=left,
        to_stage=opportunity.stage,
        actor=actor,
        amount=opportunity.amount,
        undoes=change,
    )


def moved_values(opportunity) -> dict:
    """What a move may change, as JSON keeps it."""
    values = {name: getattr(opportunity, name) for name in MOVED}
    return {
        name: value.isoformat()
        if isinstance(value, datetime.date)
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in values.items()
    }  # a datetime is a date, too; every microsecond is kept


def save_moved(opportunity, actor):
    opportunity.modified_by = actor
    fields = [name.removesuffix("_id") for name in MOVED]
    opportunity.save(update_fields=[*fields, "modified_by", "modified_at"])
    opportunity.refresh_from_db(fields=["version", "amount_order"])


def copy_moved(source, target):
    """Bring the caller's object up to date."""
    for name in (*MOVED, "base_amount", "modified_by_id", "modified_at", "version"):
        setattr(target, name, getattr(source, name))


def record_stage_changes(
    opportunities,
    *,
    actor=None,
    at: str | models.Expression = "stage_entered_at",
    to_stage: str | models.Expression = "stage_id",
    from_stage: models.Expression | None = None,
    amount: str | models.Expression = "amount",
) -> int:
    """Write the ledger for a whole queryset of opportunities with one INSERT … SELECT; gives the number of rows.

    at, to_stage, from_stage, amount: names of columns or expressions over the opportunity (moments and keys of stages).
    For imports: such moves cannot be undone. Call it once a step, the oldest step first.
    """
    table = StageChange._meta
    values = {
        "opportunity": F("pk"),
        "from_stage": Cast(Value(None) if from_stage is None else from_stage, models.BigIntegerField()),
        "to_stage": F(to_stage) if isinstance(to_stage, str) else to_stage,
        "at": Cast(F(at) if isinstance(at, str) else at, models.DateTimeField()),
        "actor": Cast(Value(actor.pk if actor else None), models.BigIntegerField()),
        "amount": Cast(F(amount) if isinstance(amount, str) else amount, table.get_field("amount")),
    }
    connection = connections[router.db_for_write(StageChange)]
    rows = opportunities.order_by().annotate(**{f"new_{name}": value for name, value in values.items()})
    sql, parameters = (
        rows.values_list(*(f"new_{name}" for name in values)).query.get_compiler(connection=connection).as_sql()
    )
    columns = ", ".join(connection.ops.quote_name(table.get_field(name).column) for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {connection.ops.quote_name(table.db_table)} ({columns}) {sql}", parameters)
        return cursor.rowcount
