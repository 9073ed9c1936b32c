"""How large a table may be that somebody hands us.

Measured with 1,000,000 x 15 cells: an .xlsx of 106 MB (666 MB unpacked, 3 million different texts) takes 230 MB in the
process that reads it in pieces, where reading it whole took 1,250 MB; a text of 162 MB takes nothing beside the web
process. What cannot be cut (.ods, .xlsb, .xls) is held whole: some 10 million cells fit into `memory`.
"""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    bytes: int = 190 * MEGABYTE
    rows: int = 1_000_000
    columns: int = 200
    cell: int = 10_000  # characters
    # A workbook is a zip: a few kilobytes can claim, or truly become, gigabytes.
    unzipped: int = 1_536 * MEGABYTE
    parts: int = 2_000
    split: int = 64 * MEGABYTE  # a larger sheet of an .xlsx is read in pieces; whole is faster, and takes 150 MB
    piece: int = 3 * MEGABYTE  # and so large is each
    memory: int = 1_024 * MEGABYTE  # address space of the process that reads a workbook, its code included
    seconds: int = 240


LIMITS = Limits()
