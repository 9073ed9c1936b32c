"""Twins of the quirks of real files, made by code: headings, dialects, totals, and business cards."""

import openpyxl
import pytest
from django.utils import translation

from crm.exchange import ReadChoices, UnreadableFile, inspect_file, match_key, read_table


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def table_of(path, content, choices=None, **options):
    """(headings, rows without their lines, lines of the headings)."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with read_table(path, choices or ReadChoices(), **options) as table:
        return table.headings, [values for _line, values in table.rows], table.head.lines


@pytest.mark.parametrize(
    ("text", "headings", "rows", "lines"),
    [
        ("rules in one cell,,\n\nname,city,level\nA,B,C\n", ["name", "city", "level"], [["A", "B", "C"]], (3,)),
        (
            "制表人：张三,日期 2026-01-02,\n客户,城市,金额\nA,苏州,12\n",
            ["客户", "城市", "金额"],
            [["A", "苏州", "12"]],
            (2,),
        ),
        ("# a remark\nid,name\n# another\n1,A\n", ["id", "name"], [["1", "A"]], (2,)),
        ("1,2,3\n4,5,6\n", ["Column A", "Column B", "Column C"], [["1", "2", "3"], ["4", "5", "6"]], ()),
        ("name,2025,2026\nA,1,2\n", ["name", "2025", "2026"], [["A", "1", "2"]], (1,)),
        (
            "姓名,联系方式,,地址\n,电话,邮箱,\n张三,1,a@b,x\n",
            ["姓名", "电话", "邮箱", "地址"],
            [["张三", "1", "a@b", "x"]],
            (1, 2),
        ),
        (
            "客户,,联系人,\n名称,电话,姓名,电话\nA,1,B,2\n",
            ["名称", "客户 电话", "姓名", "联系人 电话"],
            [["A", "1", "B", "2"]],
            (1, 2),
        ),
        ("name,amount\nA,1\nname,amount\nB,2\n合计,3\n", ["name", "amount"], [["A", "1"], ["B", "2"]], (1,)),
        ("name,amount\nTotal,5\nB,2\n", ["name", "amount"], [["Total", "5"], ["B", "2"]], (1,)),
        (",,\n,name,city\n,A,B\nnote,C,D\n", ["", "name", "city"], [["", "A", "B"], ["note", "C", "D"]], (2,)),
    ],
)
def test_headings_are_found_and_what_is_no_data_is_left_out(tmp_path, text, headings, rows, lines):
    assert table_of(tmp_path / "t.csv", text) == (headings, rows, lines)


def test_what_is_left_out_is_told_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('name,amount\n# x\nA,1\nname,amount\n小计：,1\n合计,"1,000"\n')
    with read_table(path) as table:
        assert list(table.rows) == [(3, ["A", "1"])]
        assert table.left_out == [(2, "remark"), (4, "headings"), (5, "total"), (6, "total")]
    with read_table(path, ReadChoices(totals=True)) as table:
        assert [line for line, _values in table.rows] == [3, 5, 6]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\r\na;b\r\n1,5;2\r\n", [["1,5", "2"]]),
        ("a;b\n1,5;2,5\n3,5;4,5\n", [["1,5", "2,5"], ["3,5", "4,5"]]),
        ("'a','b'\n'x, y','z'\n", [["x, y", "z"]]),
        ('a,b\n"say \\"hi\\", he said",2\n', [['say "hi", he said', "2"]]),
        ('a, b\n1, "x, y"\n', [["1", "x, y"]]),
        ('a,b\n"two\r\nlines",2\n', [["two\r\nlines", "2"]]),
        ('a\tb\n5" pipe\tx\n', [['5" pipe', "x"]]),
    ],
)
def test_the_dialect_of_a_text_is_found(tmp_path, text, rows):
    headings, found, _lines = table_of(tmp_path / "t.csv", text)
    assert (headings, found) == (["a", "b"], rows)


def test_merged_cells_of_headings_and_rows_are_spread(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["客户名录"],
        ["姓名", "联系方式", None, "等级"],
        [None, "电话", "邮箱"],
        ["张三", "1", "a@b", "A"],
        ["李四", "2", "c@d"],
    ):
        sheet.append(row)
    for area in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "D4:D5"):
        sheet.merge_cells(area)
    book.save(tmp_path / "t.xlsx")
    for knows in ((), {match_key("电话"), match_key("邮箱")}):
        with read_table(tmp_path / "t.xlsx", knows=knows) as table:
            assert table.headings == ["姓名", "电话", "邮箱", "等级"]
            assert list(table.rows) == [(4, ["张三", "1", "a@b", "A"]), (5, ["李四", "2", "c@d", "A"])]
    view = inspect_file(tmp_path / "t.xlsx", name="t.xlsx")
    assert "5 merged cells: each of their lines gets their value." in view.notes


def test_hidden_sheets_alone_are_refused_with_what_to_do(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.create_sheet("shown")
    book.active.sheet_state = "hidden"
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(UnreadableFile, match="The file is empty"):
        read_table(tmp_path / "t.xlsx")
    with read_table(tmp_path / "t.xlsx", ReadChoices(sheet=0)) as table:
        assert table.headings == ["name"]


CARDS = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=CE=B0;;;\r\n"
    "ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=B5=B7=\r\n=E5=B7=9D;=E9=94=80=E5=94=AE\r\n"
    "TEL;CELL:13812345678\r\nTEL;WORK;FAX:0512-1\r\nPHOTO;ENCODING=BASE64:/9j/\r\n 4AAQ\r\n\r\nEND:VCARD\r\n"
    "this line is no part of any card\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\\, Countess\r\nitem1.EMAIL;TYPE=work:ada@\r\n example.com\r\n"
    'EMAIL:ada@home.example\r\nADR;TYPE=home;LABEL="a:b;c":;;1 Road;London;;W1;UK\r\nNOTE:one\\ntwo\r\n'
    "CATEGORIES:VIP,展会\r\nEND:VCARD"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_business_cards_become_a_table(tmp_path, encoding):
    headings, rows, _lines = table_of(tmp_path / "t.txt", CARDS.encode(encoding))
    assert [dict(zip(headings, row, strict=True)) for row in rows] == [
        dict.fromkeys(headings, "")
        | {
            "Full name": "张伟",
            "Family name": "张",
            "Given name": "伟",
            "Company name": "海川",
            "Department": "销售",
            "Mobile": "13812345678",
            "Fax": "0512-1",
        },
        dict.fromkeys(headings, "")
        | {
            "Full name": "Ada, Countess",
            "Email": "ada@example.com",
            "Email 2": "ada@home.example",
            "Address": "1 Road",
            "City": "London",
            "Postal code": "W1",
            "Country": "UK",
            "Remarks": "one\ntwo",
            "Tags": "VIP, 展会",
        },
    ]


def test_a_card_that_ends_too_early_and_cards_with_many_phones_are_read(tmp_path):
    phones = "".join(f"TEL:{n}\n" for n in range(7))
    headings, rows, _lines = table_of(tmp_path / "t.vcf", f"BEGIN:VCARD\nN:Li;Na\n{phones}")
    assert headings == ["Full name", "Family name", "Given name", "Phone", "Phone 2", "Phone 3", "Phone 4", "Phone 5"]
    assert rows == [["Na Li", "Li", "Na", "0", "1", "2", "3", "4; 5; 6"]]
    with pytest.raises(UnreadableFile, match="There is no business card in the file"):
        table_of(tmp_path / "u.vcf", "BEGIN:VCARD\nPHOTO:x\nEND:VCARD\n")
