"""Compares a file of an older system with what the database holds; writes nothing to the business tables."""

import json
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from crm.entities import importable, importables
from crm.exchange import UnreadableFile, begin_import, importer_for
from crm.exchange.compare_work import WRITERS, compare, log, ready
from crm.files import path_of
from crm.history import acting
from crm.models import User

LINES = (
    ("lines in the file", "lines"),
    ("found", "matched"),
    ("  equal", "equal"),
    ("  different", "differs"),
    ("  meant by an earlier line", "repeated"),
    ("not found", "missing"),
    ("found more than once", "several"),
    ("cells that differ", "cells"),
    ("cells that cannot be read", "unreadable"),
    ("records that no line means", "extra"),
)


class Quiet:
    """Progress that nobody waits for."""

    cancelled = False

    def expect(self, total):
        pass

    beat = step = lambda self, number=0: None


class Command(BaseCommand):
    help = "Counts, sums and checksums a column, and each difference, between a file and the records a person sees."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--entity", required=True, help="kind of record: customers, opportunities, …")
        parser.add_argument("--user", help="login of the person whose records and mappings count; else a superuser")
        parser.add_argument("--json", type=Path, help="write the figures to this file")
        parser.add_argument("--differences", type=Path, help="write all differences to this .xlsx or .csv")

    def handle(self, *args, file, entity, user, **options):
        kind = importable(entity)
        if kind is None:
            known = ", ".join(sorted(one.slug for one in importables()))
            raise CommandError(f"Nothing can be compared with {entity}. There are: {known}")
        target = options["differences"]
        if target is not None and target.suffix[1:] not in WRITERS:
            raise CommandError("The file of differences must end with .xlsx or .csv.")
        person = self.person(user)
        with acting(person), translation.override(person.language), timezone.override(person.zone):
            try:
                result = self.compared(file, kind, person, target)
            except (UnreadableFile, OSError) as error:
                raise CommandError(str(error)) from error
        self.show(result)
        if options["json"] is not None:
            options["json"].write_text(json.dumps(result, ensure_ascii=False, indent=1))

    def person(self, login) -> User:
        people = User.objects.filter(is_active=True)
        found = (people.filter(username=login) if login else people.filter(is_superuser=True)).order_by("pk").first()
        if found is None:
            raise CommandError(f"Nobody active is called {login}." if login else "Say with --user whose records count.")
        return found

    def compared(self, file, entity, person, target) -> dict:
        """The result; what was kept of the file meanwhile is taken away again."""
        with file.open("rb") as opened:
            batch = begin_import(entity, File(opened, name=file.name), actor=person)
        try:
            importer = importer_for(entity, person)
            ready(batch, importer)
            result = compare(batch, importer, Quiet(), self.writer(target))
        finally:
            stored = batch.file
            batch.delete()
            path_of(stored).unlink(missing_ok=True)
            stored.delete()
        if target is not None:
            log(person, entity, result["counts"]["cells"], target.suffix[1:])
        return result

    def writer(self, target):
        def write(headings, rows):
            with target.open("wb") as out:
                WRITERS[target.suffix[1:]](out, headings, rows)

        return write if target is not None else None

    def show(self, result):
        for label, name in LINES:
            self.stdout.write(f"{label + ':':30}{result['counts'][name]:>12,}")
        for column in result["columns"]:
            self.stdout.write(f"\n{column['heading'] or '(constant)'} → {column['column']}")
            if column["is_masked"]:
                self.stdout.write("  masked, not compared")
                continue
            for label, side in (("file", column["file"]), ("database", column["database"])):
                total = f"  sum {side['sum']}" if "sum" in side else ""
                self.stdout.write(f"  {label:9} filled {side['filled']:,}{total}  checksum {side['checksum']}")
            self.stdout.write(
                f"  differing {column['differing']:,}, unreadable {column['unreadable']:,}, masked {column['masked']:,}"
            )
