"""Taking a merge apart from its ledger row: what still stands where the merge put it goes back, the rest is told."""

from __future__ import annotations

import datetime
from datetime import timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import ownership
from crm.access import Action, Root
from crm.entities import entity_for
from crm.events import announce
from crm.merging import DAYS, Refused, columns_of, definitions, plain, records_unmerged
from crm.models import RecordMerge
from crm.models.record import Stamped, TagsField
from crm.protection import ProtectedField
from crm.tags import three_way

CUSTOM = "custom_"


def open_merges(record):
    """The merges into a record that can still be taken apart, the newest first."""
    undone = RecordMerge.objects.filter(undoes=OuterRef("act"))
    rows = RecordMerge.objects.about(record).filter(undoes=None, at__gt=timezone.now() - timedelta(days=DAYS))
    return rows.exclude(Exists(undone)).order_by("-pk")


def changed_since(row: RecordMerge, survivor) -> list[str]:
    """Names of the fields that somebody changed after the merge; they stay as they are now. Of tags each goes by
    itself."""
    custom = custom_fields(row, type(survivor))
    return [
        name
        for name, values in row.fields.items()
        if not has_tags(survivor, name) and held(survivor, name, custom) != values["after"]
    ]


def custom_fields(row: RecordMerge, model) -> dict:
    """{name of a field: definition} of the custom fields that the merge changed."""
    codes = [name.removeprefix(CUSTOM) for name in row.fields if name.startswith(CUSTOM)]
    return {one.field_name: one for one in definitions(model, codes)} if codes else {}


def has_tags(record, name: str) -> bool:
    return not name.startswith(CUSTOM) and isinstance(record._meta.get_field(name), TagsField)


def held(record, name: str, custom: dict):
    """What a field holds, as the ledger gives it back (protected values opened)."""
    if name.startswith(CUSTOM):
        return record.held(custom[name]) if name in custom else None
    value = getattr(record, name)
    value = value.pk if isinstance(value, models.Model) else value
    column = record._meta.get_field(name)
    if not isinstance(column, ProtectedField):
        return plain(column, value)
    return value.isoformat() if isinstance(value, datetime.date) else value


@transaction.atomic
def unmerge(row: RecordMerge, *, actor) -> tuple[object, list[str]]:
    """Take a merge apart; gives (the record that is back, names of columns that were left as they are now).

    Rows that point elsewhere since are left as well. Raises Refused when it was done, or is too long ago.
    """
    row.refresh_from_db()  # opens what is sealed
    model = row.subject_type.model_class()
    pair = {
        one.pk: one
        for one in model.everything.filter(pk__in=(row.subject_id, row.loser))
        .order_by("pk")
        .select_for_update(of=("self",))
    }
    survivor, loser = pair.get(row.subject_id), pair.get(row.loser)
    if survivor is None or loser is None or not open_merges(survivor).filter(pk=row.pk).exists():
        raise Refused(_("This merge was taken apart already, or it is more than 30 days old."))
    if survivor.deleted_at is not None or loser.merged_into_id != survivor.pk:
        raise Refused(_("“%(name)s” was merged further or deleted. Take that back first.") % {"name": survivor})
    if not model.objects.visible_to(actor, Action.CHANGE).filter(pk=survivor.pk).exists():
        raise Refused(_("You may not change this record."))
    model.everything.filter(pk=loser.pk).update(
        merged_into=None, deleted_at=None, modified_by=actor, modified_at=timezone.now()
    )
    left = put_fields_back(row, survivor, actor)
    put_rows_back(row, survivor, loser)
    RecordMerge.objects.create(
        subject_type=row.subject_type,
        subject_id=survivor.pk,
        loser=loser.pk,
        loser_name=row.loser_name,
        actor=actor,
        undoes=row.act,
    )
    announce(records_unmerged, survivor, actor=actor, loser=str(loser), loser_id=loser.pk)
    loser.refresh_from_db()
    return loser, left


def rows_since(rows, record, user) -> dict[int, list[tuple[str, int]]]:
    """{key of a merge: [(kind, number)]} of what was added to the survivor after each of these merges, as far as the
    user sees it: it stays there. One query a kind."""
    found: dict[int, list] = {row.pk: [] for row in rows}
    for child, name in entity_for(type(record)).children():
        if found and child.may(user) and issubclass(child.model, Stamped):
            counts = {f"n{row.pk}": Count("pk", filter=Q(created_at__gt=row.at)) for row in rows}
            numbers = child.model.objects.visible_to(user).filter(**{name: record}).aggregate(**counts)
            for row in rows:
                if number := numbers[f"n{row.pk}"]:
                    found[row.pk].append((child.tab_label(entity_for(type(record))), number))
    return found


def put_fields_back(row: RecordMerge, survivor, actor) -> list[str]:
    left, names, custom = changed_since(row, survivor), set(), custom_fields(row, type(survivor))
    owners = ownership.owners_of(survivor) if isinstance(type(survivor).access, Root) else None
    for name, values in row.fields.items():
        if name not in left:
            put_back(survivor, name, values, custom)
            names.add(name)
    if names:
        survivor.modified_by = actor
        survivor.save(update_fields={*columns_of(survivor, names), "modified_by", "modified_at"})
        if owners is not None and "owner" in names:
            ownership.note(survivor, owners, actor=actor)
    return left


def put_back(survivor, name: str, values: dict, custom: dict):
    """Give a field the value from before the merge. Tags lose what the merge brought."""
    before = values["before"]
    if name in custom:
        survivor.hold(custom[name], before)
    elif has_tags(survivor, name):
        survivor.tags = three_way(values["after"], survivor.tags, before)
    elif not name.startswith(CUSTOM):
        column = survivor._meta.get_field(name)
        setattr(survivor, column.attname, before if column.is_relation else column.to_python(before))


def put_rows_back(row: RecordMerge, survivor, loser):
    """Rows that still stand where the merge put them: pointers, marks, arrays, and what was hidden with the loser."""
    back: dict[str, set] = {}
    for path, keys in row.moved.items():
        label, _dot, name = path.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(pk__in=keys, **{name: survivor.pk})
        back.setdefault(label, set()).update(rows.values_list("pk", flat=True))
        rows.update(**{name: loser.pk})
    for path, keys in row.cleared.items():  # what stands elsewhere by now may have such a mark beside it
        label, _dot, name = path.rpartition(".")
        apps.get_model(label)._base_manager.filter(pk__in=back.get(label, set()) & set(keys)).update(**{name: True})
    for label, keys in row.stayed.items():
        apps.get_model(label)._base_manager.filter(pk__in=keys, deletion=None).update(deleted_at=None)
    for path, changes in row.arrays.items():
        label, _dot, name = path.rpartition(".")
        for key, (before, after) in changes.items():
            apps.get_model(label)._base_manager.filter(pk=key, **{name: after}).update(**{name: before})
