"""Seals all protected values with the newest data key, then says which keys may be dropped."""

from django.conf import settings
from django.core.management.base import BaseCommand

from crm.protection.cipher import present_key
from crm.rotation import CHUNK, rotate


class Command(BaseCommand):
    help = "Seal all protected values with the newest data key. May be stopped and started again at any time."

    def add_arguments(self, parser):
        parser.add_argument("--chunk", type=int, default=CHUNK, help="rows a transaction")

    def handle(self, *, chunk, **options):
        outcome = rotate(self.stdout.write, chunk=max(1, chunk))
        present = present_key()
        self.stdout.write(f"{outcome.sealed:,} values sealed anew with key {present}.")
        if outcome.damaged:
            self.stderr.write(
                f"{outcome.damaged:,} values do not open and stay as they are. If their key is lost, so are they."
            )
        for number in sorted(outcome.still_needed):
            self.stderr.write(f"Key {number} is still needed: keep it in DATA_KEYS.")
        spare = sorted(set(settings.DATA_KEYS) - outcome.still_needed - {present})
        for number in spare:
            self.stdout.write(
                f"No value needs key {number} any more. Take it out of DATA_KEYS, and keep it for as long as you keep"
                " backups from before today."
            )
