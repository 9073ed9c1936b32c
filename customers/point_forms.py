"""What forms of customers and contacts share: the primary contact points, masked where the person may not see them."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.forms import EntityForm
from crm.protection.masks import HIDDEN
from customers.models import ContactPoint
from customers.points import digest_of, normalised
from customers.services import set_contact_points


class PointsForm(EntityForm):
    """A form that also carries the primary contact points of its record; a subclass has one field a kind.

    opened: fingerprints of the points as the form was opened with, so that what somebody else changes meanwhile is not
    undone. Who may change a value and not see it reads its mask, and leaves it as it is by leaving the mask.
    """

    kinds: tuple[str, ...] = ()
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        right = Action.CHANGE if self.instance.pk else Action.ADD
        if not self.user.rights.may(ContactPoint, right):
            for name in (*self.kinds, "opened"):
                del self.fields[name]
            self.kinds = ()
        self.present = self.present_points()
        for kind, point in self.present.items():
            self.fields[kind].initial = point.text if point else ""
        if self.kinds:
            self.fields["opened"].initial = json.dumps(self.prints())

    def present_points(self) -> dict[str, ContactPoint | None]:
        """{kind: primary point now, or None}."""
        present = dict.fromkeys(self.kinds)
        if self.instance.pk and self.kinds:
            holders = type(self.instance).objects.filter(pk=self.instance.pk)
            points = ContactPoint.objects.of(holders, self.user).filter(is_primary=True, kind__in=self.kinds)
            present |= {point.kind: point for point in points}
        return present

    def prints(self) -> dict[str, str]:
        """{kind: fingerprint of the present value, "" for none}."""
        return {kind: bytes(point.digest).hex() if point else "" for kind, point in self.present.items()}

    def clean(self):
        data = super().clean()
        self.points = {}
        prints, opened = self.prints(), self.opened_prints()
        for kind in self.kinds:
            if kind in self.cleaned_data:
                self.take_point(kind, self.cleaned_data[kind], opened.get(kind, prints[kind]), prints[kind])
        return data

    def take_point(self, kind: str, text: str, opened: str, present: str):
        """Note a point to be set; untouched ones stay as they are, and both people's changes are asked about."""
        point = self.present[kind]
        if HIDDEN in text or (point and text == point.text and opened == present):
            return
        try:
            value = normalised(kind, text, self.country()) if text else ""
        except ValidationError as error:
            self.add_error(kind, error)
            return
        if (digest_of(kind, value).hex() if value else "") in (opened, present):
            return
        if present != opened:
            self.show_present(kind)
            return
        self.points[kind] = value

    def country(self) -> str:
        """Where a number without a country code is at home."""
        return self.cleaned_data.get("country") or getattr(self.instance, "country", "")

    def show_present(self, kind: str):
        point = self.present[kind]
        self.add_error(
            kind,
            _("Somebody changed this to “%(value)s” while you were editing. Save again to keep yours.")
            % {"value": point.text if point else _("nothing")},
        )
        self.data = self.data.copy()  # the other kinds are still compared with what the form was opened with
        opened = self.opened_prints() | {kind: self.prints()[kind]}
        self.cleaned_data["opened"] = self.data[self.add_prefix("opened")] = json.dumps(opened)

    def opened_prints(self) -> dict:
        try:
            opened = json.loads(self.cleaned_data.get("opened") or "{}")
        except ValueError:
            return {}
        return opened if isinstance(opened, dict) else {}

    @property
    def changed_values(self):
        names = [name for name in super().changed_values if name != "opened" and name not in self.kinds]
        return [*names, *self.points]

    def save_record(self, actor):
        record = super().save_record(actor)
        set_contact_points(record, actor=actor, **self.points)
        return record


def phone_field(label):
    return forms.CharField(label=label, required=False, max_length=80, widget=forms.TextInput(attrs={"type": "tel"}))


def email_field():
    # Not an EmailField: our own message shows the value and how to write it.
    return forms.CharField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
