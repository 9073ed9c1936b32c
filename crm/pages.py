"""One page of a list: as fast for someone who sees two thousand rows of a million as for someone who sees all."""

import json
from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import EmptyResultSet, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Func, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThan, LessThan

from crm.access import Action, Root

COUNT_CAP = 1000
PAGE_MARK = "AS reachable"  # stands in every statement that reads a page; the benchmark finds it by this
FEW_TEAMS = (
    8  # up to here each team reads its own index; above, their rows are so many that one ordered scan is shorter
)


class Row(Func):
    """(a, b) compared as a whole, so that one index on (a, b) answers "the rows after this one"."""

    template = "(%(expressions)s)"
    output_field = Field()


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursors (sort value, key) of its neighbours, None where there is none."""

    rows: list
    after: tuple | None
    before: tuple | None


def page_for(queryset, user, sort: str, *, after=None, before=None, size: int = 50, action: str = Action.VIEW) -> Page:
    """`size` rows of the queryset that the user may see, in the order of `sort` ("name", "-revenue_order").

    The queryset carries filters and select_related. after, before: (sort value, pk) of the last or first row of the
    page
    the reader comes from. The sort field must not be null and, on a root, must have its list_indexes.
    """
    backwards = before is not None
    keys = first_keys(queryset, user, action, sort, before if backwards else after, size + 1, backwards)
    rows = list(in_order(queryset.filter(pk__in=keys), sort, backwards))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (more or backwards), (more if backwards else after is not None)
    places = [(getattr(row, sort.lstrip("-")), row.pk) for row in (rows[:1] + rows[-1:])]
    return Page(rows, places[-1] if rows and has_next else None, places[0] if rows and has_previous else None)


def capped_count(queryset, user, action: str = Action.VIEW) -> tuple[int, bool]:
    """(number of visible rows, whether that is exact): counts no further than COUNT_CAP."""
    keys = first_keys(queryset, user, action, None, None, COUNT_CAP + 1, False)
    found = queryset.model._base_manager.filter(pk__in=keys).values("pk")[: COUNT_CAP + 1].count()
    return min(found, COUNT_CAP), found <= COUNT_CAP


def in_order(queryset, sort: str, backwards: bool):
    """By the sort field and then the key, both in the same direction, so that they can be compared as one row."""
    names = (sort.lstrip("-"), "pk")
    return queryset.order_by(
        *(F(name).desc() if sort.startswith("-") != backwards else F(name).asc() for name in names)
    )


def beyond(queryset, sort: str, cursor, backwards: bool):
    """The rows after the cursor; before it when backwards."""
    if cursor is None:
        return queryset
    field, key = queryset.model._meta.get_field(sort.lstrip("-")), queryset.model._meta.pk
    field = field.output_field if field.generated else field
    compare = LessThan if sort.startswith("-") != backwards else GreaterThan
    return queryset.filter(
        compare(Row(F(sort.lstrip("-")), F("pk")), Row(Value(cursor[0], field), Value(cursor[1], key)))
    )


def is_impossible(queryset) -> bool:
    """Whether Django knows without asking that no row can match (level IN ())."""
    try:
        queryset.query.sql_with_params()
    except EmptyResultSet:
        return True
    return False


def first_keys(queryset, user, action, sort, cursor, size, backwards):
    """The keys of the first rows. Each way by which rows reach the user takes its own first rows from its own index;
    the first of all of them are kept. One bounded step a way, whoever asks, at any depth."""
    queryset = queryset.select_related(None).order_by()
    if not isinstance(queryset.model.access, Root):
        queryset = queryset.visible_to(user, action)
    ways = reached(queryset, user, action, sort, lambda rows: first(rows, sort, cursor, size, backwards))
    parts = [way for way in ways if way]
    if not parts:
        return []
    direction = "DESC" if sort and sort.startswith("-") != backwards else "ASC"
    columns, order = ("(place, key)", f"ORDER BY place {direction}, key {direction}") if sort else ("(key)", "")
    union = " UNION ".join(f"({sql})" for sql, _ in parts)
    return RawSQL(
        f"SELECT key FROM ({union}) {PAGE_MARK}{columns} {order} LIMIT {int(size)}",
        [p for _, params in parts for p in params],
    )


def first(rows, sort, cursor, size, backwards):
    """(SQL, parameters) of the first keys of one way; None where Django knows that no row can match (level IN ())."""
    if sort is None:
        keys = rows.values_list("pk")[:size]
    else:
        rows = in_order(beyond(rows, sort, cursor, backwards), sort, backwards)
        keys = rows.values_list(sort.lstrip("-"), "pk")[:size]
    try:
        return keys.query.sql_with_params()
    except EmptyResultSet:
        return None


def reached(queryset, user, action, sort, first_of):
    """(SQL, parameters) for each way by which rows reach the user, None for a way that leads to no row."""
    if not isinstance(queryset.model.access, Root):
        yield first_of(queryset)
        return
    ways = user.rights.ways(queryset.model, action)
    if ways.everything:
        yield first_of(queryset)
        return
    for way in ways.rows:
        yield first_of(queryset.filter(way))
    if sort and 0 < len(ways.team_ids) <= FEW_TEAMS:
        one_team = first_of(queryset.filter(team=RawSQL("reached.team", ())))
        if one_team:
            sql, params = one_team
            lateral = f"SELECT r.* FROM unnest(%s::bigint[]) AS reached(team) CROSS JOIN LATERAL ({sql}) r"
            yield lateral, ([*ways.team_ids], *params)
    elif ways.team_ids:
        yield first_of(queryset.filter(team__in=ways.team_ids))


def cursor_text(place: tuple | None) -> str:
    """A cursor for a link; unsigned on purpose: it only says where a page begins, never what may be seen."""
    return "" if place is None else signing.b64_encode(DjangoJSONEncoder().encode(place).encode()).decode()


def read_cursor(text: str, model, sort: str) -> tuple | None:
    """The cursor of a link as Python values, or None when it is absent or was tampered with."""
    if not text:
        return None
    try:
        value, key = json.loads(signing.b64_decode(text.encode()))
        field = model._meta.get_field(sort.lstrip("-"))
        field = field.output_field if field.generated else field
        return field.to_python(value), int(key)
    except (ValueError, TypeError, ValidationError):
        return None
