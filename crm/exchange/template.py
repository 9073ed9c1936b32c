"""The empty workbook that people fill in: headings as the import knows them, and lists of choices in their columns."""

from __future__ import annotations

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

MOST_CHOICES = 200  # records: of more, one types the name
LAST_ROW = 10_000


def write_template(file, importer):
    """Write it to a file; lists of records hold those that the person sees."""
    book = Workbook()
    sheet, lists = book.active, book.create_sheet(_("Choices"))
    sheet.title, sheet.freeze_panes, place = _("Data"), "A2", 0
    for number, one in enumerate(importer.fields.values(), 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 18
        put(sheet, 1, number, str(capfirst(one.label)))
        sheet.cell(1, number).font = Font(bold=importer.is_required(one))
        if choices := choices_of(one):
            place += 1
            for row, value in enumerate([str(capfirst(one.label)), *choices], 1):
                put(lists, row, place, value)
            source = get_column_letter(place)
            check = DataValidation("list", formula1=f"'{lists.title}'!${source}$2:${source}${len(choices) + 1}")
            check.allow_blank, check.showErrorMessage, check.errorStyle = True, True, "warning"
            check.error = _("Choose one of the list, or leave the cell empty.")
            check.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.add_data_validation(check)
    book.save(file)


def put(sheet, row: int, column: int, value: str):
    """Text stays text, also when it looks like a formula."""
    cell = sheet.cell(row, column, value)
    cell.data_type = "s"


def choices_of(one) -> list[str]:
    """The labels of a fixed set, or the names of the records that the person sees when there are few."""
    if one.choices:
        return [str(label) for _code, label in one.choices]
    if one.lookup is None:
        return []
    rows = [*one.lookup.rows()[: MOST_CHOICES + 1]]
    return [str(row) for row in rows] if len(rows) <= MOST_CHOICES else []
