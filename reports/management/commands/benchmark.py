"""manage.py benchmark pages --customers N, benchmark protected --points N, --json FILE: in an own database."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand
from django.test import override_settings

from reports.benchmark import data, pages, protected, talks
from reports.benchmark.database import own_database


class Command(BaseCommand):
    help = "Measure list pages beside hand-written SQL, in a database that is made for it and dropped afterwards."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["pages", "protected"])
        parser.add_argument("--customers", type=int, default=100_000)
        parser.add_argument("--points", type=int, default=1_000_000, help="contact points, two a customer")
        parser.add_argument("--json", type=Path, help="write the rows to this file, too")

    def pages(self, customers: int) -> list[dict]:
        people = data.fill(customers)
        return pages.measure(people, customers) + talks.measure(people, customers)

    def protected(self, points: int) -> list[dict]:
        people = data.fill(points // 2)
        return protected.measure(people, *protected.fill(points))

    def handle(self, *args, **options):
        # As a server answers: without the query log of development.
        with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False), own_database():
            rows = self.pages(options["customers"]) if options["what"] == "pages" else self.protected(options["points"])
        for row in rows:
            self.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()))
        if options["json"]:
            options["json"].write_text(json.dumps(rows, indent=1))
