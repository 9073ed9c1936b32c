"""Brings a development database up to date in one process: schema, cache table, roles, and the demo data once."""

import os
import sys

import django
from django.core.management import call_command, get_commands


def main(demo):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    call_command("check", databases=["default"], fail_level="ERROR", verbosity=0)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("setup_roles", verbosity=0)
    if demo and "seed_demo" in get_commands():
        call_command("seed_demo")


if __name__ == "__main__":
    main("--demo" in sys.argv)
