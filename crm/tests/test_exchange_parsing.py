"""Values of imported cells: what is understood, and what is refused with which words."""

import datetime
import unicodedata
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from crm.exchange import (
    Choices,
    ParseError,
    match_key,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_email,
    parse_integer,
    parse_text,
)

DAY = datetime.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def refusal(parse, value, **options):
    with pytest.raises(ParseError) as refused:
        parse(value, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20",
        "2026/11/20",
        "2026.11.20",
        "20.11.2026",
        "20261120",
        "2026年11月20日",
        "２０２６－１１－２０",
        " 2026-11-20 14:30",
        "2026-11-20T14:30:00+08:00",
        46346,
        46346.0,
        46346.6,
        "46346",
        20261120,
        DAY,
        datetime.datetime.fromisoformat("2026-11-20 14:30"),
    ],
)
def test_every_usual_way_to_write_a_date_is_understood(value):
    assert parse_date(value) == DAY


@pytest.mark.parametrize("value", ["2024-2-29", 45351, "29.2.2024"])
def test_leap_days_exist(value):
    assert parse_date(value) == datetime.date(2024, 2, 29)


@pytest.mark.parametrize("value", ["31.02.2026", "2026-02-30", "2025/2/29", "20261301"])
def test_days_that_no_calendar_has_are_refused(value):
    assert refusal(parse_date, value) == f"“{value}” is not a day of the calendar."


@pytest.mark.parametrize("value", ["03/04/2026", "tomorrow", "2026-11", 1, 0.25, True, "12:30", datetime.time(3, 4)])
def test_what_could_be_two_dates_or_none_is_refused(value):
    assert refusal(parse_date, value).endswith("is not a date. Write it like 2026-11-20.")


@pytest.mark.parametrize("value", ["0026-11-20", "9999-01-01", datetime.date(1800, 1, 1)])
def test_years_that_are_slips_are_refused(value):
    assert refusal(parse_date, value).endswith("must lie between 1900 and 2199.")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("380000", "380000.00"),
        ("1,286,000.5", "1286000.50"),
        ("￥1,286,000", "1286000.00"),
        ("¥ 12", "12.00"),
        ("１２３４．５", "1234.50"),
        ("-￥5", "-5.00"),
        ("$-5", "-5.00"),
        ("380000元", "380000.00"),
        ("USD 1,040", "1040.00"),
        ("+7", "7.00"),
        (".5", "0.50"),
        (0.1 + 0.2, "0.30"),
        (1234567.89, "1234567.89"),
        (7, "7.00"),
        (Decimal("2.5"), "2.50"),
        ("−3", "-3.00"),
    ],
)
def test_money_is_read_exactly(value, number):
    assert str(parse_decimal(value)) == number


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "-inf",
        "abc",
        "1,5",
        "1.234,50",
        "12,34,567",
        "1 234",
        "٣,٤",
        float("nan"),
        float("inf"),
        True,
        Decimal("NaN"),
        Decimal("1e400"),
        DAY,
    ],
)
def test_what_is_no_number_is_refused(value):
    assert refusal(parse_decimal, value).endswith("is not a number. Write it like 380000 or 1,250.50.")


def test_scientific_notation_is_refused_because_digits_are_gone():
    assert refusal(parse_decimal, "1.39E+10").startswith("“1.39E+10” is in scientific notation")
    assert refusal(parse_decimal, "1e400").startswith("“1e400” is in scientific notation")


def test_numbers_are_never_rounded_and_never_overflow():
    assert refusal(parse_decimal, "1.234") == "“1.234” has more than 2 decimal places."
    assert refusal(parse_decimal, "1" + "0" * 16) == "“10000000000000000” is too large."
    assert parse_decimal("9" * 16) == Decimal("9" * 16)
    assert refusal(parse_decimal, "-1", least=0) == "“-1” is too small, the least is 0."


def test_whole_numbers():
    assert [parse_integer(value) for value in ("1,286", 7.0, "７", "3.00")] == [1286, 7, 7, 3]
    assert refusal(parse_integer, "1.5") == "“1.5” is not a whole number."
    assert refusal(parse_integer, 2**31) == "“2147483648” is too large."
    assert refusal(parse_integer, -1, least=0) == "“-1” is too small, the least is 0."


@pytest.mark.parametrize("parse", [parse_date, parse_decimal, parse_integer, parse_boolean])
@pytest.mark.parametrize("value", ["", "  ", "\u3000", None])
def test_an_empty_cell_is_no_value(parse, value):
    assert parse(value) is None


def test_yes_and_no_in_both_languages():
    assert [parse_boolean(value) for value in ("是", "YES", 1, True, "真", "ｙ", 1.0)] == [True] * 7
    assert [parse_boolean(value) for value in ("否", "no", 0, False, "假", "FALSE")] == [False] * 6
    assert refusal(parse_boolean, "maybe") == "“maybe” is neither yes nor no."


def test_text_of_cells_reads_as_people_see_it():
    assert parse_text(13800138000.0) == "13800138000"
    assert parse_text("  张伟 😀\r\n二 ") == "张伟 😀\n二"
    assert parse_text(datetime.datetime.fromisoformat("2026-11-20 00:00")) == "2026-11-20"
    assert parse_text(None) == ""


def test_text_that_is_too_long_or_not_writing_is_refused():
    assert refusal(parse_text, "名" * 300, max_length=200) == "The text has 300 characters, at most 200 are allowed."
    assert refusal(parse_text, "a\x1bb").startswith("The text contains control characters.")
    assert refusal(parse_text, "a\x00b").startswith("The text contains control characters.")


def test_e_mail_addresses():
    assert parse_email(" zhang.wei@example.com ") == "zhang.wei@example.com"
    assert parse_email("") == ""
    for value in ("a@b", "a@x.com,b@y.com", "a@x.com\nBcc: b@y.com", 7):
        assert refusal(parse_email, value).endswith("is not an e-mail address. Write it like name@example.com.")


def test_choices_are_known_by_code_and_by_label_in_any_case():
    levels = Choices([("a", _("Sales rep")), ("b", "A"), ("in_progress", "In progress")])
    assert levels.parse("Sales Rep") == "a"
    assert levels.parse("ＩＮＰＲＯＧＲＥＳＳ") == "in_progress"
    assert levels.parse("A") == "a"
    assert levels.parse("b") == "b"
    assert levels.parse(" ") is None
    assert refusal(levels.parse, "C") == "“C” is not one of the choices: Sales rep, A, In progress."


def test_a_choice_is_known_by_the_part_of_its_label_that_no_other_has():
    ranks = Choices(
        [("p1", "P1 紧急"), ("p2", "P2 高"), ("event", "活动/展会"), ("web", "线上/展会"), ("A", "A"), ("b", "B")]
    )
    cells = ["高", "紧急", "P2高", "活动", "线上", "A级", "a类客户", "B 级"]
    assert [ranks.parse(cell) for cell in cells] == ["p2", "p1", "p2", "event", "web", "A", "A", "b"]
    for cell in ("展会", "级", "P3", "C级"):
        assert "is not one of the choices" in refusal(ranks.parse, cell)


def test_the_rule_of_names_leaves_out_case_width_and_spaces():
    assert match_key("GTXPro") == match_key("GTX Pro") == match_key(" ｇｔｘ　PRO ") == "gtxpro"
    assert match_key("GTX Plus Pro") != match_key("GTX Pro")
    assert match_key("Straße") == match_key("STRASSE")
    assert match_key("云杉工业") == "云杉工业"


@given(st.text())
def test_the_rule_of_names_gives_the_same_key_for_a_key(text):
    assert match_key(match_key(text)) == match_key(text)


def sentence_or_value(parse, value) -> str:
    """The sentence that refuses the value; a full stop when it is taken."""
    try:
        parse(value)
    except ParseError as problem:
        return str(problem)
    return "."


@given(
    st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(), st.none())
)
def test_whatever_a_cell_holds_is_a_value_or_a_sentence(value):
    for parse in (parse_text, parse_date, parse_decimal, parse_integer, parse_boolean, parse_email):
        assert sentence_or_value(parse, value)[-1:] == "."


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_without_control_characters_comes_through_unchanged_but_for_its_ends(text):
    assert parse_text(text) == text.strip()
    assert unicodedata.is_normalized("NFC", parse_text(text)) == unicodedata.is_normalized("NFC", text.strip())


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_every_amount_survives_being_written_with_separators(amount):
    assert parse_decimal(f"{amount:,.2f}") == amount
