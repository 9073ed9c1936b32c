"""The staging table: lines of a file go in by COPY and become records by INSERT … SELECT.

COPY leaves no trace in the change log, so it fills staging only; the business tables are filled by statements whose
triggers write history with the person and the job that act.
"""

import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from itertools import compress
from operator import is_not, itemgetter
from typing import NamedTuple

from django.db import connection
from django.db.models.base import ModelState
from django.utils import timezone

from crm.json_text import decode, encode
from crm.models import StagedRow
from crm.models.listed import array_of
from crm.protection import ProtectedField, sealed_json, sealed_part
from crm.protection.index import Derived, as_json

SCOPE = "crm.stagedrow.data"  # what the values beside a staged record are bound to
BESIDE = "import:beside"  # no name of a column, so that staging can hold it along with the columns
PLAIN = {str, int, bool, type(None), Decimal, datetime.date}
STAMPS = ("created_at", "modified_at")
NULL = r"\N"  # in the text format of COPY


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


def copied(batch, lines) -> bytes:
    """Staged lines in the text format of COPY: JSON and words of ours hold neither tabs nor ends of lines."""
    batch_key, rows = str(batch.pk), []
    for number, cells, data, errors, decision, changes, target, match, kinds in map(sealed_line, lines):
        known = NULL if target is None else str(target)
        texts = (batch_key, str(number), cells, escaped(data), escaped(errors), decision, escaped(changes), known)
        rows.append("\t".join((*texts, match, kinds)))
    return "\n".join([*rows, ""]).encode()


def escaped(text: str | None) -> str:
    return NULL if text is None else text.replace("\\", "\\\\")


def copy_rows(rows: bytes):
    """COPY what `copied` gave. Inside a transaction: all of it or nothing."""
    columns = ", ".join(("batch_id", *StagedLine._fields))
    with connection.cursor() as cursor, cursor.copy(f"COPY {StagedRow._meta.db_table} ({columns}) FROM STDIN") as copy:
        copy.write(rows)


def sealed_line(line: StagedLine) -> StagedLine:
    """The line as the table keeps it: whatever may hold a phone number is sealed (what stands beside the record, the
    cells as they were read, the sentences that quote them)."""
    number, cells, data, errors, decision, changes, target, match, kinds = line
    errors = {name: sealed_part(text, "crm.stagedrow.errors") for name, text in errors.items()}
    return StagedLine(
        number,
        sealed_json(cells, "crm.stagedrow.cells"),
        encoded(data),
        encode(errors) if errors else "{}",
        decision,
        encoded(changes),
        target,
        match,
        encode(list(kinds)) if kinds else "[]",
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
    plain, special, *_more = plan_of(type(record))
    data = {
        column: value if type(value := getattr(record, name)) in PLAIN else field.get_prep_value(value)
        for column, name, field, _usual in plain
    }
    for field in special:
        data[field.column] = as_json(field, record)
    return data


def filled_of(record) -> dict:
    """The columns of a new record that hold anything else than an empty one does: what insert_rows needs of it."""
    plain, special, values_of, usuals = plan_of(type(record))
    values = values_of(record.__dict__)
    differ = [*map(is_not, values, usuals)]  # nearly all are the very same
    data = {
        column: value if type(value) in PLAIN else field.get_prep_value(value)
        for (column, _name, field, usual), value in zip(compress(plain, differ), compress(values, differ), strict=True)
        if value != usual
    }
    for field in special:
        if (value := as_json(field, record)) is not None:
            data[field.column] = value
    return data


class Never:
    """What no column ever holds."""


@cache
def plan_of(model) -> tuple[list, list, Callable, list]:
    """What data_of does with each column, worked out once: the plain ones as (column, attribute, field, what an empty
    record has there), and those that are sealed or derived; what takes the values of the former out of a record's
    attributes, and what an empty record has there."""
    columns, held = stored_columns(model), model().__dict__
    special = [field for field in columns if isinstance(field, ProtectedField | Derived)]
    plain = [field for field in columns if field not in special]
    usuals = [usual_of(one, held[one.attname]) for one in plain]
    plan = [(one.column, one.attname, one, usual) for one, usual in zip(plain, usuals, strict=True)]
    return plan, special, itemgetter(*(one.attname for one in plain)), usuals


def whole(model, data: dict) -> dict:
    """All columns of a row of which filled_of gave a part."""
    return decode(empty_data(model)) | data


def usual_of(field, value):
    """What all empty records have there; Never where each has something of its own."""
    is_made = field.has_default() and callable(field.default) and not isinstance(value, list | dict)
    return Never if is_made else value


@cache
def empty_data(model) -> str:
    """The columns of an empty record, as JSON: what a row has where filled_of names nothing."""
    plain, *_more = plan_of(model)
    return encode({column: field.get_prep_value(usual) for column, _name, field, usual in plain if usual is not Never})


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


def is_outdated(model, columns: list[str]) -> bool:
    """Whether lines that were staged when the model had only these columns cannot be written any more: a column came
    since that must be filled, or that the check derives from others. columns: of stored_columns."""
    added = [field for field in stored_columns(model) if field.column not in columns]
    return any(not one.editable or not (one.blank or one.null or one.has_default()) for one in added)


def fresh_keys(model, number: int) -> list[int]:
    """So many keys that no record of the model has or will get, in order."""
    if not number:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence)
               SELECT nextval(sequence) FROM own, generate_series(1, %s)""",
            [model._meta.db_table, model._meta.pk.column, number],
        )
        return sorted(key for (key,) in cursor.fetchall())


def insert_rows(model, source: str, params: list, *, keyed: bool) -> int:
    """Make records with one statement; gives their number. For a keyed source each has a key, `given.id`.

    source: what follows FROM: gives `new`, a row of the table, of jsonb_populate_record(empty.row, …). A row names only
    what an empty record does not have (see filled_of): less to send, to read and to keep than all its columns.
    """
    table, quote = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name
    columns = [quote(field.column) for field in stored_columns(model)]
    stamps = [name for name in STAMPS if any(field.name == name for field in model._meta.concrete_fields)]
    key = [quote(model._meta.pk.column)] if keyed else []
    values = [
        *(["given.id"] if keyed else []),
        *(f"new.{name}" for name in columns),
        *["%s::timestamptz"] * len(stamps),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH empty AS MATERIALIZED (SELECT jsonb_populate_record(NULL::{table}, %s::jsonb) AS row)
                INSERT INTO {table} ({", ".join([*key, *columns, *stamps])})
                SELECT {", ".join(values)} FROM empty, {source} {"ORDER BY given.id" if keyed else ""}""",
            [empty_data(model), *[timezone.now()] * len(stamps), *params],
        )
        return cursor.rowcount


def insert_records(model, batch, keys: dict[int, int]) -> int:
    """Make records of staged lines; gives their number. keys: {line: key of its record}.

    The range of lines keeps PostgreSQL from reading the whole file for each chunk.
    """
    if not keys:
        return 0
    source = f"""unnest(%s::int[], %s::bigint[]) AS given(line, id)
        JOIN {StagedRow._meta.db_table} AS staged
          ON staged.batch_id = %s AND staged.line = given.line AND staged.line BETWEEN %s AND %s,
        LATERAL jsonb_populate_record(empty.row, staged.data) AS new"""
    return insert_rows(
        model, source, [array_of(keys), array_of(keys.values()), batch.pk, min(keys), max(keys)], keyed=True
    )


def insert_data(model, rows: dict[int, dict]) -> int:
    """Make records of {key: columns as filled_of gives them}, in their order; gives their number."""
    if not rows:
        return 0
    source = """ROWS FROM (unnest(%s::bigint[]), jsonb_array_elements(%s::jsonb)) AS given(id, data),
        LATERAL jsonb_populate_record(empty.row, given.data) AS new"""
    return insert_rows(model, source, [array_of(rows), encode([*rows.values()])], keyed=True)


def add_rows(model, rows: str) -> int:
    """Make records of a list, as JSON, of what filled_of gives; gives their number. Ten times bulk_create's pace."""
    if rows == "[]":
        return 0
    return insert_rows(model, "jsonb_populate_recordset(empty.row, %s::jsonb) AS new", [rows], keyed=False)
