"""Rows of the database to lines for COPY: records with the keys by which they meet, and pairs with their scores.

Nothing here asks the database, so that processes beside the one that searches can do it (beside.py). Keys are Python's
hashes: all records of one search must be read under one hash seed.
"""

import json

from customers.duplicates import profiles, scoring
from customers.duplicates.blocking import company_keys, crossing_keys, person_keys
from customers.models import Customer


def customers(rows) -> str:
    """rows: (profiles.FIELDS); lines for duplicate_record."""
    return "".join(record(row[0], row[1], profiles.customer_profile(*row[1:]), row[5]) for row in rows)


def contacts(rows) -> str:
    """rows: (key, name, keys of companies); lines for duplicate_record."""
    person = Customer.Kind.PERSON.value
    return "".join(record(key, person, profiles.contact_profile(name, None, at)) for key, name, at in rows)


def record(key, sort, profile, website="") -> str:
    """What of one record is compared; people have no place and cross no writing."""
    if sort == Customer.Kind.PERSON:
        keys, crossing, province, city = set(map(hash, person_keys(profile))), (), "", ""
    else:
        keys, crossing = set(map(hash, company_keys(profile))), map(hash, crossing_keys(profile))
        province, city = scoring.home(profile)
    name, code = profile.name, profiles.for_copy(profile.code)
    site = profiles.website_print(website) if website else None
    fields = (
        str(key), sort, profiles.written(profile), name.core, str(name.is_han), code, province, city,
        "" if site is None else str(site), f"{{{','.join(map(str, keys))}}}", f"{{{','.join(map(str, crossing))}}}",
    )  # fmt: skip
    return "\t".join(fields) + "\n"


def pairs(rows, rules) -> str:
    """rows: those of statements.PAIRS; lines for duplicate_score, of pairs that are alike enough."""
    rules = frozenset(rules)
    return "".join(pair(*row[:5], scoring.Meeting(*row[5:]), rules) for row in rows)


def pair(first, second, kind, mine, theirs, meet, rules) -> str:
    compare = scoring.people if kind == Customer.Kind.PERSON else scoring.companies
    verdict = compare(profiles.read(mine), profiles.read(theirs), rules, meet)
    if verdict.score < scoring.ENOUGH:
        return ""
    return f"{first}\t{second}\t{verdict.percent}\t{json.dumps(list(dict.fromkeys(verdict.reasons))[:6])}\n"


WORK = {"customers": customers, "contacts": contacts, "pairs": pairs}
