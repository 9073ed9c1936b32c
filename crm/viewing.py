"""View as: an administrator looks at the product as another person sees it: read-only, logged, for half an hour.

The session holds the key of a Viewing. While it lasts `request.user` is the person, `request.user.viewed_by` and
`request.actor` are who really looks. Four things keep it read-only, each by itself: every method but GET and HEAD is
refused before the view; pages outside the product (admin, account) are refused; statements that write are refused in
the database cursor; and whatever would log an export, a download or a reveal is refused (crm.history.log_access).
"""

from __future__ import annotations

import datetime
import re
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.shortcuts import render
from django.utils import timezone

from crm.access import Action
from crm.history import log_access
from crm.models import User, Viewing

KEY = "viewing"
LASTS = datetime.timedelta(minutes=30)
END, LEAVE = "/view-as/end/", "/accounts/logout/"
FOREIGN = ("/admin/", "/accounts/")
SAFE = ("GET", "HEAD")
READING = re.compile(r"^[\s(]*(SELECT|DECLARE|FETCH|CLOSE|SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)
# Our own SQL of reports begins with WITH; a WITH may also write.
WITH, WRITES = re.compile(r"^\s*WITH\b", re.IGNORECASE), re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
# The log of reading, and what the frame keeps for itself.
OWN = re.compile(
    r'^\s*(INSERT INTO|UPDATE|DELETE FROM) "?(crm_accesslogentry|django_session|banyan_cache)\b', re.IGNORECASE
)


def may_view_as(actor: User, person: User) -> bool:
    """Whether the actor may look as the person: nobody as a superuser, only superusers as somebody who may do the same
    or is an administrator, nobody as himself or as somebody who is switched off."""
    if not actor.is_active or not actor.rights.may(Viewing, Action.ADD) or getattr(actor, "viewed_by", None):
        return False
    if person.pk == actor.pk or not person.is_active or person.is_superuser:
        return False
    return actor.is_superuser or not (person.is_administrator or person.rights.may(Viewing, Action.ADD))


def begin(request, person: User, reason: str) -> Viewing:
    """Start looking as the person; the caller has asked may_view_as."""
    viewing = Viewing.objects.create(actor=request.user, person=person, reason=reason)
    request.session.cycle_key()
    request.session[KEY] = viewing.pk
    note(request, viewing, "begin", reason=reason)
    return viewing


def finish(request) -> Viewing | None:
    """Stop; gives the viewing that was ended, or None when there was none."""
    mine = Viewing.objects.select_related("actor", "person").filter(actor=request.actor.pk, ended_at__isnull=True)
    viewing = mine.filter(pk=request.session.pop(KEY, None)).first()
    if viewing is None:
        return None
    Viewing.objects.filter(pk=viewing.pk).update(ended_at=timezone.now())
    note(request, viewing, "end")
    return viewing


def note(request, viewing: Viewing, what: str, **facts):
    """One row of the access log with both names."""
    log_access(
        "view_as",
        user=viewing.actor,
        record=viewing.person,
        address=request.META.get("REMOTE_ADDR"),
        what=what,
        actor=viewing.actor.name,
        person=viewing.person.name,
        viewing=viewing.pk,
        **facts,
    )


def current(request) -> Viewing | None:
    """The viewing of this session, as long as it lasts and is still permitted."""
    key = request.session.get(KEY)
    if key is None or not request.user.is_authenticated:
        return None
    viewing = Viewing.objects.filter(pk=key, ended_at__isnull=True, actor=request.user.pk).first()
    if viewing is None or viewing.began_at + LASTS < timezone.now():
        return None
    person = User.objects.with_company().filter(pk=viewing.person_id).first()
    if person is None or not may_view_as(request.user, person):
        return None
    viewing.actor, viewing.person = request.user, person
    return viewing


class ViewAs:
    """Middleware: puts the chosen person in the place of the signed-in one, for reading only."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor, request.viewing = request.user, None
        if KEY not in request.session:
            return self.get_response(request)
        viewing = current(request)
        if viewing is None or (request.path == LEAVE and request.method not in SAFE):
            finish(request)
            return self.get_response(request)
        request.viewing = viewing
        if request.path == END:
            return self.get_response(request)
        return self.as_person(request, viewing)

    def as_person(self, request, viewing):
        person = viewing.person
        person.viewed_by = request.actor
        request.user = person
        with reading_only():
            response = self.get_response(request)
        if response.get("Content-Disposition", "").startswith("attachment"):
            response.close()
            response = refusal(request)
        note(request, viewing, "page", path=request.get_full_path()[:300], status=response.status_code)
        return response

    def process_view(self, request, view, args, kwargs):
        if request.viewing is None or request.path == END:
            return None
        if request.method not in SAFE or request.path.startswith(FOREIGN):
            return refusal(request)
        return None


def refusal(request):
    return render(request, "view_as/refused.html", status=403)


@contextmanager
def reading_only():
    """No statement inside writes anything but the log of reading."""
    with connection.execute_wrapper(refuse_writing):
        yield


def refuse_writing(execute, sql, params, many, context):
    text = str(sql)
    is_reading = READING.match(text) or (WITH.match(text) and not WRITES.search(text))
    if not (is_reading or OWN.match(text)):
        raise PermissionDenied("Nothing is written while one looks as another person.")
    return execute(sql, params, many, context)
