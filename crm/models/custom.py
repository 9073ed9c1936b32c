"""Values of the fields that administrators define: one JSON column a model, a text of what the search box finds, and
typed slots for what must sort."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Index, Q
from django.utils.translation import gettext_lazy as _

from crm.protection import SealedValues

# What takes the place of an empty value in a slot: keyset paging needs a value. Descending orders show it last.
STAND_INS = {"text": "", "number": "-100000000000000000", "date": "1800-01-01", "moment": "1800-01-01 00:00:00+00"}
SLOTS = tuple(f"{kind}_{number}" for kind in STAND_INS for number in (1, 2))
COLUMNS = tuple(f"slot_{name}" for name in SLOTS)
DERIVED = (*COLUMNS, "custom_text")  # columns that triggers fill: no part of the version and of the change log
SEARCHED_LENGTH = 20_000


def slot_sql(slot: str, value: str) -> str:
    """SQL that turns the text of a value (an SQL expression) into what its slot holds."""
    kind = slot.split("_")[0]
    if kind == "text":
        return f"coalesce(lower(left({value}, 200)), '')"
    cast = {"number": "numeric", "date": "date", "moment": "timestamptz"}[kind]
    return f"coalesce(({value})::{cast}, '{STAND_INS[kind]}'::{cast})"


def search_sql(custom: str, label: str) -> str:
    """SQL of the text that the search box looks through, from the JSON `custom` of a record (an SQL expression): texts
    and names of choices in both languages, of the fields that administrators opened to the search; in small letters,
    Chinese characters twice as in search_text. NULL when there is nothing."""
    names = (
        "SELECT string_agg(concat_ws(' ', one->>'zh', one->>'en'), ' ') FROM jsonb_array_elements(field.options) AS one"
        f" WHERE {custom}->field.code @> (one->'code')"
    )
    held = f"CASE WHEN field.options = '[]' THEN {custom}->>field.code ELSE ({names}) END"
    joined = f"string_agg({held}, ' ' ORDER BY field.\"order\", field.id)"
    return (
        f"SELECT regexp_replace(lower(left({joined}, {SEARCHED_LENGTH})), '([\\u3400-\\u9fff\\uf900-\\ufaff])', "
        "'\\1\\1', 'g') FROM crm_fielddefinition AS field "
        f"WHERE field.entity = '{label}' AND field.is_searchable AND field.removed_at IS NULL "
        f"AND {custom} ? field.code"
    )


class FillText(pgtrigger.Trigger):
    """Keeps `custom_text` beside `custom`, however a row is written. Renamed choices are filled in by a job."""

    name = "fill_custom_text"
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("custom")
    when = pgtrigger.Before
    condition = pgtrigger.Condition("NEW.custom <> '{}' OR NEW.custom_text IS NOT NULL")  # else a call for nothing

    def get_func(self, model):
        return (
            "IF TG_OP = 'UPDATE' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; NEW.custom_text = NULL; "
            "IF NEW.custom = jsonb_build_object() THEN RETURN NEW; END IF; "
            f"NEW.custom_text = ({search_sql('NEW.custom', model._meta.label_lower)}); RETURN NEW;"
        )


class FillSlots(pgtrigger.Trigger):
    """Fills the slots from `custom`, however a row is written, by the map that the field definitions are.

    A trigger and not the form: imports, jobs, the admin and SQL write rows as well. A slot that no field uses is NULL,
    and its partial index empty: it costs nothing until an administrator makes a field sortable, and no DDL then.
    """

    name = "fill_slots"
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("custom")
    when = pgtrigger.Before
    condition = pgtrigger.Condition(
        f"NEW.custom <> '{{}}' OR num_nonnulls({', '.join(f'NEW.slot_{slot}' for slot in SLOTS)}) > 0"
    )
    declare = [("places", "jsonb")]

    def get_func(self, model):
        values = {slot: f"NEW.custom->>(places->>'{slot}')" for slot in SLOTS}
        fills = " ".join(
            f"NEW.slot_{slot} = CASE WHEN places->>'{slot}' IS NOT NULL THEN {slot_sql(slot, value)} END;"
            for slot, value in values.items()
        )
        return (
            "IF TG_OP = 'UPDATE' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; "
            "SELECT jsonb_object_agg(slot, code) INTO places FROM crm_fielddefinition "
            f"WHERE entity = '{model._meta.label_lower}' AND slot <> '' AND removed_at IS NULL; "
            f"IF places IS NULL THEN RETURN NEW; END IF; {fills} RETURN NEW;"
        )


class CustomValues(models.Model):
    """A record that takes custom fields: {code of the field: value} as crm.fields.types writes them.

    Sensitive ones stand in `sealed`, bound to `key`, which a row has from its first one on. Read and write by `held`
    and `hold`, which know where a value stands.
    """

    key = models.UUIDField(_("row key"), null=True, unique=True, editable=False)
    custom = models.JSONField(default=dict, blank=True, editable=False)
    sealed = SealedValues()
    custom_text = models.TextField(null=True, editable=False)

    class Meta:
        abstract = True

    def held(self, definition):
        """What the record says in a custom field, as JSON; None for nothing. Sensitive ones may be Damaged."""
        if definition.is_sensitive:
            return self._meta.get_field("sealed").opened(self, definition.code)
        return self.custom.get(definition.code)

    def hold(self, definition, value):
        """Put what to_json made into the record, which the caller saves; None takes the value out."""
        if definition.is_sensitive:
            self._meta.get_field("sealed").put(self, definition.code, value)
            return
        others = {code: old for code, old in self.custom.items() if code != definition.code}
        self.custom = others if value is None else {**others, definition.code: value}


class SortableValues(CustomValues):
    """A root with custom fields: eight of them may sort its list."""

    slot_text_1 = models.TextField(null=True, editable=False)
    slot_text_2 = models.TextField(null=True, editable=False)
    slot_number_1 = models.DecimalField(max_digits=24, decimal_places=6, null=True, editable=False)
    slot_number_2 = models.DecimalField(max_digits=24, decimal_places=6, null=True, editable=False)
    slot_date_1 = models.DateField(null=True, editable=False)
    slot_date_2 = models.DateField(null=True, editable=False)
    slot_moment_1 = models.DateTimeField(null=True, editable=False)
    slot_moment_2 = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


def custom_indexes(name: str, *, slots: bool = True) -> list[Index]:
    """One GIN index for equal values, one below the search box and, on roots, one index a slot, of rows in which the
    slot is in use.

    One and not three: who sees all reads it in order; the few rows of an owner or a team are sorted in memory.
    """
    return [
        GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name=f"{name}_custom"[:30]),
        GinIndex(
            OpClass(F("custom_text"), name="gin_trgm_ops"),
            condition=Q(custom_text__isnull=False),
            name=f"{name}_custom_text"[:30],
        ),
        *(
            Index(
                fields=[column, "id"],
                condition=Q(deleted_at__isnull=True, **{f"{column}__isnull": False}),
                name=f"{name}_{column}"[:30],
            )
            for column in (COLUMNS if slots else ())
        ),
    ]
