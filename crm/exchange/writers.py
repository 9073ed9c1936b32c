"""Two threads with a connection each that write the chunks of an import: what the database does for one connection, it
does on one processor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from crm.jobs import as_person

# Columns by which lines may depend on each other: a new tag, a circle of parents.
DEPENDENT = {"tags", "parent"}


def are_apart(batch, importer) -> bool:
    """Whether chunks can be written side by side: no line needs what another one makes."""
    filled = {*batch.columns.values(), *batch.options.get("constants", {})}
    return importer.side_by_side and not filled & DEPENDENT and not batch.made.exists()


def write_all(job, chunks: Iterator[list], write: Callable[[list], None], *, side_by_side: bool):
    """Call `write(chunk)` for each chunk, in two threads if wanted; after an error no new chunk is begun.

    Chunks are taken one after the other, by the thread that is free: what makes them needs no lock of its own. Inside a
    transaction there is one thread, since another connection would not see what it did.
    """
    turn, is_over = threading.Lock(), threading.Event()

    def take() -> list | None:
        with turn:
            return None if is_over.is_set() else next(chunks, None)

    def write_chunks():
        try:
            while (chunk := take()) is not None:
                write(chunk)
                chunk.clear()  # before the next one is opened
        except BaseException:
            is_over.set()
            raise

    def write_beside():
        try:
            with as_person(job):
                write_chunks()
        finally:
            connection.close()

    if not side_by_side or connection.in_atomic_block:
        write_chunks()
        return
    with ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
        beside = pool.submit(write_beside)
        write_chunks()
    beside.result()
