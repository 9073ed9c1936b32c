"""Rules of fields by role: a hidden field is nowhere, a read-only one is written by no way; the widest role wins."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from crm.changes import changes_of
from crm.entities import registry
from crm.exchange import Export, importer_for
from crm.listing import Listing
from crm.models import FieldRule
from crm.tests.test_custom_fields import define, form_data
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again, make_role, make_user

CUSTOMER = "customers.customer"


def rule(role, field, right, entity=CUSTOMER):
    return FieldRule.objects.create(role=role, entity=entity, field=field, right=right)


@pytest.fixture
def secret(cast):
    """A customer of alice whose background, region, level, revenue and one custom field no worker sees."""
    define("plan", "text", on_list=True)
    for name in ("background", "region", "level", "revenue", "custom_plan"):
        rule(cast.worker, name, "hide")
    return make_customer(
        cast.alice, name="海川", background="B-canary", region="R-canary", revenue=777333, custom={"plan": "P-canary"}
    )


CANARIES = ("B-canary", "R-canary", "P-canary", "777,333", "777333", "77.7")


def holds(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize(
    "where", ["list", "columns", "filters", "record", "details", "changes", "change", "search", "group"]
)
def test_a_hidden_field_is_on_no_page(client, cast, secret, where):
    """A03, A28: no page and no address by hand shows a hidden field; whoever may see it finds it there."""
    entity = registry["customers"]
    Customer.objects.filter(pk=secret.pk).update(background="B-canary 2", custom={"plan": "P-canary 2"})
    url = {
        "list": entity.url("list"),
        "columns": f"{entity.url('list')}?columns=background,region,revenue,custom_plan,level",
        "filters": f"{entity.url('list')}?filters=1&level=C&custom_plan=canary&revenue_from=1",
        "record": entity.url("record", secret),
        "details": f"{entity.url('record', secret)}?tab=details",
        "changes": f"{entity.url('record', secret)}?tab=changes",
        "change": entity.url("change", secret),
        "search": "/search/?q=海川",
        "group": entity.url("group", secret),
    }[where]
    client.force_login(cast.alice)
    text = client.get(url).content.decode()
    assert "海川" in text
    assert holds(text) == []
    for label in ("Annual revenue", "Background", 'id="id_level"', 'id="id_custom_plan"'):
        assert label not in text
    client.force_login(cast.erin)  # another role without rules
    if where in ("columns", "details", "changes", "change"):
        assert {"B-canary", "P-canary"} <= set(holds(client.get(url).content.decode()))


def test_a_hidden_field_neither_sorts_filters_nor_leaves_in_an_export(cast, secret):
    """A27: order and filters by hand would tell what the field holds."""
    make_customer(cast.alice, name="Other", revenue=1)
    params = QueryDict("sort=-revenue_order&level=A&revenue_to=2&custom_plan=P-canary&columns=revenue,custom_plan")
    listing = Listing(registry["customers"], again(cast.alice), params)
    assert listing.sort == "-created_at"
    assert listing.count == (2, True)
    export = Export(registry["customers"], again(cast.alice), params, all_columns=True)
    assert not {"Annual revenue", "Plan", "年营收", "字段plan"} & set(export.headings)
    assert holds(str(list(export.rows()))) == []
    assert (
        not {"revenue", "background", "custom_plan"}
        & importer_for(registry["customers"], again(cast.alice)).fields.keys()
    )


def test_hidden_values_survive_the_saving_of_a_form_that_does_not_show_them(client, cast, secret):
    client.force_login(cast.alice)
    url = registry["customers"].url("change", secret)
    data = form_data(client.get(url)) | {"name": "新名"}
    forged = {
        "background": "x",
        "region": "x",
        "revenue": "1",
        "level": "A",
        "custom_plan": "x",
        "custom-codes": "plan",
    }
    assert client.post(url, {**data, **forged}).status_code in (303, 422)
    secret.refresh_from_db()
    assert (secret.background, secret.region, secret.revenue, secret.level) == ("B-canary", "R-canary", 777333, "C")
    assert secret.custom == {"plan": "P-canary"}


@pytest.mark.parametrize("field", ["background", "level", "revenue", "industry", "custom_plan"])
def test_a_forged_form_does_not_write_a_read_only_field(client, cast, field):
    """A20, A21: sent along by hand, for an existing and for a new record, and named in the address."""
    define("plan", "text")
    rule(cast.worker, field, "lock")
    record = make_customer(cast.alice, name="Before", background="old", custom={"plan": "old"})
    client.force_login(cast.alice)
    forged = {"background": "new", "level": "A", "revenue": "5", "industry": "", "custom_plan": "new"}[field]
    url = registry["customers"].url("change", record)
    page = client.get(url)
    assert page.context["form"].fields[field].disabled
    assert client.post(url, form_data(page) | {"name": "After", field: forged}).status_code == 303
    before = record
    record = Customer.objects.get(pk=record.pk)
    assert record.name == "After"
    assert (record.background, record.level, record.revenue, record.custom) == (
        before.background,
        before.level,
        before.revenue,
        before.custom,
    )
    add = f"{registry['customers'].url('add')}?level=A"
    assert client.post(add, form_data(client.get(add)) | {"name": "New", field: forged}).status_code == 303
    new = Customer.objects.get(name="New")
    assert (new.background, new.level, new.revenue, new.custom.get("plan")) != (forged, "A", 5, "new")
    assert {"background": new.background == "", "level": new.level == "C", "revenue": new.revenue is None}.get(
        field, True
    )
    assert new.owner == cast.alice
    importer = importer_for(registry["customers"], again(cast.alice))
    assert field not in importer.fields


def test_of_several_roles_the_widest_right_wins_and_only_roles_that_may_write_make_writable(cast):
    rule(cast.worker, "revenue", "hide")
    viewer, writer = make_role("Viewer", 2), make_role("Writer", 2)
    viewer.rules.exclude(action="view").delete()
    seeing = make_user("seeing", cast.north, cast.worker, viewer)
    writing = make_user("writing", cast.north, cast.worker, writer)
    other = make_role("Elsewhere", 2)
    other.rules.filter(model=CUSTOMER).delete()
    elsewhere = make_user("elsewhere", cast.north, cast.worker, other)
    assert again(cast.alice).fields.right(Customer, "revenue") == "hide"
    assert again(seeing).fields.right(Customer, "revenue") == "lock"
    assert again(writing).fields.right(Customer, "revenue") == ""
    assert again(elsewhere).fields.right(Customer, "revenue") == "hide"
    assert again(cast.root).fields.right(Customer, "revenue") == ""


def test_a_hidden_field_is_hidden_on_the_other_end_of_a_path(cast):
    from crm.columns import Column, allowed
    from sales.models import Opportunity

    rule(cast.worker, "revenue", "hide")
    far = Column("customer_revenue", path="customer.revenue").bound(Opportunity)
    assert allowed([far], Opportunity, again(cast.alice)) == []
    assert allowed([far], Opportunity, again(cast.erin)) == [far]


def test_the_change_log_keeps_hidden_fields_to_itself(cast, secret):
    labels = {one.label for change in changes_of(secret, again(cast.alice)) for one in change.fields}
    assert not {"Plan", "字段plan", "background", "背景", "region"} & labels


# -- the page of rules -------------------------------------------------------------------------------------------------
def url_of(role, page="field-rules-save"):
    return f"{reverse(page)}?entity=customers&role={role.pk}"


def test_an_administrator_sets_and_takes_back_rules(client, cast):
    client.force_login(cast.root)
    assert client.get(url_of(cast.worker, "field-rules")).status_code == 200
    assert client.post(url_of(cast.worker), {"revenue": "hide", "website": "lock"}).status_code == 303
    assert sorted(FieldRule.objects.values_list("role", "field", "right")) == [
        (cast.worker.pk, "revenue", "hide"),
        (cast.worker.pk, "website", "lock"),
    ]
    client.post(url_of(cast.worker), {"website": "hide"})
    assert list(FieldRule.objects.values_list("field", "right")) == [("website", "hide")]


@pytest.mark.parametrize(
    ("field", "right"),
    [("name", "hide"), ("name", "lock"), ("owner", "lock"), ("phone", "hide"), ("created_at", "lock")],
)
def test_a_rule_that_would_break_the_work_of_a_role_is_refused_with_the_reason(client, cast, field, right):
    client.force_login(cast.root)
    response = client.post(url_of(cast.worker), {field: right, "revenue": "hide"})
    assert response.status_code == 422
    assert next(row["error"] for row in response.context["rows"] if row["field"].name == field)
    assert FieldRule.objects.count() == 0


def test_people_without_the_right_on_rules_neither_see_nor_set_them(client, cast):
    client.force_login(cast.erin)
    assert client.get(url_of(cast.worker, "field-rules")).status_code == 403
    assert client.post(url_of(cast.worker), {"revenue": "hide"}).status_code == 403
    assert FieldRule.objects.count() == 0
