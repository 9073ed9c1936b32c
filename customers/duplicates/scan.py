"""Looking through all customers or contacts for pairs that may be the same: keys, pairs, scores, rows of the queue.

Python takes names apart and weighs, for many records in processes beside this one; PostgreSQL brings together what
shares a key and compares fingerprints. None of them holds all records in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from customers.duplicates import beside, lines, profiles, statements
from customers.duplicates.rules import rules_in_use
from customers.models import Contact, ContactRole, Customer, DuplicatePair

logger = logging.getLogger(__name__)

CHUNK = 20_000
MANY = 200_000  # records from which on other processes are worth the seconds that they take to start


@dataclass(frozen=True)
class Kind:
    """What is looked through: the function of lines.py for its rows, the rows, the column of contact points, and
    whether records meet by the domain of an address (colleagues have one, too)."""

    work: str
    rows: Callable
    holder: str
    by_domain: bool


@dataclass
class Found:
    """compared: pairs that shared a key; pairs: those in the queue."""

    rows: int = 0
    compared: int = 0
    pairs: int = 0


def customer_rows() -> Iterable:
    return Customer.objects.order_by().values_list(*profiles.FIELDS).iterator(CHUNK)


def contact_rows() -> Iterable:
    companies: dict[int, list[int]] = {}
    for key, company in ContactRole.objects.order_by().values_list("contact", "customer").iterator(CHUNK):
        companies.setdefault(key, []).append(company)
    for key, name in Contact.objects.order_by().values_list("pk", "name").iterator(CHUNK):
        yield key, name, companies.get(key, ())


KINDS = {
    Customer: Kind("customers", customer_rows, "customer_id", True),
    Contact: Kind("contacts", contact_rows, "contact_id", False),
}


def scan(model, tell: Callable = lambda number: None) -> Found:
    """Bring the queue of a kind up to date: new pairs, new scores, and away with open ones that are alike no more.

    tell(number) hears how many records were read and pairs weighed.
    """
    if model.objects.count() < MANY:
        return look_through(model, alone, tell)
    try:
        with beside.processes() as together:
            return look_through(model, together, tell)
    except beside.EndedError:  # nothing of that search is kept
        logger.exception("The search for duplicates begins again, in one process.")
        return look_through(model, alone, tell)


def alone(work: str, chunks, *more):
    """The lines of each chunk, worked out in this process."""
    return (lines.WORK[work](chunk, *more).encode() for chunk in chunks)


@transaction.atomic
def look_through(model, worked: Callable, tell: Callable) -> Found:
    kind, found = KINDS[model], Found()
    facts = {"providers": profiles.provider_prints(), "by_domain": kind.by_domain}
    with connection.cursor() as cursor:
        cursor.execute(statements.TABLES)
        rows = iter(kind.rows())
        chunks = told(iter(lambda: list(islice(rows, CHUNK)), []), tell, found)
        copy(cursor, "duplicate_record FROM STDIN (NULL '')", worked(kind.work, chunks))
        cursor.execute("ANALYZE duplicate_record")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(statements.CANDIDATES.format(holder=kind.holder), facts)
        found.compared = cursor.rowcount
        cursor.execute(statements.SIDES.format(holder=kind.holder), facts)
        cursor.execute("ANALYZE duplicate_candidate, duplicate_side")
        cursor.execute(statements.CLOSE)
        cursor.execute("ANALYZE duplicate_close")
        with connection.chunked_cursor() as pairs:
            pairs.execute(statements.PAIRS)
            chunks = told(iter(lambda: pairs.fetchmany(CHUNK), []), tell)
            copy(cursor, "duplicate_score FROM STDIN", worked("pairs", chunks, list(rules_in_use())))
        content_type = ContentType.objects.get_for_model(model).pk
        cursor.execute("ANALYZE duplicate_score")
        cursor.execute(statements.KEEP, [content_type, timezone.now()])
        cursor.execute(statements.FORGET, [content_type])
        cursor.execute(statements.DROP)
    found.pairs = DuplicatePair.objects.of(model).open().count()
    return found


def told(chunks, tell, found: Found | None = None):
    for chunk in chunks:
        yield chunk
        tell(len(chunk))
        if found:
            found.rows += len(chunk)


def copy(cursor, what: str, blocks):
    """Chunk by chunk: the server-side cursor of the rows and COPY take turns."""
    for block in blocks:
        with cursor.copy(f"COPY {what}") as stream:
            stream.write(block)
