"""Requests that nobody's browser makes: wrong keys, SQL and script in addresses, no CSRF token, fields nobody offers.

All walk over the URL resolver, so that a new page is covered by itself; each walk has one set-up for all its pages.
"""

import re
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.entities import registry
from crm.models import User
from tests.cast import PASSWORD, again
from tests.pages import addresses, make_rows
from tests.rows import changed, fingerprint
from tests.test_doors import OWN, patterns

pytestmark = pytest.mark.django_db
LONG = 9 * 10**30
STRANGE = ("%00", "%ED%A0%80", "a" * 3000, "crm.user", "x.y.z", "../../etc/passwd", "<script>canary()")
SECRETS = re.compile(
    rf"Traceback|psycopg|Django|{re.escape(str(settings.BASE_DIR))}|/home/|\.py\b|SECRET|DATABASE|SELECT |Exception"
)
# What stands in every parameter of an address at once, one request each.
WORDS = {
    "sql": "id;select pg_sleep(5)--",
    "case": "(case when 1=1 then pg_sleep(5) else name end)",
    "quotes": '"customers_customer"."id" desc nulls last, name\'',
    "dots": "owner__password",
    "nul": "a\x00b",
    "controls": "\x01\x1b\r\nX-Evil: 1",
    "surrogate": b"\xed\xa0\x80",
    "number": "1e9999999",
    "long": str(LONG),
    "minus": "-1",
    "date": "9999-99-99",
    "regex": "(((((a+)+)+$[",
    "script": "\"'><script>canary()</script><img src=x onerror=canary()>",
}
PARAMETERS = {
    *("q", "sort", "order", "columns", "fields", "after", "before", "page", "per_page", "filters", "format"),
    *(
        "ids",
        "pk",
        "id",
        "next",
        "report",
        "kind",
        "state",
        "user",
        "person",
        "owner",
        "team",
        "customer",
        "date",
        "day",
    ),
    *(
        "month",
        "period",
        "year",
        "reason",
        "entity",
        "model",
        "role",
        "tz",
        "group_by",
        "dir",
        "_method",
        "done",
        "only",
    ),
    *("days", "again", "without", "filled", "wrong", "quiet"),
}


@pytest.fixture
def keys(cast, tmp_path, settings, monkeypatch):
    settings.FILES_DIR = tmp_path
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    return make_rows(cast.alice)


def parameters_of(address: str) -> list[str]:
    """The parameters that a page may read: those that any page reads, and the filters of its list."""
    entity = registry.get(address.strip("/").split("/")[0])
    filters = [name for one in entity.filters for name in one.names] if entity else []
    return sorted(PARAMETERS | set(filters))


def is_html(response) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def wrong_with(response, took: float) -> list[str]:
    """What an answer to a hostile request shows that it must not."""
    found = [f"status {response.status_code}"] if response.status_code >= 500 else []
    found += [f"{took:.1f} s"] if took >= 5 else []  # pg_sleep(5) was run
    if not response.streaming and is_html(response):
        content = response.content.decode()
        found += [word for word in ("<script>canary", "<img src=x") if word in content]
        policy = response.headers.get("Content-Security-Policy", "")
        found += [] if "script-src 'self'" in policy and "unsafe" not in policy else ["no content policy"]
    return found + [f"header {name}" for name in response.headers if name.lower() == "x-evil"]


def ask(client, address, data, tell=""):
    """{address and payload: what is wrong with the answer}; empty when all is well."""
    client.raise_request_exception = False
    begun = time.monotonic()
    response = client.get(address, data)
    found = wrong_with(response, time.monotonic() - begun)
    return {f"{address} {tell}": found} if found else {}


def test_a29_a32_a71_whatever_stands_in_the_parameters_of_an_address_no_page_breaks_or_repeats_it_raw(
    client, cast, keys
):
    """Pages of their own with script in all parameters, then every page with all words, spread over its parameters."""
    client.force_login(cast.root)
    found, before, words = {}, fingerprint(), list(WORDS.values())
    pages = [address.partition("?")[0] for address in addresses(keys)]
    for number, address in enumerate(pages):
        names = parameters_of(address)
        if address.strip("/").split("/")[0] not in registry or address == "/customers/":
            found |= ask(client, address, dict.fromkeys(names, WORDS["script"]), "script")
        spread = {name: words[(number + at) % len(words)] for at, name in enumerate(names)}
        found |= ask(client, address, spread, f"spread from {number % len(words)}")
    assert found == {}
    assert len(pages) > 150
    assert changed(before, fingerprint()) == []


def test_a29_orders_columns_and_filters_with_sql_in_them_give_the_plain_list(client, cast, keys):
    """Order and columns alone, so that a wrong filter does not keep them from being read; then all filters."""
    client.force_login(cast.alice)
    words, found = list(WORDS.items()), {}
    plain = [row.pk for row in client.get("/customers/").context["listing"].page.rows]
    for tell, word in words:
        found |= ask(client, "/customers/", {"sort": word, "columns": word}, tell)
    names = [name for one in cast.alice.fields.filters(registry["customers"]) for name in one.names]
    for number in range(5):
        spread = {name: words[(number * 3 + at) % len(words)][1] for at, name in enumerate(names)}
        found |= ask(client, "/customers/", spread, f"filters {number}")
    assert found == {}
    for name in ("sort", "columns"):
        page = client.get("/customers/", {name: WORDS["sql"], "order": WORDS["quotes"]})
        assert [row.pk for row in page.context["listing"].page.rows] == plain, name


def filled(route: str, key, word="x") -> str:
    """A route with the key and the word in its places."""
    text = re.sub(r"<int:\w+>", str(key), route).replace("<str:model>", "customers.customer")
    return "/" + re.sub(r"<(?:\w+:)?\w+>", word, text)


def test_a71_a_key_that_no_row_has_is_not_found_and_never_an_error(client, cast, keys):
    client.force_login(cast.root)
    client.raise_request_exception = False
    found, before = {}, fingerprint()
    for route, one in OWN:
        if "<int:" in route:
            method = "get" if hasattr(one.callback.view_class, "get") else "post"
            for key in (LONG, 0) if route.count("/") < 4 else (LONG,):
                status = getattr(client, method)(filled(route, key)).status_code
                if status != 404:
                    found[f"{method} {filled(route, key)}"] = status
        if re.search(r"<(?:str|slug|uuid):", route):
            for word in STRANGE:
                answer = client.get(re.sub(r"<\w+:\w+>", lambda m, w=word: "1" if "int" in m[0] else w, f"/{route}"))
                if wrong_with(answer, 0):
                    found[f"{route} {word}"] = wrong_with(answer, 0)
    for key in ("-1", "abc", "1.5", "%00", "%ED%A0%80", "1e3", "１"):
        status = client.get(f"/customers/{key}/").status_code
        if status != 404:
            found[f"/customers/{key}/"] = status
    assert found == {}
    assert changed(before, fingerprint()) == []


def test_a62_every_door_asks_for_the_token(cast, keys):
    """No view is exempt from the check of the middleware; posts to doors of every kind prove that it is made."""
    exempt = [route for route, one in patterns() if getattr(one.callback, "csrf_exempt", False)]
    assert exempt == []
    assert "django.middleware.csrf.CsrfViewMiddleware" in settings.MIDDLEWARE
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.root)
    client.get("/customers/add/")
    token, key = client.cookies["csrftoken"].value, keys["customers/"]
    before, passed = fingerprint(), {}
    ways = {
        "no token": ({"data": {}}),
        "a token of another": {"data": {"csrfmiddlewaretoken": "a" * 32}},
        "another site": {"data": {"csrfmiddlewaretoken": token}, "HTTP_ORIGIN": "https://evil.example"},
        "text": {"data": f"csrfmiddlewaretoken={token}", "content_type": "text/plain"},
    }
    doors = [route for route, _one in OWN if route.startswith("customers/")] + ["preferences/", "language/", "view-as/"]
    for number, route in enumerate([*doors, "admin/customers/customer/add/", "accounts/password/change/"]):
        for tell in list(ways)[number % 2 :: 2]:
            status = client.post(filled(route, key), **ways[tell]).status_code
            if status != 403:
                passed[f"{route} {tell}"] = status
    assert passed == {}
    assert changed(before, fingerprint()) == []
    good = {"csrfmiddlewaretoken": token, "name": ""}
    assert client.post("/preferences/", good).status_code == 422, "with the token the form itself is reached"


def test_a62_nobody_is_signed_in_without_the_token_of_the_form():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert response.status_code == 403
    assert "sessionid" not in client.cookies


POWERS = {
    "is_staff": "1",
    "is_superuser": "1",
    "is_active": "1",
    "groups": "1",
    "user_permissions": "1",
    "role": "admin",
    "username": "boss",
    "team": "1",
    "password": "x",
}


def test_a28_nobody_gives_himself_more_than_he_has(client, cast):
    """The own settings with every power by name, and the pages that hand out powers, as someone without them."""
    person = again(cast.alice)
    kept = {name: getattr(person, name) for name in ("is_superuser", "is_active", "username", "team_id", "password")}
    groups = list(person.groups.values_list("pk", flat=True))
    client.force_login(person)
    own = {"name": "Alice B", "email": person.email, "language": "en", "time_zone": "Asia/Shanghai", "theme": "auto"}
    form = client.get("/preferences/").context["form"]
    own |= {name: form[name].value() for name in form.fields if name not in own}
    powers = POWERS | {"groups": str(cast.head.pk), "team": str(cast.top.pk)}
    assert client.post("/preferences/", powers | own | {"theme": form["theme"].value()}).status_code == 303
    person = again(cast.alice)
    assert person.name == "Alice B"
    assert {name: getattr(person, name) for name in kept} == kept
    assert list(person.groups.values_list("pk", flat=True)) == groups
    before = fingerprint()
    for address in (
        f"/admin/crm/user/{person.pk}/change/",
        "/admin/auth/group/add/",
        "/admin/crm/rolerule/add/",
        "/settings/fields/rules/save/",
        "/settings/fields/layout/save/",
        "/view-as/",
    ):
        assert client.post(address, powers).status_code in (302, 403, 404), address
    assert changed(before, fingerprint()) == []


FORGED = {
    "id": "999",
    "number": "C-999999",
    "created_by": None,
    "created_at": "2001-01-01",
    "modified_by": None,
    "deleted_at": "2001-01-01T00:00:00Z",
    "team": None,
    "external_ref": "forged",
    "search_text": "forged",
    "base_amount": "1",
    "custom": '{"x": 1}',
    "s_text": "forged",
}


def test_a67_columns_that_the_form_of_a_record_does_not_offer_are_not_written(client, cast):
    """Every kind of record is saved with all its other columns sent along, as root, who may everything."""
    from tests.test_matrix import make, payload

    client.force_login(cast.root)
    wrong, done = {}, 0
    for slug, entity in registry.items():
        if not entity.has("change"):
            continue
        record = make(entity, cast.alice)
        form = entity.form_class()(instance=record, user=again(cast.root))
        columns = [f for f in entity.model._meta.concrete_fields if f.name not in form.fields]
        left = {"version", "modified_at", "modified_by", *entity_derived(entity.model)}
        before = entity.model.objects.filter(pk=record.pk).values(*[f.attname for f in columns if f.name not in left])
        row = dict(before[0])
        forged = {f.name: FORGED.get(f.name) or str(cast.carol.pk) for f in columns}
        response = client.post(entity.url("change", record), forged | payload(entity, again(cast.root), record))
        if response.status_code != 303:
            wrong[slug] = response.status_code
            continue
        done += 1
        after = dict(before.all()[0])
        if different := {name: (row[name], after[name]) for name in row if row[name] != after[name]}:
            wrong[slug] = different
    assert wrong == {}
    assert done > 12


BY_FORM = {"division"}  # the code of the place that the form names


def entity_derived(model) -> set[str]:
    """Columns that the database or the saving itself computes of what was typed."""
    return {f.name for f in model._meta.concrete_fields if f.generated or f.name in BY_FORM}


def test_a73_pages_for_failures_tell_nothing_of_the_inside(client, cast, monkeypatch, settings):
    """500, 404, 403, 400 of a wrong host, refused CSRF and a body that is too large, in both languages."""
    from crm.views import home

    def fail(*_args, **_more):
        raise RuntimeError("SELECT secret FROM /home/app/settings.py")

    settings.ALLOWED_HOSTS = ["testserver"]
    client.raise_request_exception = False
    said = {}
    for language in ("en", "zh-hans"):
        User.objects.filter(pk=cast.dave.pk).update(language=language)
        client.force_login(again(cast.dave))
        strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
        strict.force_login(again(cast.dave))
        with monkeypatch.context() as patch:
            patch.setattr(home, "cards_for", fail)
            said[language, 500] = client.get("/")
        said[language, 404] = client.get("/nothing/<script>canary()</script>/")
        said[language, 403] = client.get("/customers/add/")
        said[language, "host"] = client.get("/", HTTP_HOST="evil.example")
        said[language, "csrf"] = strict.post("/preferences/", {})
        said[language, 413] = client.post("/preferences/", {"name": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
        said[language, "fields"] = client.post(
            "/preferences/", {f"f{number}": "1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
        )
    codes = {500: 500, 404: 404, 403: 403, "host": 400, "csrf": 403, 413: 400, "fields": 400}
    assert {what: answer.status_code for what, answer in said.items()} == {
        (language, what): code for language in ("en", "zh-hans") for what, code in codes.items()
    }
    for what, answer in said.items():
        content = answer.content.decode()
        assert not SECRETS.search(content), what
        assert "<html" in content, what
        assert "<script>canary" not in content, what
    for what in (404, 403, 500):
        assert re.search(r"[\u4e00-\u9fff]", said["zh-hans", what].content.decode()), what
