"""Custom fields and the rules of roles in the Django admin."""

from __future__ import annotations

from django import forms
from django.db.models.constants import LOOKUP_SEP

from crm.fields import types
from crm.fields.forms import field_and_start, hold_custom
from crm.models.custom import CustomValues


class FieldsAdmin:
    """A ModelAdmin whose forms carry the custom fields, and obey the rules of the person's roles."""

    def standard(self, request, names) -> list[str]:
        own = {field.name for field in self.model._meta.fields if field.editable}
        return sorted(own & names(self.model))

    def get_exclude(self, request, obj=None):
        return [*(super().get_exclude(request, obj) or ()), *self.standard(request, request.user.fields.hidden)]

    def get_readonly_fields(self, request, obj=None):
        locked = self.standard(request, request.user.fields.locked)
        hidden = self.standard(request, request.user.fields.hidden)
        return [*super().get_readonly_fields(request, obj), *(name for name in locked if name not in hidden)]

    def get_list_display(self, request):
        hidden = request.user.fields.hidden(self.model)
        return [name for name in super().get_list_display(request) if name not in hidden]

    def get_list_filter(self, request):
        hidden = request.user.fields.hidden(self.model)
        return [one for one in super().get_list_filter(request) if one not in hidden]

    def lookup_allowed(self, lookup, value, request):
        """A filter in the address about a hidden field would tell what it holds."""
        return lookup.split(LOOKUP_SEP)[0] not in request.user.fields.hidden(self.model) and super().lookup_allowed(
            lookup, value, request
        )

    def get_form(self, request, obj=None, change=False, **kwargs):
        if issubclass(self.model, CustomValues):
            kwargs["form"] = with_custom(self.form, self.model, request.user)
        return super().get_form(request, obj, change, **kwargs)


def with_custom(form, model, user) -> type[forms.ModelForm]:
    """The form class with one declared field for each custom field that the person may write."""
    book = user.fields
    known = {d.field_name: d for d in book.definitions(model) if book.may_write(model, d.field_name)}
    declared = {name: types.form_field(definition, user) for name, definition in known.items()}
    return type("CustomAdminForm", (CustomAdminForm, form), {"definitions": known, "user": user, **declared})


class CustomAdminForm(forms.ModelForm):
    """Reads and writes the custom fields of the record."""

    definitions: dict = {}
    user = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, definition in self.definitions.items():
            if name in self.fields:
                self.fields[name], self.initial[name] = field_and_start(definition, self.user, self.instance)

    def _post_clean(self):
        super()._post_clean()
        hold_custom(self, self.definitions.values())
