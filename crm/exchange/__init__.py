"""Import and export: the only way of a table into the house and out of it."""

from .choices import ReadChoices
from .converting import Mapping
from .exporting import DIRECT_ROWS, Export
from .importing import Importer, importer_for
from .inspecting import FileView, inspect_file
from .limits import LIMITS, Limits
from .matching import match_key
from .parsing import (
    Choices,
    is_empty,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_email,
    parse_integer,
    parse_text,
)
from .problems import ParseError, UnreadableFile
from .reading import Table, read_table
from .uploads import begin_check, begin_import
from .work import refresh_statistics, start_import
from .writing import csv_lines, write_csv, write_xlsx

__all__ = [
    "DIRECT_ROWS",
    "LIMITS",
    "Choices",
    "Export",
    "FileView",
    "Importer",
    "Limits",
    "Mapping",
    "ParseError",
    "ReadChoices",
    "Table",
    "UnreadableFile",
    "begin_check",
    "begin_import",
    "csv_lines",
    "importer_for",
    "inspect_file",
    "is_empty",
    "match_key",
    "parse_boolean",
    "parse_date",
    "parse_decimal",
    "parse_email",
    "parse_integer",
    "parse_text",
    "read_table",
    "refresh_statistics",
    "start_import",
    "write_csv",
    "write_xlsx",
]
