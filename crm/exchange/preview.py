"""What a person sees of a checked file before anything is written: counts, kinds of problems, the lines themselves."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import Action
from crm.entities import importable
from crm.models import StagedRow

from .existing import SURE
from .importing import importer_for
from .inspecting import left_out_notes
from .making import to_be_made
from .mapping import foreign_amount
from .parsing import parse_text
from .problems import ParseError
from .rejects import OTHERS, labels_of, labels_of_made, problem_rows
from .result import same_text
from .staging import BESIDE
from .work import counts_of

SHOWN_ROWS = 50
CELL_LENGTH = 120
FIXED_VALUES = 12  # so many different values of a group are offered to be corrected one by one
READ_VALUES = 5_000  # lines of a group that are read for its values
Decision, Match = StagedRow.Decision, StagedRow.Match
TONES = {"create": "green", "update": "blue", "fill": "blue", "same": "gray", "skip": "gray", "reject": "red"} | {
    "twin": "amber"
}


@dataclass(frozen=True)
class ShownCell:
    """A cell as text, and what is wrong with it."""

    text: str
    error: str


@dataclass(frozen=True)
class Change:
    """A value that a line would change: of which field, from what to what."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownLine:
    """choices: (value, label, whether it is so) of what may become of a line that could be done in several ways."""

    line: int
    cells: list[ShownCell]
    decision: str
    word: str
    tone: str
    error: str
    match: str = ""
    choices: list[tuple] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """A kind of problem: key, column, what it says, how many lines have it."""

    key: str
    label: str
    text: str
    lines: int
    tone: str
    is_on: bool


class Preview:
    """One batch as the page shows it.

    params: kind=KEY keeps lines with one kind of problem, column=NAME those with a problem in a column, match=WHAT
    those that exist already; show=all shows good lines too; after=LINE goes on behind it.
    """

    def __init__(self, batch, params):
        self.batch, self.labels = batch, labels_of(batch)
        self.kind = params.get("kind") if params.get("kind") in batch.kinds else ""
        self.match = params.get("match") if params.get("match") in Match.values else ""
        self.column = params.get("column") if params.get("column") in {*self.labels, "line", "twin"} else ""
        self.shows_all = params.get("show") == "all" and not (self.column or self.kind or self.match)
        after = params.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 10 else 0

    @cached_property
    def counts(self) -> dict:
        return counts_of(self.batch)

    @property
    def filter(self) -> str:
        """The filter as it stands in the address."""
        said = {"kind": self.kind, "match": self.match, "column": self.column, "show": "all" if self.shows_all else ""}
        return next((f"{name}={value}" for name, value in said.items() if value), "")

    # -- groups ------------------------------------------------------------------------------------------------------
    @cached_property
    def problems(self) -> list[Problem]:
        """Kinds of errors, the most frequent first; then lines that exist already, by what shows it."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT kind, count(*) FROM {StagedRow._meta.db_table}, LATERAL jsonb_array_elements_text(kinds) kind
                    WHERE batch_id = %s AND decision = %s GROUP BY kind ORDER BY count(*) DESC, kind""",
                [self.batch.pk, Decision.REJECT],
            )
            found = cursor.fetchall()
        groups = [
            Problem(key, self.label_of(key.partition(":")[0]), self.batch.kinds[key], n, "red", key == self.kind)
            for key, n in found
            if key in self.batch.kinds
        ]
        twins = Counter(dict(self.matched.order_by().values_list("match").annotate(n=Count("pk"))))
        for match, number in twins.most_common():
            text = _("found by %(what)s") % {"what": Match(match).label}
            groups.append(Problem(match, _("Exists already"), text, number, "amber", match == self.match))
        return groups

    @property
    def matched(self):
        """Lines about which the person may decide: their record exists, or an earlier line means the same."""
        return self.batch.rows.exclude(match__in=["", *SURE]).exclude(decision=Decision.REJECT)

    def label_of(self, name: str) -> str:
        if not name:
            return _("The whole line")
        if "." in name:
            return labels_of_made(self.batch).get(name, name)
        labels = {one.name: one.label for one in self.batch.user.fields.columns(importable(self.batch.entity))}
        return str(capfirst(labels.get(name, OTHERS.get(name, name))))

    @property
    def problem(self) -> Problem | None:
        """The group that is shown."""
        return next((problem for problem in self.problems if problem.is_on), None)

    @property
    def heading(self) -> str:
        if self.shows_all:
            return _("All lines")
        return self.problem.label if self.problem else _("Lines with problems")

    @cached_property
    def values(self) -> list[tuple[str, int]]:
        """(value, number of lines) of the column of the shown kind of error, the most frequent first."""
        name = self.kind.partition(":")[0]
        places = [int(place) for place, other in self.batch.columns.items() if other == name]
        if len(places) != 1:
            return []
        rows = self.batch.rows.filter(decision=Decision.REJECT, kinds__contains=[self.kind])
        cells = rows.order_by("line").values_list("cells", flat=True)[:READ_VALUES]
        return Counter(full_text(row[places[0]]) for row in cells if places[0] < len(row)).most_common()

    @property
    def offered(self) -> list[tuple[str, int]]:
        return [(value, lines) for value, lines in self.values if value][:FIXED_VALUES]

    # -- words -------------------------------------------------------------------------------------------------------
    @property
    def headings(self) -> list[str]:
        """What stands above the shown columns: those that are imported, by our names."""
        return [self.labels[name] for name in self.batch.columns.values()]

    @property
    def left_out(self) -> list[str]:
        """Lines of the file that are no data."""
        return left_out_notes(self.batch.reading.get("left_out", {}))

    @property
    def unused(self) -> list[str]:
        used = {int(place) for place in self.batch.columns}
        return [heading for place, heading in enumerate(self.batch.headings) if heading and place not in used]

    @property
    def same_text(self) -> str:
        return same_text(self.counts["same"])

    @property
    def unknown(self) -> int:
        """How many different values match nothing, so that somebody must say what they mean."""
        return sum(len(values) for values in (self.batch.unmatched or {}).values())

    @cached_property
    def made(self) -> list[tuple[str, int]]:
        """(kind of record, number) of what the lines that are to be written bring along."""
        numbers = to_be_made(self.batch).order_by().values_list("entity").annotate(n=Count("pk"))
        return [(entity.label_plural(), n) for slug, n in numbers if (entity := importable(slug))]

    @property
    def foreign(self) -> list[str]:
        """Amounts, one a column, that are written in another currency than the company's."""
        samples = self.batch.samples or {}
        fields = importer_for(importable(self.batch.entity), self.batch.user).all_fields
        found = (
            foreign_amount(fields[name], samples.get(place) or {}, self.currency)
            for place, name in self.batch.columns.items()
            if name in fields
        )
        return [value for value in found if value]

    @property
    def currency(self) -> str:
        return self.batch.user.company.currency

    @property
    def links(self) -> int:
        """How many lines name another one as the record above theirs."""
        return self.batch.reading.get("links", 0)

    @property
    def idle(self) -> list[str]:
        """Labels of the columns that fill new records of another kind alone, when none is made nor asked for."""
        if self.made or self.batch.options.get("make"):
            return []
        return [self.labels[name] for name in self.batch.columns.values() if "." in name]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may become of lines whose record exists already, when nobody has decided about each."""
        return [
            ("twin", _("leave out")),
            ("update", _("change with the values of the file")),
            ("fill", _("fill empty fields only")),
            ("create", _("add once more")),
        ]

    # -- lines -------------------------------------------------------------------------------------------------------
    @cached_property
    def _rows(self) -> list:
        rows = self.batch.rows.order_by("line") if self.shows_all else problem_rows(self.batch)
        if self.kind:
            rows = rows.filter(kinds__contains=[self.kind])
        elif self.match or self.column == "twin":
            rows = self.matched.filter(match=self.match) if self.match else self.matched
            rows = rows.order_by("line")
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

    @property
    def may_decide(self) -> bool:
        return any(row.match and row.match not in SURE for row in self._rows)

    @cached_property
    def targets(self) -> dict:
        """{key: record} of those that the shown lines mean and the person may change."""
        keys = [row.target_id for row in self._rows if row.changes]
        model = importable(self.batch.entity).model
        return model.objects.visible_to(self.batch.user, Action.CHANGE).in_bulk(keys) if keys else {}

    def shown(self, row) -> ShownLine:
        cells = [
            ShownCell(text_of(row.cells[int(place)]) if int(place) < len(row.cells) else "", row.errors.get(name, ""))
            for place, name in self.batch.columns.items()
        ]
        beside = {name: text for name, text in row.errors.items() if name not in self.labels}
        error = " ".join(text if not name else f"{self.label_of(name)}: {text}" for name, text in beside.items())
        is_done = row.decision in (*StagedRow.WRITTEN, Decision.SKIP)
        return ShownLine(
            row.line,
            cells,
            row.decision,
            row.get_decision_display(),
            TONES[row.decision],
            "" if is_done else error,
            row.get_match_display() if row.match else "",
            self.choices_of(row),
            self.changes_of(row),
        )

    def choices_of(self, row) -> list[tuple]:
        if not row.match or row.match in SURE or row.decision == Decision.REJECT:
            return []
        able = {"update": row.changes is not None, "fill": row.changes is not None, "create": row.data is not None}
        chosen = "twin" if row.decision == Decision.SKIP else row.decision
        return [(value, label, value == chosen) for value, label in self.choices if able.get(value, True)]

    def changes_of(self, row) -> list[Change]:
        """What the line would change in its record, by our names; protected values are not shown."""
        target = self.targets.get(row.target_id)
        if target is None or not row.changes:
            return []
        entity, found = importable(self.batch.entity), []
        columns = {one.name: one for one in self.batch.user.fields.columns(entity)}
        for place, name in self.batch.columns.items():
            column = columns.get(name)
            field = next((f for f in entity.model._meta.concrete_fields if f.name == name), None)
            is_changed = (field is not None and field.column in row.changes) or name in row.changes.get(BESIDE, {})
            is_changed = is_changed or (name == "owner" and "import:owner" in row.changes)
            if column is None or not is_changed:
                continue
            old = "" if column.is_page else text_of(column.plain(target) or "")
            found.append(Change(str(capfirst(column.label)), old, text_of(row.cells[int(place)])))
        return found


def full_text(cell) -> str:
    try:
        return parse_text(cell)
    except ParseError:
        return "".join(character for character in str(cell) if character.isprintable())


def text_of(cell) -> str:
    """A cell as the page shows it, cut when it is long."""
    text = full_text(cell)
    return text if len(text) <= CELL_LENGTH else f"{text[: CELL_LENGTH - 1]}…"
