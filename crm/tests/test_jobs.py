"""A job is claimed once, fenced by its attempt, cancelled, retried, swept up, and ends in one transaction."""

import contextlib
from datetime import timedelta

import pghistory
import pytest
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from crm import jobs, tasks
from crm.files import StorageFull, save_file
from crm.jobs import JobFailed, Superseded, enqueue
from crm.mail import queue_mail
from crm.models import Job, OutboxMessage, Team, User

pytestmark = pytest.mark.django_db
PAST = timedelta(minutes=10)


@pytest.fixture
def kind(woken):
    """Registers a handler as the kind "count" for one test."""

    def register(handler, **options):
        jobs.job("count", label=_("Count"), **options)(handler)
        return handler

    yield register
    jobs.kinds.pop("count", None)


def make_user(**more):
    return User.objects.create_user("alice", **{"name": "Alice", "language": "en", "time_zone": "Asia/Tokyo", **more})


def make_job(user=None, **more):
    return enqueue("count", user=user or make_user(), parameters={"to": 3}, **more)


def let_lease_end(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - PAST, woken_at=timezone.now() - PAST)


def test_a_job_wakes_a_worker_only_after_the_commit(kind, woken, django_capture_on_commit_callbacks):
    kind(lambda job, progress: None)
    with django_capture_on_commit_callbacks(execute=True):
        job = make_job(title="Count to three")
        assert woken == []
    assert woken == [("crm.tasks.run_job", job.pk)]
    assert (job.state, str(job), job.number, job.parameters) == (
        "queued",
        "Count to three",
        f"J-{job.pk:06d}",
        {"to": 3},
    )


def test_a_taken_slot_gives_the_job_that_has_it_and_wakes_nobody(kind, woken, django_capture_on_commit_callbacks):
    kind(lambda job, progress: None)
    first = make_job(slot="weekly:2026-11-23")
    with django_capture_on_commit_callbacks() as callbacks:
        second = enqueue("count", user=first.user, parameters={}, slot="weekly:2026-11-23")
    assert (second.pk, callbacks, Job.objects.count()) == (first.pk, [], 1)


def test_a_kind_that_nobody_handles_cannot_be_added():
    with pytest.raises(KeyError, match="No handler"):
        enqueue("unknown", user=make_user(), parameters={})


def test_a_job_runs_once_with_rights_language_and_zone_of_its_person(kind):
    seen = []

    @kind
    def handler(job, progress):
        Team.objects.create(name="made by a job")
        marks = pghistory.runtime._tracker.value.metadata
        seen.append(
            (get_language(), timezone.get_current_timezone_name(), marks["user"] == job.user_id, marks["job"] == job.pk)
        )

    job = make_job()
    assert tasks.run_job(job.pk) is None
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert seen == [("en", "Asia/Tokyo", True, True)]
    assert (job.state, job.attempt, job.lease_until, job.error) == ("done", 1, None, "")
    assert job.started_at <= job.finished_at


def test_progress_outcomes_log_and_file_are_kept(kind, settings, tmp_path):
    settings.FILES_DIR = tmp_path

    def handler(job, progress):
        progress.expect(3)
        for _number in range(3):
            progress.step()
            progress.count("counted")
        progress.log(gettext("All counted"))
        return save_file(lambda file: file.write(b"3"), "three.csv", "text/csv", user=job.user)

    kind(handler, outcomes={"counted": (_("Counted"), "green")})
    job = make_job()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total, job.percent, job.counts) == (3, 3, 100, {"counted": 3})
    assert [line["text"] for line in job.log] == ["All counted"]
    assert (job.file.name, job.file.user) == ("three.csv", job.user)


def test_what_belongs_to_the_end_is_written_with_it_or_not_at_all(kind):
    def handler(job, progress):
        with progress.finish():
            queue_mail("notice", to="a@b.example", subject="Done", text="Done")
            if job.attempt == 1:
                raise RuntimeError("the worker stumbles inside the last transaction")

    kind(handler)
    job = make_job()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, OutboxMessage.objects.count()) == ("queued", 0)
    Job.objects.filter(pk=job.pk).update(next_try_at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, OutboxMessage.objects.count()) == ("done", 2, 1)


def test_a_worker_that_was_taken_over_leaves_no_trace(kind):
    def handler(job, progress):
        if job.attempt == 1:
            let_lease_end(job)
            assert jobs.run(job.pk) is True  # another worker, while this one still believes it has the job
        with progress.finish():
            queue_mail("notice", to="a@b.example", subject=f"attempt {job.attempt}", text="x")

    kind(handler)
    job = make_job()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)
    assert list(OutboxMessage.objects.values_list("subject", flat=True)) == ["attempt 2"]


@pytest.mark.parametrize("way", ["chunk", "piece"])
def test_a_chunk_is_lost_whole_when_its_worker_was_taken_over(kind, way):
    kind(lambda job, progress: None, resumes=True)
    job = make_job()
    progress = jobs.Progress(jobs.claim(job.pk))
    with getattr(progress, way)(500):
        Team.objects.create(name="first")
    let_lease_end(job)
    second = jobs.claim(job.pk)
    with pytest.raises(Superseded), getattr(progress, way)(500):
        Team.objects.create(name="written twice")
    assert list(Team.objects.values_list("name", flat=True)) == ["first"]
    assert (second.attempt, jobs.Progress(second).done, progress.done) == (2, 500, 500)


def test_a_piece_tells_what_came_of_it_and_nothing_when_it_fails(kind):
    kind(lambda job, progress: None, resumes=True)
    job = make_job()
    progress = jobs.Progress(jobs.claim(job.pk))
    with progress.piece(3) as counts:
        counts.update({"created": 2, "same": 1})
    with pytest.raises(Team.DoesNotExist), progress.piece(5) as counts:
        Team.objects.get(**counts, pk=0)
    with progress.piece(1) as counts:
        counts["created"] += 1
    job.refresh_from_db()
    assert (job.done, job.counts) == (4, {"created": 3, "same": 1})


def test_what_is_told_is_gathered_once_no_other_thread_is_at_the_end_of_its_piece(kind):
    kind(lambda job, progress: None)
    job = make_job()
    progress = jobs.Progress(jobs.claim(job.pk))

    class Turn(contextlib.nullcontext):
        def __enter__(self):  # the other thread ends its piece while this one waits for its turn
            progress.done, progress.counts = 5, {"created": 5}

    progress.turn = Turn()
    progress.tell()
    job.refresh_from_db()
    assert (job.done, job.counts) == (5, {"created": 5})


def test_a_job_that_does_not_resume_counts_from_nothing_again(kind):
    kind(lambda job, progress: None)
    job = make_job()
    Job.objects.filter(pk=job.pk).update(done=7, counts={"counted": 7})
    assert jobs.Progress(jobs.claim(job.pk)).done == 0


def test_a_beat_extends_the_lease(kind, settings):
    settings.LEASE_SECONDS = 60
    kind(lambda job, progress: None)
    job = jobs.claim(make_job().pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timedelta(seconds=5))
    progress = jobs.Progress(job)
    progress.beat()
    job.refresh_from_db()
    assert job.lease_until - timezone.now() < timedelta(seconds=6)
    progress.told_at -= 2
    progress.beat()
    job.refresh_from_db()
    assert job.lease_until - timezone.now() > timedelta(seconds=50)


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_looks(kind):
    def handler(job, progress):
        for _number in range(3):
            if progress.cancelled:
                return
            progress.step()
            assert jobs.cancel(job) is True

    kind(handler)
    waiting = make_job()
    assert jobs.cancel(waiting) is True
    assert jobs.run(waiting.pk) is False
    running = make_job(waiting.user)
    jobs.run(running.pk)
    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.state, waiting.attempt) == ("cancelled", 0)
    assert (running.state, running.done) == ("cancelled", 1)
    assert jobs.cancel(running) is False


def test_a_clear_failure_is_told_at_once_and_not_repeated(kind):
    told = []

    def handler(job, progress):
        raise JobFailed(_("Line 7 has no name."))

    kind(handler, failed=lambda job: told.append((job.state, job.error)))
    job = make_job()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempt) == ("failed", "Line 7 has no name.", 1)
    assert told == [("failed", "Line 7 has no name.")]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            RuntimeError("secret detail"),
            "Something went wrong in the program. Give the number {number} to an administrator.",
        ),
        (
            StorageFull,
            "There is no room left on the server's disk. Nothing was written. Ask an administrator to make room.",
        ),
    ],
)
def test_other_failures_are_repeated_later_and_later_and_told_in_the_end(kind, error, message, settings):
    settings.LEASE_SECONDS = 60

    def handler(job, progress):
        raise error

    kind(handler)
    job = make_job()
    for attempt, seconds in ((1, 60), (2, 120)):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error) == ("queued", attempt, message.format(number=job.number))
        assert seconds - 5 < (job.next_try_at - timezone.now()).total_seconds() <= seconds
        assert jobs.run(job.pk) is False
        Job.objects.filter(pk=job.pk).update(next_try_at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == ("failed", 3, message.format(number=job.number))


def test_a_failed_job_can_be_repeated_with_new_attempts_and_a_fence_that_goes_on(
    kind, django_capture_on_commit_callbacks, woken
):
    def handler(job, progress):
        if job.attempt == 1:
            raise JobFailed("no")

    kind(handler)
    job = make_job()
    jobs.run(job.pk)
    woken.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.repeat(job) is True
    assert woken == [("crm.tasks.run_job", job.pk)]
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.last_attempt, job.error) == ("done", 2, 4, "")
    assert jobs.repeat(job) is False


def test_a_job_of_a_person_who_was_switched_off_does_nothing(kind):
    kind(lambda job, progress: Team.objects.create(name="must not be"))
    job = make_job(make_user(is_active=False))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error == "The account of the person for whom this was to be done is switched off."
    assert Team.objects.count() == 0


def test_the_sweeper_wakes_workers_for_lost_calls_and_dead_workers_but_not_for_fresh_or_living_ones(kind, woken):
    kind(lambda job, progress: None)
    alice = make_user()
    fresh, lost, dead, living, later = (make_job(alice) for _number in range(5))
    jobs.claim(dead.pk)
    jobs.claim(living.pk)
    let_lease_end(dead)
    Job.objects.filter(pk__in=(lost.pk, later.pk)).update(woken_at=timezone.now() - PAST)
    Job.objects.filter(pk=later.pk).update(next_try_at=timezone.now() + PAST)
    assert jobs.sweep() == 2
    assert woken == [("crm.tasks.run_job", lost.pk), ("crm.tasks.run_job", dead.pk)]
    assert jobs.sweep() == 0, "a second tick at the same time wakes nobody again"
    assert jobs.run(dead.pk) is True
    assert (fresh.state, living.state) == ("queued", "queued")


def test_the_sweeper_ends_jobs_whose_worker_died_three_times_or_that_were_cancelled(kind, woken):
    told = []
    kind(lambda job, progress: None, failed=lambda job: told.append(job.pk))
    alice = make_user()
    worn, stopped = make_job(alice), make_job(alice)
    jobs.claim(stopped.pk)
    jobs.cancel(stopped)
    for _number in range(3):
        jobs.claim(worn.pk)
        let_lease_end(worn)
    let_lease_end(stopped)
    assert jobs.sweep() == 0
    worn.refresh_from_db()
    stopped.refresh_from_db()
    assert (worn.state, worn.error) == ("failed", "The program was stopped 3 times while it worked on this.")
    assert (stopped.state, told) == ("cancelled", [worn.pk])


def test_a_step_that_fails_in_a_tick_does_not_keep_the_others_from_their_work(kind, woken, monkeypatch):
    ticked = []

    def broken():
        raise RuntimeError("this hook fails")

    def working():
        ticked.append(True)

    monkeypatch.setattr(jobs, "tick_hooks", [])
    jobs.on_tick(broken)
    jobs.on_tick(working)
    jobs.on_tick(working)
    tasks.tick()
    assert ticked == [True]


def test_old_jobs_leave(kind, woken):
    kind(lambda job, progress: None)
    alice = make_user()
    old, recent = make_job(alice), make_job(alice)
    for job in (old, recent):
        jobs.run(job.pk)
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=181))
    tasks.clean()
    assert list(Job.objects.values_list("pk", flat=True)) == [recent.pk]
