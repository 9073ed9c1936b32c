"""How a form is laid out: the groups the product brings, or those an administrator made of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

MORE = "more"


@dataclass(frozen=True)
class FormGroup:
    """A heading and the names of the fields below it."""

    key: str
    label: object
    fields: tuple[str, ...]


def label_in_language(row: dict) -> str:
    """The text of {"zh": …, "en": …} in the active language; the other one when it is empty."""
    first, second = ("zh", "en") if (get_language() or "").startswith("zh") else ("en", "zh")
    return row.get(first) or row.get(second) or ""


def standard_groups(entity) -> list[FormGroup]:
    return [FormGroup(f"g{place}", group.label, tuple(group.fields)) for place, group in enumerate(entity.groups)]


def groups_of(entity, layout: dict, definitions) -> list[FormGroup]:
    """The groups in their order. A field that the layout does not know (a new one) stands where the product, or its
    definition, puts it; what no group takes comes last."""
    standard = standard_groups(entity)
    groups = [FormGroup(g["key"], label_in_language(g), tuple(g["fields"])) for g in layout.get("groups", ())]
    groups = groups or standard
    placed = {name for group in groups for name in group.fields}
    late = {name: group.key for group in standard for name in group.fields if name not in placed}
    late |= {d.field_name: d.group for d in definitions if d.field_name not in placed}
    keys = {group.key for group in groups}
    found = [
        FormGroup(group.key, group.label, (*group.fields, *(n for n, key in late.items() if key == group.key)))
        for group in groups
    ]
    rest = tuple(name for name, key in late.items() if key not in keys)
    return [*found, FormGroup(MORE, _("More"), rest)] if rest else found
