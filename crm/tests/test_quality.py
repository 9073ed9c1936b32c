"""The page on data quality: each figure counts what the person sees, and leads to exactly these rows."""

import random
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlparse

import pytest
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as Wrong

from crm.access import Action, Reach, share
from crm.bulk import Selection
from crm.entities import registry
from crm.exchange import Export
from crm.filters import filter_form
from crm.listing import Listing
from crm.models import FieldRule, ImportBatch, Job, RoleRule
from crm.protection import fields as protected
from crm.quality import counting
from crm.quality.checks import Check
from crm.quality.filters import quality_filters
from crm.tests.test_custom_fields import define
from customers.models import Customer, DuplicatePair
from customers.quality import wrong_credit_code
from customers.tests.factories import (
    make_billing_profile,
    make_contact,
    make_contact_point,
    make_contact_role,
    make_customer,
    make_industry,
    make_interaction,
)
from sales.tests.factories import make_opportunity
from service.tests.factories import make_case
from tests import budgets
from tests.cast import again, make_role, make_user

pytestmark = pytest.mark.django_db
RATED = sorted(slug for slug, entity in registry.items() if entity.is_rated)
GOOD_CODE, BAD_CODE = "91110000600037341L", "911100006000373410"
LINK = re.compile(r'href="(/[\w-]+/\?(?:filled|without|wrong|quiet)=[^"]*)">([\d,]+)<')


def page_of(client, person, slug="customers", query=""):
    client.force_login(person)
    response = client.get(f"/quality/{slug}/{query}")
    assert response.status_code == 200
    return response


def told(response) -> dict[str, int]:
    """{"filled=phone": 3, …}: every number of the page that leads to rows."""
    text = unescape(response.content.decode())
    return {urlparse(url).query: int(number.replace(",", "")) for url, number in LINK.findall(text)}


def rows_behind(entity, person, query):
    """The rows that the filter of the link keeps, as the list does."""
    filters = quality_filters(entity, person)
    form = filter_form(filters, entity.model, person, QueryDict(query))
    assert form.is_valid(), (query, form.errors)
    rows = entity.model.objects.visible_to(person)
    for one in filters:
        rows = one.apply(rows, form.cleaned_data)
    return rows


def old(record, days=200):
    """The record as if it had been added so many days ago."""
    type(record).objects.filter(pk=record.pk).update(created_at=timezone.now() - timedelta(days=days))
    return record


@pytest.fixture
def company(cast):
    """Customers of three people, with and without this and that; of each kind of record some."""
    define("plan", "text")
    define("salary", "text", is_sensitive=True)
    industry = make_industry()
    full = make_customer(
        cast.alice, industry=industry, credit_code=GOOD_CODE, website="https://a.example", custom={"plan": "A"}
    )
    full.hold(next(d for d in cast.root.fields.definitions(Customer) if d.code == "salary"), "18,000")
    full.last_followed_at = timezone.now()
    full.save()
    make_contact_point(customer=full, kind="mobile", value="13812345678")
    make_contact_point(customer=full, kind="email", value="a@b.example", is_valid=False)
    make_contact(cast.alice, customer=full, is_primary=True, position="CEO", identity_number="E12345678")
    wrong = old(make_customer(cast.alice, name="Wrong", credit_code=BAD_CODE, background="known"))
    make_contact_point(customer=wrong, kind="phone", value="051262880000", is_valid=False)
    for number in ("", "ABCD1234", GOOD_CODE, BAD_CODE):
        make_billing_profile(cast.alice, customer=full if number != BAD_CODE else wrong, tax_number=number)
    heard = old(make_customer(cast.bob, name="Heard"))
    Customer.objects.filter(pk=heard.pk).update(last_followed_at=timezone.now() - timedelta(days=100))
    make_customer(cast.bob, name="Person", kind="person")
    carols = make_customer(cast.carol, name="Carol's", credit_code=BAD_CODE)
    share(carols, cast.alice, actor=cast.root)
    old(make_customer(cast.carol, name="Not seen", credit_code=BAD_CODE))
    make_customer(None, name="Nobody's")
    reach = make_contact(cast.carol, customer=carols)
    make_contact_point(contact=reach, kind="mobile", value="13812345679", is_valid=False)
    for place in ("prospecting", "won", "lost"):
        make_opportunity(cast.alice, at=place, customer=full, next_step="Call" if place == "lost" else "")
    make_case(cast.alice, customer=full, description="It stands still")
    return full


def test_the_figures_of_one_person_are_these(client, cast, company):
    response = page_of(client, cast.alice)
    figures = response.context["figures"]
    assert figures.total == 5  # two own ones, two of the team, one that is shared
    lines = {line.check.name: (line.passing, line.of) for line in figures.gaps}
    assert lines["phone"] == (2, 5)
    assert lines["email"] == (1, 5)
    assert lines["contact"] == (1, 5)
    assert lines["credit_code"] == (3, 4)  # of companies alone
    assert lines["industry"] == (1, 4)
    assert lines["background"] == (1, 5)
    assert lines["custom_plan"] == (1, 5)
    assert lines["custom_salary"] == (1, 5)
    assert not {"parent", "name", "kind", "created_at", "number", "tags", "starred"} & lines.keys()
    wrong = {line.check.name: line.failing for line in figures.faults}
    assert wrong == {"phone": 1, "email": 1, "credit_code": 2, "tax_number": 1}
    assert {line.check.name: line.failing for line in figures.responsible} == {"owner": 0, "team": 0}
    assert (figures.never.failing, figures.quiet) == (3, 2)
    assert told(page_of(client, cast.alice, query="?days=150"))["quiet=150"] == 1
    root = page_of(client, cast.root).context["figures"]
    assert {line.check.name: line.failing for line in root.responsible} == {"owner": 1, "team": 1}
    deals = page_of(client, cast.alice, "opportunities").context["figures"]
    lines = {line.check.name: (line.passing, line.of) for line in deals.gaps}
    assert (lines["next_step"], lines["closed_on"][1], lines["lost_reason"][1]) == ((0, 1), 2, 1)
    people = page_of(client, cast.alice, "contacts").context["figures"]
    assert {line.check.name: line.failing for line in people.faults} == {"mobile": 1, "phone": 0, "email": 0}
    assert (people.total, people.never, people.quiet) == (2, None, 0)


def test_a_contact_is_quiet_when_no_talk_that_one_sees_names_him(client, cast):
    def names(person, days=30):
        rows = Listing(registry["contacts"], again(person), QueryDict(f"quiet={days}")).visible
        assert told(page_of(client, person, "contacts", f"?days={days}")).get(f"quiet={days}", 0) == rows.count()
        return set(rows.values_list("name", flat=True))

    here, there = make_customer(cast.alice), make_customer(cast.carol)
    people = {
        name: old(make_contact(cast.alice, customer=here, name=name))
        for name in ("spoken to", "there too", "long ago", "never", "elsewhere")
    }
    make_contact(cast.alice, customer=here, name="new")
    make_contact_role(contact=people["elsewhere"], customer=there)
    now = timezone.now()
    make_interaction(customer=here, contact=people["spoken to"], at=now, with_contacts=[people["there too"].pk])
    make_interaction(customer=here, contact=people["long ago"], at=now - timedelta(days=50))
    make_interaction(customer=there, contact=people["elsewhere"], at=now)
    assert names(cast.alice) == {"long ago", "never", "elsewhere"}
    assert names(cast.alice, 60) == {"never", "elsewhere"}
    assert names(cast.carol) == set()
    assert names(cast.root) == {"long ago", "never"}
    RoleRule.objects.filter(role=cast.worker, model="customers.interaction").delete()
    assert page_of(client, cast.alice, "contacts").context["figures"].quiet is None


@pytest.mark.parametrize("who", ["alice", "root"])
def test_each_number_is_that_of_the_rows_behind_its_link(client, cast, company, who):
    person, checked = cast.people[who], 0
    for slug in RATED if who == "alice" else ("contacts", "customers"):
        response = page_of(client, person, slug)
        found, user = told(response), again(person)
        seen = set(registry[slug].model.objects.visible_to(user).values_list("pk", flat=True))
        for query, number in found.items():
            keys = list(rows_behind(registry[slug], user, query).values_list("pk", flat=True))
            assert len(keys) == number, (slug, query)
            assert set(keys) <= seen
            checked += 1
        filled = {q.partition("=")[2]: n for q, n in found.items() if q.startswith("filled=")}
        for name, number in filled.items():
            line = next(one for one in response.context["figures"].gaps if one.check.name == name)
            assert number + found.get(f"without={name}", 0) == line.of
    assert checked > 30
    for query in ("without=phone", "wrong=credit_code", "quiet=90", "filled=custom_salary"):  # the pages themselves
        listing = client.get(f"/customers/?{query}").context["listing"]
        assert len(listing.rows) == told(page_of(client, person)).get(query, 0)
        assert len(listing.chips) == 1


def test_several_fields_at_once_and_what_is_no_field(cast, company):
    def names(query):
        return set(Listing(registry["customers"], again(cast.alice), QueryDict(query)).visible.values_list("name"))

    assert names("without=phone&without=email") == names("without=phone")
    assert names("without=phone&filled=background") == set()
    assert len(names("wrong=phone&wrong=email")) == 2  # either
    listing = Listing(registry["customers"], again(cast.alice), QueryDict("without=nothing&quiet=x"))
    assert listing.visible.count() == 5
    assert {"without", "quiet"} <= listing.form.errors.keys()


def test_exports_choices_of_many_rows_and_boards_keep_the_same_rows(client, cast, company):
    for slug, query, number in (
        ("customers", "without=phone&without=email", 4),
        ("customers", "wrong=phone&wrong=email&wrong=credit_code", 4),
        ("customers", "filled=custom_salary&filled=contact&sort=-revenue_order", 1),
        ("customers", "quiet=90&wrong=tax_number", 1),
        ("contacts", "wrong=mobile&without=birthday&sort=name", 1),
        ("contacts", "filled=identity_number&q=contact", 1),
        ("opportunities", "without=next_step&sort=name", 1),
    ):
        entity, user = registry[slug], again(cast.erin)
        found = [
            len(list(Export(entity, user, QueryDict(query), all_columns=True).rows())),
            Selection(entity, user, query=query).seen.count(),
            Listing(entity, user, QueryDict(query)).count[0],
        ]
        assert found == [number] * 3, (slug, query)
    client.force_login(cast.erin)
    columns = client.get("/opportunities/board/?without=next_step").context["columns"]
    assert sum(len(column.cards) for column in columns) == 1


def test_a_code_is_wrong_in_sql_when_it_is_in_python(db):
    dice = random.Random(7)
    alphabet = uscc._alphabet
    codes = ["", GOOD_CODE, GOOD_CODE.lower(), GOOD_CODE[:-1], "9" * 18, "91110000I00037341L", "９1110000600037341L"]
    for _ in range(150):
        code = "".join(dice.choices("0123456789", k=8) + dice.choices(alphabet, k=9))
        code += uscc.calc_check_digit(code)
        place = dice.randrange(18)
        codes += [code, code[:place] + dice.choice(alphabet) + code[place + 1 :]]

    def is_wrong(code):
        try:
            return bool(code) and uscc.validate(code) != code
        except Wrong:
            return True

    Customer.objects.bulk_create(Customer(name=str(at), credit_code=code) for at, code in enumerate(codes))
    found = set(Customer.objects.filter(wrong_credit_code("credit_code")).values_list("name", flat=True))
    assert found == {str(at) for at, code in enumerate(codes) if is_wrong(code)}
    assert 100 < len(found) < 200


def test_what_a_person_may_not_see_is_not_counted(client, cast, company):
    FieldRule.objects.create(role=cast.worker, entity="customers.customer", field="background", right="hide")
    FieldRule.objects.create(role=cast.worker, entity="customers.customer", field="custom_plan", right="hide")
    FieldRule.objects.create(role=cast.worker, entity="customers.customer", field="credit_code", right="hide")
    FieldRule.objects.create(role=cast.worker, entity="customers.billingprofile", field="tax_number", right="hide")
    RoleRule.objects.filter(role=cast.worker, model="customers.contactpoint").delete()
    text = unescape(page_of(client, cast.alice).content.decode())
    assert not re.search("background|custom_plan|credit_code|tax_number|=phone|=email", text)
    listing = Listing(registry["customers"], again(cast.alice), QueryDict("without=background&wrong=credit_code"))
    assert listing.visible.count() == 5
    assert "without" in listing.form.errors
    assert "wrong" not in listing.form.fields  # nothing is left of which it could be asked
    assert "without=background" in unescape(page_of(client, cast.root).content.decode())


def test_protected_values_are_counted_and_not_opened(client, cast, company, monkeypatch):
    def refuse(*args):
        raise AssertionError("a value was opened")

    monkeypatch.setattr(protected, "unseal", refuse)
    found = told(page_of(client, cast.alice, "contacts"))
    assert (found["filled=identity_number"], found["without=birthday"]) == (1, 2)
    assert told(page_of(client, cast.alice))["filled=custom_salary"] == 1


@pytest.mark.parametrize("slug", RATED)
def test_a_page_costs_the_same_for_few_and_many_rows_and_asks_each_table_once(client, cast, company, slug):
    for person in (cast.alice, cast.root):
        page_of(client, person, slug)
        costs = []
        for number in (0, 30):
            for _ in range(number):
                make_contact_point(contact=make_contact(cast.alice))
            with CaptureQueriesContext(connection) as caught:
                assert client.get(f"/quality/{slug}/").status_code == 200
            costs.append([q["sql"] for q in caught])
        assert len(costs[0]) == len(costs[1]) <= budgets.QUALITY_QUERIES, costs[1]
        assert sum("FILTER (WHERE" in sql for sql in costs[1]) == 1


def test_days_come_from_the_address_and_nonsense_is_the_usual_number(client, cast, company):
    for text, days in (("30", 30), ("0", 90), ("-5", 90), ("x", 90), ("²", 90), ("99999", 90), ("3650", 3650)):
        response = page_of(client, cast.alice, query=f"?days={text}")
        assert response.context["days"] == days
        assert f'value="{days}"'.encode() in response.content


def test_slow_figures_over_all_records_are_kept_and_those_of_others_never(client, cast, company, monkeypatch):
    monkeypatch.setattr(counting, "SLOW", -1)
    assert [page_of(client, one).context["figures"].total for one in (cast.root, cast.alice)] == [7, 5]
    make_customer(cast.alice)
    response = page_of(client, cast.root)
    assert (response.context["figures"].total, response.context["figures"].is_kept) == (7, True)
    assert b"again=1" in response.content
    assert page_of(client, cast.alice).context["figures"].total == 6
    assert page_of(client, cast.root, query="?days=91").context["figures"].total == 8  # another question
    assert page_of(client, cast.root, query="?again=1").context["figures"].total == 8
    assert page_of(client, cast.root).context["figures"].total == 8


def test_what_takes_too_long_is_stopped_and_said(client, cast, company, monkeypatch):
    slow = Check("phone", Q(slept__isnull=True), needs={"slept": RawSQL("pg_sleep(5)::text", ())})
    monkeypatch.setattr(registry["customers"], "gaps", (slow,))
    monkeypatch.setattr(counting, "LONGEST", "0.05")
    response = page_of(client, cast.alice)
    assert response.context["figures"] is None
    assert b"was stopped" in response.content


def test_whoever_sees_no_such_records_has_no_page(client, cast):
    client.force_login(cast.dave)
    assert client.get("/quality/").status_code == 403
    assert client.get("/quality/customers/").status_code == 403
    assert b'href="/quality/"' not in client.get("/").content
    agent = make_user("agent", cast.south, make_role("Nobody", Reach.NONE))
    RoleRule.objects.filter(role__user=agent, model="customers.contact").delete()
    RoleRule.objects.filter(role__user=agent, model="service.case", action="view").update(reach=Reach.OWN)
    client.force_login(agent)
    assert client.get("/quality/").headers["Location"] == "/quality/cases/"
    assert b'href="/quality/"' in client.get("/").content
    assert b"There is nothing to count" in client.get("/quality/cases/").content
    assert client.get("/quality/customers/").status_code == 403


def test_possible_duplicates_lead_to_the_queue_which_readers_may_read_and_not_decide(client, cast, company):
    mine, others = (list(Customer.objects.filter(owner=one).order_by("pk")[:2]) for one in (cast.alice, cast.carol))
    of = DuplicatePair._meta.get_field("kind").related_model.objects.get_for_model(Customer)
    for first, second, state in ((*mine, "open"), (mine[0], others[1], "open"), (mine[1], others[0], "dismissed")):
        DuplicatePair.objects.create(kind=of, first=first.pk, second=second.pk, score=97, state=state)
    pair = DuplicatePair.objects.get(first=mine[0].pk, second=mine[1].pk)
    RoleRule.objects.filter(role=cast.worker, action=Action.CHANGE).delete()
    for person, number in ((cast.alice, 1), (cast.carol, 0), (cast.root, 2)):
        further = page_of(client, person).context["further"]
        assert [(count, url) for _figure, count, url in further] == [(number, reverse("customers-duplicates"))]
        assert len(client.get(reverse("customers-duplicates")).context["rows"]) == number
    client.force_login(cast.alice)
    response = client.get(reverse("customers-duplicates"))
    assert b'name="pair"' not in response.content
    assert client.post(reverse("customers-duplicates"), {"pair": pair.pk}).status_code == 403
    pair.refresh_from_db()
    assert pair.state == "open"
    assert page_of(client, cast.alice, "contacts").context["further"][0][1] == 0


def test_a_file_that_was_only_compared_says_so_and_leads_to_the_comparison(client, cast):
    job = Job.objects.create(kind="compare", user=cast.alice, title="Compare", state=Job.State.DONE)
    batch = ImportBatch.objects.create(user=cast.alice, entity="customers", name="old.csv", compare_job=job)
    client.force_login(cast.alice)
    for address in ("/customers/import/", reverse("import-list")):
        text = unescape(client.get(address).content.decode())
        assert "only compared" in text
        assert f"/customers/compare/?batch={batch.pk}" in text
