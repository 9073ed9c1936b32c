"""The lines of an import that has run: what became of each, its record, what changed in it and why that record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm import recycling
from crm.columns import allowed
from crm.entities import importable
from crm.models import ImportedRow, StagedRow
from crm.models.merging import Mergeable
from crm.models.record import Stamped
from crm.protection import ProtectedField

from .preview import Change, text_of
from .rejects import labels_of, problem_rows, reason_of

SHOWN_ROWS = 50
Outcome, Decision = ImportedRow.Outcome, StagedRow.Decision
TABS = (
    ("created", Outcome.CREATED, "green"),
    ("updated", Outcome.UPDATED, "blue"),
    ("left", "", "amber"),
    ("reject", Outcome.FAILED, "red"),
)


@dataclass(frozen=True)
class ResultRow:
    """One line. name, url: of its record, empty when the person does not see it (any more)."""

    line: int
    name: str
    url: str
    match: str
    changes: list[Change]
    reason: str
    undone: str


class ResultRows:
    """The lines of one outcome: ?outcome=created, updated, left or reject; ?after=LINE goes on behind it."""

    def __init__(self, batch, params, counts: dict):
        self.batch, self.counts, self.entity = batch, counts, importable(batch.entity)
        self.outcome = params.get("outcome") if params.get("outcome") in {tab[0] for tab in TABS} else self.first
        after = params.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 10 else 0

    @property
    def first(self) -> str:
        return next((name for name, _outcome, _tone in TABS if self.counts[name]), "created")

    @property
    def tabs(self) -> list[tuple]:
        """(name, label, number, whether it is shown)."""
        labels = {
            "created": pgettext("import", "Added"),
            "updated": _("Changed"),
            "left": pgettext("import", "Left out"),
            "reject": _("Not imported"),
        }
        return [(name, labels[name], self.counts[name], name == self.outcome) for name, _outcome, _tone in TABS]

    @property
    def is_written(self) -> bool:
        return self.outcome in ("created", "updated")

    @cached_property
    def _rows(self) -> list:
        if self.is_written:
            rows = self.batch.imported.filter(outcome=self.outcome)
        else:
            rejected = self.outcome == "reject"
            rows = problem_rows(self.batch)
            rows = rows.filter(decision=Decision.REJECT) if rejected else rows.exclude(decision=Decision.REJECT)
        return list(rows.filter(line__gt=self.after).order_by("line")[: SHOWN_ROWS + 1])

    @property
    def more(self) -> int:
        return self._rows[SHOWN_ROWS - 1].line if len(self._rows) > SHOWN_ROWS else 0

    @property
    def rows(self) -> list[ResultRow]:
        shown = self._rows[:SHOWN_ROWS]
        return self.written(shown) if self.is_written else self.left(shown)

    def left(self, rows) -> list[ResultRow]:
        labels = labels_of(self.batch)
        return [
            ResultRow(
                row.line,
                text_of(next((cell for cell in row.cells if cell not in ("", None)), "")),
                "",
                row.get_match_display() if row.match else "",
                [],
                reason_of(row.errors, labels) or row.get_decision_display(),
                "",
            )
            for row in rows
        ]

    def written(self, rows) -> list[ResultRow]:
        seen = self.entity.model.objects.visible_to(self.batch.user).in_bulk([row.record_id for row in rows])
        away = self.away([row.record_id for row in rows if row.record_id not in seen])
        lines = self.batch.rows.filter(line__in=[row.line for row in rows])
        matches = {row.line: row.get_match_display() for row in lines if row.match}
        found = []
        for row in rows:
            record = seen.get(row.record_id)
            if record:
                name, url = str(record), self.entity.url_for(record.pk)
            else:
                name, url = away.get(row.record_id) or (self.gone(row), "")
            found.append(
                ResultRow(
                    row.line,
                    name,
                    url,
                    matches.get(row.line, ""),
                    self.changes(record, row.before or {}) if record else [],
                    "",
                    row.get_undone_display() if row.undone else "",
                )
            )
        return found

    def away(self, keys: list[int]) -> dict[int, tuple]:
        """{key: (what to say, address)} of records that were merged into another one, or lie in the person's bin."""
        model, user, found = self.entity.model, self.batch.user, {}
        if not keys or not issubclass(model, Stamped):
            return found
        if issubclass(model, Mergeable):
            merged = model.everything.filter(pk__in=keys, merged_into__in=model.objects.visible_to(user))
            for row in merged.select_related("merged_into"):
                text = _("merged into %(name)s") % {"name": row.merged_into}
                found[row.pk] = (text, self.entity.url_for(row.merged_into_id))
        for one in recycling.bin_of(user, model).filter(subject_id__in=keys):
            address = f"{reverse('bin')}?{urlencode({'kind': self.entity.slug, 'q': one.name})}"
            found[one.subject_id] = (_("%(name)s, in the recycle bin") % {"name": one.name}, address)
        return found

    def gone(self, row) -> str:
        """What is said of a record that is nowhere to be seen; one that taking back removed did not vanish."""
        if row.undone == ImportedRow.Undone.BACK and row.outcome == Outcome.CREATED:
            return _("removed when the import was taken back")
        return _("no longer among the records you can see")

    @cached_property
    def columns(self) -> list:
        """The columns of the record's own fields that the person may see."""
        user = self.batch.user
        found = allowed(user.fields.columns(self.entity), self.entity.model, user)
        return [one for one in found if not one.is_page and not getattr(one, "is_masked", False)]

    def changes(self, record, before: dict) -> list[Change]:
        """What the import changed, as it was and as it is now; of protected values and links only what it is now."""
        fields, found = {field.name: field for field in record._meta.concrete_fields}, []
        for column in self.columns:
            field = fields.get(column.path)
            if field is None or field.column not in before:
                continue
            old = before[field.column]
            hides_old = isinstance(field, ProtectedField | models.ForeignKey) or old in (None, "", [])
            old = "" if hides_old else dict(field.flatchoices).get(old, old)
            now = "" if isinstance(field, ProtectedField) else column.plain(record)
            found.append(Change(str(capfirst(column.label)), text_of(str(old)), text_of("" if now is None else now)))
        return found
