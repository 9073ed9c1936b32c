"""View as: the same pages as the chosen person sees, nothing written, everything logged, nobody above oneself."""

import datetime

import pghistory
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm import access, viewing
from crm.access import Action
from crm.entities import registry
from crm.history import acting, log_access
from crm.models import AccessLogEntry, RoleRule, Viewing
from tests.cast import PASSWORD, again, make_role, make_user
from tests.factories import factories
from tests.pages import addresses, make_rows
from tests.rows import changed, fingerprint
from tests.test_doors import patterns

BEGIN, END = "/view-as/", "/view-as/end/"
ALLOWED = (END, "/accounts/logout/")


def make(slug="customers", **fields):
    return factories()[registry[slug].model._meta.label_lower](**fields)


@pytest.fixture
def desk(cast):
    """A helper who may look as others and sees little himself."""
    role = make_role("Desk", 1)
    RoleRule.objects.bulk_create(
        RoleRule(role=role, model="crm.viewing", action=action, reach=4) for action in (Action.VIEW, Action.ADD)
    )
    return make_user("desk", None, role)


def look_as(client, actor, person, reason="Ticket 12"):
    client.force_login(actor)
    return client.post(BEGIN, {"person": person.username, "reason": reason})


def log(what=None):
    rows = AccessLogEntry.objects.filter(kind="view_as").order_by("pk")
    return [row for row in rows if what is None or row.facts["what"] == what]


def test_the_pages_are_those_of_the_person_and_say_who_looks(client, cast, desk):
    record = make(owner=cast.alice, team=cast.north, name="Acme Paper")
    make(owner=desk, name="Desk's own")
    response = look_as(client, desk, cast.alice)
    assert (response.status_code, response.url) == (303, "/")
    page = client.get("/customers/").content.decode()
    assert "Acme Paper" in page
    assert "Desk&#x27;s own" not in page
    for address in ("/", "/customers/", f"/customers/{record.pk}/", f"/customers/{record.pk}/change/", "/nothing/"):
        page = client.get(address).content.decode()
        assert 'action="/view-as/end/"' in page, address
        assert "Desk, you look as <b" in page, address
    assert client.get(f"/customers/{make(owner=cast.carol, team=cast.south).pk}/").status_code == 404


def test_begin_pages_and_end_are_logged_with_both_names(client, cast, desk):
    record = make(owner=cast.alice, team=cast.north)
    look_as(client, desk, cast.alice)
    client.get(f"/customers/{record.pk}/?tab=details")
    client.post(END)
    assert [row.facts["what"] for row in log()] == ["begin", "page", "end"]
    assert {(row.user, row.subject_id, row.facts["actor"], row.facts["person"]) for row in log()} == {
        (desk, cast.alice.pk, "Desk", "Alice")
    }
    assert log("begin")[0].facts["reason"] == "Ticket 12"
    assert log("page")[0].facts["path"] == f"/customers/{record.pk}/?tab=details"
    read = AccessLogEntry.objects.get(kind="read")
    assert (read.user, read.subject_id, read.facts["viewed_as_name"]) == (desk, record.pk, "Alice")
    row = Viewing.objects.get()
    assert (row.actor, row.person, row.reason, row.ended_at is None) == (desk, cast.alice, "Ticket 12", False)


def test_after_the_end_one_is_oneself_again_with_a_new_session(client, cast, desk):
    """A59: the key of the session changes at begin and end."""
    client.force_login(desk)
    keys = [client.session.session_key]
    client.post(BEGIN, {"person": "alice", "reason": "x"})
    keys.append(client.session.session_key)
    response = client.post(END)
    keys.append(client.session.session_key)
    assert (response.status_code, response.url, len(set(keys))) == (303, BEGIN, 3)
    assert client.get("/preferences/").context["user"] == desk


def every_route():
    for route, _one in patterns():
        filled = route.replace("<int:pk>", "1").replace("<str:model>", "customers.customer").replace("<int:file>", "1")
        if "<" not in filled and "(" not in filled:
            yield f"/{filled}"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_no_writing_method_gets_through_anywhere(client, cast, desk, method):
    """A02, A24: every address of the product, the admin and the account pages, whoever the person is."""
    make_rows(cast.alice)
    boss = make_user("boss", cast.top, cast.head)
    look_as(client, cast.root, boss)
    before = fingerprint()
    passed = {}
    for address in sorted(set(every_route()) - set(ALLOWED)):
        response = getattr(client, method)(address)
        if response.status_code != 403 and response.status_code != 404:
            passed[address] = response.status_code
    assert passed == {}
    assert changed(before, fingerprint()) == []
    assert client.session["viewing"] == Viewing.objects.get().pk


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_a_method_in_a_header_or_field_changes_nothing(client, cast, desk, header):
    """A24."""
    record = make(owner=cast.alice, team=cast.north)
    look_as(client, desk, cast.alice)
    before = fingerprint()
    client.get(f"/customers/{record.pk}/delete/", headers={header: "POST"})
    client.get(f"/customers/{record.pk}/delete/?_method=POST")
    assert changed(before, fingerprint()) == []


def gives_out(address: str) -> bool:
    """Whether the page hands data out of the house: that is refused to whoever looks as somebody else."""
    return "export" in address or address.endswith("/download/")


def test_every_page_that_a_get_opens_for_the_person_opens_and_writes_nothing(client, cast):
    keys = make_rows(cast.alice)
    look_as(client, cast.root, cast.alice)
    own = Client()
    own.force_login(cast.alice)
    before = fingerprint()
    different = {}
    for address in addresses(keys):
        as_person, as_self = client.get(address).status_code, own.get(address).status_code
        if as_person not in (as_self, 403) or (as_person == 403 != as_self and not gives_out(address)):
            different[address] = (as_self, as_person)
    assert different == {}
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize("slug", ["customers", "opportunities", "cases"])
def test_nothing_is_taken_out(client, cast, desk, slug):
    """A10, A83: exports and downloads are refused, and none is in the log."""
    make(slug, owner=cast.alice, team=cast.north)
    look_as(client, desk, cast.alice)
    for address in (f"/{slug}/export/?format=csv", f"/{slug}/export/?format=xlsx"):
        response = client.get(address)
        assert "attachment" not in response.get("Content-Disposition", ""), address
    assert client.post(f"/{slug}/export/", {"format": "csv"}).status_code == 403
    assert not AccessLogEntry.objects.filter(kind__in=("export", "download", "reveal")).exists()


def test_whatever_logs_an_export_a_download_or_a_reveal_is_refused(cast):
    person = again(cast.alice)
    person.viewed_by = cast.root
    for kind in ("export", "download", "reveal"):
        with pytest.raises(PermissionDenied):
            log_access(kind, user=person)
    assert log_access("read", user=person).user == cast.root


def test_the_pages_of_accounts_and_administration_are_closed(client, cast):
    """A26, A28: not even a superuser gets there as somebody else."""
    look_as(client, cast.root, cast.alice)
    for address in ("/admin/", "/admin/crm/user/", "/accounts/password/change/", "/accounts/login/"):
        assert client.get(address).status_code == 403, address


def test_statements_that_write_are_refused_in_the_cursor(cast):
    before = fingerprint()
    for sql in (
        "UPDATE crm_user SET name = 'x'",
        "INSERT INTO crm_team (name) VALUES ('x')",
        "DELETE FROM crm_user",
        "TRUNCATE crm_user",
        "WITH x AS (DELETE FROM crm_user RETURNING 1) SELECT 1",
        "/* */ DELETE FROM crm_team",
        "CREATE TABLE x (a int)",
        "SET ROLE postgres",
        "COPY crm_user FROM STDIN",
    ):
        with pytest.raises(PermissionDenied), viewing.reading_only(), connection.cursor() as cursor:
            cursor.execute(sql)
    with viewing.reading_only():
        log_access("read", user=cast.alice)
    assert changed(before, fingerprint()) == []


def test_the_change_log_would_name_who_really_acts(cast):
    person = again(cast.alice)
    person.viewed_by = cast.root
    with acting(person) as context:
        assert context.metadata["user"] == cast.root.pk
    with pghistory.context() as context:
        assert "user" not in context.metadata


@pytest.mark.parametrize(
    ("actor", "person", "may"),
    [
        ("root", "alice", True),
        ("root", "chief", True),
        ("root", "root", False),
        ("root", "second", False),
        ("root", "desk", True),
        ("root", "gone", False),
        ("desk", "alice", True),
        ("desk", "erin", True),
        ("desk", "dave", True),
        ("desk", "desk", False),
        ("desk", "root", False),
        ("desk", "chief", False),
        ("desk", "desk2", False),
        ("desk", "gone", False),
        ("chief", "alice", True),
        ("chief", "chief2", False),
        ("chief", "root", False),
        ("alice", "bob", False),
        ("erin", "alice", False),
        ("dave", "alice", False),
    ],
)
def test_who_may_look_as_whom(client, cast, desk, actor, person, may):
    """A21, A28: nobody as a superuser, nobody but a superuser as an administrator or as one who may do the same."""
    chief = make_role("Chief", 4)
    RoleRule.objects.bulk_create(
        RoleRule(role=chief, model=model, action=action, reach=4)
        for model, action in (("crm.viewing", "add"), ("crm.rolerule", "change"))
    )
    more = {
        "desk": desk,
        "desk2": make_user("desk2", None, *desk.groups.all()),
        "chief": make_user("chief", None, chief),
        "chief2": make_user("chief2", None, chief),
        "second": make_user("second", None, is_superuser=True),
        "gone": make_user("gone", None, is_active=False),
    }
    people = cast.people | more
    response = look_as(client, people[actor], people[person])
    assert (response.status_code == 303) is may
    assert Viewing.objects.exists() is may
    assert ("viewing" in client.session) is may
    assert viewing.may_view_as(again(people[actor]), again(people[person])) is may


def test_without_the_right_the_page_is_closed(client, cast):
    client.force_login(cast.alice)
    assert client.get(BEGIN).status_code == 403
    assert "/view-as/" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"person": "", "reason": "x"}, "person"),
        ({"person": "alice", "reason": " "}, "reason"),
        ({"person": "nobody", "reason": "x"}, "person"),
        ({"person": "alice\x00", "reason": "x"}, "person"),
    ],
)
def test_a_wrong_form_begins_nothing(client, cast, desk, data, error):
    client.force_login(desk)
    response = client.post(BEGIN, data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [error])
    assert not Viewing.objects.exists()


def test_one_cannot_look_as_a_third_person_from_there(client, cast, desk):
    look_as(client, cast.root, desk)
    assert client.post(BEGIN, {"person": "alice", "reason": "x"}).status_code == 403
    assert client.get("/preferences/").context["user"] == desk
    assert Viewing.objects.count() == 1


def test_begin_needs_the_token_of_the_form(cast, desk):
    """A62."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk)
    assert client.post(BEGIN, {"person": "alice", "reason": "x"}).status_code == 403
    assert not Viewing.objects.exists()


def test_signing_out_ends_it_and_signs_out_oneself(client, cast, desk):
    """A60."""
    look_as(client, desk, cast.alice)
    assert client.post("/accounts/logout/").status_code == 302
    assert Viewing.objects.get().ended_at is not None
    assert AccessLogEntry.objects.get(kind="logout").user == desk
    assert client.get("/preferences/").status_code == 302


def ended(client, desk):
    assert client.get("/preferences/").context["user"] == desk
    assert "viewing" not in client.session
    assert Viewing.objects.get().ended_at is not None
    assert [row.facts["what"] for row in log()][-1] == "end"


def test_it_ends_after_half_an_hour(client, cast, desk):
    look_as(client, desk, cast.alice)
    Viewing.objects.update(began_at=timezone.now() - datetime.timedelta(minutes=31))
    ended(client, desk)


def test_it_ends_when_the_right_is_taken_away(client, cast, desk):
    look_as(client, desk, cast.alice)
    RoleRule.objects.filter(model="crm.viewing").delete()
    ended(client, desk)


def test_it_ends_when_the_person_becomes_an_administrator_or_is_switched_off(client, cast, desk):
    look_as(client, desk, cast.alice)
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_superuser=True)
    ended(client, desk)


def test_who_looks_and_is_switched_off_is_out(client, cast, desk):
    look_as(client, desk, cast.alice)
    type(desk).objects.filter(pk=desk.pk).update(is_active=False)
    assert client.get("/preferences/").status_code == 302


def test_another_session_of_the_same_person_is_not_touched(client, cast, desk):
    look_as(client, desk, cast.alice)
    other = Client()
    assert other.login(username="alice", password=PASSWORD)
    assert other.get("/preferences/").context["user"] == cast.alice
    assert "/view-as/end/" not in other.get("/preferences/").content.decode()


def test_a_stolen_key_of_somebody_elses_viewing_shows_nothing(client, cast, desk):
    """A17: the row must be one's own."""
    look_as(client, desk, cast.alice)
    other = Client()
    other.force_login(cast.carol)
    session = other.session
    session["viewing"] = Viewing.objects.get().pk
    session.save()
    assert other.get("/preferences/").context["user"] == cast.carol
    assert Viewing.objects.get().ended_at is None


def test_what_one_may_not_read_oneself_stays_masked(cast, monkeypatch):
    """A11, A83: a protected value is open only when both may read it."""
    action = "reveal" if "reveal" in Action.values else "export"
    monkeypatch.setattr(access, "SECRETS", (action,))
    model = registry["customers"].model
    RoleRule.objects.get_or_create(role=cast.worker, model="customers.customer", action=action, defaults={"reach": 4})
    assert again(cast.alice).rights.may(model, action)
    for actor, is_open in ((make_user("low", None), False), (again(cast.root), True)):
        person = again(cast.alice)
        person.viewed_by = actor
        assert person.rights.may(model, action) is is_open
