"""Native charts of a workbook, and the small tables of numbers that feed them."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.drawing.text import Font as DrawnFont

from crm.figures import excel_short_money, ratio
from reports.charts import SERIES
from reports.document import Bars, Funnel, Kind, Role, Row, StackedBars, Table, TableColumn, Waterfall
from reports.renderers.colours import TOKENS
from reports.wording import clean


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
        TableColumn(gettext("Next step"), Kind.PERCENT, digits=0),
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


def native_chart(block, sheet, row, column, face, currency, language):
    """The chart over the block whose head stands in this row and first column of the sheet."""
    count = len(list(block.table.rows))
    chart = BarChart()
    chart.type, chart.gapWidth, chart.style = ("col" if block.upright else "bar"), 45, 10
    if block.stacked:
        chart.grouping, chart.overlap = "stacked", 100
    named = Reference(
        sheet, min_col=column + block.first, max_col=column + block.last, min_row=row, max_row=row + count
    )
    chart.add_data(named, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=column, min_row=row + 1, max_row=row + count))
    for series, tone in zip(chart.series, block.tones, strict=True):
        series.graphicalProperties = (
            GraphicalProperties(solidFill=TOKENS[tone]) if tone else GraphicalProperties(noFill=True)
        )
    if not block.legend:
        chart.legend = None
    else:
        chart.legend.position = "t"
    if not block.upright:
        chart.x_axis.scaling.orientation = "maxMin"  # first row on top, as in the table
    chart.y_axis.scaling.min = 0
    top = max(
        (sum(abs(v or 0) for v in row.cells[block.first : block.last + 1]) for row in block.table.rows), default=0
    )
    chart.y_axis.number_format = {
        Kind.MONEY: excel_short_money(top, currency, language),
        Kind.PERCENT: "0%",
    }.get(block.kind, "#,##0")
    quiet(chart, face, block.table.title)
    return chart


def quiet(chart, face, title):
    """Takes the default looks off: no frame, light grid, our colours, our type."""

    def lettering(size, tone, bold=False):
        font = DrawnFont(typeface=face)
        return CharacterProperties(sz=size, b=bold, solidFill=TOKENS[tone], latin=font, ea=font)

    def body():
        properties = ParagraphProperties(defRPr=lettering(900, "text-2"))
        return RichText(p=[Paragraph(pPr=properties, endParaRPr=CharacterProperties(sz=900))])

    chart.graphical_properties = GraphicalProperties(
        ln=LineProperties(solidFill=TOKENS["line"]), solidFill=TOKENS["surface"]
    )
    chart.x_axis.delete = chart.y_axis.delete = False
    for axis in (chart.x_axis, chart.y_axis):
        axis.txPr, axis.majorTickMark = body(), "none"
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=TOKENS["line-2"]))
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=TOKENS["line"]))
    if chart.legend:
        chart.legend.txPr = body()
    chart.title = clean(title)
    chart.title.overlay = False
    for paragraph in chart.title.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=lettering(1100, "text", bold=True))
