"""The cards of the workbench: each floor registers what waits for a person there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Line:
    """One line of a card: a record by name, a second line, something at the right end; tone marks what is late."""

    text: str
    url: str
    note: str = ""
    value: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """A card of the workbench. lines: user -> list of Line, read through visible_to, bounded; may: user -> bool."""

    name: str
    title: str | Promise
    icon: str
    lines: Callable
    may: Callable
    empty: str | Promise = ""
    url: Callable | None = None
    order: int = 50


_cards: dict[str, Card] = {}


def add_card(card: Card):
    """Register a card; said while the apps start (reactions.py), never during a request."""
    _cards[card.name] = card


def cards_for(user) -> list[dict]:
    """The cards this person has, each with its lines and the address of all of them."""
    shown = [card for card in sorted(_cards.values(), key=lambda card: card.order) if card.may(user)]
    return [{"card": card, "lines": card.lines(user), "url": card.url(user) if card.url else ""} for card in shown]
