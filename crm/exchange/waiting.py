"""The checked lines of an import that wait to be written, in chunks: the next are opened while these are written."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.db.models import Max, TextField
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
    return batch.rows.filter(decision__in=StagedRow.WRITTEN, line__gt=last_line(batch)).order_by("line")


def last_line(batch) -> int:
    """The last line that was written: lines go in order, a chunk a transaction."""
    return batch.imported.aggregate(last=Max("line"))["last"] or 0


def chunks(batch, size: int) -> Iterator[list[WaitingLine]]:
    """The database is asked in this thread; another one opens what it gave, without asking, and lets go of what was
    written. A chunk is empty once the next one is asked for."""
    texts = (Cast("data", TextField()), Cast("changes", TextField()))
    rows = waiting(batch).values_list("line", "decision", "target_id", *texts)
    with ThreadPoolExecutor(1, thread_name_prefix="lines") as pool:
        found = pool.submit(opened, list(rows[:size]))
        while chunk := found.result():
            found = pool.submit(opened, list(rows.filter(line__gt=chunk[-1].line)[:size]))
            yield chunk
            pool.submit(chunk.clear)


def opened(rows: list[tuple]) -> list[WaitingLine]:
    return [WaitingLine(*row[:3], json_of(row[3]), json_of(row[4])) for row in rows]


def json_of(text: str | None):
    return None if text is None else opened_parts(decode(text), SCOPE)
