"""What the worker does for this floor: looking for duplicates every night and after an import."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from crm import jobs
from crm.broker import wake
from crm.models import Company
from customers.duplicates.scan import scan
from customers.models import Contact, Customer

logger = logging.getLogger(__name__)

HOUR = 3  # of the company's night
WANTED = "duplicates:wanted"
MOST_SECONDS = 3000


def want_scan():
    """Look for duplicates at the next tick; called when many records were added at once."""
    cache.set(WANTED, True, timeout=86_400)


@jobs.on_tick
def start_scan():
    """Once a night, and after an import; never two at once."""
    now = timezone.localtime(timezone.now(), Company.current().zone)
    is_due = now.hour >= HOUR and cache.add(f"duplicates:{now:%Y-%m-%d}", True, timeout=2 * 86_400)
    if is_due or cache.get(WANTED):
        cache.delete(WANTED)
        wake("customers.tasks.scan_duplicates")


@shared_task(name="customers.tasks.scan_duplicates", soft_time_limit=MOST_SECONDS, time_limit=MOST_SECONDS + 60)
def scan_duplicates():
    """Bring the queues of customers and contacts up to date; a second call at the same time does nothing."""
    if not cache.add("duplicates:running", True, timeout=MOST_SECONDS):
        return
    try:
        for model in (Customer, Contact):
            found = scan(model)
            logger.info(
                "%s: %s rows, %s pairs weighed, %s open.", model.__name__, found.rows, found.compared, found.pairs
            )
    finally:
        cache.delete("duplicates:running")
