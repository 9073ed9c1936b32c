"""Links from a row of a file to another one: a parent company, or team, that is a row itself. The check notes them;
they are made when all rows are written."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import ngettext

from crm.access import Action
from crm.models import ImportedRow, StagedRow

from .changing import change_rows, in_circles
from .making import versions_of
from .matching import match_key
from .parsing import parse_text
from .problems import ParseError

LATER = "import:later"  # the name of the row above, in the data or changes of a staged line
COLUMN = "parent"
CHUNK = 500
Decision, Outcome = StagedRow.Decision, ImportedRow.Outcome
LEFT = f"CASE decision WHEN '{Decision.CREATE}' THEN data ELSE changes END"


# -- the check -------------------------------------------------------------------------------------------------------
def is_later(importer, one, cell, record) -> bool:
    """Whether a cell that names no record names another row of the file; the record then remembers it."""
    if one.name != COLUMN or importer.making.batch is None or one.lookup.model is not importer.model:
        return False
    try:
        text = parse_text(cell)
    except ParseError:
        return False
    key = match_key(text)
    own = match_key(getattr(record, importer.name_column) or "")
    if key == own or key not in importer.names.wanted or one.lookup.candidates(cell) or importer.is_required(one):
        return False
    record.__dict__[LATER] = text
    importer.making.links += 1
    return True


def later_of(record) -> dict:
    """What `is_later` remembered, for the staged line."""
    return {LATER: record.__dict__[LATER]} if LATER in record.__dict__ else {}


# -- the run ---------------------------------------------------------------------------------------------------------
def link_rows(batch, importer, progress):
    """Give records the parent that another row has made, a chunk a transaction; those without one are told."""
    waiting = lines_of(batch)
    one = importer.fields.get(COLUMN)
    if not waiting or one is None:
        return
    for _line, text in waiting:
        one.lookup.want(text)
    one.lookup.load(progress.beat)
    left = 0
    for place in range(0, len(waiting), CHUNK):
        if progress.cancelled:
            return
        with progress.chunk(0):
            chunk = dict(waiting[place : place + CHUNK])
            left += len(chunk) - link(batch, importer, one, chunk, progress)
    if left:
        text = ngettext(
            "%(n)d row has no parent: the row that it names was not written, or several records are called so.",
            "%(n)d rows have no parent: the rows that they name were not written, or several records are called so.",
            left,
        )
        progress.log(text % {"n": left})


def lines_of(batch) -> list[tuple[int, str]]:
    """(line, name of the row above) of the lines that were written and are not linked yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT line, {LEFT} ->> '{LATER}' FROM {StagedRow._meta.db_table}
                WHERE batch_id = %s AND decision = ANY(%s) AND {LEFT} ->> '{LATER}' IS NOT NULL ORDER BY line""",
            [batch.pk, [str(one) for one in StagedRow.WRITTEN]],
        )
        return cursor.fetchall()


def link(batch, importer, one, lines: dict[int, str], progress) -> int:
    """Link the records of these lines as far as that can be; gives the number. Called in a transaction."""
    model, column = importer.model, one.field.column
    rows = {row.record_id: row for row in batch.imported.filter(line__in=lines, record_id__isnull=False)}
    records = linkable(importer, rows)
    versions, filled = versions_of(model, rows), batch.rows.filter(line__in=lines, decision=Decision.FILL)
    fills = set(filled.values_list("line", flat=True))
    named = {key: one.lookup.candidates(lines[row.line]) for key, row in rows.items() if key in records}
    own = batch.imported.filter(record_id__in={key for found in named.values() for key in found})
    own = set(own.values_list("record_id", flat=True))
    parents, before = {}, {key: getattr(record, column) for key, record in records.items()}
    for key, found in named.items():
        found = found if len(found) == 1 else found & own
        is_free = before[key] is None or rows[key].line not in fills
        if len(found) == 1 and is_free and versions[key] == rows[key].version:
            parents[key] = next(iter(found))
    for key in in_circles(model, parents):
        del parents[key]
    if parents:
        change_rows(model, {key: {column: parent} for key, parent in parents.items()}, actor=importer.user)
        importer.linked(model.objects.filter(pk__in=parents))
        changed = sum(rows[key].outcome == Outcome.SAME for key in parents)
        if changed:
            progress.count(Outcome.SAME, -changed)
            progress.count(Outcome.UPDATED, changed)
        note_links(batch, model, column, parents, before, rows)
    return len(parents)


def linkable(importer, rows: dict[int, ImportedRow]) -> dict[int, object]:
    """{key: record}, locked, of those that the person sees and, where they were there before, may still change."""
    objects = importer.model.objects
    old = [key for key, row in rows.items() if row.outcome != Outcome.CREATED]
    may = set(objects.visible_to(importer.user, Action.CHANGE).filter(pk__in=old).values_list("pk", flat=True))
    keys = rows.keys() - {*old} | may
    seen = objects.visible_to(importer.user).filter(pk__in=keys)
    return {row.pk: row for row in seen.order_by("pk").select_for_update(of=("self",))}


def note_links(batch, model, column: str, parents: dict, before: dict, rows: dict):
    """The ledger and the staged lines say what was written, so that it can be taken back and is not done again."""
    versions = versions_of(model, parents)
    given = [
        [rows[key].line for key in parents],
        [*parents.values()],
        [before[key] for key in parents],
        [versions[key] for key in parents],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {ImportedRow._meta.db_table} AS row SET version = given.version,
                outcome = CASE outcome WHEN '{Outcome.CREATED}' THEN outcome ELSE '{Outcome.UPDATED}' END,
                before = CASE outcome WHEN '{Outcome.CREATED}' THEN before
                    ELSE jsonb_build_object('{column}', given.old) || coalesce(before, '{{}}') END
                FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::int[]) AS given(line, parent, old, version)
                WHERE row.batch_id = %s AND row.line = given.line""",
            [*given, batch.pk],
        )
        cursor.execute(
            f"""UPDATE {StagedRow._meta.db_table} AS row SET
                data = CASE decision WHEN '{Decision.CREATE}'
                    THEN data - '{LATER}' || jsonb_build_object('{column}', given.parent) ELSE data END,
                changes = CASE decision WHEN '{Decision.CREATE}' THEN changes
                    ELSE changes - '{LATER}' || jsonb_build_object('{column}', given.parent) END
                FROM unnest(%s::int[], %s::bigint[]) AS given(line, parent)
                WHERE row.batch_id = %s AND row.line = given.line""",
            [*given[:2], batch.pk],
        )
