"""Writes a chunk of checked lines: new records, changes of those that exist, and the ledger of what became of each.

Called in a transaction. Rights are asked again, and a record that somebody changed since the check is left alone.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm import ownership
from crm.access import Action
from crm.json_text import encode
from crm.models import ImportedRow, StagedRow, User
from crm.protection import sealed_part

from .changing import change_rows, note
from .checking import NEW_TAGS, OWNER, VERSION
from .linking import LATER
from .making import MADE
from .problems import ParseError
from .staging import BESIDE, fresh_keys, insert_records
from .waiting import WaitingLine

Chosen, Outcome = StagedRow.Decision, ImportedRow.Outcome
ASKED = {"id", "owner", "team", "tags", "version"}  # of a record that is changed whatever stands there
ASIDE = {BESIDE, LATER, MADE, NEW_TAGS, OWNER, VERSION}  # parts of the changes that are no columns


def read(text: str) -> dict:
    """A before-image; figures keep all their digits."""
    return json.loads(text, parse_float=Decimal)


def write_chunk(batch, importer, chunk: list[WaitingLine]) -> Counter:
    """Write the lines; gives how many came out how."""
    new = {row.line: row.data for row in chunk if row.decision == Chosen.CREATE}
    old = {row.line: row for row in chunk if row.decision != Chosen.CREATE}
    wrong = importer.recheck([*new.items()])
    ledger = create(batch, importer, {line: data for line, data in new.items() if line not in wrong})
    changed, refused = Update(batch, importer, old).run()
    wrong |= refused
    for line, errors in wrong.items():
        batch.rows.filter(line=line).update(decision=Chosen.REJECT, errors=errors)
    ledger += [*changed, *((line, Outcome.FAILED, None, None) for line in wrong)]
    note(batch, importer.model, ledger)
    return Counter(str(row[1]) for row in ledger)


def create(batch, importer, rows: dict[int, dict]) -> list[tuple]:
    """Make records of lines; gives rows of the ledger."""
    for line, tags in importer.make_tags([*rows.items()]).items():
        staged = batch.rows.get(line=line)
        staged.data["tags"] = tags
        staged.save(update_fields=["data"])
    if not rows:
        return []
    importer.making.make([*rows.items()])
    keys = dict(zip(sorted(rows), fresh_keys(importer.model, len(rows)), strict=True))
    data = {keys[line]: one for line, one in rows.items()}
    beside = {key: one[BESIDE] for key, one in data.items() if BESIDE in one}
    importer.work_ahead(beside)
    importer.insert(data, lambda: insert_records(importer.model, batch, keys))
    importer.written(importer.model.objects.filter(pk__listed=keys.values()), beside)
    return [(line, Outcome.CREATED, key, None) for line, key in keys.items()]


class Update:
    """The lines of a chunk whose records exist."""

    def __init__(self, batch, importer, rows: dict[int, WaitingLine]):
        self.batch, self.importer, self.model, self.user = batch, importer, importer.model, importer.user
        self.rows, self.wrong = rows, {}

    def run(self) -> tuple[list[tuple], dict[int, dict]]:
        """(rows of the ledger, {line: errors} of lines that may not be written any more)."""
        if not self.rows:
            return [], {}
        changes = self.permitted()
        self.importer.making.make([*changes.items()])
        for line, tags in self.importer.make_tags([*changes.items()]).items():
            row = changes[line]
            row["tags"] = sorted({*tags, *row.get("tags", self.targets[self.rows[line].target_id].tags)})
        by_key = {self.rows[line].target_id: one for line, one in changes.items()}
        before = {key: read(text) for key, text in self.written(by_key).items()}
        owners = self.give(by_key)
        fills = {row.target_id for row in self.rows.values() if row.decision == Chosen.FILL}
        beside = self.importer.change_beside({k: one[BESIDE] for k, one in by_key.items() if BESIDE in one}, fills)
        if done := before.keys() | owners.keys() | beside.keys():
            self.importer.changed(self.model.objects.filter(pk__listed=done), before)
        return [self.noted(line, before, owners, beside) for line in changes], self.wrong

    def noted(self, line, before, owners, beside) -> tuple:
        key = self.rows[line].target_id
        image = before.get(key, {}) | owners.get(key, {})
        if key in beside:
            image[BESIDE] = sealed_part(beside[key], "crm.importedrow.before")
        return (line, Outcome.UPDATED if image else Outcome.SAME, key, encode(image) if image else None)

    def permitted(self) -> dict[int, dict]:
        """{line: changes} of those that may be written now; the others go to `wrong`. Locks the records."""
        keys = [row.target_id for row in self.rows.values()]
        seen = self.model.objects.visible_to(self.user, Action.CHANGE).filter(pk__listed=keys)
        if all(row.decision == Chosen.UPDATE for row in self.rows.values()):
            seen = seen.only(*ASKED & {field.name for field in self.model._meta.concrete_fields})
        self.targets = {row.pk: row for row in seen.order_by("pk").select_for_update(of=("self",), no_key=True)}
        changes = {}
        for line, row in self.rows.items():
            target = self.targets.get(row.target_id)
            if target is None:
                self.wrong[line] = {"": _("This record is not among those you may change any more.")}
            elif row.changes and row.changes[VERSION] != getattr(target, "version", None):
                self.wrong[line] = {"": _("Somebody has changed this record since the check. Import the line again.")}
            else:
                changes[line] = self.asked(row, target)
        changes = {line: one for line, one in changes.items() if line not in self.wrong}
        refused = self.importer.recheck([*changes.items()])
        giving = {self.rows[line].target_id for line, one in changes.items() if OWNER in one}
        may = self.importer.may_give(giving)
        sentence = _("You may not assign this record any more. Leave the owner out.")
        for line, one in changes.items():
            if OWNER in one and self.rows[line].target_id not in may:
                refused[line] = {"owner": sentence}
        self.wrong |= refused
        return {line: one for line, one in changes.items() if line not in refused}

    def asked(self, row, target) -> dict:
        """The changes of a line: all of them, or those that fill empty fields."""
        if row.decision != Chosen.FILL or not row.changes:
            return row.changes | {VERSION: None}
        try:
            return self.importer.filling(target, row.changes) | {VERSION: None}
        except (ParseError, ValidationError) as problem:
            self.wrong[row.line] = self.importer.sentences(problem)
            return {}

    def written(self, by_key: dict[int, dict]) -> dict[int, str]:
        columns = {key: {n: v for n, v in one.items() if n not in ASIDE} for key, one in by_key.items()}
        return change_rows(self.model, {key: one for key, one in columns.items() if one}, actor=self.user)

    def give(self, by_key: dict[int, dict]) -> dict[int, dict]:
        """Hand the records over whose owner changes; gives {key: their owner and team before}."""
        receivers: dict[int, list[int]] = {}
        for key, one in by_key.items():
            if OWNER in one and self.targets[key].owner_id != one[OWNER]:
                receivers.setdefault(one[OWNER], []).append(key)
        people = User.objects.in_bulk(receivers)
        for owner, keys in receivers.items():
            rows = self.model.objects.filter(pk__in=keys)
            ownership.assign_many(rows, [people[owner]], actor=self.user, reason=self.batch.name, act=self.batch.act)
        given = [key for keys in receivers.values() for key in keys]
        return {key: {"owner_id": self.targets[key].owner_id, "team_id": self.targets[key].team_id} for key in given}
