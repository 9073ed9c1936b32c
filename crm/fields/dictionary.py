"""The data dictionary: every field of every kind of record, in words, for a page and for a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from crm.access import Action
from crm.columns import Kind
from crm.entities import registry
from crm.fields import types
from crm.fields.known import known_fields, roles
from crm.models import FieldDefinition, FieldRule, FormLayout, RoleRule
from crm.models.fields import Type
from crm.protection.fields import ProtectedField

KIND_WORDS = {
    Kind.TEXT: pgettext_lazy("type of a field", "text"),
    Kind.LONG_TEXT: gettext_lazy("long text"),
    Kind.NUMBER: gettext_lazy("number"),
    Kind.MONEY: gettext_lazy("amount of money"),
    Kind.PERCENT: gettext_lazy("percent"),
    Kind.DATE: gettext_lazy("date"),
    Kind.DATETIME: gettext_lazy("date and time"),
    Kind.CHOICE: gettext_lazy("choice"),
    Kind.BOOLEAN: gettext_lazy("yes or no"),
    Kind.RECORD: gettext_lazy("link to a record"),
    Kind.PERSON: gettext_lazy("colleague"),
}
MOST_VALUES = 30


@dataclass(frozen=True)
class Entry:
    """One line of the dictionary, all of it text."""

    entity: str
    name_zh: str
    name_en: str
    code: str
    meaning: str
    type: str
    values: str
    required: str
    protected: str
    seen_by: str

    @property
    def cells(self) -> list[str]:
        return [getattr(self, name) for name in self.__dataclass_fields__]


def headings() -> list[str]:
    return [
        _("Kind of record"),
        _("Chinese name"),
        _("English name"),
        _("Code"),
        _("Meaning"),
        _("Type"),
        _("Allowed values"),
        _("Required"),
        _("Protected"),
        _("Who may see it"),
    ]


class Dictionary:
    """All entries; the rules, layouts and definitions are read with one query each."""

    def __init__(self, slug: str = "", query: str = ""):
        self.slug, self.query = slug, query.strip().lower()
        self.definitions: dict[str, list] = {}
        for definition in FieldDefinition.objects.filter(removed_at__isnull=True).order_by("order", "pk"):
            self.definitions.setdefault(definition.entity, []).append(definition)
        self.layouts = dict(FormLayout.objects.values_list("entity", "data"))
        self.roles = {role.pk: _(role.name) for role in roles()}
        seeing = RoleRule.objects.filter(action=Action.VIEW, reach__gt=0)
        self.viewers: dict[str, list[int]] = {}
        for role, model in seeing.order_by("role_id").values_list("role_id", "model"):
            self.viewers.setdefault(model, []).append(role)
        hidden = FieldRule.objects.filter(right=FieldRule.Right.HIDE)
        self.hidden = set(hidden.values_list("role_id", "entity", "field"))

    @property
    def entities(self) -> list:
        known = sorted(registry.values(), key=lambda entity: (entity.order, entity.slug))
        return [entity for entity in known if self.slug in ("", entity.slug)]

    def entries(self) -> list[Entry]:
        found = []
        for entity in self.entities:
            for field in known_fields(entity, self.definitions.get(entity.model._meta.label_lower, ())):
                entry = self.entry(entity, field)
                if self.query in " ".join(entry.cells).lower():
                    found.append(entry)
        return found

    def entry(self, entity, field) -> Entry:
        label = entity.model._meta.label_lower
        layout = self.layouts.get(label, {})
        own = layout.get("labels", {}).get(field.name, {})
        needed = field.needs_value or field.name in layout.get("required", ())
        needed = needed or bool(field.definition and field.definition.required)
        return Entry(
            capfirst(str(entity.label_plural())),
            own.get("zh") or self.name(field, "zh-hans"),
            own.get("en") or self.name(field, "en"),
            field.name,
            meaning_of(field),
            type_of(field),
            values_of(field),
            _("yes") if needed else _("no"),
            self.protection_of(entity, field),
            self.seen_by(label, field),
        )

    def name(self, field, language: str) -> str:
        if field.definition:
            return field.definition.name_en if language == "en" else field.definition.name_zh
        with translation.override(language):
            return capfirst(str(field.label))

    def protection_of(self, entity, field) -> str:
        """Whether the database holds ciphertext, or readers need a permission of its own."""
        if isinstance(field.field, ProtectedField) or (field.definition and field.definition.is_sensitive):
            return _("encrypted, masked")
        column = next((one for one in entity.columns if one.name == field.name), None)
        return _("by permission") if column is not None and column.permission else _("no")

    def seen_by(self, label: str, field) -> str:
        names = [
            self.roles[role]
            for role in self.viewers.get(label, ())
            if role in self.roles and (role, label, field.name) not in self.hidden
        ]
        if names and len(names) == len(self.roles):
            return _("all roles")
        return pgettext("list", ", ").join(names) or _("nobody")


def meaning_of(field) -> str:
    if field.definition:
        return field.definition.help
    return str(getattr(field.field, "help_text", "") or "")


def type_of(field) -> str:
    if field.definition:
        return str(Type(field.definition.type).label)
    if isinstance(field.field, BooleanField):
        return str(KIND_WORDS[Kind.BOOLEAN])
    return str(KIND_WORDS.get(field.kind, field.kind))


def values_of(field) -> str:
    """The choices by name, or how long a text may be."""
    if field.definition:
        names = [str(option) for option in types.options_of(field.definition).values() if not option.is_off]
    else:
        names = [str(label) for _code, label in getattr(field.field, "flatchoices", ()) or ()]
    if names:
        more = "…" if len(names) > MOST_VALUES else ""
        return pgettext("list", ", ").join(names[:MOST_VALUES]) + more
    length = getattr(field.field, "max_length", None)
    if length and field.kind in (Kind.TEXT, Kind.LONG_TEXT):
        return _("at most %(n)s characters") % {"n": f"{length:,}"}
    related = getattr(field.field, "related_model", None)
    return capfirst(str(related._meta.verbose_name_plural)) if related is not None else ""
