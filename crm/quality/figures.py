"""Figures of the page on data quality that are no checks of rows, such as pairs of possible duplicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Further:
    """label, note: of its card; icon; count: user -> number, read through visible_to; page: of the entity, where the
    counted rows are."""

    model: type
    label: str | Promise
    note: str | Promise
    icon: str
    count: Callable
    page: str


_further: dict[type, list[Further]] = {}


def add_figure(figure: Further):
    """Show a figure on the page of one kind of record; said while the apps start (reactions.py)."""
    _further.setdefault(figure.model, []).append(figure)


def further(model) -> list[Further]:
    return _further.get(model, [])
