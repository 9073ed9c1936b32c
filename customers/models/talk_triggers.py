"""Triggers of talks and plans: a talk's next step makes a plan, a talk keeps plans, and both tell the customer."""

import pgtrigger

# The customers are locked in the order of their keys first, so that of two people who write at once the second one
# counts what the first one wrote.
LOCK = "PERFORM 1 FROM customers_customer WHERE id IN ({touched}) ORDER BY id FOR NO KEY UPDATE;"

# The last contact is the newest interaction in use.
LAST = """
    UPDATE customers_customer AS customer SET last_followed_at = seen.last_at
    FROM (
        SELECT ids.customer_id, (SELECT max(at) FROM customers_interaction AS talk
            WHERE talk.customer_id = ids.customer_id AND talk.deleted_at IS NULL) AS last_at
        FROM ({touched}) AS ids
    ) AS seen
    WHERE customer.id = seen.customer_id AND customer.last_followed_at IS DISTINCT FROM seen.last_at;
"""
# The next follow-up is the earliest plan that is open.
NEXT = """
    UPDATE customers_customer AS customer SET next_follow_at = seen.at, next_step = coalesce(seen.purpose, '')
    FROM (
        SELECT ids.customer_id, plan.at, plan.purpose FROM ({touched}) AS ids
        LEFT JOIN LATERAL (
            SELECT at, purpose FROM customers_followupplan AS plan
            WHERE plan.customer_id = ids.customer_id AND plan.deleted_at IS NULL AND plan.state = 'planned'
            ORDER BY at, id LIMIT 1
        ) AS plan ON true
    ) AS seen
    WHERE customer.id = seen.customer_id AND (customer.next_follow_at, customer.next_step)
        IS DISTINCT FROM (seen.at, coalesce(seen.purpose, ''));
"""
COLUMNS = (
    "customer_id, contact_id, kind, at, purpose, owner_id, state, origin_id, created_by_id, modified_by_id, "
    "created_at, modified_at, deleted_at, deletion_id, version"
)
# A next step with a moment is a plan of whoever wrote the talk down.
MAKE = f"""
    INSERT INTO customers_followupplan ({COLUMNS})
    SELECT talk.customer_id, talk.contact_id, talk.kind, talk.next_at, talk.next_step,
        coalesce(talk.created_by_id, customer.owner_id), 'planned', talk.id, talk.created_by_id, talk.created_by_id,
        talk.modified_at, talk.modified_at, talk.deleted_at, talk.deletion_id, 1
    FROM {{talks}} AS talk JOIN customers_customer AS customer ON customer.id = talk.customer_id
    WHERE talk.next_at IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM customers_followupplan AS plan WHERE plan.origin_id = talk.id AND plan.state = 'planned'
    );
"""
# A new talk keeps the plans of its author with this customer that were due by then; of several talks the first one. By
# one join: new_rows has no index, so asking it for each plan would take a square of time. And planned anew (EXECUTE),
# since a plan kept from a single talk would ask it so all the same.
KEEP = """
    EXECUTE $keep$
    UPDATE customers_followupplan AS plan SET state = 'done', record_id = kept.talk_id, modified_at = now()
    FROM (
        SELECT DISTINCT ON (due.id) due.id, talk.id AS talk_id
        FROM new_rows AS talk JOIN customers_followupplan AS due
        ON due.customer_id = talk.customer_id AND due.owner_id = talk.created_by_id
        WHERE talk.at >= due.at AND talk.deleted_at IS NULL AND due.state = 'planned' AND due.deleted_at IS NULL
        ORDER BY due.id, talk.at, talk.id
    ) AS kept
    WHERE plan.id = kept.id
    $keep$;
"""
PAIRS = "new_rows AS fresh JOIN old_rows AS former USING (id)"
# A talk that changes what comes next changes its plan as long as that is open; a talk that goes into the bin takes its
# open plan along and opens those that it had kept; one that comes back does the reverse.
FOLLOW = f"""
    UPDATE customers_followupplan AS plan
    SET customer_id = talk.customer_id, contact_id = talk.contact_id, at = coalesce(talk.next_at, plan.at),
        purpose = talk.next_step, modified_at = now(), modified_by_id = talk.modified_by_id,
        state = CASE WHEN talk.next_at IS NULL THEN 'cancelled' ELSE plan.state END
    FROM (SELECT fresh.* FROM {PAIRS} WHERE (fresh.next_at, fresh.next_step, fresh.customer_id)
        IS DISTINCT FROM (former.next_at, former.next_step, former.customer_id)) AS talk
    WHERE plan.origin_id = talk.id AND plan.state = 'planned';
    UPDATE customers_followupplan AS plan SET deleted_at = talk.deleted_at, deletion_id = talk.deletion_id
    FROM (SELECT fresh.* FROM {PAIRS} WHERE former.deleted_at IS NULL AND fresh.deleted_at IS NOT NULL) AS talk
    WHERE plan.origin_id = talk.id AND plan.state = 'planned' AND plan.deleted_at IS NULL;
    UPDATE customers_followupplan AS plan SET deleted_at = NULL, deletion_id = NULL
    FROM (SELECT fresh.id, former.deletion_id FROM {PAIRS}
        WHERE former.deleted_at IS NOT NULL AND fresh.deleted_at IS NULL) AS talk
    WHERE plan.origin_id = talk.id AND plan.deletion_id = talk.deletion_id;
    UPDATE customers_followupplan AS plan
    SET state = CASE WHEN talk.deleted_at IS NULL THEN 'done' ELSE 'planned' END, modified_at = now()
    FROM (SELECT fresh.* FROM {PAIRS} WHERE (former.deleted_at IS NULL) <> (fresh.deleted_at IS NULL)) AS talk
    WHERE plan.record_id = talk.id AND plan.state = CASE WHEN talk.deleted_at IS NULL THEN 'planned' ELSE 'done' END;
"""

REPLANNED = f"(SELECT fresh.* FROM {PAIRS} WHERE fresh.next_at IS DISTINCT FROM former.next_at)"


def touched_by(tables: dict, said: tuple[str, ...]) -> str:
    """The keys of the customers about whom a statement said something else; a new owner of theirs is nothing of it."""
    if len(tables) < 2:
        return f"SELECT customer_id FROM {next(iter(tables.values()))}"
    fresh, former = (", ".join(f"{side}.{name}" for name in said) for side in ("fresh", "former"))
    rows = f"{PAIRS} WHERE ({fresh}) IS DISTINCT FROM ({former})"
    return f"SELECT fresh.customer_id FROM {rows} UNION SELECT former.customer_id FROM {rows}"


# Nothing is done for nothing: an UPDATE of no row would still run the triggers of the customers, and leave them with
# plans for no row, with which the next statement over 20,000 customers in the same session takes minutes.
GUARD = "EXECUTE $ask$ SELECT count(*) > 0 FROM ({touched}) AS these $ask$ INTO has_any; IF has_any THEN {body} END IF;"


def statement(name: str, operation, body: str, tables: dict) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"{name}_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        declare=[("has_any", "boolean")],
        func=f"{body} RETURN NULL;",
    )


def keep_follow_ups(operation, **tables) -> pgtrigger.Trigger:
    """Of talks: keeps the customers' moments of last contact, and the plans that come out of talks or are kept."""
    touched = f"SELECT DISTINCT customer_id FROM ({touched_by(tables, ('customer_id', 'at', 'deleted_at'))}) AS ids"
    body = GUARD.format(touched=touched, body=(LOCK + LAST).format(touched=touched))
    if operation is pgtrigger.Insert:
        body += MAKE.format(talks="new_rows") + KEEP
    elif operation is pgtrigger.Update:
        said = touched_by(tables, ("customer_id", "contact_id", "next_at", "next_step", "deleted_at"))
        body += GUARD.format(touched=said, body=FOLLOW + MAKE.format(talks=REPLANNED))
    return statement("follow_ups", operation, body, tables)


def keep_next_follow_ups(operation, **tables) -> pgtrigger.Trigger:
    """Of plans: keeps the customers' next follow-up."""
    said = ("customer_id", "at", "purpose", "state", "deleted_at")
    touched = f"SELECT DISTINCT customer_id FROM ({touched_by(tables, said)}) AS ids"
    body = GUARD.format(touched=touched, body=(LOCK + NEXT).format(touched=touched))
    return statement("next_follow_ups", operation, body, tables)
