"""Template tags and filters of the product: icons, avatars, cells of lists, figures and dates as people read them."""

import re
import zlib
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext, pgettext

from crm import figures

register = template.Library()

AVATAR_TONES = ("violet", "green", "amber", "red", "blue", "teal")
RELATIVE_DAYS = 7
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


# --- Pictures --------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name, size=""):
    """A Tabler icon out of the sprite that set-up makes from static/icons.txt; it says nothing to a screen reader."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', size, static("icons.svg"), name
    )


def initials(name):
    """The family name's first character of a Chinese name, the initials of any other."""
    name = str(name).strip()
    if not name:
        return "?"
    if CJK.match(name):
        return name[0]
    words = [word for word in re.split(r"[\s._-]+", name) if word and word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or name[0]


@register.simple_tag
def avatar(name, size="", square=False):
    """A person's (or with `square` a record's) mark: its letters on a colour that stays the same for the name."""
    tone = AVATAR_TONES[zlib.crc32(str(name).encode()) % len(AVATAR_TONES)]
    letters = initials(name)[:1] if square else initials(name)
    return format_html(
        '<span class="av {} {} {}" aria-hidden="true">{}</span>', tone, "sq" if square else "", size, letters
    )


@register.simple_tag
def badge(text, tone="gray"):
    return format_html('<span class="bdg {}"><span class="d"></span>{}</span>', tone or "gray", text)


# --- Figures ---------------------------------------------------------------------------------------------------------


@register.filter
def money(amount, currency=""):
    return figures.money(amount, str(currency or ""))


@register.filter
def short_money(amount, currency=""):
    return figures.short_money(amount, str(currency or ""))


@register.filter
def number(n):
    return figures.number(n)


@register.filter
def percent(part, whole=100):
    return figures.percent(part, whole)


@register.filter
def file_size(size):
    """34 KB, 1.2 MB: a size for people."""
    if size is None:
        return figures.DASH
    for unit, digits in (("B", 0), ("KB", 0), ("MB", 1), ("GB", 1)):
        if size < 1024 or unit == "GB":
            return f"{figures.number(Decimal(size), digits)} {unit}"
        size = Decimal(size) / 1024
    return None


@register.filter
def seconds(duration):
    """A timedelta or a number of seconds as 18 s, 3 min, 2 h 5 min."""
    if duration is None:
        return figures.DASH
    whole = int(getattr(duration, "total_seconds", lambda: duration)())
    if whole < 60:
        return gettext("%(n)s s") % {"n": whole}
    if whole < 3600:
        return gettext("%(n)s min") % {"n": whole // 60}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}


# --- Dates -----------------------------------------------------------------------------------------------------------


def relative(value, now=None):
    """The text of a date or moment within seven days of now, else None."""
    now = timezone.localtime(now)
    is_moment = isinstance(value, datetime)
    day = timezone.localtime(value).date() if is_moment else value
    gap = (now.date() - day).days
    if is_moment and gap == 0 and value <= now:
        minutes = int((now - value).total_seconds()) // 60
        if minutes < 60:
            return (
                ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
                if minutes
                else gettext("just now")
            )
        return ngettext("%(n)s hour ago", "%(n)s hours ago", minutes // 60) % {"n": minutes // 60}
    if gap in (-1, 0, 1):
        word = {-1: pgettext("day", "tomorrow"), 0: pgettext("day", "today"), 1: pgettext("day", "yesterday")}[gap]
        return f"{word} {timezone.localtime(value):%H:%M}" if is_moment and gap < 1 else word
    if 1 < gap <= RELATIVE_DAYS:
        return ngettext("%(n)s day ago", "%(n)s days ago", gap) % {"n": gap}
    if -RELATIVE_DAYS <= gap < -1 and not is_moment:
        return ngettext("in %(n)s day", "in %(n)s days", -gap) % {"n": -gap}
    return None


def absolute(value, form="iso"):
    return (
        figures.datetime_text(value, form=form) if isinstance(value, datetime) else figures.date_text(value, form=form)
    )


def as_time(value, text):
    """The text in a <time> that carries the exact moment."""
    exact = (
        timezone.localtime(value).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
    )
    return format_html('<time datetime="{}" title="{}">{}</time>', exact, absolute(value), text)


@register.filter
def when(value, form="short"):
    """Relative up to seven days, then absolute; "short" for prose and cards, "iso" for tables."""
    if not isinstance(value, date):
        return figures.DASH
    return as_time(value, relative(value) or absolute(value, form))


@register.filter
def moment(value, form="short"):
    """The absolute date, or date and time in the reader's zone: 20 Nov, 14:30."""
    return as_time(value, absolute(value, form)) if isinstance(value, date) else figures.DASH


@register.filter
def day(value):
    """A heading for the things of one day: 18 Nov, Wednesday."""
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return gettext("%(date)s, %(weekday)s") % {
        "date": figures.date_text(local, form="short"),
        "weekday": dateformat.format(local, "l"),
    }


@register.filter
def clock(value):
    return as_time(value, f"{timezone.localtime(value):%H:%M}") if isinstance(value, datetime) else figures.DASH


# --- Cells: hundreds on a page, so they are made here and not by an included template each ---------------------------


def _money(cell):
    return figures.money(cell.value, cell.currency)


def _number(cell):
    return figures.number(cell.value) if isinstance(cell.value, int | Decimal) else str(cell.value)


def _percent(cell):
    return f"{_number(cell)}%"


def _when(cell):
    return when(cell.value, "iso")


def _choice(cell):
    return badge(cell.text, cell.tone) if cell.tone else cell.text


def _boolean(cell):
    return gettext("yes") if cell.value else gettext("no")


def _record(cell):
    text = cell.text or str(cell.value)
    return format_html(
        '<a class="cut" href="{}">{}</a>' if cell.url else '<span class="cut">{1}</span>', cell.url, text
    )


def _person(cell):
    name = cell.text or str(cell.value)
    return format_html('<span class="row-x g6">{}{}</span>', avatar(name), name)


def _text(cell):
    text = cell.text or str(cell.value)
    return badge(text, cell.tone) if cell.tone else format_html('<span class="cut">{}</span>', text)


WRITERS = {
    "money": _money, "number": _number, "percent": _percent, "date": _when, "datetime": _when, "choice": _choice,
    "boolean": _boolean, "record": _record, "person": _person,
}  # fmt: skip


@register.filter
def shown(cell):
    """The HTML of one value of a list or record page, by the kind of its column; an empty value is a dash."""
    if cell.value is None or cell.value == "":
        return figures.DASH
    return WRITERS.get(str(cell.column.kind), _text)(cell)


def _cell(cell, number):
    """A cell beside the first one. On a phone the row is a card: it shows the first four, each with its label."""
    column = cell.column
    classes = " ".join(
        name for name, holds in (("num", column.is_right), ("col-t", column.least), ("hide-m", number > 4)) if holds
    )
    return format_html('<td class="{}" data-label="{}">{}</td>', classes, column.label, shown(cell))


@register.simple_tag
def table_row(row, entity):
    """One row of a list: the name as link with the line below it, then the other values."""
    first, *others = row.cells
    name = first.text or str(first.value or row.record)
    link = format_html(
        '<a class="nm clip" href="{}">{}</a>' if row.url else '<b class="nm clip">{1}</b>', row.url, name
    )
    below = entity.subtitle(row.record)
    return format_html(
        '<tr><td class="mc nmw"><div class="row-x">{}<span class="stack g0 grow">{}{}</span></div></td>{}</tr>',
        avatar(name, "l", square=True),
        link,
        format_html('<span class="sub clip">{}</span>', below) if below else "",
        format_html_join("", "{}", ((_cell(cell, number),) for number, cell in enumerate(others, 1))),
    )


# --- Addresses -------------------------------------------------------------------------------------------------------


@register.simple_tag
def entity_url(entity, page, record=None):
    return entity.url(page, record)


@register.simple_tag
def list_url(listing, page, **changes):
    """A page of the listing's entity with the same filters; `columns=""` takes a part of the state away."""
    return listing.url(page, **changes)


@register.simple_tag(takes_context=True)
def kept_params(context, only="", **options):
    """Hidden inputs that carry the rest of the query string through a GET form. only, except: names apart by spaces."""
    wanted, dropped = only.split(), [*options.get("except", "").split(), "after", "before"]
    pairs = (
        (name, value)
        for name, values in context["request"].GET.lists()
        for value in values
        if name not in dropped and (not wanted or name in wanted)
    )
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


# --- Forms -----------------------------------------------------------------------------------------------------------


@register.filter
def widget(field):
    """The field's control with the classes of our look; Django adds aria-describedby and aria-invalid by itself."""
    kind = field.field.widget
    if isinstance(kind, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        name = "form-check-input"
    elif isinstance(kind, Select):
        name = "form-select"
    else:
        name = "form-control"
    classes = f"{kind.attrs.get('class', '')} {name} {'is-invalid' if field.errors else ''}".split()
    return field.as_widget(attrs={"class": " ".join(classes)})


@register.filter
def is_check(field):
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choice_list(field):
    """Several check boxes or radio buttons: a fieldset with a legend instead of a label."""
    return isinstance(field.field.widget, CheckboxSelectMultiple | RadioSelect)


@register.filter
def is_wide(field):
    """Whether the field takes both columns of a form."""
    return isinstance(field.field.widget, Textarea | CheckboxSelectMultiple | FileInput)


@register.filter
def check(choice):
    """One check box or radio button of several, in our look."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag(wrap_label=False)


@register.filter
def fields_with_errors(form):
    return [field for field in form if field.errors]


# --- Messages --------------------------------------------------------------------------------------------------------


@register.filter
def undo_url(message):
    """Where a toast's Undo posts to: crm.navigation.toast keeps it in the message's tags."""
    return next(
        (tag.removeprefix("undo:") for tag in (message.extra_tags or "").split() if tag.startswith("undo:")), ""
    )


@register.filter
def own_page(address, request):
    """The address the reader came from when it is a page of ours, else nothing."""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}) else ""


@register.filter
def subtitle_of(entity, record):
    return entity.subtitle(record)


@register.filter
def shown_whole(cell):
    """A value on a record page: long text is not cut, lines stay lines."""
    if cell.value and str(cell.column.kind) in ("text", "long_text") and not cell.tone:
        return format_html('<span class="pre">{}</span>', cell.text or cell.value)
    return shown(cell)
