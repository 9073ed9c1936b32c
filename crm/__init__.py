"""The project and the shared core: people, access, pages, exchange, history, jobs."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
