"""Files as they come, each with one strange thing in it: what the check makes of them. (Of named real files tells
test_real_tables, of what is refused test_exchange_reading.)"""

import pytest

from crm.exchange.converting import decimals_of, without_comma
from crm.exchange.staging import whole
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    checked,
    errors_of,
    files_in_a_folder_of_their_own,
    run_waiting,
    said,
    signed_in,
)
from customers.models import ContactPoint, Customer

pytestmark = pytest.mark.django_db

UNITS = "客户名称,年营收(万元)\n丙,３５．５万\n丁,1.2亿\n戊,12.5\n己,980千元\n庚,￥1200\n"
GERMAN = (
    "Name;Annual revenue;Employees;Founded on\n"
    "Müller GmbH;1.234.567,89;1.200;31.12.2001\n"
    "Ärzte AG;2,5;12;01.02.1999\n"
    "Groß;;viele;\n"
)
WRAPPED = (
    '客户名称,背景,网址\n"苏州换行\n有限公司","第一行\n第二行",\n"North\nWind Ltd",,a.example\n\u200b零宽公司\ufeff,,\n'
)
PANDAS = "name,phone,employees\nPandas,13800138000.0,\u200b12\u2060\nOther,0571-8888 7001,\u202d1200\n"


def values(batch, *names) -> list[tuple]:
    """The columns of the lines that would be created."""
    rows = batch.rows.filter(decision="create").order_by("line")
    return [tuple(whole(Customer, row.data)[name] for name in names) for row in rows]


@pytest.mark.parametrize(
    ("content", "names", "found"),
    [
        pytest.param(
            UNITS.encode(),
            ("name", "revenue"),
            [
                ("丙", "355000.00"),
                ("丁", "120000000.00"),
                ("戊", "125000.00"),
                ("己", "980000.00"),
                ("庚", "12000000.00"),
            ],
            id="a number with a unit of its own in a column with a unit",
        ),
        pytest.param(
            GERMAN.encode("cp1252"),
            ("name", "revenue", "employees", "founded_on"),
            [("Müller GmbH", "1234567.89", 1200, "2001-12-31"), ("Ärzte AG", "2.50", 12, "1999-02-01")],
            id="semicolons, and a comma before decimals",
        ),
        pytest.param(
            WRAPPED.encode("gb18030"),
            ("name", "background", "website"),
            [
                ("苏州换行有限公司", "第一行\n第二行", ""),
                ("North Wind Ltd", "", "https://a.example"),
                ("零宽公司", "", ""),
            ],
            id="names wrapped in their cells",
        ),
        pytest.param(
            "客戶名稱,員工人數,國家\n臺北測試股份有限公司,12,臺灣\n".encode("big5"),
            ("name", "employees", "country"),
            [("臺北測試股份有限公司", 12, "臺灣")],
            id="headings in traditional characters",
        ),
        pytest.param(
            PANDAS.encode(),
            ("name", "employees"),
            [("Pandas", 12), ("Other", 1200)],
            id="what pages and programs leave in copied text",
        ),
    ],
)
def test_strange_files_are_read_as_people_mean_them(client, cast, content, names, found):
    batch = checked(signed_in(client, cast.alice), content)
    assert values(batch, *names) == found
    if content == GERMAN.encode("cp1252"):  # the page says by what it was seen; what fits no column so is an error
        assert errors_of(batch)[4].keys() == {"employees"}
        page = said(client.get(f"{CUSTOMERS}?batch={batch.pk}&step=map"))
        assert "“1.234.567,89” shows it" in page
        assert page.count('<option value="," selected>comma before decimals: 1.234,56</option>') == 2
    if content == PANDAS.encode():
        client.post(f"{CUSTOMERS}?batch={batch.pk}")
        run_waiting()
        assert [point.value for point in ContactPoint.objects.order_by("pk")] == ["13800138000", "057188887001"]


def test_amounts_in_another_currency_are_told_before_they_are_taken(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name,revenue,employees\nA,USD 5000,5\nB,¥70,\n")
    assert values(batch, "revenue") == [("5000.00",), ("70.00",)]
    url = f"{CUSTOMERS}?batch={batch.pk}"
    assert "another currency (USD 5000) and are taken as CNY, without conversion" in said(client.get(url))
    assert "“USD 5000” is taken as CNY" in said(client.get(f"{url}&step=map"))
    for text in ("name,revenue\nA,¥5000\nB,12元\n", "name,revenue\nA,5000\nB,\n"):
        batch = checked(client, text)
        assert "another currency" not in said(client.get(f"{CUSTOMERS}?batch={batch.pk}"))


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.234,5", "2"], ","),
        (["12,50 €"], ","),
        (["1.234", "1,234"], ""),  # a thousand or one and a bit: nobody can tell
        (["12,50", "1.5"], "."),
        (["1,234.50", "12,5"], "."),
        ([1.5, None, "x,5"], ""),
    ],
)
def test_what_stands_before_decimals_is_seen_from_the_whole_column(cells, mark):
    assert decimals_of(cells)[0] == mark


def test_only_what_is_written_with_a_comma_is_read_so():
    cells = ["-1.234.567,8", "€ 12,5", "1.5", "12", "x", 7, "1.234"]
    assert [without_comma(cell) for cell in cells] == ["-1234567.8", "12.5", "1.5", "12", "x", 7, "1234"]
