"""manage.py seed_demo: the demo company, once, in an empty database; never in production."""

import random
from importlib import import_module

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from crm import demo
from crm.history import acting

FLOORS = ("customers", "sales", "marketing", "service", "reports")


class Command(BaseCommand):
    help = "Fill an empty database with the demo company, and print one login per role."

    def add_arguments(self, parser):
        parser.add_argument("--logins", action="store_true", help="only print the logins")

    def handle(self, *args, **options):
        if settings.PRODUCTION:
            raise CommandError("seed_demo refuses to run in production: its people have known passwords.")
        if not options["logins"] and not demo.is_there():
            self.seed()
        for line in demo.login_lines():
            self.stdout.write(line)

    @transaction.atomic
    def seed(self):
        with translation.override("zh-hans"):
            world = demo.make_world()
            dice = random.Random(7)
            with acting(world.users["admin"], task="seed_demo"):
                for floor in FLOORS:
                    import_module(f"{floor}.demo").make(world, dice)
