"""The generic page of one record: head, facts, tabs, timeline, what hangs on it, and its change log."""

from dataclasses import dataclass
from functools import cached_property

from django.core.signing import b64_decode, b64_encode
from django.db import connection
from django.http import Http404
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.access import Action, Root, permission_name
from crm.changes import changes_of
from crm.columns import Column, allowed, cell_of, present, related_paths, visible_links
from crm.history import log_access
from crm.pages import COUNT_CAP, is_impossible
from crm.timeline import timeline
from crm.views.doors import RecordView

PANELS = 2
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
    """One record for whoever may see it. Its cost does not grow with the number of entities: tabs are read when opened."""

    action = Action.VIEW

    def get(self, request, pk):
        self.record = self.get_record(
            *related_paths(self.record_model, [c for c in self.entity.columns if not c.is_page])
        )
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
            **self.permissions(),
            **self.entity.extras(self.record, request.user),
            **getattr(self, f"tab_{tab.name}", lambda: self.tab_of(tab))(),
        }
        return render(request, self.entity.record_template, context)

    # -- head --------------------------------------------------------------------------------------------------------
    def permissions(self) -> dict:
        """What the reader may do with this record: asked once for each kind of action."""
        user, model = self.request.user, self.record_model
        may = {
            f"may_{action}": user.rights.may(model, action)
            and user.has_perm(permission_name(model, action), self.record)
            for action in (Action.CHANGE, Action.DELETE)
        }
        may["may_assign"] = (
            isinstance(model.access, Root)
            and user.rights.may(model, Action.ASSIGN)
            and user.has_perm(permission_name(model, Action.ASSIGN), self.record)
        )
        return {name: value and self.entity.has(name.removeprefix("may_")) for name, value in may.items()}

    def facts(self) -> list[tuple[str, object]]:
        found = [(fact.label, fact.value(self.record, self.request.user)) for fact in self.entity.facts]
        return [(label, value) for label, value in found if value is not None][:8]

    @cached_property
    def children(self) -> list[tuple[type, str]]:
        return [(child, name) for child, name in self.entity.children() if child.may(self.request.user)]

    @cached_property
    def tabs(self) -> list[Tab]:
        counts = self.counts()
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
            tab(child.slug, child.label_plural(), count=count, child=child, foreign_key=name)
            for (child, name), count in zip(self.children, counts, strict=True)
        ]
        return [*tabs, tab("changes", _("Change log"))] if hasattr(self.record_model, "pgh_event_model") else tabs

    @property
    def has_timeline(self) -> bool:
        return isinstance(self.record_model.access, Root)

    def rows_of(self, child, foreign_key: str):
        """The visible rows of a child entity that hang on this record."""
        return child.model.objects.visible_to(self.request.user).filter(**{foreign_key: self.record})

    def counts(self) -> list[str]:
        """How many rows each tab has, up to 1,000, in one query."""
        parts, params = [], []
        for child, name in self.children:
            rows = self.rows_of(child, name).order_by().values("pk")[: COUNT_CAP + 1]
            sql, values = ("SELECT 0 WHERE false", ()) if is_impossible(rows) else rows.query.sql_with_params()
            parts.append(f"(SELECT count(*) FROM ({sql}) AS one_tab)")
            params += values
        if not parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            return [str(n) if n <= COUNT_CAP else f"{COUNT_CAP:,}+" for n in cursor.fetchone()]

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
                column for column in allowed(child.columns, child.model, self.request.user) if not column.is_page
            ][:3]
            rows = (
                self.rows_of(child, name)
                .select_related(*related_paths(child.model, columns))
                .order_by("-pk")[:PANEL_ROWS]
            )
            tab = next(tab for tab in self.tabs if tab.child is child)
            found.append(
                {
                    "entity": child,
                    "tab": tab,
                    "rows": present(child, columns, rows, self.request.user),
                    "add_url": self.add_url(child, name),
                }
            )
        return found

    def tab_details(self) -> dict:
        """The fields by group, as the form shows them, but to read."""
        by_name = {column.name: column for column in allowed(self.entity.columns, self.record_model, self.request.user)}
        groups = []
        for group in self.entity.groups:
            columns = [
                by_name.get(name) or Column(name).bound(self.record_model)
                for name in group.fields
                if self.is_field(name)
            ]
            links = visible_links(columns, [self.record], self.request.user)
            groups.append(
                (group.label, [cell_of(column, self.record, {}, links) for column in columns if not column.is_page])
            )
        return {"groups": groups}

    def is_field(self, name: str) -> bool:
        return name in {field.name for field in self.record_model._meta.concrete_fields}

    def tab_changes(self) -> dict:
        return {"changes": changes_of(self.record, self.request.user)}

    def tab_of(self, tab) -> dict:
        """The rows of a child entity, newest first; more than fifty are a click away on the child's own list."""
        child = tab.child
        shown = [child.column(name) for name in child.shown] or list(child.columns)
        columns = [
            column
            for column in allowed(shown, child.model, self.request.user)
            if getattr(column, "path", "") != tab.foreign_key
        ]
        rows = (
            self.rows_of(child, tab.foreign_key)
            .select_related(*related_paths(child.model, columns))
            .order_by("-pk")[:TAB_ROWS]
        )
        return {
            "child": child,
            "columns": columns,
            "rows": present(child, columns, rows, self.request.user),
            "add_url": self.add_url(child, tab.foreign_key),
            "is_cut": tab.count.endswith("+") or int(tab.count or 0) > TAB_ROWS,
        }

    def add_url(self, child, foreign_key: str) -> str:
        """Where to add a child to this record; empty when the reader may not."""
        if not (child.has("add") and child.may(self.request.user, Action.ADD)):
            return ""
        return f"{child.url('add')}?{foreign_key.split('__')[-1]}={self.record.pk}"


def read_moment(text: str):
    """The moment of an "older" link, or None when it is absent or was tampered with."""
    try:
        return parse_datetime(b64_decode(text.encode()).decode()) if text else None
    except (ValueError, UnicodeError):
        return None
