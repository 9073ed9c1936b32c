"""The staging table: lines of a file go in by COPY, become records by INSERT … SELECT, and say what became of them.

COPY leaves no trace in the change log, so it fills staging only; the business tables are filled by statements whose
triggers write history with the person and the job that act.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from crm.models import StagedRow

COPIED = ("batch_id", "line", "cells", "data", "errors", "decision")
encode = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def copy_rows(batch, rows):
    """COPY (line, cells, data or None, errors, decision) into staging. Inside a transaction: all of them or none."""
    with connection.cursor() as cursor:
        sql = f"COPY {StagedRow._meta.db_table} ({', '.join(COPIED)}) FROM STDIN"
        with cursor.copy(sql) as copy:
            for line, cells, data, errors, decision in rows:
                kept = None if data is None else encode(data)
                copy.write_row((batch.pk, line, encode(cells), kept, encode(errors), decision))


def stored_columns(model) -> list:
    """The fields whose values a staged row holds: all that may be written, without key and moments of writing."""
    left_out = {"created_at", "modified_at", model._meta.pk.name}
    return [field for field in model._meta.concrete_fields if not field.generated and field.name not in left_out]


def data_of(record) -> dict:
    """The columns of an unsaved record as the staging table holds them."""
    return {
        field.column: field.get_prep_value(getattr(record, field.attname)) for field in stored_columns(type(record))
    }


def insert_records(model, batch, lines: list[int]) -> int:
    """Make records of staged lines, in their order, with one statement; gives their number.

    The keys are taken first and kept on the lines: the ledger of the import, and the guard against writing twice.
    """
    table, pk = model._meta.db_table, model._meta.pk.column
    columns = [field.column for field in stored_columns(model)]
    names = ", ".join(map(connection.ops.quote_name, columns))
    values = ", ".join(f"new.{connection.ops.quote_name(name)}" for name in columns)
    stamps = [
        name for name in ("created_at", "modified_at") if name in {field.name for field in model._meta.concrete_fields}
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {StagedRow._meta.db_table} AS staged SET record_id = fresh.id FROM (
                  SELECT line, nextval(pg_get_serial_sequence(%s, %s)) AS id FROM unnest(%s::int[]) WITH ORDINALITY
                  AS wanted(line, place) ORDER BY place) AS fresh
                WHERE staged.batch_id = %s AND staged.line = fresh.line AND staged.record_id IS NULL""",
            [table, pk, lines, batch.pk],
        )
        cursor.execute(
            f"""INSERT INTO {table} ({pk}, {names}{"".join(f", {name}" for name in stamps)})
                SELECT staged.record_id, {values}{", %s::timestamptz" * len(stamps)}
                FROM {StagedRow._meta.db_table} AS staged,
                     LATERAL jsonb_populate_record(NULL::{table}, staged.data) AS new
                WHERE staged.batch_id = %s AND staged.line = ANY(%s) ORDER BY staged.record_id""",
            [*[timezone.now()] * len(stamps), batch.pk, lines],
        )
        return cursor.rowcount
