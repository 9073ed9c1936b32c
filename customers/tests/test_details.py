"""Codes with check digits, addresses, invoice details, groups and relations of customers."""

import datetime
import html

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from customers import codes, divisions
from customers.group import members, totals, tree
from customers.models import Address, BillingProfile, Contact, Customer, CustomerRelation
from customers.models.customer import size_of
from customers.tests.factories import make_address, make_billing_profile, make_contact, make_customer, make_relation

GOOD_CODE = "91110000600037341L"


@pytest.fixture
def send(client):
    """Sends a form as a person; gives the response with its text unescaped."""

    def send_it(person, url, **data):
        client.force_login(person)
        response = client.post(url, data)
        response.text_plain = html.unescape(response.content.decode())
        return response

    return send_it


def customer_data(**fields):
    data = {"name": "Acme", "kind": "company", "type": "customer", "level": "B", "lifecycle": "prospect"}
    return data | {"owner": "alice"} | fields


@pytest.mark.parametrize(
    "text", [GOOD_CODE, "91110000600037341l", "9111 0000-6000 37341L", "９１１１００００６０００３７３４１Ｌ"]
)
def test_a_credit_code_is_kept_in_one_form(text):
    assert codes.credit_code(text) == GOOD_CODE


@pytest.mark.parametrize("text", ["91110000600037341M", "9111000060003734", "911100006000373410L", "hello", "I" * 18])
def test_a_wrong_credit_code_is_refused_with_what_it_should_be(text):
    with pytest.raises(ValidationError, match="18 characters"):
        codes.credit_code(text)


def test_a_tax_number_may_be_foreign_but_a_chinese_one_must_fit():
    assert codes.tax_number("de 123-456 789") == "DE123456789"
    assert codes.tax_number(GOOD_CODE) == GOOD_CODE
    for text in ("91110000600037341M", "??", "1"):
        with pytest.raises(ValidationError):
            codes.tax_number(text)


def test_an_identity_number_of_18_digits_must_fit_and_a_passport_may_be_anything_short():
    assert codes.identity_number("11010519491231002x") == "11010519491231002X"
    assert codes.identity_number("E1234 5678") == "E12345678"
    for text in ("110105194912310021", "110105199913310021", "12"):
        with pytest.raises(ValidationError):
            codes.identity_number(text)


def test_an_account_number_is_digits_or_an_iban():
    assert codes.bank_account("6222 0202 0011 2233") == "6222020200112233"
    assert codes.bank_account("de89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    with pytest.raises(ValidationError):
        codes.bank_account("call me")


def test_places_are_found_in_chinese_and_pinyin_and_named_by_code_line_or_last_name():
    assert [str(place) for place in divisions.find("吴中")] == ["江苏省 / 苏州市 / 吴中区"]
    assert str(divisions.find("suzhou")[0]) in ("江苏省 / 苏州市", "安徽省 / 宿州市")
    assert divisions.named("320506") == divisions.named("江苏省/苏州市/吴中区") == divisions.named("吴中区")
    assert len(divisions.named("鼓楼区")) > 1
    assert divisions.named("Springfield") == []
    wuzhong = divisions.named("吴中区")[0]
    assert (wuzhong.code, wuzhong.name) == ("320506", "吴中区")


def test_the_size_follows_the_employees():
    assert [size_of(number) for number in (None, 0, 1, 19, 20, 499, 500, 2_000, 90_000)] == [
        "", "", "1", "1", "20", "100", "500", "2000", "2000",
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_form_keeps_what_was_typed_beside_a_wrong_code_and_saves_a_right_one(cast, send):
    refused = send(cast.alice, "/customers/add/", **customer_data(credit_code="9111", preferences="WeChat"))
    assert refused.status_code == 422
    assert "“9111” is not a unified social credit code" in refused.text_plain
    assert 'value="9111"' in refused.text_plain
    assert "WeChat</textarea>" in refused.text_plain
    assert not Customer.objects.exists()
    send(cast.alice, "/customers/add/", **customer_data(credit_code=GOOD_CODE.lower(), employees="120"))
    customer = Customer.objects.get()
    assert (customer.credit_code, customer.size) == (GOOD_CODE, "100")


@pytest.mark.django_db
def test_a_founding_in_the_future_is_refused(cast, send):
    response = send(cast.alice, "/customers/add/", **customer_data(founded_on="2999-01-01"))
    assert (response.status_code, "The founding lies in the future." in response.text_plain) == (422, True)


@pytest.mark.django_db
def test_an_address_is_chosen_from_the_list_and_keeps_the_code_of_its_place(cast, send):
    customer = make_customer(cast.alice)
    number = f"C-{customer.pk:06}"
    send(
        cast.alice,
        "/addresses/add/",
        customer=number,
        kind="office",
        place="吴中区",
        street="星湖街 1 号",
        primary="on",
    )
    address = Address.objects.get()
    assert (address.division, address.place, address.street) == ("320506", "江苏省 / 苏州市 / 吴中区", "星湖街 1 号")
    assert address.is_primary
    refused = send(cast.alice, "/addresses/add/", customer=number, kind="office", place="鼓楼区", street="x")
    assert (refused.status_code, "Several places are called “鼓楼区”" in refused.text_plain) == (422, True)
    send(
        cast.alice, "/addresses/add/", customer=number, kind="other", place="Springfield", street="1 Elm", primary="on"
    )
    rows = Address.objects.order_by("pk").values_list("division", "place", "is_primary")
    assert list(rows) == [("320506", "江苏省 / 苏州市 / 吴中区", False), ("", "Springfield", True)]


@pytest.mark.django_db
def test_an_address_without_place_and_street_is_refused(cast, send):
    customer = make_customer(cast.alice)
    response = send(cast.alice, "/addresses/add/", customer=f"C-{customer.pk:06}", kind="office")
    assert (response.status_code, "Fill in the place or the street." in response.text_plain) == (422, True)
    assert not Address.objects.exists()


@pytest.mark.django_db
def test_street_account_birthday_and_identity_number_are_ciphertext_in_the_database(cast):
    make_address(cast.alice, street="星湖街 1 号")
    make_billing_profile(cast.alice, account="6222020200112233")
    make_contact(cast.alice, birthday=datetime.date(1990, 2, 28), identity_number="E12345678")
    columns = (
        ("address", "street"),
        ("billingprofile", "account"),
        ("contact", "birthday"),
        ("contact", "identity_number"),
    )
    secrets = ("星湖街".encode(), b"6222020200112233", b"1990-02-28", b"E12345678")
    with connection.cursor() as cursor:
        for (table, column), secret in zip(columns, secrets, strict=True):
            for name in (f"customers_{table}", f"customers_{table}event"):
                cursor.execute(f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL")
                kept = bytes(cursor.fetchone()[0])
                assert secret not in kept
                assert len(kept) == 29 + len(secret if table != "address" else "星湖街 1 号".encode())
    contact = Contact.objects.get()
    assert (contact.birthday, contact.identity_number) == (datetime.date(1990, 2, 28), "E12345678")


@pytest.mark.django_db
def test_the_usual_invoice_details_are_one_and_wrong_numbers_are_told(cast, send):
    customer = make_customer(cast.alice)
    data = {"customer": f"C-{customer.pk:06}", "title": "Acme", "primary": "on"}
    send(cast.alice, "/billing-profiles/add/", **data, tax_number=GOOD_CODE, account="6222 0202 0011 2233")
    send(cast.alice, "/billing-profiles/add/", **data | {"title": "Acme 2"})
    rows = BillingProfile.objects.order_by("pk").values_list("title", "tax_number", "is_default")
    assert list(rows) == [("Acme", GOOD_CODE, False), ("Acme 2", "", True)]
    assert BillingProfile.objects.order_by("pk")[0].account == "6222020200112233"
    refused = send(cast.alice, "/billing-profiles/add/", **data, tax_number="91110000600037341M", account="call me")
    assert refused.status_code == 422
    assert "is not a unified social credit code" in refused.text_plain
    assert "is not an account number" in refused.text_plain
    assert BillingProfile.objects.count() == 2


@pytest.mark.django_db
def test_a_birthday_that_cannot_be_is_refused(cast, send):
    contact = make_contact(cast.alice, customer=make_customer(cast.alice))
    for day in ("1850-01-01", "2999-01-01"):
        response = send(cast.alice, f"/contacts/{contact.pk}/change/", name="Zhou", birthday=day)
        assert (response.status_code, "Nobody living was born then." in response.text_plain) == (422, True)


@pytest.fixture
def group(cast):
    """Alice's holding with two companies, one of them with a workshop of Carol's, which Alice does not see."""
    holding = make_customer(cast.alice, name="Holding", revenue=1_000, currency="CNY")
    first = make_customer(cast.alice, name="First", parent=holding, revenue=200, currency="CNY", employees=30)
    second = make_customer(cast.alice, name="Second", parent=holding)
    hidden = make_customer(cast.carol, name="Hidden", parent=second, revenue=5_000, currency="CNY")
    below = make_customer(cast.alice, name="Below the hidden one", parent=hidden)
    return [holding, first, second, hidden, below]


def outline(nodes):
    return [(node.name, node.record is not None, outline(node.below)) for node in nodes]


@pytest.mark.django_db
def test_the_group_shows_visible_companies_and_only_the_name_of_one_above_them(cast, group):
    holding, first, second, _hidden, below = group
    rows = members(first, cast.alice)
    assert set(rows) == {holding, first, second, below}
    assert outline(tree(rows, cast.alice)) == [
        ("Holding", True, [("First", True, []), ("Second", True, [])]),
        ("Hidden", False, [("Below the hidden one", True, [])]),
    ]
    assert dict(totals(rows, cast.alice)) == {
        "Companies": "4", "Annual revenue": "¥1,200", "Employees": "30", "Open opportunities": "—", "Won so far": "—",
    }  # fmt: skip
    assert set(members(holding, cast.carol)) == {group[3]}


@pytest.mark.django_db
def test_a_circle_of_parents_ends_and_counts_each_company_once(cast):
    one, two = make_customer(cast.alice, name="One"), make_customer(cast.alice, name="Two")
    Customer.objects.filter(pk=one.pk).update(parent=two)
    Customer.objects.filter(pk=two.pk).update(parent=one)
    assert set(members(one, cast.alice)) == {one, two}


@pytest.mark.django_db
def test_the_group_page_links_only_what_the_reader_may_open(cast, client, group):
    other = make_customer(cast.carol, name="Carol's supplier")
    make_relation(cast.alice, customer=group[0], other=other, kind="supplier", note="steel")
    client.force_login(cast.alice)
    page = html.unescape(client.get(f"/customers/{group[0].pk}/group/").content.decode())
    assert f'href="/customers/{group[1].pk}/"' in page
    assert "<span>Hidden</span>" in page
    assert f"/customers/{group[3].pk}/" not in page
    assert "<span>Carol's supplier</span>" in page
    assert f"/customers/{other.pk}/" not in page
    client.force_login(cast.carol)
    assert client.get(f"/customers/{group[0].pk}/group/").status_code == 404
    page = html.unescape(client.get(f"/customers/{other.pk}/group/").content.decode())
    assert "Buyer" in page
    assert "<span>Holding</span>" in page


@pytest.mark.django_db
def test_a_relation_to_itself_twice_or_from_the_other_side_is_refused(cast, send):
    one, two = make_customer(cast.alice), make_customer(cast.alice)
    numbers = {"customer": f"C-{one.pk:06}", "other": f"C-{two.pk:06}"}
    send(cast.alice, "/relations/add/", **numbers, kind="supplier")
    assert CustomerRelation.objects.count() == 1
    for data, reason in (
        (numbers | {"kind": "supplier"}, "This relation is listed already."),
        ({"customer": numbers["other"], "other": numbers["customer"], "kind": "buyer"}, "from the other side"),
        ({"customer": numbers["customer"], "other": numbers["customer"], "kind": "other"}, "no relation to itself"),
    ):
        refused = send(cast.alice, "/relations/add/", **data)
        assert (refused.status_code, reason in refused.text_plain) == (422, True), reason
    assert CustomerRelation.objects.count() == 1


@pytest.mark.django_db
def test_places_are_suggested_to_people_who_are_signed_in(cast, client):
    assert client.get("/places/?q=吴中").status_code == 302
    client.force_login(cast.dave)
    assert client.get("/places/", {"q": "吴中"}).json() == {"choices": ["江苏省 / 苏州市 / 吴中区"]}
    assert client.get("/places/", {"q": " "}).json() == {"choices": []}
