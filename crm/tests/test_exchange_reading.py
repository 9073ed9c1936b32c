"""Reading tables: encodings, shapes, workbooks, and the files that nobody should send."""

import datetime
import os
import subprocess
import zipfile
from unittest.mock import Mock

import openpyxl
import pytest
from django.utils import translation

from crm.exchange import Limits, ReadChoices, UnreadableFile, match_key, read_table, workbooks
from crm.exchange.encodings import encoding_of
from crm.tests import hostile

HEADINGS = ["客户名称", "Level"]
ROWS = [(2, ["张伟 😀", "A"]), (3, ["Müller & Söhne", "B"])]
TEXT = "客户名称,Level\r\n张伟 😀,A\r\nMüller & Söhne,B\r\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def table_of(path, **options):
    with read_table(path, **options) as table:
        return table.headings, list(table.rows)


def refusal(path, **options):
    with pytest.raises(UnreadableFile) as refused:
        table_of(path, **options)
    return str(refused.value)


def written(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_every_usual_encoding_gives_the_same_table(tmp_path, encoding):
    path = written(tmp_path, TEXT.encode(encoding))
    assert table_of(path) == (HEADINGS, ROWS)


def test_chinese_in_gbk_is_read_and_never_garbled(tmp_path):
    text = "名称,城市\n苏州工业园区博瑞精密有限公司,苏州\n㐀堃镕贸易,杭州\n"
    assert table_of(written(tmp_path, text.encode("gb18030"))) == (
        ["名称", "城市"],
        [(2, ["苏州工业园区博瑞精密有限公司", "苏州"]), (3, ["㐀堃镕贸易", "杭州"])],
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "name,city\nMüller,Köln\nBjörn,Malmö\n"),
        ("cp1252", "name,city\n“Café”,10 €\n"),
        ("big5", "名稱,城市\n臺灣積體電路製造,新竹\n聯發科技,新竹\n"),
        ("big5hkscs", "名稱,城市\n香港𠵱家有限公司,九龍\n"),
        ("gbk", "name,city\n双钱,x\n"),  # also valid UTF-8
        ("utf-8", "name,city\nŽižka,Čáslav\n"),
        ("cp1252", "name,city\nGrüße GmbH,Köln\n"),
        ("gbk", "name,city\n" + "Smith,Leeds\n" * 60_000 + "张伟,苏州\n"),
    ],
)
def test_the_encodings_of_other_countries_are_recognised(tmp_path, encoding, text):
    lines = [line.split(",") for line in text.splitlines()]
    headings, rows = table_of(written(tmp_path, text.encode(encoding)))
    assert (headings, [values for _line, values in rows]) == (lines[0], lines[1:])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("名称,城市\n张伟,苏州\n李娜,杭州\n王芳,宁波\n".encode() + b"\xff\xfe,x\n", "utf-8"),
        ("名称,城市\n苏州工业园区,苏州\n杭州余杭康宁门诊部,杭州\n".encode("gbk") + b"\xff\xff,x\n", "gb18030"),
    ],
)
def test_a_damaged_text_is_refused_and_never_read_in_another_encoding(tmp_path, content, encoding):
    path = written(tmp_path, content)
    assert encoding_of(path).name == encoding
    assert "is damaged from line" in refusal(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiter_and_newline_are_found(tmp_path, delimiter, newline):
    lines = [["name", "note"], ["A", "one"], ["B", "two"]]
    text = newline.join(delimiter.join(line) for line in lines) + newline
    assert table_of(written(tmp_path, text)) == (["name", "note"], [(2, ["A", "one"]), (3, ["B", "two"])])


def test_line_numbers_are_those_of_the_file(tmp_path):
    text = 'name,note\n\nA,"two\nlines"\n , \nB,one\n'
    assert table_of(written(tmp_path, text))[1] == [(3, ["A", "two\nlines"]), (6, ["B", "one"])]


def test_a_table_of_one_column_is_a_table(tmp_path):
    assert table_of(written(tmp_path, "name\nA\nB\n")) == (["name"], [(2, ["A"]), (3, ["B"])])


def test_short_rows_are_filled_and_long_rows_keep_what_is_too_much(tmp_path):
    assert table_of(written(tmp_path, "a,b\n1\n1,2,3\n1,2,,\n"))[1] == [
        (2, ["1", ""]),
        (3, ["1", "2", "3"]),
        (4, ["1", "2"]),
    ]


def test_instructions_above_the_headings_are_left_out_when_headings_are_known(tmp_path):
    text = "客户导入模板,,\n红色列必填,,\n客户名称,级别,备注\nA,B,c\n"
    knows = {match_key("客户名称"), match_key("级别")}
    assert table_of(written(tmp_path, text), knows=knows) == (["客户名称", "级别", "备注"], [(4, ["A", "B", "c"])])


def test_unknown_headings_leave_the_first_line_as_headings(tmp_path):
    text = "a,b\n1,2\n3,4\n"
    assert table_of(written(tmp_path, text), knows={"x", "y"}) == (["a", "b"], [(2, ["1", "2"]), (3, ["3", "4"])])


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n , \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert refusal(written(tmp_path, content)) == (
        "The file is empty. Choose a file with a row of headings and at least one more row."
    )


def test_a_nul_character_is_refused_with_its_line(tmp_path):
    assert refusal(written(tmp_path, b"name,note\nA,b\nB,\x00c\n")).startswith("Line 3 contains a NUL character")


def test_a_nul_character_in_a_workbook_is_refused_with_its_line(tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [["name"], ["x_x0000_y"]])
    assert refusal(path).startswith("Line 2 contains a NUL character")


def test_quotes_that_do_not_match_are_refused_with_their_line(tmp_path):
    assert refusal(written(tmp_path, 'name,note\nA,b\nB,"never closed\nC,d\n')).startswith("The quotes in line 3")


def test_a_line_without_end_is_refused(tmp_path):
    path = written(tmp_path, b"name\n" + b"x" * (10 * 1024 * 1024))
    assert refusal(path).startswith("Line 2 has a cell with more than 10000 characters")


def test_a_long_name_is_not_a_matter_of_the_file(tmp_path):
    assert table_of(written(tmp_path, "name\n" + "名" * 300))[1] == [(2, ["名" * 300])]


def test_of_two_headings_that_are_the_same_the_second_gets_a_number(tmp_path):
    assert table_of(written(tmp_path, "Name,level, NAME \nA,b,c\n")) == (
        ["Name", "level", "NAME (2)"],
        [(2, ["A", "b", "c"])],
    )


def test_limits_of_rows_columns_and_bytes(tmp_path):
    path = written(tmp_path, "a,b,c\n" + "1,2,3\n" * 10)
    assert len(table_of(path, limits=Limits(rows=10))[1]) == 10
    assert refusal(path, limits=Limits(rows=9)) == "The file has more than 9 rows. Split it and import the parts."
    assert refusal(path, limits=Limits(columns=2)) == "Line 1 has 3 columns, at most 2 are allowed."
    assert refusal(path, limits=Limits(bytes=20)).startswith("The file has 0 MB, at most 0 MB are allowed.")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n", "This is a PDF"),
        (b"<html><table><tr><td>name", "This is a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "This is an XML file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "This is an old document or mail"),
        (hostile.COMPOUND + "EncryptedPackage".encode("utf-16-le"), "The file has a password"),
        (hostile.COMPOUND + "Workbook".encode("utf-16-le"), "The workbook is damaged"),
        (b"{\\rtf1 name", "This is a text document"),
        (b' [ {"name": 1}]', "This is JSON"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "This is a web page"),
        (b"PK\x03\x04 and nothing more", "The workbook is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "This is no table"),
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(tmp_path, content, words):
    message = refusal(written(tmp_path, content, "客户.xlsx"))
    assert words in message
    assert "Error" not in message


@pytest.mark.parametrize("ending", ["csv", "xls", "ods", "xlsb", "XLS", "vcf", "", "zip"])
def test_content_counts_and_not_the_name(tmp_path, ending):
    path = hostile.workbook(tmp_path / f"customers.{ending}", [["name"], ["A"]])
    assert table_of(path) == (["name"], [(2, ["A"])])
    assert table_of(hostile.ods(path, ("S", False, hostile.ods_row("name") + hostile.ods_row("B")))) == (
        ["name"],
        [(2, ["B"])],
    )
    assert table_of(written(tmp_path, "name\nA\n", "customers.xlsx")) == (["name"], [(2, ["A"])])


def test_cells_of_a_workbook_keep_their_type(tmp_path):
    path = hostile.workbook(
        tmp_path / "t.xlsx",
        [
            ["text", "int", "float", "date", "moment", "yes", "emoji"],
            [
                "007",
                13800138000,
                0.5,
                datetime.date(2026, 11, 20),
                datetime.datetime.fromisoformat("2026-01-02 03:04"),
                True,
                "🎋",
            ],
        ],
    )
    ((line, values),) = table_of(path)[1]
    assert line == 2
    assert values == [
        "007",
        13800138000,
        0.5,
        datetime.date(2026, 11, 20),
        datetime.datetime.fromisoformat("2026-01-02 03:04"),
        True,
        "🎋",
    ]
    assert [type(value) for value in values] == [str, int, float, datetime.date, datetime.datetime, bool, str]


def test_a_large_sheet_read_in_pieces_gives_what_it_gives_as_a_whole(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["客户", "备注", "日期", "数"])
    for n in range(400):
        sheet.append([f"海川{n}", f"共{n % 7}", datetime.date(2026, 1, 1 + n % 28), n / 4])
    sheet["B90"], sheet["B91"], sheet["B92"] = "合并", None, None
    sheet.merge_cells("B90:B92")
    sheet["F200"] = "<&> 远"
    book.create_sheet("隐藏").sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    whole = table_of(tmp_path / "t.xlsx")
    assert whole[1][88:91] == [
        (90, ["海川88", "合并", datetime.date(2026, 1, 5), 22]),
        (91, ["海川89", "合并", datetime.date(2026, 1, 6), 22.25]),
        (92, ["海川90", "合并", datetime.date(2026, 1, 7), 22.5]),
    ]
    small = Limits(split=0, piece=4_000)
    assert table_of(tmp_path / "t.xlsx", limits=small) == whole
    with read_table(tmp_path / "t.xlsx", limits=small) as table:
        assert [(one.name, one.is_visible, one.rows) for one in table.source.sheets] == [
            ("Sheet", True, 401),
            ("隐藏", False, 0),
        ]


def test_a_large_sheet_that_turns_strange_further_down_is_refused(tmp_path):
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 200))
    endless = b'<row r="200"><c r="A200" t="inlineStr"><is><t>' + b"x" * (3 << 20) + b"</t></is></c></row>"
    path = hostile.raw_workbook(tmp_path / "t.xlsx", rows + endless)
    assert refusal(path, limits=Limits(split=0, piece=4_000)) == hostile.BROKEN_MESSAGE


def test_an_opendocument_spreadsheet_is_read_and_its_hidden_sheets_are_not(tmp_path):
    hidden = ("参数", True, hostile.ods_row("x"))
    shown = ("客户", False, hostile.ods_row("名称", "城市") + hostile.ods_row("海川", "苏州"))
    path = hostile.ods(tmp_path / "t.xls", hidden, shown)
    with read_table(path) as table:
        assert (table.headings, list(table.rows)) == (["名称", "城市"], [(2, ["海川", "苏州"])])
        assert [(one.name, one.is_visible, one.rows) for one in table.source.sheets] == [
            ("参数", False, 1),
            ("客户", True, 2),
        ]


def test_an_opendocument_cell_that_is_repeated_a_billion_times_ends_only_the_reading_process(tmp_path):
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-cell></table:table-row>'
    path = hostile.ods(tmp_path / "t.ods", ("S", False, row))
    assert refusal(path) in (hostile.TOO_LARGE_MESSAGE, hostile.BROKEN_MESSAGE)


def test_rows_without_numbers_are_counted_over_all_pieces(tmp_path):
    rows = b"".join(b"<row><c t='inlineStr'><is><t>n%d</t></is></c></row>" % n for n in range(300))
    path = hostile.raw_workbook(tmp_path / "t.xlsx", rows)
    with read_table(path, limits=Limits(split=0, piece=2_000)) as table:
        assert [(line, *values) for line, values in table.rows] == [(n + 1, f"n{n}") for n in range(1, 300)]


def test_many_merged_cells_do_not_hurt(tmp_path):
    """Libraries that ask every merge for every cell take hours for this."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d"/></row>' % (n, n, n, n) for n in range(1, 50_002))
    merges = b"".join(b'<mergeCell ref="B%d:B%d"/>' % (n, n + 1) for n in range(2, 50_000, 2))
    path = hostile.raw_workbook(tmp_path / "t.xlsx", rows + b"</sheetData><mergeCells>" + merges + b"</mergeCells>")
    path = hostile.replaced(path, b"</mergeCells></sheetData>", b"</mergeCells>")
    with read_table(path, limits=Limits(seconds=20)) as table:
        assert sum(1 for _row in table.rows) == 50_001


def test_line_numbers_of_a_workbook_count_its_empty_rows(tmp_path):
    book = openpyxl.Workbook()
    book.active["B3"], book.active["B6"] = "name", "A"
    book.save(tmp_path / "t.xlsx")
    assert table_of(tmp_path / "t.xlsx")[1] == [(6, ["A"])]


def test_the_first_visible_sheet_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    book.create_sheet("second").append(["name"])
    book.create_sheet("third").append(["other"])
    book.save(tmp_path / "t.xlsx")
    assert table_of(tmp_path / "t.xlsx")[0] == ["name"]


def formula_cell(formula, value, kind=""):
    return f'<row r="2"><c r="A2"{kind}><f>{formula}</f>{value}</c></row>'.encode()


HEAD_ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>amount</t></is></c></row>'


def test_of_a_formula_the_stored_value_is_taken(tmp_path):
    path = hostile.raw_workbook(tmp_path / "t.xlsx", HEAD_ROW + formula_cell("1+1", "<v>41</v>"))
    assert table_of(path)[1] == [(2, [41])]


def test_a_formula_with_an_empty_text_result_is_an_empty_cell(tmp_path):
    rows = HEAD_ROW + formula_cell("IF(1,&quot;&quot;)", "<v></v>", ' t="str"')
    path = hostile.raw_workbook(tmp_path / "t.xlsx", rows + b'<row r="3"><c r="A3"><v>7</v></c></row>')
    assert table_of(path)[1] == [(3, [7])]


def test_a_formula_without_result_is_refused_because_nothing_computes_it(tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [["amount"], ['=HYPERLINK("http://127.0.0.1/","x")']])
    assert refusal(path) == (
        "The workbook has formulas without results. Open it in Excel or WPS, save it and try again."
    )


def test_formulas_without_results_in_another_sheet_do_not_matter(tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [["name"], ["A"]], Sums=[["sum"], ["=1+1"]])
    assert table_of(path) == (["name"], [(2, ["A"])])
    with pytest.raises(UnreadableFile, match="formulas without results"):
        read_table(path, ReadChoices(sheet=1))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(tmp_path / "t.xlsx") == ("This is a zip file, not a table. Unpack it and choose the file in it.")


def test_a_broken_workbook_is_refused(tmp_path):
    broken = hostile.BROKEN_MESSAGE
    assert refusal(hostile.truncated(tmp_path / "t.xlsx")) == broken
    assert refusal(hostile.raw_workbook(tmp_path / "u.xlsx", b"<row><c></row>")) == broken


def test_a_workbook_that_claims_two_gigabytes_is_refused(tmp_path):
    path = hostile.claiming(tmp_path / "t.xlsx", 2_000_000_000)
    assert path.stat().st_size < 5_000
    assert refusal(path) == hostile.TOO_LARGE_MESSAGE


def test_a_workbook_that_claims_less_than_it_holds_is_refused(tmp_path):
    assert refusal(hostile.claiming(tmp_path / "t.xlsx", 50)) == hostile.BROKEN_MESSAGE


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    path = hostile.bomb(tmp_path / "t.xlsx", 20)
    assert path.stat().st_size < 100_000
    assert refusal(path, limits=Limits(unzipped=10 * 1024 * 1024)) == hostile.TOO_LARGE_MESSAGE


def test_entities_and_many_parts_are_refused(tmp_path):
    path = hostile.raw_workbook(
        tmp_path / "t.xlsx", HEAD_ROW, **{"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst/>'}
    )
    assert refusal(path) == hostile.BROKEN_MESSAGE
    many = hostile.raw_workbook(tmp_path / "u.xlsx", HEAD_ROW, **{f"xl/extra{n}.xml": b"<x/>" for n in range(30)})
    assert refusal(many, limits=Limits(parts=30)) == hostile.TOO_LARGE_MESSAGE


def test_a_sheet_that_would_need_500_gigabytes_ends_only_the_reading_process(tmp_path):
    assert refusal(hostile.far_cell(tmp_path / "t.xlsx")) == hostile.TOO_LARGE_MESSAGE


def test_a_sheet_wider_than_allowed_is_refused(tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [[f"h{n}" for n in range(300)]])
    assert refusal(path) == "Line 1 has 300 columns, at most 200 are allowed."


def test_reading_a_part_only_leaves_no_process_behind(tmp_path, monkeypatch):
    started = []
    real = subprocess.Popen

    def noted(*arguments, **options):
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    path = hostile.workbook(tmp_path / "t.xlsx", [["name"], *([f"n{n}"] for n in range(5000))])
    with read_table(path) as table:
        assert next(table.rows) == (2, ["n0"])
    with read_table(path):
        pass
    assert [child.returncode is not None for child in started] == [True, True]


def test_the_refusal_speaks_the_language_of_its_reader(tmp_path):
    with pytest.raises(UnreadableFile) as refused:
        read_table(written(tmp_path, b""))
    with translation.override("en"):
        english = str(refused.value)
    with translation.override("zh-hans"):
        chinese = str(refused.value)
    assert english.startswith("The file is empty.")
    assert "文件" in chinese


def test_the_pipe_of_the_reader_is_made_wide_where_the_system_allows_it(monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    ends = os.pipe()
    try:
        size = getattr(fcntl, "F_GETPIPE_SZ", None)
        before = size and fcntl.fcntl(ends[0], size)
        workbooks.widen(ends[0])
        assert not size or fcntl.fcntl(ends[0], size) >= min(before, workbooks.PIPE)
        refused = Mock(side_effect=PermissionError)  # as Linux does when all pipes of a person together are too large
        monkeypatch.setattr(fcntl, "fcntl", refused)
        workbooks.widen(ends[0])
        assert refused.called is hasattr(fcntl, "F_SETPIPE_SZ")
    finally:
        for end in ends:
            os.close(end)
