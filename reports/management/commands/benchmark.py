"""manage.py benchmark pages --customers N --json FILE: measure the product in a database of its own."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand
from django.test import override_settings

from reports.benchmark import data, pages, talks
from reports.benchmark.database import own_database


class Command(BaseCommand):
    help = "Measure list pages beside hand-written SQL, in a database that is made for it and dropped afterwards."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["pages"])
        parser.add_argument("--customers", type=int, default=100_000)
        parser.add_argument("--json", type=Path, help="write the rows to this file, too")

    def handle(self, *args, **options):
        # As a server answers: without the query log of development.
        with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False), own_database():
            people = data.fill(options["customers"])
            rows = pages.measure(people, options["customers"]) + talks.measure(people, options["customers"])
        for row in rows:
            self.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()))
        if options["json"]:
            options["json"].write_text(json.dumps(rows, indent=1))
