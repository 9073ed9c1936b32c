"""Custom fields: typed in, kept, shown, filtered, sorted, imported, exported, remembered, removed and restored."""

import re
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from crm import jobs
from crm.changes import changes_of
from crm.entities import registry
from crm.exchange import Export
from crm.fields import services, types
from crm.listing import Listing
from crm.models import FieldDefinition, Job
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again
from tests.factories import factories

KINDS = ("customers", "contacts", "interactions", "opportunities", "campaigns", "cases")
OPTIONS = [
    {"code": "open", "zh": "公开招标", "en": "Open tender", "tone": "blue"},
    {"code": "direct", "zh": "直接采购", "en": "Direct", "tone": ""},
]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def define(code="budget", type="money", entity="customers.customer", **more):
    names = {"name_zh": f"字段{code}", "name_en": code.title()}
    options = OPTIONS if type in ("choice", "choices") else []
    return FieldDefinition.objects.create(
        **{"entity": entity, "code": code, "type": type, "options": options, **names, **more}
    )


def form_data(page) -> dict:
    """What a browser would send back of the form on a page."""
    form, data = page.context["form"], {}
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, list):
            data[name] = value
        elif value is not None and value is not False:
            data[name] = "on" if value is True else str(form[name].field.prepare_value(value))
    return data


def test_the_change_log_tells_the_thousands_of_amounts_apart(cast):
    define()
    customer = make_customer(cast.alice, revenue=194200000, custom={"budget": "8880000.5"})
    found = {field.label: field.after for field in changes_of(customer, again(cast.alice))[0].fields}
    assert (found["annual revenue"], found["Budget"]) == ("194,200,000.00", "8,880,000.5")


@pytest.mark.parametrize("slug", KINDS)
def test_a_value_typed_into_the_form_of_every_kind_of_record_is_kept_shown_and_remembered(client, cast, slug):
    entity = registry[slug]
    define("grade", "choice", entity.model._meta.label_lower)
    record = factories()[entity.model._meta.label_lower](owner=cast.alice)
    client.force_login(cast.alice)
    data = form_data(client.get(entity.url("change", record))) | {"custom_grade": "open"}
    response = client.post(entity.url("change", record), data)
    assert response.status_code == 303, response.context["form"].errors
    record.refresh_from_db()
    assert record.custom == {"grade": "open"}
    assert "Open tender" in client.get(f"{entity.url('record', record)}?tab=details").content.decode()
    with translation.override("en"):
        change = changes_of(record, again(cast.alice))[0]
        assert ("Grade", "—", "Open tender") in {(one.label, one.before, one.after) for one in change.fields}
    with translation.override("zh-hans"):
        change = changes_of(record, again(cast.alice))[0]
        assert ("字段grade", "—", "公开招标") in {(one.label, one.before, one.after) for one in change.fields}


@pytest.mark.parametrize(
    ("type", "typed", "kept"),
    [
        ("text", "  海川 ", "海川"),
        ("long_text", "a\r\nb", "a\nb"),
        ("number", "1200.50", "1200.5"),
        ("number", "-0", "0"),
        ("money", "99999999999999.99", "99999999999999.99"),
        ("date", "2026-11-20", "2026-11-20"),
        ("datetime", "2026-11-20T08:30", "2026-11-20T00:30:00Z"),
        ("choice", "direct", "direct"),
        ("choices", ["open", "direct"], ["direct", "open"]),
        ("boolean", "0", False),
        ("user", "bob", "bob"),
        ("link", "Other", "Other"),
    ],
)
def test_each_type_keeps_one_exact_form_of_a_value(client, cast, type, typed, kept):
    define("x", type)
    other, record = make_customer(cast.alice, name="Other"), make_customer(cast.alice)
    kept = {"bob": cast.bob.pk, "Other": other.pk}.get(kept, kept) if isinstance(kept, str) else kept
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    assert client.post(url, form_data(client.get(url)) | {"custom_x": typed}).status_code == 303
    record.refresh_from_db()
    assert record.custom == {"x": kept}
    version = record.version
    assert client.post(url, form_data(client.get(url))).status_code == 303  # sent back untouched: nothing changes
    record.refresh_from_db()
    assert (record.custom, record.version) == ({"x": kept}, version)


@pytest.mark.parametrize(
    ("type", "typed"),
    [
        ("number", "zwölf"),
        ("number", "NaN"),
        ("money", "1e400"),
        ("date", "2026-02-30"),
        ("date", "0001-01-01"),
        ("choice", "gone"),
        ("choices", ["open", "gone"]),
        ("user", "nobody"),
        ("link", "Secret"),
        ("text", "x" * 201),
        ("text", "a\x00b"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_nothing_is_saved(client, cast, type, typed):
    define("x", type)
    make_customer(cast.carol, name="Secret")
    record = make_customer(cast.alice, name="Before")
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    response = client.post(url, form_data(client.get(url)) | {"name": "After", "custom_x": typed})
    assert response.status_code == 422
    assert response.context["form"].errors["custom_x"]
    record.refresh_from_db()
    assert (record.name, record.custom) == ("Before", {})


def test_a_field_removed_while_a_form_is_open_is_said_with_what_was_typed_and_saving_again_goes_on(client, cast):
    definition = define("plan", "text")
    record = make_customer(cast.alice, name="Before")
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    data = form_data(client.get(url)) | {"name": "After", "custom_plan": "zehn Maschinen"}
    services.remove(definition, actor=cast.root)
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "“Plan” was removed" in refused.context["form"].non_field_errors()[0]
    assert "zehn Maschinen" in refused.context["form"].non_field_errors()[0]
    assert client.post(url, form_data(refused)).status_code == 303
    record.refresh_from_db()
    assert (record.name, record.custom) == ("After", {})


def test_a_field_made_while_a_form_is_open_loses_no_value(client, cast):
    record = make_customer(cast.alice)
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    data = form_data(client.get(url))
    define("plan", "text")
    Customer.objects.filter(pk=record.pk).update(custom={"plan": "theirs"})
    data["version"] = str(Customer.objects.get(pk=record.pk).version)
    assert client.post(url, data).status_code == 303
    record.refresh_from_db()
    assert record.custom == {"plan": "theirs"}


def test_what_two_people_change_in_different_custom_fields_is_kept_and_in_one_field_asked_about(client, cast):
    define("a", "text"), define("b", "text")
    record = make_customer(cast.alice, custom={"a": "1", "b": "1"})
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    data = form_data(client.get(url))
    Customer.objects.filter(pk=record.pk).update(custom={"a": "2", "b": "1"})
    assert client.post(url, data | {"custom_b": "3"}).status_code == 303
    record.refresh_from_db()
    assert record.custom == {"a": "2", "b": "3"}
    data = form_data(client.get(url))
    Customer.objects.filter(pk=record.pk).update(custom={"a": "theirs", "b": "3"})
    refused = client.post(url, data | {"custom_a": "mine"})
    assert refused.status_code == 409
    assert [(c.label, c.opened, c.theirs, c.mine) for c in refused.context["form"].conflicts] == [
        ("A", "2", "theirs", "mine")
    ]


def test_values_of_no_field_sent_along_change_nothing(client, cast):
    """A20, A21: mass assignment by names that the form does not have."""
    define("plan", "text")
    other = define("old", "text")
    services.remove(other, actor=cast.root)
    record = make_customer(cast.alice, custom={"old": "kept"})
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    forged = {"custom": '{"x": 1}', "custom_nothing": "1", "slot_text_1": "x", "custom_old": "", "version_": "9"}
    assert client.post(url, form_data(client.get(url)) | forged).status_code == 303
    record.refresh_from_db()
    assert (record.custom, record.slot_text_1) == ({"old": "kept"}, None)


# -- lists -------------------------------------------------------------------------------------------------------------
def rows_of(user, query: str) -> list[str]:
    return [row.record.name for row in Listing(registry["customers"], again(user), QueryDict(query)).rows]


def test_a_list_filters_by_custom_fields_of_every_kind(cast):
    define("grade", "choice"), define("plans", "choices"), define("ok", "boolean"), define("who", "user")
    define("budget", "money"), define("until", "date"), define("called", "datetime"), define("hint", "text")
    make_customer(cast.alice, name="None")
    make_customer(
        cast.alice,
        name="All",
        custom={
            "grade": "open",
            "plans": ["direct", "open"],
            "ok": False,
            "who": cast.bob.pk,
            "budget": "380000",
            "until": "2026-12-31",
            "called": "2026-11-20T16:30:00Z",
            "hint": "Zehn Maschinen",
        },
    )
    for query in (
        "custom_grade=open",
        "custom_plans=open",
        "custom_ok=0",
        "custom_who=bob",
        "custom_budget_from=379999.99&custom_budget_to=380000",
        "custom_until_from=2026-12-31",
        "custom_called_from=2026-11-21&custom_called_to=2026-11-21",  # Shanghai's day
        "custom_hint=maschinen",
    ):
        assert rows_of(cast.alice, query) == ["All"], query
    for query in ("custom_grade=direct", "custom_ok=1", "custom_budget_from=380000.01", "custom_until_to=2026-12-30"):
        assert rows_of(cast.alice, query) == [], query
    assert rows_of(cast.carol, "custom_grade=open") == []


@pytest.mark.parametrize(
    "query",
    [
        "custom_x'--=1",
        "sort=custom_budget",
        "sort=custom->>'budget'",
        "sort=-slot_number_1;select pg_sleep(5)",
        "sort=slot_number_2",
        "custom_budget_from=1;drop",
        "custom_grade=open') or 1=1--",
        "columns=custom,slot_text_1,custom_secret",
    ],
)
def test_names_and_values_out_of_the_address_never_reach_sql(client, cast, query):
    """A27: sort, fields and filters by hand give a plain list, with no error and no further row."""
    define("budget", "money"), define("grade", "choice"), define("secret", "text", removed_at="2026-01-01T00:00:00Z")
    make_customer(cast.carol, name="Secret", custom={"secret": "x"})
    client.force_login(cast.alice)
    page = client.get(f"{registry['customers'].url('list')}?{query}")
    assert page.status_code == 200
    assert "Secret" not in page.content.decode()


def test_a_field_with_a_slot_sorts_pages_both_ways_and_new_rows_need_no_job(cast):
    rows = {f"C{n:03}": {"budget": str(n * 7 % 97)} for n in range(1, 80)}
    for name, custom in rows.items():
        make_customer(cast.alice, name=name, custom=custom)
    make_customer(cast.alice, name="Empty")
    definition = define("budget", "number")
    services.give_slot(definition, True, actor=cast.root)
    assert definition.slot == "number_1"
    assert Listing(registry["customers"], again(cast.alice), QueryDict("sort=-slot_number_1")).sort == "-created_at"
    jobs.run(Job.objects.get(kind="field_slot").pk)
    make_customer(cast.alice, name="New", custom={"budget": "1000000000000.5"})
    expected = ["New", *sorted(rows, key=lambda n: (-int(rows[n]["budget"]), -int(n[1:]))), "Empty"]
    listing = Listing(registry["customers"], again(cast.alice), QueryDict("sort=-slot_number_1"))
    first = [row.record.name for row in listing.rows]
    after = QueryDict(listing.next_url.partition("?")[2])
    second = Listing(registry["customers"], again(cast.alice), after)
    assert first + [row.record.name for row in second.rows] == expected
    back = Listing(registry["customers"], again(cast.alice), QueryDict(second.previous_url.partition("?")[2]))
    assert [row.record.name for row in back.rows] == first


def test_whoever_writes_the_slot_follows_the_value(cast):
    definition = define("until", "date")
    services.give_slot(definition, True, actor=cast.root)
    record = make_customer(cast.alice, custom={"until": "2026-12-31"})
    Customer.objects.bulk_create([Customer(name="Bulk", owner=cast.alice, custom={"until": "2027-01-01"})])
    Customer.objects.filter(pk=record.pk).update(custom={"until": "2026-01-01"})
    assert [str(day) for day in Customer.objects.order_by("slot_date_1").values_list("slot_date_1", flat=True)] == [
        "2026-01-01",
        "2027-01-01",
    ]


def test_an_export_takes_custom_columns_with_their_labels_and_typed_values(cast):
    (
        define("budget", "money", on_list=True),
        define("grade", "choice", on_list=True),
        define("who", "user", on_list=True),
    )
    make_customer(cast.alice, name="A", custom={"budget": "380000.5", "grade": "open", "who": cast.bob.pk})
    export = Export(registry["customers"], again(cast.alice), QueryDict(""))
    assert export.headings[-3:] == ["Budget", "Grade", "Who"]
    assert next(export.rows())[-3:] == [Decimal("380000.5"), "Open tender", "Bob"]


# -- administration ----------------------------------------------------------------------------------------------------
def test_an_administrator_defines_changes_removes_and_restores_a_field(client, cast):
    client.force_login(cast.root)
    url = f"{reverse('field-add')}?entity=customers"
    data = {"name_zh": "采购方式", "name_en": "Procurement", "type": "choice", "group": "g0", "starts_with": "Direct"}
    lines = {"option_code": ["", ""], "option_zh": ["公开招标", "直接采购"], "option_en": ["Open tender", "Direct"]}
    more = {"option_tone": ["blue", "nonsense"], "option_state": ["", ""], "on_list": "on"}
    assert client.post(url, data | lines | more).status_code == 303
    made = FieldDefinition.objects.get()
    assert (made.code, made.default, made.entity) == ("procurement", "direct", "customers.customer")
    assert made.options == [
        {"code": "open_tender", "zh": "公开招标", "en": "Open tender", "tone": "blue"},
        {"code": "direct", "zh": "直接采购", "en": "Direct", "tone": ""},
    ]
    record = make_customer(cast.alice, custom={"procurement": "direct"})
    page = client.get(reverse("field-remove", args=[made.pk]))
    assert "Records with a value in this field: 1" in page.content.decode()
    client.post(reverse("field-remove", args=[made.pk]))
    assert again(cast.alice).fields.definitions(Customer) == []
    client.post(reverse("field-restore", args=[made.pk]))
    assert [d.code for d in again(cast.alice).fields.definitions(Customer)] == ["procurement"]
    record.refresh_from_db()
    assert record.custom == {"procurement": "direct"}


def test_a_choice_taken_away_stays_on_the_records_that_hold_it(client, cast):
    made = define("grade", "choice")
    client.force_login(cast.root)
    lines = {"option_code": ["direct"], "option_zh": ["直接采购"], "option_en": ["Direct"]}
    data = {"name_zh": "等级", "name_en": "Grade", "option_tone": [""], "option_state": [""]}
    assert client.post(reverse("field-change", args=[made.pk]), data | lines).status_code == 303
    made.refresh_from_db()
    with translation.override("en"):
        assert types.words(made, "open") == "Open tender"
        assert types.choices_of(made) == [("direct", "Direct")]
        assert types.choices_of(made, "open") == [("direct", "Direct"), ("open", "Open tender")]


@pytest.mark.parametrize("name", ["list", "add", "change", "remove", "restore"])
def test_people_without_the_right_on_fields_reach_no_page_of_them(client, cast, name):
    made = define()
    client.force_login(cast.erin)
    url = reverse(f"field-{name}", args=[] if name in ("list", "add") else [made.pk])
    assert client.get(url).status_code in (403, 404, 405)
    assert client.post(url, {"name_zh": "x", "name_en": "x", "type": "text"}).status_code in (403, 404, 405)
    assert [(d.name_en, d.removed_at) for d in FieldDefinition.objects.all()] == [("Budget", None)]


def test_fields_cost_one_query_and_nothing_is_remembered_for_the_next_request(cast, django_assert_num_queries):
    define("a"), define("b")
    alice = again(cast.alice)
    with django_assert_num_queries(1):
        for entity in registry.values():
            alice.fields.definitions(entity.model), alice.fields.layout(entity.model)
    FieldDefinition.objects.all().delete()
    assert again(cast.alice).fields.definitions(Customer) == []


def test_the_admin_shows_and_saves_custom_fields(client, cast):
    define("grade", "choice")
    record = make_customer(cast.root, custom={"grade": "open"})
    client.force_login(cast.root)
    url = f"/admin/customers/customer/{record.pk}/change/"
    page = client.get(url).content.decode()
    assert 'name="custom_grade"' in page
    assert 'name="custom"' not in page
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert client.post(url, data | {"custom_grade": "direct"}).status_code == 302
    record.refresh_from_db()
    assert record.custom == {"grade": "direct"}


def test_an_import_fills_custom_fields_by_both_names_and_says_what_does_not_fit(cast):
    from crm.exchange import importer_for

    define("budget", "money", name_zh="年采购预算", name_en="Annual budget"), define("tender", "choice")
    define("who", "user"), define("level2", "text", default="silver")
    importer = importer_for(registry["customers"], again(cast.alice))
    mapping = importer.map(["Name", "年采购预算", "Tender", "Who"])
    lines = [["A", "¥380,000.50", "公开招标", "bob"], ["B", "viel", "nichts", "nobody"]]
    for line in lines:
        importer.want(mapping, line)
    importer.load(lambda: None)
    assert mapping.unused == []
    good, bad = [importer.check(mapping, number, line) for number, line in enumerate(lines, 2)]
    assert good.errors == {}
    assert good.data["custom"] == {"budget": "380000.5", "tender": "open", "who": cast.bob.pk, "level2": "silver"}
    assert set(bad.errors) == {"custom_budget", "custom_tender", "custom_who"}
    assert re.search("not a number", bad.errors["custom_budget"])
