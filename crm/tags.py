"""What is done with tags: showing them, setting them on a record, and the acts on a whole set: merge, delete, undo."""

from __future__ import annotations

import re

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, OuterRef, Q
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.access import Action
from crm.events import Event, announce
from crm.models import Job, Tag, TagChange

SEPARATORS = re.compile(r"[,，、;；|\n]")
MOST_IN_A_SET = 300


def joined(names) -> str:
    """Names as one text in the active language."""
    return pgettext("list", ", ").join(str(name) for name in names)


def event(code: str, sentence, colour: str = "gray", **more) -> Event:
    return Event(code, sentence, icon="tag", colour=colour, **more)


def names_part(facts: dict) -> dict:
    return {"tags": joined(facts.get("tags", ()))}


record_tagged = event("record_tagged", gettext_lazy("%(actor)s added the tags %(tags)s"), parts=names_part)
record_untagged = event("record_untagged", gettext_lazy("%(actor)s took the tags %(tags)s away"), parts=names_part)
tag_added = event("tag_added", gettext_lazy("%(actor)s added the tag %(record)s"), "blue")
tag_changed = event("tag_changed", gettext_lazy("%(actor)s changed the tag %(record)s"))
tag_merged = event("tag_merged", gettext_lazy("%(actor)s merged the tag %(record)s into %(into)s"), "violet")
tag_deleted = event("tag_deleted", gettext_lazy("%(actor)s deleted the tag %(record)s"), "red")
tag_restored = event("tag_restored", gettext_lazy("%(actor)s brought the tag %(record)s back"))


# --- showing ---------------------------------------------------------------------------------------------------------


class IsAmong(Func):
    """value = ANY(array)"""

    template, arg_joiner, output_field = "(%(expressions)s))", " = ANY(", BooleanField()


def with_tags(user) -> dict:
    """{name: expression} for annotate(): the visible tags of a row as JSON, in the query that reads the row."""
    rows = Tag.objects.visible_to(user).filter(IsAmong(F("pk"), OuterRef("tags")))
    return {"tag_rows": ArraySubquery(rows.values(row=JSONObject(id="pk", name="name", colour="colour")))}


def unpack(record):
    """Take the tags of a record that was read with_tags."""
    record.tag_list = [Tag(**row) for row in record.tag_rows or ()]


def label(records, user):
    """Give each record its `tag_list`: one query for all of them, none when nothing is tagged."""
    waiting = [record for record in records if not hasattr(record, "tag_list")]
    ids = {pk for record in waiting for pk in record.tags or ()}
    found = {tag.pk: tag for tag in Tag.objects.visible_to(user).filter(pk__in=ids)} if ids else {}
    for record in waiting:
        tags = [found[pk] for pk in record.tags or () if pk in found]
        record.tag_list = sorted(tags, key=lambda tag: tag.name)


# --- setting ---------------------------------------------------------------------------------------------------------


def names_in(text: str) -> list[str]:
    """The names in a text that lists them, each once."""
    names = (" ".join(name.split()) for name in SEPARATORS.split(text))
    return list({name.lower(): name for name in names if name}.values())


def by_name(model, user, names) -> dict[str, Tag]:
    """{name in lower case: tag} of those names that stand in the set."""
    wanted = [name.lower() for name in names]
    rows = Tag.objects.visible_to(user).of(model).annotate(plain_name=Lower("name")).filter(plain_name__in=wanted)
    return {tag.plain_name: tag for tag in rows}


@transaction.atomic
def add_tags(model, names, *, actor) -> list[Tag]:
    """The tags of these names; those that the set does not have yet are made. Raises ValidationError for a bad name.

    The right to make tags is the caller's to check.
    """
    known, tags = by_name(model, actor, names), []
    for name in names:
        tag = known.get(name.lower()) or add_tag(model, name, actor=actor)
        known[name.lower()] = tag
        tags.append(tag)
    return tags


def add_tag(model, name: str, *, actor, colour: str = Tag.Colour.GRAY) -> Tag:
    tag = Tag(root=model._meta.label_lower, name=name, colour=colour, created_by=actor, modified_by=actor)
    check_room(model)
    tag.full_clean()
    tag.save()
    announce(tag_added, tag, actor=actor)
    return tag


def check_room(model):
    if Tag.objects.of(model).count() >= MOST_IN_A_SET:
        raise ValidationError(
            _("A set holds at most %(number)s tags. Merge some that mean the same.") % {"number": MOST_IN_A_SET}
        )


def announce_tags(record, before, *, actor):
    """Say in the record's timeline which tags came and which went; before: the keys it had."""
    before, after = set(before or ()), set(record.tags)
    names = dict(Tag.everything.filter(pk__in=before ^ after).values_list("pk", "name"))
    for kind, ids in ((record_tagged, after - before), (record_untagged, before - after)):
        if changed := sorted(names[pk] for pk in ids if pk in names):
            announce(kind, record, actor=actor, tags=changed)


@transaction.atomic
def set_tags(record, ids, *, actor):
    """Give a record, locked by the caller, exactly these tags, as far as its set still has them."""
    before = record.tags
    record.tags = sorted(Tag.objects.of(type(record)).filter(pk__in=ids).values_list("pk", flat=True))
    record.modified_by = actor
    record.save(update_fields=["tags", "modified_by", "modified_at"])
    announce_tags(record, before, actor=actor)


def three_way(opened, theirs, mine) -> list[int]:
    """The tags after two people changed them at once: what each added is there, what each took away is not."""
    opened = set(theirs if opened is None else opened)
    return sorted((set(theirs) | (set(mine) - opened)) - (opened - set(mine)))


# --- acts on a whole set, set-based ----------------------------------------------------------------------------------


@transaction.atomic
def merge_tag(tag: Tag, into: Tag, *, actor) -> TagChange:
    """Every record that has the tag has `into` instead, once; the tag goes. Gives the ledger row, which undo takes.

    Tags of many records go by a job: crm.tag_jobs.
    """
    lock(tag, into)
    change = strip(TagChange(kind=TagChange.Kind.MERGE, tag=tag, into=into, actor=actor))
    take_out(change, number=len(change.records), actor=actor)
    return change


@transaction.atomic
def delete_tag(tag: Tag, *, actor) -> TagChange:
    """Take the tag from every record and from its set. Gives the ledger row, which undo takes."""
    lock(tag)
    change = strip(TagChange(kind=TagChange.Kind.DELETE, tag=tag, actor=actor))
    take_out(change, number=len(change.records), actor=actor)
    return change


@transaction.atomic
def undo(change: TagChange, *, actor) -> int:
    """Put the tag back on the records it was taken from; gives their number, 0 when it was undone before.

    A record that lost the tag it was merged into since then stays without. Raises ValidationError when the name is
    taken again.
    """
    if not TagChange.objects.filter(pk=change.pk, undone_at__isnull=True).exists():
        return 0
    tag = revive(change.tag_id, actor=actor)
    number = put_back(change, actor=actor)
    announce(tag_restored, tag, actor=actor, number=number)
    return number


def lock(tag: Tag, into: Tag | None = None):
    """Lock a tag, and the one it goes into, for an act on the whole set. Raises ValidationError when that cannot be."""
    if into and (tag.root != into.root or tag.pk == into.pk):
        raise ValidationError(_("Choose another tag of the same set."))
    keys = [tag.pk, into.pk] if into else [tag.pk]
    if len(Tag.objects.select_for_update().order_by("pk").filter(pk__in=keys)) != len(keys):
        raise ValidationError(_("This tag is not there any more."))
    at_it = Q(parameters__tag__in=keys) | Q(parameters__into__in=keys)
    working = Job.objects.filter(at_it, kind="tag_change")
    if working.filter(~Q(state__in=Job.ENDED) | Q(undone_by__in=Job.objects.open())).exists():
        raise ValidationError(_("A job is merging, deleting or bringing back this tag. Wait until it has ended."))


def strip(change: TagChange, among: list[int] | None = None) -> TagChange:
    """Rewrite the records that have the tag (of the keys in `among`, or all); the ledger keeps which they were."""
    tag, into = change.tag, change.into
    some = "" if among is None else "AND id = ANY(%s::bigint[])"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(array_agg(id), '{{}}'), coalesce(array_agg(id) FILTER (WHERE %s = ANY(tags)), '{{}}')
                FROM (SELECT id, tags FROM {table_of(tag.model)} WHERE tags @> ARRAY[%s]::bigint[]
                      {some} ORDER BY id FOR NO KEY UPDATE) AS bearers""",
            [into.pk if into else None, tag.pk, *([] if among is None else [among])],
        )
        change.records, change.had_both = cursor.fetchone()
    if change.records or change.part_of is None:
        change.save()
    if change.kind == TagChange.Kind.MERGE:
        sql, values = "array_replace(tags, %s::bigint, %s::bigint)", [tag.pk, into.pk]
    else:
        sql, values = "array_remove(tags, %s::bigint)", [tag.pk]
    rewrite(tag.model, sql, values, change.records, change.actor)
    return change


def take_out(change: TagChange, *, number: int, actor):
    """Take the tag, which no record has any more, out of its set, and say so with the number of records that had it."""
    tag, now = change.tag, timezone.now()
    if not Tag.objects.filter(pk=tag.pk).update(deleted_at=now, modified_by=actor, modified_at=now):
        raise ValidationError(_("This tag is not there any more."))
    if change.kind == TagChange.Kind.MERGE:
        announce(tag_merged, tag, actor=actor, into=change.into, number=number)
    else:
        announce(tag_deleted, tag, actor=actor, number=number)


def revive(key: int, *, actor) -> Tag:
    """Bring a tag back into its set, locked; raises ValidationError when its name is taken."""
    tag = Tag.everything.select_for_update().get(pk=key)
    if Tag.objects.filter(root=tag.root, name__iexact=tag.name).exclude(pk=key).exists():
        raise ValidationError(
            _("There is a tag called “%(name)s” again. Rename that one, then undo.") % {"name": tag.name}
        )
    tag.deleted_at, tag.modified_by = None, actor
    tag.save(update_fields=["deleted_at", "modified_by", "modified_at"])
    return tag


def put_back(change: TagChange, *, actor) -> int:
    """Put the tag back on the records of one ledger row, once; gives how many have it again."""
    if not TagChange.objects.filter(pk=change.pk, undone_at__isnull=True).update(undone_at=timezone.now()):
        return 0
    if change.kind == TagChange.Kind.MERGE:
        kept = "CASE WHEN id = ANY(%s::bigint[]) THEN tags ELSE array_remove(tags, %s::bigint) END || %s::bigint"
        values, only = [change.had_both, change.into_id, change.tag_id], change.into_id
    else:
        kept, values, only = "tags || %s::bigint", [change.tag_id], None
    return rewrite(change.tag.model, kept, values, change.records, actor, only)


def rewrite(model, tags: str, values, records, actor, only: int | None = None) -> int:
    """Give the records the tags that the SQL expression makes, in order and each once; gives the number of rows."""
    condition = " AND tags @> ARRAY[%s]::bigint[]" if only else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table_of(model)} SET tags = ARRAY(SELECT DISTINCT unnest({tags}) ORDER BY 1),
                modified_at = %s, modified_by_id = %s WHERE id = ANY(%s::bigint[]){condition}""",
            [*values, timezone.now(), actor.pk if actor else None, records, *([only] if only else ())],
        )
        return cursor.rowcount


def table_of(model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def may_manage(user, action: str = Action.ADD) -> bool:
    return user.rights.may(Tag, action)
