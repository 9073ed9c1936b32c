"""How a text table cuts its lines: delimiter and quotes, found by trying them on the beginning of the file."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DELIMITERS = {
    ",": _("Comma"),
    "\t": pgettext_lazy("delimiter", "Tab"),
    ";": _("Semicolon"),
    "|": _("Vertical bar"),
}
# double: "a ""b"" c". backslash: "a \"b\" c". none: quotes are letters like others.
QUOTES = {
    "double": _("Double quotes"),
    "backslash": _("Double quotes, \\ before those inside"),
    "single": _("Single quotes"),
    "none": _("No quotes"),
}
RULES = {
    "double": {"quotechar": '"', "strict": True},
    "backslash": {"quotechar": '"', "escapechar": "\\", "strict": True},
    "single": {"quotechar": "'", "strict": True},
    "none": {"quoting": csv.QUOTE_NONE},
}
SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
ROWS = 100


@dataclass(frozen=True)
class Dialect:
    """has_sep_line: the first line is Excel's `sep=;` and no row. is_spaced: a blank stands after each delimiter."""

    delimiter: str
    quote: str
    has_sep_line: bool = False
    is_spaced: bool = False

    def reader(self, lines):
        rules = RULES.get(self.quote, RULES["double"])
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.is_spaced, **rules)


def dialect_of(sample: str, is_cut: bool, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """sample: the beginning of the text; is_cut: there is more. What is given is kept, the rest is recognised."""
    sep = SEP_LINE.match(sample)
    sample = sample[sep.end() :] if sep else sample
    delimiters = [delimiter] if delimiter else [sep[1]] if sep else list(DELIMITERS)
    quotes = [quote] if quote else ["single"] if _is_single(sample) else ["double", "backslash"]
    options = [
        Dialect(mark, name, bool(sep), bool(re.search(re.escape(mark) + ' +"', sample)))
        for name in quotes
        for mark in delimiters
    ]
    return max(options, key=lambda option: _fit(option, sample, is_cut))


def _is_single(sample):
    """Whether the cells stand in single quotes; one apostrophe before a cell is our own export's."""
    lines = [line for line in sample.splitlines()[:ROWS] if line]
    return '"' not in sample and bool(lines) and all(re.fullmatch(r"'.*'", line) for line in lines)


def _fit(dialect, sample, is_cut) -> float:
    """How well the beginning falls into rows of one width; little when the quotes do not match."""
    widths, loss = [], 0
    try:
        for row in dialect.reader(io.StringIO(sample, newline="")):
            while row and not row[-1].strip():
                row.pop()
            if row:
                widths.append(len(row))
            if len(widths) == ROWS:
                break
    except csv.Error as error:
        loss = 0 if is_cut and "unexpected end" in str(error) else 0.9
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return -loss
    width, rows = max(wide.items(), key=lambda item: (item[1], item[0]))
    return rows / len(widths) + min(width, 50) / 1000 - loss
