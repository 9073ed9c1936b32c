"""Revealing single protected values: each one in the access log, no more a day than the person's roles allow."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.access import Action, Reach
from crm.history import log_access
from crm.mail import queue_mail
from crm.models import AccessLogEntry, RoleRule, User


class LimitReached(Exception):
    """The person has revealed as many values today as the roles allow."""


def limit_of(user, model) -> int | None:
    """How many values of the model a person may reveal a day: the widest of all roles, None without a limit."""
    if user.is_superuser:
        return None
    rules = RoleRule.objects.filter(role__user=user, model=model._meta.label_lower, action=Action.REVEAL)
    limits = list(rules.exclude(reach=Reach.NONE).values_list("daily_limit", flat=True))
    return None if None in limits else max(limits, default=0)


def today_began(user) -> datetime:
    """The beginning of the company's day."""
    company = user.company
    return datetime.combine(company.today, time(), company.zone)


def used_today(user) -> int:
    """Values of all kinds that the person revealed today."""
    rows = AccessLogEntry.objects.filter(user=user, kind=AccessLogEntry.Kind.REVEAL)
    return rows.filter(at__gte=today_began(user)).count()


def left_today(user, model) -> int | None:
    """How many values the person may still reveal today, None without a limit."""
    limit = limit_of(user, model)
    return None if limit is None else max(0, limit - used_today(user))


@transaction.atomic
def reveal(record, field: str, *, actor, reason: str = "", address: str | None = None):
    """Write down that the person reads a value; raises LimitReached and writes nothing when there were enough today.

    Whether the person may reveal values of the record at all is for the caller to check. The value that uses up the
    limit sends a notice to the administrators.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two clicks at once count one after the other
    left = left_today(actor, type(record))
    if left == 0:
        raise LimitReached
    facts = {"field": field} | ({"reason": reason} if reason else {})
    log_access("reveal", user=actor, record=record, address=address, **facts)
    if left == 1:
        tell_administrators(actor, limit_of(actor, type(record)))


def administrators():
    """The people who may change roles."""
    rules = RoleRule.objects.filter(model="crm.rolerule", action=Action.CHANGE).exclude(reach=Reach.NONE)
    return User.objects.active().filter(Q(is_superuser=True) | Q(groups__in=rules.values("role"))).distinct()


def tell_administrators(person, limit: int):
    """One mail a day to each administrator about a person who revealed as much as is allowed."""
    for administrator in administrators():
        with translation.override(administrator.language), timezone.override(administrator.zone):
            queue_mail(
                "reveal_limit",
                to=administrator,
                subject=_("%(name)s has revealed as many protected values as a day allows") % {"name": person.name},
                text=_(
                    "%(name)s (%(login)s) has revealed %(number)s protected values today, the limit of the person’s "
                    "roles. Further ones are refused until tomorrow. The access log says which values these were, "
                    "and the limit stands with the rules of the roles (administration, roles)."
                )
                % {"name": person.name, "login": person.username, "number": limit},
                facts={"user": person.pk},
                dedupe_key=f"reveal-limit:{person.pk}:{administrator.pk}:{person.company.today}",
            )
