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

from customers.duplicates import profiles, scoring
from customers.duplicates.blocking import MOST, company_keys, crossing_keys, person_keys
from customers.duplicates.rules import rules_in_use
from customers.models import Contact, ContactRole, Customer, DuplicatePair

CHUNK = 20_000
TABLES = """
CREATE TEMP TABLE duplicate_key (key bigint, id bigint) ON COMMIT DROP;
CREATE TEMP TABLE duplicate_crossing (key bigint, id bigint, is_han boolean) ON COMMIT DROP;
CREATE TEMP TABLE duplicate_name (id bigint, kind text, parts text, site bigint) ON COMMIT DROP;
CREATE TEMP TABLE duplicate_score (first bigint, second bigint, score smallint, reasons jsonb) ON COMMIT DROP;
"""
# Fingerprints become keys of 64 bits; a chance meeting of two is weighed like any other pair, and falls through.
POINT_KEYS = """
INSERT INTO duplicate_key
SELECT ('x' || encode(substring(digest FROM 1 FOR 8), 'hex'))::bit(64)::bigint, {holder}
FROM customers_contactpoint
WHERE {holder} IS NOT NULL AND deleted_at IS NULL AND kind IN ('mobile', 'phone', 'email')
"""
DOMAIN_KEYS = """
INSERT INTO duplicate_key
SELECT tokens[2] + 1099511627776, {holder} FROM customers_contactpoint
WHERE {holder} IS NOT NULL AND deleted_at IS NULL AND kind = 'email' AND NOT tokens[2] = ANY(%s)
UNION ALL SELECT site + 1099511627776, id FROM duplicate_name WHERE site IS NOT NULL
"""
CANDIDATES = f"""
CREATE TEMP TABLE duplicate_candidate ON COMMIT DROP AS
SELECT a AS first, b AS second
FROM (SELECT array_agg(DISTINCT id) AS ids FROM duplicate_key GROUP BY key HAVING count(*) BETWEEN 2 AND {MOST})
     AS together, unnest(ids) AS a, unnest(ids) AS b
WHERE a < b
UNION
SELECT least(a, b), greatest(a, b)
FROM (SELECT array_agg(id) FILTER (WHERE is_han) AS han, array_agg(id) FILTER (WHERE NOT is_han) AS latin
      FROM duplicate_crossing GROUP BY key HAVING count(*) <= {MOST} AND bool_or(is_han) AND NOT bool_and(is_han))
     AS together, unnest(han) AS a, unnest(latin) AS b
"""
POINTS = """
CREATE TEMP TABLE duplicate_point ON COMMIT DROP AS
SELECT {holder} AS id, array_agg(digest) FILTER (WHERE kind <> 'email') AS phones,
       array_agg(digest) FILTER (WHERE kind = 'email') AS emails,
       array_agg(tokens[2]) FILTER (WHERE kind = 'email' AND NOT tokens[2] = ANY(%s)) AS domains
FROM customers_contactpoint
WHERE {holder} IN (SELECT first FROM duplicate_candidate UNION SELECT second FROM duplicate_candidate)
  AND deleted_at IS NULL AND kind IN ('mobile', 'phone', 'email')
GROUP BY {holder}
"""
PAIRS = """
SELECT p.first, p.second, a.kind, a.parts, b.parts, x.phones && y.phones, x.emails && y.emails,
       nullif(coalesce(x.domains, '{}') || coalesce(ARRAY[a.site::int], '{}'), '{NULL}')
       && nullif(coalesce(y.domains, '{}') || coalesce(ARRAY[b.site::int], '{}'), '{NULL}')
FROM duplicate_candidate p
JOIN duplicate_name a ON a.id = p.first JOIN duplicate_name b ON b.id = p.second AND b.kind = a.kind
LEFT JOIN duplicate_point x ON x.id = p.first LEFT JOIN duplicate_point y ON y.id = p.second
"""
KEEP = """
INSERT INTO customers_duplicatepair (kind_id, first, second, score, reasons, found_at, state)
SELECT %s, first, second, score, ARRAY(SELECT jsonb_array_elements_text(reasons)), %s, 'open' FROM duplicate_score
ON CONFLICT (kind_id, first, second) DO UPDATE SET score = excluded.score, reasons = excluded.reasons
WHERE customers_duplicatepair.state = 'open'
  AND (customers_duplicatepair.score, customers_duplicatepair.reasons) <> (excluded.score, excluded.reasons)
"""
FORGET = """
DELETE FROM customers_duplicatepair p WHERE kind_id = %s AND state = 'open'
AND NOT EXISTS (SELECT FROM duplicate_score s WHERE s.first = p.first AND s.second = p.second)
"""


@dataclass(frozen=True)
class Kind:
    """What is looked through: rows -> (key, kind, profile, print of the website), and the column of contact points."""

    rows: Callable
    holder: str


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


KINDS = {Customer: Kind(customer_rows, "customer_id"), Contact: Kind(contact_rows, "contact_id")}


@transaction.atomic
def scan(model, tell: Callable = lambda number: None) -> Found:
    """Bring the queue of a kind up to date: new pairs, new scores, and away with open ones that are alike no more.

    tell(number) hears how many records were read and pairs weighed.
    """
    kind, found, providers = KINDS[model], Found(), profiles.provider_prints()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found.rows = write_keys(kind, cursor, tell)
        cursor.execute(POINT_KEYS.format(holder=kind.holder))
        if model is Customer:
            cursor.execute(DOMAIN_KEYS.format(holder=kind.holder), [providers])
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(CANDIDATES)
        found.compared = cursor.rowcount
        cursor.execute(POINTS.format(holder=kind.holder), [providers])
        cursor.execute("ANALYZE duplicate_candidate, duplicate_name, duplicate_point")
        weigh(cursor, tell)
        content_type = ContentType.objects.get_for_model(model).pk
        cursor.execute("ANALYZE duplicate_score")
        cursor.execute(KEEP, [content_type, timezone.now()])
        cursor.execute(FORGET, [content_type])
        cursor.execute(
            "DROP TABLE duplicate_key, duplicate_crossing, duplicate_name, duplicate_point, duplicate_candidate,"
            " duplicate_score"
        )
    found.pairs = DuplicatePair.objects.of(model).open().count()
    return found


def write_keys(kind: Kind, cursor, tell) -> int:
    """Fill the tables of keys and names, chunk by chunk: the server-side cursor of the rows and COPY take turns."""
    keys, crossing, parts, number = [], [], [], 0
    for number, (key, sort, profile, site) in enumerate(kind.rows(), 1):
        if sort == Customer.Kind.PERSON:
            keys.extend(f"{hash(one)}\t{key}\n" for one in set(person_keys(profile)))
        else:
            keys.extend(f"{hash(one)}\t{key}\n" for one in set(company_keys(profile)))
            is_han = "t" if profile.name.is_han else "f"
            crossing.extend(f"{hash(one)}\t{key}\t{is_han}\n" for one in crossing_keys(profile))
        parts.append(f"{key}\t{sort}\t{profiles.written(profile)}\t{'' if site is None else site}\n")
        if number % CHUNK == 0:
            copy_all(cursor, keys, crossing, parts)
            tell(CHUNK)
    copy_all(cursor, keys, crossing, parts)
    return number


def copy_all(cursor, keys, crossing, parts):
    for table, lines in (("duplicate_key", keys), ("duplicate_crossing", crossing), ("duplicate_name", parts)):
        copy(cursor, f"{table} FROM STDIN (NULL '')", lines)
        lines.clear()


def copy(cursor, what: str, lines: list[str]):
    with cursor.copy(f"COPY {what}") as stream:
        stream.write("".join(lines))


def weigh(cursor, tell):
    """Score the candidate pairs and write those that are alike enough into duplicate_score."""
    rules = rules_in_use()
    with connection.chunked_cursor() as pairs:
        pairs.execute(PAIRS)
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
