"""The state of a list: filters, search, order and columns out of a query string, and the rows they give one person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.http import QueryDict

from crm.access import Action
from crm.columns import allowed, present, related_paths
from crm.filters import filter_form
from crm.models import User
from crm.models.custom import COLUMNS
from crm.pages import COUNT_CAP, capped_count, cursor_text, page_for, read_cursor
from crm.revealing import with_opening
from crm.search import found
from crm.unmasking import with_reveals

PAGE_SIZE = 50
REVEAL_FORM = "reveals"  # the id of the form whose token the buttons at masks send; rows stand in the form of ticks
PERSON = ("id", "username", "name", "is_active")
UNREAD = ("search_text", "custom_text", "name_pinyin")  # columns that are searched and never shown


def unread(model, paths) -> list[str]:
    """What a list never shows: the columns that are searched, and of linked people all but how they are called."""
    names = [field.name for field in model._meta.concrete_fields if field.name in UNREAD]
    for path in paths:
        linked = model
        for name in path.split("__"):
            linked = linked._meta.get_field(name).related_model
        if linked is User:
            names += [f"{path}__{f.name}" for f in User._meta.concrete_fields if f.name not in PERSON]
    return names


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the address of the list without it."""

    label: str
    text: str
    url: str


class Listing:
    """What a list page, an export and a board share. params: the query string as request.GET gives it."""

    def __init__(self, entity, user, params: QueryDict, action: str = Action.VIEW):
        self.entity, self.user, self.params, self.action = entity, user, params, action

    @cached_property
    def query(self) -> str:
        return self.params.get("q", "").strip()[:200]

    @cached_property
    def form(self):
        return filter_form(self.filters, self.entity.model, self.user, self.params)

    @cached_property
    def filters(self) -> tuple:
        """The filters this person has: without those of hidden fields, with those of custom fields."""
        return self.user.fields.filters(self.entity)

    @cached_property
    def data(self) -> dict:
        """The valid filter values; a wrong one is shown as an error in the form and filters nothing."""
        if not self.is_filtered:
            return {}
        self.form.is_valid()
        return self.form.cleaned_data

    @cached_property
    def is_filtered(self) -> bool:
        """Whether the query string names any filter; without one the form is not even asked."""
        names = [name for one in self.filters for name in one.names]
        return any(self.params.get(name) for name in names)

    @property
    def shows_filters(self) -> bool:
        """Whether the filter form is on the page: when asked for, or to show what is wrong in it. Else it costs
        nothing."""
        return "filters" in self.params or (self.is_filtered and bool(self.form.errors))

    @property
    def filters_url(self) -> str:
        """The same page with the filter form open."""
        params = self.params.copy()
        params["filters"] = "1"
        return f"?{params.urlencode(safe=',')}"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.is_filtered)

    @cached_property
    def sort(self) -> str:
        wanted = self.params.get("sort", "")
        shown = {column.sort.lstrip("-") for column in self.all_columns if column.sort}
        return wanted if wanted.lstrip("-") in shown else self.entity.default_sort

    @cached_property
    def columns(self) -> list:
        """The columns shown: those of the query string, else the entity's default; the first one always stays."""
        chosen = ",".join(self.params.getlist("columns"))  # one parameter in a link, several out of the column menu
        added = [d.field_name for d in self.user.fields.definitions(self.entity.model) if d.on_list]
        names = chosen.split(",") if chosen else [*self.entity.shown, *added]
        by_name = {column.name: column for column in self.all_columns}
        found_columns = [by_name[name] for name in names if name in by_name]
        first = self.all_columns[0]
        return [first, *(column for column in found_columns if column is not first)]

    @cached_property
    def all_columns(self) -> list:
        return allowed(self.user.fields.columns(self.entity), self.entity.model, self.user)

    @cached_property
    def queryset(self):
        """The rows that search and filters keep; who may see them is decided by whoever takes a page or an export of
        it."""
        rows = found(self.entity.model.objects.all(), self.query, self.user)
        for one in self.filters:
            rows = one.apply(rows, self.data)
        return rows.filter(**{f"{slot}__isnull": False}) if (slot := self.slot) else rows

    @property
    def slot(self) -> str:
        """The slot that orders the list: its index holds only rows in which it is in use."""
        plain = self.sort.lstrip("-")
        return plain if plain in COLUMNS else ""

    @property
    def visible(self):
        """The rows of the list as one queryset for this person: for exports and sums, not for pages."""
        return self.queryset.visible_to(self.user, self.action)

    @cached_property
    def page(self):
        after = read_cursor(self.params.get("after", ""), self.entity.model, self.sort)
        before = None if after else read_cursor(self.params.get("before", ""), self.entity.model, self.sort)
        paths = related_paths(self.entity.model, self.columns)
        rows = with_opening(self.queryset, self.user).select_related(*paths)
        rows = rows.defer(*unread(self.entity.model, paths))
        return page_for(rows, self.user, self.sort, after=after, before=before, size=PAGE_SIZE, action=self.action)

    @cached_property
    def rows(self) -> list:
        return present(self.entity, self.columns, self.page.rows, self.user)

    def offer_reveals(self, request):
        """Put a button at every mask of the page whose value the reader may reveal; the form of them is on the page."""
        self.rows = [
            replace(row, cells=with_reveals(row.cells, row.record, self.entity, request, REVEAL_FORM))
            for row in self.rows
        ]
        self.has_reveals = any(cell.reveal and cell.reveal.form for row in self.rows for cell in row.cells)

    @cached_property
    def count(self) -> tuple[int, bool]:
        """(visible rows up to 1,000, whether that is all); not asked when the first page shows them all."""
        page = self.page
        if page.after is None and page.before is None:
            return len(page.rows), True
        return capped_count(self.queryset, self.user, self.action)

    @property
    def count_text(self) -> str:
        number, exact = self.count
        return f"{number:,}" if exact else f"{COUNT_CAP:,}+"

    def url(self, page: str = "list", drop: tuple[str, ...] = (), **changes) -> str:
        """An address of the entity with this state and the changes; a page's cursor never survives a change."""
        params = self.params.copy()
        for name in ("after", "before", "filters", *drop):
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value not in (None, ""):
                params[name] = value
        query = params.urlencode(safe=",")
        return self.entity.url(page) + (f"?{query}" if query else "")

    @property
    def next_url(self) -> str:
        return self.url(after=cursor_text(self.page.after)) if self.page.after else ""

    @property
    def previous_url(self) -> str:
        return self.url(before=cursor_text(self.page.before)) if self.page.before else ""

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        for one in self.filters:
            text = one.chip(self.entity.model, self.data) if self.data else ""
            if text:
                chips.append(Chip(str(one.title(self.entity.model)), text, self.url(drop=one.names)))
        return chips

    def sort_links(self) -> list[dict]:
        """For each shown column: how its head sorts: {column, url, direction: "" | "ascending" | "descending"}."""
        links = []
        for column in self.columns:
            plain = (column.sort or "").lstrip("-")
            current = plain and self.sort.lstrip("-") == plain
            descending = current and self.sort.startswith("-")
            turned = plain if descending else f"-{plain}" if current else column.sort
            links.append(
                {
                    "column": column,
                    "url": self.url(sort=turned) if plain else "",
                    "direction": ("descending" if descending else "ascending") if current else "",
                }
            )
        return links
