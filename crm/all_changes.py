"""The change log of all records: what people changed in any of them, for those whose roles see all of a kind."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass

from django import forms
from django.core import signing
from django.db import connection
from django.db.models import BigIntegerField, OuterRef, Subquery, Value
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Catalogue, Part, Reach, Root, whole_model
from crm.access_log import DateInput, beginning
from crm.changes import HIDDEN, WORDS, FieldChange, actor_id, empty, linked_names, tag_names, words
from crm.columns import withheld
from crm.entities import registry
from crm.events import NAME_FIELDS
from crm.forms import RecordChoiceField
from crm.models import User
from crm.protection import ProtectedField
from crm.protection.masks import HIDDEN as MASKED

PAGE = 50
TASKS = {"empty_bin": _("Emptying of the recycle bin"), "seed_demo": _("Demo data")}
MOST_FIELDS = 12


def sees_all(user, model) -> bool:
    """Whether every row of the model is open to the person: only then may he read what happened to any of them."""
    if isinstance(model.access, Root):
        return user.rights.reach(model, Action.VIEW) == Reach.ALL
    if isinstance(model.access, Part):
        return user.rights.may(model) and all(sees_all(user, whole_model(model, path)) for path in model.access.wholes)
    return isinstance(model.access, Catalogue) and user.rights.may(model)


def readable(user) -> dict[str, type]:
    """{slug: entity} of the kinds whose changes the person may read."""
    entities = sorted(registry.values(), key=lambda one: one.order)
    return {one.slug: one for one in entities if hasattr(one.model, "pgh_event_model") and sees_all(user, one.model)}


class ChangeForm(forms.Form):
    """The filters of the change log; all may be empty."""

    entity = forms.ChoiceField(label=_("Kind of record"), required=False)
    user = RecordChoiceField(User.objects.none(), label=_("Person"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput(format="%Y-%m-%d"))
    until = forms.DateField(label=_("Until"), required=False, widget=DateInput(format="%Y-%m-%d"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(user)
        kinds = [(slug, capfirst(one.label())) for slug, one in readable(user).items()]
        self.fields["entity"].choices = [("", "—"), *kinds]

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("The end lies before the beginning."))
        return data


@dataclass(frozen=True)
class Line:
    """One change of one record. mark: the job or task that did it, if not a person at a page."""

    at: datetime.datetime
    actor: User | None
    mark: str
    kind: str
    icon: str
    name: str
    url: str
    word: str
    fields: list[FieldChange]
    more: int


class ChangeLog:
    """The changes that filters keep, newest first. before: the cursor of the page one comes from."""

    def __init__(self, user, params: QueryDict):
        self.user = user
        self.form = ChangeForm(params or None, user=user)
        self.entities = readable(user)

    @cached_property
    def data(self) -> dict:
        return self.form.cleaned_data if self.form.is_bound and (self.form.is_valid() or True) else {}

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.values())

    def page(self, before: str) -> tuple[list[Line], str]:
        """(lines, cursor of the next page or ""): each table gives its own newest rows by its key, the newest win."""
        cursor = read(before)
        slugs = [slug for slug in self.entities if not self.data.get("entity") or slug == self.data["entity"]]
        places = self.places(slugs, cursor)
        shown = places[:PAGE]
        for number, key, _at in shown:
            slug = slugs[number]
            cursor[slug] = min(key, cursor.get(slug, key))
        lines = {}
        for number, slug in enumerate(slugs):
            keys = [key for place, key, _at in shown if place == number]
            if keys:
                lines |= {(number, key): line for key, line in self.lines(self.entities[slug], keys).items()}
        found = [lines[number, key] for number, key, _at in shown]
        return found, write(cursor) if len(places) > PAGE else ""

    def places(self, slugs: list[str], cursor: dict) -> list[tuple]:
        """(number of the table, key, moment) of the newest rows of all tables together, one more than a page."""
        parts, values = [], []
        for number, slug in enumerate(slugs):
            rows = self.narrowed(self.entities[slug].model.pgh_event_model.objects.order_by("-pgh_id"))
            rows = rows.filter(pgh_id__lt=cursor[slug]) if slug in cursor else rows
            rows = rows.annotate(number_of_table=Value(number, BigIntegerField()))
            sql, given = rows.values_list("number_of_table", "pgh_id", "pgh_created_at")[
                : PAGE + 1
            ].query.sql_with_params()
            parts.append(f"({sql})")
            values += given
        if not parts:
            return []
        sql = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found(place, key, at) ORDER BY at DESC, key DESC"
        with connection.cursor() as asked:
            asked.execute(f"{sql} LIMIT {PAGE + 1}", values)
            return asked.fetchall()

    def narrowed(self, rows):
        data = self.data
        if data.get("user"):
            rows = rows.filter(pgh_context__metadata__user=data["user"].pk)
        if data.get("since"):
            moment = beginning(data["since"])
            rows = rows.filter(pgh_id__gte=key_at(rows.model, moment), pgh_created_at__gte=moment)
        if data.get("until"):
            moment = beginning(data["until"] + datetime.timedelta(days=1))
            rows = rows.filter(pgh_id__lt=key_at(rows.model, moment) + 1, pgh_created_at__lt=moment)
        return rows

    def lines(self, entity, keys: list[int]) -> dict[int, Line]:
        """{key: line} of events of one kind: the event before tells the values before."""
        model = entity.model
        table = model.pgh_event_model.objects
        earlier = table.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
        rows = table.filter(pgh_id__in=keys).annotate(before_id=Subquery(earlier.values("pgh_id")[:1]))
        events = list(rows.select_related("pgh_context"))
        older = table.in_bulk({one.before_id for one in events} - {None})
        hidden = HIDDEN | withheld(entity.columns, model, self.user)
        fields = [field for field in model._meta.concrete_fields if not field.generated and field.name not in hidden]
        fields = [field for field in fields if events and hasattr(events[0], field.attname)]
        both = [*events, *older.values()]
        names = linked_names(fields, both, self.user) | tag_names(fields, both, self.user)
        people = User.objects.in_bulk({actor_id(event) for event in events} - {None})
        subjects = {one.pgh_obj_id for one in events}
        seen = set(model.objects.visible_to(self.user).filter(pk__in=subjects).values_list("pk", flat=True))
        found = {}
        for event in events:
            was = older.get(event.before_id)
            changed = [
                FieldChange(str(field.verbose_name), told(field, was, names), told(field, event, names))
                for field in fields
                if getattr(event, field.attname) != (getattr(was, field.attname) if was else empty(field))
            ]
            found[event.pgh_id] = Line(
                event.pgh_created_at,
                people.get(actor_id(event)),
                mark_of(event),
                str(capfirst(entity.label())),
                entity.icon,
                name_of(event, hidden),
                entity.url_for(event.pgh_obj_id) if event.pgh_obj_id in seen else "",
                str(WORDS.get(event.pgh_label, event.pgh_label)),
                changed[:MOST_FIELDS],
                max(0, len(changed) - MOST_FIELDS),
            )
        return found


def told(field, event, names) -> str:
    """A value as text. Of protected ones only that there was one: the log of all records opens none, to nobody."""
    if isinstance(field, ProtectedField):
        return MASKED if event is not None and getattr(event, field.attname) else "—"
    return words(field, event, names)


def name_of(event, hidden) -> str:
    """By what the record was called then; its key where the name may not be told."""
    for name in NAME_FIELDS:
        if name not in hidden and getattr(event, name, None):
            return str(getattr(event, name))
    return f"#{event.pgh_obj_id}"


def mark_of(event) -> str:
    metadata = (event.pgh_context.metadata or {}) if event.pgh_context else {}
    if metadata.get("job"):
        return f"J-{metadata['job']}"
    mark = metadata.get("task") or metadata.get("command") or ""
    return str(TASKS.get(mark, mark))


def key_at(table, moment: datetime.datetime) -> int:
    """The first key written at the moment or later: found by halving, since keys grow with time and need no index."""
    low = 0
    high = (table.objects.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = (
            table.objects.filter(pgh_id__gte=middle).order_by("pgh_id").values_list("pgh_id", "pgh_created_at").first()
        )
        if row is None or row[1] >= moment:
            high = middle
        else:
            low = row[0] + 1
    return low


def write(cursor: dict) -> str:
    return signing.b64_encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def read(text: str) -> dict[str, int]:
    """The cursor of a link; empty when it is absent or was tampered with. It says only where a page begins."""
    try:
        found = json.loads(signing.b64_decode(text.encode())) if text else {}
        return {str(slug): min(int(key), 2**62) for slug, key in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
