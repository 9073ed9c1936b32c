"""Asking for access to a record whose name one has been shown, and answering.

Who asks holds a token that only the page makes which shows the name. It names the record where the name was seen and
the link, never the record that is asked for; both are read anew when it is used. So nobody learns whether a number
exists: a token that is foreign, old or made up leads to the same 404. Of a record that was told without its name (a
likely twin) the token names the record itself, as ciphertext, and what the person had typed.
"""

from __future__ import annotations

import base64
import datetime
import json
from dataclasses import dataclass, replace

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Reach, Rights, Root
from crm.columns import Column, Kind
from crm.entities import registry
from crm.events import Event, announce
from crm.models import AccessRequest
from crm.protection import Unreadable, sealed_text, unsealed_text
from crm.sharing import give

SALT = "crm.asking"
DAYS = 1
USUAL = datetime.timedelta(days=30)  # what the answer offers first
ASK = "/ask/%s/"
HIDDEN = "~"  # how tokens of records without a name begin; signed ones have no such sign
DAILY = 20  # records without a name that one person may ask for in a day

access_asked = Event("access_asked", _("%(actor)s asked for access to %(record)s"), icon="key", colour="amber")
access_refused = Event("access_refused", _("%(actor)s refused %(asker)s access to %(record)s"), icon="ban")


# -- the way to ask ---------------------------------------------------------------------------------------------------


def with_ask(cell, record, user):
    """A cell of a visible record with the address where the user may ask for the linked record, if it names one that
    he cannot open but whose kind his roles permit."""
    value = cell.value
    if cell.url or cell.column.is_page or cell.column.kind != Kind.RECORD or not may_ask(type(value), user):
        return cell
    return replace(cell, ask=ASK % token_for(record, cell.column.path, user))


def may_ask(model, user) -> bool:
    return isinstance(getattr(model, "access", None), Root) and user.rights.may(model)


def token_for(record, path: str, user) -> str:
    return signing.dumps([record._meta.label_lower, record.pk, path, user.pk], salt=SALT)


@dataclass(frozen=True)
class Asked:
    """What a token leads to. name: as the person was shown it; is_hidden: he was not shown its own name."""

    record: object
    name: str
    is_hidden: bool = False


def hidden_address(model, pk: int, name: str, user) -> str:
    """Where the user may ask for a record of which he was not told the name; "" when his roles do not permit its kind.
    name: what he reads in its place."""
    if not may_ask(model, user):
        return ""
    text = json.dumps([model._meta.label_lower, pk, user.pk, int(timezone.now().timestamp()), name[:100]])
    return ASK % (HIDDEN + base64.urlsafe_b64encode(sealed_text(text, SALT)).decode().rstrip("="))


def hidden_of(token: str, user) -> Asked | None:
    try:
        sealed = base64.urlsafe_b64decode(token[1:] + "=" * (-len(token[1:]) % 4))
        label, pk, holder, at, name = json.loads(unsealed_text(sealed, SALT))
    except (Unreadable, ValueError):
        return None
    if holder != user.pk or at < timezone.now().timestamp() - DAYS * 86400:
        return None
    model = apps.get_model(label)
    record = model.objects.filter(pk=pk).first() if may_ask(model, user) else None
    return record and Asked(record, name, is_hidden=True)


def asks_today(user) -> int:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return AccessRequest.objects.filter(asker=user, asked_at__gte=start).count()


def asked_of(token: str, user) -> Asked | None:
    """What the token leads to, or None when it leads nowhere (any more)."""
    if token.startswith(HIDDEN):
        return hidden_of(token, user)
    record = record_of(token, user)
    return record and Asked(record, str(record))


def record_of(token: str, user):
    """The record that a signed token leads to, or None."""
    try:
        label, pk, path, holder = signing.loads(token, salt=SALT, max_age=DAYS * 86400)
        source = apps.get_model(label).objects.visible_to(user).filter(pk=pk).first()
    except (signing.BadSignature, ValueError, TypeError, LookupError):
        return None
    if source is None or holder != user.pk:
        return None
    record = Column(name="asked", path=path).value(source)
    return record if may_ask(type(record), user) else None


@transaction.atomic
def ask(record, *, asker, level: str, reason: str, name: str = "") -> AccessRequest:
    """Ask; a second time while the first waits gives the first. name: as the asker knows the record."""
    kind = ContentType.objects.get_for_model(record)
    try:
        with transaction.atomic():
            request = AccessRequest.objects.create(
                subject_type=kind,
                subject_id=record.pk,
                asker=asker,
                name=(name or str(record))[:300],
                level=level,
                reason=reason,
            )
    except IntegrityError:
        return AccessRequest.objects.about(record).get(asker=asker, state=AccessRequest.State.OPEN)
    announce(access_asked, record, actor=asker, reason=reason)
    return request


# -- answering --------------------------------------------------------------------------------------------------------


def answerable(user):
    """The open requests of others about records that the user may change: whoever may share may answer."""
    return requests_about(user, lambda model: Q())


def waiting_for(user):
    """Those among them that are the user's to answer: as owner; without an (active) owner as manager of the record's
    team; without either as somebody who reaches all."""
    return requests_about(user, lambda model: responsible(user, model))


def named(requests, user) -> list:
    """The requests, each with the name of its record for whoever answers: the asker may have been shown none."""
    requests, keys = list(requests), {}
    for one in requests:
        keys.setdefault(one.subject_type.model_class(), []).append(one.subject_id)
    found = {model: model.objects.visible_to(user).in_bulk(ids) for model, ids in keys.items()}
    for one in requests:
        one.record_name = str(found[one.subject_type.model_class()].get(one.subject_id, one.name))
    return requests


def responsible(user, model) -> Q:
    ownerless = Q(owner__isnull=True) | Q(owner__is_active=False)
    nobody = Q(team__isnull=True) | Q(team__manager__isnull=True) | Q(team__manager__is_active=False)
    last = ownerless & nobody if user.rights.reach(model, Action.CHANGE) == Reach.ALL else Q(pk__in=[])
    return Q(owner=user) | (ownerless & Q(team__manager=user)) | last


def requests_about(user, condition):
    found = Q(pk__in=[])
    for entity in registry.values():
        model = entity.model
        if isinstance(model.access, Root) and user.rights.may(model, Action.CHANGE):
            records = model.objects.visible_to(user, Action.CHANGE).filter(condition(model))
            found |= Q(subject_type=ContentType.objects.get_for_model(model), subject_id__in=records.values("pk"))
    open_ones = AccessRequest.objects.filter(state=AccessRequest.State.OPEN).exclude(asker=user)
    return open_ones.filter(found).select_related("asker__team", "subject_type")


def obstacle(asker, model, level: str) -> str:
    """Why a share would not help the asker now, asked again when answering; empty when it would."""
    names = {"name": asker.name, "what": model._meta.verbose_name_plural}
    if not asker.is_active:
        return _("%(name)s is switched off and signs in no more. Refuse the request.") % names
    if not Rights(asker).may(model, Action(level)):
        return _("No role of %(name)s permits this on %(what)s. Choose a lesser right, or refuse.") % names
    return ""


@transaction.atomic
def grant(request, record, *, actor, level: str, until, answer: str) -> bool:
    """Answer with a share; False when somebody has answered in between."""
    if not close(request, AccessRequest.State.GRANTED, actor, answer):
        return False
    model = type(record)
    if not model.objects.visible_to(request.asker, Action(level)).filter(pk=record.pk).exists():
        give(
            record,
            [request.asker],
            actor=actor,
            change=level == Action.CHANGE,
            until=until,
            reason=answer or request.reason,
        )
    return True


@transaction.atomic
def refuse(request, record, *, actor, answer: str) -> bool:
    """Answer with a word; False when somebody has answered in between."""
    if not close(request, AccessRequest.State.REFUSED, actor, answer):
        return False
    announce(access_refused, record, actor=actor, asker=request.asker)
    return True


def close(request, state: str, actor, answer: str) -> bool:
    open_one = AccessRequest.objects.filter(pk=request.pk, state=AccessRequest.State.OPEN)
    return bool(open_one.update(state=state, answered_by=actor, answered_at=timezone.now(), answer=answer))
