"""The only way to wake a worker: after the commit, by task name and ids, and never at the cost of the page."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

IMPATIENT = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
}


def delay_on_commit(task: str, *ids: int):
    """Ask a worker to run the task after the commit. The row stays the queue: a sweeper repeats lost calls."""
    transaction.on_commit(lambda: wake(task, *ids))


def wake(task: str, *ids: int) -> bool:
    """Ask a worker to run the task now; False when the broker is away, so that the row waits for the next sweep."""
    try:
        # A connection of its own with short timeouts: workers wait ten seconds for an answer, a page must not.
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            current_app.send_task(task, args=ids, connection=connection, retry_policy={"max_retries": 0})
    except OperationalError as error:
        logger.warning("The broker is away (%s); %s %s waits for the sweeper.", error, task, ids)
        return False
    return True


def is_awake() -> bool:
    """Whether the broker answers."""
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
    except (OperationalError, OSError):
        return False
    return True
