"""Turns the lines of a file into records: what each heading fills, what a line would become, and what is wrong.

An app derives an `Importer` where its records need more than their columns (the team's rules are the same for all).
"""

from __future__ import annotations

from functools import cached_property

from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm import deletion
from crm.access import Action, Root
from crm.events import announce_many
from crm.fields.exchange import defaults
from crm.tags import add_tags, may_manage

from .changing import in_circles
from .checking import NEW_TAGS, VERSION, Checker
from .converting import Mapping
from .existing import Existing
from .fields import ImportField, import_fields
from .lookups import Lookup
from .making import Making
from .matching import match_key
from .met import Keys
from .problems import ParseError, UnreadableFile

NO_REACH = _("You would not see this record after the import. Name an owner in your own teams, or leave the owner out.")


def importer_for(entity, user) -> Importer:
    """The importer of an entity: its own (a class or its dotted name), else the plain one."""
    own = getattr(entity, "importer", None) or Importer
    return (import_string(own) if isinstance(own, str) else own)(entity, user)


class Importer(Checker):
    """What one person may import into one kind of record.

    aliases: further headings by column. filled: columns that must not be empty but that `prepare` fills.
    name_column: what people call the record by. match_columns: indexed columns whose value only one record should have.
    side_by_side: whether two chunks of lines can be written at once: a line writes its own record and what is beside
    it, and decides by nothing that another one writes.
    is_whole_key: whether records with the same key_of are one, so that a line like an existing one says nothing new.
    makes: {column that names another record: columns of that record whose headings need not name it, too}: such records
    can be made along with the lines.
    """

    aliases: dict[str, tuple[str, ...]] = {}
    filled: tuple[str, ...] = ()
    name_column = "name"
    match_columns: tuple[str, ...] = ()
    side_by_side = False
    is_whole_key = False
    makes: dict[str, tuple[str, ...]] = {}

    def __init__(self, entity, user):
        self.entity, self.model, self.user = entity, entity.model, user
        self.fields: dict[str, ImportField] = import_fields(entity, user, self.aliases, self.readers_beside())
        self.defaults = defaults(entity, user)
        self.demanded = user.fields.required(self.model) - user.fields.locked(self.model)
        self.names = Lookup(self.model, user)
        self.teams: dict[int, int | None] = {}
        self.twins = Keys()
        self.existing = Existing(self)
        self.targets: dict = {}
        self.chosen: dict[str, set] = {}
        self.unmatched: dict = {}
        self.problem_kinds: dict[str, str] = {}

    @cached_property
    def making(self) -> Making:
        """The other records that this import can make."""
        return Making(self, importer_for)

    @property
    def all_fields(self) -> dict[str, ImportField]:
        """The columns that a file may fill: those of the record, and those of the records made along with it."""
        return self.fields | self.making.fields

    def readers_beside(self) -> dict:
        """{column: reads a cell} of values kept beside the record (contact points), if the person may add them."""
        return {}

    @property
    def writes(self) -> tuple:
        """The models of which each line makes rows."""
        return (self.model,)

    # -- headings ----------------------------------------------------------------------------------------------------
    @property
    def known_headings(self) -> set[str]:
        return {heading for field in self.fields.values() for heading in field.headings}

    @cached_property
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
        self.demand({*places.values()})
        return Mapping(places, unused, len(headings))

    def demand(self, names: set[str]):
        """Raise UnreadableFile when nothing fills a column that a file must have. names: of what is filled."""
        missing = [capfirst(f.label) for f in self.required if f.name not in names]
        if missing and not {"number", "external_ref"} & names:
            raise UnreadableFile(
                _("The column “%(column)s” is missing. Add it, or name the heading of the column so."),
                column=missing[0],
            )

    def prepare(self, record, given: set[str]):
        """Fill what follows from the given columns, and check it; raises ParseError or ValidationError."""

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

    # -- writing -----------------------------------------------------------------------------------------------------
    def recheck(self, rows: list[tuple[int, dict]]) -> dict[int, dict]:
        """{line: errors} of staged rows that may not be written any more: rights and records change after the check.

        Each row with the columns of a new record, or with the changes of one that exists.
        """
        wrong = {}
        for one in self.fields.values():
            if one.lookup:
                keys = {one.key_in(data) for _line, data in rows} - {None}
                gone = keys - one.lookup.still_visible(keys) if keys else set()
                gone -= self.making.waiting(one.name, gone)
                wrong |= {
                    line: {one.name: str(_("This record is not among those you can see any more."))}
                    for line, data in rows
                    if one.key_in(data) in gone
                }
        if isinstance(self.model.access, Root):
            wrong |= {
                line: {"": str(NO_REACH)} for line, data in rows if VERSION not in data and not self.may_write(data)
            }
        if not may_manage(self.user):
            gone = str(_("You may not add tags any more. Take the new ones out of the file."))
            wrong |= {line: {"tags": gone} for line, data in rows if NEW_TAGS in data}
        return wrong | self.making.recheck(rows)

    def targets_of(self, rows) -> dict[int, int]:
        """{line: key of its record} of staged rows that change one."""
        lines = [line for line, data in rows if VERSION in data]
        if not lines or self.making.batch is None:
            return {}
        return dict(self.making.batch.rows.filter(line__in=lines).values_list("line", "target_id"))

    def circles(self, rows) -> dict[int, dict]:
        """{line: errors} of staged rows that would put a record below itself, whatever other rows change."""
        given = {line: data["parent_id"] for line, data in rows if VERSION in data and "parent_id" in data}
        if not given:
            return {}
        targets = self.targets_of(rows)
        wrong = in_circles(self.model, {targets[line]: parent for line, parent in given.items()})
        text = _("It would stand below itself. Choose another one above it.")
        return {line: {"parent": str(text)} for line in given if targets[line] in wrong}

    def make_tags(self, rows: list[tuple[int, dict]]) -> dict[int, list[int]]:
        """Make the tags that lines bring along; gives {line: keys of all its tags}."""
        names = {name.lower(): name for _line, data in rows for name in data.get(NEW_TAGS, ())}
        made = dict(zip(names, add_tags(self.model, names.values(), actor=self.user), strict=True)) if names else {}
        return {
            line: sorted({*data.get("tags", ()), *(made[name.lower()].pk for name in data[NEW_TAGS])})
            for line, data in rows
            if NEW_TAGS in data
        }

    def insert(self, rows: dict[int, dict], write):
        """Make records of {key: data}. write: does so with one statement, which is all that most kinds need."""
        write()

    def may_write(self, data: dict) -> bool:
        owner, team = data.get("owner_id"), data.get("team_id")
        return (owner == self.user.pk or self.may_assign) and self.reaches(owner, team)

    def work_ahead(self, beside: dict[int, dict]):
        """Begin with what `written` needs while the database makes the records; without asking the database."""

    def written(self, records, beside: dict[int, dict]):
        """After a set of records was made, in the same transaction: what belongs to them, and the timeline.

        beside: {key of a record: {column: value}} for those that have such values.
        """
        self.tell("add", records)

    def linked(self, records):
        """After records have got a parent that is another row of their file."""

    def changed(self, records, before: dict[int, dict]):
        """After a set of records was changed, or put back: what follows from it, and the timeline.

        before: {key of a record: {column: value before, as JSON}}.
        """
        self.tell("change", records)

    def tell(self, name: str, records):
        if event := self.entity.events.get(name):
            announce_many(event, records, actor=self.user)

    # -- taking back -------------------------------------------------------------------------------------------------
    def touched_since(self, batch, rows) -> set[int]:
        """The keys of records that somebody has changed since, where their version does not say so."""
        return set()

    def take_away(self, batch, keys) -> dict[int, str]:
        """Put added records into the recycle bin, all of the import as one act; gives {key: why} of those it left."""
        rows = self.model.objects.filter(pk__in=keys)
        self.tell("delete", rows)
        deletion.delete_many(rows, actor=self.user, reason=str(_("Import taken back")), act=batch.act)
        return {}

    def held_beside(self, records: dict) -> dict[tuple, list | None]:
        """{(key, column): what stands beside the record}, for comparisons; None where the person reads masks."""
        return {}

    def change_beside(self, values: dict[int, dict], filling: set[int]) -> dict[int, dict]:
        """Write what stands beside records that exist; gives {key: what put_back_beside needs} of those it changed."""
        return {}

    def touched_beside(self, before: dict[int, dict]) -> set[int]:
        """The keys of the records whose values beside them somebody has changed since change_beside."""
        return set()

    def put_back_beside(self, before: dict[int, dict]):
        """Undo change_beside."""
