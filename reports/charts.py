"""Where the shapes of a chart lie. One layout for PDF and page: painters only put colours and fonts to it.

Units are points, the origin is the upper left corner, y grows downwards. Bars always start at zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import singledispatch
from math import ceil

from django.utils.translation import gettext

from reports.document import Bars, Funnel, Kind, Role, StackedBars, Waterfall
from reports.wording import MOST, Words, clean, nice_step

SERIES = ("c1", "c2", "c3", "c4", "c5")
STEP_TONES = {Role.OPEN: "c1", Role.CLOSE: "c1", Role.PLUS: "green", Role.MINUS: "c3", Role.WON: "c2", Role.LOST: "red"}
BODY, SMALL = 8.5, 8
SQUARE, APART, LINE = 11, 15, 13  # of a legend: a square with its gap, between two names, from line to line


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    tone: str
    radius: float = 0
    shape = "box"


@dataclass(frozen=True)
class Polygon:
    points: tuple[tuple[float, float], ...]
    tone: str
    shape = "polygon"


@dataclass(frozen=True)
class Rule:
    x1: float
    y1: float
    x2: float
    y2: float
    tone: str
    dashed: bool = False
    shape = "rule"


@dataclass(frozen=True)
class Label:
    """y is the base line."""

    x: float
    y: float
    text: str
    size: float = BODY
    tone: str = "text-2"
    bold: bool = False
    anchor: str = "start"
    shape = "label"


@dataclass(frozen=True)
class Pen:
    """What a layout must know of its output: the words, and how wide they are. measure(text, size, bold) -> points"""

    words: Words
    measure: Callable[[str, float, bool], float]

    def clip(self, text, room, size=BODY, bold=False):
        """The text cut with an ellipsis so that it fits."""
        text = clean(text)[:MOST]
        if self.measure(text, size, bold) <= room:
            return text
        while text and self.measure(text + "…", size, bold) > room:
            text = text[:-1]
        return text.rstrip() + "…"

    def widest(self, texts, size=BODY, bold=False):
        return max((self.measure(text, size, bold) for text in texts), default=0)


def draw(chart, width, height, pen):
    """The list of shapes of a chart on a field of this size."""
    if not (chart.steps if isinstance(chart, Funnel | Waterfall) else chart.bars):
        return [Label(width / 2, height / 2, gettext("Nothing in this period"), BODY, "text-3", anchor="middle")]
    return lay_out(chart, width, height, pen)


@singledispatch
def lay_out(chart, width, height, pen):
    raise TypeError(f"no layout for {type(chart).__name__}")


@lay_out.register
def _(chart: Funnel, width, height, pen):
    """Trapezia to scale of the count that reached each step, the rate between them, at the right what stands there."""
    labels = [pen.clip(step.label, width * 0.3) for step in chart.steps]
    amounts = [
        "" if step.open_amount is None else pen.words.short(step.open_amount, Kind.MONEY) for step in chart.steps
    ]
    counts = ["" if step.open_count is None else pen.words.long(step.open_count, Kind.COUNT) for step in chart.steps]
    left = pen.widest(labels) + 14
    amount_room = pen.widest(amounts, 9, True)
    right = amount_room + 14 + pen.widest(counts, 9) + 14
    middle, full = left + (width - left - right) / 2, width - left - right
    pitch = (height - 14) / max(1, len(chart.steps))
    bar, top = pitch - 13, max((step.reached for step in chart.steps), default=0) or 1
    halves = [full / 2 * step.reached / top for step in chart.steps]
    shapes = (
        [Label(width, 8, gettext("open now"), SMALL, "text-3", anchor="end")] if any(amounts) or any(counts) else []
    )
    for i, step in enumerate(chart.steps):
        y, half, after = 14 + i * pitch, halves[i], halves[min(i + 1, len(halves) - 1)]
        lower = half - (half - after) * bar / pitch
        base, number = y + bar / 2 + 3, pen.words.long(step.reached, Kind.COUNT)
        corners = ((middle - half, y), (middle + half, y), (middle + lower, y + bar), (middle - lower, y + bar))
        shapes += [Polygon(corners, "green" if step.is_won else "c1"), Label(0, base, labels[i])]
        if pen.measure(number, 10, True) + 10 <= 2 * lower:
            shapes.append(Label(middle, base + 0.5, number, 10, "on-primary", True, "middle"))
        else:  # too narrow to carry its number
            shapes.append(Label(middle + half + 5, base + 0.5, number, 10, "text", True))
        if i + 1 < len(chart.steps):
            rate = pen.words.share(chart.steps[i + 1].reached, step.reached)
            shapes.append(Label(middle, y + bar + 9.5, f"↓ {rate}", SMALL, "text-3", anchor="middle"))
        shapes += [
            Label(width, base, amounts[i], 9, "text", True, "end"),
            Label(width - amount_room - 14, base, counts[i], 9, "text-3", anchor="end"),
        ]
    return [shape for shape in shapes if shape.shape != "label" or shape.text]


@lay_out.register
def _(chart: StackedBars, width, height, pen):
    return _columns(chart, width, height, pen) if chart.upright else _stacked_rows(chart, width, height, pen)


def _legend(names, x, width, pen):
    """(shapes, height of a second line): coloured squares with names along the top, centred over the field from x on.

    Names take the whole width and a second line before any is cut, and only those are cut that are longer than their
    share.
    """
    room = width - x
    lines = _legend_lines([pen.clip(name, room - SQUARE) for name in names], room, pen)
    if len(lines) > 1:
        x, room = 0, width
        lines = _legend_lines([pen.clip(name, room - SQUARE) for name in names], room, pen)
    if len(lines) > 2:
        share = room / ceil(len(names) / 2) - SQUARE - APART
        lines = _legend_lines([pen.clip(name, share) for name in names], room, pen)
    shapes, tones = [], iter(SERIES)
    for i, line in enumerate(lines):
        at = x + max(0, (room - _line_width(line, pen)) / 2)
        for text, tone in zip(line, tones, strict=False):
            shapes += [Box(at, 2 + i * LINE, 7, 7, tone, 1.5), Label(at + SQUARE, 9 + i * LINE, text)]
            at += SQUARE + pen.measure(text, BODY, False) + APART
    return shapes, (len(lines) - 1) * LINE


def _legend_lines(texts, room, pen):
    lines = [[]]
    for text in texts:
        if lines[-1] and _line_width([*lines[-1], text], pen) > room:
            lines.append([])
        lines[-1].append(text)
    return lines


def _line_width(texts, pen):
    return sum(SQUARE + pen.measure(text, BODY, False) for text in texts) + APART * (len(texts) - 1)


def _size(value):
    """A drawn length: empty and negative values have none."""
    return max(Decimal(0), Decimal(value or 0))


def _stacked_rows(chart, width, height, pen):
    labels = [pen.clip(label, width * 0.3, SMALL) for label, _values in chart.bars]
    sums = [sum(map(_size, values)) for _label, values in chart.bars]
    totals = [pen.words.short(total, chart.kind) for total in sums]
    left, right = pen.widest(labels, SMALL) + 8, pen.widest(totals, BODY, True) + 8
    shapes, more = _legend(chart.series, left, width, pen)
    top, bottom = 20 + more, height - 16
    shapes += _value_axis(max(sums, default=Decimal(0)), chart.kind, left, width - right, top, bottom, pen)
    scale = (width - right - left) / float(_reach(sums))
    pitch = (bottom - top) / max(1, len(chart.bars))
    thick = min(14, pitch * 0.64)
    for i, (_label, values) in enumerate(chart.bars):
        y, x = top + (i + 0.5) * pitch - thick / 2, left
        shapes.append(Label(left - 5, y + thick / 2 + 3, labels[i], SMALL, anchor="end"))
        for value, tone in zip(values, SERIES, strict=False):
            length = float(_size(value)) * scale
            if length > 0:
                shapes.append(Box(x, y, max(0.4, length - 0.6), thick, tone))
            x += length
        shapes.append(Label(x + 5, y + thick / 2 + 3, totals[i], BODY, "text", True))
    return shapes


def _reach(sums):
    top = max(sums, default=Decimal(0))
    step = nice_step(top)
    return step * max(1, (top / step).to_integral_value(ROUND_CEILING))


def _value_axis(top, kind, left, right, upper, lower, pen):
    """Grid lines from zero on, with bare ticks under them."""
    reach, step, shapes, value = _reach([top]), nice_step(top), [], Decimal(0)
    while value <= reach:
        x = left + (right - left) * float(value / reach)
        shapes += [
            Rule(x, upper, x, lower, "line-2" if not value else "line"),
            Label(x, lower + 11, pen.words.axis(value, kind), SMALL, anchor="middle"),
        ]
        value += step
    return shapes


def _columns(chart, width, height, pen):
    """Upright stacks for time, with the sum on top."""
    sums = [sum(map(_size, values)) for _label, values in chart.bars]
    legend, more = _legend(chart.series, 0, width, pen)
    top, base = 32 + more, height - 16
    scale = (base - top) / float(max(sums, default=0) or 1)
    pitch = width / max(1, len(chart.bars))
    thick = min(46, pitch * 0.56)
    shapes = [*legend, Rule(0, base, width, base, "line-2")]
    for i, (label, values) in enumerate(chart.bars):
        middle, y = (i + 0.5) * pitch, base
        for value, tone in zip(values, SERIES, strict=False):
            length = float(_size(value)) * scale
            if length > 0:
                shapes.append(Box(middle - thick / 2, y - length, thick, max(0.4, length - 0.6), tone))
            y -= length
        total = pen.clip(pen.words.short(sums[i], chart.kind), pitch - 2, BODY, True)
        shapes += [
            Label(middle, y - 4, total, BODY, "text", True, "middle"),
            Label(middle, base + 11, pen.clip(label, pitch - 4, SMALL), SMALL, anchor="middle"),
        ]
    return shapes


@lay_out.register
def _(chart: Bars, width, height, pen):
    """One bar a row with its figure and remark behind it; per cents are drawn on a track of a hundred."""
    labels = [pen.clip(label, width * 0.32, SMALL) for label, _value, _remark in chart.bars]
    texts = [pen.words.short(value, chart.kind, chart.digits) for _label, value, _remark in chart.bars]
    remarks = [pen.clip(remark, width * 0.25, SMALL) for _label, _value, remark in chart.bars]
    gap = 6 if any(remarks) else 0
    right = pen.widest(texts, BODY, True) + pen.widest(remarks, SMALL) + gap + 10
    left = pen.widest(labels, SMALL) + 8
    share = chart.kind == Kind.PERCENT
    top = Decimal(1) if share else max((_size(value) for _label, value, _remark in chart.bars), default=0) or Decimal(1)
    room, pitch = width - left - right, height / max(1, len(chart.bars))
    thick = min(14, pitch * 0.6)
    shapes = [Rule(left, 0, left, height, "line-2")]
    for i, (_label, value, _remark) in enumerate(chart.bars):
        y = (i + 0.5) * pitch - thick / 2
        base, length = y + thick / 2 + 3, room * float(_size(value) / top)
        shapes.append(Label(left - 5, base, labels[i], SMALL, anchor="end"))
        if share:
            shapes.append(Box(left, y, room, thick, "line"))
        if length > 0:
            shapes.append(Box(left, y, max(0.8, length), thick, "c1"))
        at = width - right + 8 if share else left + length + 6
        shapes.append(Label(at, base, texts[i], BODY, "text", True))
        if remarks[i]:
            shapes.append(Label(at + pen.measure(texts[i], BODY, True) + gap, base, remarks[i], SMALL, "text-3"))
    return shapes


@lay_out.register
def _(chart: Waterfall, width, height, pen):
    """Opening and closing bars from the ground, the steps between hang on dashed lines; the scale is never broken."""
    spans = chart.spans()
    base, room = height - 18, height - 40
    peak, floor = max(high for _step, _low, high in spans), min(low for _step, low, _high in spans)
    scale = room / float(peak - min(floor, 0) or 1)
    zero = base + float(min(floor, 0)) * scale
    pitch = width / len(spans)
    thick, level = min(56, pitch * 0.56), Decimal(0)
    shapes = [Rule(0, zero, width, zero, "line-2")]
    for i, (step, low, high) in enumerate(spans):
        x, whole = i * pitch + (pitch - thick) / 2, step.role in (Role.OPEN, Role.CLOSE)
        upper = zero - float(high) * scale
        shapes.append(Box(x, upper, thick, max(1.2, float(high - low) * scale), STEP_TONES[step.role]))
        level = step.value if whole else level + step.value
        if i + 1 < len(spans):
            y = zero - float(level) * scale
            shapes.append(Rule(x + thick, y, x + pitch, y, "text-3", True))
        text = pen.words.short(step.value, chart.kind, signed=not whole)
        shapes += [
            Label(x + thick / 2, upper - 5, pen.clip(text, pitch - 4, 9, True), 9, "text", True, "middle"),
            Label(x + thick / 2, height - 5, pen.clip(step.label, pitch - 4), anchor="middle"),
        ]
    return shapes
