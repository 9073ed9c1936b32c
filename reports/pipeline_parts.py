"""Charts, lists and tables of the sales pipeline."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.entities import entity_for
from reports import document as d
from reports.pipeline_facts import Sums, reached
from sales.models import Opportunity, Pipeline, StageType

MONEY, COUNT, DAYS = d.Kind.MONEY, d.Kind.COUNT, d.Kind.DAYS
LISTED_RISKS, LISTED_OWNERS, WORST = 22, 10, 3
NOTABLE = Decimal("0.1")
RISKS = (
    ("risk_overdue", _("overdue")),
    ("risk_stale", _("too long in stage")),
    ("risk_no_step", _("no next step")),
    ("risk_cut", _("amount cut")),
)


def funnel(facts):
    pipeline = facts.pipeline or Pipeline.default()
    stages = [
        s for s in facts.stages.values() if pipeline and s.pipeline_id == pipeline.pk and s.type == StageType.OPEN
    ]
    stages = [stage for stage in stages if stage.is_active and not stage.deleted_at]
    total, counts, won = reached(facts.request.user, facts.moments, stages, pipeline) if stages else (0, {}, 0)
    steps = [
        d.FunnelStep(str(stage), counts[stage.pk], open_here.count, open_here.amount)
        for stage in stages
        for open_here in [facts.sums.by_stage.get(stage.pk, Sums())]
    ]
    note = ngettext(
        "how far the %(count)s opportunity of the last 90 days got",
        "how far the %(count)s opportunities of the last 90 days got",
        total,
    ) % {"count": total}
    return d.Funnel(
        gettext("Sales funnel"), note, (*steps, d.FunnelStep(gettext("Won"), won, is_won=True)) if steps else ()
    )


def owners_by_stage(facts):
    """The owners with most, stacked by stage; counted where no opportunity has an amount."""
    kind = MONEY if facts.sums.total.amount else COUNT

    def size(group):
        return group.amount if kind == MONEY else group.count

    totals = {}
    for (owner, stage), group in facts.sums.by_owner_stage.items():
        if facts.stages[stage].type == StageType.OPEN and size(group):
            totals[owner] = totals.get(owner, 0) + size(group)
    owners = sorted(totals, key=lambda owner: (-totals[owner], owner))
    used = {s for (o, s), g in facts.sums.by_owner_stage.items() if o in totals and size(g) and s in facts.stages}
    stages = [stage for stage in facts.open_stages if stage.pk in used]
    shown, rest = (stages, []) if len(stages) <= 5 else (stages[:4], stages[4:])

    def values(group_owners):
        found = facts.sums.by_owner_stage
        at = [[found.get((o, s.pk), Sums()) for o in group_owners for s in column] for column in [[s] for s in shown]]
        other = [found.get((o, s.pk), Sums()) for o in group_owners for s in rest]
        return tuple(sum(size(g) for g in groups) for groups in [*at, *([other] if rest else [])])

    bars = [(facts.owner_name(owner), values([owner])) for owner in owners[:LISTED_OWNERS]]
    if owners[LISTED_OWNERS:]:
        bars.append((gettext("Others"), values(owners[LISTED_OWNERS:])))
    names = [facts.stage_name(stage.pk) for stage in shown] + ([gettext("Other stages")] if rest else [])
    note = gettext("open amount") if kind == MONEY else gettext("open opportunities")
    return d.StackedBars(gettext("Owner × stage"), note, kind, tuple(names) or (gettext("Open"),), tuple(bars))


def lists(facts):
    won = facts.rows().filter(stage1__in=facts.stage_ids(StageType.WON))
    lost = facts.rows().filter(stage1__in=facts.stage_ids(StageType.LOST, StageType.VOID))
    due = facts.rows().filter(
        stage1__in=facts.stage_ids(StageType.OPEN),
        expected_close_on__range=(facts.moments.day, facts.moments.day + timedelta(days=13)),
    )
    found = (
        (gettext("Won in the period"), of_period(won, facts)),
        (gettext("Lost in the period"), of_period(lost, facts)),
        (gettext("Expected within two weeks"), due),
    )
    return tuple(
        d.ShortList(title, tuple(list_item(row) for row in largest(rows)), MONEY, gettext("None"))
        for title, rows in found
    )


def of_period(rows, facts):
    """Those that were open, or not there, when the period began."""
    return rows.filter(Q(stage0__in=facts.stage_ids(StageType.OPEN)) | Q(stage0__isnull=True))


def largest(rows):
    return rows.select_related("customer").order_by(F("amount1").desc(nulls_last=True), "-pk")[:3]


def list_item(row, why=""):
    customer = row.customer.name if row.customer else ""
    return d.ListItem(row.name, customer, row.amount1, why, entity_for(Opportunity).url_for(row.pk))


def stage_table(facts):
    columns = (
        d.TableColumn(gettext("Stage"), weight=2),
        d.TableColumn(gettext("Count"), COUNT),
        d.TableColumn(gettext("Without amount"), COUNT),
        d.TableColumn(gettext("Open amount"), MONEY, 1.4),
        d.TableColumn(gettext("Weighted"), MONEY, 1.4),
        d.TableColumn(gettext("Share"), d.Kind.PERCENT, 1.4, digits=0, bar=True),
        d.TableColumn(gettext("Average age, days"), DAYS),
        d.TableColumn(gettext("Too long in stage"), COUNT),
        d.TableColumn(gettext("Overdue"), COUNT),
    )
    total = facts.sums.total

    def cells(name, group):
        share = (
            (group.amount / total.amount)
            if total.amount
            else (Decimal(group.count) / total.count if total.count else None)
        )
        return (
            name, group.count, group.without_amount, group.amount, group.weighted, share, group.age, group.stale,
            group.overdue,
        )  # fmt: skip

    rows = [
        d.Row(cells(facts.stage_name(stage.pk), facts.sums.by_stage.get(stage.pk, Sums())))
        for stage in facts.open_stages
        if (stage.pk in facts.sums.by_stage and facts.sums.by_stage[stage.pk].count)
        or (stage.is_active and not stage.deleted_at)
    ]
    rows.append(d.Row(cells(gettext("Total"), total), d.Level.TOTAL))
    note = gettext("share of the open amount") if total.amount else gettext("share of the open opportunities")
    return d.Table(gettext("By stage"), note, columns, tuple(rows) if total.count else ())


def owner_table(facts):
    columns = (
        d.TableColumn(gettext("Owner"), weight=2),
        d.TableColumn(gettext("Count"), COUNT),
        d.TableColumn(gettext("Without amount"), COUNT),
        d.TableColumn(gettext("Open amount"), MONEY, 1.4),
        d.TableColumn(gettext("Difference"), MONEY, 1.3, signed=True),
        d.TableColumn(gettext("Weighted"), MONEY, 1.4),
        d.TableColumn(gettext("Won"), MONEY, 1.3),
        d.TableColumn(gettext("Average age, days"), DAYS),
        d.TableColumn(gettext("Too long in stage"), COUNT),
        d.TableColumn(gettext("Overdue"), COUNT),
    )
    groups = [(team, owner, sums) for (team, owner), sums in facts.sums.by_owner.items() if matters(sums)]
    marks = owner_marks(groups)
    order = {pk: place for place, pk in enumerate(sorted(facts.teams, key=lambda pk: facts.teams[pk].path))}
    rows = []
    for team in sorted({team for team, _owner, _sums in groups}, key=lambda pk: order.get(pk, len(order))):
        members = sorted((g for g in groups if g[0] == team), key=lambda g: (-g[2].amount, -g[2].count, g[1]))
        rows += [
            d.Row(owner_cells(facts.owner_name(owner), sums), d.Level.MEMBER, marks.get((team, owner), {}))
            for _team, owner, sums in members
        ]
        name = gettext("%(team)s, subtotal") % {"team": facts.team_name(team)}
        rows.append(d.Row(owner_cells(name, facts.sums.by_team[team]), d.Level.SUBTOTAL))
    if rows:
        rows.append(d.Row(owner_cells(gettext("Total"), facts.sums.total), d.Level.TOTAL))
    note = gettext("weighted = amount × win probability")
    return d.Table(gettext("By team and owner"), note, columns, tuple(rows))


def matters(sums):
    return bool(sums.count or sums.amount_before or sums.won)


def owner_cells(name, sums):
    return (
        name, sums.count, sums.without_amount, sums.amount, sums.gap, sums.weighted, sums.won, sums.age, sums.stale,
        sums.overdue,
    )  # fmt: skip


def owner_marks(groups):
    """The three largest falls and rises of more than a tenth, and the three owners with most stale and overdue ones."""
    marks = {}

    def mark(position, tone, value):
        worst = sorted((g for g in groups if value(g[2]) > 0), key=lambda g: -value(g[2]))[:WORST]
        for team, owner, _sums in worst if len(groups) > WORST else ():
            marks.setdefault((team, owner), {})[position] = tone

    mark(4, "red", lambda s: -s.gap if s.amount_before and -s.gap > s.amount_before * NOTABLE else 0)
    mark(4, "green", lambda s: s.gap if s.amount_before and s.gap > s.amount_before * NOTABLE else 0)
    mark(8, "amber", lambda s: s.stale)
    mark(9, "red", lambda s: s.overdue)
    return marks


def waterfall(facts):
    total, role = facts.sums.total, d.Role
    steps = (
        (gettext("At the start"), total.amount_before, role.OPEN),
        (gettext("Added"), total.added, role.PLUS),
        (gettext("Raised"), total.raised, role.PLUS),
        (gettext("Cut"), total.cut, role.MINUS),
        (gettext("Won"), -total.won, role.WON),
        (gettext("Lost"), -total.lost, role.LOST),
        (gettext("At the end"), total.amount, role.CLOSE),
    )
    note = gettext("open amount from the beginning to the end of the period")
    return d.Waterfall(gettext("What changed"), note, tuple(d.WaterfallStep(*step) for step in steps))


def risk_words(record):
    return gettext(", ").join(str(word) for name, word in RISKS if getattr(record, name))


def risk_table(facts):
    columns = (
        d.TableColumn(gettext("Opportunity"), weight=1.9, strong=True),
        d.TableColumn(gettext("Customer"), weight=1.9, quiet=True),
        d.TableColumn(gettext("Owner"), weight=1.1),
        d.TableColumn(gettext("Stage"), weight=1.1),
        d.TableColumn(gettext("Amount"), MONEY),
        d.TableColumn(gettext("Days in stage"), DAYS),
        d.TableColumn(gettext("Expected to close"), d.Kind.DATE),
        d.TableColumn(gettext("Next step on"), d.Kind.DATE),
        d.TableColumn(gettext("Needs attention because"), weight=1.8),
    )
    rows = tuple(
        d.Row(
            (
                record.name,
                record.customer.name if record.customer else None,
                record.owner.name if record.owner else None,
                str(facts.stages[record.stage1]),
                record.amount1,
                days_in_stage(record, facts),
                record.expected_close_on,
                record.next_step_on,
                risk_words(record),
            ),
            marks={n: tone for n, tone, on in ((5, "amber", record.risk_stale), (6, "red", record.risk_overdue)) if on},
        )
        for record in facts.worst
    )
    note = gettext("the most and largest first, %(shown)s of %(total)s") % {
        "shown": len(rows),
        "total": facts.sums.total.at_risk,
    }
    empty = gettext("Nothing needs attention")
    return d.Table(gettext("Opportunities to act on"), note, columns, rows, own_page=True, empty=empty)


def days_in_stage(record, facts):
    return max(0, (facts.moments.then - record.entered1).days) if record.entered1 else None


def actions(facts):
    items = tuple(list_item(record, risk_words(record)) for record in facts.worst[:3])
    return d.ShortList(gettext("Look at these first"), items) if items else None


def data_row(record, facts):
    stage = facts.stages[record.stage1]
    chance = (
        record.probability if record.stage_id == record.stage1 and record.probability is not None else stage.probability
    )
    before = (
        record.amount0 if record.stage0 in facts.stages and facts.stages[record.stage0].type == StageType.OPEN else None
    )
    return d.Row(
        (
            record.number,
            record.name,
            record.customer.name if record.customer else None,
            record.owner.name if record.owner else None,
            record.team.name if record.team else None,
            facts.stage_name(record.stage1),
            record.amount1,
            before,
            None if record.amount1 is None or before is None else record.amount1 - before,
            Decimal(chance) / 100,
            None if record.amount1 is None else record.amount1 * chance / 100,
            days_in_stage(record, facts),
            record.expected_close_on,
            record.next_step_on,
            risk_words(record) or None,
        )
    )
