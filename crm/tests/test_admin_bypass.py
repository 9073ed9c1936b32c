"""A26: who enters the Django admin gets no further there than on the pages: rows, fields and writing are the rule's."""

import pytest
from django.contrib.auth.models import Group

from crm.access import Action, Reach
from crm.admin_site import site
from crm.models import FieldRule, RoleRule
from customers.models import Contact, Customer
from customers.tests.factories import make_contact, make_customer
from tests.cast import make_user
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db
CANARY = "CANARYADMIN"


@pytest.fixture
def hidden(client, cast):
    """A contact of Alice, whom a person does not see who enters the admin and changes the contacts of the south."""
    customer = make_customer(cast.alice, name=CANARY, revenue=777333)
    contact = make_contact(cast.alice, customer=customer, name=f"{CANARY} C")
    role = Group.objects.create(name="Contacts of the south")
    rules = [("crm.rolerule", action, Reach.ALL) for action in (Action.VIEW, Action.CHANGE)]
    rules += [("customers.customer", Action.VIEW, Reach.TEAM)]
    rules += [("customers.contact", action, Reach.ALL) for action in (Action.VIEW, Action.CHANGE)]
    RoleRule.objects.bulk_create(RoleRule(role=role, model=m, action=action, reach=far) for m, action, far in rules)
    person = make_user("ron", cast.south, role)
    client.force_login(person)
    mine = make_contact(person, customer=make_customer(cast.carol, name="Mine"), name="Mine C")
    return {"contact": contact, "customer": customer, "mine": mine, "person": person, "role": role}


def test_a26_hidden_rows_are_in_no_list_search_history_or_suggestion(client, hidden):
    contact, customer = hidden["contact"], hidden["customer"]
    contacts, customers = "/admin/customers/contact/", "/admin/customers/customer/"
    assert "Mine C" in client.get(contacts).content.decode()
    for address, query in (
        (contacts, {}),
        (contacts, {"q": CANARY}),
        (contacts, {"name__startswith": CANARY}),
        (customers, {"q": CANARY}),
        (f"{contacts}{contact.pk}/change/", {}),
        (f"{contacts}{contact.pk}/history/", {}),
        (f"{contacts}{contact.pk}/delete/", {}),
        (f"{customers}{customer.pk}/change/", {}),
        (f"{customers}{customer.pk}/history/", {}),
        (f"{contacts}export/", {}),
    ):
        answer = client.get(address, query)
        shown = answer.content.decode().replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
        assert answer.status_code in (200, 302, 403, 404), address
        assert CANARY not in shown, (address, query)
    for model, field in (("contactrole", "customer"), ("contactrole", "contact"), ("interaction", "customer")):
        asked = {"app_label": "customers", "model_name": model, "field_name": field, "term": CANARY}
        answer = client.get("/admin/autocomplete/", asked)
        assert answer.status_code in (200, 403)
        assert CANARY not in answer.content.decode(), (model, field)


def test_a26_forged_posts_change_nothing(client, hidden):
    """A list that edits in place, inlines of others, actions on keys one does not see, a record that is only viewed."""
    contact, customer, mine = hidden["contact"], hidden["customer"], hidden["mine"]
    contacts, customers = "/admin/customers/contact/", "/admin/customers/customer/"
    rows = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 1, "form-MIN_NUM_FORMS": 0, "form-MAX_NUM_FORMS": 1000}
    rows |= {"form-0-id": contact.pk, "form-0-name": "forged", "form-1-id": "", "form-1-name": "made", "_save": "Save"}
    inline = {"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "roles-MIN_NUM_FORMS": 0, "roles-MAX_NUM_FORMS": 9}
    inline |= {"roles-0-contact": mine.pk, "roles-0-customer": customer.pk, "roles-0-role": "user"}
    chosen = {"_selected_action": [contact.pk, customer.pk], "post": "yes", "select_across": "1", "index": "0"}
    exported = {"format": "0", "export_items": [contact.pk, customer.pk], "resource": ""}
    before = fingerprint()
    for address, data in (
        (contacts, rows),
        (customers, rows),
        (contacts, chosen | {"action": "delete_selected"}),
        (customers, chosen | {"action": "delete_selected"}),
        (contacts, chosen | {"action": "export_admin_action"}),
        (f"{contacts}{contact.pk}/change/", {"name": "forged", **inline}),
        (f"{contacts}{contact.pk}/delete/", {"post": "yes"}),
        (f"{customers}{hidden['mine'].roles.get().customer_id}/change/", {"name": "forged", **inline}),
        (f"{contacts}add/", {"name": "made"}),
        (f"{customers}export/", exported),
        (f"{contacts}export/", exported),
    ):
        answer = client.post(address, data)
        assert answer.status_code in (200, 302, 403, 404), address
        assert CANARY.encode() not in answer.content, address
    assert changed(before, fingerprint()) == []
    assert client.post(f"{contacts}{mine.pk}/change/", {"name": "Changed", **inline}).status_code == 302
    assert Contact.objects.get(pk=mine.pk).name == "Changed"
    assert Contact.objects.get(pk=mine.pk).roles.count() == 1, "an inline that the page does not have adds no row"


def test_a26_no_page_of_the_admin_edits_in_its_list():
    assert {type(page).__name__ for page in site._registry.values() if page.list_editable} == set()


def test_a26_a11_an_address_asks_nothing_about_a_field_that_is_hidden(client, hidden, cast):
    """`?revenue__gte=` on a list would tell the figure step by step."""
    for action in (Action.VIEW, Action.CHANGE):
        RoleRule.objects.filter(role=hidden["role"], model="customers.customer").delete()
        RoleRule.objects.create(role=hidden["role"], model="customers.customer", action=action, reach=Reach.ALL)
    asked = {"revenue__gte": "700000"}
    assert "Mine<" not in client.get("/admin/customers/customer/", asked).content.decode()
    FieldRule.objects.create(entity="customers.customer", field="revenue", role=hidden["role"], right="hide")
    answer = client.get("/admin/customers/customer/", asked)
    assert (answer.status_code, CANARY in answer.content.decode()) == (400, False)
    assert Customer.objects.filter(revenue__gte=700000).count() == 1
