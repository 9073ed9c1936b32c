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


class Aside:
    """A thread with a connection of its own that works as the person of a job, one thing after the other.

    Inside a transaction there is none, since another connection would not see what it did: work is done at once.
    """

    def __init__(self, job):
        self.job, self.last = job, None
        self.pool = None if connection.in_atomic_block else ThreadPoolExecutor(1, thread_name_prefix="aside")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_error):
        try:
            if kind is None:
                self.wait()
        finally:
            if self.pool:
                self.pool.submit(lambda: connection.close())  # that of the thread
                self.pool.shutdown()

    def do(self, work: Callable[[], None]):
        """Have it done, once what was to be done before is: raises what went wrong there."""
        self.wait()
        if self.pool:
            self.last = self.pool.submit(self.done, work)
        else:
            work()

    def wait(self):
        last, self.last = self.last, None
        if last:
            last.result()

    def done(self, work):
        with as_person(self.job):
            work()


def write_all(job, chunks: Iterator[list], write: Callable[[list], None], *, side_by_side: bool):
    """Call `write(chunk)` for each chunk, in two threads if wanted; after an error no new chunk is begun.

    Chunks are taken one after the other, by the thread that is free: what makes them needs no lock of its own.
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

    with Aside(job) as aside:
        if side_by_side:
            aside.do(write_chunks)
        write_chunks()
