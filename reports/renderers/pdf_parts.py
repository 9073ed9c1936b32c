"""Parts of a PDF page: the row of KPI cards, a card with a chart, the table of figures."""

from reportlab.platypus import Flowable, LongTable

from crm.figures import split_unit
from reports.charts import draw
from reports.document import Kind, Level
from reports.renderers.pdf_canvas import BOLD, COLOURS, PLAIN, ROOM, cut, measure, paint, wrap, write

MANY_ROWS = 300  # from here on text is cut to one line: measuring and breaking every cell would take seconds
TIGHT_ROWS = 14  # longer tables have lower rows, so that a list of the first twenty-two fits on a page
LINE, KPI_HEIGHT = 11, 74
INDENT, INDENT_WIDTH = "    ", 9


class KpiRow(Flowable):
    """Cards side by side: label, figure, change and the figure before."""

    gap = 10

    def __init__(self, kpis, words):
        super().__init__()
        self.kpis, self.words, self.height = kpis, words, KPI_HEIGHT

    def wrap(self, *_available):
        return ROOM, self.height

    def draw(self):
        width = (ROOM - self.gap * (len(self.kpis) - 1)) / max(1, len(self.kpis))
        for position, kpi in enumerate(self.kpis):
            self._card(kpi, position * (width + self.gap), width)

    def _card(self, kpi, x, width):
        canvas, words, room = self.canv, self.words, width - 24
        canvas.setStrokeColor(COLOURS["line"])
        canvas.setLineWidth(0.7)
        canvas.roundRect(x, 0, width, self.height, 6)
        write(canvas, x + 12, 55, cut(kpi.label, room, 9), 9, "text-2")
        figure, unit = split_unit(words.kpi(kpi))
        size = 19 * min(1, (room - measure(unit, 9.5) - 3) / max(1, measure(figure, 19, True)))
        write(canvas, x + 12, 30, figure, size, "text", True)
        write(canvas, x + 15 + measure(figure, size, True), 30, unit, 9.5, "text-2")
        if kpi.previous is None:
            return
        change, tone = words.kpi_change(kpi).text, words.kpi_tone(kpi)
        write(canvas, x + 12, 12, change, 8.5, f"{tone}-fg" if tone else "text-2", True)
        used = measure(change, 8.5, True) + 5
        write(canvas, x + 12 + used, 12, cut(words.kpi_before(kpi), room - used, 8.5), 8.5, "text-3")


class ChartCard(Flowable):
    """A titled box with a chart in it. least: how low it may become to stay on the page."""

    def __init__(self, chart, width, height, pen, least=None):
        super().__init__()
        self.chart, self.width, self.height, self.pen, self.least = chart, width, height, pen, least or height

    def wrap(self, _width, room):
        if self.least <= room < self.height:
            self.height = room - 1
        return self.width, self.height

    def draw(self):
        canvas, chart, room = self.canv, self.chart, self.width - 24
        canvas.setStrokeColor(COLOURS["line"])
        canvas.setLineWidth(0.7)
        canvas.roundRect(0, 0, self.width, self.height, 6)
        title = cut(chart.title, room, 11, True)
        used = measure(title, 11, True) + 8
        write(canvas, 12, self.height - 19, title, 11, "text", True)
        if room - used > 30:
            write(canvas, 12 + used, self.height - 19, cut(chart.note, room - used, 8.5), 8.5, "text-3")
        paint(canvas, draw(chart, room, self.height - 46, self.pen), 12, self.height - 34)


class ShareBar(Flowable):
    """A bar to the scale of a hundred per cent with its figure behind it."""

    def __init__(self, share, text, width, bold):
        super().__init__()
        self.share, self.text, self.width, self.height, self.bold = share, text, width, 8, bold

    def wrap(self, *_available):
        return self.width, self.height

    def draw(self):
        canvas, length = self.canv, self.width - 42
        if length > 8:
            canvas.setFillColor(COLOURS["line"])
            canvas.roundRect(0, 1, length, 6, 3, stroke=0, fill=1)
            filled = length * float(min(1, max(0, self.share or 0)))
            canvas.setFillColor(COLOURS["c1"])
            if filled >= 6:
                canvas.roundRect(0, 1, filled, 6, 3, stroke=0, fill=1)
            elif filled > 0:
                canvas.rect(0, 1, filled, 6, stroke=0, fill=1)
        write(canvas, self.width, 0.2, self.text, 9, "text", self.bold, "end")


def data_table(table, words):
    """The rows with hairlines, sums on a sunken ground, marked cells tinted; None where there is no row."""
    rows = list(table.rows)
    if not rows:
        return None
    total = sum(column.weight for column in table.columns)
    widths = [ROOM * column.weight / total for column in table.columns]
    lines = 1 if len(rows) > MANY_ROWS else 2
    height = 17.4 if len(rows) > TIGHT_ROWS else 20.2
    head = _head(table, widths)
    cells, heights = [head], [22.0 if max(map(_lines, head)) == 1 else 22.0 + LINE]
    for row in rows:
        texts = [_cell(*cell, row, lines, words) for cell in zip(row.cells, table.columns, widths, strict=True)]
        if row.level == Level.MEMBER:
            texts[0] = "\n".join(INDENT + line for line in str(texts[0]).split("\n"))
        cells.append(texts)
        heights.append(height + LINE * (max(_lines(text) for text in texts) - 1))
    grid = LongTable(cells, widths, heights, repeatRows=1, style=_look(table, rows))
    grid.heights = heights
    return grid


def _lines(cell):
    return cell.count("\n") + 1 if isinstance(cell, str) else 1


def _head(table, widths):
    return ["\n".join(wrap(c.label, width - 12, 8.5)) for c, width in zip(table.columns, widths, strict=True)]


def _cell(value, column, width, row, lines, words):
    text, bold = words.cell(value, column), row.is_sum or column.strong
    if column.bar and column.kind == Kind.PERCENT and value is not None:
        return ShareBar(value, text, width - 14, row.is_sum)
    if column.kind != Kind.TEXT:
        return cut(text, width - 8, 9, bold)
    return "\n".join(wrap(text, width - 14 - INDENT_WIDTH, 9, bold, lines))


def _look(table, rows):
    commands = [
        ("FONT", (0, 0), (-1, -1), PLAIN, 9, LINE),
        ("TEXTCOLOR", (0, 0), (-1, -1), COLOURS["text"]),
        ("FONT", (0, 0), (-1, 0), PLAIN, 8.5, LINE),
        ("TEXTCOLOR", (0, 0), (-1, 0), COLOURS["text-3"]),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, COLOURS["line-2"]),
        ("LINEBELOW", (0, 1), (-1, -1), 0.5, COLOURS["line"]),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 7),
        ("RIGHTPADDING", (0, 0), (-1, -1), 7),
    ]
    for position, column in enumerate(table.columns):
        where = (position, 1), (position, -1)
        commands += [("ALIGN", (position, 0), (position, -1), "RIGHT")] if column.is_right else []
        commands += [("FONT", *where, BOLD, 9, LINE)] if column.strong else []
        commands += [("TEXTCOLOR", *where, COLOURS["text-2"])] if column.quiet else []
    for number, row in enumerate(rows, 1):
        if row.is_sum:
            across = (0, number), (-1, number)
            commands += [("FONT", *across, BOLD, 9, LINE), ("BACKGROUND", *across, COLOURS["sunken"])]
        for position, tone in row.marks.items():
            cell = (position, number), (position, number)
            commands += [
                ("BACKGROUND", *cell, COLOURS[f"{tone}-bg"]),
                ("TEXTCOLOR", *cell, COLOURS[f"{tone}-fg"]),
                ("FONT", *cell, BOLD, 9, LINE),
            ]
    return commands
