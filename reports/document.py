"""What a report says, free of any output: a Report makes a ReportDocument, the renderers draw it and know no report.

Values are raw (Decimal, int, date, text); reports.wording makes their text from crm.figures, in every output alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"
    DATE = "date"


class Level(StrEnum):
    """What a row of a table is: an ordinary one, a member of a group, the group's sum, the sum of all."""

    ROW = "row"
    MEMBER = "member"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


class Role(StrEnum):
    """What a step of a waterfall does; it decides the colour. OPEN and CLOSE are whole bars."""

    OPEN = "open"
    PLUS = "plus"
    MINUS = "minus"
    WON = "won"
    LOST = "lost"
    CLOSE = "close"


@dataclass(frozen=True)
class Figure:
    """A number inside a sentence. `short` money is ¥1.29M, `signed` is +1.9%."""

    kind: Kind
    value: object
    strong: bool = False
    short: bool = True
    signed: bool = False
    digits: int | None = None


@dataclass(frozen=True)
class Sentence:
    """A translated text with named places, "%(open)s stands …", and the figures or texts that go there."""

    text: str
    values: dict[str, Figure | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kpi:
    """better: "up" or "down" says which way is good news; None leaves the change without a colour."""

    label: str
    value: object
    kind: Kind = Kind.COUNT
    previous: object = None
    better: str | None = "up"
    digits: int | None = None


@dataclass(frozen=True)
class FunnelStep:
    """reached: how many got at least this far; open_count, open_amount: what stands here now (None in the last)."""

    label: str
    reached: int
    open_count: int | None = None
    open_amount: Decimal | None = None
    is_won: bool = False


@dataclass(frozen=True)
class Funnel:
    title: str
    note: str
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True)
class StackedBars:
    """bars: (label, one value a series). At most five series; `upright` columns are for time."""

    title: str
    note: str
    kind: Kind
    series: tuple[str, ...]
    bars: tuple[tuple[str, tuple], ...]
    upright: bool = False

    def __post_init__(self):
        if not 1 <= len(self.series) <= 5:
            raise ValueError("a stacked chart has one to five series; the rest is summed up as other")
        if any(len(values) != len(self.series) for _label, values in self.bars):
            raise ValueError("every bar has one value a series")


@dataclass(frozen=True)
class Bars:
    """bars: (label, value, remark), longest first or in their natural order; a remark stands after the figure."""

    title: str
    note: str
    kind: Kind
    bars: tuple[tuple[str, object, str], ...]
    digits: int | None = None


@dataclass(frozen=True)
class WaterfallStep:
    label: str
    value: Decimal
    role: Role


@dataclass(frozen=True)
class Waterfall:
    """From an opening bar over signed steps to the closing bar; refused when the steps do not add up."""

    title: str
    note: str
    steps: tuple[WaterfallStep, ...]
    kind: Kind = Kind.MONEY

    def __post_init__(self):
        if [step.role for step in self.steps if step.role in (Role.OPEN, Role.CLOSE)] != [Role.OPEN, Role.CLOSE]:
            raise ValueError("a waterfall has one opening and one closing step")
        if self.steps[0].role != Role.OPEN or self.steps[-1].role != Role.CLOSE:
            raise ValueError("a waterfall begins with the opening and ends with the closing step")
        if sum(step.value for step in self.steps[:-1]) != self.steps[-1].value:
            raise ValueError("the waterfall does not add up")

    def spans(self):
        """(step, low, high) of each bar, from the ground for opening and closing."""
        level, spans = Decimal(0), []
        for step in self.steps:
            start = Decimal(0) if step.role in (Role.OPEN, Role.CLOSE) else level
            level = start + step.value
            spans.append((step, min(start, level), max(start, level)))
        return spans


@dataclass(frozen=True)
class TableColumn:
    """weight: share of the width against the other columns; bar: a percent also drawn as a bar; strong: bold text."""

    label: str
    kind: Kind = Kind.TEXT
    weight: float = 1.0
    signed: bool = False
    digits: int | None = None
    bar: bool = False
    strong: bool = False
    quiet: bool = False

    @property
    def is_right(self):
        return self.kind not in (Kind.TEXT, Kind.DATE)


@dataclass(frozen=True)
class Row:
    """marks: {position of a cell: "red" | "amber" | "green"}, never on sums and in at most one cell of five."""

    cells: tuple
    level: Level = Level.ROW
    marks: dict[int, str] = field(default_factory=dict)

    @property
    def is_sum(self):
        return self.level in (Level.SUBTOTAL, Level.TOTAL)


@dataclass(frozen=True)
class Table:
    """rows may be any iterable that can be walked again. own_page: in print it begins a page."""

    title: str
    note: str
    columns: tuple[TableColumn, ...]
    rows: Iterable[Row]
    own_page: bool = False
    empty: str = ""


@dataclass(frozen=True)
class ListItem:
    """name and the customer or the like beside it, one figure, and why it is listed."""

    name: str
    about: str
    value: object
    why: str = ""
    url: str = ""


@dataclass(frozen=True)
class ShortList:
    title: str
    items: tuple[ListItem, ...]
    kind: Kind = Kind.MONEY
    empty: str = ""


@dataclass(frozen=True)
class Filter:
    label: str
    operator: str
    value: str


@dataclass(frozen=True)
class Definition:
    term: str
    meaning: str


@dataclass(frozen=True)
class Run:
    """A delivery of the document: number, moment and the schedule behind it (empty for a download from the page)."""

    number: str
    made_at: datetime
    schedule: str = ""


@dataclass(frozen=True)
class ReportDocument:
    """One report for one person. `charts` (two at most) and `lists` (three at most) stand on the first page.

    `sections` follow in order (tables, waterfalls); `data` is the whole table behind the figures, for Excel only.
    `subject` and `preview` are the mail's; `actions` the things to look at first; `previous_label` is the words before
    a KPI's former value ("last week"). Made with the recipient's language active and already in that language.
    """

    slug: str
    title: str
    period: str
    starts_on: date
    ends_on: date
    scope: str
    rights: str
    recipient: str
    as_of: datetime
    zone: str
    compared_with: str
    previous_label: str
    currency: str
    language: str
    headline: Sentence
    subject: Sentence
    preview: Sentence
    kpis: tuple[Kpi, ...]
    data: Table
    row_count: int
    charts: tuple[Funnel | StackedBars | Bars, ...] = ()
    lists: tuple[ShortList, ...] = ()
    sections: tuple[Table | Waterfall, ...] = ()
    actions: ShortList | None = None
    filters: tuple[Filter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    run: Run | None = None

    def file_name(self, extension):
        """Plain ASCII, so that no mail program mangles it: sales-pipeline.2026-11-22.zh.xlsx"""
        return f"{self.slug}.{self.ends_on:%Y-%m-%d}.{self.language[:2]}.{extension}"

    @property
    def is_empty(self):
        return self.row_count == 0
