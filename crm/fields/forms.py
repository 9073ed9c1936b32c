"""What every form of records knows of custom fields, rules of roles and layout."""

from __future__ import annotations

from django import forms
from django.forms.models import ModelFormMetaclass
from django.utils.translation import gettext_lazy as _

from crm.fields import types
from crm.masked_forms import MaskedField
from crm.models.custom import CustomValues
from crm.protection import Damaged, masked
from crm.revealing import is_open

MARKER = "custom-codes"  # names the custom fields that a form showed when it was opened
KEPT = 80  # characters of a lost value that its message repeats


class Finished(ModelFormMetaclass):
    """Applies the rules of roles after all constructors of a form, whatever fields they made."""

    def __call__(cls, *args, **kwargs):
        form = super().__call__(*args, **kwargs)
        form.obey()
        return form


class FieldsMixin:
    """Rules, layout and custom fields of a ModelForm that has `user`."""

    unseen: frozenset = frozenset()

    # -- rules and layout --------------------------------------------------------------------------------------------
    def obey(self):
        """Hidden and read-only fields keep their value whatever is sent; labels and stars are those of the layout."""
        self.custom, self.gone = {}, []
        model, book = self._meta.model, self.user.fields
        kept = {name for name in book.locked(model) if name in self.fields}
        for name in kept:
            self.keep(name)
        self.unseen = frozenset(kept & book.hidden(model))
        for name, label in book.labels(model).items():
            if name in self.fields:
                self.fields[name].label = label
        for name in book.required(model):
            if name in self.fields and name not in kept:
                self.fields[name].required = True

    def keep(self, name: str):
        """Take the field's value from the record, never from what is sent or from the address."""
        field, record = self.fields[name], self.instance
        field.disabled, field.required = True, False
        column = next((f for f in record._meta.fields if f.name == name), None)
        if column is not None and not record.pk:
            self.initial[name] = column.value_from_object(record)

    # -- custom fields -----------------------------------------------------------------------------------------------
    def take_custom(self):
        """Add the custom fields: for forms that stand for the whole record, on add and change pages."""
        model = self._meta.model
        if not issubclass(model, CustomValues):
            return
        book, shown = self.user.fields, set(self.data.get(MARKER, "").split(",")) - {""}
        definitions = book.definitions(model)
        for definition in definitions:
            held = self.instance.held(definition)
            if self.is_bound and definition.code not in shown and (held is not None or not definition.required):
                continue  # made while this form was open: it says nothing about the value
            self.add_custom(definition)
        self.gone = sorted(shown - {definition.code for definition in definitions})
        codes = ",".join(self.custom)
        self.fields[MARKER] = forms.CharField(required=False, widget=forms.HiddenInput, initial=codes)
        if self.is_bound:
            self.data = self.data.copy()
            self.data[MARKER] = codes

    def add_custom(self, definition):
        name = definition.field_name
        field, self.initial[name] = field_and_start(definition, self.user, self.instance)
        self.custom[definition.code] = definition
        self.fields[name] = field
        if not self.user.fields.may_write(self._meta.model, name):
            field.disabled, field.required = True, False

    def check_gone(self):
        """A field that was removed while the form was open: say what was typed there; saving again goes on."""
        named = {d.code: d.name for d in self.user.fields.all_definitions.get(self._meta.model._meta.label_lower, ())}
        for code in self.gone:
            values = self.data.getlist(f"custom_{code}") if hasattr(self.data, "getlist") else []
            typed = ", ".join(value for value in values if value)[:KEPT]
            if typed:
                self.add_error(
                    None,
                    _(
                        "The field “%(field)s” was removed while you were editing. You had typed “%(value)s”: copy it "
                        "if you need it, and save again."
                    )
                    % {"field": named.get(code, code), "value": typed},
                )

    def _post_clean(self):
        super()._post_clean()
        self.check_gone()
        hold_custom(self, self.custom.values())

    def compare_custom(self, opened: dict):
        """(name, definition, opened, theirs, mine) of custom fields that two people changed; what only one changed is
        kept. opened: {column: value} of the record as it was when the form was opened."""
        before = self._meta.model(**{name: opened[name] for name in ("key", "custom", "sealed") if opened.get(name)})
        for definition in self.custom.values():
            name = definition.field_name
            if name not in self.cleaned_data:
                continue
            was, theirs = before.held(definition), self.instance.held(definition)
            mine = types.to_json(definition, self.cleaned_data[name])
            if mine == was:
                self.cleaned_data[name] = self.as_cleaned(definition, theirs)
                self.joined[name] = types.initial(definition, theirs)
            elif theirs not in (was, mine):
                yield name, definition, was, theirs, mine

    def as_cleaned(self, definition, held):
        """What the form field would have given for a value of the record's JSON."""
        value = types.from_json(definition, held)
        if value is None:
            return [] if definition.type == "choices" else None
        return value


def field_and_start(definition, user, record) -> tuple[forms.Field, object]:
    """The form field of a custom field of a record, and what it begins with; a mask where the value is not open to
    the person, or damaged."""
    held = record.held(definition)
    field = types.form_field(definition, user, present=held)
    if definition.is_sensitive and held is not None and (isinstance(held, Damaged) or not is_open(record, user)):
        return MaskedField(field, masked(held)), masked(held)
    return field, types.initial(definition, held if record.pk else definition.default)


def hold_custom(form, definitions):
    """Put what a form says about these fields into its record; where it says nothing, the record keeps its value."""
    for definition in definitions:
        if definition.field_name in form.cleaned_data:
            form.instance.hold(definition, types.to_json(definition, form.cleaned_data[definition.field_name]))


def conflict_words(definition, user, *values) -> list[str]:
    """Values as text, people and records by the names that the user may know."""
    model, names = types.linked_model(definition), {}
    if model is not None:
        rows = model.objects.visible_to(user).filter(pk__in={value for value in values if value})
        names = {(model, row.pk): str(row) for row in rows}
    return [types.words(definition, value, names) for value in values]
