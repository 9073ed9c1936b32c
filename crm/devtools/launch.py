"""Loads Django, waits for a line on standard input, then runs manage.py in the same process.

So the web server loads while the schema is being prepared, and never meets an old one.
"""

import os
import sys
from importlib import import_module


def main(program, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    import django

    django.setup()
    import_module("crm.urls")
    if not sys.stdin.readline():
        return  # the supervisor gave up
    sys.argv = [program, *arguments]
    if "--noreload" not in arguments:  # the reloader starts its program again and again: that must not wait
        os.execv(sys.executable, [sys.executable, *sys.argv])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
