"""Seals every protected value anew with the newest key, chunk by chunk; a killed run goes on where it stopped."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.db import connection, transaction

from crm.failpoints import failpoint
from crm.json_text import encode
from crm.keys import INDEX_NUMBER, TABLE, register
from crm.protection import PartlySealedField, ProtectedField, SealedValues
from crm.protection.cipher import Unreadable, cell, present_key, seal, unseal
from crm.protection.parts import resealed_parts

CHUNK = 1_000


@dataclass
class Outcome:
    """What a rotation did: values sealed anew, values that do not open, and old keys that are still needed."""

    sealed: int = 0
    damaged: int = 0
    still_needed: frozenset[int] = frozenset()
    free: frozenset[int] = frozenset()


def fields_of(model, kind) -> list:
    return [field for field in model._meta.concrete_fields if isinstance(field, kind)]


def tables(kind) -> list[tuple[type, list]]:
    """(model, fields) of all models with such fields, the event tables of the change log among them."""
    found = [(model, fields_of(model, kind)) for model in apps.get_models(include_auto_created=True)]
    return [(model, fields) for model, fields in found if fields and not model._meta.proxy and model._meta.managed]


def rotate(tell=lambda text: None, chunk: int = CHUNK) -> Outcome:
    """Seal everything anew that another key than the newest has sealed. Change log and versions hear nothing of it."""
    register()
    outcome = Outcome()
    steps = {
        ProtectedField: reseal_chunk,
        SealedValues: reseal_values_chunk,
        PartlySealedField: reseal_parts_chunk,
    }
    for kind, step in steps.items():
        for model, fields in tables(kind):
            last, before = 0, outcome.sealed
            while last is not None:
                with transaction.atomic(), pgtrigger.ignore():
                    last = step(model, fields, last, chunk, outcome)
                failpoint("after_rotated_chunk")
            tell(f"{model._meta.label}: {outcome.sealed - before:,}")
    needed = numbers_in_use()
    outcome.still_needed = frozenset(needed - {present_key()})
    outcome.free = release(needed)
    return outcome


def reseal_chunk(model, fields, last, chunk, outcome) -> int | None:
    """Seal the next rows after the key `last`; gives the last key done, or None when there were no more."""
    table, pk = model._meta.db_table, model._meta.pk.column
    new = bytes([present_key()])
    columns = ", ".join(f'"{field.column}"' for field in fields)
    old = " OR ".join(f'substring("{field.column}" FROM 1 FOR 1) <> %s' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{pk}", key, {columns} FROM "{table}" WHERE "{pk}" > %s AND ({old})'
            f' ORDER BY "{pk}" LIMIT %s FOR NO KEY UPDATE',
            [last, *[new] * len(fields), chunk],
        )
        rows = cursor.fetchall()
        for place, field in enumerate(fields, 2):
            fresh = [(row[0], anew(field.scope, row[1], row[place], new, outcome)) for row in rows]
            fresh = [(key, value) for key, value in fresh if value is not None]
            if fresh:
                cursor.execute(
                    f'UPDATE "{table}" AS t SET "{field.column}" = fresh.value'
                    f' FROM unnest(%s::bigint[], %s::bytea[]) AS fresh(pk, value) WHERE t."{pk}" = fresh.pk',
                    [[key for key, _value in fresh], [value for _key, value in fresh]],
                )
    return rows[-1][0] if len(rows) == chunk else None


def anew(scope: str, key, value, new: bytes, outcome) -> bytes | None:
    """The value sealed by the newest key; None for what is empty, new already, or does not open."""
    if not value or value[:1] == new:
        return None
    try:
        place = cell(scope, key)
        text = unseal(bytes(value), place)
    except (Unreadable, AttributeError):  # an event of the change log may have lost its row's key
        outcome.damaged += 1
        return None
    outcome.sealed += 1
    return seal(text, place)


def reseal_values_chunk(model, fields, last, chunk, outcome) -> int | None:
    """The same for sealed values of custom fields."""
    table, pk = model._meta.db_table, model._meta.pk.column
    (field,) = fields
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{pk}", key, "{field.column}"::text FROM "{table}" WHERE "{pk}" > %s'
            f' AND "{field.column}" IS NOT NULL ORDER BY "{pk}" LIMIT %s FOR NO KEY UPDATE',
            [last, chunk],
        )
        rows = cursor.fetchall()
        fresh = [(pk, anew_values(field, key, json.loads(text), outcome)) for pk, key, text in rows]
        fresh = [(pk, values) for pk, values in fresh if values is not None]
        if fresh:
            cursor.execute(
                f'UPDATE "{table}" AS t SET "{field.column}" = fresh.value::jsonb'
                f' FROM unnest(%s::bigint[], %s::text[]) AS fresh(pk, value) WHERE t."{pk}" = fresh.pk',
                [[pk for pk, _values in fresh], [encode(values) for _pk, values in fresh]],
            )
    return rows[-1][0] if len(rows) == chunk else None


def anew_values(field, key, values: dict, outcome) -> dict | None:
    """The values sealed by the newest key; None when nothing changes."""
    fresh = {}
    for code, text in values.items():
        try:
            sealed = base64.b64decode(text)
        except (binascii.Error, TypeError):
            sealed = b"\0"  # no key has this number: counted as damaged
        sealed = anew(f"{field.scope}.{code}", key, sealed, bytes([present_key()]), outcome)
        if sealed is not None:
            fresh[code] = base64.b64encode(sealed).decode()
    return values | fresh if fresh else None


def reseal_parts_chunk(model, fields, last, chunk, outcome) -> int | None:
    """The same for JSON with sealed parts."""
    table, pk = model._meta.db_table, model._meta.pk.column
    columns = ", ".join(f'"{field.column}"::text' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{pk}", {columns} FROM "{table}" WHERE "{pk}" > %s ORDER BY "{pk}" LIMIT %s FOR NO KEY UPDATE',
            [last, chunk],
        )
        rows = cursor.fetchall()
        for key, *texts in rows:
            for field, text in zip(fields, texts, strict=True):
                old = json.loads(text) if text else None
                fresh = resealed_parts(old, field.scope)
                if fresh != old:
                    outcome.sealed += 1
                    cursor.execute(
                        f'UPDATE "{table}" SET "{field.column}" = %s::jsonb WHERE "{pk}" = %s', [encode(fresh), key]
                    )
    return rows[-1][0] if len(rows) == chunk else None


def numbers_in_use() -> set[int]:
    """Numbers of the keys that have sealed at least one value."""
    found: set[int] = set()
    with connection.cursor() as cursor:
        for model, fields in tables(ProtectedField):
            for field in fields:
                cursor.execute(
                    f'SELECT DISTINCT get_byte("{field.column}", 0) FROM "{model._meta.db_table}"'
                    f' WHERE length("{field.column}") > 0'
                )
                found |= {number for (number,) in cursor.fetchall()}
        for model, fields in tables(SealedValues):
            (field,) = fields
            found |= numbers_of_values(cursor, model._meta.db_table, f'"{field.column}"')
        for model, fields in tables(PartlySealedField):
            for field in fields:
                found |= numbers_in_lines(cursor, model._meta.db_table, field.column)
    return found


def numbers_of_values(cursor, table: str, values: str) -> set[int]:
    """The same of sealed values in JSON (an SQL expression): their first byte is in the first two digits of base64."""
    cursor.execute(
        f'SELECT DISTINCT left(one.value, 2) FROM "{table}",'
        f" jsonb_each_text(CASE jsonb_typeof({values}) WHEN 'object' THEN {values} END) AS one"
        " WHERE one.value ~ '^[A-Za-z0-9+/]{2}'"
    )
    return {base64.b64decode(f"{digits}==")[0] for (digits,) in cursor.fetchall()}


def numbers_in_lines(cursor, table: str, column: str) -> set[int]:
    """The same of the columns of records in lines of imports: of those that wait, and of the images before a change,
    which taking an import back writes again. Nobody seals them anew; they are forgotten after a month."""
    columns = sorted({field.column for _model, fields in tables(ProtectedField) for field in fields})
    cursor.execute(
        f'SELECT DISTINCT substring(one.value FROM 3 FOR 2) FROM "{table}",'
        f' jsonb_each_text(CASE jsonb_typeof("{column}") WHEN \'object\' THEN "{column}" END) AS one'
        " WHERE one.key = ANY(%s) AND left(one.value, 2) = %s",
        [columns, "\\x"],
    )
    found = {int(digits, 16) for (digits,) in cursor.fetchall()}
    return found | numbers_of_values(cursor, table, f"\"{column}\"->'sealed'")


def release(needed: set[int]) -> frozenset[int]:
    """Forget the keys that no value needs any more; gives their numbers."""
    kept = sorted({*needed, INDEX_NUMBER, present_key()})
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE number <> ALL(%s) RETURNING number", [kept])
        return frozenset(number for (number,) in cursor.fetchall())
