"""manage.py import_maven: loads a folder of the Maven "CRM Sales Opportunities" files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from crm.exchange import UnreadableFile
from sales import maven

SHOWN_REJECTS = 20


class Command(BaseCommand):
    help = "Load accounts.csv, products.csv, sales_teams.csv and sales_pipeline.csv; a second time changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--currency", required=True, help="ISO code of the amounts in the files, such as USD")

    def handle(self, folder, currency, **options):
        with translation.override("en"):
            try:
                loaded = maven.load(folder, currency=currency.upper())
            except UnreadableFile as problem:
                raise CommandError(str(problem)) from problem
            except maven.WrongCurrency as other:
                raise CommandError(
                    f"The company keeps its amounts in {other}. Load the files into an installation of their own."
                ) from other
        for one in loaded:
            self.report(one)

    def report(self, one):
        self.stdout.write(
            f"{one.file}: {one.read} lines, {one.added} added, {one.present} there already, {len(one.rejects)} refused"
        )
        for line in one.rejects[:SHOWN_REJECTS]:
            reasons = " ".join(f"{column}: {reason}" for column, reason in line.errors.items())
            self.stdout.write(f"  line {line.line}: {reasons}")
        if len(one.rejects) > SHOWN_REJECTS:
            self.stdout.write(f"  … and {len(one.rejects) - SHOWN_REJECTS} more")
