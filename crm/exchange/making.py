"""Records that an import makes along with its own, because lines name them and a person wants it so: the customer of a
contact. The check reserves their keys; the transaction of the first line that needs them makes them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.entities import importable_model
from crm.models import MadeRecord, StagedRow
from crm.protection import sealed_part

from .converting import Mapping, New
from .matching import match_key
from .parsing import is_empty, parse_text
from .staging import BESIDE, SCOPE, fresh_keys, insert_data

MADE = "import:made"  # {column: key} of the records that must be made before the line is written
RESERVED = 50
CHUNK = 500


@dataclass
class Wanted:
    """A record that is to be made: its key, the name as the file has it, the cells of its columns, who names it."""

    key: int
    name: str
    line: int = 0
    lines: int = 0
    cells: dict = field(default_factory=dict)


class Making:
    """The other records of one import. Nothing is made before `begin` was called with its batch."""

    def __init__(self, importer, importer_for):
        self.importer, self.user, self.importer_for = importer, importer.user, importer_for
        self.batch, self.asked = None, set()
        self.links = 0  # lines whose parent is another line: crm.exchange.linking
        self.met: dict[str, dict[str, Wanted]] = {}
        self.by_key: dict[tuple, Wanted] = {}
        self.free: dict[str, list[int]] = {}

    def begin(self, batch):
        """Work for this batch; its options say of which columns every unknown value becomes a record."""
        self.batch = batch
        self.asked = {name for name in batch.options.get("make", ()) if name in self.makers}

    @cached_property
    def makers(self) -> dict:
        """{column: importer of the records that it names} of the kinds that the person may add."""
        found = {}
        for name in self.importer.makes:
            one = self.importer.fields.get(name)
            entity = importable_model(one.lookup.model) if one and one.lookup else None
            if entity and entity.may_import(self.user):
                maker = self.importer_for(entity, self.user)
                maker.makes = {}
                if maker.name_column in maker.fields:
                    found[name] = maker
        return found

    @cached_property
    def fields(self) -> dict:
        """{"customer.industry": field} of the columns of these records, but for what names them."""
        found = {}
        for name, maker in self.makers.items():
            if maker.model is self.importer.model:
                continue  # the columns of the file are those of its own records
            own, known = self.importer.fields[name], self.importer.known_headings
            for one in maker.fields.values():
                if one.name not in (maker.name_column, "number", "external_ref"):
                    headings = {f"{word}{heading}" for word in own.headings for heading in one.headings}
                    headings |= one.headings if one.name in self.importer.makes[name] else set()
                    label = f"{capfirst(maker.entity.label())} · {capfirst(one.label)}"
                    more = {"name": f"{name}.{one.name}", "label": label, "headings": frozenset(headings - known)}
                    found[more["name"]] = replace(one, **more)
        return found

    # -- the check ---------------------------------------------------------------------------------------------------
    def load(self, beat):
        """Between the readings: what the columns of these records name."""
        for maker in self.makers.values():
            maker.load_links(beat)

    def key_of(self, one, cell) -> int | None:
        """The key of the record to be made of a cell; None when that exists, or when nobody wants it."""
        if self.batch is None or not (isinstance(cell, New) or one.name in self.asked):
            return None
        if one.name not in self.makers or one.lookup.candidates(cell):
            return None
        text = parse_text(cell)
        if self.makers[one.name].model is self.importer.model and match_key(text) in self.importer.names.wanted:
            return None  # a row of the file: crm.exchange.linking
        met = self.met.setdefault(one.name, {})
        if (wanted := met.get(match_key(text))) is None:
            wanted = met[match_key(text)] = Wanted(self.reserved(one.name), text)
            self.by_key[one.name, wanted.key] = wanted
        return wanted.key

    def reserved(self, name: str) -> int:
        free = self.free.setdefault(name, [])
        if not free:
            free += reversed(fresh_keys(self.makers[name].model, RESERVED))
        return free.pop()

    def take(self, mapping: Mapping, draft) -> dict[str, int]:
        """{column: key} of the new records that a line names; takes what it says of them, or what is wrong with it.

        Of several lines that say something of the same record, the first that fills a column counts.
        """
        made = {}
        for name in self.met:
            one = self.importer.fields[name]
            key = getattr(draft.record, one.field.attname) if one.field else draft.beside.get(name)
            if (wanted := self.by_key.get((name, key))) is None:
                continue
            made[name] = key
            wanted.line, wanted.lines = wanted.line or draft.line, wanted.lines + 1
            part = mapping.making.get(name)
            cells = part.cells(draft.cells) if part else []
            new = {n: cells[p] for p, n in part.places.items() if not is_empty(cells[p])} if part else {}
            if wanted.lines == 1 or new.keys() - wanted.cells.keys():
                cells = new | wanted.cells
                if errors := self.errors_of(name, self.drafted(name, wanted, cells)):
                    draft.errors |= errors
                else:
                    wanted.cells = cells
        return made

    def drafted(self, name: str, wanted: Wanted, cells: dict):
        maker = self.makers[name]
        names = {maker.name_column: wanted.name} | cells
        return maker.draft(Mapping(dict(enumerate(names)), [], len(names)), wanted.line, [*names.values()])

    def errors_of(self, name: str, draft) -> dict[str, str]:
        """What speaks against the record, by the columns of the file."""
        own = ("", self.makers[name].name_column)
        found = draft.errors | draft.refused
        return {name if one in own else f"{name}.{one}": str(text) for one, text in found.items()}

    @property
    def unmatched(self) -> dict[str, Counter]:
        """The values of columns of these records that match nothing."""
        return {f"{name}.{one}": values for name, m in self.makers.items() for one, values in m.unmatched.items()}

    @transaction.atomic
    def stage(self):
        """Write down what is to be made, once all lines are checked."""
        for name, met in self.met.items():
            waiting = [wanted for wanted in met.values() if wanted.line]
            for place in range(0, len(waiting), CHUNK):
                chunk = waiting[place : place + CHUNK]
                MadeRecord.objects.bulk_create([self.staged(name, wanted) for wanted in chunk])

    def staged(self, name: str, wanted: Wanted) -> MadeRecord:
        draft = self.drafted(name, wanted, wanted.cells)
        data = self.makers[name].new_data(draft)
        if BESIDE in data:
            data[BESIDE] = sealed_part(data[BESIDE], SCOPE)
        return MadeRecord(
            batch=self.batch,
            entity=self.makers[name].entity.slug,
            field=name,
            name=wanted.name[:255],
            line=wanted.line,
            lines=wanted.lines,
            data=data,
            record_id=wanted.key,
        )

    # -- the run -----------------------------------------------------------------------------------------------------
    def waiting(self, name: str, keys: set) -> set[int]:
        """Those of the keys whose records are still to be made."""
        if self.batch is None or not keys or name not in self.importer.makes:
            return set()
        rows = self.batch.made.filter(field=name, record_id__in=keys, at=None)
        return set(rows.values_list("record_id", flat=True))

    def needed(self, rows) -> dict[str, set[int]]:
        """{column: keys} of the new records that these lines name."""
        found: dict[str, set[int]] = {}
        for _line, data in rows:
            for name, key in data.get(MADE, {}).items():
                if name in self.importer.fields and self.importer.fields[name].key_in(data) == key:
                    found.setdefault(name, set()).add(key)
        return found

    def recheck(self, rows) -> dict[int, dict]:
        """{line: errors} of lines whose new records may not be made any more."""
        wrong: dict[tuple, str] = {}
        for name, keys in self.needed(rows).items():
            waiting = list(self.batch.made.filter(field=name, record_id__in=keys, at=None))
            if (maker := self.makers.get(name)) is None:
                wrong |= {(name, one.record_id): _("You may not add such records any more.") for one in waiting}
            else:
                errors = maker.recheck([(one.record_id, one.data) for one in waiting])
                wrong |= {(name, key): " ".join(map(str, texts.values())) for key, texts in errors.items()}
                wrong |= {(name, key): text for key, text in self.there_by_now(maker, waiting).items()}
        return {
            line: {name: wrong[name, key]}
            for line, data in (rows if wrong else ())
            for name, key in data.get(MADE, {}).items()
            if (name, key) in wrong
        }

    def there_by_now(self, maker, waiting) -> dict[int, str]:
        """{key: sentence} of records that somebody has added since the check: another import, or a colleague."""
        column = maker.name_column
        rows = maker.model.objects.visible_to(self.user).filter(**{f"{column}__in": [one.name for one in waiting]})
        names = set(rows.values_list(column, flat=True))
        text = _("“%(value)s” has been added since the check. Import the row again, and it is found.")
        return {one.record_id: text % {"value": one.name[:80]} for one in waiting if one.name in names}

    def make(self, rows):
        """Make the records that these lines name and that no earlier one has brought along; in their transaction."""
        for name, keys in self.needed(rows).items():
            waiting = self.batch.made.filter(field=name, record_id__in=keys, at=None).select_for_update()
            if found := {one.record_id: one for one in waiting}:
                self.add(self.makers[name], {key: one.data for key, one in found.items()})
                versions = versions_of(self.makers[name].model, [*found])
                for key, one in found.items():
                    one.version, one.at = versions[key], timezone.now()
                MadeRecord.objects.bulk_update(found.values(), ["version", "at"])

    def add(self, maker, rows: dict[int, dict]):
        for key, tags in maker.make_tags([*rows.items()]).items():
            rows[key]["tags"] = tags
        maker.insert(rows, lambda: insert_data(maker.model, rows))
        beside = {key: data[BESIDE] for key, data in rows.items() if BESIDE in data}
        maker.written(maker.model.objects.filter(pk__in=rows), beside)


def versions_of(model, keys) -> dict[int, int | None]:
    """{key: version} of the records that are there; None for a kind that has none."""
    if any(one.name == "version" for one in model._meta.concrete_fields):
        return dict(model.objects.filter(pk__in=keys).values_list("pk", "version"))
    return dict.fromkeys(model.objects.filter(pk__in=keys).values_list("pk", flat=True))


def to_be_made(batch):
    """The rows of what the lines that are decided to be written would bring along."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT made.key, made.value::bigint FROM {StagedRow._meta.db_table} AS staged,
                LATERAL jsonb_each_text(CASE decision WHEN 'create' THEN data ELSE changes END -> '{MADE}') AS made
                WHERE batch_id = %s AND decision = ANY(%s)""",
            [batch.pk, [str(one) for one in StagedRow.WRITTEN]],
        )
        named: dict[str, list[int]] = {}
        for name, key in cursor.fetchall():
            named.setdefault(name, []).append(key)
    found = batch.made.none()
    for name, keys in named.items():
        found |= batch.made.filter(field=name, record_id__in=keys)
    return found
