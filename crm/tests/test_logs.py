"""The pages of the logs: who reads them, filters, export, paging, and what they never show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.access import Action, Reach
from crm.deletion import delete
from crm.history import acting, log_access
from crm.models import AccessLogEntry, RoleRule
from customers.models import Customer
from tests.cast import make_role, make_user
from tests.factories import factories

pytestmark = pytest.mark.django_db


def make(label, owner, **fields):
    return factories()[label](owner=owner, **fields)


@pytest.fixture
def auditor(cast):
    """Sees all records and the logs, changes nothing."""
    role = make_role("Audit", Reach.ALL)
    RoleRule.objects.filter(role=role).exclude(action=Action.VIEW).delete()
    for model in ("crm.accesslogentry", "crm.ownershipchange"):
        RoleRule.objects.create(role=role, model=model, action=Action.VIEW, reach=Reach.ALL)
    return make_user("audrey", None, role)


@pytest.mark.parametrize("address", ["/logs/access/", "/logs/changes/"])
@pytest.mark.parametrize("who", ["alice", "dave", "erin"])
def test_the_logs_are_closed_to_others(client, cast, address, who):
    """A21: a page for auditors and administrators."""
    client.force_login(cast.people[who])
    assert client.get(address).status_code == 403
    assert client.post("/logs/access/export/", {"format": "csv"}).status_code == 403


def test_the_auditor_reads_who_did_what_from_where(client, cast, auditor):
    customer = make("customers.customer", cast.alice, name="恒远包装")
    log_access("read", user=cast.bob, record=customer, address="10.1.2.3")
    log_access("login_failed", user=None, address="10.9.9.9", name="mallory")
    client.force_login(auditor)
    page = client.get("/logs/access/").content.decode()
    for text in ("Bob", "10.1.2.3", "恒远包装", f"/customers/{customer.pk}/", "tried name: mallory"):
        assert text in page, text


def test_a_record_that_the_reader_may_not_see_stays_a_number(client, cast, auditor):
    customer = make("customers.customer", cast.alice, name="恒远包装")
    log_access("read", user=cast.bob, record=customer)
    RoleRule.objects.filter(role__user=auditor, model="customers.customer").update(reach=Reach.OWN)
    client.force_login(auditor)
    page = client.get("/logs/access/").content.decode()
    assert "恒远包装" not in page
    assert f"#{customer.pk}" in page


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=export", ["export"]),
        ("kind=export&kind=login", ["login", "export"]),
        ("user=Bob+(bob)", ["read"]),
        ("address=10.1.2.3", ["read"]),
        ("entity=customers", ["read"]),
        ("entity=customers&record=C-999999", []),
        ("entity=cases", []),
        ("since=2020-01-01&until=2020-01-02", ["logout"]),
    ],
)
def test_filters_keep_what_they_say(client, cast, auditor, query, kinds):
    customer = make("customers.customer", cast.alice)
    AccessLogEntry.objects.all().delete()
    log_access("export", user=cast.alice, rows=3)
    log_access("read", user=cast.bob, record=customer, address="10.1.2.3")
    log_access("login", user=cast.carol)
    old = log_access("logout", user=cast.carol)
    AccessLogEntry.objects.filter(pk=old.pk).update(at="2020-01-01T12:00:00Z")
    client.force_login(auditor)
    AccessLogEntry.objects.filter(user=auditor).delete()
    assert [line.entry.kind for line in client.get(f"/logs/access/?{query}").context["lines"]] == kinds


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("record=C-1", "Choose the kind of record to which the number belongs."),
        ("entity=customers&record=x", "Type a number such as C-000123."),
        ("since=2026-02-02&until=2026-02-01", "The end lies before the beginning."),
        ("address=nowhere", "Enter a valid IPv4 or IPv6 address."),
        ("since=9999-99-99", "Enter a valid date."),
    ],
)
def test_a_wrong_filter_says_what_is_wrong(client, auditor, query, error):
    client.force_login(auditor)
    answer = client.get(f"/logs/access/?{query}")
    assert answer.status_code == 200
    assert error in answer.content.decode()


def test_paging_goes_on_by_key_and_costs_the_same_everywhere(client, cast, auditor):
    AccessLogEntry.objects.bulk_create(AccessLogEntry(kind="login", user=cast.bob) for _ in range(120))
    client.force_login(auditor)
    client.get("/logs/access/")
    with CaptureQueriesContext(connection) as first:
        page = client.get("/logs/access/?kind=login&user=Bob+(bob)")
    seen, address = [], "/logs/access/?kind=login&user=Bob+(bob)"
    while address:
        page = client.get(address)
        seen += [line.entry.pk for line in page.context["lines"]]
        address = f"/logs/access/?{page.context['older']}" if page.context["older"] else ""
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)
    assert len(first) <= 10


def test_the_details_are_told_in_the_readers_language(client, cast, auditor):
    type(auditor).objects.filter(pk=auditor.pk).update(language="zh-hans")
    customer = make("customers.customer", cast.alice)
    log_access("read", user=cast.bob, record=customer, tab="merge")
    log_access("export", user=cast.bob, entity="customers", rows=3, columns=["name", "owner"], comparison=True)
    log_access("reveal", user=cast.bob, record=customer, field="phone", reason="name")
    client.force_login(auditor)
    told = [line.facts for line in client.get("/logs/access/?user=Bob+(bob)").context["lines"]]
    assert told == ["字段: 电话 · 原因: name", "行数: 3 · 列表: 客户 · 列: 名称、负责人 · 对比: 是", "页面: 合并"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_export_holds_what_the_filters_keep_is_safe_and_is_logged(client, cast, auditor, kind):
    log_access("login_failed", user=None, address="10.9.9.9", name="=HYPERLINK(1)")
    log_access("export", user=cast.bob, rows=3)
    client.force_login(auditor)
    answer = client.post("/logs/access/export/?kind=login_failed", {"format": kind})
    data = b"".join(answer.streaming_content)
    if kind == "csv":
        lines = data.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert "'=HYPERLINK(1)" in lines[1]
    taken = AccessLogEntry.objects.filter(user=auditor, kind="export").get()
    assert (taken.facts["entity"], taken.facts["rows"], taken.facts["format"]) == ("access-log", 1, kind)


# -- the change log over all records --------------------------------------------------------------------------------
def test_the_change_log_shows_who_changed_which_field_before_and_after(client, cast, auditor):
    customer = make("customers.customer", cast.alice, name="恒远包装", region="上海")
    with acting(cast.bob):
        Customer.objects.filter(pk=customer.pk).update(region="苏州")
    client.force_login(auditor)
    line = client.get("/logs/changes/?entity=customers").context["lines"][0]
    assert (line.actor, line.name, line.word) == (cast.bob, "恒远包装", "changed")
    assert [(one.label, one.before, one.after) for one in line.fields] == [("region", "上海", "苏州")]
    assert line.url == f"/customers/{customer.pk}/"


def test_a_deleted_record_stays_in_the_change_log_without_a_link(client, cast, auditor):
    customer = make("customers.customer", cast.alice, name="恒远包装")
    delete(customer, actor=cast.alice)
    client.force_login(auditor)
    line = client.get("/logs/changes/?entity=customers").context["lines"][0]
    assert (line.name, line.url) == ("恒远包装", "")


def test_kinds_of_which_the_reader_does_not_see_all_are_left_out(client, cast, auditor):
    """A11, A21: no change of a record that one might not see, nor of its parts."""
    customer = make("customers.customer", cast.alice, name="恒远包装")
    make("customers.interaction", cast.alice, customer=customer, text="机密谈话")
    RoleRule.objects.filter(role__user=auditor, model="customers.customer").update(reach=Reach.BELOW)
    client.force_login(auditor)
    page = client.get("/logs/changes/").content.decode()
    assert "恒远包装" not in page
    assert "机密谈话" not in page
    assert client.get("/logs/changes/?entity=customers").context["form"].errors


def test_the_change_log_pages_over_all_kinds_without_loss_or_repetition(client, cast, auditor):
    for number in range(70):
        customer = make("customers.customer", cast.alice, name=f"Customer {number}")
        if number % 3 == 0:
            make("sales.opportunity", cast.alice, customer=customer)
    client.force_login(auditor)
    client.get("/logs/changes/")
    seen, address = [], "/logs/changes/"
    while address:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address)
        assert len(asked) <= 60
        seen += [(line.kind, line.name, line.word, line.at) for line in page.context["lines"]]
        address = f"/logs/changes/?{page.context['older']}" if page.context["older"] else ""
    made = [name for kind, name, word, _at in seen if kind == "Customer" and word == "added"]
    assert sorted(made) == sorted(f"Customer {number}" for number in range(70))
    assert [at for *_rest, at in seen] == sorted((at for *_rest, at in seen), reverse=True)


def test_the_change_log_filters_by_person_and_day(client, cast, auditor):
    customer = make("customers.customer", cast.alice)
    for person in (cast.alice, cast.bob):
        with acting(person):
            Customer.objects.filter(pk=customer.pk).update(region=person.name)
    client.force_login(auditor)
    lines = client.get("/logs/changes/?user=Bob+(bob)").context["lines"]
    assert [line.actor for line in lines] == [cast.bob]
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.get(f"/logs/changes/?since={tomorrow}").context["lines"] == []
    assert len(client.get(f"/logs/changes/?user=Bob+(bob)&until={tomorrow}").context["lines"]) == 1


@pytest.mark.parametrize("before", ["x", "e30", "WzFd", "eyJjdXN0b21lcnMiOiJ4In0", "9" * 500, "%00"])
def test_a_cursor_that_was_tampered_with_begins_at_the_top(client, cast, auditor, before):
    """A71: never a failure."""
    make("customers.customer", cast.alice)
    client.force_login(auditor)
    assert client.get(f"/logs/changes/?before={before}").status_code == 200
    assert client.get(f"/logs/access/?before={before}").status_code == 200


def test_protected_values_stay_closed_in_the_change_log(client, cast, auditor):
    """A11, A83: neither the value nor its ciphertext, only that there was one."""
    contact = make("customers.contact", cast.alice, name="周敏")
    contact.identity_number = "11010519491231002X"
    contact.save()
    contact.identity_number = "440308199901101512"
    contact.save()
    RoleRule.objects.create(role=auditor.groups.get(), model="customers.contact", action=Action.CHANGE, reach=Reach.ALL)
    client.force_login(auditor)
    answer = client.get("/logs/changes/?entity=contacts")
    page = answer.content.decode()
    assert "11010519491231002X" not in page
    assert "440308199901101512" not in page
    shown = [(one.before, one.after) for line in answer.context["lines"] for one in line.fields]
    assert ("***", "***") in shown
    assert not any("\\x" in text or "b'" in text or "memory" in text for pair in shown for text in pair)
