"""Pages stay within tests/budgets.py, however many rows there are."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.access import Root
from crm.entities import registry
from crm.models import Company
from reports.base import registry as reports
from sales.tests.factories import make_opportunity
from tests import budgets
from tests.factories import factories

LISTS = sorted(slug for slug, entity in registry.items() if entity.has("list"))
ROOTS = sorted(slug for slug, entity in registry.items() if isinstance(entity.model.access, Root))


def queries_of(client, url):
    """(response, SQL of the queries) of one GET; a first one warms content types."""
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        response = client.get(url)
    return response, [query["sql"] for query in caught]


def fill(entity, owner, number):
    for _ in range(number):
        factories()[entity.model._meta.label_lower](owner=owner)


@pytest.mark.parametrize("who", ["alice", "erin", "root"])
@pytest.mark.parametrize("slug", LISTS)
def test_a_list_costs_the_same_for_2_and_120_rows_and_stays_in_its_budget(client, cast, slug, who):
    entity = registry[slug]
    client.force_login(cast.people[who])
    fill(entity, cast.alice, 2)
    _response, few = queries_of(client, entity.url("list"))
    fill(entity, cast.alice, 118)
    response, many = queries_of(client, entity.url("list"))
    assert len(many) - len(few) in (0, 1)  # the one more is the count, which a single page need not ask
    assert len(many) <= budgets.LIST_QUERIES, many
    assert len(gzip.compress(response.content)) <= budgets.HTML_BYTES


@pytest.mark.parametrize("slug", ROOTS)
def test_a_record_page_stays_in_its_budget_with_much_hanging_on_it(client, cast, slug):
    entity = registry[slug]
    record = factories()[entity.model._meta.label_lower](owner=cast.alice)
    client.force_login(cast.alice)
    _response, few = queries_of(client, entity.url("record", record))
    for child, name in entity.children():
        if "__" not in name:
            for _ in range(12):
                factories()[child.model._meta.label_lower](owner=cast.alice, **{name: record})
    response, many = queries_of(client, entity.url("record", record))
    assert response.status_code == 200
    assert len(few) <= len(many) <= budgets.RECORD_QUERIES, many
    assert len(gzip.compress(response.content)) <= budgets.HTML_BYTES


@pytest.mark.parametrize("slug", sorted(slug for slug, entity in registry.items() if entity.has("board")))
def test_a_board_stays_in_its_budget(client, cast, slug):
    entity = registry[slug]
    client.force_login(cast.alice)
    fill(entity, cast.alice, 2)
    _response, few = queries_of(client, entity.url("board"))
    fill(entity, cast.alice, 118)
    response, many = queries_of(client, entity.url("board"))
    assert response.status_code == 200
    assert len(many) - len(few) in (0, 1)
    assert len(many) <= budgets.BOARD_QUERIES, many
    assert len(gzip.compress(response.content)) <= budgets.HTML_BYTES


def make_deals(people, number):
    """Three owners in two teams: of each this many deals in two open stages, won and lost."""
    for owner in (people["alice"], people["bob"], people["carol"]):
        for place in ("prospecting", "proposal", "won", "lost"):
            closed = {"closed_on": Company.current().today} if place in ("won", "lost") else {}
            for _ in range(number):
                make_opportunity(owner, at=place, **closed)


@pytest.mark.parametrize("who", ["alice", "erin", "root"])
@pytest.mark.parametrize("slug", sorted(reports))
def test_a_report_costs_the_same_for_12_and_120_deals_and_stays_in_its_budget(client, cast, slug, who):
    client.force_login(cast.people[who])
    address = reverse("report-page", args=[slug])
    make_deals(cast.people, 1)
    _response, few = queries_of(client, address)
    make_deals(cast.people, 9)
    response, many = queries_of(client, address)
    assert response.status_code == 200
    assert len(many) == len(few), many
    assert len(many) <= budgets.REPORT_QUERIES, many
    assert len(gzip.compress(response.content)) <= budgets.HTML_BYTES
