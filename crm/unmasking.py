"""The way from a mask on a list or record page to the value behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.middleware.csrf import get_token

from crm.access import Action
from crm.protection import Damaged
from crm.revealing import has_protected, protected_fields


@dataclass(frozen=True)
class Reveal:
    """The way to the value behind a mask: its address; the token of the form that posts there at once, or "" where a
    reason is asked for first. form: the id of a form of the page that has the token, for masks that stand inside of
    another form."""

    url: str
    token: str
    form: str = ""


class Mask(str):
    """A mask that a page column found, with the address that reveals the value to this reader."""

    url: str

    def __new__(cls, text: str, url: str):
        found = super().__new__(cls, text)
        found.url = url
        return found


def with_reveals(cells, record, entity, request, form: str = "") -> list:
    """The cells of a visible record, those that hold a mask with the way to the value, if the reader may reveal it.

    form: the id of the form that carries the token for all; each has its own else. Asks nothing of the database.
    """
    names = revealed_names(record, request.user)
    if not (names or any(isinstance(cell.value, Mask) for cell in cells)):
        return list(cells)
    is_asked = request.user.company.asks_reveal_reason
    token, form = "" if is_asked or form else get_token(request), "" if is_asked else form
    address = f"{entity.url('reveal', record)}?field=" if names else ""

    def way(cell) -> Reveal | None:
        if isinstance(cell.value, Mask):
            return Reveal(cell.value.url, token, form)
        return Reveal(f"{address}{cell.column.source}", token, form) if holds_mask(cell, names) else None

    return [replace(cell, reveal=way(cell)) for cell in cells]


def revealed_names(record, user) -> set[str]:
    """Names of the fields of the record that are masked for the user and that he may reveal one at a time."""
    model = type(record)
    is_unmasked = record.__dict__.get("is_unmasked")
    if is_unmasked or not (has_protected(model, user) and user.rights.may(model, Action.REVEAL)):
        return set()
    fields = {field.name for field in protected_fields(model)}
    return fields | {definition.field_name for definition in user.fields.sensitive(model)}


def holds_mask(cell, names: set[str]) -> bool:
    """Whether the cell shows the mask of one of these fields: there is a value, and it can be opened."""
    source = getattr(cell.column, "source", "")  # a column that finds its values for a whole page has none
    return source in names and cell.value not in (None, "") and not isinstance(cell.value, Damaged)
