"""manage.py setup_roles: add the roles and rules that are missing; never undoes an administrator's edit."""

from django.core.management.base import BaseCommand

from crm.roles import setup_roles


class Command(BaseCommand):
    help = "Add the roles and rules that are missing; what an administrator changed stays."

    def handle(self, *args, **options):
        self.stdout.write(f"{setup_roles()} rules added.")
