"""What a person sees of a checked file before anything is written: counts, kinds of problems, the lines themselves."""

from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.utils.translation import gettext as _

from crm.models import StagedRow

from .parsing import parse_text
from .problems import ParseError
from .rejects import labels_of, problem_rows
from .result import same_text
from .work import counts_of

SHOWN_ROWS = 50
CELL_LENGTH = 120
Decision = StagedRow.Decision
TONES = {"create": "green", "update": "blue", "fill": "blue", "same": "gray", "skip": "gray", "reject": "red"} | {
    "twin": "amber"
}


@dataclass(frozen=True)
class ShownCell:
    """A cell as text, and what is wrong with it."""

    text: str
    error: str


@dataclass(frozen=True)
class ShownLine:
    line: int
    cells: list[ShownCell]
    decision: str
    word: str
    tone: str
    error: str


@dataclass(frozen=True)
class Problem:
    """A kind of problem: the column it is about, how many lines have it."""

    name: str
    label: str
    lines: int
    tone: str
    is_on: bool


class Preview:
    """One batch as the page shows it.

    params: column=NAME keeps lines with a problem there, show=all shows good lines too, after=LINE goes on behind it.
    """

    def __init__(self, batch, params):
        self.batch, self.labels = batch, labels_of(batch)
        self.column = params.get("column") if params.get("column") in {*self.labels, "line", "twin"} else ""
        self.shows_all = params.get("show") == "all" and not self.column
        after = params.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 10 else 0

    @cached_property
    def counts(self) -> dict:
        return counts_of(self.batch)

    @property
    def same_text(self) -> str:
        return same_text(self.counts["same"])

    @property
    def unknown(self) -> int:
        """How many different values match nothing, so that somebody must say what they mean."""
        return sum(len(values) for values in (self.batch.unmatched or {}).values())

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may become of lines whose record exists already, when nobody has decided about each."""
        return [
            ("twin", _("leave out")),
            ("update", _("change with the values of the file")),
            ("fill", _("fill empty fields only")),
            ("create", _("add once more")),
        ]

    @cached_property
    def problems(self) -> list[Problem]:
        """By column; errors of the whole line and lines that exist already at the end."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT name, count(*) FROM {StagedRow._meta.db_table}, LATERAL jsonb_object_keys(errors) AS name
                    WHERE batch_id = %s AND decision = %s GROUP BY name""",
                [self.batch.pk, Decision.REJECT],
            )
            found = dict(cursor.fetchall())
        named = [(name, label, found.get(name, 0), "red") for name, label in self.labels.items()]
        named += [
            ("line", _("The whole line"), found.get("", 0), "red"),
            ("twin", _("Exists already"), self.counts["twin"], "amber"),
        ]
        return [Problem(*one, is_on=one[0] == self.column) for one in named if one[2]]

    @property
    def heading(self) -> str:
        if self.shows_all:
            return _("All lines")
        return next((problem.label for problem in self.problems if problem.is_on), _("Lines with problems"))

    @property
    def headings(self) -> list[str]:
        """What stands above the shown columns: those that are imported, by our names."""
        return list(self.labels.values())

    @property
    def unused(self) -> list[str]:
        used = {int(place) for place in self.batch.columns}
        return [heading for place, heading in enumerate(self.batch.headings) if heading and place not in used]

    @cached_property
    def _rows(self) -> list:
        rows = self.batch.rows.order_by("line") if self.shows_all else problem_rows(self.batch)
        if self.column == "twin":
            rows = rows.filter(decision=Decision.TWIN)
        elif self.column:
            rows = rows.filter(decision=Decision.REJECT, errors__has_key="" if self.column == "line" else self.column)
        return list(rows.filter(line__gt=self.after)[: SHOWN_ROWS + 1])

    @property
    def more(self) -> int:
        """The line behind which there are more; 0 when there are none."""
        return self._rows[SHOWN_ROWS - 1].line if len(self._rows) > SHOWN_ROWS else 0

    @property
    def lines(self) -> list[ShownLine]:
        return [self.shown(row) for row in self._rows[:SHOWN_ROWS]]

    def shown(self, row) -> ShownLine:
        tone = TONES[row.decision]
        cells = [
            ShownCell(text_of(row.cells[int(place)]) if int(place) < len(row.cells) else "", row.errors.get(name, ""))
            for place, name in self.batch.columns.items()
        ]
        return ShownLine(row.line, cells, row.decision, row.get_decision_display(), tone, row.errors.get("", ""))


def text_of(cell) -> str:
    """A cell as the page shows it, cut when it is long."""
    try:
        text = parse_text(cell)
    except ParseError:
        text = "".join(character for character in str(cell) if character.isprintable())
    return text if len(text) <= CELL_LENGTH else f"{text[: CELL_LENGTH - 1]}…"
