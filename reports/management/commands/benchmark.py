"""manage.py benchmark WHAT (see --help): measure the product in a database of its own; --json FILE."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand
from django.test import override_settings

from reports.benchmark import data, duplicates, exports, history, imports, pages, protected, talks
from reports.benchmark.database import own_database

NAMES = {"import": "imports"}  # a word of Python is no name of a method


class Command(BaseCommand):
    help = "Measure list pages beside hand-written SQL, in a database that is made for it and dropped afterwards."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["pages", "protected", "history", "duplicates", "export", "import"])
        parser.add_argument("--customers", type=int, default=100_000)
        parser.add_argument("--points", type=int, default=1_000_000, help="contact points, two a customer")
        parser.add_argument(
            "--rows", type=int, default=10_000, help="customers that one bulk statement, an export or an import handles"
        )
        parser.add_argument("--json", type=Path, help="write the rows to this file, too")

    def pages(self, options) -> list[dict]:
        people = data.fill(options["customers"])
        return pages.measure(people, options["customers"]) + talks.measure(people, options["customers"])

    def protected(self, options) -> list[dict]:
        people = data.fill(options["points"] // 2)
        return protected.measure(people, *protected.fill(options["points"]))

    def history(self, options) -> list[dict]:
        data.fill(2 * options["rows"])
        return history.measure(options["rows"])

    def duplicates(self, options) -> list[dict]:
        duplicates.fill(options["customers"])
        return duplicates.measure(options["customers"])

    def export(self, options) -> list[dict]:
        people = data.fill(options["rows"])
        return exports.measure(people.administrator.username)

    def imports(self, options) -> list[dict]:
        people = data.fill(options["rows"])
        return imports.measure(people.administrator.username, options["rows"])

    def handle(self, *args, **options):
        # As a server answers: without the query log of development.
        with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False), own_database():
            rows = getattr(self, NAMES.get(options["what"], options["what"]))(options)
        for row in rows:
            self.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()))
        if options["json"]:
            options["json"].write_text(json.dumps(rows, indent=1))
