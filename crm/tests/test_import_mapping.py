"""The page that maps columns: what it guesses, what a person says, what it remembers, and how values are written."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from crm.exchange.converting import Mapping, factor_of, in_order, joined, order_of, times
from crm.exchange.parsing import parse_boolean, parse_decimal
from crm.models import ImportBatch, ImportMapping, Job
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    OPPORTUNITIES,
    errors_of,
    files_in_a_folder_of_their_own,
    run_waiting,
    signed_in,
    upload,
)
from customers.divisions import written_out
from customers.models import ContactPoint, Customer
from customers.tests.factories import make_customer, make_industry
from sales.models import Opportunity

pytestmark = pytest.mark.django_db


def begun(client, text, url=CUSTOMERS):
    """Upload; gives the batch and the address of its map page."""
    response = upload(client, text, url=url)
    assert response.status_code == 303
    batch = ImportBatch.objects.latest("pk")
    return batch, f"{url}?batch={batch.pk}&step=map"


def said(response) -> str:
    return response.content.decode()


def run(client, batch, url=CUSTOMERS):
    """Have the batch checked and written; what went wrong is told as it happens, not by a record that is missing."""
    run_waiting()
    batch.refresh_from_db()
    assert batch.check_job.state == Job.State.DONE, batch.check_job.error
    lines = [(row.line, row.decision, row.errors, row.cells) for row in batch.rows.all()]
    assert any(decision in batch.rows.model.WRITTEN for _line, decision, *_more in lines), lines
    assert client.post(f"{url}?batch={batch.pk}", {"matched": "twin"}).status_code == 303
    run_waiting()
    batch.refresh_from_db()
    assert batch.run_job.state == Job.State.DONE, batch.run_job.error
    assert not batch.imported.filter(outcome="failed").exists(), list(batch.rows.values_list("errors", flat=True))


def test_columns_are_guessed_by_heading_and_by_values_and_shown_with_samples(client, cast):
    text = (
        "企业名称（必填）*,年营收（万元）,成立时间,Kontakt,编号,Colour\n"
        "海川,120,13/02/2016,a@example.com,17,red\n远山,￥1.5亿,02/03/2016,b@example.com,18,\n"
    )
    batch, url = begun(signed_in(client, cast.alice), text)
    page = said(client.get(url))
    batch.refresh_from_db()
    assert batch.columns == {"0": "name", "1": "revenue", "2": "founded_on", "3": "email", "4": "external_ref"}
    assert (batch.options["orders"], batch.options["factors"]) == ({"2": "dmy"}, {"1": "10000"})
    assert "“13/02/2016” shows it" in page
    assert "recognised by its values" in page
    assert "2016-02-13" in page
    assert "1200000" in page.replace(",", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT samples::text FROM crm_importbatch")
        assert "example.com" not in cursor.fetchone()[0]
    client.post(url, {"action": "check", **form_of(batch)})
    run(client, batch)
    rows = Customer.objects.order_by("pk").values_list("name", "revenue", "founded_on", "external_ref")
    assert list(rows) == [
        ("海川", Decimal(1_200_000), date(2016, 2, 13), "17"),
        ("远山", Decimal(150_000_000), date(2016, 3, 2), "18"),  # 1.5亿 says its own unit
    ]
    assert ContactPoint.objects.count() == 2


def form_of(batch, **changes):
    """What the page would send when nobody touches it."""
    data = {f"column_{place}": name for place, name in batch.columns.items()}
    data |= {f"order_{place}": order for place, order in batch.options["orders"].items()}
    data |= {f"factor_{place}": factor for place, factor in batch.options["factors"].items()}
    return data | changes


def test_a_person_maps_joins_and_adds_constant_values_and_the_next_file_is_mapped_alike(client, cast):
    client = signed_in(client, cast.alice)
    text = "A,省,市,When\n海川,江苏省,苏州市,03/04/2016\nMüller,Bayern,München,05/06/2016\n"
    batch, url = begun(client, text)
    page = said(client.get(url))
    assert "Nothing fills yet: Name" in page
    refused = client.post(url, {"action": "check", "column_1": "region"})
    assert refused.status_code == 422
    assert "Nothing fills “Name”." in said(refused)
    twice = client.post(url, {"column_0": "level", "column_1": "level"})
    assert "Two columns fill “Level”. Only text can be joined from several columns." in said(twice)
    bad = client.post(url, {"column_0": "name", "constant_field": ["level"], "constant_value": ["Z"]})
    assert "Level: “Z” is not one of the choices: A, B, C, D." in said(bad)
    assert 'value="Z"' in said(bad)
    good = {"column_0": "name", "column_1": "region", "column_2": "region", "column_3": "founded_on"} | {
        "order_3": "mdy",
        "constant_field": ["level", "owner"],
        "constant_value": ["A", "bob"],
        "save_as": "渠道名录",
    }
    assert client.post(url, good).status_code == 303
    run(client, batch)
    rows = Customer.objects.order_by("pk").values_list("name", "region", "founded_on", "level", "owner__username")
    assert list(rows) == [
        ("海川", "江苏省 / 苏州市", date(2016, 3, 4), "A", "bob"),
        ("Müller", "Bayern München", date(2016, 5, 6), "A", "bob"),
    ]
    again, url = begun(client, "省,A,市,When\n四川省,长江,成都市,07/08/2016\n")
    page = said(client.get(url))
    again.refresh_from_db()
    assert again.columns == {"0": "region", "1": "name", "2": "region", "3": "founded_on"}
    assert again.options["orders"] == {"3": "mdy"}
    assert again.options["constants"] == {"level": "A", "owner": "bob"}
    assert "渠道名录" in page
    other, url = begun(client, "A,Else\n黄河,x\n")
    client.get(url)
    template = ImportMapping.objects.get(name="渠道名录")
    assert client.post(url, {"action": "use", "template": template.pk}).status_code == 303
    other.refresh_from_db()
    assert other.columns == {"0": "name"}
    signed_in(client, cast.bob)
    _foreign, url = begun(client, "A,Else\n黄河,x\n")
    assert "渠道名录" not in said(client.get(url))
    assert client.post(url, {"action": "use", "template": template.pk}).status_code == 404


def test_values_that_match_nothing_are_listed_once_mapped_by_a_person_and_remembered(client, cast):
    client = signed_in(client, cast.alice)
    make_industry(code="retail", name_zh="零售业", name_en="Retail")
    other = make_industry(code="health", name_zh="医疗卫生", name_en="Health")
    batch, url = begun(client, "name,industry,level\nA,零售,A\nB,医药,AA\nC,医药,AA\nD,Health,B\nE,??,C\n")
    client.get(url)
    batch.refresh_from_db()
    client.post(url, {"action": "check", **form_of(batch)})
    run_waiting()
    batch.refresh_from_db()
    assert batch.unmatched == {"industry": {"医药": 2, "零售": 1, "??": 1}, "level": {"AA": 2}}
    assert "4 values of the file match nothing." in said(client.get(f"{CUSTOMERS}?batch={batch.pk}"))
    values = f"{CUSTOMERS}?batch={batch.pk}&step=values"
    page = said(client.get(values))
    retail = page.split('name="industry_1"')[1].split("</select>")[0]
    assert "selected>零售业" in retail or "selected>Retail" in retail
    assert client.post(values, {"industry_0": "999999"}).status_code == 422
    keys = {"industry_0": other.pk, "industry_1": "-", "level_0": "A"}
    assert client.post(values, keys).status_code == 303
    run(client, batch)
    rows = Customer.objects.order_by("name").values_list("name", "industry__code", "level")
    assert list(rows) == [("A", None, "A"), ("B", "health", "A"), ("C", "health", "A"), ("D", "health", "B")]
    assert list(errors_of(batch)) == [6]
    again, url = begun(client, "name,industry,level\nF,医药,aa\n")
    client.post(f"{CUSTOMERS}?batch={again.pk}", {"action": "check"})
    run(client, again)
    assert Customer.objects.filter(name="F", industry=other, level="A").count() == 1


def test_a_name_in_a_long_list_is_typed_and_stays_among_what_the_person_sees(client, cast, monkeypatch):
    monkeypatch.setattr("crm.exchange.suggesting.FEW", 0)
    client = signed_in(client, cast.alice)
    mine, hers = make_customer(cast.alice, name="Haichuan Foods"), make_customer(cast.carol, name="Hers")
    batch, _url = begun(client, "name,customer\nOne,Haichuan Food Ltd\n", url=OPPORTUNITIES)
    client.post(f"{OPPORTUNITIES}?batch={batch.pk}", {"action": "check"})
    run_waiting()
    values = f"{OPPORTUNITIES}?batch={batch.pk}&step=values"
    assert f'value="{mine.number}"' in said(client.get(values))
    refused = client.post(values, {"customer_0": hers.number})
    assert refused.status_code == 422
    assert client.post(values, {"customer_0": mine.number}).status_code == 303
    # Between the check and now the record may have gone out of sight: the choice is asked again.
    run(client, batch, OPPORTUNITIES)
    assert Opportunity.objects.get().customer == mine
    Customer.objects.filter(pk=mine.pk).update(owner=cast.carol, team=cast.south)
    again, _url = begun(client, "name,customer\nTwo,haichuan food ltd\n", url=OPPORTUNITIES)
    client.post(f"{OPPORTUNITIES}?batch={again.pk}", {"action": "check"})
    run_waiting()
    assert errors_of(again) == {2: {"customer": "This record is not among those you can see any more."}}


def test_a_file_is_mapped_again_after_its_check_and_not_after_its_start(client, cast):
    client = signed_in(client, cast.alice)
    batch, url = begun(client, "name,level\nA,B\n")
    client.post(f"{CUSTOMERS}?batch={batch.pk}", {"action": "check"})
    run_waiting()
    assert client.get(url).status_code == 200
    client.post(url, {"column_0": "name", "column_1": ""})
    run(client, batch)
    assert Customer.objects.get().level == "C"
    assert Job.objects.filter(kind="import_check").count() == 2
    client.post(url, {"column_0": "short_name", "column_1": "name"})
    batch.refresh_from_db()
    assert batch.columns == {"0": "name"}
    signed_in(client, cast.bob)
    assert client.get(url).status_code == 404


def test_a_line_without_number_needs_what_every_new_record_needs(client, cast):
    client = signed_in(client, cast.alice)
    customer = make_customer(cast.alice, name="A", level="C")
    batch, _url = begun(client, f"number,level\n{customer.number},A\n,B\n")
    client.post(f"{CUSTOMERS}?batch={batch.pk}", {"action": "check"})
    run_waiting()
    assert errors_of(batch) == {3: {"name": "This must not be empty."}}


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["13/02/2016", "01/02/2016"], ("dmy", "13/02/2016")),
        (["1-2-16", "2.13.2016"], ("mdy", "2.13.2016")),
        (["01/02/2016"], ("?", "01/02/2016")),
        (["2016-02-13", 42430, date(2016, 1, 2), "x"], ("", "")),
    ],
)
def test_the_order_of_dates_is_seen_from_the_whole_column(values, order):
    assert order_of(values) == order


def test_how_single_values_are_written_is_understood():
    assert in_order("dmy")("3/4/69 10:30") == "2069-04-03 10:30"
    assert in_order("mdy")("3/4/70") == "1970-03-04"
    assert in_order("mdy")("2016-03-04") == "2016-03-04"
    numbers = {"1,000(万元)": 10_000_000, "120万": 1_200_000, "3.5亿元": 350_000_000, "２０ｋ": 20_000, "12%": 12}
    assert {text: float(parse_decimal(text)) for text in numbers} == numbers
    assert (times("10000")("￥120"), times("10000")("n/a"), times("0.01")(12.5)) == (1_200_000, "n/a", Decimal("0.125"))
    headings = ("年采购额（万元）", "Revenue (k)", "营收", "金额(元)")
    assert [factor_of(heading) for heading in headings] == ["10000", "1000", "", ""]
    assert [parse_boolean(text) for text in ("✓", "停用", "启用", "未")] == [True, False, True, False]
    assert (joined(["张", "伟"]), joined(["Ann", "Lee"]), joined(["", 5.0])) == ("张伟", "Ann Lee", "5")
    places = {"江苏 苏州": "江苏省 / 苏州市", "北京": "北京市", "上海市浦东新区": "上海市 / 浦东新区", "朝阳区": None}
    assert {text: found and str(found) for text in places for found in [written_out(text)]} == places
    plain = Mapping({0: "name"}, [], 1)
    assert plain.cells(["a", "b"]) == ["a", "b"]


def test_a_constant_takes_columns_of_the_row(client, cast):
    text = "First,Last,City\nJohn,Doe,Oslo\n,Roe,\n"
    _tagged, url = begun(signed_in(client, cast.alice), 'name,tags\nA,"x, y"\n')
    assert "x, y" in said(client.get(url))  # what holds several values is shown as it is written
    batch, url = begun(client, text)
    form = {"column_0": "", "column_1": "", "column_2": "", "constant_field": ["name"], "action": "check"}
    page = client.post(url, form | {"constant_value": ["{first} {Middle}"]})
    assert (page.status_code, "The file has no column “Middle”." in said(page)) == (422, True)
    client.post(url, form | {"constant_value": ["{first} {LAST} ({City})"]})
    run(client, batch)
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == ["John Doe (Oslo)", "Roe ()"]
