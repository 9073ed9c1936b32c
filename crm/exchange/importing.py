"""Turns the lines of a file into records: what each heading fills, what a line would become, and what is wrong.

An app derives an `Importer` where its records need more than their columns (the team's rules are the same for all).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Root
from crm.events import announce_many
from crm.fields.exchange import defaults
from crm.fields.types import to_json
from crm.models import StagedRow, User
from crm.tags import add_tags, may_manage

from .fields import ImportField, import_fields
from .lookups import Lookup, only
from .matching import match_key
from .parsing import is_empty
from .problems import ParseError, UnreadableFile
from .staging import BESIDE, StagedLine, data_of

Decision = StagedRow.Decision
NEW_TAGS = "import:tags"  # the names of tags that are made when the line is written
NO_REACH = _("You would not see this record after the import. Name an owner in your own teams, or leave the owner out.")


@dataclass(frozen=True)
class Mapping:
    """What each place of a line fills ({place: column}), the headings that fill nothing, and how many there are."""

    places: dict[int, str]
    unused: list[str]
    width: int


def new_tags(record) -> dict:
    """The names of tags that a line brings along, for the staged row."""
    names = getattr(getattr(record, "tags", None), "new", None)
    return {NEW_TAGS: names} if names else {}


def importer_for(entity, user) -> Importer:
    """The importer of an entity: its own (a class or its dotted name), else the plain one."""
    own = getattr(entity, "importer", None) or Importer
    return (import_string(own) if isinstance(own, str) else own)(entity, user)


class Importer:
    """What one person may import into one kind of record.

    aliases: further headings by column. filled: columns that must not be empty but that `prepare` fills.
    name_column: what people call the record by.
    """

    aliases: dict[str, tuple[str, ...]] = {}
    filled: tuple[str, ...] = ()
    name_column = "name"

    def __init__(self, entity, user):
        self.entity, self.model, self.user = entity, entity.model, user
        self.fields: dict[str, ImportField] = import_fields(entity, user, self.aliases, self.readers_beside())
        self.defaults = defaults(entity, user)
        self.demanded = user.fields.required(self.model) - user.fields.locked(self.model)
        self.names = Lookup(self.model, user)
        self.teams: dict[int, int | None] = {}
        self.twins: dict[tuple, str] = {}
        self.seen: dict[tuple, int] = {}

    def readers_beside(self) -> dict:
        """{column: reads a cell} of values kept beside the record (contact points), if the person may add them."""
        return {}

    # -- headings ----------------------------------------------------------------------------------------------------
    @property
    def known_headings(self) -> set[str]:
        return {heading for field in self.fields.values() for heading in field.headings}

    def required(self) -> list[ImportField]:
        """The columns that a file must have."""
        return [f for f in self.fields.values() if self.is_required(f)]

    def is_required(self, one: ImportField) -> bool:
        return one.name not in self.filled and (one.is_required or one.name in self.demanded)

    def map(self, headings: list[str]) -> Mapping:
        """Match headings to columns; the first that fits wins. Raises UnreadableFile when a column is missing."""
        places, unused = {}, []
        for place, heading in enumerate(headings):
            key = match_key(heading)
            name = next((n for n, f in self.fields.items() if key in f.headings and n not in places.values()), None)
            if name:
                places[place] = name
            elif heading:
                unused.append(heading)
        missing = [capfirst(f.label) for f in self.required() if f.name not in places.values()]
        if missing:
            raise UnreadableFile(
                _("The column “%(column)s” is missing. Add it, or name the heading of the column so."),
                column=missing[0],
            )
        return Mapping(places, unused, len(headings))

    # -- checking ----------------------------------------------------------------------------------------------------
    def want(self, mapping: Mapping, cells: list):
        """First reading: remember which names the file asks for."""
        for place, name in mapping.places.items():
            if lookup := self.fields[name].lookup:
                lookup.want(cells[place])
            elif name == self.name_column:
                self.names.want(cells[place])

    def load(self, beat):
        """Between the readings: find all names, the people's teams, and the records that the lines may repeat."""
        for one in self.fields.values():
            if one.lookup:
                one.lookup.load(beat)
        if isinstance(self.model.access, Root):
            self.teams = dict(User.objects.filter(is_active=True).values_list("pk", "team_id"))
        self.twins = self.load_twins(beat)

    def check(self, mapping: Mapping, line: int, cells: list) -> StagedLine:
        """Second reading: what becomes of one line."""
        record, errors, beside = self.model(), {}, {}
        if self.defaults:
            record.custom = dict(self.defaults)
        given = self.read(mapping.places, cells, record, errors, beside)
        if any(not is_empty(cell) for cell in cells[mapping.width :]):
            errors[""] = str(_("The line has more cells than there are headings. Look for a comma without quotes."))
        if not errors:
            self.complete(record, given, errors)
        if errors:
            return StagedLine(line, cells, None, errors, Decision.REJECT)
        data = data_of(record) | ({BESIDE: beside} if beside else {}) | new_tags(record)
        if twin := self.twin_of(record, line):
            return StagedLine(line, cells, data, {"": twin}, Decision.TWIN)
        return StagedLine(line, cells, data, {}, Decision.CREATE)

    def read(self, places, cells, record, errors, beside) -> set[str]:
        """Put the values of the cells into the record, or beside it; gives the names of the filled columns."""
        given = set()
        for place, name in places.items():
            one, cell = self.fields[name], cells[place]
            try:
                value = self.choose(one, cell, record) if one.lookup and not is_empty(cell) else None
                value = one.value(cell) if not one.lookup else value
                if value is None or value == "":
                    if self.is_required(one):
                        raise ParseError(_("This must not be empty."))
                    continue
            except ParseError as problem:
                errors[name] = str(problem)
                continue
            if one.definition:
                record.custom[one.definition.code] = to_json(one.definition, value)
            elif one.field:
                setattr(record, one.field.attname, value)
            else:
                beside[name] = value
            given.add(name)
        return given

    def choose(self, one: ImportField, cell, record) -> int:
        """The key of the record that a cell names; columns to the left are in `record` already."""
        return only(one.lookup.candidates(cell), cell)

    def complete(self, record, given: set[str], errors: dict):
        """Owner, team, whatever the app derives, and the model's own rules."""
        record.created_by = record.modified_by = self.user
        try:
            if isinstance(self.model.access, Root):
                self.place(record, given)
            self.prepare(record, given)
        except ParseError as problem:
            errors[""] = str(problem)
        except ValidationError as problem:
            errors |= (
                {
                    name if name in self.fields else "": " ".join(messages)
                    for name, messages in problem.message_dict.items()
                }
                if hasattr(problem, "error_dict")
                else {"": " ".join(problem.messages)}
            )

    def prepare(self, record, given: set[str]):
        """Fill what follows from the given columns; raise ParseError or ValidationError where they do not fit."""

    # -- owner, team, reach ------------------------------------------------------------------------------------------
    def place(self, record, given: set[str]):
        """A record is its importer's, unless he may assign; the team comes with the owner."""
        if "owner" not in given:
            record.owner_id = self.user.pk
        if not self.may_assign and (record.owner_id != self.user.pk or "team" in given):
            raise ParseError(_("You may not assign records to others. Leave owner and team out."))
        if "team" not in given:
            record.team_id = self.teams.get(record.owner_id)
        if not self.reaches(record.owner_id, record.team_id):
            raise ParseError(NO_REACH)

    @cached_property
    def may_assign(self) -> bool:
        return self.user.rights.may(self.model, Action.ASSIGN)

    @cached_property
    def ways(self) -> list:
        """How rows may be added by the person and seen by him: asked once an import, not once a line."""
        return [self.user.rights.ways(self.model, action) for action in (Action.ADD, Action.VIEW)]

    def reaches(self, owner_id, team_id) -> bool:
        """Whether the person may add such a record and sees it afterwards."""
        for ways in self.ways:
            mine = bool(ways.rows) and owner_id == self.user.pk
            if not (ways.everything or mine or team_id in ways.team_ids):
                return False
        return True

    # -- twins -------------------------------------------------------------------------------------------------------
    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns that together tell records apart: the name and, for what belongs to another record, that record."""
        return (self.name_column, *(name for name in self.entity.parents if name in self.fields))

    def key_of(self, record) -> tuple:
        first, *rest = self.key_columns
        return (match_key(getattr(record, first)), *(getattr(record, f"{name}_id") for name in rest))

    def load_twins(self, beat) -> dict[tuple, str]:
        """{key: number} of the visible records whose name stands in the file."""
        wanted, twins = self.names.wanted, {}
        first, *rest = self.key_columns
        rows = self.model.objects.visible_to(self.user).order_by()
        shown = "number" if any(f.name == "number" for f in self.model._meta.concrete_fields) else "pk"
        names = (shown, first, *(f"{name}_id" for name in rest))
        for place, (number, name, *others) in enumerate(rows.values_list(*names).iterator(chunk_size=5_000)):
            if place % 5_000 == 0:
                beat()
            if (key := match_key(name)) in wanted:
                twins.setdefault((key, *others), str(number))
        return twins

    def twin_of(self, record, line: int) -> str:
        """A sentence when the line repeats an earlier line or a record that the person sees; else empty."""
        key = self.key_of(record)
        if key in self.twins:
            return str(_("“%(name)s” exists already: %(number)s.") % {"name": record, "number": self.twins[key]})
        earlier = self.seen.setdefault(key, line)
        if earlier != line:
            return str(_("The same as line %(line)s of this file.") % {"line": earlier})
        return ""

    # -- writing -----------------------------------------------------------------------------------------------------
    def recheck(self, rows: list[tuple[int, dict]]) -> dict[int, dict]:
        """{line: errors} of staged rows that may not be written any more: rights and records change after the check."""
        wrong = {}
        for one in self.fields.values():
            if one.lookup:
                keys = {one.key_in(data) for _line, data in rows} - {None}
                gone = keys - one.lookup.still_visible(keys) if keys else set()
                wrong |= {
                    line: {one.name: str(_("This record is not among those you can see any more."))}
                    for line, data in rows
                    if one.key_in(data) in gone
                }
        if isinstance(self.model.access, Root):
            wrong |= {line: {"": str(NO_REACH)} for line, data in rows if not self.may_write(data)}
        if not may_manage(self.user):
            gone = str(_("You may not add tags any more. Take the new ones out of the file."))
            wrong |= {line: {"tags": gone} for line, data in rows if NEW_TAGS in data}
        return wrong

    def make_tags(self, rows: list[tuple[int, dict]]) -> dict[int, list[int]]:
        """Make the tags that lines bring along; gives {line: keys of all its tags}."""
        names = {name.lower(): name for _line, data in rows for name in data.get(NEW_TAGS, ())}
        made = dict(zip(names, add_tags(self.model, names.values(), actor=self.user), strict=True)) if names else {}
        return {
            line: sorted({*data["tags"], *(made[name.lower()].pk for name in data[NEW_TAGS])})
            for line, data in rows
            if NEW_TAGS in data
        }

    def may_write(self, data: dict) -> bool:
        own = data["owner_id"] == self.user.pk
        return (own or self.may_assign) and self.reaches(data["owner_id"], data["team_id"])

    def written(self, records, beside: dict[int, dict]):
        """After a set of records was made, in the same transaction: what belongs to them, and the timeline.

        beside: {key of a record: {column: value}} for those that have such values.
        """
        event = self.entity.events.get("add")
        if event:
            announce_many(event, records, actor=self.user)
