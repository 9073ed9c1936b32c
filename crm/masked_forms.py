"""Forms with protected values: who may change one and not see it reads its mask, and leaves it by leaving the mask."""

from django import forms

from crm.protection import Damaged
from crm.revealing import is_open, protected_fields

KEPT = object()


class MaskedField(forms.CharField):
    """Stands for the field of a value that the person may not see: the mask as it stands keeps the value."""

    def __init__(self, field, mask: str):
        super().__init__(label=field.label, required=field.required, help_text=field.help_text, initial=mask)
        self.field, self.mask = field, mask

    def clean(self, value):
        return KEPT if value == self.mask else self.field.clean(value)


class MaskedForm(forms.ModelForm):
    """A form that never tells a protected value to a person without the right to see it; `mask_for` says who asks."""

    user = None  # the admin names the person on the class; own forms call mask_for

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.user is not None:
            self.mask_for(self.user)

    def mask_for(self, user):
        """Put masks in the place of the values of a record that is not open to the person, and of damaged ones."""
        record = self.instance
        for field in protected_fields(type(record)):
            value = getattr(record, field.name, None)
            if field.name not in self.fields or value in (None, ""):
                continue
            if isinstance(value, Damaged) or not is_open(record, user):
                self.fields[field.name] = MaskedField(self.fields[field.name], field.masked(value))
                self.initial[field.name] = field.masked(value)

    def _clean_fields(self):
        super()._clean_fields()
        own = {field.name for field in protected_fields(type(self.instance))}
        for name in [name for name, value in self.cleaned_data.items() if value is KEPT]:
            if name in own:
                self.cleaned_data[name] = getattr(self.instance, name)
            else:  # a custom field: what the form does not say, it leaves
                del self.cleaned_data[name]
