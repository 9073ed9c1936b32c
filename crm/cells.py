"""Values of records as HTML: hundreds on a page, so they are made here and not by an included template each."""

from datetime import date
from decimal import Decimal

from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext

from crm import figures
from crm.marks import avatar, badge, escaped, icon, markup, tag_chip
from crm.moments import when

PHONE_CELLS = 4  # a row is a card on a phone; it shows so many values below the name


def _number(cell):
    return figures.number(cell.value) if isinstance(cell.value, int | Decimal) else str(cell.value)


def _choice(cell):
    return badge(cell.text, cell.tone) if cell.tone else cell.text


def _record(cell):
    text = cell.text or str(cell.value)
    if cell.tone:
        return badge(text, cell.tone)
    if not cell.url:
        return markup('<span class="cut">{}</span>', text)
    return markup('<a class="cut" href="{}">{}</a>', cell.url, text)


def _person(cell):
    name = cell.text or str(cell.value)
    return markup('<span class="row-x g6">{}{}</span>', avatar(name), name)


REVEAL = (
    '<form class="row-x g4" method="post" action="{0}" hx-post="{0}" hx-target="this" hx-swap="outerHTML">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{1}"><span class="tn">{2}</span>'
    '<button class="btn btn-s btn-ghost btn-ico" type="submit" title="{3}" aria-label="{4}">{5}</button></form>'
)
IN_ROW = (
    '<span class="row-x g4"><span class="tn">{2}</span><button class="btn btn-s btn-ghost btn-ico" type="submit"'
    ' form="{1}" formaction="{0}" hx-post="{0}" hx-target="closest span" hx-swap="outerHTML" title="{3}"'
    ' aria-label="{4}">{5}</button></span>'
)
ASK_REASON = (
    '<span class="row-x g4"><span class="tn">{2}</span>'
    '<a class="btn btn-s btn-ghost btn-ico" href="{0}" title="{3}" aria-label="{4}">{5}</a></span>'
)


def _masked(cell):
    """A mask with the button that shows the value in its place; with the way to the question where one is asked."""
    way, words = cell.reveal, (gettext("Reveal"), gettext("Reveal %(what)s") % {"what": cell.column.label})
    pattern = IN_ROW if way.form else REVEAL if way.token else ASK_REASON
    return markup(pattern, way.url, way.form or way.token, cell.value, *words, icon("eye", "sm"))


def _text(cell):
    if cell.reveal:
        return _masked(cell)
    text = cell.text or str(cell.value)
    return badge(text, cell.tone) if cell.tone else markup('<span class="cut">{}</span>', text)


def _tags(cell, most=2):
    """The first tags of a row as chips; how many more there are is a chip, too."""
    more = [tag.name for tag in cell.value[most:]]
    chips = format_html_join("", "{}", ((tag_chip(tag),) for tag in cell.value[:most]))
    rest = markup('<span class="chip" title="{}">+{}</span>', ", ".join(more), len(more)) if more else ""
    return markup('<span class="row-x g4{}">{}{}</span>', "" if most == 2 else " wrap", chips, rest)


WRITERS = {
    "money": lambda cell: figures.money(cell.value, cell.currency),
    "number": _number,
    "percent": lambda cell: f"{_number(cell)}%",
    "date": lambda cell: when(cell.value, "iso"),
    "datetime": lambda cell: when(cell.value, "iso"),
    "choice": _choice,
    "boolean": lambda cell: gettext("yes") if cell.value else gettext("no"),
    "record": _record,
    "person": _person,
    "tags": _tags,
}
FIGURES = ("money", "number", "percent", "date", "datetime")


def shown(cell):
    """The HTML of one value, by the kind of its column; an empty value is a dash."""
    if cell.value is None or cell.value == "":
        return figures.DASH
    kind = str(cell.column.kind)
    if kind in FIGURES and isinstance(cell.value, str):  # a mask, where a figure or a day would stand
        return _text(cell)
    return WRITERS.get(kind, _text)(cell)


def shown_whole(cell):
    """A value on a record page: long text is not cut, lines stay lines, all tags are there."""
    if cell.reveal:
        return _masked(cell)
    if cell.value and str(cell.column.kind) == "tags":
        return _tags(cell, len(cell.value) + 4)
    if cell.value and str(cell.column.kind) in ("text", "long_text") and not cell.tone:
        return markup('<span class="pre">{}</span>', cell.text or cell.value)
    if cell.ask:
        link = markup('<a class="text-decoration-underline" href="{}">{}</a>', cell.ask, gettext("Ask for access"))
        return markup("{} {}", shown(cell), link)
    return shown(cell)


MARK = '<span class="av sq l gray" aria-hidden="true">{}</span>'


def row_name(row):
    """What a row's link says: its first value, or the record's own name where that is empty."""
    first = row.cells[0]
    if first.value is None or first.value == "":
        return str(row.record)
    return when(first.value, "iso") if isinstance(first.value, date) else first.text or str(first.value)


def _opening(column, number):
    """The <td> of one column, made once for all rows of a table."""
    classes = " ".join(
        name
        for name, holds in (("num", column.is_right), ("col-t", column.least), ("hide-m", number > PHONE_CELLS))
        if holds
    )
    return markup('<td class="{}" data-label="{}">', classes, capfirst(column.label))


TICK = '<td class="ck"><input class="form-check-input" type="checkbox" name="keys" value="{}" aria-label="{}"></td>'
ROW = '<tr>{}<td class="mc nmw"><div class="row-x">{}<span class="stack g0 grow">{}{}</span></div></td>'


def table_rows(rows, entity, ticks=False):
    """The rows of a list: in each the name as link with the line below it, then the rest. ticks: a box first."""
    if not rows:
        return ""
    openings = [_opening(cell.column, number) for number, cell in enumerate(rows[0].cells[1:], 1)]
    mark = icon(entity.icon)
    return mark_safe("".join(_row(row, entity, openings, ticks, mark) for row in rows))  # noqa: S308 (made of escaped parts)


def _row(row, entity, openings, ticks, sign):
    name, below, first = row_name(row), entity.subtitle(row.record), row.cells[0].value
    mark = markup(MARK, sign) if isinstance(first, date) else avatar(name, "l", square=True)
    link = (
        markup('<a class="nm clip" href="{}">{}</a>', row.url, name)
        if row.url
        else markup('<b class="nm clip">{}</b>', name)
    )
    box = markup(TICK, row.record.pk, gettext("Choose %(name)s") % {"name": name}) if ticks else ""
    head = markup(ROW, box, mark, link, markup('<span class="sub clip">{}</span>', below) if below else "")
    values = zip(openings, row.cells[1:], strict=True)
    cells = "".join(f"{opening}{escaped(shown(cell))}</td>" for opening, cell in values)
    return mark_safe(f"{head}{cells}</tr>")  # noqa: S308 (every part was escaped where it was made)
