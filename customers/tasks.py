"""What the worker does for this floor: looking for duplicates every night and after an import."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from crm import jobs
from crm.broker import wake
from crm.models import Company, Job
from customers.duplicates.scan import scan
from customers.models import Contact, Customer

logger = logging.getLogger(__name__)

HOUR = 3  # of the company's night
LAST = "duplicates:last"
MOST_SECONDS = 3000


@jobs.on_tick
def start_scan():
    """Once a night, and after imports that have ended since the last time."""
    now = timezone.now()
    night = timezone.localtime(now, Company.current().zone)
    is_due = night.hour >= HOUR and cache.add(f"duplicates:{night:%Y-%m-%d}", True, timeout=2 * 86_400)
    last = cache.get(LAST)
    imports = Job.objects.filter(kind="import_run", state=Job.State.DONE, finished_at__gt=last) if last else None
    if is_due or (imports is not None and imports.exists()):
        cache.set(LAST, now, timeout=None)
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
