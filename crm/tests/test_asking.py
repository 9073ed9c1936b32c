"""Asking for access: only where the name was shown, answered by whoever may, with both people's rights asked again."""

import datetime

import pytest
from django.core import signing
from django.utils import timezone

from crm import asking, sharing
from crm.access import Action, permission_name, share
from crm.models import AccessRequest, RoleRule, TimelineEntry
from tests.cast import again, make_role, make_user
from tests.factories import factories
from tests.rows import changed, fingerprint

LIST = "/shares/requests/"


def make(label="customers.customer", **fields):
    return factories()[label](**fields)


@pytest.fixture
def customer(cast):
    return make(owner=cast.alice, team=cast.north, name="Acme Paper")


@pytest.fixture
def deal(cast, customer):
    """Carol sees the deal through a share, and its customer only by name."""
    deal = make("sales.opportunity", owner=cast.alice, team=cast.north, customer=customer)
    share(deal, cast.carol, actor=cast.alice)
    return deal


@pytest.fixture
def address(cast, deal):
    return asking.ASK % asking.token_for(deal, "customer", cast.carol)


def send(client, who, address, level="view", reason="Same tender"):
    client.force_login(who)
    return client.post(address, {"level": level, "reason": reason})


@pytest.fixture
def asked(client, cast, address):
    assert send(client, cast.carol, address).status_code == 303
    return AccessRequest.objects.get()


def answer(client, who, asked, **data):
    client.force_login(who)
    data = {"level": "view", "until": "", "answer": ""} | data
    return client.post(f"{LIST}{asked.pk}/", data)


def sees(user, record, action=Action.VIEW):
    return again(user).has_perm(permission_name(type(record), action), record)


def test_asking_is_offered_where_a_name_stands_without_a_link_and_nowhere_else(client, cast, customer, deal):
    client.force_login(cast.carol)
    page = client.get(f"/opportunities/{deal.pk}/?tab=details").content.decode()
    assert "Ask for access" in page
    assert f"/customers/{customer.pk}/" not in page
    client.force_login(cast.alice)
    assert "Ask for access" not in client.get(f"/opportunities/{deal.pk}/?tab=details").content.decode()


def test_asking_is_not_offered_to_people_whose_roles_know_no_such_records(client, cast, deal):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer").delete()
    client.force_login(cast.carol)
    assert "Ask for access" not in client.get(f"/opportunities/{deal.pk}/?tab=details").content.decode()


def test_the_address_on_the_page_leads_to_the_form_which_names_nothing_but_the_name(client, cast, customer, deal):
    client.force_login(cast.carol)
    page = client.get(f"/opportunities/{deal.pk}/?tab=details").content.decode()
    address = page.split('href="/ask/')[1].split('"')[0]
    form = client.get(f"/ask/{address}").content.decode()
    assert "Acme Paper" in form
    assert "Alice" not in form
    assert customer.number not in form


def test_a_request_waits_at_the_owner_and_stands_in_the_timeline(client, cast, customer, asked):
    assert (asked.asker, asked.name, asked.level, asked.reason, asked.state) == (
        cast.carol,
        "Acme Paper",
        "view",
        "Same tender",
        "open",
    )
    client.force_login(cast.alice)
    assert list(client.get(LIST).context["waiting"]) == [asked]
    assert "Carol" in client.get("/").content.decode()
    assert TimelineEntry.objects.about(customer).filter(event="access_asked", actor=cast.carol).count() == 1
    for who in (cast.bob, cast.erin, cast.carol, cast.dave):
        client.force_login(who)
        assert list(client.get(LIST).context["waiting"]) == []


@pytest.mark.parametrize("gone", ["none", "inactive"])
def test_without_an_owner_it_waits_at_the_manager_of_the_team(client, cast, customer, asked, gone):
    cast.north.manager = cast.bob
    cast.north.save()
    if gone == "none":
        type(customer).objects.filter(pk=customer.pk).update(owner=None)
    else:
        type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
    client.force_login(cast.bob)
    assert list(client.get(LIST).context["waiting"]) == [asked]


def test_without_owner_and_manager_it_waits_at_those_who_reach_all(client, cast, customer, asked):
    type(customer).objects.filter(pk=customer.pk).update(owner=None, team=None)
    client.force_login(cast.root)
    assert list(client.get(LIST).context["waiting"]) == [asked]


def test_a_second_request_while_the_first_waits_is_the_first(client, cast, address, asked):
    assert send(client, cast.carol, address, reason="Again").status_code == 303
    assert [row.reason for row in AccessRequest.objects.all()] == ["Same tender"]
    assert TimelineEntry.objects.filter(event="access_asked").count() == 1


def test_granting_shares_with_the_end_and_right_of_the_answer(client, cast, customer, asked):
    end = timezone.localdate() + datetime.timedelta(days=30)
    assert answer(client, cast.alice, asked, until=end.isoformat(), answer="Until the tender").status_code == 303
    (grant,) = sharing.grants_of(customer)
    assert (grant.target, grant.change, grant.reason, grant.given_by) == (
        cast.carol,
        False,
        "Until the tender",
        cast.alice,
    )
    assert grant.until == sharing.end_of(end, cast.alice.company.zone)
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by, asked.answer) == ("granted", cast.alice, "Until the tender")
    client.force_login(cast.carol)
    assert "Until the tender" in client.get(LIST).content.decode()
    assert client.get(f"/customers/{customer.pk}/").status_code == 200


def test_refusing_needs_a_word_which_the_asker_reads(client, cast, customer, asked):
    assert answer(client, cast.alice, asked, refuse="1").status_code == 422
    assert answer(client, cast.alice, asked, refuse="1", answer="Ask my manager").status_code == 303
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == ("refused", cast.alice)
    assert not sees(cast.carol, customer)
    client.force_login(cast.carol)
    assert "Ask my manager" in client.get(LIST).content.decode()


def test_whoever_may_change_the_record_may_answer_and_nobody_else(client, cast, customer, asked):
    """A01, A02: strangers and viewers get the 404 of a request that does not exist."""
    viewer = make_role("Viewer", 4)
    RoleRule.objects.filter(role=viewer).exclude(action="view").delete()
    vera = make_user("vera", None, viewer)
    before = fingerprint()
    for who in (cast.carol, cast.dave, vera):
        client.force_login(who)
        assert client.get(f"{LIST}{asked.pk}/").status_code == client.get(f"{LIST}999999/").status_code == 404
        assert answer(client, who, asked).status_code == 404
    assert changed(before, fingerprint()) == ["crm_user"]  # signing in
    assert answer(client, cast.bob, asked).status_code == 303


def test_an_answer_is_given_once(client, cast, customer, asked):
    assert answer(client, cast.alice, asked).status_code == 303
    assert answer(client, cast.bob, asked, refuse="1", answer="No").status_code == 404
    assert not asking.refuse(asked, customer, actor=cast.bob, answer="No")
    asked.refresh_from_db()
    assert asked.state == "granted"


@pytest.mark.parametrize("change", ["role", "inactive", "level"])
def test_the_rights_of_the_asker_are_asked_again_when_answering(client, cast, customer, asked, change):
    if change == "role":
        cast.carol.groups.clear()
    elif change == "inactive":
        type(cast.carol).objects.filter(pk=cast.carol.pk).update(is_active=False)
    else:
        reader = make_role("Reader", 1)
        RoleRule.objects.filter(role=reader).exclude(action="view").delete()
        cast.carol.groups.set([reader])
    response = answer(client, cast.alice, asked, level="change")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["level"])
    assert sharing.grants_of(customer) == []
    asked.refresh_from_db()
    assert asked.state == "open"


def test_an_answer_that_would_last_longer_than_ones_own_share_is_refused(client, cast, customer, asked):
    frank = make_user("frank", None, cast.worker)
    share(customer, frank, actor=cast.alice, change=True, until=timezone.now() + datetime.timedelta(days=2))
    response = answer(client, frank, asked)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["until"])


def broken(cast, deal, customer):
    good = asking.token_for(deal, "customer", cast.carol)
    other = signing.dumps([deal._meta.label_lower, deal.pk, "customer", cast.carol.pk], salt="another")
    return {
        "made up": "x",
        "changed": good[:-2] + "xx",
        "another salt": other,
        "of somebody else": asking.token_for(deal, "customer", cast.bob),
        "no such record": signing.dumps(["sales.opportunity", 999999, "customer", cast.carol.pk], salt=asking.SALT),
        "not visible": signing.dumps(["customers.customer", customer.pk, "owner", cast.carol.pk], salt=asking.SALT),
        "no such model": signing.dumps(["sales.nothing", 1, "customer", cast.carol.pk], salt=asking.SALT),
        "no such link": signing.dumps(["sales.opportunity", deal.pk, "nothing", cast.carol.pk], salt=asking.SALT),
        "not a record": signing.dumps(["sales.opportunity", deal.pk, "name", cast.carol.pk], salt=asking.SALT),
        "a person": signing.dumps(["sales.opportunity", deal.pk, "owner", cast.carol.pk], salt=asking.SALT),
        "another shape": signing.dumps({"a": 1}, salt=asking.SALT),
    }


def test_a_token_that_leads_nowhere_is_the_same_404_for_whatever_reason(client, cast, deal, customer):
    """A01, A08, A71: nobody learns by it whether a number exists."""
    client.force_login(cast.carol)
    before = fingerprint()
    for why, token in broken(cast, deal, customer).items():
        response = client.get(f"/ask/{token}/")
        assert response.status_code == 404, why
        assert customer.name not in response.content.decode(), why
        assert client.post(f"/ask/{token}/", {"level": "view", "reason": "x"}).status_code == 404, why
    assert changed(before, fingerprint()) == []


def test_a_token_is_spent_when_the_record_that_showed_the_name_is_no_longer_seen(client, cast, deal, address):
    sharing.unshare(deal, cast.carol)
    client.force_login(cast.carol)
    assert client.get(address).status_code == 404


def test_an_old_token_leads_nowhere(client, cast, address, monkeypatch):
    monkeypatch.setattr(asking, "DAYS", -1)
    client.force_login(cast.carol)
    assert client.get(address).status_code == 404


def test_a_deleted_record_takes_the_request_as_any_other_and_nobody_is_bothered(client, cast, customer, address):
    type(customer).objects.filter(pk=customer.pk).update(deleted_at=timezone.now())
    assert send(client, cast.carol, address).status_code == 303
    client.force_login(cast.alice)
    assert list(client.get(LIST).context["waiting"]) == []
    assert client.get(f"{LIST}{AccessRequest.objects.get().pk}/").status_code == 404


def test_who_sees_the_record_by_now_is_led_to_it(client, cast, customer, address):
    share(customer, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    assert client.get(address).url == f"/customers/{customer.pk}/"


def test_only_ones_own_requests_are_listed(client, cast, asked):
    """A17."""
    client.force_login(cast.bob)
    assert list(client.get(LIST).context["mine"]) == []
    client.force_login(cast.carol)
    assert list(client.get(LIST).context["mine"]) == [asked]


def test_fields_that_the_form_does_not_have_are_ignored(client, cast, address):
    """A67."""
    client.force_login(cast.carol)
    more = {"state": "granted", "asker": cast.bob.pk, "subject_id": 1, "answered_by": cast.bob.pk, "name": "x"}
    client.post(address, {"level": "view", "reason": "x"} | more)
    row = AccessRequest.objects.get()
    assert (row.state, row.asker, row.answered_by, row.name) == ("open", cast.carol, None, "Acme Paper")


def test_the_request_stands_beside_who_can_see_it_for_those_who_may_answer(client, cast, customer, asked):
    client.force_login(cast.alice)
    assert f"{LIST}{asked.pk}/" in client.get(f"/customers/{customer.pk}/access/").content.decode()
    share(customer, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    assert LIST + str(asked.pk) not in client.get(f"/customers/{customer.pk}/access/").content.decode()
