"""Where the rows of a table come from: one shape for text, workbooks and business cards."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .choices import ReadChoices
from .encodings import Encoding
from .kinds import Kind


@dataclass(frozen=True)
class Sheet:
    """rows: how many the file says, empty ones included; None when only reading would tell."""

    place: int
    name: str
    is_visible: bool
    rows: int | None = None


@dataclass
class Source:
    """rows: (line number, values), read once; close it. used: the choices with all that was recognised so far.

    merges: (first line, first column, last line, last column) of merged cells near the top, counted from 1 and 0.
    merged: how many merged areas the sheet has.
    """

    kind: Kind
    rows: Iterator[tuple[int, list]]
    used: ReadChoices
    encoding: Encoding | None = None
    sheets: list[Sheet] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    merged: int = 0
