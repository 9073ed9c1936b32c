"""Takes hidden values out of records before a page shows them, whatever template or card reads them."""

from __future__ import annotations

from crm.fields.known import source_names
from crm.models.custom import CustomValues


def redact(records, user):
    """Empty the fields that the user may not see, in place; such records are shown and never saved."""
    records = list(records)
    if not records:
        return records
    model = type(records[0])
    hidden = user.fields.hidden(model)
    if not hidden:
        return records
    emptied = [field for field in model._meta.concrete_fields if touches(field, hidden)]
    codes = {name.removeprefix("custom_") for name in hidden if name.startswith("custom_")}
    for record in records:
        for field in emptied:
            setattr(record, field.attname, "" if field.empty_strings_allowed and not field.null else None)
        if codes and isinstance(record, CustomValues):
            record.custom = without(record.custom, codes)
            record.sealed = without(record.sealed, codes)
    return records


def without(values: dict | None, codes: set[str]) -> dict:
    return {code: value for code, value in (values or {}).items() if code not in codes}


def touches(field, hidden: set[str]) -> bool:
    """Whether a column is hidden, or derived from a hidden one."""
    return field.name in hidden or (field.generated and bool(source_names(field) & hidden))
