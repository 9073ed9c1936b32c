"""One page of a list: as fast for someone who sees two thousand rows of a million as for someone who sees all."""

import json
from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import EmptyResultSet, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, F, Field, Func, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThan, LessThan

from crm.access import Action, Root, whole_model

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


def in_order(queryset, sort: str, backwards: bool, key: str = "pk"):
    """By the sort field and then the key, both in the same direction, so that they can be compared as one row."""
    names = (sort.lstrip("-"), key)
    return queryset.order_by(
        *(F(name).desc() if sort.startswith("-") != backwards else F(name).asc() for name in names)
    )


def beyond(queryset, sort: str, cursor, backwards: bool, key: str = "pk"):
    """The rows after the cursor; before it when backwards."""
    if cursor is None:
        return queryset
    field, number = queryset.model._meta.get_field(sort.lstrip("-")), queryset.model._meta.pk
    field = field.output_field if field.generated else field
    compare = LessThan if sort.startswith("-") != backwards else GreaterThan
    return queryset.filter(
        compare(Row(F(sort.lstrip("-")), F(key)), Row(Value(cursor[0], field), Value(cursor[1], number)))
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
    source = Source.of(queryset, action)
    if not (source.has_owner and user.rights.may(queryset.model, action)):
        queryset = queryset.visible_to(user, action)
    ways = reached(source, queryset, user, action, sort, Bounds(cursor, size, backwards))
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


@dataclass(frozen=True)
class Bounds:
    """Which rows of one way: those beyond the cursor, `size` at most, in or against the order."""

    cursor: tuple | None
    size: int
    backwards: bool

    def first(self, rows, sort, key: str = "pk"):
        """(SQL, parameters) of the first keys of one way; None where Django knows that no row can match."""
        if sort is None:
            keys = rows.values_list(key)
        else:
            rows = in_order(beyond(rows, sort, self.cursor, self.backwards, key), sort, self.backwards, key)
            keys = rows.values_list(sort.lstrip("-"), key)
        keys = keys.distinct() if key != "pk" else keys
        try:
            return keys[: self.size].query.sql_with_params()
        except EmptyResultSet:
            return None


@dataclass(frozen=True)
class Source:
    """The table in which a list finds owner and team of its rows, with an index for each order.

    A root carries them itself, a part has copies of its whole's (crm.models.copies), a part with several wholes has
    them on the links to these, together with copies of the fields by which it is ordered.
    root: the model that is owned; owner, team: columns; whole: foreign key to the root, empty on the root itself; key:
    column with the key of the listed row; prefix: of the copies of the ordering fields.
    """

    root: type | None = None
    owner: str = "owner"
    team: str = "team"
    whole: str = ""
    link: type | None = None
    key: str = "pk"
    prefix: str = ""

    @classmethod
    def of(cls, queryset, action) -> "Source":
        model = queryset.model
        if isinstance(model.access, Root):
            return cls(model)
        copied = getattr(model, "copied_from", None)
        if copied is None or action not in (Action.VIEW, Action.EXPORT):
            return cls()  # who may change a part is a question of its author, too
        *link, whole = copied.split("__")
        names = {"root": whole_model(model, copied), "owner": f"{whole}_owner", "team": f"{whole}_team", "whole": whole}
        if not link:
            return cls(**names)
        relation = model._meta.get_field(link[0])
        key = relation.field.name
        return cls(**names, link=relation.related_model, key=f"{key}_id", prefix=f"{key}_")

    @property
    def has_owner(self) -> bool:
        return self.root is not None

    def rows(self, queryset, place: str | None):
        """The rows that carry owner and team, for the rows of the list.

        place: the copy by which they are ordered. Copies are empty where the listed row lies in the recycle bin: when
        that is all that the queryset leaves out, nothing has to be asked of the rows themselves.
        """
        if self.link is None:
            return queryset
        if queryset.query.where == queryset.model.objects.all().query.where:
            copy = (place or f"{self.prefix}created_at").lstrip("-")
            return self.link.objects.filter(**{f"{copy}__isnull": False})
        return self.link.objects.filter(**{f"{self.key.removesuffix('_id')}__in": queryset.values("pk")})

    def sort(self, sort: str | None) -> str | None:
        if not sort or not self.prefix:
            return sort
        return f"{'-' if sort.startswith('-') else ''}{self.prefix}{sort.lstrip('-')}"

    def everything(self, queryset):
        """All rows of the list whose whole is not in the recycle bin."""
        if not self.whole:
            return queryset
        in_use = {f"{self.whole}__isnull": False, f"{self.whole}__deleted_at__isnull": True}
        if self.link is None:
            return queryset.filter(**in_use)
        return queryset.filter(Exists(self.link.objects.filter(**{self.key: OuterRef("pk")}, **in_use)))


def reached(source, queryset, user, action, sort, bounds):
    """(SQL, parameters) for each way by which rows reach the user, None for a way that leads to no row."""
    if not source.has_owner:
        yield bounds.first(queryset, sort)
        return
    # A part is viewed and exported with its whole: there the right to view the whole counts.
    ways = user.rights.ways(source.root, Action.VIEW if source.whole else action)
    if ways.everything:
        yield bounds.first(source.everything(queryset), sort)
        return
    place = source.sort(sort)
    rows = source.rows(queryset, place)
    for number, way in enumerate(ways.rows):
        if number == 0 or not source.whole:  # the first way is that of the owner
            way = Q(**{source.owner: user.pk}) if source.whole else way
            yield bounds.first(rows.filter(way), place, source.key)
        else:
            yield of_wholes(source, rows, source.root.objects.filter(way).values("pk"), place, bounds)
    if sort and 0 < len(ways.team_ids) <= FEW_TEAMS:
        one_team = bounds.first(rows.filter(**{source.team: RawSQL("reached.team", ())}), place, source.key)
        if one_team:
            sql, params = one_team
            lateral = f"SELECT r.* FROM unnest(%s::bigint[]) AS reached(team) CROSS JOIN LATERAL ({sql}) r"
            yield lateral, ([*ways.team_ids], *params)
    elif ways.team_ids:
        yield bounds.first(rows.filter(**{f"{source.team}__in": ways.team_ids}), place, source.key)


def of_wholes(source, rows, wholes, place, bounds):
    """The first parts of a set of wholes: each whole gives its own first ones, however many parts hang on it."""
    if place is None:
        return bounds.first(rows.filter(**{f"{source.whole}__in": wholes}), None, source.key)
    one = bounds.first(rows.filter(**{source.whole: RawSQL("reached.whole", ())}), place, source.key)
    if one is None or is_impossible(wholes):
        return None
    (sql, params), (of, of_params) = one, wholes.query.sql_with_params()
    lateral = f"SELECT DISTINCT r.* FROM ({of}) AS reached(whole) CROSS JOIN LATERAL ({sql}) r"
    direction = "DESC" if place.startswith("-") != bounds.backwards else "ASC"
    return f"{lateral} ORDER BY 1 {direction}, 2 {direction} LIMIT {bounds.size}", (*of_params, *params)


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
