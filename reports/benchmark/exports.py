"""How long an export takes, beside openpyxl's write-only mode with the same values; each in a process of its own."""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.http import QueryDict

from crm.entities import registry
from crm.exchange.exporting import Export
from crm.models import User

COLUMNS = (
    "name,number,kind,level,lifecycle,industry,country,region,revenue,employees,last_followed_at,owner,team,"
    "created_at,modified_at"
)
SCRIPT = """
import sys, django; django.setup()
from reports.benchmark import database, exports
database.point_to(database.NAME)
exports.one(*sys.argv[1:])
"""


def measure(username: str) -> list[dict]:
    """One row a way of writing: name, rows, seconds, rows_per_s, peak_mb (of a fresh process, all of it)."""
    return [measure_one(name, username) for name in ("export xlsx", "export csv", "openpyxl write-only")]


def measure_one(name: str, username: str) -> dict:
    command = [sys.executable, "-c", SCRIPT, name, username]
    done = subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def one(name: str, username: str):
    """In the process of its own: write the list of all customers, 15 columns, and print the row."""
    export = Export(registry["customers"], User.objects.get(username=username), QueryDict(f"columns={COLUMNS}"))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "export").open("wb") as file:
        start = time.perf_counter()
        if name == "openpyxl write-only":
            number = by_openpyxl(file, export)
        else:
            number = export.write(file, name.removeprefix("export "))
        seconds = time.perf_counter() - start
    row = {"name": name, "rows": number, "seconds": round(seconds, 2), "rows_per_s": round(number / seconds)}
    print(json.dumps(row | {"peak_mb": peak_mb()}))


def peak_mb() -> int:
    """The most memory of this process. Not ru_maxrss alone: on Linux that begins with what the parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def by_openpyxl(file, export) -> int:
    """The same rows through openpyxl; moments without their zone, which openpyxl refuses."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append([str(heading) for heading in export.headings])
    number = 0
    for number, row in enumerate(export.rows(), 1):  # noqa: B007 (how many there were)
        sheet.append([value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value for value in row])
    book.save(file)
    return number
