"""Brings a development database up to date in one process: schema, cache table, roles, and the demo data once."""

import io
import os
import sys

import django
from django.core.management import call_command


def migrations_wait():
    """Whether the database lacks a migration; asking costs less than a migrate that finds nothing to do."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def main(demo):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    quiet = {"verbosity": 0, "stdout": io.StringIO()}
    call_command("check", databases=["default"], **quiet)
    if migrations_wait():
        call_command("migrate", interactive=False, **quiet)
    call_command("createcachetable", **quiet)
    call_command("setup_roles", **quiet)
    if demo:
        call_command("seed_demo")


if __name__ == "__main__":
    main("--demo" in sys.argv)
