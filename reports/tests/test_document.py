"""The description of a report, its words, and where the shapes of its charts lie."""

from decimal import Decimal as D

import pytest
from django.utils import translation

from reports import document as d
from reports.charts import Box, Label, Pen, Polygon, draw
from reports.tests.samples import sample_document
from reports.wording import Words, clean, nice_step


def pen(language="en"):
    return Pen(Words(sample_document(language)), lambda text, size, bold: len(text) * size * 0.55)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def waterfall(*values, roles=(d.Role.OPEN, d.Role.PLUS, d.Role.CLOSE)):
    return d.Waterfall(
        "", "", tuple(d.WaterfallStep("x", D(value), role) for value, role in zip(values, roles, strict=True))
    )


def test_a_waterfall_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="does not add up"):
        waterfall(100, 20, 121)
    assert [span[1:] for span in waterfall(100, 20, 120).spans()] == [(0, 100), (100, 120), (0, 120)]


def test_a_waterfall_opens_and_closes_on_whole_bars():
    with pytest.raises(ValueError, match="one opening and one closing"):
        waterfall(100, 20, 120, roles=(d.Role.OPEN, d.Role.PLUS, d.Role.PLUS))
    with pytest.raises(ValueError, match="begins with the opening"):
        waterfall(20, 100, 120, roles=(d.Role.PLUS, d.Role.OPEN, d.Role.CLOSE))


def test_a_stacked_chart_has_at_most_five_series_and_a_value_for_each():
    with pytest.raises(ValueError, match="one to five series"):
        d.StackedBars("", "", d.Kind.COUNT, tuple("abcdef"), ())
    with pytest.raises(ValueError, match="one value a series"):
        d.StackedBars("", "", d.Kind.COUNT, ("a", "b"), (("x", (1,)),))


def test_a_sentence_is_split_into_plain_and_strong_runs():
    words = Words(sample_document())
    sentence = d.Sentence(
        "At %(open)s, 50% of %(who)s", {"open": d.Figure(d.Kind.MONEY, D(5_000_000), strong=True), "who": "us\x00"}
    )
    assert words.runs(sentence) == [("At ", False), ("¥5.00M", True), (", 50% of ", False), ("us", False)]
    assert words.sentence(sentence) == "At ¥5.00M, 50% of us"


def test_text_from_data_loses_control_and_direction_characters_only():
    assert clean(" a\x00\x1b\u202eb \n c\u2066 é 中 🙂 ") == "ab c é 中 🙂"


def test_cells_of_a_table_are_whole_and_empty_values_are_a_dash():
    words = Words(sample_document())
    assert words.cell(D("14735000.4"), d.TableColumn("", d.Kind.MONEY)) == "¥14,735,000"
    assert words.cell(D("-412000"), d.TableColumn("", d.Kind.MONEY, signed=True)) == "−¥412,000"
    assert words.cell(D("0.6315"), d.TableColumn("", d.Kind.PERCENT, digits=2)) == "63.15%"
    assert words.cell(None, d.TableColumn("", d.Kind.DATE)) == words.cell("", d.TableColumn("")) == "—"


def test_good_and_bad_news_depend_on_the_figure():
    words = Words(sample_document())
    assert words.kpi_tone(d.Kpi("", 5, d.Kind.COUNT, 4)) == "green"
    assert words.kpi_tone(d.Kpi("", 5, d.Kind.COUNT, 4, better="down")) == "red"
    assert words.kpi_tone(d.Kpi("", 4, d.Kind.COUNT, 4)) == ""
    assert words.kpi_tone(d.Kpi("", 5, d.Kind.COUNT, 4, better=None)) == ""
    assert words.kpi_before(d.Kpi("", 5, d.Kind.COUNT, 4)) == "last week 4"
    assert words.kpi_before(d.Kpi("", 5)) == ""


@pytest.mark.parametrize(
    ("top", "step"),
    [(0, 1), (3, 1), (4, 1), (9, D("2.5")), (344, 100), (3_442_000, 1_000_000), (40_000_000, 10_000_000)],
)
def test_an_axis_has_round_steps_and_reaches_the_longest_bar(top, step):
    assert nice_step(top) == step
    assert nice_step(top) * 4 >= top


def test_bars_are_to_scale_and_stay_inside_their_field():
    boxes = [s for s in draw(sample_document().charts[1], 360, 200, pen()) if isinstance(s, Box) and s.height > 7]
    assert len(boxes) == 6 * 4 - 1  # one value is nought
    lengths = {}
    for box in boxes:
        lengths[round(box.y, 1)] = max(lengths.get(round(box.y, 1), 0), box.x + box.width)
    assert max(lengths.values()) < 360
    assert list(lengths.values())[5] == max(lengths.values())


def test_every_label_of_a_long_chart_stays_inside_its_field():
    document = sample_document()
    long = tuple(("很长的名字" * 20, values) for _name, values in document.charts[1].bars)
    chart = d.StackedBars("", "", d.Kind.MONEY, tuple("一二三四" * 9 for _ in range(4)), long)
    wide = pen()
    for label in (s for s in draw(chart, 360, 200, wide) if isinstance(s, Label)):
        width = wide.measure(label.text, label.size, label.bold)
        left = label.x - width * {"start": 0, "middle": 0.5, "end": 1}[label.anchor]
        assert left > -1
        assert left + width < 361


def test_a_funnel_is_to_scale_and_tells_the_rate_between_its_steps():
    shapes = draw(sample_document().charts[0], 360, 200, pen())
    polygons = [s for s in shapes if isinstance(s, Polygon)]
    widths = [p.points[1][0] - p.points[0][0] for p in polygons]
    assert [round(width / widths[0], 3) for width in widths] == [1, 0.71, 0.46, 0.306, 0.194]
    assert [s.text for s in shapes if isinstance(s, Label) and s.text.startswith("↓")] == [
        "↓ 71%",
        "↓ 65%",
        "↓ 67%",
        "↓ 63%",
    ]


def test_a_funnel_in_which_nothing_happened_can_be_drawn():
    funnel = d.Funnel("", "", (d.FunnelStep("a", 0, 0, D(0)), d.FunnelStep("b", 0, is_won=True)))
    texts = [s.text for s in draw(funnel, 360, 200, pen()) if isinstance(s, Label)]
    assert "↓ —" in texts
    assert texts.count("0") == 3


def test_a_chart_without_bars_says_so():
    assert [s.text for s in draw(d.Bars("", "", d.Kind.COUNT, ()), 300, 100, pen())] == ["Nothing in this period"]


def test_the_steps_of_a_waterfall_hang_between_their_neighbours():
    boxes = [s for s in draw(sample_document().sections[1], 700, 186, pen()) if isinstance(s, Box)]
    assert len(boxes) == 7
    ground = boxes[0].y + boxes[0].height
    assert round(boxes[6].y + boxes[6].height, 6) == round(ground, 6)
    assert round(boxes[1].y + boxes[1].height, 6) == round(boxes[0].y, 6)
    assert round(boxes[5].y + boxes[5].height, 6) == round(boxes[6].y, 6)


@pytest.mark.parametrize("upright", [True, False])
def test_names_of_a_legend_take_a_second_line_before_they_are_cut(upright):
    ink = pen()
    bars = (("a", (1, 1, 1, 1, 1)),)

    def legend(*names):
        chart = d.StackedBars("", "", d.Kind.MONEY, names, bars, upright=upright)
        shapes = draw(chart, 360, 200, ink)
        squares = {s.y + 7: s for s in shapes if isinstance(s, Box) and s.width == 7}
        labels = [s for s in shapes if isinstance(s, Label) and s.y in squares]
        boxes = [s.y for s in shapes if isinstance(s, Box) and s.width != 7]
        return [s.text for s in labels], sorted(squares), min(boxes)

    assert legend("A", "B", "C", "D", "E")[:2] == (["A", "B", "C", "D", "E"], [9])
    stages = ("Qualification", "Needs analysis", "Proposal sent", "Negotiation", "Won and handed over")
    texts, lines, top = legend(*stages)
    assert (tuple(texts), lines) == (stages, [9, 22])
    assert top > 22
    texts, lines, _top = legend("一二三四五" * 20, "需求分析", "方案报价", "商务谈判", "赢单")
    assert (len(lines), texts[1:]) == (2, ["需求分析", "方案报价", "商务谈判", "赢单"])
    assert texts[0].endswith("…")
