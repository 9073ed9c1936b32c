"""How large a table may be that somebody hands us."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    bytes: int = 50 * MEGABYTE
    rows: int = 200_000
    columns: int = 200
    cell: int = 10_000  # characters
    # A workbook is a zip: a few kilobytes can claim, or truly become, gigabytes.
    unzipped: int = 500 * MEGABYTE
    parts: int = 2_000
    memory: int = 1_024 * MEGABYTE  # address space of the process that reads a workbook, its code included
    seconds: int = 60


LIMITS = Limits()
