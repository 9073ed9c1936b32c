"""All ways to reach one customer or contact in one form: corrected, named, marked, added and taken away."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Action
from crm.protection.masks import HIDDEN
from customers.models import ContactPoint
from customers.points import digest_of, normalised
from customers.services import save_points

NEW = ("n0", "n1")  # names of the empty rows below the others
PLAIN = ("label", "is_valid", "opted_in", "is_primary")  # what stands on a point besides its value


def box(name: str):
    return ContactPoint._meta.get_field(name).formfield()


class PointRow(forms.Form):
    """One contact point. Who does not see the value reads its mask, and leaves it as it is by leaving the mask."""

    kind = forms.ChoiceField(label=box("kind").label, choices=ContactPoint.Kind.choices, required=False)
    value = forms.CharField(label=box("value").label, max_length=254, required=False)
    label = box("label")
    is_valid, opted_in, is_primary = box("is_valid"), box("opted_in"), box("is_primary")
    gone = forms.BooleanField(label=pgettext_lazy("contact point", "Delete it"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, point: ContactPoint, may_delete: bool = False, country: str = ""):
        self.point, self.country = point, country
        initial = {name: getattr(point, name) for name in ("kind", *PLAIN)}
        if point.pk:
            initial |= {"value": point.text, "version": point.version}
        super().__init__(data, prefix=f"p{point.pk}" if point.pk else point.row, initial=initial)
        for name in ("kind",) if point.pk else ("gone", "version"):
            del self.fields[name]
        if point.pk and not may_delete:
            del self.fields["gone"]

    @property
    def title(self) -> str:
        return self.point.get_kind_display() if self.point.pk else _("New one")

    @property
    def is_blank(self) -> bool:
        """Whether this is one of the empty rows, left as it was."""
        data = self.cleaned_data
        typed = data.get("value") or data.get("label") or data.get("opted_in") or data.get("is_primary")
        return not self.point.pk and not typed and "value" not in self.errors

    @property
    def is_gone(self) -> bool:
        return bool(self.cleaned_data.get("gone"))

    def clean(self):
        data, point = super().clean(), self.point
        text = data.get("value", "")
        if self.is_blank or self.is_gone or "value" in self.errors:
            return data
        if not text:
            self.add_error("value", _("Type the value, or tick “Delete it”.") if point.pk else _("Type the value."))
        elif not (point.pk and text == point.text):
            self.take(self.of_kind, text)
        if point.pk and self.is_changed and data.get("version") not in (None, point.version):
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = str(point.version)
            self.add_error(
                None, _("Somebody else changed this one while you were editing. Save again to keep what stands here.")
            )
        return data

    def take(self, kind: str, text: str):
        """Note the new value in its one form."""
        if not kind:
            if "kind" not in self.errors:
                self.add_error("kind", _("Choose what it is."))
            return
        try:
            if HIDDEN in text:
                raise ValidationError(_("Leave the mask as it is, or type the whole value."))
            self.cleaned_data["new"] = normalised(kind, text, self.country)
        except ValidationError as error:
            self.add_error("value", error)

    @property
    def new_value(self) -> str | None:
        """The value to be kept from now on; None when it stays."""
        new = self.cleaned_data.get("new")
        return None if new is None or (self.point.pk and new == self.point.value) else new

    @property
    def is_changed(self) -> bool:
        data = self.cleaned_data
        return self.is_gone or self.new_value is not None or any(data.get(n) != getattr(self.point, n) for n in PLAIN)

    @property
    def of_kind(self) -> str:
        return self.point.kind if self.point.pk else self.cleaned_data.get("kind", "")

    @property
    def digest(self) -> bytes:
        """The fingerprint of the value that will stand here."""
        return bytes(self.point.digest) if self.new_value is None else digest_of(self.of_kind, self.new_value)


class PointRows:
    """The rows of one holder for one person. data: of a POST; what it does not name stays as it is."""

    def __init__(self, holder, user, data=None):
        self.holder, self.user, self.data = holder, user, data
        self.error = ""

    @cached_property
    def points(self) -> list[ContactPoint]:
        holders = type(self.holder).objects.filter(pk=self.holder.pk)
        return list(ContactPoint.objects.of(holders, self.user).order_by("-is_primary", "kind", "pk"))

    @cached_property
    def forms(self) -> list[PointRow]:
        may = self.user.rights.may
        named = None if self.data is None else set(self.data.getlist("row"))
        shared = {"country": getattr(self.holder, "country", ""), "may_delete": may(ContactPoint, Action.DELETE)}
        found = [
            PointRow(None if named is None or str(point.pk) not in named else self.data, point=point, **shared)
            for point in self.points
        ]
        for name in NEW if may(ContactPoint, Action.ADD) else ():
            name_of_holder = self.holder._meta.model_name
            usual = ContactPoint.Kind.PHONE if name_of_holder == "customer" else ContactPoint.Kind.MOBILE
            point = ContactPoint(kind=usual, **{name_of_holder: self.holder})
            point.row = name
            found.append(PointRow(self.data if named and name in named else None, point=point, **shared))
        return found

    def is_valid(self) -> bool:
        """Whether all may be saved; what two rows would have in common is said at the later one."""
        rows = [row for row in self.forms if row.is_bound]
        known = {str(point.pk) for point in self.points} | {*NEW}
        if {*self.data.getlist("row")} - known:
            self.error = _("One of these was deleted while you were editing. Look again, and save once more.")
        wrong = [row for row in rows if not row.is_valid()]  # each is asked, so that each says what is wrong
        if wrong or self.error:
            return False
        self.rows = [row for row in rows if not row.is_blank]
        self.check_values()
        self.check_marks()
        return not any(row.errors for row in self.rows)

    def check_values(self):
        """No value twice; nor the present value of another row, which could not be saved in any order."""
        leaving = {row.point.pk for row in self.rows if row.is_gone}
        taken = {(point.kind, bytes(point.digest)): point.pk for point in self.points if point.pk not in leaving}
        for row in self.rows:
            if row.is_gone or row.new_value is None:
                continue
            if taken.setdefault((row.of_kind, row.digest), row.point.pk or row.prefix) != (row.point.pk or row.prefix):
                row.add_error("value", _("This contact point is listed already."))

    def check_marks(self):
        """A newly ticked row takes the mark from the one that has it; two of a kind cannot both be ticked anew."""
        fresh = {}
        for row in self.rows:
            ticked = row.cleaned_data["is_primary"] and not row.point.is_primary and not row.is_gone
            if ticked and fresh.setdefault(row.of_kind, row) is not row:
                row.add_error("is_primary", _("Only one of each kind can be the primary one."))
        self.marked = {row.of_kind: row.point for row in fresh.values()}

    def save(self, actor) -> bool:
        """Write what was changed; False when nothing was."""
        changed, gone = {}, [row.point for row in self.rows if row.is_gone]
        for row in self.rows:
            if row.is_gone or not row.is_changed:
                continue
            point = row.point
            for name in PLAIN:
                setattr(point, name, row.cleaned_data[name])
            if row.new_value is not None:
                point.kind, point.value = row.of_kind, row.new_value
            changed[id(point)] = point
        for point in self.points:
            if point.is_primary and self.marked.get(point.kind, point) is not point and point not in gone:
                point.is_primary = False
                changed[id(point)] = point
        save_points(list(changed.values()), gone, actor=actor)
        return bool(changed or gone)
