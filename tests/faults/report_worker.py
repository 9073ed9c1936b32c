"""The Celery application of the fault tests of reports: the product's own; ticks have a queue of their own and meet."""

import django

from crm.celery import app

django.setup()

from celery import current_task  # noqa: E402
from django.utils import timezone  # noqa: E402

from crm import jobs  # noqa: E402 (models are there only after setup)
from crm.models import Job, OutboxMessage  # noqa: E402
from tests.faults.clock import note_tick, ticks_noted  # noqa: E402
from tests.faults.processes import until  # noqa: E402

# a worker that listens here alone starts runs and carries out none, so that each is killed where a test wants it
app.conf.task_routes = {"crm.tasks.tick": {"queue": "clock"}}
STARTED = timezone.now()


def meet():
    """The first tick waits for another one, so that both read what is due at the same moment."""
    note_tick(beat=current_task.request.origin)
    until(lambda: len(ticks_noted()) > 1, 60, "two ticks go on at the same time")


def count_lost():
    """How much of what was left before this worker started has not been found yet, after the sweeps of this tick."""
    found = Job.objects.open(), OutboxMessage.objects.exclude(state__in=OutboxMessage.ENDED)
    note_tick(lost=sum(rows.filter(woken_at__lt=STARTED).count() for rows in found))


jobs.tick_hooks.insert(0, meet)
jobs.on_tick(count_lost)
