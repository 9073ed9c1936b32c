"""The numbers of a chart as a small table: Excel feeds its native charts from it, pages offer it to screen readers."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from crm.figures import ratio
from reports.charts import SERIES
from reports.document import Bars, Funnel, Kind, Role, Row, StackedBars, Table, TableColumn, Waterfall


@dataclass(frozen=True)
class Block:
    """The numbers of a chart as a table, and which columns the chart draws. tones: a colour a series, "" for none."""

    table: Table
    first: int
    last: int
    tones: tuple[str, ...]
    stacked: bool = False
    upright: bool = False
    legend: bool = False
    kind: Kind = Kind.MONEY


def block_of(chart):
    """What of a chart stands in cells."""
    return {Funnel: _funnel, StackedBars: _stacked, Bars: _bars, Waterfall: _waterfall}[type(chart)](chart)


def _funnel(chart):
    columns = (
        TableColumn(gettext("Stage")),
        TableColumn(gettext("Reached"), Kind.COUNT),
        TableColumn(gettext("To the next stage"), Kind.PERCENT, digits=0),
        TableColumn(gettext("Open now"), Kind.COUNT),
        TableColumn(gettext("Open amount"), Kind.MONEY),
    )
    after = [*(step.reached for step in chart.steps[1:]), None][: len(chart.steps)]
    rows = tuple(
        Row((step.label, step.reached, ratio(following, step.reached), step.open_count, step.open_amount))
        for step, following in zip(chart.steps, after, strict=True)
    )
    shown = 4 if any(step.open_amount for step in chart.steps) else 1
    kind = Kind.MONEY if shown == 4 else Kind.COUNT
    return Block(Table(chart.title, chart.note, columns, rows), shown, shown, ("c1",), kind=kind)


def _stacked(chart):
    columns = (
        TableColumn(""),
        *(TableColumn(name, chart.kind) for name in chart.series),
        TableColumn(gettext("Total"), chart.kind),
    )
    rows = tuple(Row((label, *values, sum(value or 0 for value in values))) for label, values in chart.bars)
    tones = SERIES[: len(chart.series)]
    table = Table(chart.title, chart.note, columns, rows)
    return Block(table, 1, len(chart.series), tones, stacked=True, upright=chart.upright, legend=True, kind=chart.kind)


def _bars(chart):
    columns = (TableColumn(""), TableColumn(chart.note or chart.title, chart.kind, digits=chart.digits))
    rows = tuple(Row((label, value)) for label, value, _remark in chart.bars)
    return Block(Table(chart.title, chart.note, columns, rows), 1, 1, ("c1",), kind=chart.kind)


def _waterfall(chart):
    """Stacked columns over an invisible base, so that it opens in every office program."""
    parts = ((Role.OPEN, Role.CLOSE), (Role.PLUS,), (Role.MINUS,), (Role.WON,), (Role.LOST,))
    heads = gettext("Level"), gettext("Added"), gettext("Cut"), gettext("Won"), gettext("Lost")
    columns = (
        TableColumn(""),
        TableColumn(gettext("Base"), chart.kind),
        *(TableColumn(head, chart.kind) for head in heads),
    )
    rows = tuple(
        Row((step.label, low if low else Decimal(0), *(high - low if step.role in roles else None for roles in parts)))
        for step, low, high in chart.spans()
    )
    tones = ("", "c1", "green", "c3", "c2", "red")
    return Block(
        Table(chart.title, chart.note, columns, rows), 1, 6, tones, stacked=True, upright=True, kind=chart.kind
    )
