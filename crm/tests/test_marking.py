"""Stars and follows: one's own, on records that one sees, on the record, the list and the workbench."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm.events import announce
from crm.marking import FOLLOW, STAR, followed_lines, starred_lines, toggle
from crm.models import RecordMark
from crm.ownership import assign
from customers.entities import Customers
from customers.events import customer_changed
from tests.cast import again
from tests.factories import factories


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def make(owner, name):
    return factories()["customers.customer"](owner, name=name)


def post(client, record, kind="star"):
    return client.post(f"/marks/customers.customer/{kind}/{record.pk}/")


def test_a_star_is_given_and_taken_back_by_its_person_alone(client, cast):
    record = make(cast.alice, "海川")
    client.force_login(cast.alice)
    assert post(client, record).url == Customers.url("record", record)
    client.force_login(cast.bob)
    assert post(client, record).status_code == 303
    assert RecordMark.objects.count() == 2
    assert post(client, record).status_code == 303
    assert [mark.user for mark in RecordMark.objects.all()] == [cast.alice]


@pytest.mark.parametrize("kind", ["star", "follow"])
def test_a_record_that_one_does_not_see_takes_no_mark(client, cast, kind):
    """A05: a side door such as pin, tag or follow is a door like the others."""
    record = make(cast.alice, "海川")
    client.force_login(cast.carol)
    assert post(client, record, kind).status_code == 404
    client.force_login(cast.dave)
    assert post(client, record, kind).status_code == 404
    assert RecordMark.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    ["/marks/crm.user/star/1/", "/marks/no.model/star/1/", "/marks/customers.customer/like/1/", "/marks/x/star/1/"],
)
def test_only_roots_take_marks_and_only_those_two(client, cast, address):
    client.force_login(cast.root)
    assert client.post(address).status_code == 404
    assert RecordMark.objects.count() == 0


def test_a_mark_leads_back_to_our_own_pages_only(client, cast):
    record = make(cast.alice, "海川")
    client.force_login(cast.alice)
    response = client.post(f"/marks/customers.customer/star/{record.pk}/", {"next": "https://evil.example/"})
    assert response.url == Customers.url("record", record)


def test_a_list_is_narrowed_to_the_readers_stars(client, cast):
    mine, other = make(cast.alice, "Mine"), make(cast.alice, "Other")
    toggle(mine, cast.alice, STAR)
    toggle(other, cast.bob, STAR)
    client.force_login(cast.alice)
    rows = client.get(f"{Customers.url('list')}?starred=on&columns=name,star").context["listing"].rows
    assert [(row.record.name, row.cells[1].text) for row in rows] == [("Mine", "★")]


def test_the_head_of_a_record_says_whether_it_is_marked_without_a_further_query(client, cast):
    record = make(cast.alice, "海川")
    client.force_login(cast.alice)
    url = Customers.url("record", record)
    client.get(url)
    with CaptureQueriesContext(connection) as bare:
        assert 'aria-pressed="false"' in client.get(url).content.decode()
    toggle(record, cast.alice, STAR)
    toggle(record, cast.alice, FOLLOW)
    with CaptureQueriesContext(connection) as marked:
        page = client.get(url).content.decode()
    assert len(marked) == len(bare)
    assert 'aria-pressed="true"' in page
    assert "Stop following" in page


def test_the_workbench_shows_stars_and_what_others_did_to_followed_records(cast):
    record = make(cast.alice, "海川")
    toggle(record, cast.alice, STAR)
    toggle(record, cast.alice, FOLLOW)
    announce(customer_changed, record, actor=cast.alice)
    assert [line.text for line in starred_lines(again(cast.alice))] == ["海川"]
    assert followed_lines(again(cast.alice)) == []
    announce(customer_changed, record, actor=cast.bob)
    assert [(line.text, line.note) for line in followed_lines(again(cast.alice))] == [
        ("海川", "Bob changed the customer 海川")
    ]


def test_a_mark_shows_nothing_of_a_record_that_the_person_no_longer_sees(client, cast):
    """A23: the card, the news and the filter forget it."""
    record = make(cast.alice, "CANARY")
    toggle(record, cast.alice, STAR)
    toggle(record, cast.alice, FOLLOW)
    assign(record, cast.carol, actor=cast.root)
    assert starred_lines(again(cast.alice)) == followed_lines(again(cast.alice)) == []
    client.force_login(cast.alice)
    for address in ("/", f"{Customers.url('list')}?starred=on"):
        assert "CANARY" not in client.get(address).content.decode()
