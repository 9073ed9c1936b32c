"""Who reads protected values as they are: the right to see them, within its reach. All others read masks."""

from __future__ import annotations

from functools import cache

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value

from crm.access import Action, Part, Root, whole_model
from crm.protection import ProtectedField


def protected_fields(model) -> list[ProtectedField]:
    """The protected fields of a model, also of an event table of the change log."""
    return [field for field in model._meta.concrete_fields if isinstance(field, ProtectedField)]


@cache
def protected_names(model) -> frozenset[str]:
    return frozenset(field.name for field in protected_fields(model))


def has_protected(model, user) -> bool:
    """Whether rows of the model may hold values of which some readers see masks, in fields that the user sees."""
    return bool(protected_fields(model) or user.fields.sensitive(model))


def opening(model, user):
    """An expression for rows that the user sees: whether the protected values in them are read as they are.

    Asked from each row towards its wholes: visible_to(…, REVEAL) would first ask again which rows the user sees.
    """
    rights = user.rights
    if not rights.may(model, Action.REVEAL):
        return Value(False, BooleanField())
    roots = [model] if isinstance(model.access, Root) else [whole_model(model, path) for path in wholes_of(model)]
    if roots and all(isinstance(r.access, Root) and rights.ways(r, Action.REVEAL).everything for r in roots):
        return Value(True, BooleanField())
    if not isinstance(model.access, Part):
        return Exists(model.objects.visible_to(user, Action.REVEAL).filter(pk=OuterRef("pk")))
    condition = Q(pk__in=[])
    for path in wholes_of(model):
        wholes = whole_model(model, path).objects.visible_to(user, Action.REVEAL)
        first, __, rest = path.partition("__")
        if rest:
            relation = model._meta.get_field(first)
            links = relation.related_model.objects.filter(**{relation.field.name: OuterRef("pk")})
            condition |= Exists(links.filter(**{f"{rest}__in": wholes.values("pk")}))
        else:
            condition |= Exists(wholes.filter(pk=OuterRef(path)))
    return ExpressionWrapper(condition, BooleanField())


def wholes_of(model) -> tuple[str, ...]:
    return model.access.wholes if isinstance(model.access, Part) else ()


def with_opening(rows, user):
    """The rows, each with `is_unmasked`; rows of models without protected values as they are."""
    return rows.annotate(is_unmasked=opening(rows.model, user)) if has_protected(rows.model, user) else rows


def is_open(record, user) -> bool:
    """Whether the user reads the protected values of this record; one question, remembered on the record."""
    if record.pk is None:
        return True
    if "is_unmasked" not in record.__dict__:
        model = type(record)
        record.is_unmasked = model.objects.visible_to(user, Action.REVEAL).filter(pk=record.pk).exists()
    return record.is_unmasked


def shown_value(holder, name: str):
    """A value of a record for the person for whom the row was read (`is_unmasked`): protected ones true or masked."""
    value = getattr(holder, name, None)
    if value in (None, "") or not isinstance(holder, models.Model) or name not in protected_names(type(holder)):
        return value
    return value if holder.__dict__.get("is_unmasked") else holder._meta.get_field(name).masked(value)
