"""Who acts, for the change log; and the access log of reads, exports and sign-ins."""

import pghistory
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied

TAKEN_OUT = ("export", "download", "reveal")


def acting(user, job=None, **more):
    """A context in which every change of a tracked row is marked with the person and, in a worker, the job.

    Use it as `with acting(user):`; contexts may be nested, the inner one adds to the outer one.
    """
    user = getattr(user, "viewed_by", None) or user
    marks = {"user": user.pk if user is not None and user.is_authenticated else None, **more}
    if job is not None:
        marks["job"] = job.pk
    return pghistory.context(**marks)


def log_access(kind: str, *, user, record=None, address: str | None = None, **facts):
    """Write one row of the access log: kind is an AccessLogEntry.Kind; facts are plain values such as rows=120.

    While somebody looks as the user (crm.viewing), the row names who really looks; what would take something out is
    refused.
    """
    from crm.models import AccessLogEntry

    if (actor := getattr(user, "viewed_by", None)) is not None:
        if kind in TAKEN_OUT:
            raise PermissionDenied("Nothing is taken out while one looks as another person.")
        facts |= {"viewed_as": user.pk, "viewed_as_name": user.name}
        user = actor
    return AccessLogEntry.objects.create(
        kind=AccessLogEntry.Kind(kind),
        user=user if user is not None and user.is_authenticated else None,
        subject_type=ContentType.objects.get_for_model(record) if record is not None else None,
        subject_id=record.pk if record is not None else None,
        address=address or None,
        facts=facts,
    )
