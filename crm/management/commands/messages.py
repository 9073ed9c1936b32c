"""Keeps the Chinese translations: collects strings, fills them in, says what is missing."""

import json

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Collect the strings of Python and templates into locale/zh_Hans, and compile them (needs no GNU gettext)."
    requires_system_checks = ()

    def add_arguments(self, parser):
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--fill", metavar="FILE", help='put in translations of a JSON file {"English": "Chinese"}')
        choice.add_argument("--missing", action="store_true", help="print what has no Chinese yet, as JSON")
        choice.add_argument(
            "--check", action="store_true", help="change nothing; fail when something is missing or stale"
        )

    def handle(self, *, fill, missing, check, **options):
        from crm.devtools import catalogues  # needed for this command only, which production does not run

        if check:
            self.check_file(catalogues)
        elif missing:
            texts = dict.fromkeys(catalogues.missing(catalogues.merged(catalogues.kept())), "")
            self.stdout.write(json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True))
        else:
            self.update_file(catalogues, fill)

    def update_file(self, catalogues, fill):
        try:
            texts = catalogues.read_texts(fill) if fill else {}
        except (OSError, ValueError) as problem:
            raise CommandError(f"{fill}: {problem}") from problem
        catalogue, unknown = catalogues.update(texts)
        for text in unknown:
            self.stdout.write(f"no source holds: {text!r}")
        self.stdout.write(f"{len(catalogue)} strings, {len(catalogues.missing(catalogue))} without Chinese")

    def check_file(self, catalogues):
        committed = catalogues.kept()
        fresh = catalogues.merged(committed)
        problems = [f"no Chinese: {text!r}" for text in catalogues.missing(fresh)]
        problems += [f"fuzzy: {text!r}" for text in catalogues.fuzzy(committed)]
        if not problems and catalogues.text_of(fresh) != catalogues.FILE.read_text("utf-8"):
            problems.append("locale/zh_Hans is not up to date: run python3 dev.py manage messages")
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(fresh)} strings, all in Chinese")
