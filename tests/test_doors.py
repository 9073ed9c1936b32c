"""Every door of the house is known, and nobody passes one without login unless it says why."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, get_resolver, reverse

from crm.views.doors import OpenView, PersonalView, RecordView, SignedView

DOORS = (RecordView, PersonalView, SignedView, OpenView)
OTHER_HOUSES = ("accounts/", "admin/")  # allauth and the Django admin have doors of their own


def patterns(resolver=None, prefix=""):
    """(route, URL pattern) of every address of the product."""
    for one in (resolver or get_resolver()).url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route, one
        else:
            yield from patterns(one, route)


OWN = [(route, one) for route, one in patterns() if not route.startswith(OTHER_HOUSES)]


def address(route: str, pk: int = 1) -> str:
    """A route with its parameters filled in."""
    import re

    kinds = {"int": str(pk), "uuid": "0199f2a0-0000-7000-8000-000000000001"}
    return "/" + re.sub(r"<(\w+):(\w+)>", lambda m: "crm.user" if m[2] == "model" else kinds.get(m[1], "x"), route)


def test_every_view_is_one_of_the_four_doors():
    strangers = [route for route, one in OWN if not issubclass(getattr(one.callback, "view_class", object), DOORS)]
    assert strangers == []


def test_every_open_door_says_why():
    silent = [
        route
        for route, one in OWN
        if issubclass(one.callback.view_class, OpenView) and len(one.callback.view_class.reason) < 20
    ]
    assert silent == []


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_a_visitor_is_sent_to_sign_in_at_every_other_door(client, db, method):
    passed = []
    for route, one in OWN:
        if not issubclass(one.callback.view_class, (OpenView, SignedView)):
            response = getattr(client, method)(address(route))
            if response.status_code != 302 or not response.url.startswith(reverse("account_login")):
                passed.append((route, response.status_code))
    assert passed == []


def test_a_visitor_whose_page_asks_by_htmx_is_sent_to_sign_in_too(client, db):
    response = client.get(reverse("home"), headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith(reverse("account_login"))


def test_the_admin_is_for_administrators(client, cast):
    assert client.get("/admin/").status_code == 302
    client.force_login(cast.alice)
    assert client.get("/admin/").status_code == 403
    assert client.get("/admin/customers/customer/").status_code == 403
    client.force_login(cast.root)
    assert client.get("/admin/").status_code == 200


def test_nobody_can_sign_up(client, db):
    response = client.get("/accounts/signup/")
    assert b'name="password1"' not in response.content


def test_a_record_view_that_names_no_action_cannot_be_written():
    with pytest.raises(ImproperlyConfigured):

        class Forgetful(RecordView):
            pass


def test_an_open_view_without_a_reason_cannot_be_written():
    with pytest.raises(ImproperlyConfigured):

        class Careless(OpenView):
            pass


def test_a_signed_view_without_a_salt_cannot_be_written():
    with pytest.raises(ImproperlyConfigured):

        class Plain(SignedView):
            pass


def test_the_action_of_every_record_page_is_a_known_one():
    from crm.access import Action

    assert {
        one.callback.view_class.action for _route, one in OWN if issubclass(one.callback.view_class, RecordView)
    } <= set(Action.values)


def test_a_switched_off_person_is_out_at_once(client, cast):
    client.force_login(cast.alice)
    assert client.get("/preferences/").status_code == 200
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert client.get("/preferences/").status_code == 302
