"""The Celery application of worker and beat; its settings are the CELERY_ ones of crm.settings."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check_keys(**kwargs):
    """A worker with the wrong keys of protected values does not start."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    django.setup()
    from crm.keys import check_start

    try:
        check_start()
    except ImproperlyConfigured as problem:
        raise SystemExit(str(problem)) from None
