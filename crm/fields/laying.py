"""What an administrator says on the page of a form's layout, read from what was sent."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.fields.known import known_fields
from crm.fields.layout import groups_of, label_in_language
from crm.models import FieldDefinition, FormLayout

BLANK_GROUPS = 2
KEY = re.compile(r"[a-z0-9]{1,20}")


def label_in(label, language: str) -> str:
    with translation.override(language):
        return str(label)


class LayoutPage:
    """The layout of one entity as rows to edit. data: what was sent, or None to show what holds."""

    def __init__(self, entity, data=None):
        self.entity, self.data, self.errors = entity, data, []
        self.label = entity.model._meta.label_lower
        self.row = FormLayout.objects.filter(entity=self.label).first()
        self.layout = self.row.data if self.row else {}
        self.definitions = list(FieldDefinition.objects.filter(entity=self.label, removed_at__isnull=True))
        names = {name for group in self.entity.groups for name in group.fields}
        self.known = {
            field.name: field
            for field in known_fields(entity, self.definitions)
            if field.in_form or field.name in names or field.definition
        }

    # -- groups ------------------------------------------------------------------------------------------------------
    @property
    def groups(self) -> list[dict]:
        """{key, zh, en} of each group as typed or as it holds."""
        if self.data is not None:
            lists = [self.data.getlist(f"group_{name}") for name in ("key", "zh", "en")]
            return [
                {"key": key, "zh": zh.strip()[:60], "en": en.strip()[:60]} for key, zh, en in zip(*lists, strict=False)
            ]
        if self.layout.get("groups"):
            return [{name: group[name] for name in ("key", "zh", "en")} for group in self.layout["groups"]]
        return [
            {"key": f"g{place}", "zh": label_in(group.label, "zh-hans"), "en": label_in(group.label, "en")}
            for place, group in enumerate(self.entity.groups)
        ]

    @property
    def group_rows(self) -> list[dict]:
        """The groups and empty lines for new ones."""
        taken = {group["key"] for group in self.groups}
        fresh = (key for key in (f"n{number}" for number in range(1, 99)) if key not in taken)
        blank = [{"key": next(fresh), "zh": "", "en": ""} for _place in range(BLANK_GROUPS)]
        rows = self.groups if self.data is not None else [*self.groups, *blank]
        return [{**row, "title": label_in_language(row)} for row in rows]

    # -- fields ------------------------------------------------------------------------------------------------------
    @property
    def field_rows(self) -> list[dict]:
        """One row a field of the form, in its order."""
        rows = []
        for group in groups_of(self.entity, self.layout, self.definitions):
            for name in group.fields:
                if name in self.known:
                    rows.append(self.field_row(self.known[name], group.key, (len(rows) + 1) * 10))
        shown = {row["field"].name for row in rows}
        rest = [field for name, field in self.known.items() if name not in shown]
        return [*rows, *(self.field_row(field, "", (len(rows) + 1) * 10) for field in rest)]

    def field_row(self, field, group: str, place: int) -> dict:
        labels = self.layout.get("labels", {}).get(field.name, {})
        row = {
            "field": field,
            "group": group,
            "place": str(place),
            "zh": labels.get("zh", ""),
            "en": labels.get("en", ""),
            "zh_standard": label_in(field.label, "zh-hans"),
            "en_standard": capfirst(label_in(field.label, "en")),
            "required": field.name in self.layout.get("required", ()),
            "may_require": self.may_require(field),
            "always": bool(field.needs_value or (field.definition and field.definition.required)),
        }
        if self.data is not None:
            for name in ("group", "place", "zh", "en"):
                row[name] = self.data.get(f"{field.name}-{name}", "").strip()[:60]
            row["required"] = f"{field.name}-required" in self.data
        return row

    def may_require(self, field) -> bool:
        return field.definition is None and field.in_form and not field.needs_value and str(field.kind) != "boolean"

    # -- saving ------------------------------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        for group in self.groups:
            if bool(group["zh"]) != bool(group["en"]):
                self.errors.append(_("Write the name of each group in Chinese and in English."))
            if not KEY.fullmatch(group["key"]):
                self.errors.append(_("This page is out of date. Open it again."))
        keys = {group["key"] for group in self.groups if group["zh"]}
        for row in self.field_rows:
            if row["group"] not in keys:
                self.errors.append(
                    _("“%(field)s” stands in a group without a name. Choose another group for it.")
                    % {"field": row["field"].title}
                )
            if not row["place"].isdecimal() or len(row["place"]) > 5:
                self.errors.append(_("The place of “%(field)s” must be a number.") % {"field": row["field"].title})
        self.errors = list(dict.fromkeys(self.errors))
        return not self.errors

    @transaction.atomic
    def save(self):
        rows = sorted(self.field_rows, key=lambda row: int(row["place"]))
        groups = [
            {**group, "fields": [row["field"].name for row in rows if row["group"] == group["key"]]}
            for group in self.groups
            if group["zh"]
        ]
        standard = [row for row in rows if row["field"].definition is None]
        data = {
            "groups": groups,
            "labels": {
                row["field"].name: {"zh": row["zh"], "en": row["en"]} for row in standard if row["zh"] or row["en"]
            },
            "required": [row["field"].name for row in standard if row["required"] and row["may_require"]],
        }
        layout = self.row or FormLayout(entity=self.label)
        layout.data = data
        layout.save()

    @transaction.atomic
    def reset(self):
        """Back to what the product brings; custom fields stand where their definitions put them."""
        FormLayout.objects.filter(entity=self.label).delete()
