"""Sharing one record: who may, what is refused, what stays in the timeline, and what nobody learns by it."""

import datetime
import html

import pytest
from django.utils import timezone

from crm import sharing
from crm.access import Action, Root, permission_name, share, shares_of
from crm.entities import registry
from crm.models import RoleRule, TimelineEntry, User
from tests.cast import again, make_role, make_user
from tests.factories import factories
from tests.rows import changed, fingerprint

ROOTS = sorted(slug for slug, entity in registry.items() if isinstance(entity.model.access, Root))


def make(slug="customers", **fields):
    return factories()[registry[slug].model._meta.label_lower](**fields)


@pytest.fixture
def record(cast):
    return make(owner=cast.alice, team=cast.north)


def url(page, record):
    slug = next(slug for slug in ROOTS if registry[slug].model is type(record))
    return registry[slug].url(page, record)


def sent(*to, level="view", until="", reason="Joint bid", **more):
    return {"to": list(to), "level": level, "until": until, "reason": reason} | more


def sees(user, record, action=Action.VIEW):
    return again(user).has_perm(permission_name(type(record), action), record)


def errors(response):
    assert response.status_code == 422
    return [str(error) for found in response.context["form"].errors.values() for error in found]


def days(number):
    return (timezone.localdate() + datetime.timedelta(days=number)).isoformat()


@pytest.mark.parametrize("slug", ROOTS)
def test_a_record_of_every_kind_is_shared_with_a_person_and_a_team_in_one_go(client, cast, slug):
    record = make(slug, owner=cast.alice, team=cast.north)
    frank = make_user("frank", None, cast.worker)
    client.force_login(cast.alice)
    data = sent("Frank (frank)", f"South #{cast.south.pk}", level="change", until=days(3))
    response = client.post(url("share", record), data)
    assert (response.status_code, response.url) == (303, url("access", record))
    end = sharing.end_of(timezone.localdate() + datetime.timedelta(days=3), cast.alice.company.zone)
    grants = sharing.grants_of(record)
    found = {grant.key: (grant.change, grant.until, grant.reason, grant.given_by) for grant in grants}
    assert found == {
        f"user-{frank.pk}": (True, end, "Joint bid", cast.alice),
        f"team-{cast.south.pk}": (True, end, "Joint bid", cast.alice),
    }
    assert sees(frank, record, Action.CHANGE)
    assert sees(cast.carol, record, Action.CHANGE)
    assert not sees(frank, record, Action.DELETE)
    entries = TimelineEntry.objects.about(record).filter(event="record_shared")
    assert {entry.facts["to"]["name"] for entry in entries} == {"Frank", "South"}
    assert {entry.actor for entry in entries} == {cast.alice}


def test_the_timeline_says_who_shared_what_with_whom_until_when_and_why(client, cast, record):
    client.force_login(cast.alice)
    client.post(url("share", record), sent("carol"))
    page = client.get(url("record", record)).content.decode()
    assert "shared" in page
    assert "Carol (view, without end), reason: Joint bid" in page


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (sent("alice"), "This is you."),
        (sent("bob"), "Bob can do this already (Member of the team “North”"),
        (sent("dave"), "No role of Dave permits to view customers"),
        (sent("gone"), "Gone is switched off and signs in no more."),
        (sent("nobody at all"), "Nobody and no team is called “nobody at all”."),
        (sent("Twin"), "Several people or teams are called “Twin”."),
        (sent(), "Name a colleague or a team."),
        (sent("carol", until="2020-01-01"), "2020-01-01 is over."),
        (sent("carol", until="9999-12-31"), "9999-12-31 is too far ahead."),
        (sent("carol", until="tomorrow"), "Enter a valid date."),
        (sent("carol", reason=" "), "This field is required."),
        (sent("carol", reason="x" * 201), "Ensure this value has at most 200 characters"),
        (sent("carol", level="delete"), "Select a valid choice."),
        (sent("carol\x00"), "Nobody and no team is called"),
        (sent(*(f"p{n}" for n in range(21))), "At most 20 at a time."),
    ],
)
def test_what_cannot_be_shared_is_refused_with_a_reason_and_nothing_typed_is_lost(client, cast, record, data, error):
    make_user("gone", cast.south, cast.worker, is_active=False)
    make_user("twin1", cast.south, cast.worker, name="Twin")
    make_user("twin2", cast.south, cast.worker, name="Twin")
    client.force_login(cast.alice)
    before = fingerprint()
    response = client.post(url("share", record), data)
    page = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert error in page
    assert all(f'value="{name}"' in page for name in data["to"][:1] if name.isalnum())
    assert changed(before, fingerprint()) == []


def test_one_wrong_name_among_right_ones_shares_with_nobody(client, cast, record):
    client.force_login(cast.alice)
    response = client.post(url("share", record), sent("carol", "nobody"))
    assert errors(response) == ["Nobody and no team is called “nobody”. Choose one from the list."]
    assert sharing.grants_of(record) == []


def test_whoever_has_it_already_is_named_and_keeps_what_he_has(client, cast, record):
    share(record, cast.carol, actor=cast.bob, change=True, reason="Earlier")
    client.force_login(cast.alice)
    response = client.post(url("share", record), sent("carol"))
    assert errors(response) == [
        "Carol has this record already: view and change, without end. Choose “Change” in the list below."
    ]
    (grant,) = sharing.grants_of(record)
    assert (grant.change, grant.reason, grant.given_by) == (True, "Earlier", cast.bob)


def test_a_share_is_changed_from_its_own_form(client, cast, record):
    share(record, cast.carol, actor=cast.bob, change=True, reason="Earlier")
    client.force_login(cast.alice)
    key = f"user-{cast.carol.pk}"
    form = client.get(url("share", record), {"with": key}).context["form"]
    assert (form["to"].value(), form["level"].value()) == (["Carol (carol)"], "change")
    assert client.post(url("share", record), sent("Carol (carol)", until=days(0), instead=key)).status_code == 303
    (grant,) = sharing.grants_of(record)
    assert (grant.change, grant.until is None, grant.given_by) == (False, False, cast.alice)
    assert not sees(cast.carol, record, Action.CHANGE)
    assert TimelineEntry.objects.about(record).filter(event="share_changed").count() == 1


def test_a_role_that_may_only_view_gets_no_right_to_change(client, cast, record):
    reader = make_role("Reader", 1)
    RoleRule.objects.filter(role=reader).exclude(action="view").delete()
    make_user("rita", None, reader)
    client.force_login(cast.alice)
    response = client.post(url("share", record), sent("rita", level="change"))
    assert errors(response) == [
        "The roles of Rita permit to view customers, not to change them. Choose the right “View”."
    ]
    assert client.post(url("share", record), sent("rita")).status_code == 303


def test_who_has_it_for_viewing_gives_it_to_nobody(client, cast, record):
    """A02: whoever only views shares nothing and ends nothing."""
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    before = fingerprint()
    assert client.get(url("share", record)).status_code == 403
    assert client.post(url("share", record), sent("erin")).status_code == 403
    assert client.post(url("unshare", record), {"with": f"user-{cast.carol.pk}"}).status_code == 403
    assert changed(before, fingerprint()) == []


def test_who_has_it_through_a_share_passes_it_on_no_longer_than_he_has_it(client, cast, record):
    end = timezone.now() + datetime.timedelta(days=2)
    share(record, cast.carol, actor=cast.alice, change=True, until=end)
    make_user("frank", None, cast.worker)
    client.force_login(cast.carol)
    for until in ("", days(5)):
        (error,) = errors(client.post(url("share", record), sent("frank", until=until)))
        assert error.startswith("You have this record through a share that ends at")
    assert client.post(url("share", record), sent("frank", until=days(1))).status_code == 303


def test_strangers_learn_nothing_from_the_share_pages(client, cast, record):
    """A01, A02: 404 as for a record that does not exist, and no row changes."""
    client.force_login(cast.carol)
    before = fingerprint()
    for page in ("share", "unshare", "access"):
        there, missing = url(page, record), url(page, record).replace(str(record.pk), "999999")
        assert client.get(there).status_code == client.get(missing).status_code in (404, 405)
        assert client.post(there, sent("carol")).status_code in (404, 405)
    assert changed(before, fingerprint()) == []


def test_ending_a_share_names_who_ended_it(client, cast, record):
    share(record, cast.carol, actor=cast.alice, change=True)
    client.force_login(cast.bob)
    response = client.post(url("unshare", record), {"with": f"user-{cast.carol.pk}"})
    assert (response.status_code, response.url) == (303, url("access", record))
    assert sharing.grants_of(record) == []
    assert not sees(cast.carol, record)
    entry = TimelineEntry.objects.about(record).get(event="share_ended")
    assert (entry.actor, entry.facts["to"]["name"], entry.facts["level"]) == (cast.bob, "Carol", "change")


@pytest.mark.parametrize("key", ["", "user-0", "user-999999", "team-1", "1", "user-x", "owner"])
def test_a_share_that_is_not_there_cannot_be_ended(client, cast, record, key):
    """A71: keys that no share has."""
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.alice)
    assert client.post(url("unshare", record), {"with": key}).status_code == 404
    assert len(sharing.grants_of(record)) == 1


def test_the_share_of_one_record_is_not_ended_through_another(client, cast, record):
    """A05: a child of one record addressed through another."""
    foreign = make(owner=cast.carol, team=cast.south)
    share(foreign, cast.alice, actor=cast.carol)
    client.force_login(cast.bob)
    assert client.post(url("unshare", record), {"with": f"user-{cast.alice.pk}"}).status_code == 404
    assert len(sharing.grants_of(foreign)) == 1


def test_fields_that_the_form_does_not_have_are_ignored(client, cast, record):
    """A67: no giver, record or permission is taken from what is sent."""
    client.force_login(cast.alice)
    more = {"created_by": cast.root.pk, "content_object": 1, "permission": "delete", "owner": cast.carol.pk}
    assert client.post(url("share", record), sent("carol", **more)).status_code == 303
    rows = shares_of(type(record), "user").filter(content_object=record)
    assert [(row.created_by, row.permission.codename) for row in rows] == [(cast.alice, "view_customer")]
    record.refresh_from_db()
    assert record.owner == cast.alice


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:a()"])
def test_ending_leads_to_pages_of_ours_only(client, cast, record, address):
    """A44: open redirect."""
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.alice)
    response = client.post(url("unshare", record), {"with": f"user-{cast.carol.pk}", "next": address})
    assert response.url == url("access", record)


def test_names_and_reasons_are_shown_as_text(client, cast, record):
    """A33: markup in the reason and in a person's name."""
    User.objects.filter(pk=cast.carol.pk).update(name="<b>Carol</b>")
    client.force_login(cast.alice)
    client.post(url("share", record), sent("carol", reason="<script>alert(1)</script>"))
    for page in ("share", "access", "record"):
        text = client.get(url(page, record)).content.decode()
        assert "<script>alert" not in text
        assert "<b>Carol</b>" not in text
        assert "&lt;script&gt;alert" in text


def test_one_box_more_keeps_what_was_typed(client, cast, record):
    client.force_login(cast.alice)
    response = client.post(url("share", record), sent("carol", "erin", level="change", until="2030-01-02", more="1"))
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count('name="to"') == 4
    assert 'value="carol"' in page
    assert 'value="2030-01-02"' in page
    assert sharing.grants_of(record) == []


def test_the_drawer_gets_the_form_alone(client, cast, record):
    client.force_login(cast.alice)
    page = client.get(url("share", record), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="drawer-title"' in page
    response = client.post(url("share", record), sent("carol"), headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, url("access", record))


def test_the_boxes_offer_people_and_teams_that_the_reader_may_see(client, cast):
    """A08: no name for people without the right on people."""
    client.force_login(cast.alice)
    found = client.get("/shares/people/", {"q": "o"}).json()["choices"]
    assert "Carol (carol)" in found
    assert f"South #{cast.south.pk}" in found
    client.force_login(cast.dave)
    assert client.get("/shares/people/", {"q": "o"}).json() == {"choices": []}


def test_the_verdict_says_each_step(client, cast, record):
    share(record, cast.carol, actor=cast.alice, reason="Joint bid")
    client.force_login(cast.alice)
    (answer,) = client.get(url("access", record), {"q": "carol", "do": "change"}).context["verdicts"]
    assert (answer.holds, answer.text) == (False, "Carol cannot change this record.")
    assert answer.also == "To view it is possible: Shared by Alice: Joint bid"
    assert [(step.holds, step.text) for step in answer.steps] == [
        (True, "The role “Worker” permits to change customers"),
        (False, "Not within the role’s reach"),
        (False, "Shared with the person for viewing only"),
        (False, "Not shared with a team of the person"),
    ]


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "dave", "erin", "root"])
@pytest.mark.parametrize("action", ["view", "change"])
def test_the_verdict_is_what_the_rule_says(client, cast, record, who, action):
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.root)
    (answer,) = client.get(url("access", record), {"q": who, "do": action}).context["verdicts"]
    assert answer.holds is sees(cast.people[who], record, action)
    assert all(step.holds for step in answer.steps) or not answer.holds or any(step.holds for step in answer.steps)


def test_the_list_of_people_is_narrowed_by_the_kind_of_reason(client, cast, record):
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.alice)
    context = client.get(url("access", record), {"by": "share"}).context
    assert [viewer.user for viewer in context["viewers"]] == [cast.carol]
    assert {kind: count for kind, _label, count in context["kinds"]} == {
        "owner": 1,
        "team": 2,
        "above": 1,
        "share": 1,
        "role": 1,
    }


def test_only_who_may_change_the_record_gets_the_buttons_that_end_shares(client, cast, record):
    share(record, cast.carol, actor=cast.alice)
    client.force_login(cast.alice)
    assert url("unshare", record) in client.get(url("access", record)).content.decode()
    client.force_login(cast.carol)
    page = client.get(url("access", record)).content.decode()
    assert url("unshare", record) not in page
    assert url("share", record) not in page


def test_who_looked_lately_is_for_people_with_the_right_on_the_access_log(client, cast, record):
    client.force_login(cast.bob)
    client.get(url("record", record))
    assert list(client.get(url("access", record)).context["seen"]) == []
    client.force_login(cast.root)
    assert [entry.user for entry in client.get(url("access", record)).context["seen"]] == [cast.bob]
