"""Text of figures: the same rules for pages, Excel, PDF and mail."""

from datetime import UTC, date, datetime
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from crm import figures

ZH, EN = "zh-hans", "en"
THIS_YEAR = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (D("1286000"), "CNY", "¥1,286,000"),
        (1040, "USD", "USD 1,040"),
        (D("1286000.00"), "CNY", "¥1,286,000"),
        (D("99.9"), "CNY", "¥99.90"),
        (D("1234.565"), "EUR", "EUR 1,234.57"),
        (D("-26600"), "CNY", "−¥26,600"),
        (D("-40"), "USD", "−USD 40"),
        (0, "CNY", "¥0"),
        (None, "CNY", "—"),
    ],
)
def test_money_in_tables_is_whole_and_shows_cents_where_there_are_any(amount, currency, text):
    assert figures.money(amount, currency) == text
    assert figures.money(amount, currency, ZH) == text


def test_money_can_be_asked_for_fixed_digits_and_a_sign():
    assert figures.money(D("10.5"), "CNY", digits=0) == "¥11"
    assert figures.money(D(10), "CNY", digits=2) == "¥10.00"
    assert figures.money(D(72000), "CNY", signed=True) == "+¥72,000"
    assert figures.money(D(-412000), "CNY", signed=True) == "−¥412,000"
    assert figures.money(D(0), "CNY", signed=True) == "¥0"
    assert figures.money(D("-0.4"), "CNY", digits=0) == "¥0"


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (0, "¥0", "¥0"),
        (9_999, "¥9,999", "¥9,999"),
        (D("9999.5"), "¥10K", "¥1.0 万"),
        (468_000, "¥468K", "¥46.8 万"),
        (999_499, "¥999K", "¥99.9 万"),
        (999_500, "¥1.00M", "¥100.0 万"),
        (1_286_000, "¥1.29M", "¥128.6 万"),
        (14_735_000, "¥14.74M", "¥1,473.5 万"),
        (14_734_500, "¥14.73M", "¥1,473.5 万"),
        (99_999_499, "¥100.00M", "¥9,999.9 万"),
        (99_999_500, "¥100.00M", "¥1 亿"),
        (120_000_000, "¥120.00M", "¥1.2 亿"),
        (123_456_789, "¥123.46M", "¥1.23 亿"),
        (D("999999999.99"), "¥1.00B", "¥10 亿"),
        (-26_600, "−¥27K", "−¥2.7 万"),
        (None, "—", "—"),
    ],
)
def test_short_money_rounds_half_up_and_chooses_the_unit_after_rounding(amount, english, chinese):
    assert figures.short_money(amount, "CNY", EN) == english
    assert figures.short_money(amount, "CNY", ZH) == chinese


def test_short_money_names_other_currencies_by_code():
    assert figures.short_money(1_040, "USD", EN) == "USD 1,040"
    assert figures.short_money(10_005_534, "USD", EN) == "USD 10.01M"
    assert figures.short_money(10_005_534, "USD", ZH) == "USD 1,000.6 万"
    assert figures.short_money(5_000_000, "USD", EN, signed=True) == "+USD 5.00M"


def test_short_money_without_a_language_follows_the_active_one():
    with translation.override(ZH):
        assert figures.short_money(1_286_000, "CNY") == "¥128.6 万"
    with translation.override(EN):
        assert figures.short_money(1_286_000, "CNY") == "¥1.29M"


def test_a_float_is_refused_so_that_binary_rounding_never_reaches_a_page():
    with pytest.raises(TypeError, match="not float"):
        figures.number(0.5)
    with pytest.raises(TypeError, match="not float"):
        figures.percent_of(0.5)
    with pytest.raises(TypeError, match="not float"):
        figures.short_money(0.5, "CNY")


def test_numbers_are_grouped_signed_and_rounded_half_up():
    assert figures.number(1196) == "1,196"
    assert figures.number(D("2.5")) == "3"
    assert figures.number(D("-2.5")) == "−3"
    assert figures.number(D("12.345"), 2) == "12.35"
    assert figures.number(7, signed=True) == "+7"
    assert figures.number(None) == "—"


def test_percents_name_their_digits_and_have_no_value_without_a_whole():
    assert figures.percent(4238, 6711, 2) == "63.15%"
    assert figures.percent(4238, 6711) == "63.2%"
    assert figures.percent(1, 8) == "12.5%"
    assert figures.percent(1, 3, 0) == "33%"
    assert figures.percent(0, 0) == "—"
    assert figures.percent(None, 3) == "—"
    assert figures.percent_of(D("-0.019"), signed=True) == "−1.9%"
    assert figures.ratio(1, 4) == D("0.25")


def test_money_changes_by_a_per_cent_against_its_base():
    change = figures.change(D(14_735_000), D(14_457_000))
    assert (change.direction, change.size, change.text, change.signed) == (1, "1.9%", "▲ 1.9%", "+1.9%")
    down = figures.change(D(90), D(100))
    assert (down.text, down.signed, down.value) == ("▼ 10.0%", "−10.0%", D("-0.1"))
    assert figures.change(D(5), D(-10)).text == "▲ 150.0%"


def test_counts_change_by_a_number_and_rates_by_points():
    assert figures.change(27, 24, "count").text == "▲ 3"
    assert figures.change(24, 24, "count").text == "0"
    assert figures.change(D("30.6"), D("33.0"), "days").text == "▼ 2"
    with translation.override(EN):
        rate = figures.change(D("0.6315"), D("0.6"), "percent")
        assert (rate.text, rate.value) == ("▲ 3.2 pp", D("3.1500"))


def test_a_change_too_small_to_show_has_no_arrow():
    assert figures.change(D(1_000_001), D(1_000_000)).text == "0.0%"


@pytest.mark.parametrize(("now", "before"), [(None, D(1)), (D(1), None), (D(1), D(0))])
def test_a_change_without_a_base_is_a_dash(now, before):
    change = figures.change(now, before)
    assert (change.direction, change.text, change.value) == (0, "—", None)


def test_a_count_that_was_nought_still_changes_by_a_number():
    assert figures.change(3, 0, "count").text == "▲ 3"


def test_the_unit_of_a_chinese_figure_can_be_set_apart():
    assert figures.split_unit("¥1,473.5 万") == ("¥1,473.5", "万")
    assert figures.split_unit("USD 1.2 亿") == ("USD 1.2", "亿")
    assert figures.split_unit("USD 10.01M") == ("USD 10.01M", "")
    assert figures.split_unit("27") == ("27", "")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (500, "500", "500"),
        (500_000, "500K", "50万"),
        (1_500_000, "1.5M", "150万"),
        (200_000_000, "200M", "2亿"),
        (D("2.5"), "2.5", "2.5"),
        (10, "10", "10"),
    ],
)
def test_ticks_beside_an_axis_are_bare(value, english, chinese):
    assert figures.tick(value, EN) == english
    assert figures.tick(value, ZH) == chinese


def test_days_have_a_plural():
    with translation.override(EN):
        assert [figures.days(n) for n in (1, 21, D("33.5"), None)] == ["1 day", "21 days", "34 days", "—"]


def test_dates_in_tables_and_files_are_iso_in_both_languages():
    assert figures.date_text(date(2026, 11, 20), ZH) == figures.date_text(date(2026, 11, 20), EN) == "2026-11-20"
    assert figures.date_text(date(987, 1, 2)) == "0987-01-02"
    assert figures.date_text(None) == "—"


def test_english_dates_drop_the_year_when_it_is_this_one():
    assert figures.date_text(date(2026, 11, 20), EN, "short", today=THIS_YEAR) == "20 Nov"
    assert figures.date_text(date(2025, 3, 2), EN, "short", today=THIS_YEAR) == "2 Mar 2025"
    assert figures.date_text(date(2026, 11, 16), EN, "long") == "16 November 2026"


def test_moments_are_told_in_the_zone_asked_for():
    moment = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    shanghai, london = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
    assert figures.datetime_text(moment, EN, zone=shanghai) == "2026-11-20 14:30"
    assert figures.datetime_text(moment, EN, zone=london) == "2026-11-20 06:30"
    assert figures.datetime_text(moment, EN, "short", shanghai, THIS_YEAR) == "20 Nov, 14:30"
    assert figures.datetime_text(moment, EN, "short", shanghai, date(2027, 1, 1)) == "20 Nov 2026, 14:30"
    assert figures.datetime_text(None) == "—"


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (5_000, '"¥"#,##0;"−¥"#,##0', '"¥"#,##0;"−¥"#,##0'),
        (468_000, '"¥"#,##0,"K";"−¥"#,##0,"K"', '"¥"0\\.0," 万";"−¥"0\\.0," 万"'),
        (14_735_000, '"¥"#,##0.00,,"M";"−¥"#,##0.00,,"M"', '"¥"0\\,000\\.0," 万";"−¥"0\\,000\\.0," 万"'),
        (123_456_789, '"¥"#,##0.00,,"M";"−¥"#,##0.00,,"M"', '"¥"0\\.00,," 亿";"−¥"0\\.00,," 亿"'),
    ],
)
def test_excel_shows_short_money_by_a_format_while_the_cell_keeps_the_number(amount, english, chinese):
    assert figures.excel_short_money(amount, "CNY", EN) == english
    assert figures.excel_short_money(amount, "CNY", ZH) == chinese


def test_excel_formats_of_tables_carry_currency_minus_and_sign():
    assert figures.excel_money("CNY") == '"¥"#,##0;"−¥"#,##0'
    assert figures.excel_money("USD", 2) == '"USD "#,##0.00;"−USD "#,##0.00'
    assert figures.excel_money("CNY", signed=True) == '"+¥"#,##0;"−¥"#,##0;"¥"#,##0'
    assert figures.excel_number() == '#,##0;"−"#,##0'
    assert figures.excel_percent(2) == '#,##0.00%;"−"#,##0.00%'
    assert figures.excel_change("count") == '"▲" #,##0;"▼" #,##0;#,##0'
    assert figures.excel_change() == '"▲" #,##0.0%;"▼" #,##0.0%;#,##0.0%'
