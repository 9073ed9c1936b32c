"""How the plain contact points of the first versions become sealed ones; used by a migration and its test."""

from django.core.exceptions import ValidationError
from django.db import transaction

from crm.protection import new_key
from crm.protection.cipher import cell, seal
from customers.points import SCOPE, digest_of, normalised, tokens_of

BATCH = 1_000
POINTS, EVENTS = "customers_contactpoint", "customers_contactpointevent"


def seal_plain_points(apps, schema_editor, batch: int = BATCH):
    """Seal rows and their events; ends with tables in which no old row version holds a plain value any more."""
    connection = schema_editor.connection
    for step in (points_batch, events_batch):
        count = batch
        while count == batch:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                count = step(cursor, batch)
    for table in (POINTS, EVENTS):  # rows without any value; nothing is bound to their key
        schema_editor.execute(f"UPDATE {table} SET key = gen_random_uuid() WHERE key IS NULL")
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {POINTS}, {EVENTS}")


def points_batch(cursor, batch: int) -> int:
    """Seal the next points that are plain; gives their number."""
    cursor.execute(
        f"SELECT id, kind, plain, customer_id, contact_id, deleted_at IS NULL FROM {POINTS}"
        " WHERE value IS NULL AND plain <> '' ORDER BY id LIMIT %s FOR UPDATE",
        [batch],
    )
    rows = cursor.fetchall()
    for pk, kind, plain, customer, contact, in_use in rows:
        value, key = one_form(cursor, kind, plain, customer, contact, in_use), new_key()
        cursor.execute(
            f"UPDATE {POINTS} SET key = %s, value = %s, digest = %s, tokens = %s, plain = '' WHERE id = %s",
            [key, sealed(value, key), digest_of(kind, value), tokens_of(kind, value), pk],
        )
    return len(rows)


def one_form(cursor, kind, plain, customer, contact, in_use) -> str:
    """The value in today's one form; as it is where that is no longer accepted, or taken by another row."""
    try:
        value = normalised(kind, plain)
    except ValidationError:
        return plain
    if value != plain and in_use:
        cursor.execute(
            f"SELECT 1 FROM {POINTS} WHERE deleted_at IS NULL AND kind = %s AND (plain = %s OR digest = %s)"
            " AND (customer_id = %s OR contact_id = %s)",
            [kind, value, digest_of(kind, value), customer, contact],
        )
        if cursor.fetchone():
            return plain
    return value


def events_batch(cursor, batch: int) -> int:
    """Seal the next events that are plain, with the key of their row; events of removed rows share a new one."""
    cursor.execute(
        f"SELECT event.pgh_id, event.pgh_obj_id, event.plain, coalesce(point.key, earlier.key) FROM {EVENTS} event"
        f" LEFT JOIN {POINTS} point ON point.id = event.pgh_obj_id"
        f" LEFT JOIN LATERAL (SELECT key FROM {EVENTS} WHERE pgh_obj_id = event.pgh_obj_id AND key IS NOT NULL LIMIT 1)"
        " earlier ON true WHERE event.value IS NULL AND event.plain <> '' ORDER BY event.pgh_id LIMIT %s",
        [batch],
    )
    rows, keys = cursor.fetchall(), {}
    for pk, row, plain, key in rows:
        key = keys.setdefault(row, key or new_key())
        cursor.execute(
            f"UPDATE {EVENTS} SET key = %s, value = %s, plain = '' WHERE pgh_id = %s", [key, sealed(plain, key), pk]
        )
    return len(rows)


def sealed(value: str, key) -> bytes:
    return seal(value, cell(f"{SCOPE}.value", key))
