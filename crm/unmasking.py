"""The way from a mask on a record page to the value behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.middleware.csrf import get_token

from crm.access import Action
from crm.protection import Damaged
from crm.revealing import has_protected, protected_fields


@dataclass(frozen=True)
class Reveal:
    """The way to the value behind a mask: its address; the token of the form that posts there at once, or "" where a
    reason is asked for first."""

    url: str
    token: str


def with_reveals(cells, record, entity, request) -> list:
    """The cells of a visible record, those that hold a mask with the way to the value, if the reader may reveal it."""
    model, user = type(record), request.user
    is_unmasked = record.__dict__.get("is_unmasked")
    if is_unmasked or not (has_protected(model, user) and user.rights.may(model, Action.REVEAL)):
        return list(cells)
    names = {field.name for field in protected_fields(model)}
    names |= {definition.field_name for definition in user.fields.sensitive(model)}
    address, token = entity.url("reveal", record), "" if user.company.asks_reveal_reason else get_token(request)

    def way(cell) -> Reveal | None:
        return Reveal(f"{address}?field={cell.column.source}", token) if holds_mask(cell, names) else None

    return [replace(cell, reveal=way(cell)) for cell in cells]


def holds_mask(cell, names: set[str]) -> bool:
    """Whether the cell shows the mask of one of these fields: there is a value, and it can be opened."""
    source = getattr(cell.column, "source", "")  # a column that finds its values for a whole page has none
    return source in names and cell.value not in (None, "") and not isinstance(cell.value, Damaged)
