"""The pipeline at two moments: where every visible opportunity stood before and stands now, summed up in one query.

The stage of a past moment comes from the ledger of stages, its amount from the change history, so later edits do not
change a report that was sent. Owner and team are today's: a record that moved on takes its past along.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from crm.access import Action
from sales.models import Opportunity, StageChange

NOTHING = Decimal(0)

SUMS = """
WITH facts AS ({facts}), told AS (
    SELECT f.*, coalesce(f.amount0, 0) AS a0, coalesce(f.amount1, 0) AS a1,
        coalesce(b.type = 'open', false) AS open0, s.type = 'open' AS open1, s.type = 'won' AS won1,
        s.type IN ('lost', 'void') AS lost1, coalesce(b.type = 'open', true) AS live,
        (CASE WHEN f.stage0 = f.stage_id THEN coalesce(f.probability, b.probability) ELSE b.probability END) AS chance0,
        (CASE WHEN f.stage1 = f.stage_id THEN coalesce(f.probability, s.probability) ELSE s.probability END) AS chance1,
        %(then)s - f.entered1 > s.expected_days * interval '1 day' AS stale1,
        %(before)s - f.entered0 > b.expected_days * interval '1 day' AS stale0
    FROM facts f JOIN sales_stage s ON s.id = f.stage1 LEFT JOIN sales_stage b ON b.id = f.stage0
)
SELECT CASE WHEN GROUPING(stage1) = 0 THEN stage1 END, CASE WHEN GROUPING(team_id) = 0 THEN coalesce(team_id, 0) END,
    CASE WHEN GROUPING(owner_id) = 0 THEN coalesce(owner_id, 0) END,
    count(*) FILTER (WHERE open1),
    count(*) FILTER (WHERE open1 AND amount1 IS NULL),
    coalesce(sum(a1) FILTER (WHERE open1), 0),
    coalesce(sum(a1 * chance1 / 100.0) FILTER (WHERE open1), 0),
    avg(%(day)s - begun_on) FILTER (WHERE open1),
    count(*) FILTER (WHERE open1 AND stale1),
    count(*) FILTER (WHERE open1 AND expected_close_on < %(day)s),
    count(*) FILTER (WHERE open1 AND (stale1 OR expected_close_on < %(day)s OR no_next_step OR (open0 AND a1 < a0))),
    coalesce(sum(a0) FILTER (WHERE open0), 0),
    coalesce(sum(a0 * chance0 / 100.0) FILTER (WHERE open0), 0),
    count(*) FILTER (WHERE open0 AND stale0),
    coalesce(sum(a1) FILTER (WHERE NOT open0 AND (open1 OR stage0 IS NULL)), 0),
    coalesce(sum(a1 - a0) FILTER (WHERE open0 AND a1 > a0), 0),
    coalesce(sum(a1 - a0) FILTER (WHERE open0 AND a1 < a0), 0),
    coalesce(sum(a1) FILTER (WHERE live AND won1), 0),
    coalesce(sum(a1) FILTER (WHERE live AND lost1), 0)
FROM told
GROUP BY GROUPING SETS ((), (stage1), (team_id), (team_id, owner_id), (owner_id, stage1))
"""


@dataclass(frozen=True)
class Sums:
    """The figures of one group of opportunities; amounts in the company's currency, an empty amount adds nothing."""

    count: int = 0
    without_amount: int = 0
    amount: Decimal = NOTHING
    weighted: Decimal = NOTHING
    age: Decimal | None = None
    stale: int = 0
    overdue: int = 0
    at_risk: int = 0
    amount_before: Decimal = NOTHING
    weighted_before: Decimal = NOTHING
    stale_before: int = 0
    added: Decimal = NOTHING
    raised: Decimal = NOTHING
    cut: Decimal = NOTHING
    won: Decimal = NOTHING
    lost: Decimal = NOTHING

    @property
    def gap(self):
        return self.amount - self.amount_before


@dataclass(frozen=True)
class PipelineSums:
    """total; by_stage {stage}; by_team {team}; by_owner {(team, owner)}; by_owner_stage {(owner, stage)}: keys are ids.

    0 stands for nobody and for no team."""

    total: Sums = Sums()
    by_stage: dict = field(default_factory=dict)
    by_team: dict = field(default_factory=dict)
    by_owner: dict = field(default_factory=dict)
    by_owner_stage: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Moments:
    """The two moments a report compares. day: the local day of `then`; what should have closed before it is overdue.

    is_over: `then` ends a period, so what came after it does not count, however short ago it ended."""

    before: object
    then: object
    zone: object
    is_over: bool = False

    @property
    def day(self):
        return self.then.astimezone(self.zone).date()

    @property
    def is_now(self):
        """Whether `then` is the present, told by the rows themselves instead of the ledger."""
        return not self.is_over and self.then > timezone.now() - timedelta(minutes=5)


def pipeline_facts(user, moments, pipeline=None, action=Action.VIEW):
    """The visible opportunities with stage0, amount0, entered0 at the former moment and stage1, amount1, entered1."""
    rows = Opportunity.objects.visible_to(user, action)
    if pipeline is not None:
        rows = rows.filter(pipeline=pipeline)
    if moments.is_now:
        then = {"stage1": F("stage"), "amount1": F("amount"), "entered1": F("stage_entered_at")}
    else:
        then = at_moment(moments.then, "1")
    first_day = Coalesce(F("engaged_on"), models.functions.TruncDate("created_at", tzinfo=moments.zone))
    return rows.annotate(
        **at_moment(moments.before, "0"),
        **then,
        begun_on=first_day,
        no_next_step=Case(When(next_step="", next_step_on=None, then=True), default=False),
    )


def at_moment(moment, suffix):
    """Stage and time of its entry from the ledger, the amount from the history, else from the ledger.

    A record without a ledger counts from its creation in the stage where it stands.
    """
    moves = StageChange.objects.filter(opportunity=OuterRef("pk"), at__lte=moment).order_by("-at", "-pk")
    event = Opportunity.pgh_event_model.objects
    events = event.filter(pgh_obj=OuterRef("pk"), pgh_created_at__lte=moment).order_by("-pgh_id")
    here = Case(When(created_at__lte=moment, then=F("stage")), output_field=models.BigIntegerField())
    since = Case(When(created_at__lte=moment, then=F("stage_entered_at")))
    return {
        f"stage{suffix}": Coalesce(Subquery(moves.values("to_stage")[:1]), here, output_field=models.BigIntegerField()),
        f"entered{suffix}": Coalesce(Subquery(moves.values("at")[:1]), since),
        f"amount{suffix}": Case(
            When(Exists(events), then=Subquery(events.values("amount")[:1])),
            default=Subquery(moves.values("amount")[:1]),
        ),
    }


COLUMNS = (
    "pk", "owner_id", "team_id", "stage_id", "probability", "expected_close_on", "stage0", "amount0", "entered0",
    "stage1", "amount1", "entered1", "begun_on", "no_next_step",
)  # fmt: skip


def pipeline_sums(user, moments, pipeline=None):
    """All sums of the report in one query: the ORM tells which rows, GROUPING SETS adds them up five ways at once."""
    facts = pipeline_facts(user, moments, pipeline).order_by().values(*COLUMNS)
    connection = connections[facts.db]
    try:
        sql, parameters = facts.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return PipelineSums()
    named = {f"p{number}": value for number, value in enumerate(parameters)}
    facts_sql = sql % tuple(f"%({name})s" for name in named)
    moment = {"before": moments.before, "then": moments.then, "day": moments.day}
    sums = PipelineSums(by_stage={}, by_team={}, by_owner={}, by_owner_stage={})
    total = Sums()
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(facts=facts_sql), named | moment)
        for stage, team, owner, *values in cursor.fetchall():
            group = Sums(*values)
            if stage is not None and owner is not None:
                sums.by_owner_stage[owner, stage] = group
            elif stage is not None:
                sums.by_stage[stage] = group
            elif owner is not None:
                sums.by_owner[team, owner] = group
            elif team is not None:
                sums.by_team[team] = group
            else:
                total = group
    return PipelineSums(total, sums.by_stage, sums.by_team, sums.by_owner, sums.by_owner_stage)


def with_risks(facts, moments, open_stages):
    """The open ones with their risks as booleans and `risks`, how many of them there are; the worst come first.

    open_stages: {stage id: expected days or None}.
    """
    limits = [
        When(stage1=stage, then=Value(moments.then - timedelta(days=expected)))
        for stage, expected in open_stages.items()
        if expected is not None
    ]
    limit = Case(*limits, default=Value(None), output_field=models.DateTimeField())
    flags = {
        "risk_overdue": Q(expected_close_on__lt=moments.day),
        "risk_stale": Q(entered1__lt=F("stale_since")),
        "risk_no_step": Q(no_next_step=True),
        "risk_cut": Q(stage0__in=list(open_stages), amount1__lt=F("amount0")),
    }
    rows = facts.filter(stage1__in=list(open_stages)).annotate(stale_since=limit)
    rows = rows.annotate(**{name: Case(When(holds, then=1), default=0) for name, holds in flags.items()})
    count = F("risk_overdue") + F("risk_stale") + F("risk_no_step") + F("risk_cut")
    weight = count * Greatest(Coalesce(F("amount1"), Value(NOTHING)), Value(Decimal(1)))
    return rows.annotate(risks=count, weight=weight)


def reached(user, moments, stages, pipeline, window=timedelta(days=90)):
    """(total, {stage id: how many got at least there}, won) of those that began in the window before `then`.

    stages: the open stages of the pipeline in order.
    """
    visible = Opportunity.objects.visible_to(user).filter(pipeline=pipeline)
    rank = Case(
        When(to_stage__type="won", then=Value(len(stages))),
        *(When(to_stage=stage, then=Value(number)) for number, stage in enumerate(stages)),
        default=Value(-1),
    )
    began = (
        StageChange.objects.filter(opportunity__in=visible, at__lte=moments.then)
        .order_by()
        .values("opportunity")
        .annotate(first=models.Min("at"), furthest=models.Max(rank))
        .filter(first__gt=moments.then - window)
    )
    numbers = range(len(stages) + 1)
    counts = {f"n{n}": models.Count("opportunity", filter=Q(furthest__gte=n)) for n in numbers}
    found = began.aggregate(total=models.Count("opportunity"), **counts)
    return (
        found["total"],
        {stage.pk: found[f"n{number}"] for number, stage in enumerate(stages)},
        found[f"n{len(stages)}"],
    )
