"""The lines of an import that were not written, with the reason: for the page and for a file to mend."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.entities import importable
from crm.models import StagedRow

from .importing import importer_for
from .waiting import waiting

Decision = StagedRow.Decision
OTHERS = {"number": gettext_lazy("Number"), "external_ref": gettext_lazy("External reference")}


def labels_of(batch) -> dict[str, str]:
    """{column name: label} of what the batch fills."""
    named = {column.name: capfirst(column.label) for column in batch.user.fields.columns(importable(batch.entity))}
    if any("." in name for name in batch.columns.values()):
        named |= labels_of_made(batch)
    return {name: named.get(name, OTHERS.get(name, name)) for name in batch.columns.values()}


def labels_of_made(batch) -> dict[str, str]:
    """{column: label} of the records that the import can make along with its own."""
    return {name: one.label for name, one in importer_for(importable(batch.entity), batch.user).making.fields.items()}


def reason_of(errors: dict, labels: dict) -> str:
    """The errors of a line as one text: each with the column that it is about."""
    return " ".join(f"{labels[name]}: {text}" if name in labels else text for name, text in errors.items())


def problem_rows(batch):
    """The staged lines that were or will be left out, in the order of the file."""
    left = [Decision.REJECT, Decision.TWIN, Decision.SKIP]
    return batch.rows.filter(decision__in=left).order_by("line")


def reject_rows(batch, *, with_waiting=False):
    """(headings, rows) as in the file, then line and reason. with_waiting: also lines that a stopped import left."""
    labels, width = labels_of(batch), len(batch.headings)
    lines = problem_rows(batch)
    if with_waiting:
        lines = lines | waiting(batch)
    reasons = dict.fromkeys(StagedRow.WRITTEN, _("The import was stopped before this line."))
    reasons[Decision.SKIP] = _("You left this line out.")
    table = (
        [
            *(cells + [""] * width)[:width],
            line,
            reasons.get(decision) or reason_of(errors, labels),
        ]
        for line, cells, errors, decision in lines.order_by("line")
        .values_list("line", "cells", "errors", "decision")
        .iterator(chunk_size=1_000)
    )
    return [*batch.headings, _("Line"), _("Reason")], table
