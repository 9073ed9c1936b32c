"""Template tags and filters; what they write is made in crm.marks, crm.moments, crm.cells and crm.figures."""

from decimal import Decimal

from django import template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    ModelChoiceField,
    RadioSelect,
    Select,
    Textarea,
)
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme

from crm import cells, figures, marks, moments

register = template.Library()
NOTHING = BLANK_CHOICE_DASH[0]

for tag in (marks.icon, marks.avatar, marks.badge, marks.tag_chip, cells.table_rows):
    register.simple_tag(tag)
for name in ("when", "moment", "day", "clock"):
    register.filter(name, getattr(moments, name))
for name in ("shown", "shown_whole", "row_name"):
    register.filter(name, getattr(cells, name))
register.filter("seconds", moments.lasting)


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
    size, units = Decimal(size), (("B", 0), ("KB", 0), ("MB", 1), ("GB", 1))
    for unit, digits in units[:-1]:
        if size < 1024:
            return f"{figures.number(size, digits)} {unit}"
        size /= 1024
    unit, digits = units[-1]
    return f"{figures.number(size, digits)} {unit}"


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


@register.filter
def own_page(address, request):
    """The address the reader came from when it is a page of ours, else nothing."""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}) else ""


# --- Forms -----------------------------------------------------------------------------------------------------------


@register.filter
def widget(field):
    """The field's control with the classes of our look; Django adds aria-describedby and aria-invalid by itself."""
    kind = field.field.widget
    if isinstance(kind, Select):
        dash_for_nothing(field.field)
    if isinstance(kind, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        name = "form-check-input"
    elif isinstance(kind, Select):
        name = "form-select"
    else:
        name = "form-control"
    classes = f"{kind.attrs.get('class', '')} {name} {'is-invalid' if field.errors else ''}".split()
    return field.as_widget(attrs={"class": " ".join(classes)})


def dash_for_nothing(field):
    """Our sign of an empty choice in place of Django's row of hyphens; other words of a form stay."""
    if isinstance(field, ModelChoiceField):
        if field.empty_label == NOTHING[1]:
            field.empty_label = "—"  # read anew whenever the choices are gone through
    elif NOTHING in (choices := list(field.widget.choices)):
        field.widget.choices = [("", "—") if one == NOTHING else one for one in choices]


@register.filter
def check(choice):
    """One check box or radio button of several, in our look."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag(wrap_label=False)


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
def fields_with_errors(form):
    return [field for field in form if field.errors]


# --- Records and messages --------------------------------------------------------------------------------------------


@register.filter
def has_page(entity, page):
    return entity.has(page)


@register.filter
def model_label(record):
    return record._meta.label_lower


@register.filter
def subtitle_of(entity, record):
    return entity.subtitle(record)


@register.filter
def undo_url(message):
    """Where a toast's Undo posts to: crm.navigation.toast keeps it in the message's tags."""
    tags = (message.extra_tags or "").split()
    return next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:")), "")
