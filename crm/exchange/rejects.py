"""The lines of an import that were not written, with the reason: for the page and for a file to mend."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.entities import registry
from crm.models import StagedRow


def labels_of(batch) -> dict[str, str]:
    """{column name: label} of what the batch fills."""
    named = {column.name: capfirst(column.label) for column in batch.user.fields.columns(registry[batch.entity])}
    return {name: named.get(name, name) for name in batch.columns.values()}


def reason_of(errors: dict, labels: dict) -> str:
    """The errors of a line as one text: each with the column that it is about."""
    return " ".join(f"{labels[name]}: {text}" if name in labels else text for name, text in errors.items())


def problem_rows(batch):
    """The staged lines that will not be written as they are, in the order of the file."""
    return batch.rows.exclude(decision=StagedRow.Decision.CREATE).order_by("line")


def reject_rows(batch, *, with_waiting=False):
    """(headings, rows) as in the file, then line and reason. with_waiting: also lines that a stopped import left."""
    labels, width = labels_of(batch), len(batch.headings)
    lines = batch.rows.filter(record_id__isnull=True).order_by("line") if with_waiting else problem_rows(batch)
    table = (
        [
            *(cells + [""] * width)[:width],
            line,
            reason_of(errors, labels) or _("The import was stopped before this line."),
        ]
        for line, cells, errors in lines.values_list("line", "cells", "errors").iterator(chunk_size=1_000)
    )
    return [*batch.headings, _("Line"), _("Reason")], table
