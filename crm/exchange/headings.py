"""Where the headings of a table stand, and what they are called: rules, titles and blank lines may come before them."""

import re
from collections import Counter
from dataclasses import dataclass
from string import ascii_uppercase

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .matching import match_key, simplified

LOOK = 12  # lines among which the headings are looked for
LONG = 60  # characters: a heading is shorter
NUMBER = re.compile(r"[-+(]?[￥¥$€£]?\s?\d[\d\s.,:/年月日时分秒%-]*[)万亿元KkMm%]*$")
YEAR = re.compile(r"(19|20)\d\d年?")
REASONS = {
    "known": gettext_lazy("its headings are known"),
    "shape": gettext_lazy("it names every column with a short text"),
    "first": gettext_lazy("it is the first line"),
    "none": gettext_lazy("the first line holds values like those below"),
    "chosen": gettext_lazy("you chose it"),
}


@dataclass(frozen=True)
class Headings:
    """names: by column, "" where it has none. lines: those that the names come from; empty when there are none.

    reason: a key of REASONS. renamed: names that stood above two columns, as they are now.
    """

    names: list[str]
    lines: tuple[int, ...]
    reason: str
    renamed: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        return str(REASONS[self.reason])


def find_headings(sample, choices, merges, knows) -> Headings:
    """sample: the first (line, values) that are not empty. knows: match keys of headings that are expected."""
    place, reason = _place(sample, choices, knows)
    if place is None:
        width = max(len(values) for _line, values in sample)
        return Headings([column_name(number) for number in range(width)], (), reason)
    first = _with_groups(sample, place, merges) if choices.header is None else place
    count = choices.header_rows or max(_rows_of_headings(sample, first, merges), place - first + 1)
    place = first
    taken = sample[place : place + count]
    names, renamed = _distinct(_joined(_spread(taken, merges)))
    return Headings(names, tuple(line for line, _values in taken), reason, renamed)


def column_name(number: int) -> str:
    """Column A, B, … as a spreadsheet calls them."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return _("Column %(letters)s") % {"letters": letters}


def is_known(heading: str, knows) -> bool:
    """Whether a heading is expected, also in traditional characters."""
    key = match_key(heading)
    return key in knows or (not key.isascii() and key.translate(simplified()) in knows)


def _place(sample, choices, knows):
    """(place in the sample or None, reason)."""
    if choices.header is not None:
        place = next((place for place, (line, _values) in enumerate(sample) if line >= choices.header), len(sample) - 1)
        return (place if choices.header else None), "chosen"
    rows = [values for _line, values in sample]
    hits = [sum(is_known(str(value), knows) for value in values if value != "") for values in rows[:LOOK]]
    best = max(range(len(hits)), key=hits.__getitem__)
    if hits[best] >= 2:
        return best, "known"
    scores = [_score(rows, place) for place in range(_first_of_values(rows[:LOOK]))]
    best = max(range(len(scores)), key=scores.__getitem__, default=0)
    if scores and scores[best] > 0:
        return best, "known" if hits[best] else "shape" if best else "first"
    if not any(hits) and _is_values(rows[0], rows[1:]):
        return None, "none"
    return 0, "first"


def _first_of_values(rows):
    """How many lines there are before the first that holds values: headings do not stand below those."""
    width = _usual_width(rows)
    for place, values in enumerate(rows):
        cells = [value for value in values if value != ""]
        numbers = sum(_is_number(cell) and not is_wording(cell) for cell in cells)
        if len(cells) > 1 and len(cells) >= width and numbers > len(cells) / 2:
            return place
    return len(rows)


def _score(rows, place) -> float:
    """How much a line looks like headings: short, different texts over all columns, other things below."""
    cells = [value for value in rows[place] if value != ""]
    below = rows[place + 1 : place + 9]
    width = _usual_width(rows[place:])
    texts = [cell for cell in cells if is_wording(cell)]
    if not cells or len(texts) < len(cells) or (below and len(cells) < max(2, width / 2) and width > 1):
        return 0
    score = min(len(cells) / max(width, 1), 1) + len({*map(match_key, texts)}) / len(texts) / 4
    contrasts = [
        any(not is_wording(row[column]) for row in below if column < len(row) and row[column] != "")
        for column, value in enumerate(rows[place])
        if value != ""
    ]
    # Each line further down has to be better than those above it.
    return score + sum(contrasts) / len(cells) - place * 0.1


def _usual_width(rows):
    widths = Counter(sum(value != "" for value in values) for values in rows[:30])
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0]


def is_wording(cell) -> bool:
    """A text that could be a heading: no number, date, address or sentence. A year can be one."""
    if YEAR.fullmatch(str(cell)):
        return True
    if not isinstance(cell, str) or len(cell) > LONG or cell.startswith("# "):
        return False
    text = cell.strip()
    return bool(text) and not NUMBER.match(text) and "@" not in text and "://" not in text and "\n\n" not in text


def _is_values(first, below):
    """Whether the first line is no line of headings: it holds numbers or dates where the lines below do."""
    kinds = [_is_number(value) for value in first]
    if not below:
        return all(kinds)
    return any(kinds) and all(
        all(_is_number(row[column]) for row in below if column < len(row) and row[column] != "")
        for column, is_number in enumerate(kinds)
        if is_number
    )


def _is_number(value):
    return not isinstance(value, str) or bool(NUMBER.match(value.strip()))


# -- headings of several lines ----------------------------------------------------------------------------------------
def _with_groups(sample, place, merges) -> int:
    """The first line of headings that belong together: merged cells reach from it to the line that was found.

    A title over the whole table is no heading of a group. In text, which knows no merged cells, gaps tell.
    """
    if not merges:
        return place - 1 if place and _is_group(sample[place - 1], sample[place]) else place
    width = max(len(values) for _line, values in sample[place:])
    while place:
        above, line = sample[place - 1][0], sample[place][0]
        values = [value for value in sample[place - 1][1] if value != ""]
        areas = [area for area in merges if area[0] <= above <= area[2] and area[3] - area[1] + 1 < width]
        joins = any(area[2] >= line for area in areas) or any(area[3] > area[1] for area in areas)
        if not joins or len(values) < 2 or not all(map(is_wording, values)):
            break
        place -= 1
    return place


def _is_group(above, line) -> bool:
    cells = [value for value in above[1] if value != ""]
    return above[0] + 1 == line[0] and all(map(is_wording, cells)) and _fills_gaps(above[1], line[1])


def _rows_of_headings(sample, place, merges) -> int:
    """More than one when cells above are merged over several columns, or have gaps that the next line fills."""
    line, top = sample[place]
    across = [area for area in merges if area[0] == line and area[3] > area[1] and area[1] < len(top)]
    last = max((area[2] for area in merges if area[0] == line), default=line)
    count = 1
    while place + count + 1 < len(sample) and count < 5:
        next_line, values = sample[place + count]
        cells = [value for value in values if value != ""]
        if not cells or not all(is_wording(value) for value in cells):
            break
        under = across and any(area[1] <= column <= area[3] for area in across for column in _filled(values))
        if not (next_line <= last or (count == 1 and (under or (not merges and _fills_gaps(top, values))))):
            break
        count += 1
    return count


def _filled(values):
    return [column for column, value in enumerate(values) if value != ""]


def _fills_gaps(top, values):
    """Whether the line names the columns that the line above leaves without a name, and none that has its own.

    Above stand names of single columns, or groups of columns: several groups when there is nothing else.
    """
    filled, own = set(_filled(top)), set(_filled(values))
    gaps = set(range(max(len(top), len(values)))) - filled
    groups = {column for column in filled if column + 1 in gaps}
    return (
        bool(gaps) and gaps <= own and 0 in filled and own & filled <= groups and bool(filled - own or len(groups) > 1)
    )


def _spread(lines, merges) -> list[list]:
    """Lines of headings with the text of a merged cell, or of a group, in all columns to which it belongs."""
    width = max(len(values) for _line, values in lines)
    spread = []
    for place, (line, values) in enumerate(lines):
        cells = list(values) + [""] * (width - len(values))
        areas = [area for area in merges if area[0] <= line <= area[2] and area[3] > area[1]]
        for _top, left, _bottom, right in areas if len(lines) > 1 else ():
            right = min(right, width - 1)
            if left < width and cells[left] != "":
                cells[left : right + 1] = [cells[left]] * (right + 1 - left)
        if not merges and place < len(lines) - 1:
            for column in range(1, width):
                cells[column] = cells[column] if cells[column] != "" else cells[column - 1]
        spread.append(cells)
    return spread


def _joined(rows) -> list[str]:
    """One name a column: the lowest one, with those above where it would stand twice."""
    width = max(map(len, rows))
    stacks = [_stack(rows, column) for column in range(width)]
    lowest = Counter(match_key(stack[-1]) for stack in stacks if stack)
    return [
        "" if not stack else stack[-1] if lowest[match_key(stack[-1])] == 1 else " ".join(stack) for stack in stacks
    ]


def _stack(rows, column):
    stack = []
    for values in rows:
        text = " ".join(str(values[column]).split()) if column < len(values) else ""
        if text and text not in stack:
            stack.append(text)
    return stack


def _distinct(names):
    """A name that stands above two columns gets a number, so that each column can be told from the others."""
    seen, distinct, renamed = Counter(), [], []
    for name in names:
        seen[match_key(name)] += 1
        if name and seen[match_key(name)] > 1:
            name = f"{name} ({seen[match_key(name)]})"
            renamed.append(name)
        distinct.append(name)
    return distinct, tuple(renamed)
