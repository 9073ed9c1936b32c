"""The layout of forms and the data dictionary: what an administrator changes, everybody finds."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from crm.entities import registry
from crm.fields.dictionary import Dictionary
from crm.fields.laying import LayoutPage
from crm.models import FieldRule, FormLayout
from crm.tests.test_custom_fields import define, form_data
from crm.views.field_rules import all_entities
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again


def sent(entity) -> dict:
    """What the page of a layout would send back unchanged."""
    page = LayoutPage(entity)
    data = {f"group_{name}": [group[name] for group in page.group_rows] for name in ("key", "zh", "en")}
    for row in page.field_rows:
        for name in ("group", "place", "zh", "en"):
            data[f"{row['field'].name}-{name}"] = row[name]
        if row["required"]:
            data[f"{row['field'].name}-required"] = "on"
    return data


def url(page="field-layout-save", slug="customers"):
    return f"{reverse(page)}?entity={slug}"


@pytest.mark.parametrize("entity", all_entities(), ids=lambda entity: entity.slug)
def test_the_layout_of_every_kind_of_record_is_shown_and_saved_unchanged_with_every_field_of_its_form(
    client, cast, entity
):
    before = [(str(g.label), set(g.fields)) for g in again(cast.root).fields.groups(entity)]
    client.force_login(cast.root)
    assert client.get(url("field-layout", entity.slug)).status_code == 200
    response = client.post(url(slug=entity.slug), sent(entity))
    assert response.status_code == 303, response.context["layout"].errors
    kept = {name for _label, names in before for name in names}
    after = {name for group in again(cast.root).fields.groups(entity) for name in group.fields}
    form = set(entity.form_class().base_fields)
    assert kept & form <= after


def test_groups_labels_order_and_required_fields_hold_in_form_details_list_and_change_log(client, cast):
    definition = define("plan", "text")
    record = make_customer(cast.alice, website="https://a.example")
    entity = registry["customers"]
    data = sent(entity)
    places = [data["group_key"].index(key) for key in data["group_key"] if key.startswith("n")]
    data["group_zh"][places[0]], data["group_en"][places[0]] = "采购", "Purchasing"
    fresh = data["group_key"][places[0]]
    data |= {
        "custom_plan-group": fresh,
        "custom_plan-place": "1",
        "website-group": fresh,
        "website-place": "2",
        "website-zh": "官方网址",
        "website-en": "Home page",
        "website-required": "on",
    }
    client.force_login(cast.root)
    assert client.post(url(), data).status_code == 303
    client.force_login(cast.alice)
    page = client.get(entity.url("change", record))
    _label, fields = next(group for group in page.context["groups"] if group[0] == "Purchasing")
    assert [field.name for field in fields] == [definition.field_name, "website"]
    assert (fields[1].label, fields[1].field.required) == ("Home page", True)
    refused = client.post(entity.url("change", record), form_data(page) | {"website": ""})
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["website"]
    assert "Home page" in client.get(f"{entity.url('record', record)}?tab=details").content.decode()
    assert "Home page" in client.get(f"{entity.url('list')}?columns=website").content.decode()
    Customer.objects.filter(pk=record.pk).update(website="https://b.example")
    assert "Home page" in client.get(f"{entity.url('record', record)}?tab=changes").content.decode()


def test_the_standard_layout_comes_back(client, cast):
    client.force_login(cast.root)
    client.post(url(), sent(registry["customers"]) | {"website-en": "Home page"})
    assert again(cast.alice).fields.labels(Customer)["website"] == "Home page"
    client.post(url(), {"reset": "1"})
    assert FormLayout.objects.count() == 0
    assert again(cast.alice).fields.labels(Customer) == {}


@pytest.mark.parametrize(
    "change",
    [{"website-group": "nowhere"}, {"website-place": "x"}, {"group_key": ["<b>"] * 9}, {"group_en": [""] * 9}],
)
def test_a_layout_that_does_not_hold_together_is_refused_and_nothing_typed_is_lost(client, cast, change):
    client.force_login(cast.root)
    response = client.post(url(), sent(registry["customers"]) | {"name-en": "Typed"} | change)
    assert response.status_code == 422
    assert response.context["layout"].errors
    assert 'value="Typed"' in response.content.decode()
    assert FormLayout.objects.count() == 0


@pytest.mark.parametrize("name", ["field-layout", "field-dictionary"])
def test_people_without_the_right_reach_neither_layout_nor_dictionary(client, cast, name):
    client.force_login(cast.erin)
    assert client.get(url(name)).status_code == 403
    assert client.post(url(), {"reset": "1"}).status_code == 403


def test_the_dictionary_lists_every_field_of_every_kind_with_both_names_and_who_sees_it(cast):
    define("plan", "choice", name_zh="采购方式", name_en="Procurement", help_en="How they buy.")
    FieldRule.objects.create(role=cast.worker, entity="customers.customer", field="revenue", right="hide")
    entries = Dictionary().entries()
    assert {entry.entity.lower() for entry in entries} == {str(e.label_plural()).lower() for e in registry.values()}
    found = {entry.code: entry for entry in Dictionary("customers").entries()}
    assert (found["custom_plan"].name_zh, found["custom_plan"].name_en) == ("采购方式", "Procurement")
    assert "Worker" not in found["revenue"].seen_by
    assert "Head" in found["revenue"].seen_by
    assert found["industry"].seen_by == gettext("all roles")
    assert all(entry.name_zh and entry.name_en and entry.type for entry in entries)


def test_the_dictionary_is_taken_out_as_a_workbook_and_as_csv_and_that_is_logged(client, cast):
    from crm.models import AccessLogEntry

    define("plan", "text", name_en="=1+1")
    client.force_login(cast.root)
    page = b"".join(client.get(f"{url('field-dictionary')}&format=csv").streaming_content).decode("utf-8-sig")
    assert "'=1+1" in page
    book = b"".join(client.get(f"{url('field-dictionary')}&format=xlsx").streaming_content)
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book)).namelist()
    assert AccessLogEntry.objects.filter(kind="export", facts__entity="dictionary").count() == 2
