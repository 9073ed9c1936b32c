"""Changes many records at once, each in its own columns, and keeps what stood there before: set-based both ways."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from crm.json_text import encode
from crm.models import ImportedRow
from crm.models.listed import array_of

# Columns that an update never takes from a line: keys and stamps, and what crm.ownership alone writes.
UNTOUCHED = {
    "id",
    "key",
    "version",
    "created_by_id",
    "modified_by_id",
    "deleted_at",
    "deletion_id",
    "owner_id",
    "team_id",
    "source_system",
}
NEW = """
WITH given AS (SELECT (one->>0)::bigint AS id, one->1 AS changes FROM jsonb_array_elements(%s::jsonb) AS one),
old AS MATERIALIZED (SELECT given.*, jsonb_build_object({pairs}) AS old FROM given JOIN {table} m ON m.id = given.id),
new AS (
  SELECT id, old, (
    SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM (
      SELECT key, CASE WHEN key = 'custom' AND %s THEN (old->key) || value ELSE value END AS value
      FROM jsonb_each(changes)
    ) one WHERE value IS DISTINCT FROM old->key
  ) AS new FROM old
), """
WRITE = """
written AS (
  UPDATE {table} AS m SET {sets}{stamps}
  FROM new CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, new.new) AS r
  WHERE m.id = new.id AND new.new <> '{{}}'
)
SELECT id, (SELECT jsonb_object_agg(key, old->key) FROM jsonb_object_keys(new) AS key)::text
FROM new WHERE new <> '{{}}'"""


def change_rows(model, changes: dict[int, dict], *, actor, merges=True) -> dict[int, str]:
    """Write {key: {column: value as JSON}}; gives {key: before-image as JSON text} of the rows that changed.

    merges: values of custom fields join those that are there; else they take their place. The caller locks the rows.
    """
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    columns = sorted({column for one in changes.values() for column in one})
    if not columns:
        return {}
    names = {field.name for field in model._meta.concrete_fields}
    pairs = ", ".join(f"'{column}', m.{quote(column)}" for column in columns)
    sets = ", ".join(
        f"{quote(one)} = CASE WHEN new.new ? '{one}' THEN r.{quote(one)} ELSE m.{quote(one)} END" for one in columns
    )
    stamped = "modified_at" in names
    sql = NEW.format(pairs=pairs, table=table) + WRITE.format(
        table=table, sets=sets, stamps=", modified_by_id = %s, modified_at = %s" if stamped else ""
    )
    # One text, not an array of texts: psycopg would escape each quotation mark of it by a call of its own.
    values = [encode([*changes.items()]), merges]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *([actor.pk, timezone.now()] if stamped else [])])
        return dict(cursor.fetchall())


def in_circles(model, changes: dict[int, int | None]) -> set[int]:
    """Those of {key of a record: key of its new parent} that would stand below themselves, one after the other."""
    parents: dict[int, int | None] = {}
    wanted = {*changes, *changes.values()} - {None}
    while unknown := wanted - parents.keys():
        found = dict(model._base_manager.filter(pk__in=unknown).values_list("pk", "parent_id"))
        parents |= dict.fromkeys(unknown) | found
        wanted = set(found.values()) - {None}
    wrong = set()
    for key, parent in changes.items():
        above, seen = parent, {key}
        while above is not None and above not in seen:
            seen.add(above)
            above = parents[above]
        if above is None:
            parents[key] = parent
        else:
            wrong.add(key)
    return wrong


def note(batch, model, rows: list[tuple]):
    """Write the ledger: rows of (line, outcome, key of the record or None, before-image as JSON text or None)."""
    if not rows:
        return
    versioned = any(field.name == "version" for field in model._meta.concrete_fields)
    version = "NULL::int"
    if versioned:  # one by one: a join may read the whole table
        version = f"(SELECT m.version FROM {connection.ops.quote_name(model._meta.db_table)} m WHERE m.id = given.id)"
    lines, outcomes, keys, before = zip(*rows, strict=True)
    images = "[" + ",".join(one or "null" for one in before) + "]"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {ImportedRow._meta.db_table}
                    (batch_id, line, outcome, record_id, version, before, at, undone)
                SELECT %s, given.line, given.outcome, given.id, {version}, nullif(given.image, 'null'), %s, ''
                FROM ROWS FROM (
                    unnest(%s::int[]), unnest(%s::text[]), unnest(%s::bigint[]), jsonb_array_elements(%s::jsonb)
                ) AS given(line, outcome, id, image)""",
            [batch.pk, timezone.now(), array_of(lines), f"{{{','.join(outcomes)}}}", array_of(keys), images],
        )
