"""The staging table: lines of a file go in by COPY and become records by INSERT … SELECT.

COPY leaves no trace in the change log, so it fills staging only; the business tables are filled by statements whose
triggers write history with the person and the job that act.
"""

import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models.base import ModelState
from django.utils import timezone

from crm.models import StagedRow
from crm.protection import ProtectedField, sealed_json, sealed_part
from crm.protection.index import Derived, as_json

encode = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
SCOPE = "crm.stagedrow.data"  # what the values beside a staged record are bound to
BESIDE = "import:beside"  # no name of a column, so that staging can hold it along with the columns
PLAIN = {str, int, bool, type(None), Decimal, datetime.date}
STAMPS = ("created_at", "modified_at")


class StagedLine(NamedTuple):
    """One line as it goes into staging."""

    line: int
    cells: list
    data: dict | None
    errors: dict
    decision: str
    changes: dict | None = None
    target_id: int | None = None
    match: str = ""
    kinds: list | str = ()


def copy_rows(batch, lines):
    """COPY staged lines. Inside a transaction: all of them or none."""
    with connection.cursor() as cursor:
        sql = f"COPY {StagedRow._meta.db_table} (batch_id, {', '.join(StagedLine._fields)}) FROM STDIN"
        with cursor.copy(sql) as copy:
            for line in lines:
                copy.write_row((batch.pk, *sealed_line(line)))


def sealed_line(line: StagedLine) -> StagedLine:
    """The line as the table keeps it: whatever may hold a phone number is sealed (what stands beside the record, the
    cells as they were read, the sentences that quote them)."""
    errors = {name: sealed_part(text, "crm.stagedrow.errors") for name, text in line.errors.items()}
    return line._replace(
        cells=sealed_json(line.cells, "crm.stagedrow.cells"),
        data=encoded(line.data),
        changes=encoded(line.changes),
        errors=encode(errors) if errors else "{}",
        kinds=encode(list(line.kinds)) if line.kinds else "[]",
    )


def encoded(data: dict | None) -> str | None:
    """Columns as JSON, with what stands beside the record sealed."""
    if data is not None and BESIDE in data:
        data = data | {BESIDE: sealed_part(data[BESIDE], SCOPE)}
    return None if data is None else encode(data)


@cache
def stored_columns(model) -> list:
    """The fields whose values a staged row holds: all that may be written, without key and moments of writing."""
    left_out = {*STAMPS, model._meta.pk.name}
    return [field for field in model._meta.concrete_fields if not field.generated and field.name not in left_out]


def data_of(record) -> dict:
    """The columns of a record as the staging table holds them."""
    plain, special = plan_of(type(record))
    data = {
        column: value if type(value := getattr(record, name)) in PLAIN else field.get_prep_value(value)
        for column, name, field in plain
    }
    for field in special:
        data[field.column] = as_json(field, record)
    return data


@cache
def plan_of(model) -> tuple[list, list]:
    """What data_of does with each column, worked out once: the plain ones, and those that are sealed or derived."""
    columns = stored_columns(model)
    special = [field for field in columns if isinstance(field, ProtectedField | Derived)]
    return [(field.column, field.attname, field) for field in columns if field not in special], special


@cache
def blank_of(model) -> tuple[dict, list]:
    """The attributes of a new record, and the fields whose default is made anew for each."""
    record, fields = model(), model._meta.concrete_fields
    held = {name: value for name, value in record.__dict__.items() if name != "_state"}
    return held, [(field.attname, field) for field in fields if field.has_default() and callable(field.default)]


def blank_record(model):
    """What `model()` gives, at a third of the cost: a file has a line a record. For models without __init__."""
    held, fresh = blank_of(model)
    record = model.__new__(model)
    record._state = ModelState()
    record.__dict__.update(held)
    for name, field in fresh:
        record.__dict__[name] = field.get_default()
    return record


def stored(field, record):
    """One value as JSON that the database turns into the column: ciphertext and fingerprints as text of bytes."""
    if isinstance(field, ProtectedField | Derived):
        return as_json(field, record)
    value = getattr(record, field.attname)
    # Nearly all values are so already; asking the field of each cost a tenth of the check.
    return value if type(value) in PLAIN else field.get_prep_value(value)


def added_since(model, data: dict) -> dict | None:
    """{column: value of an empty field} for columns that a line staged by an older version of the program lacks.

    None when such a line cannot be completed: a column that must be filled, or that the check derives from others.
    """
    blank, added = model(), {}
    for field in stored_columns(model):
        if field.column not in data:
            if not field.editable or not (field.blank or field.null or field.has_default()):
                return None
            added[field.column] = stored(field, blank)
    return added


def fresh_keys(model, number: int) -> list[int]:
    """So many keys that no record of the model has or will get, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, number],
        )
        return sorted(key for (key,) in cursor.fetchall())


def insert_records(model, batch, keys: dict[int, int], added: dict | None = None) -> int:
    """Make records of staged lines with one statement; gives their number. keys: {line: key of its record}.

    added: see added_since. The range of lines keeps PostgreSQL from reading the whole file for each chunk.
    """
    if not keys:
        return 0
    table, quote = model._meta.db_table, connection.ops.quote_name
    columns = [quote(field.column) for field in stored_columns(model)]
    stamps = [name for name in STAMPS if any(field.name == name for field in model._meta.concrete_fields)]
    values = ["keys.id", *(f"new.{name}" for name in columns), *["%s::timestamptz"] * len(stamps)]
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {quote(table)} ({", ".join([quote(model._meta.pk.column), *columns, *stamps])})
                SELECT {", ".join(values)}
                FROM unnest(%s::int[], %s::bigint[]) AS keys(line, id)
                JOIN {StagedRow._meta.db_table} AS staged ON staged.batch_id = %s AND staged.line = keys.line
                     AND staged.line BETWEEN %s AND %s,
                     LATERAL jsonb_populate_record(NULL::{quote(table)}, %s::jsonb || staged.data) AS new
                ORDER BY keys.id""",
            [*[now] * len(stamps), [*keys], [*keys.values()], batch.pk, min(keys), max(keys), encode(added or {})],
        )
        return cursor.rowcount
