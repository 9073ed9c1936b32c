"""What becomes of each line of a file: a new record, a change of one that exists, or a problem. Nothing is written."""

from __future__ import annotations

import datetime
import hashlib
import re
import uuid
from collections import Counter
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Root
from crm.fields.types import to_json
from crm.models import StagedRow, User
from crm.protection import ProtectedField, Sealed

from .changing import UNTOUCHED
from .converting import Chosen, Mapping
from .existing import SOURCE, SURE, Draft
from .fields import ImportField
from .linking import LATER, is_later, later_of
from .lookups import only
from .making import MADE
from .mapping import shown
from .matching import match_key
from .met import Keys, Met
from .parsing import is_empty
from .present import excuse, may_be_present
from .problems import ParseError
from .staging import BESIDE, StagedLine, blank_record, data_of, filled_of

Decision = StagedRow.Decision
NEW_TAGS = "import:tags"  # the names of tags that are made when the line is written
OWNER = "import:owner"  # the new owner of a record that exists: crm.ownership changes it
MOST_UNMATCHED = 300  # values of one column that are listed
VERSION = "import:version"  # of the record that exists, when the line was checked


def kind_of(sentence: str) -> str:
    """What a sentence says, whatever value it quotes: “Z” is no date. -> “…” is no date."""
    quoted = re.sub("“.*?”", "“…”", sentence)
    return quoted if quoted != sentence else re.sub(r"\d+", "…", sentence)


class Lacking(str):
    """What is wrong with an empty cell, for a new record alone."""

    __slots__ = ()


def new_tags(record) -> dict:
    """The names of tags that a line brings along, for the staged row."""
    names = getattr(getattr(record, "tags", None), "new", None)
    return {NEW_TAGS: names} if names else {}


def changed_custom(target, changes: dict):
    """A record that holds the new values of custom fields alone. changes: as the staged row has them."""
    key = uuid.UUID(changes["key"]) if "key" in changes else getattr(target, "key", None)
    return type(target)(key=key, custom=changes.get("custom") or {}, sealed=changes.get("sealed"))


def is_same_moment(old, new) -> bool:
    """Whether two moments are one to a file, which knows whole seconds."""
    return isinstance(old, datetime.datetime) and old.replace(microsecond=0) == new


class Checker:
    """The checking half of an Importer: lines become drafts, drafts find their records, decisions follow."""

    named_by: Mapping | None = None
    planned_for: dict | None = None

    def warm_up(self):
        """Load what is large and read once a process. Asks no database."""

    def want(self, mapping: Mapping, cells: list):
        """First reading: remember which names the file asks for."""
        for name, part in mapping.making.items():
            self.making.makers[name].want(part, cells)
        cells = mapping.cells(cells)
        for place, name in self.naming(mapping):
            if lookup := self.fields[name].lookup:
                if isinstance(cells[place], Chosen):
                    self.chosen.setdefault(name, set()).add(cells[place])
                else:
                    lookup.want(cells[place])
            else:
                self.names.want(cells[place])

    def naming(self, mapping: Mapping) -> list[tuple[int, str]]:
        """The (place, column) of a line that name records, this one or others."""
        if self.named_by is not mapping:
            places, self.named_by = mapping.places.items(), mapping
            self.naming_places = [(p, n) for p, n in places if self.fields[n].lookup or n == self.name_column]
        return self.naming_places

    def load(self, beat):
        """Between the readings: find all names, the people's teams, and the records that the lines may repeat."""
        self.load_links(beat)
        self.twins = self.load_twins(beat)

    def forget(self, mapping: Mapping):
        """Of the names of the lines, once their twins are found: unless a column may name another line."""
        lookups = [self.fields[name].lookup for name in mapping.places.values()]
        if not any(one and one.model is self.model for one in lookups):
            self.names.wanted = Met()

    def load_links(self, beat):
        for one in self.fields.values():
            if one.lookup:
                one.lookup.load(beat)
        self.chosen = {n: self.fields[n].lookup.still_visible(keys) for n, keys in self.chosen.items()}
        if isinstance(self.model.access, Root):
            self.teams = dict(User.objects.filter(is_active=True).values_list("pk", "team_id"))

    def check(self, mapping: Mapping, line: int, cells: list) -> StagedLine:
        """Second reading: what becomes of one line."""
        return self.check_chunk(mapping, [(line, cells)])[0]

    def check_chunk(self, mapping: Mapping, lines: list[tuple[int, list]]) -> list[StagedLine]:
        """The same of many lines: what is there already is looked up for all of them at once."""
        drafts = [self.draft(mapping, line, cells) for line, cells in lines]
        sound = [draft for draft in drafts if not draft.errors]
        odd = [draft for draft in drafts if may_be_present(self, draft)]
        self.existing.find([*sound, *odd])
        keys = {draft.found[0] for draft in (*sound, *odd) if len(draft.found) == 1}
        self.targets = self.changeable(keys)
        excuse(self, mapping, odd)
        self.assignable = self.may_give(keys if any("owner" in draft.given for draft in sound) else set())
        return [self.sorted_out(self.decided(draft)) for draft in drafts]

    def sorted_out(self, line: StagedLine) -> StagedLine:
        """The line with the kinds of its problems, so that many alike can be dealt with at once."""
        if line.decision != Decision.REJECT:
            return line
        kinds = []
        for name, text in line.errors.items():
            kind = kind_of(str(text))
            key = f"{name}:{hashlib.sha256(kind.encode()).hexdigest()[:10]}"
            self.problem_kinds[key] = kind
            kinds.append(key)
        return line._replace(kinds=kinds)

    def draft(self, mapping: Mapping, line: int, cells: list) -> Draft:
        """The values of a line, and what is wrong with them as those of a new record."""
        draft, found = Draft(line, cells, blank_record(self.model)), {}
        if self.defaults:
            draft.record.custom = dict(self.defaults)
        draft.given = self.read(mapping.places, mapping.cells(cells), draft.record, found, draft.beside)
        if self.making.met:
            draft.made = self.making.take(mapping, draft)
        draft.keys = {name: draft.beside.pop(name) for name in list(draft.beside) if self.fields[name].is_key}
        for name, text in found.items():
            (draft.refused if isinstance(text, Lacking) else draft.errors)[name] = str(text)
        for one in self.required:
            if one.name not in draft.given and one.name not in found:
                draft.refused[one.name] = str(_("This must not be empty."))
        if any(not is_empty(cell) for cell in cells[mapping.width :]):
            text = _("The line has more cells than there are headings. Look for a comma without quotes.")
            draft.errors[""] = str(text)
        if "external_ref" in draft.given:
            draft.record.source_system = SOURCE
        if not draft.errors and not draft.refused:
            self.complete(draft.record, draft.given, draft.refused)
        return draft

    def decided(self, draft: Draft) -> StagedLine:
        """What becomes of a line whose record is known or new."""
        if draft.errors:
            return StagedLine(draft.line, draft.cells, None, draft.errors | draft.refused, Decision.REJECT)
        barred: dict = {}
        is_sure, is_one = draft.match in SURE, len(draft.found) == 1
        changes = self.changes_of(draft, barred) if is_one else None
        data = None if draft.refused or is_sure else self.new_data(draft)
        found = {"changes": changes, "target_id": draft.found[0] if is_one else None, "match": draft.match}
        if data is None and changes is None:
            return StagedLine(draft.line, draft.cells, None, barred or draft.refused, Decision.REJECT)
        if earlier := self.existing.earlier(draft):
            errors = {"": earlier}
            data = None if "external_ref" in draft.given else data
            return StagedLine(draft.line, draft.cells, data, errors, Decision.TWIN, match=StagedRow.Match.FILE)
        if is_sure:
            return StagedLine(draft.line, draft.cells, None, {}, Decision.UPDATE if changes else Decision.SAME, **found)
        if draft.match:
            if changes == {} and (draft.match == StagedRow.Match.KEY or self.is_whole_key):
                return StagedLine(draft.line, draft.cells, data, {}, Decision.SAME, **found)
            errors = {"": self.existing.sentence(draft)}
            return StagedLine(draft.line, draft.cells, data, errors, Decision.TWIN, **found)
        return StagedLine(draft.line, draft.cells, data, {}, Decision.CREATE)

    def new_data(self, draft: Draft) -> dict:
        beside = {BESIDE: draft.beside} if draft.beside else {}
        more = new_tags(draft.record) | later_of(draft.record)
        return filled_of(draft.record) | beside | more | ({MADE: draft.made} if draft.made else {})

    # -- reading a line ----------------------------------------------------------------------------------------------
    def read(self, places, cells, record, errors, beside) -> set[str]:
        """Put the values of the cells into the record, or beside it; gives the names of the filled columns."""
        given, held = set(), record.__dict__
        for place, name, one, read, attribute in self.plan(places):
            cell, value = cells[place], None
            if not (cell == "" or is_empty(cell)):
                try:
                    value = read(cell) if read else self.chosen_or_named(one, cell, record)
                except ParseError as problem:
                    if one.lookup and is_later(self, one, cell, record):
                        continue
                    errors[name] = str(problem)
                    self.miss(one, cell)
                    continue
            if value is None or value == "":
                if self.is_required(one):
                    errors[name] = Lacking(_("This must not be empty."))
                continue
            given.add(name)
            if one.definition:
                record.hold(one.definition, to_json(one.definition, value))
            elif attribute:
                held[attribute] = value
            elif one.field:
                setattr(record, one.field.attname, value)
            else:
                beside[name] = value
        return given

    def plan(self, places: dict[int, str]) -> list[tuple]:
        """(place, name, column, its reader or None, its plain_attribute) of the columns: worked out once a file."""
        if self.planned_for is not places:
            columns = [(place, name, self.fields[name]) for place, name in places.items()]
            self.planned_for = places
            self.planned = [
                (p, n, one, None if one.lookup else one.reader, one.plain_attribute) for p, n, one in columns
            ]
        return self.planned

    def chosen_or_named(self, one: ImportField, cell, record) -> int:
        """The key that a person chose for the value, if he still sees that record, else the one that is called so."""
        if not isinstance(cell, Chosen):
            new = self.making.key_of(one, cell) if self.makes else None
            return new or self.choose(one, cell, record)
        if cell not in self.chosen.get(one.name, ()):
            raise ParseError(_("This record is not among those you can see any more."))
        return int(cell)

    def miss(self, one: ImportField, cell):
        """Remember a value that matches nothing, so that a person can say once what it means."""
        if (one.lookup or one.choices) and not isinstance(cell, Chosen):
            values = self.unmatched.setdefault(one.name, Counter())
            text = shown(cell)
            if text in values or len(values) < MOST_UNMATCHED:
                values[text] += 1

    def unmiss(self, one: ImportField, cell):
        """Take back what `miss` remembered of one line."""
        values, text = self.unmatched.get(one.name, {}), shown(cell)
        if values.get(text, 0) > 1:
            values[text] -= 1
        else:
            values.pop(text, None)

    def choose(self, one: ImportField, cell, record) -> int:
        """The key of the record that a cell names; columns to the left are in `record` already."""
        return only(one.lookup.candidates(cell), cell)

    def complete(self, record, given: set[str], errors: dict):
        """Owner, team, whatever the app derives, and the model's own rules."""
        record.__dict__ |= {"created_by_id": self.user.pk, "modified_by_id": self.user.pk}  # it knows no person yet
        try:
            if isinstance(self.model.access, Root):
                self.place(record, given)
            self.prepare(record, given)
        except (ParseError, ValidationError) as problem:
            errors |= self.sentences(problem)

    def sentences(self, problem) -> dict[str, str]:
        """{column, or "" for the whole line: sentence} of what a check has raised."""
        if not hasattr(problem, "error_dict"):
            return {"": str(problem) if isinstance(problem, ParseError) else " ".join(problem.messages)}
        return {
            name if name in self.fields else "": " ".join(messages) for name, messages in problem.message_dict.items()
        }

    # -- records that exist ------------------------------------------------------------------------------------------
    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        """Columns that together tell records apart: the name and, for what belongs to another record, that record."""
        return (self.name_column, *(name for name in self.entity.parents if name in self.fields))

    @cached_property
    def key_attributes(self) -> list[str]:
        """Where a record holds all but the first of them."""
        return [f"{name}_id" for name in self.key_columns[1:]]

    def key_of(self, record, beside: dict) -> tuple | None:
        """What tells the record of a line apart by name; None when nothing does."""
        name = match_key(getattr(record, self.key_columns[0]))
        return (name, *[getattr(record, one) for one in self.key_attributes])

    def load_twins(self, beat) -> Keys:
        """{key: keys of the visible records with that name} for the names in the file."""
        wanted, twins = self.names.wanted, Keys()
        if not wanted:
            return twins
        first, *rest = self.key_columns
        rows = self.model.objects.visible_to(self.user).order_by()
        names = ("pk", first, *(f"{name}_id" for name in rest))
        for place, (pk, name, *others) in enumerate(rows.values_list(*names).iterator(chunk_size=5_000)):
            if place % 5_000 == 0:
                beat()
            if (key := match_key(name)) in wanted:
                twins.add((key, *others), pk)
        return twins

    def changeable(self, keys: set[int]) -> dict:
        """{key: record} of those that the person may change now."""
        return self.model.objects.visible_to(self.user, Action.CHANGE).filter(pk__in=keys).in_bulk() if keys else {}

    def may_give(self, keys) -> set[int]:
        """Those of the records that the person may assign now."""
        if not keys or not isinstance(self.model.access, Root) or not self.may_assign:
            return set()
        rows = self.model.objects.visible_to(self.user, Action.ASSIGN).filter(pk__in=keys)
        return set(rows.values_list("pk", flat=True))

    def changes_of(self, draft: Draft, barred: dict) -> dict | None:
        """{column: new value} of what the line changes in the record that it means; None when that may not be."""
        target = self.targets.get(draft.found[0])
        if target is None:
            barred[""] = _("You may not change %(number)s.") % {"number": self.existing.numbers[draft.found[0]]}
            return None
        before, owner = data_of(target), getattr(target, "owner_id", None)
        self.put(draft, target)
        try:
            self.revise(target, draft.given, before)
        except (ParseError, ValidationError) as problem:
            barred |= self.sentences(problem)
            return None
        changes = self.differences(target, before) | new_tags(draft.record) | later_of(draft.record)
        if "owner" in draft.given and draft.record.owner_id != owner:
            if target.pk not in self.assignable:
                barred["owner"] = str(_("You may not assign this record. Leave the owner out."))
                return None
            changes[OWNER] = draft.record.owner_id
        if beside := self.differing_beside(draft, target):
            changes[BESIDE] = beside
        made = {MADE: draft.made} if draft.made else {}
        return changes and changes | {VERSION: getattr(target, "version", None)} | made

    def put(self, draft: Draft, target):
        """Take the values of a line over into a record that exists; its tags stay and new ones join them."""
        for name in draft.given:
            one = self.fields[name]
            if one.definition:
                target.hold(one.definition, draft.record.held(one.definition))
            elif name == "tags":
                target.tags = sorted({*target.tags, *draft.record.tags})
            elif one.field and name not in ("owner", "team"):
                old, new = (getattr(record, one.field.attname) for record in (target, draft.record))
                if not is_same_moment(old, new):
                    setattr(target, one.field.attname, new)

    def revise(self, record, given: set[str], before: dict):
        """`prepare` for a record that exists: fill what follows from the given columns. before: all its columns."""
        self.prepare(record, given)

    def differences(self, record, before: dict) -> dict:
        """{column: value} of what is other than before; of custom fields only those that are."""
        changes = {name: v for name, v in data_of(record).items() if name not in UNTOUCHED and v != before[name]}
        if "custom" in changes:
            changes["custom"] = {code: v for code, v in record.custom.items() if v != before["custom"].get(code)}
        if "sealed" in changes and before["key"] is None:  # the first sealed value of the row, bound to a new key
            changes["key"] = record.key
        return changes

    def filling(self, target, changes: dict) -> dict:
        """The part of the changes that fills empty fields alone; raises ParseError or ValidationError."""
        before, given = data_of(target), set()
        for name, one in self.fields.items():
            if one.definition:
                value = changed_custom(target, changes).held(one.definition)
                if value is not None and target.held(one.definition) in (None, "", []):
                    target.hold(one.definition, value)
                    given.add(name)
            elif one.field and one.field.column in changes and getattr(target, one.field.attname) in (None, "", []):
                value = changes[one.field.column]
                if isinstance(one.field, ProtectedField):
                    target.__dict__[one.field.attname] = Sealed(bytes.fromhex(value[2:]))
                else:
                    setattr(target, one.field.attname, one.field.to_python(value))
                given.add(name)
        self.revise(target, given, before)
        kept = {BESIDE, LATER, MADE, VERSION} | ({OWNER} if getattr(target, "owner_id", 0) is None else set())
        return self.differences(target, before) | {name: changes[name] for name in kept & changes.keys()}

    def find_beside(self, drafts: list[Draft]):
        """Find records by what stands beside them (phones); sets `found` and `match` of the drafts."""

    def differing_beside(self, draft: Draft, target) -> dict:
        """What stands beside the line and not yet beside the record."""
        return draft.beside
