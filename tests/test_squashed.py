"""The squashed beginnings of the migrations make the same database as the steps that they replace."""

import os
import re
import subprocess
import sys
from collections import Counter

import psycopg
import pytest
from django.conf import settings
from psycopg.sql import SQL, Identifier

from crm.devtools.template import at

# argv: "steps" for the replaced migrations one by one, "at once" for the squashed ones.
MIGRATE = """
import sys, django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
executor, steps = MigrationExecutor(connection), sys.argv[1] == "steps"
executor.loader = MigrationLoader(connection, replace_migrations=not steps)
found = executor.loader.disk_migrations.items()
squashed = {key: one.replaces for key, one in found if one.replaces and key[0] in OUR_APPS}
executor.migrate([replaced[-1] if steps else key for key, replaced in squashed.items()])
"""
OUR_APPS = ("crm", "customers", "sales", "marketing", "service", "reports")
# What a database is made of; the order of columns does not matter.
PARTS = {
    "columns": """SELECT table_name, column_name, data_type, udt_name, character_maximum_length, numeric_precision,
        numeric_scale, is_nullable, column_default, is_identity, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": r"""SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')""",
    "sequences": "SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'",
    "extensions": "SELECT extname FROM pg_extension",
    "industries": "SELECT code, name_zh, name_en FROM customers_industry",
    "stages": "SELECT code, name_zh, name_en, type FROM sales_stage",
}


def named(row):
    """The row without hashes in names, which depend on how columns were called once and whether they came later."""
    return tuple(
        re.sub(r"_[0-9a-f]{8}(_uniq|(?=[_ ]|$))", "_key", text) if isinstance(text, str) else text for text in row
    )


def made(how):
    """{part: rows} of a new database, migrated in steps or at once."""
    name = f"squashed_{how.replace(' ', '_')}"
    url = at(settings.DATABASE_URL, name)
    with psycopg.connect(at(settings.DATABASE_URL, "postgres"), autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            script = MIGRATE.replace("OUR_APPS", repr(OUR_APPS))
            environment = dict(os.environ, DATABASE_URL=url, DJANGO_SETTINGS_MODULE="crm.settings")
            subprocess.run([sys.executable, "-c", script, how], cwd=settings.BASE_DIR, env=environment, check=True)
            with psycopg.connect(url) as connection:
                found = {part: connection.execute(query).fetchall() for part, query in PARTS.items()}
                return {part: sorted(map(named, rows), key=repr) for part, rows in found.items()}
        finally:
            admin.execute(SQL("DROP DATABASE {}").format(Identifier(name)))


@pytest.mark.matrix
def test_the_squashed_migrations_make_the_same_database_as_the_steps_they_replace():
    steps, at_once = made("steps"), made("at once")
    for part in PARTS:
        assert steps[part]
        more, less = (Counter(one[part]) - Counter(other[part]) for one, other in ((at_once, steps), (steps, at_once)))
        assert (more, less) == (Counter(), Counter()), part
