"""The administrators' pages: only for them, through the rule of access, with the product's own traces."""

import io

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.urls import reverse
from openpyxl import load_workbook

from crm.admin_site import site
from crm.models import AccessLogEntry, Deletion, Team, TimelineEntry
from crm.roles import ADMINISTRATOR, setup_roles
from customers.models import Customer
from tests.cast import make_user
from tests.factories import factories


@pytest.fixture
def admin(client, cast):
    setup_roles()
    person = make_user("adam", cast.top, Group.objects.get(name=ADMINISTRATOR))
    client.force_login(person)
    return person


def make_customer(owner, **fields):
    return factories()["customers.customer"](owner=owner, **fields)


@pytest.mark.parametrize(
    "model", sorted(site._registry, key=lambda model: model._meta.label), ids=lambda m: m._meta.label
)
def test_every_list_of_the_admin_opens_for_an_administrator(client, admin, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert client.get(reverse(name)).status_code == 200


def test_every_business_model_is_in_the_admin():
    business = {
        m for app in ("customers", "sales", "marketing", "service") for m in apps.get_app_config(app).get_models()
    }
    listed = {m for m in business if hasattr(m, "deleted_at") and not hasattr(m, "pgh_tracked_model")}
    inlined = {inline.model for page in site._registry.values() for inline in page.inlines}
    assert {model._meta.label for model in listed - set(site._registry) - inlined} == set()


def test_a_record_saved_in_the_admin_has_author_event_and_context(client, admin, cast):
    customer = make_customer(cast.alice, name="Before")
    url = reverse("admin:customers_customer_change", args=[customer.pk])
    form = client.get(url).context["adminform"].form
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields} | {"name": "After"}
    for formset in client.get(url).context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {management[name].html_name: management[name].value() for name in management.fields}
        data |= {f"{formset.formset.prefix}-INITIAL_FORMS": 0, f"{formset.formset.prefix}-TOTAL_FORMS": 0}
    assert client.post(url, data).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.modified_by) == ("After", admin)
    event = Customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk, pgh_label="update").latest("pgh_id")
    assert event.pgh_context.metadata["user"] == admin.pk
    assert TimelineEntry.objects.about(customer).filter(actor=admin).exists()


def test_deleting_in_the_admin_goes_to_the_recycle_bin(client, admin, cast):
    customer = make_customer(cast.alice)
    assert (
        client.post(reverse("admin:customers_customer_delete", args=[customer.pk]), {"post": "yes"}).status_code == 302
    )
    assert Customer.everything.get(pk=customer.pk).deleted_at is not None
    assert Deletion.objects.get().actor == admin


def test_an_export_holds_the_columns_never_runs_and_is_logged(client, admin, cast):
    make_customer(cast.alice, name="=cmd|'/c calc'!A1")
    page = client.get(reverse("admin:customers_customer_export"))
    assert page.status_code == 200
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "export_items"} | {"format": "0"}
    data |= {name: "on" for name in form.fields if name.startswith("customersresource_")}
    response = client.post(reverse("admin:customers_customer_export"), data)
    assert response.status_code == 200, response.content[:500]
    cells = [cell for row in load_workbook(io.BytesIO(response.content)).active.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value and "cmd" in str(cell.value)] == ["s"]
    assert AccessLogEntry.objects.filter(kind="export", user=admin).count() == 1


def test_team_groups_stay_hidden_among_the_roles(client, admin, cast):
    page = client.get(reverse("admin:auth_group_changelist")).content.decode()
    assert ADMINISTRATOR in page
    assert Team.objects.first().group.name not in page


def test_people_are_switched_off_and_never_deleted(client, admin, cast):
    assert client.post(reverse("admin:crm_user_delete", args=[cast.dave.pk]), {"post": "yes"}).status_code == 403


def test_one_has_one_address_on_the_own_settings(client, cast):
    client.force_login(cast.alice)
    assert client.get("/accounts/email/").url == reverse("preferences")
