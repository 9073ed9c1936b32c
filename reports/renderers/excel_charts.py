"""Native charts of a workbook, over the small tables of numbers that feed them."""

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.drawing.text import Font as DrawnFont

from crm.figures import excel_short_money
from reports.document import Kind
from reports.renderers.colours import TOKENS
from reports.wording import clean


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
