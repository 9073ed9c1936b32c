"""The access matrix: every page of every entity × every method × the whole cast, rows compared before and after."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS

from crm.access import Action, Catalogue, Part, Root
from crm.entities import registry
from crm.forms import choice_text
from crm.models import User
from crm.models.custom import CustomValues
from tests.cast import again
from tests.factories import factories, with_sensitive_value
from tests.rows import changed, fingerprint

ENTITIES = sorted(registry)
OUTSIDERS = {"carol": 404, "dave": 404}
INSIDERS = ("alice", "bob", "erin", "root")


def make(entity, owner):
    return factories()[entity.model._meta.label_lower](owner=owner)


def payload(entity, user, record) -> dict:
    """What a browser would send for this record unchanged: the values of the form the user gets."""
    form = entity.form_class()(instance=record, user=user)
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            data[name] = "on"
        elif value is not None and value is not False:  # 0 is a value
            data[name] = str(getattr(value, "pk", value)) if not isinstance(value, User) else choice_text(value)
    return data


def record_pages(entity):
    return [name for name, (route, _view) in entity.all_pages().items() if "<int:pk>" in route]


def other_pages(entity):
    return [name for name, (route, _view) in entity.all_pages().items() if "<" not in route]


def test_every_entity_has_a_factory():
    assert {entity.model._meta.label_lower for entity in registry.values()} - set(factories()) == set()


@pytest.fixture(params=ENTITIES)
def entity(request):
    return registry[request.param]


@pytest.fixture
def record(entity, cast):
    """A row of Alice's; with a sensitive value wherever administrators may add fields: there is one to reveal."""
    record = make(entity, cast.alice)
    return with_sensitive_value(record, "1234") if isinstance(record, CustomValues) else record


def is_narrow(entity) -> bool:
    """Whether rows of the entity belong to somebody; master data is the same for everybody with the right."""
    return isinstance(entity.model.access, (Root, Part))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_reach_no_record_page_and_change_nothing(client, cast, entity, record, who, method):
    if not is_narrow(entity) and who == "carol":
        pytest.skip("master data is not narrowed: who has the right has it on every row")
    person = cast.people[who]
    data = payload(entity, again(cast.alice), record) if entity.has("change") else {}
    client.force_login(person)
    before = fingerprint()
    seen = {page: getattr(client, method)(entity.url(page, record), data).status_code for page in record_pages(entity)}
    allowed = {404, 405}
    assert {page: status for page, status in seen.items() if status not in allowed} == {}
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize("who", INSIDERS)
def test_insiders_open_every_record_page_by_get_and_that_changes_nothing(client, cast, entity, record, who):
    client.force_login(cast.people[who])
    before = fingerprint()
    seen = {page: client.get(entity.url(page, record)).status_code for page in record_pages(entity)}
    assert {page: status for page, status in seen.items() if status not in (200, 405)} == {}
    assert seen["record"] == 200
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_role_no_page_of_a_kind_opens_but_the_empty_list(client, cast, entity, record, method):
    client.force_login(cast.dave)
    before = fingerprint()
    for page in other_pages(entity):
        status = getattr(client, method)(entity.url(page)).status_code
        assert status in ((200, 405) if page in ("list", "board") else (403, 405)), page
    for page in ("list", "board"):
        if entity.has(page):
            assert str(record).encode() not in client.get(entity.url(page)).content
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_other_method_does_anything(client, cast, entity, record, method):
    client.force_login(cast.root)
    before = fingerprint()
    for page in record_pages(entity):
        assert getattr(client, method)(entity.url(page, record)).status_code in (200, 405)
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize(
    ("who", "sees"), [("alice", True), ("bob", True), ("erin", True), ("root", True), ("carol", False), ("dave", False)]
)
def test_a_list_holds_only_what_the_reader_may_see(client, cast, entity, record, who, sees):
    if not is_narrow(entity) and who == "carol":
        pytest.skip("master data is not narrowed: who has the right has it on every row")
    client.force_login(cast.people[who])
    address = entity.url("record", record)
    assert (f'"{address}"' in client.get(entity.url("list")).content.decode()) is sees


def test_viewing_alone_opens_no_door_that_writes(client, cast, entity, record):
    from crm.models import RoleRule

    RoleRule.objects.filter(role=cast.worker).exclude(action=Action.VIEW).delete()
    data = payload(entity, again(cast.alice), record) if entity.has("change") else {}
    client.force_login(cast.alice)
    before = fingerprint()
    for page in record_pages(entity):
        if page != "record":
            response = client.post(entity.url(page, record), data)
            assert response.status_code in (403, 404, 405), page
    for page in ("add", "import"):
        if entity.has(page):
            assert client.post(entity.url(page), data).status_code in (403, 405)
    assert client.get(entity.url("record", record)).status_code == 200
    assert changed(before, fingerprint()) == []


def test_a_share_for_viewing_shows_and_does_not_let_write(client, cast, entity, record):
    if not isinstance(entity.model.access, Root):
        pytest.skip("only roots are shared")
    from crm.access import share

    share(record, cast.carol, actor=cast.alice, reason="test")
    data = payload(entity, again(cast.alice), record)
    client.force_login(cast.carol)
    assert client.get(entity.url("record", record)).status_code == 200
    before = fingerprint()
    for page in ("change", "delete", "assign"):
        assert client.post(entity.url(page, record), data).status_code == 403, page
    assert changed(before, fingerprint()) == []


def test_an_ended_share_shows_nothing(client, cast, entity, record):
    if not isinstance(entity.model.access, Root):
        pytest.skip("only roots are shared")
    from datetime import timedelta

    from django.utils import timezone

    from crm.access import share

    share(record, cast.carol, actor=cast.alice, until=timezone.now() - timedelta(seconds=1))
    client.force_login(cast.carol)
    assert client.get(entity.url("record", record)).status_code == 404


def test_the_author_saves_the_form_unchanged_without_error(client, cast, entity, record):
    if not entity.has("change"):
        pytest.skip("this entity has no form")
    client.force_login(cast.alice)
    data = payload(entity, again(cast.alice), record)
    response = client.post(entity.url("change", record), data)
    errors = response.context["form"].errors if response.status_code == 422 else {}
    assert (response.status_code, {name: list(found) for name, found in errors.items()}) == (303, {}), errors.get(
        NON_FIELD_ERRORS
    )


def test_one_and_many_agree(cast, entity, record):
    from crm.access import permission_name

    for user in cast.people.values():
        for action in (Action.VIEW, Action.CHANGE, Action.DELETE):
            many = entity.model.objects.visible_to(again(user), action).filter(pk=record.pk).exists()
            assert again(user).has_perm(permission_name(entity.model, action), record) == many


def test_a_deleted_record_is_gone_for_everybody_and_comes_back_whole(client, cast, entity, record):
    if not entity.has("delete") or isinstance(entity.model.access, Catalogue):
        pytest.skip("this entity is not deleted by people")
    before = fingerprint()
    client.force_login(cast.alice)
    assert client.post(entity.url("delete", record)).status_code == 303
    assert client.get(entity.url("record", record)).status_code == 404
    from crm.models import Deletion

    act = Deletion.objects.get()
    client.force_login(cast.bob)
    assert client.post(f"/deleted/{act.pk}/undo/").status_code == 404
    client.force_login(cast.alice)
    assert client.post(f"/deleted/{act.pk}/undo/").status_code == 303
    assert client.get(entity.url("record", record)).status_code == 200
    assert entity.model._meta.db_table in changed(
        before, fingerprint()
    )  # version and author of the change stay on record
