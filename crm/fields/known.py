"""Every field of a kind of record as administrators see it: what it is called, means and allows, and what holds it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import models
from django.forms import HiddenInput
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.columns import Kind, kind_of
from crm.fields.types import KINDS
from crm.models import FieldDefinition, RoleRule
from crm.models.fields import Type

SYSTEM = {
    "id",
    "key",
    "version",
    "deletion",
    "deleted_at",
    "custom",
    "sealed",
    "custom_text",
    "search_text",
    "name_pinyin",
    "tags",
    "new_tags",
}
# Said elsewhere: who may assign decides about owner and team.
OWNERSHIP = ("owner", "team")


@dataclass(frozen=True)
class KnownField:
    """One field. field: of the model, None for what is kept elsewhere; definition: of a custom one."""

    name: str
    label: object
    kind: Kind
    field: models.Field | None = None
    definition: FieldDefinition | None = None
    in_form: bool = False
    needs_value: bool = False
    is_pillar: bool = False
    is_moved: bool = False

    @property
    def title(self) -> str:
        return capfirst(str(self.label))

    @property
    def may_have_rules(self) -> bool:
        return self.field is not None or self.definition is not None


def known_fields(entity, definitions=()) -> list[KnownField]:
    """The fields of an entity, standard ones in the order of form and columns, custom ones last."""
    form = entity.form_class().base_fields
    columns = {column.name: column for column in entity.columns}
    own = {field.name: field for field in entity.model._meta.concrete_fields}
    names = dict.fromkeys([*entity.field_names(), *form, *columns])
    pillars = pillars_of(entity)
    found = []
    for name in names:
        field, column = own.get(name), columns.get(name)
        if name in SYSTEM or (field is None and column is None and name not in form):
            continue
        if name in form and isinstance(form[name].widget, HiddenInput):
            continue
        label = column.label if column else (form[name].label if name in form else "") or field.verbose_name
        kind = column.kind if column else kind_of(field)
        needs = bool(field is not None and name in form and form[name].required and not field.has_default())
        marks = (name in form, needs, name in pillars, name in entity.moved)
        found.append(KnownField(name, label, kind, field, None, *marks))
    return [*found, *(known_custom(definition) for definition in definitions)]


def known_custom(definition) -> KnownField:
    needs = definition.required and definition.default is None
    kind = KINDS[Type(definition.type)]
    marks = (True, needs, definition.is_searchable)  # what the search box finds, it would tell
    return KnownField(definition.field_name, definition.name, kind, None, definition, *marks)


def pillars_of(entity) -> set[str]:
    """Fields on which lists, boards, timelines and reports rest, or through which the search box would tell what
    a record says: they cannot be hidden."""
    names = {entity.columns[0].name, entity.default_sort.lstrip("-"), *OWNERSHIP, *entity.pillars, *entity.parents}
    for field in entity.model._meta.concrete_fields:
        if field.generated and field.name == "search_text":
            names |= source_names(field)
    return names


def source_names(field) -> set[str]:
    """Names of the fields that a generated field is made of."""
    return {part.name for part in field.expression.flatten() if isinstance(part, models.F)}


def roles() -> list[Group]:
    """The roles of the company, those that the product brings first."""
    return list(Group.objects.filter(team__isnull=True).order_by("pk"))


def refusal(known: KnownField, right: str, may_add: bool) -> str:
    """Why a role cannot have the field hidden or read-only; "" when it can. may_add: whether the role adds records."""
    if not right:
        return ""
    if not known.may_have_rules:
        return _("This value is kept beside the record and has permissions of its own.")
    if known.name in OWNERSHIP:
        return _("Who may assign decides about owner and team: change that rule of the role instead.")
    if known.is_moved:
        return _("Moving a record to another stage or status writes it, whoever may change the record.")
    if right == "hide" and known.is_pillar:
        return _("Lists, boards, the search box, timelines or reports show it: it can be read-only, not hidden.")
    if right == "lock" and not known.in_form:
        return _("Nobody types this in: there is nothing to lock.")
    if known.needs_value and may_add:
        return _("It is required, and this role adds records: without it nothing could be saved.")
    return ""


def adding_roles(model) -> set[int]:
    """Keys of the roles that may add records of the model."""
    rules = RoleRule.objects.filter(model=model._meta.label_lower, action=Action.ADD, reach__gt=0)
    return set(rules.values_list("role_id", flat=True))
