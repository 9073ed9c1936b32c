"""One sheet of a workbook as a grid: cells in any order, styles made once, rows handed to openpyxl at the end."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from crm.exchange.neutral import is_risky
from crm.exchange.sheets import CELL_LENGTH, UNWRITABLE
from crm.figures import EXCEL_DATE, excel_money, excel_number, excel_percent
from reports.document import Kind
from reports.renderers.colours import TOKENS

FACES = {"zh-hans": "Microsoft YaHei", "en": "Calibri"}
A4 = 9


@dataclass(frozen=True)
class Look:
    """How a cell looks; equal looks share one style in the file."""

    size: float = 10
    tone: str = "text"
    bold: bool = False
    align: str = ""
    indent: int = 0
    wrap: bool = False
    number_format: str = "General"
    ground: str = ""
    rule: str = ""
    gap: bool = False


class Sheet:
    """A grid over a write-only worksheet. Rows and columns count from one; flush() writes it, once."""

    def __init__(self, book, title, language, widths=()):
        self.sheet = book.create_sheet(title)
        self.face = FACES.get(language, "Calibri")
        self.cells, self.heights, self.styles = {}, {}, {}
        self.sheet.sheet_view.showGridLines = False
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        for number, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width

    def put(self, row, column, value, look=None):
        self.cells[row, column] = self.cell(value, look or Look())

    def cell(self, value, look):
        """A number or date as itself, everything else as text that no program runs."""
        if isinstance(value, datetime.date) and value.year < 1900:
            value = value.isoformat()  # Excel's calendar begins in 1900
        if value is None or isinstance(value, (int, Decimal, datetime.date)):
            cell, quoted = WriteOnlyCell(self.sheet, value), False
        else:
            text = UNWRITABLE.sub("", str(value))[:CELL_LENGTH]
            cell, quoted = WriteOnlyCell(self.sheet, text), is_risky(text)
            cell.data_type = "s"  # openpyxl takes text that begins with "=" for a formula
        cell._style = self._style(look, quoted)
        return cell

    def _style(self, look, quoted):
        if (look, quoted) not in self.styles:
            pattern = WriteOnlyCell(self.sheet)
            pattern.font = Font(name=self.face, size=look.size, bold=look.bold, color=TOKENS[look.tone])
            pattern.alignment = Alignment(
                look.align or ("left" if look.indent else None), "center", indent=look.indent, wrap_text=look.wrap
            )
            pattern.number_format, pattern.quotePrefix = look.number_format, quoted
            if look.ground:
                pattern.fill = PatternFill("solid", fgColor=TOKENS[look.ground])
            if look.rule or look.gap:
                bottom = Side("thin", TOKENS[look.rule]) if look.rule else None
                pattern.border = Border(bottom=bottom, left=Side("thick", TOKENS["surface"]) if look.gap else None)
            self.styles[look, quoted] = pattern._style
        return self.styles[look, quoted]

    def merge(self, row, first, last):
        self.sheet.merged_cells.add(f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}")

    def print_as(self, foot, pages_high):
        """Landscape A4, fitted to the width, with the filters and the page number in the foot."""
        setup, margins, footer = self.sheet.page_setup, self.sheet.page_margins, self.sheet.oddFooter
        setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", A4, 1, pages_high
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.footer = 0.5, 0.75, 0.35
        footer.left.text, footer.left.size = foot.replace("&", "&&")[:200], 8
        footer.right.text = "&P / &N"

    def flush(self):
        for number, height in self.heights.items():
            self.sheet.row_dimensions[number].height = height
        last, widest = (
            max((row for row, _column in self.cells), default=0),
            max((c for _row, c in self.cells), default=0),
        )
        for row in range(1, last + 1):
            self.sheet.append([self.cells.get((row, column)) for column in range(1, widest + 1)])


def number_format(column, currency):
    """The Excel format of a column of the document."""
    if column.kind == Kind.MONEY:
        return excel_money(currency, column.digits or 0, column.signed)
    if column.kind == Kind.PERCENT:
        return excel_percent(1 if column.digits is None else column.digits, column.signed)
    if column.kind in (Kind.COUNT, Kind.DAYS):
        return excel_number(column.digits or 0, column.signed)
    return EXCEL_DATE if column.kind == Kind.DATE else "General"


def alignment(column):
    return "right" if column.is_right else "center" if column.kind == Kind.DATE else ""
