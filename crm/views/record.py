"""The generic page of one record: head, facts, tabs, timeline, what hangs on it, and its change log."""

import json
from dataclasses import dataclass, replace
from functools import cached_property

from django.core.signing import b64_decode, b64_encode
from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm import ownership
from crm.access import Action, Root, link_in_use
from crm.asking import with_ask
from crm.changes import changes_of
from crm.columns import Column, allowed, cell_of, present, related_paths, visible_links, withheld
from crm.fields.redaction import redact
from crm.history import log_access
from crm.marking import with_marks
from crm.merging import may_merge, survivor_of
from crm.models import Tag
from crm.pages import COUNT_CAP, is_impossible
from crm.revealing import has_protected, opening, with_opening
from crm.tags import unpack, with_tags
from crm.timeline import timeline
from crm.unmasking import with_reveals
from crm.views.doors import RecordView

PANELS = 2
MERGED = 10  # records merged into this one whose changes are shown below its own
PANEL_ROWS = 5
TAB_ROWS = 50


@dataclass(frozen=True)
class Tab:
    """A tab of a record page; child and foreign_key are set when it lists the records of another entity."""

    name: str
    label: str
    url: str
    is_on: bool
    count: str = ""
    child: type | None = None
    foreign_key: str = ""


class RecordPage(RecordView):
    """One record for whoever may see it. Its cost does not grow with the number of entities: tabs are read when
    opened."""

    action = Action.VIEW

    def get(self, request, pk):
        related = related_paths(self.record_model, [c for c in self.entity.columns if not c.is_page])
        has_tags = isinstance(self.record_model.access, Root)
        tags = {**with_tags(request.user), **with_marks(self.record_model, request.user)} if has_tags else {}
        is_masked = has_protected(self.record_model, request.user)
        opened = {"is_unmasked": opening(self.record_model, request.user)} if is_masked else {}
        try:
            self.record = self.get_record(*related, **self.allowed_actions(), **opened, **tags)
        except Http404:
            survivor = survivor_of(self.record_model, pk, request.user) if self.entity.has("merge") else None
            if survivor is None:
                raise
            return HttpResponseRedirect(self.entity.url("record", survivor))
        if has_tags:
            unpack(self.record)
        redact([self.record], request.user)
        log_access("read", user=request.user, record=self.record, address=request.META.get("REMOTE_ADDR"))
        tab = next((tab for tab in self.tabs if tab.is_on), None)
        if tab is None:
            raise Http404
        context = {
            "entity": self.entity,
            "record": self.record,
            "title": str(self.record),
            "tabs": self.tabs,
            "tab": tab,
            "badges": self.entity.badges(self.record),
            "facts": self.facts(),
            "is_root": has_tags,
            "may_merge": self.entity.has("merge") and may_merge(self.record_model, request.user),
            "may_tag": has_tags and getattr(self.record, "may_change", False) and request.user.rights.may(Tag),
            **{name: getattr(self.record, name) for name in self.allowed_actions()},
            **self.entity.extras(self.record, request.user),
            **getattr(self, f"tab_{tab.name}", lambda: self.tab_of(tab))(),
        }
        return render(request, self.entity.record_template, context)

    # -- head --------------------------------------------------------------------------------------------------------
    def allowed_actions(self) -> dict:
        """{"may_change": whether the reader may change this record, …} as parts of the query that reads it."""
        model, user = self.record_model, self.request.user
        pages = [action for action in (Action.CHANGE, Action.DELETE, Action.ASSIGN) if self.entity.has(action)]
        return {
            f"may_{action}": Exists(model.objects.visible_to(user, action).filter(pk=OuterRef("pk")))
            for action in pages
        }

    def facts(self) -> list[tuple[str, object]]:
        """(label, text) of at most eight figures of the head."""
        found, hidden = [], self.request.user.fields.hidden(self.record_model)
        for fact in self.entity.facts:
            if fact.name in hidden:
                continue
            if fact.figure is None:
                text = fact.value(self.record, self.request.user)
            elif fact.name in self.figures:
                value = self.figures[fact.name]
                text = fact.words(json.loads(value) if isinstance(value, str) else value, self.record)
            else:
                text = None
            if text is not None:
                found.append((fact.label, text))
        return found[:8]

    @cached_property
    def children(self) -> list[tuple[type, str]]:
        return [(child, name) for child, name in self.entity.children() if child.may(self.request.user)]

    @cached_property
    def tabs(self) -> list[Tab]:
        asked = self.request.GET.get("tab", "")
        own = (
            [("timeline", _("Timeline")), ("details", _("Details"))]
            if self.has_timeline
            else [("details", _("Details"))]
        )
        wanted = asked or own[0][0]
        base = self.entity.url("record", self.record)

        def tab(name, label, **more):
            return Tab(name, str(label), f"{base}?tab={name}" if name != own[0][0] else base, name == wanted, **more)

        tabs = [tab(name, label) for name, label in own]
        tabs += [
            tab(
                child.slug,
                child.tab_label(self.entity),
                count=capped(self.figures[child.slug]),
                child=child,
                foreign_key=name,
            )
            for child, name in self.children
        ]
        return [*tabs, tab("changes", _("Change log"))] if hasattr(self.record_model, "pgh_event_model") else tabs

    @property
    def has_timeline(self) -> bool:
        return isinstance(self.record_model.access, Root)

    def rows_of(self, child, foreign_key: str):
        """The visible rows of a child entity that hang on this record."""
        here = {foreign_key: self.record} | link_in_use(child.model, foreign_key)
        return child.model.objects.visible_to(self.request.user).filter(**here)

    def shown_rows(self, child, foreign_key: str, columns):
        """These rows, newest first, with what the columns need."""
        rows = with_opening(self.rows_of(child, foreign_key), self.request.user)
        return rows.select_related(*related_paths(child.model, columns)).order_by(*newest_first(child))

    def rows_to_read(self, child, columns, rows) -> list:
        """These rows for a template, with a button at every mask whose value the reader may reveal."""
        found = present(child, columns, rows, self.request.user)
        return [replace(row, cells=with_reveals(row.cells, row.record, child, self.request)) for row in found]

    @cached_property
    def figures(self) -> dict:
        """{slug of a tab: rows, up to 1,001; name of a fact: its value}, all in one query."""
        parts = {child.slug: count_of(self.rows_of(child, name)) for child, name in self.children}
        for fact in self.entity.facts:
            rows = fact.figure(self.record, self.request.user) if fact.figure else None
            if rows is not None:
                parts[fact.name] = sql_of(rows)
        if not parts:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(f'({sql})' for sql, _values in parts.values())}",
                [value for _sql, values in parts.values() for value in values],
            )
            return dict(zip(parts, cursor.fetchone(), strict=True))

    # -- tabs --------------------------------------------------------------------------------------------------------
    def tab_timeline(self) -> dict:
        text = self.request.GET.get("before", "")
        items, more = timeline(self.record, self.request.user, before=read_moment(text))
        return {
            "items": items,
            "older_url": f"?before={b64_encode(more.isoformat().encode()).decode()}" if more else "",
            "panels": self.panels(),
        }

    def panels(self) -> list[dict]:
        """The first two kinds of records that hang on this one, five rows each."""
        found = []
        for child, name in self.children[:PANELS]:
            columns = [
                column
                for column in allowed(child.columns, child.model, self.request.user)
                if not column.is_page and column.path != name
            ][:3]
            rows = self.shown_rows(child, name, columns)[:PANEL_ROWS]
            tab = next(tab for tab in self.tabs if tab.child is child)
            found.append(
                {
                    "entity": child,
                    "tab": tab,
                    "rows": self.rows_to_read(child, columns, rows),
                    "add_url": self.add_url(child, name),
                }
            )
        return found

    def tab_details(self) -> dict:
        """The fields by group, as the form shows them, but to read."""
        user = self.request.user
        everything = user.fields.columns(self.entity)
        by_name = {column.name: column for column in allowed(everything, self.record_model, user)}
        hidden = withheld(everything, self.record_model, user) - set(by_name)
        groups, named = [], user.fields.labels(self.record_model)
        for group in user.fields.groups(self.entity):
            columns = [
                by_name.get(name) or Column(name, label=named.get(name)).bound(self.record_model)
                for name in group.fields
                if name in by_name or (self.is_field(name) and name not in hidden)
            ]
            for column in columns:
                if not column.is_page:
                    column.prepare([self.record], user)
            links = visible_links(columns, [self.record], user)
            batches = {column.name: column.batch([self.record.pk], user) for column in columns if column.is_page}
            if columns:
                cells = [cell_of(column, self.record, batches, links) for column in columns]
                cells = with_reveals(cells, self.record, self.entity, self.request)
                groups.append((group.label, [with_ask(cell, self.record, user) for cell in cells]))
        owners = ownership.history_of(self.record) if self.has_timeline else []
        return {"groups": groups, "owners": owners}

    def is_field(self, name: str) -> bool:
        return name in {field.name for field in self.record_model._meta.concrete_fields}

    def tab_changes(self) -> dict:
        """The changes of the record, and below them those of the records that were merged into it."""
        merged = []
        if self.entity.has("merge"):
            rows = self.record_model.everything.filter(merged_into=self.record).order_by("-deleted_at")[:MERGED]
            merged = [(row, changes_of(row, self.request.user)) for row in rows]
        return {"changes": changes_of(self.record, self.request.user), "merged": merged}

    def tab_of(self, tab) -> dict:
        """The rows of a child entity, newest first; more than fifty are a click away on the child's own list."""
        child = tab.child
        shown = [child.column(name) for name in child.shown] or list(child.columns)
        columns = [
            column
            for column in allowed(shown, child.model, self.request.user)
            if getattr(column, "path", "") != tab.foreign_key
        ]
        rows = self.shown_rows(child, tab.foreign_key, columns)[:TAB_ROWS]
        rows = self.rows_to_read(child, columns, rows)
        return {
            "child": child,
            "columns": columns,
            "rows": rows,
            "tab_template": child.tab_template,
            **child.tab_extras(self.record, rows, self.request.user),
            "add_url": self.add_url(child, tab.foreign_key),
            "is_cut": tab.count.endswith("+") or int(tab.count or 0) > TAB_ROWS,
        }

    def add_url(self, child, foreign_key: str) -> str:
        """Where to add a child to this record; empty when the reader may not."""
        if not (child.has("add") and child.may(self.request.user, Action.ADD)):
            return ""
        return f"{child.url('add')}?{foreign_key.split('__')[-1]}={self.record.pk}"


def newest_first(child) -> tuple[str, ...]:
    """The order of a child's rows beside its parent: by the moment by which its list is ordered, where there is one,
    since an index after the parent's key may give it; a parent with 50,000 rows would have to be sorted otherwise."""
    return (child.default_sort, "-pk") if child.default_sort.startswith("-") else ("-pk",)


def sql_of(rows) -> tuple[str, tuple]:
    """(SQL, parameters) of a queryset that stands inside another statement."""
    return ("SELECT NULL", ()) if is_impossible(rows) else rows.query.sql_with_params()


def count_of(rows) -> tuple[str, tuple]:
    """(SQL, parameters) of the number of rows, counted no further than 1,001."""
    rows = rows.order_by().values("pk")[: COUNT_CAP + 1]
    sql, values = ("SELECT 0 WHERE false", ()) if is_impossible(rows) else rows.query.sql_with_params()
    return f"SELECT count(*) FROM ({sql}) AS one_tab", values


def capped(number: int) -> str:
    return str(number) if number <= COUNT_CAP else f"{COUNT_CAP:,}+"


def read_moment(text: str):
    """The moment of an "older" link, or None when it is absent or was tampered with."""
    try:
        return parse_datetime(b64_decode(text.encode()).decode()) if text else None
    except (ValueError, UnicodeError):
        return None
