"""Written tables: text stays text, nothing runs, what we write we can read back."""

import datetime
import io
import tracemalloc
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.exchange import csv_lines, read_table, write_csv, write_xlsx
from crm.exchange.neutral import escaped, unescaped
from crm.exchange.writing import text_width

RISKY = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u3000=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "'=1",
    "''=1",
    '=HYPERLINK("http://127.0.0.1/","x")',
    "\n=1",
    "-",
]
HARMLESS = ["张伟", "a=b", "1-2", "'quoted'", "", "name@example.com", "3", "'", "「=1」"]


def csv_cells(rows):
    file = io.BytesIO()
    write_csv(file, ["head"], [[value] for value in rows])
    return file.getvalue()


def sheet_of(headings, rows, **options):
    file = io.BytesIO()
    write_xlsx(file, headings, rows, **options)
    return openpyxl.load_workbook(file).worksheets


@pytest.mark.parametrize("text", RISKY)
def test_csv_text_that_a_spreadsheet_would_run_gets_one_apostrophe(text):
    assert escaped(text) == "'" + text
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_csv_text_that_is_harmless_is_left_alone(text):
    assert escaped(text) == text
    assert unescaped(text) == text


@given(st.text())
def test_what_is_escaped_comes_back_exactly_and_cannot_run(text):
    assert unescaped(escaped(text)) == text
    bare = escaped(text).lstrip(" \t\r\n\u3000\u200b\ufeff")
    assert not bare.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=5
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_csv_file_of_ours_reads_back_as_it_was(tmp_path, texts):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        write_csv(file, ["mark", "text"], [["x", text] for text in texts])
    with read_table(path) as table:
        assert table.headings == ["mark", "text"]
        assert [values for _line, values in table.rows] == [["x", text] for text in texts]


def test_a_workbook_of_ours_reads_back_as_it_was(tmp_path):
    rows = [
        [text, 7, Decimal("1234.50"), datetime.date(2026, 11, 20), datetime.datetime.fromisoformat("2026-01-02 03:04")]
        for text in [*RISKY, "张伟 😀", "3", "007", "_x0041_", "a & b < c"]
    ]
    with (tmp_path / "t.xlsx").open("wb") as file:
        write_xlsx(file, ["text", "int", "money", "day", "moment"], rows)
    with read_table(tmp_path / "t.xlsx") as table:
        assert [values for _line, values in table.rows] == [[row[0], 7, 1234.5, row[3], row[4]] for row in rows]


def test_workbook_text_is_text_and_unchanged_and_marked_where_it_could_run():
    (sheet,) = sheet_of(["=head"], [[text] for text in [*RISKY, *HARMLESS]])
    assert (sheet["A1"].data_type, sheet["A1"].value) == ("s", "=head")
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value or "" for cell in cells] == [*RISKY, *HARMLESS]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not any(cell.data_type == "f" for cell in cells)
    assert [cell.quotePrefix for cell in cells] == [True] * len(RISKY) + [False] * len(HARMLESS)


def test_numbers_and_dates_stay_numbers_and_dates_with_their_formats():
    moment = datetime.datetime(2026, 11, 20, 6, 30, tzinfo=datetime.UTC)
    (sheet,) = sheet_of(
        ["a", "b", "c", "d", "e"],
        [[-5, Decimal("-1234.5"), datetime.date(2026, 11, 20), moment, 0.6315]],
        formats=[None, None, None, None, "0.00%"],
    )
    assert [cell.value for cell in sheet[2]][:3] == [-5, -1234.5, datetime.datetime.fromisoformat("2026-11-20 00:00")]
    assert [cell.data_type for cell in sheet[2]] == ["n", "n", "d", "d", "n"]
    assert [cell.number_format for cell in sheet[2]] == [
        "General",
        "#,##0.00",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm",
        "0.00%",
    ]


def test_moments_are_written_in_the_active_time_zone(settings):
    from django.utils import timezone

    moment = datetime.datetime(2026, 11, 20, 20, 30, tzinfo=datetime.UTC)
    with timezone.override("Asia/Shanghai"):
        (sheet,) = sheet_of(["at"], [[moment]])
        assert b"2026-11-21 04:30:00" in csv_cells([moment])
    assert sheet["A2"].value == datetime.datetime.fromisoformat("2026-11-21 04:30")


def test_csv_numbers_are_plain_and_dates_iso():
    row = [Decimal("-1234.50"), -5, 0.5, datetime.date(2026, 11, 20), None, True]
    assert list(csv_lines("abcdef", [row]))[1] == b"-1234.50,-5,0.5,2026-11-20,,TRUE\r\n"


def test_csv_begins_with_a_mark_so_that_excel_reads_it_as_utf_8():
    assert csv_cells(["张伟"]) == b"\xef\xbb\xbfhead\r\n" + "张伟\r\n".encode()


def test_the_head_is_frozen_bold_and_filtered_and_columns_fit_their_text():
    (sheet,) = sheet_of(["客户名称", "n"], [["苏州工业园区博瑞精密有限公司", 1]])
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:B2", True)
    assert sheet.column_dimensions["A"].width == pytest.approx(14 * 2.1 + 2)
    assert sheet.column_dimensions["B"].width == 8


def test_a_chinese_glyph_is_as_wide_as_two_digits_and_a_bit():
    assert text_width("ab12") == 4
    assert text_width("客户") == pytest.approx(4.2)
    assert text_width("a\n客户") == pytest.approx(4.2)


def test_control_characters_and_overlong_text_do_not_break_a_workbook():
    (sheet,) = sheet_of(["a"], [["x\x00\x0by"], ["z" * 40_000]])
    assert sheet["A2"].value == "xy"
    assert len(sheet["A3"].value) == 32_767


def test_days_before_the_calendar_of_excel_are_written_as_text():
    (sheet,) = sheet_of(["a"], [[datetime.date(1850, 1, 2)]])
    assert sheet["A2"].value == "1850-01-02"


def test_rows_beyond_one_sheet_go_to_the_next(monkeypatch):
    monkeypatch.setattr("crm.exchange.sheets.SHEET_ROWS", 4)
    sheets = sheet_of(["n"], [[n] for n in range(7)], title="Customers")
    assert [(sheet.title, [row[0].value for row in sheet.iter_rows()]) for sheet in sheets] == [
        ("Customers", ["n", 0, 1, 2]),
        ("Customers 2", ["n", 3, 4, 5]),
        ("Customers 3", ["n", 6]),
    ]


@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(tmp_path, write):
    def peak(rows):
        table = (["张伟" * 20, Decimal("1.5"), n] for n in range(rows))
        tracemalloc.start()
        with (tmp_path / "t").open("wb") as file:
            (write_csv if write == "csv" else write_xlsx)(file, ["a", "b", "c"], table)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few = peak(500)
    assert peak(5_000) < few * 2


def test_streamed_csv_comes_in_pieces():
    pieces = list(csv_lines(["a"], ([n] for n in range(1_200))))
    assert [piece.count(b"\r\n") for piece in pieces] == [1, 500, 500, 200]
