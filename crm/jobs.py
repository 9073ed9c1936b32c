"""Work outside the request: a job is a row that a worker claims, does with its person's rights, and ends once."""

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.broker import delay_on_commit, wake
from crm.events import plain
from crm.failpoints import failpoint
from crm.files import FULL_MESSAGE, is_full
from crm.history import acting
from crm.models import Job, StoredFile

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
SECONDS_A_ROW = 0.002  # of one statement that gives records to others; 0.0005 were measured on a busy machine
LOG_LINES = 200
SWEEP_ROWS = 500
State = Job.State


class JobFailed(Exception):
    """The job cannot be done, and trying again would not help. The text tells the person why."""


class Superseded(Exception):
    """This worker was silent for longer than its lease, and another one has the job. It stops and leaves no trace."""


@dataclass(frozen=True)
class Kind:
    """A kind of job: what it is called, who does it, and how its outcomes are called and coloured.

    outcomes: {"created": (_("created"), "green"), …} for what the handler counts.
    failed: called with the job, in the transaction that marks it failed, so that the news reaches whom it concerns.
    goes_on: job -> the address on which a cancelled or failed one is continued or undone, "" where it is done by now.
    undo: `undo(job, progress)` takes back what the job did; it runs in a job of its own (crm.undoing), as its person.
    undoable: the outcomes that it takes back; undo_days: so long after the end of the job, 0 for ever.
    """

    code: str
    label: object
    handler: Callable
    outcomes: dict = field(default_factory=dict)
    resumes: bool = False
    failed: Callable | None = None
    undo: Callable | None = None
    undoable: tuple[str, ...] = ("changed",)
    undo_days: int = 0
    goes_on: Callable | None = None


kinds: dict[str, Kind] = {}
tick_hooks: list[Callable] = []


def job(code: str, *, label, outcomes: dict | None = None, **more):
    """Register `handler(job, progress)` for a kind of job. Said in an app's tasks.py, which every process imports."""

    def register(handler):
        if code in kinds:
            raise ValueError(f"There are two kinds of job with the code {code}.")
        kinds[code] = Kind(code, label, handler, outcomes or {}, **more)
        return handler

    return register


def on_tick(function: Callable) -> Callable:
    """Have `function()` called by every tick of the clock; it reads what is due and may be called twice at once."""
    if function not in tick_hooks:
        tick_hooks.append(function)
    return function


def enqueue(kind: str, *, user, parameters: dict, slot: str | None = None, title: str = "") -> Job:
    """Add a job for the user and wake a worker after the commit. With a slot that is taken, gives the job that has it.

    The handler acts with the rights, the language and the time zone of the user.
    """
    if kind not in kinds:
        raise KeyError(f"No handler is registered for jobs of kind {kind}.")
    now = timezone.now()
    try:
        with transaction.atomic():
            new = Job.objects.create(
                kind=kind,
                user=user,
                parameters=plain(parameters),
                slot=slot,
                created_at=now,
                next_try_at=now,
                woken_at=now,
                last_attempt=MAX_ATTEMPTS,
                title=Truncator(title).chars(200),
            )
    except IntegrityError:
        taken = Job.objects.filter(slot=slot).first() if slot is not None else None
        if taken is None:
            raise
        return taken
    delay_on_commit("crm.tasks.run_job", new.pk)
    return new


def lease():
    """The end of a lease that begins now, by the clock of the database."""
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def claim(job_id: int) -> Job | None:
    """Take the job with a lease and the next attempt number, or None when it is not to be had."""
    free = Q(state=State.QUEUED, next_try_at__lte=Now()) | Q(state=State.RUNNING, lease_until__lt=Now())
    with transaction.atomic():
        taken = Job.objects.filter(free, pk=job_id, attempt__lt=F("last_attempt")).update(
            state=State.RUNNING, attempt=F("attempt") + 1, lease_until=lease(), started_at=Coalesce("started_at", Now())
        )
        return Job.objects.select_related("user").filter(pk=job_id).first() if taken else None


def held(job: Job):
    """The job as long as this attempt has it: every write of a worker goes through this condition."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=State.RUNNING)


class Progress:
    """What a handler tells while it works. Each word extends the lease; a handler must not be silent for a whole lease.

    Outside of chunk() and finish() a handler holds no transaction open while it tells its progress.
    """

    def __init__(self, job: Job):
        self.job = job
        resumes = job.kind in kinds and kinds[job.kind].resumes
        self.done, self.total, self.counts = (job.done, job.total, dict(job.counts)) if resumes else (0, None, {})
        self.lines = list(job.log)
        self.stopped = self.ended = False
        self.rhythm = min(1.0, settings.LEASE_SECONDS / 4)
        self.told_at = time.monotonic()
        self.turn = threading.RLock()  # whoever writes the job's row, until that is committed

    def expect(self, total: int):
        """Say how much there is to do."""
        self.total = total
        self.tell()

    def step(self, number: int = 1):
        """Say that so much more is done; written at most once a second."""
        self.done += number
        self.beat()

    def count(self, outcome: str, number: int = 1):
        """Add to an outcome of the kind, such as created or skipped."""
        self.counts[outcome] = self.counts.get(outcome, 0) + number
        self.beat()

    def log(self, text):
        """Write a line for the person into the job's log; the last 200 are kept."""
        self.lines = [*self.lines, {"at": timezone.now().isoformat(), "text": str(text)}][-LOG_LINES:]
        self.tell()

    def beat(self):
        """Say that this worker lives."""
        if time.monotonic() - self.told_at >= self.rhythm:
            self.tell()

    def tell(self, **changes):
        with self.turn:  # also while it is gathered: another thread's piece may just be at its end
            told = {"lease_until": lease(), "done": self.done, "total": self.total, "counts": self.counts}
            if not held(self.job).update(**(told | {"log": self.lines} | changes)):
                raise Superseded(self.job.number)
            self.told_at = time.monotonic()

    def brace(self, rows: int):
        """Before one statement over so many rows: a lease that lasts as long. Said outside of a transaction."""
        self.tell(lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS + rows * SECONDS_A_ROW))

    @property
    def cancelled(self) -> bool:
        """Whether the person has asked to stop; a handler that sees True returns, and what is done stays done."""
        if not self.stopped:
            self.beat()
            self.stopped = Job.objects.filter(pk=self.job.pk, cancel_at__isnull=False).exists()
        return self.stopped

    @contextlib.contextmanager
    def chunk(self, number: int):
        """One transaction for a piece of the work and its progress: the next attempt goes on at `job.done`."""
        before = self.done, dict(self.counts)
        try:
            with transaction.atomic():
                self.done += number
                self.tell()  # first, so that a worker that was taken over writes nothing
                yield
                self.tell()
        except BaseException:
            self.done, self.counts = before
            raise

    @contextlib.contextmanager
    def piece(self, number: int):
        """As chunk(), for several threads at once, each with a connection of its own; gives a Counter for outcomes.

        The job's row is written last, so that no piece waits for another one. A worker that was taken over works until
        then, and leaves no trace either: what it must not do twice is to be unique in the database.
        """
        counts, before = Counter(), None
        try:
            with transaction.atomic():
                yield counts
                connection.check_constraints()  # what waits for the commit: nobody else has to wait for it
                self.turn.acquire()
                before = self.done, self.counts
                self.done, self.counts = self.done + number, dict(Counter(self.counts) + counts)
                self.tell()
        except BaseException:
            if before:
                self.done, self.counts = before
            raise
        finally:
            if before:
                self.turn.release()

    @contextlib.contextmanager
    def finish(self, file: StoredFile | None = None):
        """The one transaction that ends the job; what else belongs to the result, such as mails, is written inside."""
        with transaction.atomic():
            state = State.CANCELLED if self.stopped else State.DONE
            self.tell(state=state, finished_at=Now(), lease_until=None, file=file, error="")
            failpoint("before_commit")
            yield
        self.ended = True
        failpoint("after_commit")


def run(job_id: int) -> bool:
    """Carry out the job if it is free; False when another worker has it or it has ended."""
    job = claim(job_id)
    if job is None:
        return False
    with as_person(job):
        try:
            carry_out(job)
        except Superseded:
            logger.warning("%s was taken over by another worker.", job.number)
        except JobFailed as error:
            end_failed(job, str(error))
        except Exception as error:
            if is_full(error):
                logger.exception("%s found the disk full.", job.number)
                try_later(job, str(FULL_MESSAGE))
                return True
            logger.exception("%s failed in attempt %s.", job.number, job.attempt)
            try_later(
                job,
                str(
                    _("Something went wrong in the program. Give the number %(number)s to an administrator.")
                    % {"number": job.number}
                ),
            )
    return True


@contextlib.contextmanager
def as_person(job: Job):
    """What this thread does is marked as the person's and the job's, in the person's language and time zone."""
    with acting(job.user, job), translation.override(job.user.language), timezone.override(job.user.zone):
        yield


def carry_out(job: Job):
    kind = kinds.get(job.kind)
    if kind is None:
        raise JobFailed(_("This version of Banyan does not know jobs of this kind."))
    if not job.user.is_active:
        raise JobFailed(_("The account of the person for whom this was to be done is switched off."))
    progress = Progress(job)
    file = kind.handler(job, progress)
    if not progress.ended:
        with progress.finish(file=file):
            pass  # nothing but the end itself belongs into this transaction


def try_later(job: Job, message: str):
    """Give the job back for another attempt, later each time; after the last attempt it has failed."""
    if job.attempt >= job.last_attempt:
        end_failed(job, message)
        return
    pause = timedelta(seconds=settings.LEASE_SECONDS * (MAX_ATTEMPTS - job.last_attempt + job.attempt))
    held(job).update(state=State.QUEUED, lease_until=None, next_try_at=Now() + pause, woken_at=Now(), error=message)


def end_failed(job: Job, message: str):
    """Mark the job failed and tell the kind, in one transaction."""
    with transaction.atomic():
        if held(job).update(state=State.FAILED, finished_at=Now(), lease_until=None, error=message):
            job.refresh_from_db()
            kind = kinds.get(job.kind)
            if kind is not None and kind.failed is not None:
                kind.failed(job)


def cancel(job: Job) -> bool:
    """Ask the job to stop: one that waits ends at once, one that runs at its next look. False when it has ended."""
    if Job.objects.filter(pk=job.pk, state=State.QUEUED).update(
        state=State.CANCELLED, finished_at=Now(), cancel_at=Now()
    ):
        return True
    return bool(Job.objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_at=Now()))


def repeat(job: Job) -> bool:
    """Let a failed job begin anew; False when it has not failed or is undone. Attempt numbers go on: the fence."""
    now = timezone.now()
    fresh = Job.objects.filter(pk=job.pk, state=State.FAILED, undone_by__isnull=True).update(
        state=State.QUEUED,
        last_attempt=F("attempt") + MAX_ATTEMPTS,
        error="",
        finished_at=None,
        next_try_at=now,
        woken_at=now,
        cancel_at=None,
    )
    if fresh:
        delay_on_commit("crm.tasks.run_job", job.pk)
    return bool(fresh)


def sweep() -> int:
    """Wake workers for jobs that nobody works on: calls that were lost, retries that are due, workers that died."""
    lost = Q(woken_at__lt=Now() - timedelta(seconds=settings.LEASE_SECONDS)) | Q(woken_at__lt=F("next_try_at"))
    waiting = Job.objects.filter(lost, state=State.QUEUED, next_try_at__lte=Now())
    dead = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    for job in dead.select_related("user").order_by("pk")[:SWEEP_ROWS]:
        bury(job)
    woken = 0
    for job in [*waiting.order_by("pk")[:SWEEP_ROWS], *dead.filter(lost).order_by("pk")[:SWEEP_ROWS]]:
        # the condition on woken_at lets one of two ticks win
        if Job.objects.filter(pk=job.pk, woken_at=job.woken_at).update(woken_at=Now()):
            wake("crm.tasks.run_job", job.pk)
            woken += 1
    return woken


def bury(job: Job):
    """End a job whose worker died when it was to be cancelled or has no attempt left."""
    if job.cancel_at is not None:
        held(job).filter(lease_until__lt=Now()).update(state=State.CANCELLED, finished_at=Now(), lease_until=None)
    elif job.attempt >= job.last_attempt:
        with translation.override(job.user.language):
            text = ngettext(
                "The program was stopped once while it worked on this.",
                "The program was stopped %(tries)d times while it worked on this.",
                job.attempt,
            )
            end_failed(job, text % {"tries": job.attempt})
