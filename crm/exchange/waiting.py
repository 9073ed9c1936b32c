"""The checked lines of an import that wait to be written, in chunks: the next are opened while these are written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef, Q, TextField
from django.db.models.functions import Cast

from crm.json_text import decode
from crm.models import StagedRow
from crm.protection import opened_parts

from .staging import SCOPE


class WaitingLine(NamedTuple):
    """What is needed of a StagedRow to write it."""

    line: int
    decision: str
    target_id: int | None
    data: dict | None
    changes: dict | None


def waiting(batch):
    """The lines that are to be written and were not yet. Chunks may be written in another order than that of the file,
    so that an attempt that died can have left lines out."""
    rows = batch.rows.filter(decision__in=StagedRow.WRITTEN).order_by("line")
    last = batch.imported.aggregate(last=Max("line"))["last"]
    if last is None:
        return rows
    return rows.filter(Q(line__gt=last) | ~Exists(batch.imported.filter(line=OuterRef("line"))))


def chunks(batch, size: int) -> Iterator[list[WaitingLine]]:
    """The database is asked in the thread that goes on; another one opens what it gave, without asking."""
    texts = (Cast("data", TextField()), Cast("changes", TextField()))
    rows = waiting(batch).values_list("line", "decision", "target_id", *texts)
    with ThreadPoolExecutor(1, thread_name_prefix="lines") as pool:
        found = pool.submit(opened, list(rows[:size]))
        while chunk := found.result():
            found = pool.submit(opened, list(rows.filter(line__gt=chunk[-1].line)[:size]))
            yield chunk


def opened(rows: list[tuple]) -> list[WaitingLine]:
    return [WaitingLine(*row[:3], json_of(row[3]), json_of(row[4])) for row in rows]


def json_of(text: str | None):
    return None if text is None else opened_parts(decode(text), SCOPE)
