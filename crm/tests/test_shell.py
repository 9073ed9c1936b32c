"""The shell: who finds what in the menu and at what cost; and the words for moments, values and names."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from crm import cells, marks, moments
from crm.columns import Cell, Column, Kind, RowView
from crm.navigation import Shell, shell
from crm.templatetags import banyan
from tests.cast import again

NOON = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"), timezone.override(datetime.UTC):
        yield


def request_of(user, page="home", rf=None):
    request = rf.get("/")
    request.user = user
    request.resolver_match = SimpleNamespace(view_name=page)
    return request


# --- menu -----------------------------------------------------------------------------------------------------------


def labels(groups):
    return [str(item.label) for group in groups for item in group.items]


def test_the_menu_holds_the_lists_that_ones_roles_reach(cast, rf):
    assert "Customers" in labels(Shell(request_of(cast.alice, rf=rf)).groups)
    assert "Customers" not in labels(Shell(request_of(cast.dave, rf=rf)).groups)


def test_whoever_may_add_nothing_has_no_new_menu(cast, rf):
    assert "Customer" in [str(link.label) for link in Shell(request_of(cast.alice, rf=rf)).new]
    assert Shell(request_of(cast.dave, rf=rf)).new == []


def test_only_administrators_have_the_way_into_the_administration(cast, rf):
    assert "Administration" in labels([SimpleNamespace(items=Shell(request_of(cast.root, rf=rf)).foot)])
    assert "Administration" not in labels([SimpleNamespace(items=Shell(request_of(cast.alice, rf=rf)).foot)])


def test_the_page_that_is_open_is_the_current_one_in_the_menu(cast, rf):
    for page_name, label in (("customers-record", "Customers"), ("customers-duplicates", "Duplicates")):
        groups = Shell(request_of(cast.alice, page_name, rf=rf)).groups
        assert [str(item.label) for group in groups for item in group.items if item.is_current] == [label]


def test_the_shell_costs_the_rules_of_the_roles_the_team_and_the_company(cast, rf):
    request = request_of(again(cast.alice), rf=rf)
    with CaptureQueriesContext(connection) as caught:
        render_to_string("layout.html", shell(request), request)
    tables = sorted(query["sql"].split('FROM "')[1].split('"')[0] for query in caught)
    assert tables == ["crm_company", "crm_rolerule"]


def test_where_nobody_is_known_there_is_no_menu_and_the_database_is_not_asked(rf):
    request = rf.get("/")
    assert Shell(request).groups == []
    assert Shell(request).follows_device is True


@pytest.mark.parametrize(
    ("chosen", "printed", "follows"), [("dark", "dark", False), ("light", "light", False), ("system", "light", True)]
)
def test_the_theme_is_printed_by_the_server_unless_it_follows_the_device(rf, chosen, printed, follows):
    user = SimpleNamespace(is_authenticated=True, theme=chosen)
    assert (Shell(request_of(user, rf=rf)).theme, Shell(request_of(user, rf=rf)).follows_device) == (printed, follows)


def test_a_toast_leads_to_its_undo():
    assert banyan.undo_url(Message(SUCCESS, "Deleted", extra_tags="undo:/deleted/3/undo/")) == "/deleted/3/undo/"
    assert banyan.undo_url(Message(SUCCESS, "Saved")) == ""


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_back_never_leads_to_another_site(rf, address):
    assert banyan.own_page(address, rf.get("/")) == ""


# --- moments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "just now"),
        (0.5, "30 minutes ago"),
        (1, "1 hour ago"),
        (11, "11 hours ago"),
        (13, "yesterday"),
        (24 * 3, "3 days ago"),
        (24 * 7, "7 days ago"),
        (24 * 8, None),
        (-2, "today 14:00"),
        (-24, "tomorrow 12:00"),
        (-24 * 3, None),
    ],
)
def test_a_moment_is_relative_for_a_week(hours, text):
    assert moments.relative(NOON - datetime.timedelta(hours=hours), NOON) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, "today"), (1, "yesterday"), (-1, "tomorrow"), (-5, "in 5 days"), (2, "2 days ago"), (9, None)],
)
def test_a_date_is_relative_in_both_directions(days, text):
    assert moments.relative(NOON.date() - datetime.timedelta(days=days), NOON) == text


def test_a_moment_carries_its_exact_time():
    html = moments.moment(datetime.datetime(2020, 3, 1, 23, 30, tzinfo=datetime.UTC), "iso")
    assert html == '<time datetime="2020-03-01T23:30+00:00" title="2020-03-01 23:30">2020-03-01 23:30</time>'


@pytest.mark.parametrize(("whole", "text"), [(18, "18 s"), (200, "3 min"), (7500, "2 h 5 min"), (None, "—")])
def test_how_long_it_lasts(whole, text):
    assert moments.lasting(whole) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1,023 B"), (34_000, "33 KB"), (1_258_291, "1.2 MB"), (3 * 1024**4, "3,072.0 GB")],
)
def test_sizes_of_files(size, text):
    assert banyan.file_size(size) == text


# --- values ---------------------------------------------------------------------------------------------------------


def cell(kind, value, **more):
    return Cell(Column("x", label="X", path="x", kind=kind), value, **more)


@pytest.mark.parametrize(
    ("kind", "value", "more", "html"),
    [
        (Kind.TEXT, "<b>", {}, '<span class="cut">&lt;b&gt;</span>'),
        (Kind.TEXT, "", {}, "—"),
        (Kind.MONEY, Decimal("1286000"), {"currency": "CNY"}, "¥1,286,000"),
        (Kind.MONEY, None, {"currency": "CNY"}, "—"),
        (Kind.NUMBER, 0, {}, "0"),
        (Kind.PERCENT, 25, {}, "25%"),
        (Kind.BOOLEAN, False, {}, "no"),
        (
            Kind.CHOICE,
            "won",
            {"text": "Won", "tone": "green"},
            '<span class="bdg green"><span class="d"></span>Won</span>',
        ),
        (Kind.CHOICE, "a", {"text": "A", "tone": "violet"}, '<span class="bdg violet">A</span>'),
        (Kind.RECORD, 5, {"text": "A&B", "url": "/x/5/"}, '<a class="cut" href="/x/5/">A&amp;B</a>'),
        (Kind.RECORD, 5, {"text": "Hidden"}, '<span class="cut">Hidden</span>'),
    ],
)
def test_a_value_is_shown_by_its_kind_and_escaped(kind, value, more, html):
    assert cells.shown(cell(kind, value, **more)) == html


def test_a_row_escapes_the_name_and_the_line_below_it():
    entity = SimpleNamespace(subtitle=lambda record: "<i>", icon="building")
    html = cells.table_rows([RowView("rec", "/c/1/", [cell(Kind.TEXT, "<script>")])], entity)
    assert '<a class="nm clip" href="/c/1/">&lt;script&gt;</a>' in html
    assert '<span class="sub clip">&lt;i&gt;</span>' in html


@pytest.mark.parametrize(
    ("name", "letters"),
    [("林晓雯", "林"), ("Lin Xiaowen", "LX"), ("Emma", "E"), ("Ana María López", "AL"), ("", "?"), ("…", "…")],
)
def test_the_letters_of_an_avatar(name, letters):
    assert marks.initials(name) == letters


def test_a_name_keeps_its_colour():
    assert marks.avatar("林晓雯") == marks.avatar("林晓雯")
    assert "<b>" not in marks.avatar("<b>")
