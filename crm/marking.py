"""Stars and follows: the head of a record, the filter, the column, and two cards of the workbench."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from crm import workbench
from crm.columns import Kind, PageColumn
from crm.entities import entity_for
from crm.filters import Filter
from crm.models import RecordMark, TimelineEntry
from crm.models.tags import tagged_models
from crm.moments import when

LINES = 6
MOST = 500  # marks of one person that a card looks at
STAR, FOLLOW = RecordMark.Kind.STAR, RecordMark.Kind.FOLLOW


def marks_of(user, kind: str, model):
    """The person's marks of one kind on records of one model."""
    subject = ContentType.objects.get_for_model(model)
    return RecordMark.objects.visible_to(user).filter(kind=kind, subject_type=subject)


def with_marks(model, user) -> dict:
    """{name: expression} for annotate(): whether the person has starred and follows the row."""
    return {
        f"is_{kind.value}": Exists(marks_of(user, kind, model).filter(subject_id=OuterRef("pk")))
        for kind in (STAR, FOLLOW)
    }


def toggle(record, user, kind: str) -> bool:
    """Set the mark, or take it away when it is there; gives whether it is set now."""
    mine = marks_of(user, kind, type(record)).filter(subject_id=record.pk)
    if mine.delete()[0]:
        return False
    subject = ContentType.objects.get_for_model(record)
    RecordMark.objects.get_or_create(user=user, kind=kind, subject_type=subject, subject_id=record.pk)
    return True


def starred_among(model):
    """A batch for the column of stars: {key: True} of those with a star."""

    def batch(ids, user):
        mine = marks_of(user, STAR, model).filter(subject_id__in=ids)
        return dict.fromkeys(mine.values_list("subject_id", flat=True), "★")

    return batch


def star_column(model) -> PageColumn:
    return PageColumn("star", _("starred"), starred_among(model), kind=Kind.TEXT)


class MineField(forms.BooleanField):
    """A check box whose value is the person who asks."""

    def __init__(self, user, **kwargs):
        self.user = user
        super().__init__(required=False, **kwargs)

    def clean(self, value):
        return self.user if super().clean(value) else None


@dataclass(frozen=True)
class MarkFilter(Filter):
    """Keeps the records that the person has starred, or follows. kind: "star" or "follow"."""

    kind: str = STAR

    def fields(self, model, user):
        return {self.name: MineField(user, label=self.title(model))}

    def apply(self, queryset, data):
        user = data.get(self.name)
        if not user:
            return queryset
        return queryset.filter(pk__in=marks_of(user, self.kind, queryset.model).values("subject_id"))

    def chip(self, model, data):
        return str(_("yes")) if data.get(self.name) else ""


# --- workbench -------------------------------------------------------------------------------------------------------


def marked(user, kind: str) -> dict[type, list]:
    """{model: rows} of the marked records that the person still sees; one query for the marks, one a kind of record."""
    by_type: dict[int, list[int]] = {}
    marks = RecordMark.objects.visible_to(user).filter(kind=kind).order_by("-pk")
    for subject, pk in marks.values_list("subject_type_id", "subject_id")[:MOST]:
        by_type.setdefault(subject, []).append(pk)
    found = {}
    for model in tagged_models() if by_type else ():
        keys = by_type.get(ContentType.objects.get_for_model(model).pk)
        if keys and user.rights.may(model):
            found[model] = list(model.objects.visible_to(user).filter(pk__in=keys).order_by("-modified_at")[:MOST])
    return found


def starred_lines(user) -> list[workbench.Line]:
    """The starred records, the latest changed first."""
    rows = [record for rows in marked(user, STAR).values() for record in rows]
    rows.sort(key=lambda record: record.modified_at, reverse=True)
    return [starred_line(record, entity_for(type(record))) for record in rows[:LINES]]


def starred_line(record, entity) -> workbench.Line:
    url = entity.url("record", record)
    return workbench.Line(str(record), url, note=str(entity.label()), value=str(when(record.modified_at)))


def followed_lines(user) -> list[workbench.Line]:
    """What others did of late to the records that the person follows and sees."""
    records = {
        (ContentType.objects.get_for_model(model).pk, record.pk): record
        for model, rows in marked(user, FOLLOW).items()
        for record in rows
    }
    if not records:
        return []
    about = Q(pk__in=[])
    for subject in {subject for subject, _pk in records}:
        about |= Q(subject_type=subject, subject_id__in=[pk for kind, pk in records if kind == subject])
    entries = TimelineEntry.objects.filter(about).exclude(actor=user).select_related("actor").order_by("-at", "-pk")
    lines = []
    for entry in entries[:LINES]:
        record = records[entry.subject_type_id, entry.subject_id]
        url = entity_for(type(record)).url("record", record)
        lines.append(workbench.Line(str(record), url, note=strip_tags(entry.sentence), value=str(when(entry.at))))
    return lines


def sees_roots(user) -> bool:
    return any(user.rights.may(model) for model in tagged_models())


def add_cards():
    """Said in reactions.py."""
    workbench.add_card(
        workbench.Card(
            "starred",
            _("Starred"),
            "star",
            starred_lines,
            sees_roots,
            empty=_("Give a record a star, and it stands here"),
            order=80,
        )
    )
    workbench.add_card(
        workbench.Card(
            "followed",
            _("News of what you follow"),
            "eye",
            followed_lines,
            sees_roots,
            empty=_("Follow a record, and what others do to it stands here"),
            order=85,
        )
    )
