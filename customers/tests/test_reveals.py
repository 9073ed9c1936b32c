"""Single values are revealed on request: each one logged, with the reason where one is wanted, within a limit."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.access import Action
from crm.models import AccessLogEntry, Company, FieldRule, OutboxMessage, RoleRule
from crm.reveals import LimitReached, left_today, limit_of, reveal
from customers.models import ContactPoint
from customers.tests.factories import (
    make_address,
    make_billing_profile,
    make_contact,
    make_contact_point,
    make_customer,
)
from tests.cast import again

pytestmark = pytest.mark.django_db
PLAIN, MASK = "138 1234 5678", "138****5678"


@pytest.fixture
def point(cast):
    """A phone of Alice's customer, which Carol sees and does not see plain."""
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    customer = make_customer(cast.alice, name="Acme")
    return make_contact_point(cast.alice, customer=customer, value="13812345678", is_primary=True)


def reveals():
    return AccessLogEntry.objects.filter(kind="reveal")


def test_a83_a_click_shows_the_value_and_stands_in_the_access_log(cast, point, visit):
    carol = again(cast.carol)
    page = visit(carol, f"/customers/{point.customer_id}/").text_plain
    assert (MASK in page, PLAIN in page) == (True, False)
    assert f"/points/{point.pk}/reveal/" in page
    assert PLAIN not in visit(carol, f"/points/{point.pk}/reveal/").text_plain
    assert reveals().count() == 0
    response = visit(carol, f"/points/{point.pk}/reveal/", {})
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert PLAIN in response.text_plain
    entry = reveals().get()
    assert (entry.user, entry.subject_id, entry.facts, entry.address) == (
        carol,
        point.pk,
        {"field": "value"},
        "127.0.0.1",
    )


def test_with_script_the_value_takes_the_place_of_its_mask(cast, point, visit):
    response = visit(again(cast.carol), f"/points/{point.pk}/reveal/", {}, headers={"HX-Request": "true"})
    assert PLAIN in response.text_plain
    assert "<html" not in response.text_plain


def test_a83_nobody_reveals_without_the_right_or_what_he_does_not_see(cast, point, visit):
    assert visit(cast.dave, f"/points/{point.pk}/reveal/", {}).status_code == 404
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    for data in (None, {}):
        response = visit(again(cast.carol), f"/points/{point.pk}/reveal/", data)
        assert response.status_code == 403
        assert PLAIN not in response.text_plain
    RoleRule.objects.filter(role=cast.worker, model="customers.customer").update(reach=1)
    assert visit(again(cast.carol), f"/points/{point.pk}/reveal/", {}).status_code == 404
    assert reveals().count() == 0


def test_the_company_may_want_a_reason_and_nothing_is_shown_without_one(cast, point, visit):
    Company.objects.update(asks_reveal_reason=True)
    carol = again(cast.carol)
    response = visit(carol, f"/points/{point.pk}/reveal/", {"reason": "  "})
    assert (response.status_code, PLAIN in response.text_plain, reveals().count()) == (422, False, 0)
    assert PLAIN in visit(carol, f"/points/{point.pk}/reveal/", {"reason": "Offer by phone"}).text_plain
    assert reveals().get().facts == {"field": "value", "reason": "Offer by phone"}


def test_the_limit_of_a_day_refuses_politely_and_tells_the_administrators_once(cast, point, visit):
    RoleRule.objects.filter(role=cast.worker, model="customers.contactpoint", action=Action.REVEAL).update(
        daily_limit=2
    )
    carol = again(cast.carol)
    assert left_today(carol, ContactPoint) == 2
    for _time in range(2):
        assert PLAIN in visit(carol, f"/points/{point.pk}/reveal/", {}).text_plain
    mail = OutboxMessage.objects.get(kind="reveal_limit")
    assert (mail.user, mail.facts) == (cast.root, {"user": carol.pk})
    assert "Carol (carol) has revealed 2 protected values today" in mail.text
    assert "138" not in mail.text
    response = visit(carol, f"/points/{point.pk}/reveal/", {})
    assert (response.status_code, PLAIN in response.text_plain) == (429, False)
    assert "as many values today as your roles allow" in response.text_plain
    assert (reveals().count(), OutboxMessage.objects.filter(kind="reveal_limit").count()) == (2, 1)


def test_yesterdays_reveals_do_not_count_and_the_widest_role_decides(cast, point):
    rule = RoleRule.objects.get(role=cast.worker, model="customers.contactpoint", action=Action.REVEAL)
    RoleRule.objects.filter(pk=rule.pk).update(daily_limit=1)
    reveal(point, "value", actor=cast.carol)
    with pytest.raises(LimitReached):
        reveal(point, "value", actor=again(cast.carol))
    reveals().update(at="2026-01-01T00:00Z")
    assert left_today(again(cast.carol), ContactPoint) == 1
    cast.carol.groups.add(cast.head)
    assert limit_of(again(cast.carol), ContactPoint) is None
    assert limit_of(cast.root, ContactPoint) is None
    assert limit_of(cast.dave, ContactPoint) == 0


# -- fields of records: the street of an address, an account, a birthday, an identity number ---------------------------
FIELDS = {
    "street": ("addresses", make_address, "星湖街 328 号", "***"),
    "account": ("billing-profiles", make_billing_profile, "6222020200112233", "****2233"),
    "birthday": ("contacts", make_contact, date(1988, 3, 14), "***"),
    "identity_number": ("contacts", make_contact, "11010519491231002X", "****002X"),
}


@pytest.fixture(params=FIELDS)
def protected(request, cast):
    """(field, record, plain, mask, address of its reveal): seen by Carol, plain for Alice's team alone."""
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    slug, make, value, mask = FIELDS[request.param]
    record = make(cast.alice, customer=make_customer(cast.alice, name="Acme"), **{request.param: value})
    return SimpleNamespace(
        name=request.param,
        record=record,
        plain=str(value),
        mask=mask,
        page=f"/{slug}/{record.pk}/",
        tab=f"/customers/{getattr(record, 'customer_id', 0)}/?tab={slug}",
        door=f"/{slug}/{record.pk}/reveal/?field={request.param}",
    )


def test_a83_every_protected_field_has_its_button_and_shows_its_value_after_a_logged_click(cast, protected, visit):
    carol = again(cast.carol)
    body = visit(carol, f"{protected.page}?tab=details").text_plain
    assert (protected.mask in body, protected.plain in body, protected.door in body) == (True, False, True)
    page = visit(carol, protected.door)
    assert (protected.plain in page.text_plain, page["Cache-Control"], reveals().count()) == (False, "no-store", 0)
    response = visit(carol, protected.door, {})
    assert (response.status_code, response["Cache-Control"], protected.plain in response.text_plain) == (
        200,
        "no-store",
        True,
    )
    entry = reveals().get()
    assert (entry.user, entry.subject_id, entry.subject_type.model_class(), entry.facts) == (
        carol,
        protected.record.pk,
        type(protected.record),
        {"field": protected.name},
    )
    part = visit(carol, protected.door, {}, headers={"HX-Request": "true"}).text_plain
    assert (protected.plain in part, "<html" in part) == (True, False)


@pytest.mark.parametrize("protected", ["street", "account"], indirect=True)
def test_a_part_shows_its_masks_and_buttons_on_the_tab_of_its_customer(cast, protected, visit):
    body = visit(again(cast.carol), protected.tab).text_plain
    assert (protected.mask in body, protected.plain in body, protected.door in body) == (True, False, True)
    body = visit(again(cast.alice), protected.tab).text_plain
    assert (protected.plain in body, "/reveal/" in body) == (True, False)


def test_who_reads_the_value_has_no_button_and_who_may_not_reveal_neither(cast, protected, visit):
    body = visit(again(cast.bob), f"{protected.page}?tab=details").text_plain
    assert (protected.plain in body, "/reveal/" in body) == (True, False)
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    body = visit(again(cast.carol), f"{protected.page}?tab=details").text_plain
    assert (protected.mask in body, protected.plain in body, protected.door in body) == (True, False, False)
    for data in (None, {}):
        response = visit(again(cast.carol), protected.door, data)
        assert (response.status_code, protected.plain in response.text_plain) == (403, False)
    assert visit(cast.dave, protected.door, {}).status_code == 404
    assert reveals().count() == 0


def test_where_a_reason_is_wanted_the_button_leads_to_the_question(cast, protected, visit):
    Company.objects.update(asks_reveal_reason=True)
    carol = again(cast.carol)
    body = visit(carol, f"{protected.page}?tab=details").text_plain
    assert (f'href="{protected.door}"' in body, f'action="{protected.door}"' in body) == (True, False)
    response = visit(carol, protected.door, {"reason": " "})
    assert (response.status_code, protected.plain in response.text_plain, reveals().count()) == (422, False, 0)
    assert protected.plain in visit(carol, protected.door, {"reason": "Gift"}).text_plain
    assert reveals().get().facts == {"field": protected.name, "reason": "Gift"}


def test_the_limit_holds_for_every_field_and_the_administrators_hear_of_it(cast, protected, visit):
    label = protected.record._meta.label_lower
    RoleRule.objects.filter(role=cast.worker, model=label, action=Action.REVEAL).update(daily_limit=1)
    carol = again(cast.carol)
    assert protected.plain in visit(carol, protected.door, {}).text_plain
    assert OutboxMessage.objects.filter(kind="reveal_limit").count() == 1
    response = visit(carol, protected.door, {}, headers={"HX-Request": "true"})
    assert (response.status_code, protected.plain in response.text_plain) == (429, False)
    assert response["HX-Redirect"] == protected.door
    assert "as many values today as your roles allow" in visit(carol, protected.door).text_plain
    assert reveals().count() == 1


def test_an_empty_or_damaged_value_a_hidden_or_plain_field_has_no_way_to_it(cast, visit):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    contact = make_contact(cast.alice, customer=make_customer(cast.alice), identity_number="11010519491231002X")
    carol = again(cast.carol)
    page = f"/contacts/{contact.pk}/"
    body = visit(carol, f"{page}?tab=details").text_plain
    assert ("field=identity_number" in body, "field=birthday" in body) == (True, False)
    assert visit(carol, f"{page}reveal/?field=name", {}).status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_contact SET identity_number = '\\x01ff' WHERE id = %s", [contact.pk])
    assert "field=identity_number" not in visit(carol, f"{page}?tab=details").text_plain
    FieldRule.objects.create(role=cast.worker, entity="customers.contact", field="identity_number", right="hide")
    assert visit(again(cast.carol), f"{page}reveal/?field=identity_number", {}).status_code == 404
    assert reveals().count() == 0


def test_a83_masks_in_a_list_have_the_button_and_the_list_asks_no_more_of_the_database(cast, point, visit):
    carol = again(cast.carol)
    make_contact_point(cast.alice, customer=point.customer, kind="email", value="zhang@example.cn")
    url = f"/points/{point.pk}/reveal/"
    listed = "/customers/?columns=name,phone,email"
    with CaptureQueriesContext(connection) as with_button:
        page = visit(carol, listed).text_plain
    assert (MASK in page, PLAIN in page) == (True, False)
    assert f'form="reveals" formaction="{url}" hx-post="{url}" hx-target="closest span"' in page
    assert page.count('formaction="/points/') == 2
    form = page.split('id="reveals"')[1].split("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    assert reveals().count() == 0
    assert PLAIN in visit(carol, url, {}, headers={"HX-Request": "true"}).text_plain
    assert reveals().get().user == carol
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    with CaptureQueriesContext(connection) as without:
        page = visit(again(cast.carol), listed).text_plain
    assert (MASK in page, "formaction" in page, 'id="reveals"' in page) == (True, False, False)
    assert len(with_button) == len(without)


def test_where_a_reason_is_asked_the_list_leads_to_the_question_and_open_values_have_no_button(cast, point, visit):
    assert "formaction" not in visit(cast.alice, "/customers/?columns=name,phone").text_plain
    Company.objects.update(asks_reveal_reason=True)
    page = visit(again(cast.carol), "/customers/?columns=name,phone").text_plain
    assert f'href="/points/{point.pk}/reveal/"' in page
    assert "formaction" not in page


def test_fields_of_a_list_that_are_masked_have_the_button_too(cast, point, visit):
    make_billing_profile(cast.alice, customer=point.customer)
    page = visit(again(cast.carol), "/billing-profiles/?columns=title,account").text_plain
    assert "6222020200112233" not in page
    assert 'formaction="/billing-profiles/' in page
