"""The short ways of the import give what the long ones give."""

import datetime
import json
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from hypothesis import given
from hypothesis import strategies as st

from crm.entities import registry
from crm.exchange import work
from crm.exchange.fields import PLAIN_ADDRESS, left_to_check, web_address
from crm.exchange.met import Keys, Met
from crm.exchange.staging import blank_record, data_of, filled_of, stored_columns, whole
from crm.json_text import by_django, decode, encode
from crm.models import StagedRow
from crm.protection.cipher import cell, unseal
from crm.tests.test_importing import checked, signed_in
from customers.importing import CustomerImporter
from customers.models import Contact, ContactPoint, Customer
from customers.points import PLAIN_EMAIL, digest_of
from marketing.models import Campaign
from sales.models import Opportunity, Product
from service.models import Case


@pytest.mark.parametrize("model", [Customer, Contact, ContactPoint, Opportunity, Product, Campaign, Case])
def test_a_blank_record_is_what_the_model_makes(model):
    plain, blank, other = model(), blank_record(model), blank_record(model)
    mine = {name: value for name, value in vars(blank).items() if name != "_state"}
    assert mine.keys() == vars(plain).keys() - {"_state"}
    assert (blank._state.adding, blank._state.db) == (True, None)
    for name, value in mine.items():
        if isinstance(value, uuid.UUID):
            assert value != vars(other)[name]
        elif isinstance(value, list | dict):
            assert value is not vars(other)[name]
            assert value == vars(plain)[name]
        elif not isinstance(value, datetime.datetime):
            assert value == vars(plain)[name]
    assert data_of(blank).keys() == data_of(plain).keys()


@given(st.text("aZ9-.", max_size=80), st.text("aZ9-._/%~", max_size=20))
def test_an_address_that_is_plainly_right_is_right_for_django(host, path):
    text = f"https://{host}.com/{path}"
    if PLAIN_ADDRESS.fullmatch(text):
        URLValidator()(text)


@pytest.mark.parametrize(
    "text", ["https://例子.测试/路径?x=1", "http://10.0.0.1:8000/", "https://a.example.com/x y", "ftp:x"]
)
def test_any_other_address_is_judged_by_django(text):
    def verdict(check):
        try:
            check(text)
        except ValidationError as error:
            return error.messages
        return []

    assert verdict(web_address) == verdict(URLValidator())


def test_no_rule_is_left_out_that_the_reader_does_not_know():
    names = {name: [type(one).__name__ for one in left_to_check(Customer._meta.get_field(name))] for name in (
        "name", "revenue", "employees", "website")}  # fmt: skip
    assert names == {"name": [], "revenue": [], "employees": ["MaxValueValidator"], "website": ["function"]}


@pytest.mark.django_db
def test_rows_that_are_too_many_for_memory_are_kept_on_disk(client, cast, monkeypatch, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(work, "MOST_KEPT", 40)
    monkeypatch.setattr(work, "CHUNK", 2)
    batch = checked(signed_in(client, cast.alice), "name\n" + "\n".join(f"Oak {n}" for n in range(7)))
    assert list(batch.rows.order_by("line").values_list("data__name", "decision")) == [
        (f"Oak {n}", StagedRow.Decision.CREATE) for n in range(7)
    ]


@pytest.mark.django_db
def test_no_text_of_a_file_is_a_word_of_copy(client, cast, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    names = ["\\N", "\\.", "a\\tb\\\\", "C:\\new\\t", "”\\u0041", "🌳\\"]
    background = 'one\ttab\n"two" \\ lines\\n'
    quoted = background.replace('"', '""')
    batch = checked(
        signed_in(client, cast.alice), "name,background\n" + "".join(f'{one},"{quoted}"\n' for one in names)
    )
    rows = list(batch.rows.order_by("line"))
    assert [row.data["name"] for row in rows] == names == [row.cells[0] for row in rows]
    assert {row.data["background"] for row in rows} == {background}
    assert [(row.changes, row.target_id, row.errors, row.kinds) for row in rows] == [(None, None, {}, [])] * len(names)


@pytest.mark.django_db
def test_many_fingerprints_are_asked_for_at_once(cast):
    make = Customer.objects.create
    for number in ("13812345678", "13912345678"):
        ContactPoint.objects.create(customer=make(name=number, owner=cast.alice), kind="phone", value=number)
    asked = [digest_of("phone", text) for text in ("13912345678", "13712345678")]
    found = ContactPoint.objects.filter(digest__anyof=asked)
    assert [point.value for point in found] == ["13912345678"]


@pytest.mark.django_db
def test_lines_with_the_phone_of_an_earlier_line_wait_for_a_decision(client, cast, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    text = "name,phone,email\nOak,138 1234 5678,\nElm,+86 13812345678,\nFir,,a@oak.example\nYew,,A@Oak.example\nBay,,\n"
    batch = checked(signed_in(client, cast.alice), text)
    assert list(batch.rows.order_by("line").values_list("line", "decision", "match")) == [
        (2, "create", ""),
        (3, "twin", "file"),
        (4, "create", ""),
        (5, "twin", "file"),
        (6, "create", ""),
    ]
    assert batch.rows.get(line=3).errors == {"": "Line 2 of this file has the same phone or e-mail."}
    own = checked(client, "external id,name,phone\n1,Fig,138 1234 5678\n2,Fig,138 1234 5678\n1,Fog,\n")
    assert [*own.rows.order_by("line").values_list("decision", flat=True)] == ["create", "create", "twin"]
    assert batch.rows.get(line=5).errors == {"": "Line 4 of this file has the same phone or e-mail."}


@given(st.text("aZ9_+-.", max_size=30), st.text("aZ9-.", max_size=80))
def test_an_email_that_is_plainly_right_is_right_for_django(local, host):
    text = f"{local}@{host}.cn"
    if PLAIN_EMAIL.fullmatch(text) and len(text) <= 200:
        validate_email(text)


@pytest.mark.parametrize("model", [Customer, Contact, ContactPoint, Opportunity, Product, Campaign, Case])
def test_what_a_record_is_filled_with_and_what_an_empty_one_has_are_all_its_columns(model):
    record, nothing = blank_record(model), dict.fromkeys(field.column for field in stored_columns(model))
    for change in ({}, {"created_by_id": 7, "version": 3}):
        vars(record).update(change)
        part = decode(encode(filled_of(record)))
        assert change.keys() <= part.keys()
        assert len(part) < 6 + len(change)
        assert nothing | whole(model, part) == decode(encode(data_of(record)))


@pytest.mark.django_db
def test_a_point_of_an_import_is_what_the_model_writes(cast):
    record = Customer.objects.create(name="Oak", owner=cast.alice)
    importer = CustomerImporter(registry["customers"], cast.alice)
    for kind, value in (("phone", "051262880000x8"), ("email", "a@oak.example"), ("wechat", "oak")):
        made = importer.point(record.pk, kind, value)
        point = ContactPoint(customer=record, kind=kind, value=value, is_primary=True)
        point.key, point.created_by, point.modified_by = made["key"], cast.alice, cast.alice
        wanted = filled_of(point)
        assert made.keys() == wanted.keys()
        assert unseal(bytes.fromhex(made.pop("value")[2:]), cell("customers.contactpoint.value", point.key)) == value
        assert made == {name: given for name, given in wanted.items() if name != "value"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.decimals(allow_nan=False) | st.uuids(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_the_quick_json_is_that_of_django(value):
    assert json.loads(encode(value)) == json.loads(by_django(value))


@given(st.lists(st.tuples(st.sampled_from(["name", "phone"]), st.integers(-9, 9_999)), max_size=50))
def test_what_was_met_is_remembered_as_a_dict_does(things):
    met, known = Met(), {}
    met.clear(8)
    for number, thing in enumerate(things, 1):
        assert (thing in met) == (thing in known)
        assert met.first(thing, number) == known.setdefault(thing, number)
        assert len(met) == len(known)
    assert all(thing in met for thing in known)
    assert ("other", 1) not in met


@given(st.lists(st.tuples(st.integers(0, 40).map(lambda n: ("name", n)), st.integers(1, 2**62)), max_size=200))
def test_keys_are_found_as_in_a_dict_of_lists(pairs):
    keys, known = Keys(), {}
    keys.met.clear(8)
    for thing, key in pairs:
        keys.add(thing, key)
        known.setdefault(thing, []).append(key)
    assert {thing: keys.get(thing) for thing in known} == known
    assert keys.get(("other", 1)) == []


def test_what_was_met_takes_little_room():
    met = Met()
    for number in range(1, 100_001):
        met.add(f"name {number}", number)
    assert (met.first("name 70000", 5), len(met)) == (70_000, 100_000)
    assert len(met.marks.tobytes()) + len(met.numbers.tobytes()) <= 36 * 100_000
