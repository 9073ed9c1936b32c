"""How long an import takes with everything on, step by step, beside django-import-export with the same features.

Rows of a workbook with twelve columns and two contact points each; one in ten is in the database already. Everything
is on: validation, twins in the file and in the database, sealed contact points with fingerprints, pinyin, search text,
history, before-images, timeline.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.test import override_settings
from import_export import resources
from tablib import Dataset

from crm import jobs
from crm.entities import registry
from crm.exchange import begin_check, begin_import, importer_for, start_import, write_xlsx
from crm.history import acting
from crm.models import Job, User
from customers.models import ContactPoint, Customer
from customers.points import digest_of, normalised
from reports.benchmark.exports import peak_mb

SLOW_ROWS = 1_000  # so many are enough to see the pace of row by row
HEADINGS = (
    "name",
    "short_name",
    "level",
    "lifecycle",
    "region",
    "revenue",
    "employees",
    "founded_on",
    "phone",
    "email",
    "website",
    "background",
)
SCRIPT = """
import sys, django; django.setup()
from reports.benchmark import database, imports
database.point_to(database.NAME)
getattr(imports, sys.argv[1])(*sys.argv[2:])
"""


def lines(rows: int, first: int):
    """The lines of a file: every tenth names a customer that is there."""
    known = list(Customer.objects.order_by("pk").values_list("name", flat=True)[: rows // 10 + 1])
    for n in range(rows):
        name = known[n // 10] if n % 10 == 9 and n // 10 < len(known) else f"进口{first}机械有限公司{n}"
        yield (
            name,
            f"进口{n}",
            "ABCD"[n % 4],
            "prospect",
            "江苏省苏州市",
            n * 1000 + 0.5,
            n % 3000,
            "2016-03-01",
            f"1{38 + first}{n:08}",
            f"office{first}.{n}@example.com",
            f"https://firm{n}.example.com",
            "来自展会的名单，需要回访。" * 3,
        )


def measure(username: str, rows: int) -> list[dict]:
    """One row a step or way: name, rows, seconds, rows_per_s, peak_mb (of a fresh process, all of it; the workbook
    is made by another one)."""
    found = measure_one("import", username, rows)
    slow = min(rows, SLOW_ROWS)
    return found + measure_one("row by row", username, slow) + measure_one("bulk", username, slow)


def measure_one(name: str, username: str, rows: int) -> list[dict]:
    return json.loads(elsewhere("one", name, username, rows).splitlines()[-1])


def elsewhere(function: str, *arguments) -> str:
    """Call one of these functions in a process of its own; gives what it prints."""
    command = [sys.executable, "-c", SCRIPT, function, *map(str, arguments)]
    return subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=True).stdout


def one(name: str, username: str, rows: str):
    """In the process of its own: import the file in one way, and print the rows."""
    user, number = User.objects.get(username=username), int(rows)
    with tempfile.TemporaryDirectory() as folder, override_settings(FILES_DIR=Path(folder)):
        steps = by_banyan(user, number, Path(folder)) if name == "import" else by_import_export(user, number, name)
    print(json.dumps([row_of(step, number, seconds, peak_mb()) for step, seconds in steps.items()]))


def row_of(name: str, rows: int, seconds: float, peak: int) -> dict:
    pace = {"seconds": round(seconds, 2), "rows_per_s": round(rows / seconds)}
    return {"name": name, "rows": rows, **pace, "peak_mb": peak}


def write_file(path: str, rows: str):
    with Path(path).open("wb") as file:
        write_xlsx(file, HEADINGS, lines(int(rows), 0))


def by_banyan(user, rows: int, folder: Path) -> dict[str, float]:
    path = folder / "customers.xlsx"
    elsewhere("write_file", path, rows)
    entity = registry["customers"]
    with path.open("rb") as file:
        batch = begin_import(entity, File(file, name="customers.xlsx"), actor=user)
    begin_check(batch, importer_for(entity, user))
    check = timed(lambda: jobs.run(batch.check_job_id))
    start_import(batch, matched="update")
    run = timed(lambda: jobs.run(batch.run_job_id))
    failed = Job.objects.filter(pk__in=[batch.check_job_id, batch.run_job_id]).exclude(state=Job.State.DONE)
    if failed.exists():
        raise RuntimeError(f"The import did not end well: {failed.first().error}")
    return {"import: check": check, "import: run": run, "import: end to end": check + run}


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class CustomerResource(resources.ModelResource):
    """The way of django-import-export: a record a row, twins looked up by name and phone, its points beside it."""

    class Meta:
        model = Customer
        fields = tuple(name for name in HEADINGS if name not in ("phone", "email"))
        import_id_fields = ("name",)

    def __init__(self, user, **kwargs):
        super().__init__(**kwargs)
        self.user, self.points = user, []

    def get_instance(self, instance_loader, row):
        phone = normalised("phone", row["phone"])
        points = ContactPoint.objects.filter(digest=digest_of("phone", phone), customer__isnull=False)
        return Customer.objects.filter(name=row["name"]).first() or Customer.objects.filter(points__in=points).first()

    def before_save_instance(self, instance, row, **kwargs):
        instance.owner = instance.created_by = instance.modified_by = self.user
        instance.team, instance.currency = self.user.team, "CNY"
        instance.full_clean(exclude=["owner", "team"])

    def after_save_instance(self, instance, row, **kwargs):
        for kind in ("phone", "email"):
            self.points.append((instance, kind, normalised(kind, row[kind])))
        if not self._meta.use_bulk:  # else the customer has no key yet
            self.after_import(None, None)

    def after_import(self, dataset, result, **kwargs):
        points = [ContactPoint(customer_id=c.pk, kind=k, value=value, is_primary=True) for c, k, value in self.points]
        self.points.clear()
        ContactPoint.objects.bulk_create(points, batch_size=1_000, ignore_conflicts=True)


def by_import_export(user, rows: int, name: str) -> dict[str, float]:
    is_bulk = name == "bulk"
    CustomerResource._meta.use_bulk, CustomerResource._meta.batch_size = is_bulk, 1_000
    CustomerResource._meta.skip_unchanged = False
    data = Dataset(*lines(rows, 2 if is_bulk else 1), headers=HEADINGS)

    def work():
        with acting(user):
            result = CustomerResource(user).import_data(data, raise_errors=True, use_transactions=True)
        if result.has_errors():
            raise RuntimeError(str(result.row_errors()[:1]))

    return {f"django-import-export, {name}": timed(work)}
