"""Compares a file with what the database holds: counts, sums and checksums a column, and each cell that differs.

The file is read and mapped, and the records of its lines are found, as for an import; nothing is written.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from django.core.exceptions import ValidationError

from crm.columns import withheld
from crm.protection import Damaged, ProtectedField
from crm.revealing import with_opening

from .compare_values import ComparedColumn, Keys, Words, spelled
from .existing import Draft
from .exporting import Stopped
from .mapping import shown
from .problems import ParseError
from .staging import data_of

CHUNK = 1_000
MOST_EXTRA = 1_000  # records that no line means and that are listed; all of them are counted
MASKED = object()
COUNTS = ("lines", "matched", "equal", "differs", "missing", "several", "repeated", "cells", "unreadable", "extra")


class Difference(NamedTuple):
    """kind: "cell", "missing" (no record), "several" (more than one), or "extra" (a record that no line means)."""

    kind: str
    line: int | None
    key: int | None
    record: str
    column: str = ""
    file: str = ""
    database: str = ""


class Comparison:
    """One file and the records that a person sees. Go through `differences` to the end; then `result` is complete.

    open_table: gives the table anew, for two readings. progress: of a job, or whatever answers alike.
    """

    def __init__(self, importer, mapping, headings, open_table, progress):
        self.importer, self.mapping, self.open_table, self.progress = importer, mapping, open_table, progress
        self.model, self.user, self.words, self.met = importer.model, importer.user, Words(importer), Keys()
        self.counts = dict.fromkeys(COUNTS, 0)
        masked = withheld(self.user.fields.columns(importer.entity), self.model, self.user)
        self.columns = {
            place: ComparedColumn(importer.fields[n], headings[place] if place < len(headings) else "", n in masked)
            for place, n in mapping.places.items()
        }
        self.compared = [(place, column) for place, column in self.columns.items() if not column.is_masked]

    @property
    def result(self) -> dict:
        return {"counts": self.counts, "columns": [column.to_json() for column in self.columns.values()]}

    def visible(self):
        return self.model.objects.visible_to(self.user).order_by()

    def differences(self):
        """Each Difference in the order of the file, then records that no line means. Raises Stopped, UnreadableFile."""
        total = 0
        with self.open_table() as table:
            for _line, cells in table.rows:
                self.importer.want(self.mapping, cells)
                total += 1
                self.progress.beat()
        self.progress.expect(total)
        self.importer.load(self.progress.beat)
        with self.open_table() as table:
            while lines := list(islice(table.rows, CHUNK)):
                yield from self.chunk(lines)
                self.progress.step(len(lines))
                if self.progress.cancelled:
                    raise Stopped
        yield from self.rest()

    def rest(self):
        """Count the records that no line means, and list the first."""
        self.counts["extra"] = max(0, self.visible().count() - len(self.met))
        keys = self.visible().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5_000)
        wanted = min(self.counts["extra"], MOST_EXTRA)
        extra = list(islice((key for key in self.beating(keys) if key not in self.met), wanted))
        records = self.visible().in_bulk(extra)
        yield from (Difference("extra", None, key, named(records[key])) for key in extra if key in records)

    def beating(self, keys):
        for key in keys:
            self.progress.beat()
            yield key

    # -- lines -------------------------------------------------------------------------------------------------------
    def chunk(self, lines) -> list[Difference]:
        drafts = [self.importer.draft(self.mapping, line, cells) for line, cells in lines]
        for draft in drafts:
            for name in draft.errors:
                draft.beside.pop(name, None)
        self.importer.existing.find(drafts)
        keys = {draft.found[0] for draft in drafts if len(draft.found) == 1}
        records = with_opening(self.visible(), self.user).filter(pk__in=keys).in_bulk() if keys else {}
        self.beside = self.importer.held_beside(records)
        found, wanted = [], {}
        for draft in drafts:
            found += self.line(draft, records.get(draft.found[0]) if len(draft.found) == 1 else None, wanted)
        self.words.learn(wanted)
        return [self.worded(*one) if type(one) is tuple else one for one in found]

    def line(self, draft: Draft, record, wanted) -> list:
        """What differs in one line: Differences, and those of cells whose words are not known yet."""
        self.counts["lines"] += 1
        if record is None:
            kind = "several" if len(draft.found) > 1 else "missing"
            self.counts[kind] += 1
            for place, column in self.compared:
                value, is_read = self.said(draft, draft.record, column, place)
                column.add(column.file, spelled(value), is_read=is_read)
                column.unreadable += not is_read
                self.counts["unreadable"] += not is_read
            name = getattr(draft.record, self.importer.name_column, None)
            return [Difference(kind, draft.line, None, "", file=spelled(name)[:120])]
        self.counts["matched"] += 1
        is_new = self.met.add(record.pk)
        self.counts["repeated"] += not is_new
        revised, found = self.revised(draft, record), []
        for place, column in self.compared:
            if (cell := self.cell(draft, record, revised, column, place, is_new)) is not None:
                found.append((draft.line, record, column.one, *cell))
                if column.one.lookup:
                    keys = {value for value in cell if isinstance(value, int)}
                    wanted.setdefault(column.one.lookup.model, set()).update(keys)
        self.counts["cells"] += len(found)
        self.counts["differs" if found else "equal"] += 1
        return found

    def cell(self, draft, record, revised, column, place, is_new) -> tuple | None:
        """Add both sides of a cell to its column; gives (value of the file, of the database) where they differ."""
        said, is_read = self.said(draft, revised, column, place)
        held = self.held(record, column.one, said)
        if held is MASKED:
            column.masked += 1
            return None
        file, database = spelled(said), spelled(held)
        column.add(column.file, file, is_read=is_read)
        if is_new:
            column.add(column.database, database)
        column.unreadable += not is_read
        self.counts["unreadable"] += not is_read
        if file == database:
            return None
        column.differing += 1
        return said, held

    def revised(self, draft: Draft, record):
        """A copy of the record with the values of the line, in the form that an import would give them."""
        revised = copy.copy(record)
        for name in draft.given:
            one = self.importer.fields[name]
            if one.field and name not in ("owner", "team", "tags"):
                setattr(revised, one.field.attname, getattr(draft.record, one.field.attname))
        with suppress(ParseError, ValidationError):
            self.importer.revise(revised, draft.given, data_of(record))
        return revised

    def said(self, draft: Draft, revised, column: ComparedColumn, place: int) -> tuple:
        """(what the line says in a column, whether it can be read); text as written when it cannot."""
        one = column.one
        if one.name in draft.errors and not one.is_key:
            return shown(self.mapping.cells(draft.cells)[place]), False
        if one.name not in draft.given:
            return None, True
        if one.is_key:
            return draft.keys[one.name].strip().upper(), True
        if one.definition:
            return draft.record.held(one.definition), True
        if one.name == "tags":
            return [*draft.record.tags, *getattr(draft.record.tags, "new", ())], True
        if one.field is None:
            return draft.beside[one.name], True
        own = draft.record if one.name in ("owner", "team") else revised
        return getattr(own, one.field.attname), True

    def held(self, record, one, said):
        """What the record says in a column; MASKED where the person does not read it."""
        if one.definition:
            value = record.held(one.definition)
        elif one.field or one.is_key:
            value = getattr(record, one.field.attname if one.field else one.name)
        else:
            values = self.beside.get((record.pk, one.name), [])
            if values is None:
                return MASKED
            value = said if said in values else next(iter(values), None)  # one of several phones is the phone
        closed = is_protected(one) and not record.__dict__.get("is_unmasked")
        return MASKED if isinstance(value, Damaged) or (closed and value not in (None, "")) else value

    def worded(self, line, record, one, said, held) -> Difference:
        word = self.words.word
        return Difference("cell", line, record.pk, named(record), one.name, word(one, said), word(one, held))


def named(record) -> str:
    number = getattr(record, "number", None)
    return f"{number} {record}" if number else str(record)


def is_protected(one) -> bool:
    return bool(one.definition and one.definition.is_sensitive) or isinstance(one.field, ProtectedField)
