"""Contact points are named, marked, corrected, added and taken away on a page of their holder."""

import pytest
from django.utils import translation

from crm.access import Action
from crm.models import Deletion, RoleRule
from customers.models import ContactPoint
from customers.tests.factories import make_contact, make_contact_point, make_customer
from tests.cast import again

pytestmark = pytest.mark.django_db
PLAIN, MASK = "138 1234 5678", "138****5678"


@pytest.fixture
def customer(cast):
    customer = make_customer(cast.alice, name="Acme")
    make_contact_point(cast.alice, customer=customer, value="13812345678", is_primary=True)
    make_contact_point(cast.alice, customer=customer, value="051262880009", label="work")
    make_contact_point(cast.alice, customer=customer, kind="email", value="zhang@example.cn", is_primary=True)
    return customer


def page_of(holder) -> str:
    return f"/{'customers' if holder._meta.model_name == 'customer' else 'contacts'}/{holder.pk}/points/"


def filled(response, **changes) -> dict:
    """What a browser sends back of the page; changes: {"<row>-<field>": value}, None unticks a box."""
    data = {"row": []}
    for row in response.context["rows"].forms:
        data["row"].append(str(row.point.pk or row.prefix))
        data |= {row[name].html_name: row[name].value() for name in row.fields}
    data |= changes
    return {name: value for name, value in data.items() if value not in (None, False, "")}


def send(visit, person, holder, **changes):
    data = filled(visit(again(person), page_of(holder)), **changes)
    return visit(again(person), page_of(holder), data)


def points(holder) -> list:
    rows = ContactPoint.objects.filter(**{holder._meta.model_name: holder}).order_by("pk")
    return [(row.kind, row.value, row.label, row.is_valid, row.opted_in, row.is_primary) for row in rows]


def keys(holder) -> list[str]:
    return [f"p{pk}" for pk in ContactPoint.objects.filter(customer=holder).order_by("pk").values_list("pk", flat=True)]


def test_saving_the_page_as_it_is_changes_nothing(cast, customer, visit):
    before = list(ContactPoint.objects.order_by("pk").values())
    assert send(visit, cast.alice, customer).status_code == 303
    assert visit(cast.alice, page_of(customer), {}).status_code == 303  # what is not named stays
    assert list(ContactPoint.objects.order_by("pk").values()) == before


def test_label_validity_consent_and_value_are_changed_and_a_row_is_added(cast, customer, visit):
    first, second, _mail = keys(customer)
    changes = {
        f"{first}-is_valid": None,
        f"{first}-label": "assistant",
        f"{second}-value": "0512-6288 0010",
        f"{second}-opted_in": "on",
        "n0-kind": "wechat",
        "n0-value": "acme_support",
    }
    assert send(visit, cast.bob, customer, **changes).status_code == 303
    assert points(customer) == [
        ("phone", "13812345678", "assistant", False, False, True),
        ("phone", "051262880010", "work", True, True, False),
        ("email", "zhang@example.cn", "", True, False, True),
        ("wechat", "acme_support", "", True, False, False),
    ]
    assert {row.modified_by for row in ContactPoint.objects.filter(kind="phone")} == {cast.bob}
    body = visit(again(cast.alice), f"/customers/{customer.pk}/").text_plain
    assert f'<span class="tn off">{PLAIN}</span>' in body
    assert "tel:13812345678" not in body
    assert "Assistant · no longer valid" in body
    assert "Work · agreed to be contacted here" in body
    with translation.override("zh-hans"):
        assert ContactPoint.objects.get(value__isnull=False, label="assistant").remarks == "助理 · 已失效"


def test_a_contact_has_the_same_page(cast, visit):
    contact = make_contact(cast.alice, customer=make_customer(cast.alice))
    assert send(visit, cast.alice, contact, **{"n0-value": "139 0000 1111", "n0-is_primary": "on"}).status_code == 303
    assert points(contact) == [("mobile", "13900001111", "", True, False, True)]
    assert page_of(contact) in visit(again(cast.alice), f"/contacts/{contact.pk}/").text_plain


def test_a_row_that_is_ticked_takes_the_mark_and_two_cannot_be_ticked(cast, customer, visit):
    first, second, _mail = keys(customer)
    assert send(visit, cast.alice, customer, **{f"{second}-is_primary": "on"}).status_code == 303
    assert [row[-1] for row in points(customer)] == [False, True, True]
    changes = {f"{first}-is_primary": "on", "n0-kind": "phone", "n0-value": "0512-6288 0011", "n0-is_primary": "on"}
    response = send(visit, cast.alice, customer, **changes)
    assert (response.status_code, "Only one of each kind can be the primary one." in response.text_plain) == (422, True)
    assert "0512-6288 0011" in response.text_plain
    assert [row[-1] for row in points(customer)] == [False, True, True]


def test_a_deleted_row_frees_its_value_and_lies_in_the_bin(cast, customer, visit):
    first, second, _mail = keys(customer)
    changes = {f"{first}-gone": "on", f"{second}-value": "13812345678", f"{second}-is_primary": "on"}
    assert send(visit, cast.alice, customer, **changes).status_code == 303
    assert [row[:2] for row in points(customer)] == [("phone", "13812345678"), ("email", "zhang@example.cn")]
    assert Deletion.objects.get().name == "Phone"


def test_bad_input_is_told_at_its_row_and_nothing_is_lost_or_saved(cast, customer, visit):
    first, second, mail = keys(customer)
    before = points(customer)
    for changes, message in (
        ({f"{first}-value": "1" * 40}, "is not a phone number"),
        ({f"{mail}-value": "zhang at example"}, "is not an e-mail address"),
        ({f"{second}-value": "13812345678"}, "This contact point is listed already."),
        ({f"{second}-value": ""}, "Type the value, or tick “Delete it”."),
        ({"n0-label": "home"}, "Type the value."),
        ({"n0-value": "0512 6288 0012", "n0-kind": "fax"}, "Select a valid choice"),
        ({"row": [first[1:], "987654"]}, "One of these was deleted while you were editing."),
    ):
        response = send(visit, cast.alice, customer, **{f"{first}-label": "billing"} | changes)
        assert (response.status_code, message in response.text_plain) == (422, True), message
        assert '<option value="billing" selected>' in response.text_plain
        typed = next((value for name, value in changes.items() if name.endswith("value") and value), "")
        assert typed in response.text_plain
        assert points(customer) == before


def test_who_sees_the_mask_changes_the_rest_and_the_value_is_not_lost(cast, customer, visit):
    RoleRule.objects.filter(action=Action.REVEAL, model="customers.contactpoint").delete()
    first, _second, mail = keys(customer)
    page = visit(again(cast.alice), page_of(customer))
    assert (MASK in page.text_plain, PLAIN in page.text_plain, "13812345678" in page.text_plain) == (True, False, False)
    assert send(visit, cast.alice, customer, **{f"{first}-label": "billing"}).status_code == 303
    assert points(customer)[0][:3] == ("phone", "13812345678", "billing")
    response = send(visit, cast.alice, customer, **{f"{mail}-value": "w***@example.cn"})
    assert (response.status_code, "type the whole value" in response.text_plain) == (422, True)
    assert send(visit, cast.alice, customer, **{f"{mail}-value": "wang@example.cn"}).status_code == 303
    assert points(customer)[2][:2] == ("email", "wang@example.cn")


def test_two_people_at_once_are_asked_and_the_second_save_keeps_ones_own(cast, customer, visit):
    first = keys(customer)[0]
    data = filled(visit(again(cast.alice), page_of(customer)), **{f"{first}-label": "billing"})
    send(visit, cast.bob, customer, **{f"{first}-label": "home"})
    response = visit(again(cast.alice), page_of(customer), data)
    assert (response.status_code, "Somebody else changed this one" in response.text_plain) == (422, True)
    assert points(customer)[0][2] == "home"
    assert visit(again(cast.alice), page_of(customer), filled(response)).status_code == 303
    assert points(customer)[0][2] == "billing"


def test_only_whoever_may_change_the_whole_and_its_points_has_the_page(cast, customer, visit):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    before = points(customer)
    for person, status in ((cast.carol, 403), (cast.dave, 404)):
        assert visit(again(person), page_of(customer)).status_code == status
        assert visit(again(person), page_of(customer), {"row": keys(customer)[0][1:]}).status_code == status
    assert page_of(customer) not in visit(again(cast.carol), f"/customers/{customer.pk}/").text_plain
    RoleRule.objects.filter(model="customers.contactpoint", action=Action.DELETE).delete()
    assert "gone" not in visit(again(cast.alice), page_of(customer)).text_plain
    first = keys(customer)[0]
    send(visit, cast.alice, customer, **{f"{first}-gone": "on"})
    RoleRule.objects.filter(model="customers.contactpoint", action=Action.CHANGE).delete()
    assert visit(again(cast.alice), page_of(customer)).status_code == 403
    assert page_of(customer) not in visit(again(cast.alice), f"/customers/{customer.pk}/").text_plain
    assert points(customer) == before
