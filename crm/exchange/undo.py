"""Takes an import back: added records go to the recycle bin, changed ones get their before-image, what was touched
since is left and listed. By the job "undo" (crm.undoing), a chunk a transaction, with the rights of the moment."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import ownership
from crm.access import Action
from crm.entities import importable
from crm.jobs import JobFailed
from crm.models import ImportBatch, ImportedRow
from crm.models.record import Stamped

from .applying import read
from .changing import change_rows
from .importing import importer_for
from .making import versions_of
from .staging import BESIDE

CHUNK = 500
Outcome, Undone = ImportedRow.Outcome, ImportedRow.Undone


def undo_import(job, progress):
    """Take back what the job of an import wrote, the last line first. What was done stays done after a crash."""
    batch = ImportBatch.objects.filter(run_job=job, user=job.user).first()
    entity = importable(batch.entity) if batch else None
    if entity is None or not (entity.has_pages or entity.may_import(job.user)):
        raise JobFailed(_("The lines of this import are no longer kept, so it cannot be taken back."))
    waiting = batch.imported.filter(outcome__in=[Outcome.CREATED, Outcome.UPDATED], undone="")
    made = batch.made.filter(undone="").exclude(at=None)
    progress.expect(progress.done + waiting.count() + made.count())
    importer = importer_for(entity, job.user)
    while chunk := list(waiting.order_by("-line")[:CHUNK]):
        if progress.cancelled:
            break
        with progress.chunk(len(chunk)):
            left = take_back(batch, importer, chunk)
            progress.count("changed", len(chunk) - left)
            progress.count("same", left)
    while not progress.cancelled and (rows := list(made.order_by("-pk")[:CHUNK])):
        with progress.chunk(len(rows)):
            left = take_back_made(batch, importer, rows)
            progress.count("changed", len(rows) - left)
            progress.count("same", left)
    if number := progress.counts.get("same"):
        progress.log(
            ngettext(
                "%(n)d record was left as it is. The page of the import says why.",
                "%(n)d records were left as they are. The page of the import says why.",
                number,
            )
            % {"n": number}
        )


def take_back(batch, importer, chunk: list[ImportedRow]) -> int:
    """Undo these lines; gives how many were left."""
    created = [row for row in chunk if row.outcome == Outcome.CREATED]
    updated = [row for row in chunk if row.outcome == Outcome.UPDATED]
    reasons = reasons_to_leave(batch, importer, created, updated)
    left = importer.take_away(batch, [row.record_id for row in created if row.pk not in reasons])
    reasons |= {row.pk: left[row.record_id] for row in created if row.record_id in left}
    restore(batch, importer, [row for row in updated if row.pk not in reasons])
    for reason in Undone.values:
        batch.imported.filter(pk__in=[key for key, why in reasons.items() if why == reason]).update(undone=reason)
    back = [row.pk for row in chunk if row.pk not in reasons]
    batch.imported.filter(pk__in=back).update(undone=Undone.BACK)
    return len(reasons)


def reasons_to_leave(batch, importer, created, updated) -> dict[int, str]:
    """{key of a row of the ledger: why its record is left}. Locks the records."""
    model, user = importer.model, importer.user
    rows = [*created, *updated]
    versions = locked_versions(model, [row.record_id for row in rows])
    # Whoever added records may take his own adding back, also when his roles do not delete.
    may = {
        Outcome.CREATED: reached(model, user, [row.record_id for row in created], Action.ADD),
        Outcome.UPDATED: reached(model, user, [row.record_id for row in updated], Action.CHANGE),
    }
    images = {row.record_id: row.before[BESIDE] for row in updated if BESIDE in row.before}
    touched = importer.touched_beside(images) | importer.touched_since(batch, rows)
    used = in_use(model, created) if issubclass(model, Stamped) else set()
    reasons = {}
    for row in rows:
        key = row.record_id
        if key not in versions:
            reasons[row.pk] = Undone.GONE
        elif key not in may[row.outcome]:
            reasons[row.pk] = Undone.REACH
        elif versions[key] != row.version or key in touched:
            reasons[row.pk] = Undone.CHANGED
        elif key in used:
            reasons[row.pk] = Undone.USED
    return reasons | (above_what_stays(batch, model, rows, created, reasons) if batch.reading.get("links") else {})


def above_what_stays(batch, model, rows, created, reasons) -> dict[int, str]:
    """The same for added records that are the parents of others of this import that are left."""
    stays = set(batch.imported.exclude(undone__in=["", Undone.BACK]).values_list("record_id", flat=True))
    stays |= {row.record_id for row in rows if row.pk in reasons}
    found, going = {}, {row.record_id: row.pk for row in created if row.pk not in reasons}
    while above := set(model.objects.filter(pk__in=stays, parent__in=going).values_list("parent_id", flat=True)):
        found |= {going.pop(key): Undone.USED for key in above}
        stays |= above
    return found


def locked_versions(model, keys) -> dict[int, int | None]:
    """{key: version} of the records that are there, locked."""
    rows = model.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk"))
    return versions_of(model, keys)


def reached(model, user, keys, action) -> set[int]:
    seen = model.objects.visible_to(user).filter(pk__in=keys)
    may = model.objects.visible_to(user, action).filter(pk__in=keys)
    return {*seen.values_list("pk", flat=True)} & {*may.values_list("pk", flat=True)}


def in_use(model, created: list[ImportedRow]) -> set[int]:
    """The keys of added records to which something was attached, or at whose parts something was done, since."""
    found: set[int] = set()
    if not created:
        return found
    written = {row.record_id: row.at for row in created}
    first = min(written.values())
    for relation in model._meta.related_objects:
        there = relation.related_model
        if relation.one_to_many and issubclass(there, Stamped):
            name = relation.field.name
            rows = there.everything.filter(Q(**{f"{name}__in": written}), modified_at__gt=first)
            if there is model:
                rows = rows.exclude(Exists(untouched(created[0].batch_id)))
            found |= {key for key, at in rows.values_list(name, "modified_at") if at > written[key]}
    return found


def untouched(batch: int):
    """Lines of the same import for the record that a query is at, which nobody has changed since: they go, too."""
    rows = ImportedRow.objects.filter(batch=batch, record_id=OuterRef("pk"))
    return rows.filter(Q(undone=Undone.BACK) | Q(version=OuterRef("version")))


# -- records that were made along ------------------------------------------------------------------------------------
def take_back_made(batch, importer, rows) -> int:
    """Take back records of other kinds that the import has made, if nothing hangs on them; gives how many were left."""
    left = 0
    for name in {row.field for row in rows}:
        own = [row for row in rows if row.field == name]
        reasons = reasons_to_keep(batch, importer.making.makers.get(name), own)
        if gone := [row.record_id for row in own if row.pk not in reasons]:
            kept = importer.making.makers[name].take_away(batch, gone)
            reasons |= {row.pk: kept[row.record_id] for row in own if row.record_id in kept}
        for row in own:
            row.undone = reasons.get(row.pk, Undone.BACK)
        left += len(reasons)
    batch.made.bulk_update(rows, ["undone"])
    return left


def reasons_to_keep(batch, maker, rows) -> dict[int, str]:
    """{key of a row of the ledger: why its record is left}. Locks the records. maker: None without the right to add."""
    if maker is None:
        return {row.pk: Undone.REACH for row in rows}
    keys = [row.record_id for row in rows]
    versions, may = locked_versions(maker.model, keys), reached(maker.model, maker.user, keys, Action.ADD)
    used, reasons = hung_on(batch, maker.model, {row.record_id: row.at for row in rows}), {}
    for row in rows:
        if row.record_id not in versions:
            reasons[row.pk] = Undone.GONE
        elif row.record_id not in may:
            reasons[row.pk] = Undone.REACH
        elif versions[row.record_id] != row.version:
            reasons[row.pk] = Undone.CHANGED
        elif row.record_id in used:
            reasons[row.pk] = Undone.USED
    return reasons


def hung_on(batch, model, written: dict) -> set[int]:
    """The keys of records on which rows hang that came later and are still there. written: {key: when it was made}.

    A row that links to something that this undo has taken away (the place where a contact worked) does not count.
    """
    found: set[int] = set()
    for relation in model._meta.related_objects:
        there = relation.related_model
        if relation.one_to_many and issubclass(there, Stamped):
            name = relation.field.name
            rows = there.objects.filter(**{f"{name}__in": written}, modified_at__gt=min(written.values()))
            for one in there._meta.concrete_fields:
                if one.name not in (name, "deletion") and one.many_to_one and issubclass(one.related_model, Stamped):
                    rows = rows.exclude(**{f"{one.name}__deletion__act": batch.act})
            found |= {key for key, at in rows.values_list(name, "modified_at") if at > written[key]}
    return found


def restore(batch, importer, rows: list[ImportedRow]):
    """Give changed records their before-image."""
    if not rows:
        return
    model, user, images = importer.model, importer.user, {}
    texts = ImportedRow.objects.filter(pk__in=[row.pk for row in rows]).annotate(text=Cast("before", TextField()))
    for key, text in texts.values_list("record_id", "text"):
        images[key] = read(text)
    given = [key for key, image in images.items() if image.keys() & {"owner_id", "team_id"}]
    if given:
        undo = uuid.uuid5(batch.act, "undo")
        ownership.take_back(model, batch.act, actor=user, reason=_("Import taken back"), undo=undo, keys=given)
    columns = {
        key: {name: value for name, value in image.items() if name not in (BESIDE, "owner_id", "team_id")}
        for key, image in images.items()
    }
    before = change_rows(model, {key: one for key, one in columns.items() if one}, actor=user, merges=False)
    importer.put_back_beside({row.record_id: row.before[BESIDE] for row in rows if BESIDE in row.before})
    importer.changed(model.objects.filter(pk__in=images), {key: read(text) for key, text in before.items()})
