"""Looking through all customers or contacts for pairs that may be the same: keys, pairs, scores, rows of the queue.

Python takes names apart and weighs; PostgreSQL brings together what shares a key and compares fingerprints. Each works
while the other does, so that two cores are used and neither holds all records in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from customers.duplicates import profiles, scoring, statements
from customers.duplicates.blocking import company_keys, crossing_keys, person_keys
from customers.duplicates.rules import rules_in_use
from customers.models import Contact, ContactRole, Customer, DuplicatePair

CHUNK = 20_000


@dataclass(frozen=True)
class Kind:
    """What is looked through: rows -> (key, kind, profile, print of the website), the column of contact points, and
    whether records meet by the domain of an address (colleagues have one, too)."""

    rows: Callable
    holder: str
    by_domain: bool


@dataclass
class Found:
    """compared: pairs that shared a key; pairs: those in the queue."""

    rows: int = 0
    compared: int = 0
    pairs: int = 0


def customer_rows():
    for row in Customer.objects.order_by().values_list(*profiles.FIELDS).iterator(CHUNK):
        yield row[0], row[1], profiles.customer_profile(*row[1:]), profiles.website_print(row[5]) if row[5] else None


def contact_rows():
    companies: dict[int, list[int]] = {}
    for key, company in ContactRole.objects.order_by().values_list("contact", "customer").iterator(CHUNK):
        companies.setdefault(key, []).append(company)
    for key, name in Contact.objects.order_by().values_list("pk", "name").iterator(CHUNK):
        yield key, Customer.Kind.PERSON, profiles.contact_profile(name, None, companies.get(key, ())), None


KINDS = {Customer: Kind(customer_rows, "customer_id", True), Contact: Kind(contact_rows, "contact_id", False)}


@transaction.atomic
def scan(model, tell: Callable = lambda number: None) -> Found:
    """Bring the queue of a kind up to date: new pairs, new scores, and away with open ones that are alike no more.

    tell(number) hears how many records were read and pairs weighed.
    """
    kind, found = KINDS[model], Found()
    facts = {"providers": profiles.provider_prints(), "by_domain": kind.by_domain}
    with connection.cursor() as cursor:
        cursor.execute(statements.TABLES)
        found.rows = write_records(kind, cursor, tell)
        cursor.execute("ANALYZE duplicate_record")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(statements.CANDIDATES.format(holder=kind.holder), facts)
        found.compared = cursor.rowcount
        cursor.execute(statements.POINTS.format(holder=kind.holder), facts)
        cursor.execute("ANALYZE duplicate_candidate, duplicate_point")
        weigh(cursor, tell)
        content_type = ContentType.objects.get_for_model(model).pk
        cursor.execute("ANALYZE duplicate_score")
        cursor.execute(statements.KEEP, [content_type, timezone.now()])
        cursor.execute(statements.FORGET, [content_type])
        cursor.execute("DROP TABLE duplicate_record, duplicate_candidate, duplicate_point, duplicate_score")
    found.pairs = DuplicatePair.objects.of(model).open().count()
    return found


def write_records(kind: Kind, cursor, tell) -> int:
    """Fill the table of records, chunk by chunk: the server-side cursor of the rows and COPY take turns."""
    lines, number = [], 0
    for number, row in enumerate(kind.rows(), 1):
        lines.append(record_line(*row))
        if number % CHUNK == 0:
            copy(cursor, "duplicate_record FROM STDIN (NULL '')", lines)
            lines.clear()
            tell(CHUNK)
    copy(cursor, "duplicate_record FROM STDIN (NULL '')", lines)
    return number


def record_line(key, sort, profile, site) -> str:
    """What of one record is compared, as a line for duplicate_record; people have no place and cross no writing."""
    if sort == Customer.Kind.PERSON:
        keys, crossing, province, city = set(map(hash, person_keys(profile))), (), "", ""
    else:
        keys, crossing = set(map(hash, company_keys(profile))), map(hash, crossing_keys(profile))
        province, city = scoring.home(profile)
    name, code = profile.name, profiles.for_copy(profile.code)
    fields = (
        str(key), sort, profiles.written(profile), name.core, str(name.is_han), code, province, city,
        "" if site is None else str(site), f"{{{','.join(map(str, keys))}}}", f"{{{','.join(map(str, crossing))}}}",
    )  # fmt: skip
    return "\t".join(fields) + "\n"


def copy(cursor, what: str, lines: list[str]):
    with cursor.copy(f"COPY {what}") as stream:
        stream.write("".join(lines))


def weigh(cursor, tell):
    """Score the candidate pairs and write those that are alike enough into duplicate_score."""
    rules = rules_in_use()
    with connection.chunked_cursor() as pairs:
        pairs.execute(statements.PAIRS)
        while chunk := pairs.fetchmany(CHUNK):
            copy(cursor, "duplicate_score FROM STDIN", [line for pair in chunk if (line := weighed(pair, rules))])
            tell(len(chunk))


def weighed(pair, rules) -> str:
    """A line for duplicate_score, or "" for a pair that is not alike enough."""
    first, second, kind, mine, theirs, *meet = pair
    compare = scoring.people if kind == Customer.Kind.PERSON else scoring.companies
    verdict = compare(profiles.read(mine), profiles.read(theirs), rules, scoring.Meeting(*meet))
    if verdict.score < scoring.ENOUGH:
        return ""
    return f"{first}\t{second}\t{verdict.percent}\t{json.dumps(list(dict.fromkeys(verdict.reasons))[:6])}\n"
