"""The "CRM Sales Opportunities" files of Maven Analytics: what they hold, and which lines make no sense."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from crm.exchange import (
    ParseError,
    UnreadableFile,
    is_empty,
    match_key,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_text,
    read_table,
)

MILLION = 1_000_000
OPEN_STAGES, CLOSED_STAGES = ("prospecting", "engaging"), ("won", "lost")
text, name = partial(parse_text, max_length=80), partial(parse_text, max_length=200)
amount = partial(parse_decimal, least=0)
# For each file: what reads each of its columns, and the columns that must not be empty.
FILES = {
    "accounts": (
        {
            "account": name,
            "sector": text,
            "year_established": parse_integer,
            "revenue": amount,
            "employees": partial(parse_integer, least=0),
            "office_location": text,
            "subsidiary_of": name,
        },
        ("account",),
    ),
    "products": ({"product": text, "series": text, "sales_price": amount}, ("product",)),
    "sales_teams": (
        {"sales_agent": text, "manager": text, "regional_office": text},
        ("sales_agent", "manager", "regional_office"),
    ),
    "sales_pipeline": (
        {
            "opportunity_id": text,
            "sales_agent": text,
            "product": text,
            "account": name,
            "deal_stage": text,
            "engage_date": parse_date,
            "close_date": parse_date,
            "close_value": amount,
        },
        ("opportunity_id", "sales_agent", "product", "deal_stage"),
    ),
}


@dataclass
class Line:
    """One line of one file: its cells as read, its values by column, what is wrong with it ({column: reason})."""

    line: int
    cells: list
    values: dict
    errors: dict = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.errors

    def __getitem__(self, column) -> str | int | Decimal | date | None:
        return self.values.get(column)

    def refuse(self, column, reason, **facts):
        self.errors.setdefault(column, str(ParseError(reason, **facts)))


@dataclass
class File:
    name: str
    headings: list[str]
    lines: list[Line]

    @property
    def good(self) -> list[Line]:
        return [line for line in self.lines if line.is_good]

    @property
    def rejects(self) -> list[Line]:
        return [line for line in self.lines if not line.is_good]

    def by(self, column) -> dict[str, Line]:
        """The good lines by the key of a name."""
        return {match_key(line[column]): line for line in self.good}


def read_files(folder: Path) -> dict[str, File]:
    """All four files, checked each by itself and against the others. Raises UnreadableFile for one of another shape."""
    files = {stem: read_file(folder / f"{stem}.csv", *columns) for stem, columns in FILES.items()}
    once(files["accounts"], "account")
    once(files["products"], "product")
    once(files["sales_teams"], "sales_agent")
    once(files["sales_pipeline"], "opportunity_id")
    check_parents(files["accounts"])
    check_deals(files)
    return files


def read_file(path: Path, parsers: dict, required: tuple) -> File:
    if not path.is_file():
        raise UnreadableFile(_("The folder has no file %(file)s."), file=path.name)
    with read_table(path) as table:
        places = {match_key(heading): place for place, heading in enumerate(table.headings)}
        for column in parsers:
            if column not in places:
                raise UnreadableFile(_("%(file)s has no column %(column)s."), file=path.name, column=column)
        lines = [read_line(line, cells, parsers, required, places) for line, cells in table.rows]
        return File(path.name, table.headings, lines)


def read_line(number, cells, parsers, required, places) -> Line:
    line = Line(number, cells, {})
    for column, parse in parsers.items():
        cell = cells[places[column]]
        try:
            line.values[column] = parse(cell)
        except ParseError as problem:
            line.errors[column] = str(problem)
        if column in required and is_empty(cell):
            line.refuse(column, _("This must not be empty."))
    return line


def once(file: File, column: str):
    """Refuse lines that name what an earlier line has named."""
    seen: dict[str, int] = {}
    for line in file.good:
        earlier = seen.setdefault(match_key(line[column]), line.line)
        if earlier != line.line:
            line.refuse(column, _("The same as line %(line)s of this file."), line=earlier)


def check_parents(accounts: File):
    known = accounts.by("account")
    for line in accounts.good:
        parent = line["subsidiary_of"]
        if parent and (match_key(parent) not in known or match_key(parent) == match_key(line["account"])):
            line.refuse("subsidiary_of", _("No line of accounts.csv describes “%(value)s”."), value=parent)


def check_deals(files: dict[str, File]):
    """Every name of an opportunity must be described by its own file; an account may be missing, but not be unknown."""
    known = {
        "sales_agent": ("sales_teams.csv", files["sales_teams"].by("sales_agent")),
        "product": ("products.csv", files["products"].by("product")),
        "account": ("accounts.csv", files["accounts"].by("account")),
    }
    for line in files["sales_pipeline"].good:
        for column, (file, names) in known.items():
            if line[column] and match_key(line[column]) not in names:
                line.refuse(column, _("No line of %(file)s describes “%(value)s”."), file=file, value=line[column])
        check_stage(line)


def check_stage(line: Line):
    stage = match_key(line["deal_stage"])
    engaged_on, closed_on = line["engage_date"], line["close_date"]
    if stage not in (*OPEN_STAGES, *CLOSED_STAGES):
        line.refuse("deal_stage", _("“%(value)s” is not a stage of this file."), value=line["deal_stage"])
    elif stage in CLOSED_STAGES and closed_on is None:
        line.refuse("close_date", _("Say on which day it was won or lost."))
    elif stage in OPEN_STAGES and closed_on is not None:
        line.refuse("close_date", _("It is still open, so it has no closing day."))
    elif closed_on and engaged_on and closed_on < engaged_on:
        line.refuse("close_date", _("It cannot have been closed before the customer took part."))
