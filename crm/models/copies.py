"""Columns of a part that repeat columns of its whole, kept by triggers, so that a list of parts is paged by index."""

import pgtrigger
from django.db.models import BigIntegerField, Index

from crm.models.record import IN_USE

# {column of the part: what it repeats}; `whole` stands for the row of the whole, key for the foreign key to it. A whole
# that lies in the recycle bin belongs to nobody, so that its parts reach nobody either.
OWNER_AND_TEAM = {
    "{key}_owner": "CASE WHEN whole.deleted_at IS NULL THEN whole.owner_id END",
    "{key}_team": "CASE WHEN whole.deleted_at IS NULL THEN whole.team_id END",
}
REACH = ("owner_id", "team_id", "deleted_at")  # columns of a root on which these depend

# The wholes are locked in the order of their keys: who moves a whole to another owner and who adds a part to it at the
# same moment come one after the other, and the second one sees what the first one wrote. Everything is planned anew
# each time (EXECUTE): a plan kept from a statement over thousands of rows would read whole tables for a single one. The
# touched rows are counted, since EXISTS looks for the first one by a nested loop: 12 s for 5,000 rows and none touched.
OF_PART = """
    EXECUTE $ask$ SELECT count(*) > 0 FROM ({touched}) AS these $ask$ INTO has_any;
    IF has_any THEN
        EXECUTE $lock$
            SELECT 1 FROM {whole_table} WHERE id IN (SELECT {key}_id FROM ({touched}) AS these)
            ORDER BY id FOR NO KEY UPDATE
        $lock$;
        EXECUTE $copy$
            UPDATE {part_table} AS part SET {sets} FROM {whole_table} AS whole
            WHERE part.id IN (SELECT id FROM ({touched}) AS these) AND whole.id = part.{key}_id
            AND ({ours}) IS DISTINCT FROM ({theirs})
        $copy$;
    END IF;
    RETURN NULL;
"""
OF_WHOLE = """
    EXECUTE $ask$ SELECT count(*) > 0 FROM ({touched}) AS these $ask$ INTO has_any;
    IF has_any THEN
        EXECUTE $copy$
            UPDATE {part_table} AS part SET {sets} FROM ({touched}) AS whole
            WHERE part.{key}_id = whole.id AND ({ours}) IS DISTINCT FROM ({theirs})
        $copy$;
    END IF;
    RETURN NULL;
"""
BOTH = "SELECT fresh.* FROM new_rows AS fresh JOIN old_rows AS former USING (id) WHERE {}"


def copy_field(label) -> BigIntegerField:
    """The key of the whole's owner or team. Not a foreign key: the whole's own one says that the row exists."""
    return BigIntegerField(label, null=True, editable=False)


def copy_indexes(name: str, key: str, *orders: tuple[str, ...]) -> list[Index]:
    """For each order of the list an index after the copied owner and one after the copied team."""
    return [
        Index(fields=[f"{key}_{lead}", *order], condition=IN_USE, name=f"{name}_{lead}_{order[0].strip('-')}"[:30])
        for order in orders
        for lead in ("owner", "team")
    ]


def pieces(part_table: str, key: str, columns: dict[str, str]) -> dict[str, str]:
    """The parts of the statements above."""
    columns = {name.format(key=key): expression for name, expression in columns.items()}
    return {
        "part_table": part_table,
        "key": key,
        "sets": ", ".join(f"{name} = {expression}" for name, expression in columns.items()),
        "ours": ", ".join(f"part.{name}" for name in columns),
        "theirs": ", ".join(columns.values()),
        "rewritten": differing(columns),
    }


def differing(names) -> str:
    """Whether one of the columns was changed by the statement."""
    fresh, former = (", ".join(f"{side}.{name}" for name in names) for side in ("fresh", "former"))
    return f"({fresh}) IS DISTINCT FROM ({former})"


def statement_trigger(name: str, operation, func: str, **tables) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        declare=[("has_any", "boolean")],
        func=func,
    )


def copies_of_part(part_table: str, key: str, whole_table: str, columns: dict) -> list[pgtrigger.Trigger]:
    """The part's side: rows that are new, that change their whole, or whose copies a stale object wrote over."""
    known = pieces(part_table, key, columns) | {"whole_table": whole_table}
    moved = BOTH.format(f"{differing([f'{key}_id'])} OR (pg_trigger_depth() = 1 AND {known['rewritten']})")
    added = OF_PART.format(touched="SELECT * FROM new_rows", **known)
    return [
        statement_trigger(f"copies_of_{key}_insert", pgtrigger.Insert, added, new="new_rows"),
        statement_trigger(
            f"copies_of_{key}_update",
            pgtrigger.Update,
            OF_PART.format(touched=moved, **known),
            old="old_rows",
            new="new_rows",
        ),
    ]


def copies_of_whole(part_table: str, key: str, watched: tuple[str, ...], columns: dict) -> pgtrigger.Trigger:
    """The whole's side: when a watched column changes, all its parts follow in one statement."""
    return statement_trigger(
        f"copies_in_{part_table.rpartition('_')[2]}",
        pgtrigger.Update,
        OF_WHOLE.format(touched=BOTH.format(differing(watched)), **pieces(part_table, key, columns)),
        old="old_rows",
        new="new_rows",
    )
