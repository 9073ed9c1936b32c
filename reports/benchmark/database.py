"""A database of its own for a measurement."""

from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

NAME = "banyan_benchmark"
DROP = f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'
CREATE = f"CREATE DATABASE \"{NAME}\" TEMPLATE template0 LC_CTYPE 'C.UTF-8'"


@contextmanager
def own_database():
    """Make, migrate and afterwards drop a database beside the configured one.

    The default connection points to it meanwhile.
    """
    configured = connection.settings_dict["NAME"]
    run_outside(DROP, CREATE)
    point_to(NAME)
    try:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield
    finally:
        point_to(configured)
        run_outside(DROP)


def point_to(name: str):
    connection.close()
    connection.settings_dict["NAME"] = name


def run_outside(*statements: str):
    """Statements that no transaction may hold."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
