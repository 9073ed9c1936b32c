"""The questions that are asked of each record, in the words of SQL: is a field empty, is a value wrong."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.functional import Promise

from crm.columns import allowed, field_at
from crm.fields.columns import CustomColumn
from crm.protection import ProtectedField

RESPONSIBLE = ("owner", "team")  # whose a record is; told apart from what is known about it
TEXTS = (models.CharField, models.TextField)


@dataclass(frozen=True)
class Check:
    """A question that the database answers for each row.

    name: of the column that it asks about; who does not see the column does not get the check. about: model and field
    instead, where the value stands in a part; label: its name then. fails: the rows that lack a value, or have a wrong
    one; never NULL. among: the rows of which it is asked, all unless given.
    needs: {alias: expression} on which `fails` rests; rows: the same question in the form that finds few rows quickly,
    for lists, where `fails` is made for counting all. parts: models of which one must be allowed to see rows.
    """

    name: str
    fails: Q
    among: Q | None = None
    needs: Mapping = field(default_factory=dict)
    rows: Q | None = None
    parts: tuple = ()
    about: tuple[type, str] | None = None
    label: str | Promise = ""
    why: str | Promise = ""

    @property
    def asked(self) -> Q:
        """The rows of which it is asked and that fail."""
        return self.within(self.fails)

    @property
    def failing(self) -> Q:
        return self.within(self.fails if self.rows is None else self.rows)

    @property
    def passing(self) -> Q:
        return self.within(~(self.fails if self.rows is None else self.rows))

    def within(self, condition: Q) -> Q:
        return condition if self.among is None else self.among & condition

    def ready(self, queryset):
        """The queryset with what `failing` and `passing` rest on."""
        return queryset if self.rows is not None or not self.needs else queryset.alias(**self.needs)


def gaps(entity, user) -> list[Check]:
    """What may be empty in records of this kind, in the order of its columns, as far as this person sees it."""
    found = []
    for column in allowed(user.fields.columns(entity), entity.model, user):
        check = None if getattr(column, "is_masked", False) else gap_of(entity, column)
        if check and may_ask(check, user):
            found.append(replace(check, label=column.label, among=entity.applies.get(column.name)))
    return found


def faults(entity, user) -> list[Check]:
    """What may be wrong in records of this kind, as far as this person sees it."""
    columns = {column.name: column for column in allowed(user.fields.columns(entity), entity.model, user)}
    found = []
    for check in entity.faults:
        column = columns.get(check.name)
        if not may_ask(check, user):
            continue
        if check.about or (column and not getattr(column, "is_masked", False)):
            found.append(check if check.about else replace(check, label=column.label))
    return found


def may_ask(check: Check, user) -> bool:
    return all(user.rights.may(model) for model in check.parts) and not (
        check.about and user.fields.is_hidden(*check.about)
    )


def gap_of(entity, column) -> Check | None:
    """The question whether a column is empty; None where the answer would say nothing."""
    if column.is_page:
        return next((check for check in entity.gaps if check.name == column.name), None)
    if column.name in entity.spare:
        return None
    if isinstance(column, CustomColumn):
        return Check(column.name, without_custom(column.definition))
    one = field_at(entity.model, column.path) if "." not in column.path else None
    if column.name == entity.heard:
        return Check(column.name, Q(**{f"{column.name}__isnull": True}))
    return Check(column.name, empty(one)) if one is not None and may_be_empty(one) else None


def may_be_empty(one) -> bool:
    """Whether people fill the field, and may leave it empty."""
    if one.generated or not one.editable or isinstance(one, (models.BooleanField, ArrayField)):
        return False
    return one.blank or one.null


def empty(one) -> Q:
    """The rows in which the field holds nothing; what is sealed is not opened for it."""
    condition = Q(**{f"{one.name}__isnull": True})
    if isinstance(one, TEXTS) and not isinstance(one, ProtectedField):
        return condition | Q(**{one.name: ""}) if one.null else Q(**{one.name: ""})
    return condition


def without_custom(definition) -> Q:
    if definition.is_sensitive:
        return Q(sealed__isnull=True) | ~Q(sealed__has_key=definition.code)
    return ~Q(custom__has_key=definition.code)


def listens(entity, user) -> bool:
    """Whether it is known when records of this kind were last heard of, and the person may know."""
    if entity.talks is not None:
        return user.rights.may(entity.talks)
    return bool(entity.heard) and not user.fields.is_hidden(entity.model, entity.heard)


def quiet(entity, user, days: int) -> Check:
    """Rows that are known for this many days and of which nothing was heard in them; whole days of the company."""
    company = user.company
    day = datetime.datetime.combine(company.today - datetime.timedelta(days=days), datetime.time.min)
    moment = timezone.make_aware(day, company.zone)
    is_old = Q(created_at__lt=moment)
    if entity.talks is None:
        heard = entity.heard
        return Check("quiet", Q(**{f"{heard}__lt": moment}) | Q(**{f"{heard}__isnull": True}) & is_old)
    recent = Exists(entity.talks_of(entity.talks.objects.visible_to(user).filter(at__gte=moment)))
    return Check("quiet", is_old & Q(was_heard=False), needs={"was_heard": recent}, rows=is_old & ~Q(recent))
