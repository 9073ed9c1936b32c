"""Who acts, for the change log; and the access log of reads, exports and sign-ins."""

import pghistory
from django.contrib.contenttypes.models import ContentType


def acting(user, job=None, **more):
    """A context in which every change of a tracked row is marked with the person and, in a worker, the job.

    Use it as `with acting(user):`; contexts may be nested, the inner one adds to the outer one.
    """
    marks = {"user": user.pk if user is not None and user.is_authenticated else None, **more}
    if job is not None:
        marks["job"] = job.pk
    return pghistory.context(**marks)


def log_access(kind: str, *, user, record=None, address: str | None = None, **facts):
    """Write one row of the access log: kind is an AccessLogEntry.Kind; facts are plain values such as rows=120."""
    from crm.models import AccessLogEntry

    return AccessLogEntry.objects.create(
        kind=AccessLogEntry.Kind(kind),
        user=user if user is not None and user.is_authenticated else None,
        subject_type=ContentType.objects.get_for_model(record) if record is not None else None,
        subject_id=record.pk if record is not None else None,
        address=address or None,
        facts=facts,
    )
