"""Import and export: the only way of a table into the house and out of it."""

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
from .writing import csv_lines, write_csv, write_xlsx

__all__ = [
    "LIMITS",
    "Choices",
    "Limits",
    "ParseError",
    "Table",
    "UnreadableFile",
    "csv_lines",
    "is_empty",
    "match_key",
    "parse_boolean",
    "parse_date",
    "parse_decimal",
    "parse_email",
    "parse_integer",
    "parse_text",
    "read_table",
    "write_csv",
    "write_xlsx",
]
