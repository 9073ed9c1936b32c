"""Boards: records of an entity as cards in columns; an entity says how with a subclass of Board."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.db import models
from django.db.models import Count, Q
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from crm.access import Action, Root
from crm.fields.redaction import redact
from crm.figures import number
from crm.listing import Listing
from crm.pages import cursor_text, first_keys, is_impossible, page_for, read_cursor

CARDS = 25

# for Entity.pages of an entity with a board
BOARD_PAGES = {
    "board": ("board/", "crm.views.board.BoardPage"),
    "move": ("<int:pk>/move/", "crm.views.board.MovePage"),
}


@dataclass(frozen=True)
class BoardColumn:
    """One column. value: what its records hold in the board's field (the key of a row, or a choice).

    tone: its colour, by the fixed type. share: 0 to 100 for the bar in the head. is_slim: a strip without cards.
    takes: whether records may be moved into it; a column that does not is left out when it is empty.
    """

    value: object
    label: str | Promise
    tone: str = "gray"
    share: int | None = None
    is_slim: bool = False
    takes: bool = True

    @property
    def key(self) -> str:
        """The column in addresses and forms."""
        return str(self.value)


@dataclass(frozen=True)
class Note:
    """A small fact at the foot of a card: an icon, a text, a tone; label says it to those who do not see the icon."""

    icon: str
    text: str = ""
    tone: str = ""
    label: str | Promise = ""


@dataclass(frozen=True)
class Card:
    """A record as its card shows it. figure: an amount; aside: a text at the right of the foot."""

    record: models.Model
    title: str
    subtitle: str = ""
    figure: str = ""
    badges: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    aside: str = ""
    aside_tone: str = ""
    aside_label: str = ""
    person: str = ""
    url: str = ""
    move_url: str = ""


@dataclass(frozen=True)
class Filled:
    """A column with what one person sees in it. sums: count and the board's own sums; head: (bold text, plain text)."""

    column: BoardColumn
    sums: dict
    head: tuple[str, str]
    cards: list[Card] = field(default_factory=list)
    more_url: str = ""
    list_url: str = ""

    @property
    def count(self) -> str:
        return number(self.sums["count"])


class BoardListing(Listing):
    """Filters and search as on the list; its addresses lead to the board."""

    columns: tuple = ()

    def url(self, page: str = "board", drop: tuple[str, ...] = (), **changes) -> str:
        return super().url(page, drop=("column", *drop), **changes)


class Board:
    """What an entity's board shows to one person; made for each request. Subclasses say at least
    `field`, `columns` and `move`.

    field: the foreign key or choice field that the columns divide. order: the order of cards, by a field that is never
    null, with indexes on (field, order), (owner, field, order), (team, field, order). related: for select_related.
    record: the one record that is about to be moved, or None for the whole board.
    """

    field = ""
    order = "-created_at"
    related: tuple[str, ...] = ("owner",)

    def __init__(self, entity, user, params, record=None):
        self.entity, self.user, self.record = entity, user, record
        self.listing = BoardListing(entity, user, params)

    # -- what a subclass says -----------------------------------------------------------------------------------------
    @cached_property
    def columns(self) -> list[BoardColumn]:
        """All columns, in their order."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        return str(self.entity.label_plural())

    def others(self) -> list[tuple[str, str]]:
        """(label, address) of the other boards of this entity (pipelines)."""
        return []

    def sums(self) -> dict:
        """Sums and counts for the head of each column, besides "count", under names that are no fields:
        {"total": Sum("amount")}. Each must be the sum of its parts."""
        return {}

    def head(self, column: BoardColumn, sums: dict) -> tuple[str, str]:
        """The second line of a column's head, left and right; sums holds what `sums` asked for, and "count"."""
        return "", ""

    def totals(self, columns: list[Filled]) -> list[tuple[str, str]]:
        """(label, text) figures above the board, made of the columns' sums."""
        return []

    def card(self, record) -> Card:
        """The record as a card; asks nothing of the database beyond `related`."""
        return Card(record, str(record), person=record.owner.name if record.owner else "")

    def details_form(self, record, column: BoardColumn):
        """A form class (data, initial; keyword record) for what a move into the column has to say, or None."""
        return

    def move(self, record, column: BoardColumn, *, actor, **details) -> str:
        """Move the record by the app's service; gives the address to which Undo posts, or "". details: the form's data.

        A ValidationError is shown to the person, and nothing is moved.
        """
        raise NotImplementedError

    # -- what the pages ask -------------------------------------------------------------------------------------------
    @cached_property
    def rows(self):
        """The rows that search and filters keep, of all columns."""
        return self.listing.queryset.filter(**{f"{self.field}__in": [column.value for column in self.columns]})

    def column(self, key: str) -> BoardColumn | None:
        return next((column for column in self.columns if column.key == key), None)

    def column_of(self, record) -> BoardColumn | None:
        return self.column(str(getattr(record, self.attname)))

    def targets(self, record) -> list[BoardColumn]:
        """The columns into which the record may go."""
        here = self.column_of(record)
        return [column for column in self.columns if column.takes and column is not here]

    @cached_property
    def attname(self) -> str:
        return self.entity.model._meta.get_field(self.field).attname

    def filled(self) -> list[Filled]:
        """All columns with their cards and sums: three queries, however many columns and rows there are."""
        sums = self.all_sums()
        shown = [column for column in self.columns if column.takes or column.key in sums]
        records = self.first_records([column for column in shown if not column.is_slim and column.key in sums])
        cards = self.cards([record for few in records.values() for record in few[:CARDS]])
        found = []
        for column in shown:
            few = records.get(column.key, [])
            own = sums.get(column.key, {"count": 0})
            found.append(
                Filled(
                    column,
                    own,
                    self.head(column, own),
                    [cards[record.pk] for record in few[:CARDS]],
                    self.more_url(column, few[CARDS - 1]) if len(few) > CARDS else "",
                    self.listing.url("list", **{self.field: column.key}),
                )
            )
        return found

    def all_sums(self) -> dict[str, dict]:
        """{column key: {"count": …, own sums}} of the visible rows, in one query: each way of access adds its own."""
        rows = self.rows.order_by().select_related(None)
        parts = [
            part.values_list(self.attname).annotate(count=Count("pk"), **self.sums())
            for part in disjoint(rows, self.user)
            if not is_impossible(part)
        ]
        if not parts:
            return {}
        names = ("count", *self.sums())
        found: dict[str, dict] = {}
        for key, *values in parts[0].union(*parts[1:], all=True):
            so_far = found.setdefault(str(key), dict.fromkeys(names, 0))
            for name, value in zip(names, values, strict=True):
                so_far[name] += value or 0
        return found

    def first_records(self, columns: list[BoardColumn]) -> dict[str, list]:
        """{column key: the first records, one more than shown}: each column takes its own few from its own indexes."""
        parts = [
            first_keys(self.rows_of(column), self.user, Action.VIEW, self.order, None, CARDS + 1, False)
            for column in columns
        ]
        parts = [part for part in parts if part]
        if not parts:
            return {}
        keys = RawSQL(
            " UNION ALL ".join(f"({part.sql})" for part in parts), [value for part in parts for value in part.params]
        )
        records = self.entity.model.objects.filter(pk__in=keys).select_related(*self.related)
        place = self.order.lstrip("-")
        found: dict[str, list] = {}
        for record in sorted(
            records, key=lambda record: (getattr(record, place), record.pk), reverse=self.order.startswith("-")
        ):
            found.setdefault(str(getattr(record, self.attname)), []).append(record)
        return found

    def next_cards(self, column: BoardColumn, cursor: str) -> tuple[list[Card], str]:
        """The cards after the cursor, and the address of the next ones or ""."""
        after = read_cursor(cursor, self.entity.model, self.order)
        rows = self.rows_of(column).select_related(*self.related)
        page = page_for(rows, self.user, self.order, after=after, size=CARDS)
        cards = self.cards(page.rows)
        return [cards[record.pk] for record in page.rows], self.more_url(column, page.rows[-1]) if page.after else ""

    def rows_of(self, column: BoardColumn):
        return self.listing.queryset.filter(**{self.field: column.value})

    def more_url(self, column: BoardColumn, last) -> str:
        place = (getattr(last, self.order.lstrip("-")), last.pk)
        return self.listing.url(column=column.key, after=cursor_text(place))

    def cards(self, records: list) -> dict[int, Card]:
        """{pk: card}, with the address to move it for those that the person may change."""
        movable = self.movable(records)
        cards = {}
        for record in redact(records, self.user):
            card = self.card(record)
            move_url = self.entity.url("move", record) if record.pk in movable else ""
            cards[record.pk] = Card(
                **{**vars(card), "url": card.url or self.entity.url("record", record), "move_url": move_url}
            )
        return cards

    def movable(self, records: list) -> set[int]:
        """The keys of the records that the person may change."""
        keys = [record.pk for record in records]
        model = self.entity.model
        if not keys or not self.user.rights.may(model, Action.CHANGE):
            return set()
        if isinstance(model.access, Root) and self.user.rights.ways(model, Action.CHANGE).everything:
            return set(keys)
        return set(model.objects.visible_to(self.user, Action.CHANGE).filter(pk__in=keys).values_list("pk", flat=True))


def disjoint(queryset, user, action: str = Action.VIEW) -> list:
    """The visible rows as querysets that share no row, one for each way of access; together they are visible_to."""
    if not isinstance(queryset.model.access, Root):
        return [queryset.visible_to(user, action)]
    ways = user.rights.ways(queryset.model, action)
    if ways.everything:
        return [queryset]
    parts, earlier = [], Q(pk__in=[])
    for way in (*ways.rows, *([Q(team__in=ways.team_ids)] if ways.team_ids else [])):
        parts.append(queryset.filter(way).exclude(earlier))
        earlier |= way
    return parts
