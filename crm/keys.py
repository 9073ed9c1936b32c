"""Compares the key ring with the keys that have sealed this database: a missing or wrong one stops the start."""

import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from crm.protection.cipher import present_key

INDEX_NUMBER = 0
TABLE = "crm_keyinuse"


def fingerprint(key: bytes) -> str:
    """What tells keys apart and says nothing about them: 16 hexadecimal digits."""
    return hmac.digest(key, b"banyan: fingerprint of a key", "sha256")[:8].hex()


def ring() -> dict[int, str]:
    """{number: fingerprint} of the keys that the settings give; 0 is the index key."""
    keys = {INDEX_NUMBER: settings.INDEX_KEY} | settings.DATA_KEYS
    return {number: fingerprint(key) for number, key in keys.items()}


def known(connection=connection) -> dict[int, str]:
    """{number: fingerprint} of the keys that the values of this database need; empty before the first migration."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return {}
        cursor.execute(f"SELECT number, fingerprint FROM {TABLE}")
        return dict(cursor.fetchall())


def problems(connection=connection) -> list[str]:
    """What is wrong with the ring, one sentence a key."""
    given, found = ring(), []
    for number, mark in sorted(known(connection).items()):
        name = "The index key" if number == INDEX_NUMBER else f"Data key {number}"
        if number not in given:
            found.append(f"{name} (fingerprint {mark}) is missing: values that it sealed cannot be opened.")
        elif given[number] != mark:
            found.append(f"{name} is another one than that of this database (fingerprint {mark}, not {given[number]}).")
    return found


def register(connection=connection):
    """Remember the keys that seal and index from now on; a number that is known keeps its fingerprint."""
    given = ring()
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        for number in (INDEX_NUMBER, present_key()):
            cursor.execute(
                f"INSERT INTO {TABLE} (number, fingerprint, since) VALUES (%s, %s, now()) ON CONFLICT DO NOTHING",
                [number, given[number]],
            )


def check_start():
    """Stop the start of a web server or worker with the wrong keys. A database that is away stops nothing here."""
    try:
        found = problems()
        if not found:
            register()
    except DatabaseError:
        return
    finally:
        connection.close()
    if found:
        raise ImproperlyConfigured(f"Banyan does not start: {' '.join(found)} (DATA_KEYS, docs/operations.md)")
