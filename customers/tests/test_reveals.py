"""Single values are revealed on request: each one logged, with the reason where one is wanted, within a limit."""

import pytest

from crm.access import Action
from crm.models import AccessLogEntry, Company, OutboxMessage, RoleRule
from crm.reveals import LimitReached, left_today, limit_of, reveal
from customers.models import ContactPoint
from customers.tests.factories import make_contact_point, make_customer
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
