"""Changing the type of a custom field that has values: what would become of them, the change, and the way back.

The field is replaced by a new one of the other type, which takes its names, place and rules; a job then fills it from
the old values. Those stay in the records under the old code, so that nothing is lost and undo is a swap of the two.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm import jobs
from crm.exchange import ParseError, match_key
from crm.fields import services, types
from crm.models import Company, FieldDefinition, FieldRule, FormLayout, Job
from crm.models.fields import Type

DAYS = 30  # for which a change of type can be undone
LOOK = 20_000  # values of which a page says what would become of them
SAMPLES = 10
CHUNK = 2_000
MOST_CHOICES = 100  # collected from texts; the rarer texts are not converted
LOOK_CHOICES = 5_000
LABEL = 80
PICKED = (Type.CHOICE, Type.CHOICES)
WRITTEN = (Type.TEXT, Type.LONG_TEXT)
TYPED = (Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME, Type.CHOICE, Type.CHOICES, Type.BOOLEAN)
OFFERED: dict[str, tuple] = {
    Type.TEXT: (Type.LONG_TEXT, *TYPED),
    Type.LONG_TEXT: (Type.TEXT, *TYPED),
    Type.NUMBER: (Type.TEXT, Type.MONEY),
    Type.MONEY: (Type.TEXT, Type.NUMBER),
    Type.DATE: (Type.TEXT, Type.DATETIME),
    Type.DATETIME: (Type.TEXT, Type.DATE),
    Type.CHOICE: (Type.TEXT, Type.CHOICES),
    Type.CHOICES: (Type.TEXT, Type.LONG_TEXT, Type.CHOICE),
    Type.BOOLEAN: (Type.TEXT, Type.CHOICE),
}
KEPT = ("name_zh", "name_en", "help_zh", "help_en", "required", "group", "order", "on_list")


# -- values ----------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def house():
    """The language and the zone in which values are read and written: the same whoever looks, so that undo can tell a
    converted value from one that somebody typed."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(Company.current().zone):
        yield


def code_of(text: str) -> str:
    """The code of a choice made of a text: the same for the same text."""
    return f"c_{hashlib.sha256(match_key(text).encode()).hexdigest()[:10]}"


def converted(old, new, value):
    """What `custom` holds in the new field for a value of the old one; None when it cannot be converted. In house()."""
    if value is None or types.from_json(old, value) is None:
        return None
    try:
        return picked(old, new, value) if new.type in PICKED else read(old, new, value)
    except ParseError:
        return None


def picked(old, new, value):
    if old.type == Type.BOOLEAN:
        codes = ["yes" if value else "no"]
    elif old.type in PICKED:
        codes = value if isinstance(value, list) else [value]
    else:
        parts = types.split(value) if new.type == Type.CHOICES else [str(value).strip()]
        codes = sorted({code_of(part) for part in parts})
    known = {row["code"] for row in new.options}
    if not codes or not known.issuperset(codes):
        return None
    return codes if new.type == Type.CHOICES else codes[0] if len(codes) == 1 else None


def read(old, new, value):
    known = types.from_json(old, value)
    if old.type == Type.DATETIME and new.type == Type.DATE:
        return types.to_json(new, timezone.localdate(known))
    cell = value if old.type in WRITTEN else types.words(old, value)
    return types.to_json(new, types.reader_of(new)(cell))


def options_for(old, kind) -> list[dict]:
    """The choices that a field of the new type has: those it had, yes and no, or the texts, the commonest first."""
    if kind not in PICKED:
        return []
    if old.type in PICKED:
        return list(old.options)
    if old.type == Type.BOOLEAN:
        names = {}
        for language, key in (("zh-hans", "zh"), ("en", "en")):
            with translation.override(language):
                names[key] = {"yes": _("yes"), "no": _("no")}
        return [{"code": c, "zh": names["zh"][c], "en": names["en"][c], "tone": ""} for c in ("yes", "no")]
    found, spelled = Counter(), {}
    for text, number in commonest(old):
        for part in types.split(text) if kind == Type.CHOICES else [text.strip()]:
            if part and len(part) <= LABEL and "\n" not in part:
                found[code_of(part)] += number
                spelled.setdefault(code_of(part), part)
    codes = [code for code, _number in found.most_common(MOST_CHOICES)]
    return [{"code": code, "zh": spelled[code], "en": spelled[code], "tone": ""} for code in codes]


def commonest(definition) -> list[tuple[str, int]]:
    """(text, in how many records) of a text field, the commonest first."""
    table = connection.ops.quote_name(services.model_of(definition)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT custom->>%s AS held, count(*) FROM {table} WHERE custom ? %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT"
            " %s",
            [definition.code, definition.code, LOOK_CHOICES],
        )
        return cursor.fetchall()


# -- before ----------------------------------------------------------------------------------------------------------
def refusal(old, kind: str = "") -> str:
    """Why the type cannot be changed (to `kind`, when one is named); "" when it can."""
    if old.removed_at:
        return _("This field was removed. Restore it first.")
    if old.is_sensitive:
        return _("Sensitive fields keep their type: their values are sealed. Add a new field instead.")
    if old.type not in OFFERED:
        return _("Colleagues and links to customers cannot be converted. Add a new field instead.")
    if is_running(old):
        return _("The values of this field are still being converted. Wait until the job has ended.")
    if stopped([old]):
        return _("Only a part of the values of this field was converted. Continue that, or undo it, first.")
    if kind and kind not in OFFERED[old.type]:
        names = pgettext("list", ", ").join(str(Type(one).label) for one in OFFERED[old.type])
        return _("A field of the type “%(type)s” can become: %(types)s.") % {
            "type": Type(old.type).label,
            "types": names,
        }
    return ""


def is_running(new) -> bool:
    """Whether the job that fills the field still goes on."""
    return Job.objects.open().filter(kind="field_retype", parameters__new=new.pk).exists()


def stopped(definitions) -> dict[int, Job]:
    """{key of a field: its job} of those whose conversion was cancelled or failed before all values were looked at."""
    keys = [one.pk for one in definitions if one.replaces_id and not one.removed_at]
    if not keys:
        return {}
    rows = Job.objects.filter(kind="field_retype", parameters__new__in=keys).order_by("pk")
    last = {job.parameters["new"]: job for job in rows}
    return {key: job for key, job in last.items() if job.state in (Job.State.CANCELLED, Job.State.FAILED)}


@dataclass
class Preview:
    """What would become of the values. samples: (old, new) as words; only of records that the person sees."""

    converted: int = 0
    lost: int = 0
    is_part: bool = False
    samples: list[tuple[str, str]] = field(default_factory=list)
    lost_samples: list[str] = field(default_factory=list)
    new: FieldDefinition | None = None


def preview(old, kind: str, user) -> Preview:
    new = made_of(old, kind)
    found = Preview(new=new)
    model = services.model_of(old)
    rows = model._base_manager.filter(custom__has_key=old.code).order_by("pk")
    held = list(rows.values_list(f"custom__{old.code}", flat=True)[: LOOK + 1])
    found.is_part = len(held) > LOOK
    numbers = Counter(json.dumps(value, sort_keys=True) for value in held[:LOOK])
    seen = []
    if user.rights.may(model, "view") and not user.fields.is_hidden(model, old.field_name):
        mine = model.objects.visible_to(user).filter(custom__has_key=old.code).order_by("pk")
        seen = dict.fromkeys(
            json.dumps(v, sort_keys=True) for v in mine.values_list(f"custom__{old.code}", flat=True)[:LOOK]
        )
    with house():
        becomes = {text: converted(old, new, json.loads(text)) for text in {*numbers, *seen}}
    found.converted = sum(number for text, number in numbers.items() if becomes[text] is not None)
    found.lost = sum(numbers.values()) - found.converted
    for text in seen:
        was, now = types.words(old, json.loads(text)), becomes[text]
        if now is not None and len(found.samples) < SAMPLES:
            found.samples.append((was, types.words(new, now)))
        elif now is None and len(found.lost_samples) < SAMPLES:
            found.lost_samples.append(was)
    return found


def made_of(old, kind: str) -> FieldDefinition:
    """The field of the other type, not saved."""
    codes = FieldDefinition.objects.filter(entity=old.entity).values_list("code", flat=True)
    new = FieldDefinition(entity=old.entity, type=kind, replaces=old, **{name: getattr(old, name) for name in KEPT})
    new.code = services.fresh_code(old.code, set(codes))
    new.options = options_for(old, kind)
    new.is_searchable = old.is_searchable and kind in types.SEARCHED
    with house():
        new.default = converted(old, new, old.default)
    return new


# -- the change ------------------------------------------------------------------------------------------------------
@transaction.atomic
def retype(old, kind: str, *, actor) -> FieldDefinition:
    """Put a field of the type `kind` in the place of the old one, whose row the caller has locked; a job fills it.

    The new one is there at once: nobody can write the old one while the job reads it.
    """
    new = made_of(old, kind)
    swap(old, new)
    begin(new, f"retype:{new.pk}", actor=actor)
    return new


def begin(new, slot: str, *, actor, **parameters) -> Job:
    title = _("Convert the values of “%(field)s”") % {"field": new}
    return jobs.enqueue("field_retype", user=actor, parameters={"new": new.pk, **parameters}, slot=slot, title=title)


def go_on(new, *, actor) -> Job | None:
    """Convert the rest where a cancelled or failed job stopped; None when there is no such job. The caller has locked
    the field."""
    last = stopped([new]).get(new.pk)
    if last is None:
        return None
    return begin(new, f"retype:{new.pk}:{last.pk}", actor=actor, after=last.parameters.get("after", 0))


def swap(present, other):
    """`other` takes the place of `present`: on forms and lists, in rules of roles, and as an order of its list."""
    sorts = bool(present.slot)
    present.removed_at, present.slot_ready = timezone.now(), False
    present.save()
    other.removed_at, other.slot_ready, other.slot = None, False, ""
    other.slot = services.free_slot(other) if sorts else ""
    other.save()
    rules = FieldRule.objects.filter(entity=present.entity)
    rules.filter(field=other.field_name).delete()
    rules.filter(field=present.field_name).update(field=other.field_name)
    for layout in FormLayout.objects.filter(entity=present.entity):
        for group in layout.data.get("groups", ()):
            group["fields"] = [other.field_name if n == present.field_name else n for n in group["fields"]]
        layout.save()


def fill_later(*definitions, actor):
    """Have the places for sorting filled anew that these fields have or had, and what the search box looks through."""
    if any(one.is_searchable for one in definitions):
        services.search_later(definitions[0], actor=actor)
    for slot in sorted({one.slot for one in definitions if one.slot}):
        services.fill_later(definitions[0].entity, slot, actor=actor)


def where_it_goes_on(job: Job) -> str:
    """The page of the field whose conversion stopped with this job; "" when another went on or it was undone."""
    new = FieldDefinition.objects.filter(pk=job.parameters["new"]).first()
    last = stopped([new]).get(new.pk) if new else None
    return reverse("field-retype", args=[new.pk]) if last == job else ""


def run_retype(job, progress):
    """The job: fill the new field from the old values, by key, a chunk a transaction; a killed one goes on."""
    new = FieldDefinition.objects.select_related("replaces").filter(pk=job.parameters["new"]).first()
    if new is None or new.removed_at or new.replaces is None:
        return
    if Job.objects.filter(kind=job.kind, parameters__new=new.pk, pk__gt=job.pk).exists():  # which went on with it
        return
    old, after = new.replaces, job.parameters.get("after", 0)
    rows = services.model_of(new)._base_manager.filter(custom__has_key=old.code).order_by("pk")
    if progress.total is None:
        progress.expect(rows.filter(pk__gt=after).count())
    while not progress.cancelled:
        chunk = list(rows.filter(pk__gt=after).values_list("pk", f"custom__{old.code}")[:CHUNK])
        if not chunk:
            break
        with house():
            fresh = [(pk, now) for pk, value in chunk if (now := converted(old, new, value)) is not None]
        after = chunk[-1][0]
        with progress.chunk(len(chunk)):
            still = FieldDefinition.objects.select_for_update(no_key=True).filter(pk=new.pk, removed_at__isnull=True)
            if not still.exists():  # undone meanwhile
                return
            write(new, fresh)
            progress.counts["changed"] = progress.counts.get("changed", 0) + len(fresh)
            progress.counts["refused"] = progress.counts.get("refused", 0) + len(chunk) - len(fresh)
            job.parameters = {**job.parameters, "after": after}
            progress.tell(parameters=job.parameters)
    fill_later(new, old, actor=job.user)


def write(definition, values: list[tuple]):
    """Set the field of many records with one statement: (key of the record, JSON value); who has a value keeps it."""
    if not values:
        return
    table = connection.ops.quote_name(services.model_of(definition)._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET custom = t.custom || jsonb_build_object(%s, fresh.value::jsonb)"
            " FROM unnest(%s::bigint[], %s::text[]) AS fresh(pk, value)"
            " WHERE t.id = fresh.pk AND NOT t.custom ? %s",
            [definition.code, [pk for pk, _v in values], [json.dumps(v) for _pk, v in values], definition.code],
        )


# -- the way back ----------------------------------------------------------------------------------------------------
def undo_refusal(new) -> str:
    """Why the change of type cannot be undone; "" when it can."""
    if new.removed_at or new.replaces is None or not new.replaces.removed_at:
        return _("There is no change of type to undo.")
    if new.replaces.removed_at < timezone.now() - timedelta(days=DAYS):
        return _("A change of type can be undone for 30 days.")
    return ""


def changed_since(new) -> tuple[int, bool]:
    """In how many records the new field says something else than the old value gave, among the first LOOK; and whether
    there are more."""
    old, model = new.replaces, services.model_of(new)
    rows = model._base_manager.filter(custom__has_key=new.code).order_by("pk")
    held = list(rows.values_list(f"custom__{old.code}", f"custom__{new.code}")[: LOOK + 1])
    with house():
        number = sum(converted(old, new, was) != now for was, now in held[:LOOK])
    return number, len(held) > LOOK


@transaction.atomic
def take_back(new, *, actor):
    """Put the old field with its values back; what was typed since stays in the records, with the removed new field."""
    old = new.replaces
    for name in KEPT:
        setattr(old, name, getattr(new, name))
    was = new.slot
    new.replaces = None
    swap(new, old)
    new.slot = was
    fill_later(new, old, actor=actor)
