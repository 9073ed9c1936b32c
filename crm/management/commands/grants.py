"""Prints, or runs with --apply, the SQL that gives the application's database role its rights."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from crm.grants import statements


class Command(BaseCommand):
    help = "Rights of the application's database role: run as the owner of the tables, after every migrate."

    def add_arguments(self, parser):
        parser.add_argument("role", help="the role that DATABASE_URL of web and workers names")
        parser.add_argument("--apply", action="store_true", help="run the statements instead of printing them")

    def handle(self, *args, role, apply, **options):
        lines = statements(role)
        if not apply:
            self.stdout.write("".join(f"{line};\n" for line in lines))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
            me, exists = cursor.fetchone()
            if not exists:
                raise CommandError(f"There is no role {role}. Create it first: createuser --pwprompt {role}")
            if me == role:
                raise CommandError("The application's role must not be the owner of the tables, or it could undo this.")
            for line in lines:
                cursor.execute(line)
        self.stdout.write(f"{role} has its rights.\n")
