"""A report document as a workbook: a summary with native charts, the data as one table, filters and how it was made.

Cells hold values, not formulas: previewers on phones and in mail do not calculate; the figures are those of the PDF.
"""

from itertools import islice

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule, DataBarRule
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from crm.exchange.writing import text_width
from crm.figures import excel_change, excel_number, excel_percent, excel_short_money
from reports.chart_tables import block_of
from reports.document import Kind, Level, Row, Table, TableColumn, Waterfall
from reports.renderers.colours import TOKENS
from reports.renderers.excel_charts import native_chart
from reports.renderers.excel_sheet import Look, Sheet, alignment, number_format
from reports.wording import Words, clean

WIDTHS = (2.5, 24, *[15.5] * 9, 2.5)
FIRST, LAST = 2, 11  # the columns between the margins of the summary
COLUMN_CM = 3.05
MEASURED_ROWS = 300


def render_excel(document, stream):
    """Writes the document to a binary stream."""
    with translation.override(document.language):
        words = Words(document)
        book = Workbook(write_only=True)
        Summary(book, document, words).write()
        write_data(book, document, words)
        write_info(book, document, words)
        book.properties.title, book.properties.creator = clean(document.title), "Banyan"
        book.properties.created = timezone.make_naive(document.as_of, timezone.get_fixed_timezone(0))
        book.save(stream)


class Summary:
    """The first sheet, written from top to bottom; `row` is the next free one."""

    def __init__(self, book, document, words):
        self.document, self.words, self.row = document, words, 10
        self.grid = Sheet(book, gettext("Summary"), document.language, WIDTHS)

    def write(self):
        grid, document = self.grid, self.document
        grid.sheet.sheet_properties.tabColor = TOKENS["primary"]
        grid.sheet.freeze_panes = "A5"
        self.band()
        self.kpis()
        for chart in document.charts:
            self.chart(chart)
        for section in document.sections:
            self.chart(section) if isinstance(section, Waterfall) else self.table(section)
        for short in document.lists:
            if short.items:
                self.table(list_table(short))
        grid.print_as(self.words.filters(), 0)
        grid.flush()

    def band(self):
        grid, document, words = self.grid, self.document, self.words
        grid.heights.update({1: 8, 2: 30, 3: 20, 4: 10, 5: 8, 6: 18, 7: 32, 8: 18, 9: 8})
        for row in range(1, 5):
            for column in range(1, LAST + 2):
                grid.put(row, column, None, Look(ground="primary"))
        white = Look(tone="on-primary", ground="primary")
        grid.put(2, FIRST, clean(document.title), Look(20, "on-primary", True, ground="primary"))
        product = gettext("Banyan")
        grid.put(3, FIRST, f"{product} · {document.period}", white)
        for row, label, value in ((2, gettext("Scope"), document.scope), (3, gettext("For"), document.recipient)):
            grid.put(row, 8, gettext("%(label)s: %(value)s") % {"label": label, "value": clean(value)}, white)
        grid.put(
            4, 8, gettext("Data as of %(moment)s") % {"moment": words.as_of()}, Look(8, "on-quiet", ground="primary")
        )
        grid.heights[4] = 14

    def kpis(self):
        """Cards of two columns each, with real numbers in the cells."""
        grid, document, words = self.grid, self.document, self.words
        for position, kpi in enumerate(document.kpis[:5]):
            column, gap = FIRST + 2 * position, position > 0
            plain = kpi_format(kpi, kpi.value, document)
            for row in (6, 7, 8):
                grid.put(row, column, None, Look(ground="sunken", gap=gap))
                grid.put(row, column + 1, None, Look(ground="sunken"))
            grid.put(6, column, kpi.label, Look(tone="text-2", ground="sunken", indent=1, gap=gap))
            figure = Look(18, bold=True, align="left", indent=1, number_format=plain, ground="sunken", gap=gap)
            grid.put(7, column, kpi.value, figure)
            grid.merge(7, column, column + 1)
            change, tone = words.kpi_change(kpi), words.kpi_tone(kpi)
            moved = Look(
                10,
                f"{tone}-fg" if tone else "text-2",
                True,
                "left",
                1,
                number_format=excel_change(kpi.kind.value),
                ground="sunken",
                gap=gap,
            )
            grid.put(8, column, change.value, moved)
            if kpi.previous is not None:
                label = document.previous_label.replace('"', "")
                before = f'"{label} "{kpi_format(kpi, kpi.previous, document).split(";")[0]}'
                grid.put(
                    8, column + 1, kpi.previous, Look(9, "text-3", align="left", number_format=before, ground="sunken")
                )

    def chart(self, chart):
        """The numbers as cells, the chart at their right, or below them where they are wide."""
        block, start = block_of(chart), self.row + 1
        self.table(block.table, sums_last=block.stacked and not block.upright)
        if not block.table.rows:
            return
        native = native_chart(
            block, self.grid.sheet, start, FIRST, self.grid.face, self.document.currency, self.document.language
        )
        free = LAST - FIRST - len(block.table.columns)
        if free >= 3:
            column, row, native.width = LAST - free, start - 1, (free + 1) * COLUMN_CM
        else:
            column, row, native.width = FIRST, self.row, 10 * COLUMN_CM
        count = len(block.table.rows)
        native.height = 6.4 if block.upright else max(6.2, 2.2 + 0.62 * count)
        lines = int(native.height / 0.7) + 2
        self.grid.sheet.add_chart(native, f"{get_column_letter(column)}{row}")
        for line in range(row, row + lines):
            self.grid.heights.setdefault(line, 20)
        self.row = max(self.row, row + lines)

    def table(self, table, sums_last=False):
        """Title, head, rows; the head stands one row below self.row."""
        grid, currency = self.grid, self.document.currency
        grid.put(self.row, FIRST, clean(table.title), Look(12, bold=True))
        grid.put(self.row, FIRST + 2, clean(table.note), Look(9, "text-3"))
        columns = table.columns[: LAST - FIRST + 1]
        for position, column in enumerate(columns):
            right = "right" if column.is_right else ""
            grid.put(
                self.row + 1,
                FIRST + position,
                column.label,
                Look(9, "text-3", True, right, 0 if right else 1, rule="line-2"),
            )
        first = row = self.row + 2
        for entry in table.rows:
            for position, (value, column) in enumerate(zip(entry.cells, columns, strict=False)):
                look = cell_look(entry, position, column, currency)
                grid.put(row, FIRST + position, clean(value) if isinstance(value, str) else value, look)
            grid.heights[row] = 20
            row += 1
        if row == first:
            grid.put(row, FIRST, table.empty or gettext("Nothing in this period"), Look(tone="text-3", indent=1))
            row += 1
        add_rules(grid.sheet, columns, first, row - 1)
        self.row = row + 1


def list_table(short):
    columns = (
        TableColumn(gettext("Name")),
        TableColumn(gettext("Customer")),
        TableColumn(gettext("Figure"), short.kind),
        TableColumn(gettext("Why")),
    )
    return Table(
        short.title, "", columns, tuple(Row((item.name, item.about, item.value, item.why)) for item in short.items)
    )


def cell_look(entry, position, column, currency):
    mark = entry.marks.get(position)
    ground = (
        "primary-soft"
        if entry.level == Level.TOTAL
        else "sunken"
        if entry.level == Level.SUBTOTAL
        else f"{mark}-bg"
        if mark
        else ""
    )
    return Look(
        tone=f"{mark}-fg" if mark else "text-2" if column.quiet else "text",
        bold=entry.is_sum or bool(mark) or column.strong,
        align=alignment(column),
        indent=0 if position else 2 if entry.level == Level.MEMBER else 1,
        number_format=number_format(column, currency),
        ground=ground,
        rule="line-2" if entry.level == Level.TOTAL else "line",
    )


def add_rules(sheet, columns, first, last):
    """Bars behind per cents, our red for negative changes."""
    for position, column in enumerate(columns):
        letter = get_column_letter(FIRST + position)
        where = f"{letter}{first}:{letter}{last}"
        if column.bar:
            sheet.conditional_formatting.add(
                where, DataBarRule("num", 0, "num", 1, color=TOKENS["bar"], showValue=True)
            )
        if column.signed:
            sheet.conditional_formatting.add(where, CellIsRule("lessThan", ["0"], font=Font(color=TOKENS["red-fg"])))


def kpi_format(kpi, value, document):
    if kpi.kind == Kind.MONEY:
        return excel_short_money(value, document.currency, document.language)
    if kpi.kind == Kind.PERCENT:
        return excel_percent(1 if kpi.digits is None else kpi.digits)
    return excel_number(kpi.digits or 0)


def write_data(book, document, words):
    """One table over the whole sheet: frozen head and two columns, filters, widths from the text."""
    table = document.data
    rows = list(islice(table.rows, MEASURED_ROWS))
    grid = Sheet(
        book, gettext("Data"), document.language, [column_width(n, c, rows, words) for n, c in enumerate(table.columns)]
    )
    sheet = grid.sheet
    sheet.freeze_panes, sheet.print_title_rows = "C2", "1:1"
    grid.print_as(words.filters(), 0)
    heads = unique_heads(table.columns)
    head_looks = [Look(10, "on-primary", True, alignment(column), ground="primary") for column in table.columns]
    sheet.row_dimensions[1].height = 24
    sheet.append([grid.cell(head, look) for head, look in zip(heads, head_looks, strict=True)])
    looks, count = {}, 0
    for row in table.rows:
        cells = []
        for position, value in enumerate(row.cells):
            key = position, row.marks.get(position)
            if key not in looks:
                looks[key] = data_look(row, position, table.columns[position], document.currency)
            cells.append(grid.cell(value, looks[key]) if value is not None else None)
        sheet.append(cells)
        count += 1
    if not count:
        sheet.append([grid.cell(table.empty or gettext("Nothing in this period"), Look(tone="text-3"))])
        return
    add_excel_table(sheet, heads, count)


def data_look(row, position, column, currency):
    mark = row.marks.get(position)
    return Look(
        tone=f"{mark}-fg" if mark else "text-3" if column.quiet else "text",
        align=alignment(column),
        number_format=number_format(column, currency),
        ground=f"{mark}-bg" if mark else "",
        rule="line",
    )


def unique_heads(columns):
    """Excel wants a different, non-empty text over every column of a table."""
    heads = []
    for position, column in enumerate(columns, 1):
        head = clean(column.label) or str(position)
        heads.append(head if head.casefold() not in {h.casefold() for h in heads} else f"{head} ({position})")
    return heads


def add_excel_table(sheet, heads, count):
    """In write-only mode openpyxl cannot read the head, so the columns get their names by hand."""
    table = ExcelTable(displayName="Report", ref=f"A1:{get_column_letter(len(heads))}{count + 1}")
    table.tableStyleInfo = TableStyleInfo(name=None, showRowStripes=False)
    table._initialise_columns()
    for column, head in zip(table.tableColumns, heads, strict=True):
        column.name = head
    sheet.tables.add(table)  # add_table() would warn that the names must be set by hand, which they are


def column_width(position, column, rows, words):
    longest = max((text_width(words.cell(row.cells[position], column)) for row in rows), default=0)
    return min(42, max(longest + 3, text_width(column.label) + 5, 9))


def write_info(book, document, words):
    """The last sheet: filters, how it was made and with whose rights, what the words mean."""
    grid, row = Sheet(book, gettext("Filters and run"), document.language, (2.5, 22, 14, 78)), 2
    blocks = (
        (
            gettext("Filters"),
            [(f.label, f.operator, f.value) for f in document.filters] or [(gettext("No filters"), "", "")],
        ),
        (gettext("About this run"), [(label, "", value) for label, value in run_facts(document, words)]),
        (gettext("Definitions"), [(d.term, "", d.meaning) for d in document.definitions]),
    )
    for title, lines in blocks:
        if not lines:
            continue
        grid.put(row, 2, title, Look(12, bold=True))
        for line in lines:
            row += 1
            for column, value in enumerate(line, 2):
                value = clean(value) if isinstance(value, str) else value
                grid.put(
                    row,
                    column,
                    value,
                    Look(tone="text-2" if column == 2 else "text", align="left", wrap=column > 2, rule="line"),
                )
            grid.heights[row] = 20 if text_width(line[-1]) < 92 else 38
        row += 2
    grid.print_as(words.filters(), 1)
    grid.flush()


def run_facts(document, words):
    run, language = document.run, dict(settings.LANGUAGES)[document.language]
    facts = [
        (gettext("Period"), document.period),
        (gettext("Scope"), document.scope),
        (gettext("Rights"), document.rights),
        (gettext("Data as of"), words.as_of()),
        (gettext("Compared with"), document.compared_with),
    ]
    if run:
        facts += [(gettext("Made at"), words.made_at()), (gettext("Run number"), run.number)]
        facts += [(gettext("Schedule"), run.schedule)] if run.schedule else []
    return [
        *facts,
        (gettext("Rows"), document.row_count),
        (gettext("Language"), str(language)),
        (gettext("Time zone"), document.zone),
    ]
