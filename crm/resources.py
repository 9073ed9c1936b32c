"""django-import-export's resource of an entity, made from its columns: what the admin's export takes out."""

from datetime import datetime
from itertools import islice

from django.utils import timezone
from import_export import fields, resources
from import_export.formats.base_formats import CSV, XLSX

from crm.columns import Column, allowed
from crm.entities import entity_for
from crm.exchange.neutral import escaped

FORMATS = (XLSX, CSV)
BATCH = 500


class ColumnField(fields.Field):
    """One column; text that a spreadsheet would take for a formula is marked, numbers and dates stay what they are."""

    def __init__(self, column: Column):
        super().__init__(column_name=str(column.label), attribute=column.name, readonly=True)
        self.column = column

    def export(self, instance, **kwargs):
        value = self.column.plain(instance)
        if isinstance(value, datetime):  # workbooks know no zones: the moment as the reader's clock shows it
            return timezone.make_naive(value)
        return escaped(value) if isinstance(value, str) else value


class EntityResource(resources.ModelResource):
    """Exports for one person, batch by batch, so that columns read what they need at once."""

    def __init__(self, user=None, **kwargs):
        super().__init__(**kwargs)
        self.user = user

    def iter_queryset(self, queryset):
        rows = iter(super().iter_queryset(queryset))
        while batch := list(islice(rows, BATCH)):
            for one in self.fields.values():
                one.column.prepare(batch, self.user)
            yield from batch


def resource_of(model, user) -> type[resources.ModelResource]:
    """The resource class of a model with an entity: the columns that the user sees, custom ones too.

    Export only: there is no way in through it.
    """
    entity = entity_for(model)
    seen = allowed(user.fields.columns(entity), model, user)
    columns = [column for column in seen if isinstance(column, Column) and not column.permission]
    meta = type(
        "Meta", (), {"model": model, "fields": [c.name for c in columns], "export_order": [c.name for c in columns]}
    )
    declared = {column.name: ColumnField(column) for column in columns}
    return type(f"{entity.__name__}Resource", (EntityResource,), {**declared, "Meta": meta})
