"""The types of custom fields: how a value is typed in, kept as JSON, read from a cell and shown.

JSON holds text; numbers as text without useless zeros (1200.5, exact), days and moments as ISO text (moments in UTC),
choices as codes, yes and no as true and false, people and records as their keys. An empty value is left out.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from django import forms
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from crm.columns import Kind
from crm.models import User
from crm.models.fields import Type, in_language

TEXT_LENGTH, LONG_LENGTH = 200, 10_000
KINDS = {
    Type.TEXT: Kind.TEXT,
    Type.LONG_TEXT: Kind.LONG_TEXT,
    Type.NUMBER: Kind.NUMBER,
    Type.MONEY: Kind.MONEY,
    Type.DATE: Kind.DATE,
    Type.DATETIME: Kind.DATETIME,
    Type.CHOICE: Kind.CHOICE,
    Type.CHOICES: Kind.TEXT,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.USER: Kind.PERSON,
    Type.LINK: Kind.RECORD,
}
# Which slots a type may sort by; the others do not sort.
SLOT_KINDS = {
    Type.TEXT: "text",
    Type.NUMBER: "number",
    Type.MONEY: "number",
    Type.DATE: "date",
    Type.DATETIME: "moment",
}
LINKED = (Type.USER, Type.LINK)
# Types whose values may be sealed.
SENSITIVE = (Type.TEXT, Type.LONG_TEXT, Type.NUMBER, Type.MONEY, Type.DATE)
# Types whose values the search box can look through.
SEARCHED = (Type.TEXT, Type.LONG_TEXT, Type.CHOICE, Type.CHOICES)


def linked_model(definition):
    """The model to whose records the field points; None for other types."""
    if definition.type == Type.USER:
        return User
    return apps.get_model(settings.CUSTOM_LINKS) if definition.type == Type.LINK else None


class Option:
    """One choice of a field: code, name in both languages, tone."""

    def __init__(self, row: dict):
        self.code, self.name_zh, self.name_en = row["code"], row.get("zh", ""), row.get("en", "")
        self.tone, self.is_off = row.get("tone") or None, bool(row.get("off"))

    def __str__(self):
        return in_language(self, "name")


def options_of(definition) -> dict[str, Option]:
    return {row["code"]: Option(row) for row in definition.options}


# -- JSON ------------------------------------------------------------------------------------------------------------
def to_json(definition, value):
    """The Python value as `custom` holds it; None when it is empty and therefore left out."""
    if value is None or value == "" or value == []:
        return None
    match definition.type:
        case Type.NUMBER | Type.MONEY:
            return plain_number(value)
        case Type.DATE:
            return value.isoformat()
        case Type.DATETIME:
            return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case Type.CHOICES:
            return sorted(value)
        case Type.BOOLEAN:
            return bool(value)
        case Type.USER | Type.LINK:
            return getattr(value, "pk", value)
    return str(value).replace("\r\n", "\n")


def plain_number(value: Decimal) -> str:
    """1200.50 -> "1200.5": one writing a number, so that equal numbers are equal JSON."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-0", "0", 1 if text == "-0" else 0)


def from_json(definition, value):
    """The Python value of what `custom` holds; keys of people and records stay keys. None for what does not fit."""
    if value is None:
        return None
    try:
        match definition.type:
            case Type.NUMBER | Type.MONEY:
                return Decimal(value)
            case Type.DATE:
                return parse_date(value)
            case Type.DATETIME:
                return parse_datetime(value)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return value


def words(definition, value, names: dict | None = None) -> str:
    """What `custom` holds as one text in the active language. names: {(model, key): name} for people and records."""
    if value is None:
        return "—"
    match definition.type:
        case Type.CHOICE:
            return str(options_of(definition).get(value, value))
        case Type.CHOICES:
            options = options_of(definition)
            return pgettext("list", ", ").join(str(options.get(code, code)) for code in value)
        case Type.BOOLEAN:
            return str(_("yes") if value else _("no"))
        case Type.DATETIME:
            moment = from_json(definition, value)
            return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else str(value)
        case Type.USER | Type.LINK:
            return (names or {}).get((linked_model(definition), value), f"#{value}")
    return str(value)


# -- forms -----------------------------------------------------------------------------------------------------------
def form_field(definition, user, *, present=None) -> forms.Field:
    """The form field of a custom field; people and records as far as the user sees them, and the present one."""
    common = {"label": definition.name, "help_text": definition.help, "required": definition.required}
    match definition.type:
        case Type.TEXT:
            return forms.CharField(max_length=TEXT_LENGTH, **common)
        case Type.LONG_TEXT:
            return forms.CharField(max_length=LONG_LENGTH, widget=forms.Textarea(attrs={"rows": 3}), **common)
        case Type.NUMBER:
            return forms.DecimalField(max_digits=18, decimal_places=6, **common)
        case Type.MONEY:
            return forms.DecimalField(max_digits=18, decimal_places=2, **common)
        case Type.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=widget, validators=[in_range], **common)
        case Type.DATETIME:
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return forms.DateTimeField(widget=widget, validators=[in_range], **common)
        case Type.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *choices_of(definition, present)], **common)
        case Type.CHOICES:
            choices = choices_of(definition, present)
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case Type.BOOLEAN:
            choices = [("", "—"), ("1", _("yes")), ("0", _("no"))]
            return forms.TypedChoiceField(choices=choices, coerce=lambda text: text == "1", empty_value=None, **common)
    return record_field(definition, user, present, common)


def record_field(definition, user, present, common) -> forms.Field:
    from crm.forms import RecordChoiceField

    model = linked_model(definition)
    rows = model.objects.visible_to(user)
    if model is User:
        rows = rows.filter(is_active=True)
    return RecordChoiceField(rows | model._base_manager.filter(pk=present) if present else rows, **common)


def choices_of(definition, present=None) -> list[tuple[str, str]]:
    """(code, label) of the choices in use; a present value that is none any more stays one."""
    held = present if isinstance(present, list) else [present] if present else []
    options = options_of(definition).items()
    found = [(code, str(option)) for code, option in options if code in held or not option.is_off]
    return [*found, *((code, code) for code in held if code not in dict(found))]


def in_range(value):
    """Years that a calendar, a workbook and a slot can hold."""
    if not 1900 <= value.year <= 2199:
        raise forms.ValidationError(_("The year must lie between 1900 and 2199."))


def initial(definition, value):
    """What `custom` holds as the initial value of the form field."""
    value = from_json(definition, value)
    if definition.type == Type.BOOLEAN:
        return {True: "1", False: "0"}.get(value, "")
    return value


# -- cells -----------------------------------------------------------------------------------------------------------
def reader_of(definition):
    """The function that reads a cell of an import; None for people and records, which are looked up."""
    from crm.exchange import parsing

    match definition.type:
        case Type.TEXT:
            return lambda cell: parsing.parse_text(cell, max_length=TEXT_LENGTH)
        case Type.LONG_TEXT:
            return lambda cell: parsing.parse_text(cell, max_length=LONG_LENGTH)
        case Type.NUMBER:
            return lambda cell: parsing.parse_decimal(cell, places=6)
        case Type.MONEY:
            return lambda cell: parsing.parse_decimal(cell)
        case Type.DATE:
            return parsing.parse_date
        case Type.DATETIME:
            return parse_moment
        case Type.CHOICE:
            return chosen(definition)
        case Type.CHOICES:
            one = chosen(definition)
            return lambda cell: sorted({one(part) for part in split(cell)})
        case Type.BOOLEAN:
            return parsing.parse_boolean
    return None


def chosen(definition):
    """A reader of one choice, by code or by its name in either language."""
    from crm.exchange import match_key
    from crm.exchange.parsing import Choices

    read = Choices([(code, option) for code, option in options_of(definition).items() if not option.is_off])
    for option in (row for row in definition.options if not row.get("off")):
        for name in (option.get("zh"), option.get("en")):
            if name:
                read.codes.setdefault(match_key(name), option["code"])
    return read.parse


def split(cell) -> list[str]:
    """The parts of a cell with several choices, at commas of both scripts, semicolons and line ends."""
    from crm.exchange.parsing import parse_text

    text = parse_text(cell)
    for mark in ("，", "、", ";", "；", "\n"):
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


def parse_moment(cell):
    """A cell as an aware moment: a date with or without a time, in the person's time zone."""
    from crm.exchange import ParseError, parsing

    if parsing.is_empty(cell):
        return None
    moment = cell
    if not isinstance(cell, datetime.datetime):
        try:
            moment = parse_datetime(str(cell).strip().replace("/", "-"))
        except ValueError:
            moment = None
        if moment is None:
            moment = datetime.datetime.combine(parsing.parse_date(cell), datetime.time())
    if not 1900 <= moment.year <= 2199:
        raise ParseError(_("The year must lie between 1900 and 2199."))
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
