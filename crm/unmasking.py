"""The way from a mask on a record page to the value behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.middleware.csrf import get_token

from crm.access import Action
from crm.protection import Damaged
from crm.revealing import protected_fields


@dataclass(frozen=True)
class Reveal:
    """The way to the value behind a mask: its address; the token of the form that posts there at once, or "" where a
    reason is asked for first."""

    url: str
    token: str


def with_reveals(cells, record, entity, request) -> list:
    """The cells of a visible record, those that hold a mask with the way to the value, if the reader may reveal it."""
    model, user = type(record), request.user
    names = {field.name for field in protected_fields(model)}
    if not names or record.__dict__.get("is_open") or not user.rights.may(model, Action.REVEAL):
        return list(cells)
    address, token = entity.url("reveal", record), "" if user.company.asks_reveal_reason else get_token(request)
    return [
        replace(cell, reveal=Reveal(f"{address}?field={cell.column.path}", token)) if holds_mask(cell, names) else cell
        for cell in cells
    ]


def holds_mask(cell, names: set[str]) -> bool:
    """Whether the cell shows the mask of one of these fields: there is a value, and it can be opened."""
    path = getattr(cell.column, "path", "")  # a column that finds its values for a whole page has none
    return path in names and cell.value not in (None, "") and not isinstance(cell.value, Damaged)
