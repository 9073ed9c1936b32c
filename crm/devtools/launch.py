"""Loads Django, waits for a line on standard input, then runs manage.py or celery in the same process.

So web, worker and beat load while the schema is being prepared, and none of them meets an old one.
"""

import os
import sys
from importlib import import_module


def main(program, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    import django

    django.setup()
    if program == "manage.py":
        import_module("crm.urls")
    if not sys.stdin.readline():
        return  # the supervisor gave up
    sys.argv = [program, *arguments]
    if program == "celery":
        from celery.__main__ import main as run

        sys.exit(run())
    if "--noreload" not in arguments:  # the reloader starts its program again and again: that must not wait
        os.execv(sys.executable, [sys.executable, *sys.argv])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
