"""The worker of an import killed with -9 at random moments, also while it is taken back: each line is done once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from crm import jobs, undoing
from crm.devtools.processes import ROOT
from crm.entities import registry
from crm.exchange import begin_check, begin_import, importer_for, start_import, work
from crm.models import Deletion, ImportedRow, Job, User
from customers.models import Contact, ContactPoint, Customer
from customers.tests.factories import make_customer

KILLS = int(os.environ.get("IMPORT_KILLS", 1))
OLD, NEW, CHUNK = 100, 400, 25
PEOPLE, FIRMS = 200, 40  # each firm named by several lines, in different chunks
WORKER = f"""
import sys, django; django.setup()
from crm import jobs
from crm.exchange import undo, work
work.CHUNK = undo.CHUNK = {CHUNK}
print("ready", flush=True)
jobs.run(int(sys.argv[1]))
"""


def worker(job, folder, after=None):
    """Carry the job out in a process of its own, killed so many seconds after it has begun; None: to the end."""
    own = connection.settings_dict
    account = f"{quote(own['USER'])}:{quote(own['PASSWORD'])}"
    environment = os.environ | {
        "BANYAN_ENV": "test",
        "DATABASE_URL": f"postgresql://{account}@{own['HOST']}:{own['PORT']}/{own['NAME']}",
        "FILES_DIR": str(folder),
    }
    # The lease of a worker that was killed is over, and there is always one more attempt.
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timezone.timedelta(seconds=1), last_attempt=99)
    command = [sys.executable, "-c", WORKER, str(job.pk)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    if after is not None:
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return process.returncode


def started(user, headings: str, lines: list[str]):
    """A batch of customers, checked and waiting for its worker."""
    upload, entity = SimpleUploadedFile("c.csv", "\n".join([headings, *lines]).encode()), registry["customers"]
    batch = begin_import(entity, upload, actor=user)
    begin_check(batch, importer_for(entity, user))
    assert jobs.run(batch.check_job_id)
    return start_import(batch)


def wrecked(job, folder, moments, kills=KILLS) -> Job:
    for _kill in range(kills):
        worker(job, folder, moments.uniform(0.02, 0.6))
    assert worker(job, folder) == 0
    job.refresh_from_db()
    return job


def test_an_import_killed_for_good_at_any_moment_writes_and_takes_back_each_line_once(
    copy, transactional_db, settings, tmp_path
):
    settings.FILES_DIR = tmp_path
    moments = random.Random(os.environ.get("IMPORT_SEED", "1"))
    user = User.objects.create_superuser("root", password="x", name="Root")
    old = [make_customer(user, name=f"Old {n}", level="C") for n in range(OLD)]
    lines = [f"{row.number},,A," for row in old] + [f",New {n},B,1381234{n:04}" for n in range(NEW)]
    batch = started(user, "number,name,level,phone", lines)
    job = wrecked(batch.run_job, tmp_path, moments)
    assert (job.state, job.counts) == ("done", {"updated": OLD, "created": NEW})
    assert Customer.objects.filter(level="A", version=2).count() == OLD
    assert Customer.objects.filter(name__startswith="New", level="B").values("name").distinct().count() == NEW
    assert (Customer.objects.count(), ContactPoint.objects.count()) == (OLD + NEW, NEW)
    assert ImportedRow.objects.count() == OLD + NEW
    back = wrecked(undoing.begin(job), tmp_path, moments)
    assert (back.state, back.counts) == ("done", {"changed": OLD + NEW, "same": 0})
    assert Customer.objects.filter(level="C", version=3).count() == OLD
    assert (Customer.objects.count(), Deletion.objects.count()) == (OLD, NEW)


def test_an_import_that_brings_customers_along_and_is_killed_makes_each_of_them_once(
    copy, transactional_db, settings, tmp_path
):
    settings.FILES_DIR = tmp_path
    moments = random.Random(os.environ.get("IMPORT_SEED", "2"))
    user = User.objects.create_superuser("root", password="x", name="Root")
    lines = [f"Person {n},Firm {n % FIRMS},0512 6288{n % FIRMS:04},1381234{n:04}" for n in range(PEOPLE)]
    upload = SimpleUploadedFile("p.csv", ("name,customer,company phone,mobile\n" + "\n".join(lines)).encode())
    entity = registry["contacts"]
    batch = begin_import(entity, upload, actor=user)
    begin_check(batch, importer_for(entity, user))
    batch.options["make"] = ["customer"]
    batch.save(update_fields=["options"])
    assert jobs.run(batch.check_job_id)
    assert (batch.rows.filter(decision="create").count(), batch.made.count()) == (PEOPLE, FIRMS)
    start_import(batch)
    job = wrecked(batch.run_job, tmp_path, moments, kills=max(KILLS, 2))
    assert (job.state, job.counts) == ("done", {"created": PEOPLE})
    firms = Customer.objects.annotate(people=Count("roles")).values_list("name", "people")
    assert dict(firms) == {f"Firm {n}": PEOPLE // FIRMS for n in range(FIRMS)}
    assert (Customer.objects.count(), Contact.objects.count()) == (FIRMS, PEOPLE)
    assert ContactPoint.objects.count() == FIRMS + PEOPLE
    back = undoing.begin(job)
    assert jobs.run(back.pk)
    back.refresh_from_db()
    assert (back.state, back.counts) == ("done", {"changed": PEOPLE + FIRMS, "same": 0})
    assert (Customer.objects.count(), Contact.objects.count(), ContactPoint.objects.count()) == (0, 0, 0)


def test_two_threads_write_an_import_and_what_one_of_them_could_not_the_next_attempt_does(
    copy, transactional_db, settings, tmp_path, monkeypatch
):
    settings.FILES_DIR, settings.LEASE_SECONDS = tmp_path, 60
    user = User.objects.create_superuser("root", password="x", name="Root")
    old = [make_customer(user, name=f"Old {n}", level="C") for n in range(OLD)]
    lines = [f"{row.number},A" for row in old]
    batch = started(user, "number,level", lines)
    both, whole, failed = threading.Barrier(2), work.write_chunk, []

    def write(batch, importer, chunk):
        if len(failed) < 2 and chunk[0].line < 2 + 2 * CHUNK:
            both.wait(20)  # neither goes on before the other one has begun, too
            failed.append(chunk[0].line)
            if chunk[0].line == 2:
                raise RuntimeError("The database went away.")
            time.sleep(0.5)  # the other one has ended when this one looks for more
        return whole(batch, importer, chunk)

    monkeypatch.setattr(work, "CHUNK", CHUNK)
    monkeypatch.setattr(work, "write_chunk", write)
    assert jobs.run(batch.run_job_id)
    job = Job.objects.get(pk=batch.run_job_id)
    lines = [*batch.imported.order_by("line").values_list("line", flat=True)]
    assert (job.state, job.done, job.counts, len(lines)) == ("queued", CHUNK, {"updated": CHUNK}, CHUNK)
    assert lines[0] == 2 + CHUNK  # the chunk beside the one that failed was written, and none after it
    Job.objects.filter(pk=job.pk).update(next_try_at=timezone.now())
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.counts) == ("done", OLD, {"updated": OLD})
    assert Customer.objects.filter(level="A", version=2).count() == OLD
    changes = Customer.pgh_event_model.objects.filter(pgh_label="update").select_related("pgh_context")
    assert [(one.pgh_context.metadata["user"], one.pgh_context.metadata["job"]) for one in changes] == [
        (user.pk, job.pk)
    ] * OLD
