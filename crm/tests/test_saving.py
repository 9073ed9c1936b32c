"""Saving a record: two people at once, forms sent twice, what nobody may write, and the traces that stay."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import translation

from crm.entities import entity_for
from crm.forms import choice_text
from crm.models import Deletion, FormToken, OwnershipChange, RoleRule, Tag
from crm.tests.test_custom_fields import define, form_data
from crm.timeline import timeline
from customers.models import ContactPoint, Customer
from customers.services import set_contact_points
from customers.tests.factories import make_industry
from tests.cast import again
from tests.factories import factories
from tests.rows import changed, fingerprint

Customers = entity_for(Customer)


def make_customer(owner, **fields):
    return factories()["customers.customer"](owner=owner, **fields)


def opened(user, record) -> dict:
    """What the browser holds after the form was opened."""
    form = Customers.form_class()(instance=record, user=again(user))
    values = {name: form[name].value() for name in form.fields}
    return {name: str(getattr(value, "pk", value)) for name, value in values.items() if value not in (None, "", False)}


@pytest.fixture
def record(cast):
    return make_customer(cast.alice, name="Spruce", level="B", region="Suzhou")


def post(client, who, record, data, page="change"):
    client.force_login(who)
    return client.post(Customers.url(page, record), data)


def test_the_version_rises_with_an_edit_and_not_with_a_derived_column(record):
    Customer.objects.filter(pk=record.pk).update(level="A")
    assert Customer.objects.get(pk=record.pk).version == 2
    Customer.objects.filter(pk=record.pk).update(last_followed_at="2026-01-01T00:00:00Z", name_pinyin="x")
    assert Customer.objects.get(pk=record.pk).version == 2


def test_two_people_who_change_different_fields_both_keep_their_change(client, cast, record):
    alice, bob = opened(cast.alice, record), opened(cast.bob, record)
    assert post(client, cast.bob, record, bob | {"level": "A"}).status_code == 303
    assert post(client, cast.alice, record, alice | {"region": "Wuxi"}).status_code == 303
    record.refresh_from_db()
    assert (record.level, record.region) == ("A", "Wuxi")


def test_where_both_changed_the_same_field_the_second_is_asked_and_nothing_is_lost(client, cast, record):
    alice, bob = opened(cast.alice, record), opened(cast.bob, record)
    post(client, cast.bob, record, bob | {"region": "Wuxi"})
    response = post(client, cast.alice, record, alice | {"region": "Nanjing", "level": "A"})
    assert response.status_code == 409
    (conflict,) = response.context["form"].conflicts
    assert (conflict.name, conflict.opened, conflict.theirs, conflict.mine) == ("region", "Suzhou", "Wuxi", "Nanjing")
    assert "Nanjing" in response.content.decode()
    assert "Wuxi" in response.content.decode()
    record.refresh_from_db()
    assert (record.region, record.level) == ("Wuxi", "B")
    chosen = alice | {"region": "Nanjing", "level": "A", "version": response.context["form"]["version"].value()}
    assert post(client, cast.alice, record, chosen).status_code == 303
    record.refresh_from_db()
    assert (record.region, record.level) == ("Nanjing", "A")


def test_after_a_question_the_form_saves_what_others_made_of_the_fields_that_it_left_alone(client, cast, record):
    """Every kind of widget: the other person's values stand in the form that asks, so saving it takes none back."""
    for code, kind in (("plans", "choices"), ("ok", "boolean"), ("due", "date"), ("who", "user"), ("sum", "money")):
        define(code, kind)
    secret = define("secret", "text", is_sensitive=True)
    mine, yours = (
        Tag.objects.create(root="customers.customer", name="a"),
        Tag.objects.create(root="customers.customer", name="b"),
    )
    record.tags, record.custom = [mine.pk], {"plans": ["open"], "ok": True}
    record.hold(secret, "1")
    record.save()
    client.force_login(cast.alice)
    url = Customers.url("change", record)
    data = form_data(client.get(url)) | {"name": "Mine", "phone": "0512-6288 0001"}
    theirs = Customer.objects.get(pk=record.pk)
    theirs.name, theirs.level, theirs.background, theirs.tags = "Theirs", "A", "theirs", [yours.pk]
    theirs.industry, theirs.custom = (
        make_industry(),
        {
            "plans": ["direct", "open"],
            "ok": False,
            "due": "2026-12-31",
            "who": cast.bob.pk,
            "sum": "380000.5",
        },
    )
    theirs.hold(secret, "2")
    theirs.save()
    set_contact_points(theirs, actor=cast.bob, email="they@example.cn", phone="0512-6288 0002")
    for expected in (409, 303):
        response = client.post(url, data)
        assert response.status_code == expected
        data = form_data(response) if expected == 409 else {}
    record.refresh_from_db()
    assert (record.name, record.level, record.background, record.tags) == ("Mine", "A", "theirs", [yours.pk])
    assert (record.industry, record.custom, record.held(secret)) == (theirs.industry, theirs.custom, "2")
    assert {point.value for point in ContactPoint.objects.filter(customer=record)} == {
        "051262880001",
        "they@example.cn",
    }


def test_the_same_value_from_both_is_no_conflict(client, cast, record):
    alice, bob = opened(cast.alice, record), opened(cast.bob, record)
    post(client, cast.bob, record, bob | {"region": "Wuxi"})
    assert post(client, cast.alice, record, alice | {"region": "Wuxi"}).status_code == 303


def test_a_form_sent_twice_makes_one_record(client, cast):
    client.force_login(cast.alice)
    data = {"name": "Once", "kind": "company", "level": "C", "lifecycle": "prospect", "owner": choice_text(cast.alice)}
    data["form_token"] = str(uuid.uuid4())
    first = client.post(Customers.url("add"), data)
    second = client.post(Customers.url("add"), data)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.url == second.url
    assert Customer.objects.filter(name="Once").count() == 1


def test_a_token_of_somebody_else_leads_nowhere_of_his(client, cast):
    token = uuid.uuid4()
    FormToken.objects.create(token=token, user=cast.bob, location="/customers/999/")
    client.force_login(cast.alice)
    data = {"name": "Mine", "kind": "company", "level": "C", "lifecycle": "prospect", "form_token": str(token)}
    response = client.post(Customers.url("add"), data)
    assert "/customers/999/" not in response.get("Location", "")


def test_a_new_record_belongs_to_its_author_and_his_team(client, cast):
    RoleRule.objects.filter(role=cast.worker, action="assign").delete()
    client.force_login(cast.alice)
    data = {"name": "New", "kind": "company", "level": "C", "lifecycle": "prospect", "owner": choice_text(cast.carol)}
    client.post(Customers.url("add"), data | {"created_by": cast.carol.pk, "team": cast.south.pk, "version": 99})
    saved = Customer.objects.get(name="New")
    assert (saved.owner, saved.team, saved.created_by, saved.version) == (cast.alice, cast.north, cast.alice, 1)


def test_the_team_comes_with_the_owner_and_stays_when_the_person_moves(client, cast, record):
    data = opened(cast.alice, record) | {"owner": choice_text(cast.bob)}
    assert post(client, cast.alice, record, data).status_code == 303
    cast.bob.team = cast.south
    cast.bob.save()
    record.refresh_from_db()
    assert (record.owner, record.team) == (cast.bob, cast.north)


def test_assigning_may_lose_sight_of_the_record_and_says_so_in_the_timeline(client, cast, record):
    response = post(client, cast.alice, record, {"owner": choice_text(cast.carol)}, page="assign")
    assert (response.status_code, response.url) == (303, Customers.url("list"))
    record.refresh_from_db()
    assert (record.owner, record.team) == (cast.carol, cast.south)
    change = OwnershipChange.objects.about(record).get()
    assert (change.actor, change.from_owner, change.to_owner) == (cast.alice, cast.alice, cast.carol)
    with translation.override("en"):
        assert "assigned it to Carol" in timeline(record, again(cast.carol))[0][0].sentence


def test_a_change_is_in_the_log_with_person_field_before_and_after(client, cast, record):
    post(client, cast.bob, record, opened(cast.bob, record) | {"region": "Wuxi"})
    page = client.get(Customers.url("record", record) + "?tab=changes")
    change = page.context["changes"][0]
    assert (change.actor, str(change.word)) == (cast.bob, "changed")
    assert [(field.before, field.after) for field in change.fields] == [("Suzhou", "Wuxi")]


def test_every_event_of_a_request_has_its_context(client, cast, record):
    post(client, cast.bob, record, opened(cast.bob, record) | {"region": "Wuxi"})
    events = Customer.pgh_event_model.objects.filter(pgh_obj_id=record.pk, pgh_label="update")
    assert [event.pgh_context.metadata["user"] for event in events] == [cast.bob.pk]


def test_saving_without_a_change_writes_no_event_and_no_version(client, cast, record):
    before = Customer.pgh_event_model.objects.count()
    assert post(client, cast.bob, record, opened(cast.bob, record)).status_code == 303
    record.refresh_from_db()
    assert (record.version, Customer.pgh_event_model.objects.count()) == (1, before)


def test_deleting_takes_the_parts_along_and_undo_brings_exactly_them_back(client, cast, record):
    talk = factories()["customers.interaction"](owner=cast.alice, customer=record)
    gone = factories()["customers.interaction"](owner=cast.alice, customer=record)
    from crm.deletion import delete

    delete(gone, actor=cast.alice)
    post(client, cast.alice, record, {}, page="delete")
    assert Customer.everything.get(pk=record.pk).deleted_at is not None
    assert type(talk).objects.filter(pk=talk.pk).count() == 0
    act = Deletion.objects.get(subject_id=record.pk, name=str(record), restored_at=None)
    assert client.post(reverse("undelete", args=[act.pk])).status_code == 303
    assert type(talk).objects.filter(pk=talk.pk).count() == 1
    assert type(gone).objects.filter(pk=gone.pk).count() == 0


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "x" * 300},
        {"name": "a\x00b"},
        {"level": "Z"},
        {"revenue": "abc"},
        {"revenue": "1e400"},
        {"revenue": "NaN"},
        {"employees": "-5"},
        {"parent": "C-999999999999999999999"},
        {"parent": "nobody of this name"},
        {"website": "javascript:alert(1)"},
    ],
    ids=lambda data: next(iter(data)) + "=" + next(iter(data.values()))[:12].replace("\x00", "NUL"),
)
def test_bad_input_gets_an_error_at_its_field_and_changes_nothing(client, cast, record, data):
    client.force_login(cast.alice)
    before = fingerprint()
    response = client.post(Customers.url("change", record), opened(cast.alice, record) | {"region": "kept text"} | data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(data)
    assert "kept text" in response.content.decode()
    assert changed(before, fingerprint()) == []


def test_emoji_and_right_to_left_text_are_kept_as_typed(client, cast, record):
    name = "榕树 🌳 שלום"
    assert post(client, cast.alice, record, opened(cast.alice, record) | {"name": name}).status_code == 303
    record.refresh_from_db()
    assert record.name == name


def test_markup_in_a_name_stays_text_everywhere(client, cast, record):
    post(client, cast.alice, record, opened(cast.alice, record) | {"name": "<script>alert(1)</script>"})
    for url in (Customers.url("record", record), Customers.url("list"), reverse("search") + "?q=script"):
        assert "<script>alert(1)" not in client.get(url).content.decode()


def test_a_picked_record_may_be_named_by_number_line_or_exact_name(cast, record):
    field = Customers.form_class()(user=again(cast.alice)).fields["parent"]
    assert field.clean(f"C-{record.pk:06d}") == record
    assert field.clean(choice_text(record)) == record
    assert field.clean("spruce") == record
    make_customer(cast.alice, name="Spruce")
    from django.core.exceptions import ValidationError

    with translation.override("en"), pytest.raises(ValidationError, match="Several"):
        field.clean("Spruce")


def test_suggestions_are_lines_of_visible_records(client, cast, record):
    client.force_login(cast.bob)
    found = json.loads(client.get("/choices/customers.customer/?q=spru").content)
    assert found == {"choices": [choice_text(record)]}
    client.force_login(cast.carol)
    assert json.loads(client.get("/choices/customers.customer/?q=spru").content) == {"choices": []}
    assert client.get("/choices/auth.permission/?q=a").status_code == 404
    assert client.get("/choices/crm.accesslogentry/?q=a").status_code == 404


def test_an_invisible_linked_record_stays_when_the_rest_is_saved(client, cast):
    hidden = make_customer(cast.carol, name="Hidden parent")
    child = make_customer(cast.alice, name="Child", parent=hidden)
    response = post(client, cast.alice, child, opened(cast.alice, child) | {"region": "Wuxi"})
    assert response.status_code == 303
    child.refresh_from_db()
    assert (child.parent, child.region) == (hidden, "Wuxi")


def test_reading_a_record_is_in_the_access_log(client, cast, record):
    from crm.models import AccessLogEntry

    client.force_login(cast.bob)
    client.get(Customers.url("record", record))
    entry = AccessLogEntry.objects.about(record).get()
    assert (entry.kind, entry.user) == ("read", cast.bob)
