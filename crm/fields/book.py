"""What one person's request knows about fields: custom ones, rules of the person's roles, layout. One query, kept no
longer than the request."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F
from django.db.models.functions import JSONObject

from crm.access import Action
from crm.columns import Column
from crm.models.custom import CustomValues
from crm.models.fields import FieldDefinition, FieldRule, FormLayout

MORE = "more"  # key of the group for fields that no group names
WRITING = (Action.ADD.value, Action.CHANGE.value)


def as_json(rows, *names):
    return ArraySubquery(rows.values(row=JSONObject(**{name: F(name) for name in names})))


class FieldBook:
    """The fields of all kinds of records as one person finds them; `user.fields`."""

    def __init__(self, user):
        self.user = user

    # -- loading -----------------------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> tuple[list, list, list]:
        """Definitions (removed ones too), rules of the person's roles, layouts: read with one query when first
        asked."""
        names = [field.attname for field in FieldDefinition._meta.concrete_fields]
        mine = FieldRule.objects.filter(role__user=self.user)
        return (
            type(self.user)
            ._base_manager.filter(pk=self.user.pk)
            .values_list(
                as_json(FieldDefinition.objects.order_by("order", "pk"), *names),
                as_json(mine, "role_id", "entity", "field", "right"),
                as_json(FormLayout.objects.all(), "entity", "data"),
            )
            .first()
        ) or ([], [], [])

    @cached_property
    def all_definitions(self) -> dict[str, list[FieldDefinition]]:
        """{label of the model: definitions, removed ones too}."""
        found: dict[str, list[FieldDefinition]] = {}
        for row in self.rows[0]:
            found.setdefault(row["entity"], []).append(FieldDefinition(**row))
        return found

    @cached_property
    def layouts(self) -> dict[str, dict]:
        return {row["entity"]: row["data"] for row in self.rows[2]}

    # -- custom fields -----------------------------------------------------------------------------------------------
    def definitions(self, model) -> list[FieldDefinition]:
        """The custom fields of a kind of record that this person may see, in their order."""
        return [
            definition
            for definition in self.all_definitions.get(model._meta.label_lower, ())
            if not definition.removed_at and not self.is_hidden(model, definition.field_name)
        ]

    def sensitive(self, model) -> list[FieldDefinition]:
        """Those of them whose values are sealed."""
        known = self.definitions(model) if issubclass(model, CustomValues) else ()
        return [definition for definition in known if definition.is_sensitive]

    def columns(self, entity) -> tuple:
        """All columns of an entity with the custom ones behind them, under the labels of the layout."""
        from crm.fields.columns import column_of

        named = self.labels(entity.model)
        columns = (*entity.columns, *(column_of(definition) for definition in self.definitions(entity.model)))
        return tuple(replace(c, label=named[c.name]) if c.name in named else c for c in columns) if named else columns

    def filters(self, entity) -> tuple:
        """The filters of an entity, of its custom fields and of data quality, without those that ask about hidden
        fields."""
        from crm.fields.filters import filter_of
        from crm.quality.filters import quality_filters

        named, model = self.labels(entity.model), entity.model
        own = [one for one in entity.filters if not self.hides_any(model, (one.name, *getattr(one, "about", ())))]
        own = [replace(one, label=named[one.name]) if one.name in named else one for one in own]
        custom = [filter_of(definition) for definition in self.definitions(model)]
        return (*own, *(one for one in custom if one), *quality_filters(entity, self.user))

    # -- rules of roles ----------------------------------------------------------------------------------------------
    @cached_property
    def rules(self) -> dict[tuple[str, str], dict[int, str]]:
        """{(model, field): {role: right}} of the person's roles."""
        found: dict[tuple[str, str], dict[int, str]] = {}
        for row in self.rows[1]:
            found.setdefault((row["entity"], row["field"]), {})[row["role_id"]] = row["right"]
        return found

    def right(self, model, name: str) -> str:
        """ "hide", "lock" or "" for one field: the one function that decides. Of several roles the widest right wins.

        Only roles that let the person view such records can show a field, and only those that let him write one write.
        """
        rules = self.rules.get((model._meta.label_lower, name))
        if not rules or self.user.is_superuser:
            return ""
        viewing, writing = self.user.rights.roles(model, Action.VIEW), self.user.rights.roles(model, *WRITING)
        if all(rules.get(role) == FieldRule.Right.HIDE for role in viewing):
            return FieldRule.Right.HIDE.value
        return FieldRule.Right.LOCK.value if all(role in rules for role in writing) else ""

    def is_hidden(self, model, name: str) -> bool:
        return self.right(model, name) == FieldRule.Right.HIDE

    def may_write(self, model, name: str) -> bool:
        return not self.right(model, name)

    def hides_any(self, model, names) -> bool:
        return bool(self.rules) and any(self.is_hidden(model, name) for name in names)

    def hidden(self, model) -> set[str]:
        """Names of the fields of a kind of record that this person does not see."""
        label = model._meta.label_lower
        return {name for entity, name in self.rules if entity == label and self.is_hidden(model, name)}

    def locked(self, model) -> set[str]:
        """Names of the fields that the person does not write: hidden and read-only ones."""
        label = model._meta.label_lower
        return {name for entity, name in self.rules if entity == label and not self.may_write(model, name)}

    def hides(self, model, column) -> bool:
        """Whether a column shows a hidden field, its own or one at the end of its path over foreign keys."""
        if not self.rules:
            return False
        names = (column.name, *getattr(column, "about", ()))
        if self.hides_any(model, names):
            return True
        for name in column.path.split(".") if isinstance(column, Column) else ():
            if self.is_hidden(model, name):
                return True
            field = next((f for f in model._meta.get_fields() if f.name == name), None)
            model = getattr(field, "related_model", None)
            if model is None:
                return False
        return False

    # -- layout ------------------------------------------------------------------------------------------------------
    def layout(self, model) -> dict:
        return self.layouts.get(model._meta.label_lower, {})

    def labels(self, model) -> dict[str, str]:
        """{name: label} of the standard fields that the company calls otherwise, in the active language."""
        from crm.fields.layout import label_in_language

        labels = self.layout(model).get("labels", {})
        found = {name: label_in_language(row) for name, row in labels.items()} if labels else {}
        return {name: label for name, label in found.items() if label}

    def groups(self, entity) -> list:
        """The groups of an entity's form with the names of all their fields, custom ones included."""
        from crm.fields.layout import groups_of

        return groups_of(entity, self.layout(entity.model), self.definitions(entity.model))

    def required(self, model) -> set[str]:
        """Names of the standard fields that the company requires beyond those that always are."""
        return set(self.layout(model).get("required", ()))
