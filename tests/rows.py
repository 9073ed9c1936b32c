"""What the database holds, as one fingerprint a table: tests compare it before and after a request."""

from django.db import connection

from tests.cast import all_models

# Rows that reading itself writes.
LOGS = ("crm_accesslogentry", "crm_formtoken")


def fingerprint() -> dict[str, str]:
    """{table: digest of all its rows} of all tables of the product, the logs of reading left out."""
    tables = sorted({model._meta.db_table for model in all_models()} - set(LOGS))
    parts = [
        f"SELECT '{t}', count(*) || ':' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM \"{t}\" r"
        for t in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def changed(before: dict, after: dict) -> list[str]:
    """Names of the tables whose rows are not what they were."""
    return [table for table in after if after[table] != before[table]]
