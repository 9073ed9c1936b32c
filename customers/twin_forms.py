"""Forms of new customers and contacts that say who is there already, and save when one insists."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Action
from customers.duplicates import twins
from customers.point_forms import PointsForm


class TwinsForm(PointsForm):
    """The first click shows likely twins; a second one, with the same twins, saves."""

    twins_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.answer = None
        if self.instance.pk:
            del self.fields["twins_seen"]

    @property
    def twins_url(self) -> str:
        """Where the form asks while one types; empty when it changes a record."""
        from crm.entities import entity_for

        return "" if self.instance.pk else reverse(entity_for(self._meta.model).url_name("twins"))

    def clean(self):
        data = super().clean()
        if not self.instance.pk and not self.errors and self.user.rights.may(self._meta.model, Action.ADD):
            self.look_for_twins()
        return data

    def look_for_twins(self):
        given = {**self.cleaned_data, **self.points}
        values = {name: getattr(value, "pk", value) for name, value in given.items()}
        found = twins.answer(self._meta.model, values, self.user)
        if not found.twins or self.cleaned_data.get("twins_seen") == found.seal:
            return
        if self.is_sent_again():  # the twin is what this form has made
            return
        self.answer = found
        self.data = self.data.copy()
        self.data[self.add_prefix("twins_seen")] = found.seal
        self.add_error(None, _("This may exist already. Look at what is there, or save again to add it all the same."))

    @property
    def changed_values(self):
        return [name for name in super().changed_values if name != "twins_seen"]
