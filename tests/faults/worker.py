"""The Celery application of the fault tests: the product's own, with jobs that are good to be killed in."""

import os
import time

import django

from crm.celery import app  # noqa: F401 (celery -A tests.faults.worker)

django.setup()

from crm.files import save_file  # noqa: E402 (models are there only after setup)
from crm.jobs import enqueue, job, on_tick  # noqa: E402
from crm.mail import queue_mail  # noqa: E402
from crm.models import User  # noqa: E402
from tests.faults.clock import note_tick  # noqa: E402

USERNAME = "fault"
SLOT_SECONDS = 2


@job("fault_report", label="A file of 200 kB and one mail a recipient")
def make_report(job, progress):
    file = save_file(
        lambda file: file.write(os.urandom(200_000)), "report.xlsx", "application/zip", user=job.user, days=1
    )
    with progress.finish(file=file):
        for address in job.parameters["to"]:
            queue_mail(
                "fault", to=address, subject="Report", text=f"for {address}", attachments=[file],
                dedupe_key=f"{job.pk}:{address}",
            )  # fmt: skip


@job("fault_slow", label="Two seconds of work in a process that says its number")
def work_slowly(job, progress):
    progress.expect(40)
    progress.log(os.getpid())
    for _number in range(40):
        progress.step()
        time.sleep(0.05)


@job("fault_slot", label="What is due in one slot of time")
def do_slot(job, progress):
    with progress.finish():
        queue_mail("fault", to="slot@spruce.example", subject=job.slot, text=job.slot, dedupe_key=job.slot)


@on_tick
def due():
    """What a schedule does: one job a slot, whoever ticks, and a second tick at the same time."""
    note_tick()
    slot = f"slot:{int(time.time()) // SLOT_SECONDS}"
    enqueue("fault_slot", user=User.objects.get(username=USERNAME), parameters={}, slot=slot)
