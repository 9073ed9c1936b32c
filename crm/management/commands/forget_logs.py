"""Deletes old rows of the logs: run by the owner of the tables, since the application cannot."""

import datetime

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from crm.models import AccessLogEntry

CHUNK = 20_000


class Command(BaseCommand):
    help = "Delete entries of the access log, or of the change log, that are older than a day (retention)."

    def add_arguments(self, parser):
        parser.add_argument("--before", required=True, help="the first day that is kept, as 2025-01-31")
        parser.add_argument("--log", choices=["access", "changes", "both"], default="access")

    def handle(self, *args, before, log, **options):
        try:
            day = datetime.date.fromisoformat(before)
        except ValueError as error:
            raise CommandError("--before must be a day such as 2025-01-31.") from error
        if day > timezone.localdate() - datetime.timedelta(days=30):
            raise CommandError("The logs of the last 30 days are not deleted.")
        moment = timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
        number = 0
        if log in ("access", "both"):
            number += forget(AccessLogEntry._meta.db_table, "id", "at", moment)
        if log in ("changes", "both"):
            for model in apps.get_models():
                if hasattr(model, "pgh_tracked_model"):
                    number += forget(model._meta.db_table, "pgh_id", "pgh_created_at", moment)
        self.stdout.write(f"{number} entries deleted.\n")


def forget(table: str, key: str, at: str, moment) -> int:
    """Delete the rows of a table before the moment, a chunk a statement; gives their number."""
    name, number = connection.ops.quote_name(table), 0
    oldest = f"SELECT {key} FROM {name} WHERE {at} < %s ORDER BY {key} LIMIT {CHUNK}"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"DELETE FROM {name} WHERE {key} IN ({oldest})", [moment])
            number += cursor.rowcount
            if cursor.rowcount < CHUNK:
                return number
