"""Tags on lists: the column and the filter."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import tags
from crm.columns import Column, Kind
from crm.filters import Filter
from crm.models import Tag
from crm.tag_forms import TagsFormField


@dataclass(frozen=True)
class TagColumn(Column):
    """The tags of a root, as chips; `prepare` reads their names for all rows at once."""

    name: str = "tags"
    kind: Kind | None = Kind.TAGS
    aliases: tuple[str, ...] = ("tag", "label", "labels", "标签")

    def prepare(self, records, user):
        tags.label(records, user)

    def value(self, record):
        return record.tag_list or None

    def plain(self, record):
        return tags.joined(record.tag_list) or None


@dataclass(frozen=True)
class TagFilter(Filter):
    """Keeps rows that have one of the chosen tags, or all of them."""

    name: str = "tags"

    @property
    def names(self):
        return (self.name, f"{self.name}_all")

    def fields(self, model, user):
        return {
            self.name: TagsFormField(model, user, required=False),
            f"{self.name}_all": forms.BooleanField(label=gettext_lazy("All of these tags"), required=False),
        }

    def apply(self, queryset, data):
        ids = data.get(self.name)
        if not ids:
            return queryset
        return queryset.filter(**{f"{self.name}__{'contains' if data.get(self.names[1]) else 'overlap'}": ids})

    def chip(self, model, data):
        ids = data.get(self.name)
        if not ids:
            return ""
        text = tags.joined(Tag.objects.filter(pk__in=ids).values_list("name", flat=True))
        return _("all of %(tags)s") % {"tags": text} if data.get(self.names[1]) and len(ids) > 1 else text
