"""A broker that is away costs a page little time and no work."""

import signal
import socket
import subprocess
import sys
import time

import pytest
import redis
from celery import Celery
from django.conf import settings as configured

from crm import broker, jobs
from crm.devtools.processes import free_port
from crm.failpoints import failpoint
from crm.models import Job, User


@pytest.fixture
def dead_broker(monkeypatch):
    """The product's Celery settings with a Redis address where nobody listens."""
    app = Celery("dead", set_as_current=False)
    app.config_from_object(configured, namespace="CELERY")
    app.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setattr(broker, "current_app", app)


def test_a_dead_broker_is_told_within_a_moment(dead_broker):
    began = time.monotonic()
    assert broker.wake("crm.tasks.run_job", 1) is False
    assert broker.is_awake() is False
    assert time.monotonic() - began < 2


def test_a_broker_that_takes_connections_and_says_nothing_is_given_up(dead_broker):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker.current_app.conf.broker_url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        assert broker.wake("crm.tasks.run_job", 1) is False
    assert time.monotonic() - began < 3


def test_a_broker_that_falls_silent_while_it_is_spoken_to_is_given_up(monkeypatch):
    def time_out(*arguments, **options):
        raise redis.exceptions.TimeoutError("Timeout reading from socket")

    monkeypatch.setattr("kombu.messaging.Producer._publish", time_out)
    assert broker.wake("crm.tasks.run_job", 1) is False


@pytest.mark.django_db
def test_work_that_is_added_while_the_broker_is_away_waits_for_the_sweeper(
    dead_broker, django_capture_on_commit_callbacks
):
    alice = User.objects.create_user("alice", name="Alice")
    jobs.job("count", label="Count")(lambda job, progress: None)
    try:
        with django_capture_on_commit_callbacks(execute=True) as calls:
            job = jobs.enqueue("count", user=alice, parameters={})
        assert len(calls) == 1
        assert Job.objects.get(pk=job.pk).state == "queued"
    finally:
        del jobs.kinds["count"]


def test_a_living_broker_answers():
    assert broker.is_awake() is True


def test_a_failpoint_kills_only_its_own_process_and_only_where_tests_enable_it(settings):
    settings.FAILPOINT = "here"
    settings.FAILPOINTS_ENABLED = False
    assert failpoint("here") is None
    settings.FAILPOINTS_ENABLED = True
    assert failpoint("elsewhere") is None
    code = (
        "from django.conf import settings; settings.configure(FAILPOINTS_ENABLED=True, FAILPOINT='here');"
        "from crm.failpoints import failpoint; failpoint('here')"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=configured.BASE_DIR).returncode == -signal.SIGKILL
