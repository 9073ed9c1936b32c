"""What was recognised in a file, for the page that shows it before anything is checked."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .choices import AUTOMATIC, ReadChoices
from .delimited import raw_lines
from .encodings import Encoding
from .headings import Headings
from .kinds import LABELS, NO_TEXT, USUAL, WORKBOOKS, Kind, kind_of
from .limits import LIMITS, Limits
from .problems import EMPTY, UnreadableFile
from .reading import read_table
from .sources import Sheet

SHOWN = 20
READ_ON = 1_000  # lines that are read to tell what is left out
FIRST = 5
NO_ROWS = gettext_lazy("There are no rows below the headings.")


@dataclass(frozen=True)
class FileView:
    """A file as it would be read by these choices.

    used: the choices, complete. lines: the first (line, values) as they stand, those above the headings too.
    problem: why it cannot be read so; lines are those of the text then, uncut, and headings are missing.
    """

    kind: Kind
    used: ReadChoices
    problem: str = ""
    encoding: Encoding | None = None
    sheets: list[Sheet] = field(default_factory=list)
    head: Headings | None = None
    headings: list[str] = field(default_factory=list)
    lines: list[tuple[int, list]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(LABELS[self.kind])

    @property
    def sheet(self) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.place == self.used.sheet), None)


def inspect_file(
    path, choices: ReadChoices = AUTOMATIC, *, name="", limits: Limits = LIMITS, knows=(), is_checked=False
) -> FileView:
    """How the file would be read. Raises UnreadableFile when no choice could make it readable.

    name: what the person calls the file; a name that says something else is worth a note. The rest as in `read_table`.
    """
    kind = kind_of(Path(path))
    try:
        with read_table(path, choices, limits=limits, knows=knows, is_checked=is_checked) as table:
            view = view_of(table, name)
            rows = sum(1 for _row in islice(table.rows, READ_ON))
            # What stands further down is told once all lines were checked.
            notes = [*view.notes, *left_out_notes(left_out(table))] if rows < READ_ON else view.notes
            return replace(view, notes=notes if rows else [*notes, str(NO_ROWS)])
    except UnreadableFile as error:
        # Of text another encoding or other quotes may make a table; an empty file stays empty.
        if kind in WORKBOOKS or (choices == AUTOMATIC and error.message in (EMPTY, NO_TEXT)):
            raise
        return FileView(kind, choices, problem=str(error), lines=raw_lines(Path(path), choices, SHOWN))


def view_of(table, name="") -> FileView:
    """What is known of a table before its rows are read."""
    source = table.source
    return FileView(
        source.kind,
        table.used,
        encoding=source.encoding,
        sheets=source.sheets,
        head=table.head,
        headings=table.headings,
        lines=table.sample[:SHOWN],
        notes=_notes(table, source.kind, name),
    )


def _notes(table, kind, name) -> list[str]:
    notes = []
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in USUAL[kind] and ending:
        notes.append(
            _("The name ends with .%(ending)s, but the content is: %(kind)s. The content counts.")
            % {"ending": ending, "kind": LABELS[kind]}
        )
    hidden = [sheet.name for sheet in table.source.sheets if not sheet.is_visible]
    if hidden:
        notes.append(
            ngettext(
                "%(count)s hidden sheet is not read unless you choose it: %(names)s",
                "%(count)s hidden sheets are not read unless you choose them: %(names)s",
                len(hidden),
            )
            % {"count": len(hidden), "names": ", ".join(hidden)}
        )
    return notes + _notes_of_lines(table)


def _notes_of_lines(table):
    notes = []
    above = sum(line < table.head.lines[0] for line, _values in table.sample) if table.head.lines else 0
    if above:
        notes.append(
            ngettext(
                "%(count)s line above the headings is left out.",
                "%(count)s lines above the headings are left out.",
                above,
            )
            % {"count": above}
        )
    if table.source.merged:
        notes.append(
            ngettext(
                "%(count)s merged cell: each of its lines gets its value.",
                "%(count)s merged cells: each of their lines gets their value.",
                table.source.merged,
            )
            % {"count": table.source.merged}
        )
    if table.head.renamed:
        notes.append(
            _("Headings that stand above two columns were numbered: %(names)s")
            % {"names": ", ".join(table.head.renamed)}
        )
    return notes


def left_out(table) -> dict[str, list[int]]:
    """{why: [how many lines, the first of them]} of a table whose rows were all read."""
    lines = defaultdict(list)
    for line, why in table.left_out:
        lines[why].append(line)
    return {why: [len(found), *found[:FIRST]] for why, found in lines.items()}


def left_out_notes(found: dict[str, list[int]]) -> list[str]:
    """What `left_out` gave, in sentences."""
    return [
        _sentence(why, count) % {"count": count, "lines": ", ".join(map(str, lines))}
        for why, (count, *lines) in found.items()
    ]


def _sentence(why, count):
    match why:
        case "total":
            return ngettext(
                "%(count)s line of totals at the end is left out: line %(lines)s",
                "%(count)s lines of totals at the end are left out, first: %(lines)s",
                count,
            )
        case "headings":
            return ngettext(
                "%(count)s line that repeats the headings is left out: line %(lines)s",
                "%(count)s lines that repeat the headings are left out, first: %(lines)s",
                count,
            )
    return ngettext(
        "%(count)s remark is left out: line %(lines)s", "%(count)s remarks are left out, first: %(lines)s", count
    )
