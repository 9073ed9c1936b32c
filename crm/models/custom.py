"""Values of the fields that administrators define: one JSON column a model, and typed slots for what must sort."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Index, Q

# What takes the place of an empty value in a slot: keyset paging needs a value. Descending orders show it last.
STAND_INS = {"text": "", "number": "-100000000000000000", "date": "1800-01-01", "moment": "1800-01-01 00:00:00+00"}
SLOTS = tuple(f"{kind}_{number}" for kind in STAND_INS for number in (1, 2))
COLUMNS = tuple(f"slot_{name}" for name in SLOTS)


def slot_sql(slot: str, value: str) -> str:
    """SQL that turns the text of a value (an SQL expression) into what its slot holds."""
    kind = slot.split("_")[0]
    if kind == "text":
        return f"coalesce(lower(left({value}, 200)), '')"
    cast = {"number": "numeric", "date": "date", "moment": "timestamptz"}[kind]
    return f"coalesce(({value})::{cast}, '{STAND_INS[kind]}'::{cast})"


class FillSlots(pgtrigger.Trigger):
    """Fills the slots from `custom`, however a row is written, by the map that the field definitions are.

    A trigger and not the form: imports, jobs, the admin and SQL write rows as well. A slot that no field uses is NULL,
    and its partial index empty: it costs nothing until an administrator makes a field sortable, and no DDL then.
    """

    name = "fill_slots"
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("custom")
    when = pgtrigger.Before
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
    """A record that takes custom fields: {code of the field: value} as crm.fields.types writes them."""

    custom = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True


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
    """One GIN index for equal values and, on roots, one index a slot, of rows in which the slot is in use.

    One and not three: who sees all reads it in order; the few rows of an owner or a team are sorted in memory.
    """
    return [
        GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name=f"{name}_custom"[:30]),
        *(
            Index(
                fields=[column, "id"],
                condition=Q(deleted_at__isnull=True, **{f"{column}__isnull": False}),
                name=f"{name}_{column}"[:30],
            )
            for column in (COLUMNS if slots else ())
        ),
    ]
