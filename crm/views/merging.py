"""Two records side by side and merged into one; and taking such a merge apart."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from crm import merging, unmerging
from crm.access import Action, Root
from crm.columns import Column, allowed, cell_of, visible_links, withheld
from crm.forms import RecordChoiceField
from crm.history import log_access
from crm.navigation import toast
from crm.revealing import has_protected, opening, protected_names, with_opening
from crm.views.doors import RecordView


@dataclass(frozen=True)
class Choice:
    """One field of both records. name: as the form sends it; takes: whether the other value is chosen at first."""

    name: str
    label: str
    mine: object
    theirs: object
    takes: bool
    is_masked: bool = False

    @property
    def is_equal(self) -> bool:
        """Two masks may hide two values, and whoever reads masks must not learn whether they are one."""
        if self.is_masked and not (is_empty(self.mine) and is_empty(self.theirs)):
            return False
        return (self.mine.text, self.mine.value) == (self.theirs.text, self.theirs.value)


class OtherForm(forms.Form):
    """Which other record it is."""

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"] = RecordChoiceField(rows, label=_("The other record"))


class MergePage(RecordView):
    """The record of the address stays; the one named by `with` goes into it. Without `with`, the page asks for it."""

    action = Action.CHANGE

    def others(self, record):
        return self.visible(Action.CHANGE).exclude(pk=record.pk)

    def other(self, record, text: str):
        """The other record, when it is visible and the person may change it."""
        if not text.isdecimal() or len(text) > 18:
            return None
        return with_opening(self.others(record), self.request.user).filter(pk=int(text)).first()

    def kept(self):
        """The record of the address, with whether its protected values are open to the person."""
        model, user = self.record_model, self.request.user
        return self.get_record(**({"is_unmasked": opening(model, user)} if has_protected(model, user) else {}))

    def get(self, request, pk):
        record = self.kept()
        text = request.GET.get("with", "")
        other = self.other(record, text)
        if other is None and "other" in request.GET:
            form = OtherForm(request.GET, rows=self.others(record))
            if form.is_valid():
                url = f"{self.entity.url('merge', record)}?with={form.cleaned_data['other'].pk}"
                return HttpResponseRedirect(url)
            return self.ask(record, form, 422)
        if other is None:
            return self.ask(record, OtherForm(rows=self.others(record)), 404 if text else 200)
        log_access("read", user=request.user, record=other, address=request.META.get("REMOTE_ADDR"), tab="merge")
        return self.show(record, other)

    def post(self, request, pk):
        record = self.kept()
        other = self.other(record, request.POST.get("with", ""))
        if other is None:
            return self.ask(record, OtherForm(rows=self.others(record)), 422)
        choices = self.choices(record, other)
        taken = {one.name for one in choices if request.POST.get(one.name) == "theirs"}
        filled = self.filled(record, other, {one.name for one in choices})
        try:
            merging.merge(
                record,
                other,
                versions={record.pk: number(request.POST.get("mine")), other.pk: number(request.POST.get("theirs"))},
                take={name for name in taken | filled if not name.startswith("custom_")},
                take_custom={name.removeprefix("custom_") for name in taken | filled if name.startswith("custom_")},
                join_tags="tags" in request.POST,
                keep_shares="shares" in request.POST,
                actor=request.user,
            )
        except merging.Refused as refusal:
            record.refresh_from_db()
            other = self.other(record, str(other.pk))
            if other is None:
                return self.ask(record, OtherForm(rows=self.others(record)), 409, refusal.messages)
            return self.show(record, other, 409, refusal.messages, taken)
        toast(request, _("Merged “%(other)s” into “%(name)s”") % {"other": other, "name": record})
        return self.merged(record, other)

    # -- what pages of upper floors add -------------------------------------------------------------------------------
    def merged(self, record, other):
        """Where it goes on."""
        return HttpResponseRedirect(self.entity.url("record", record), status=303)

    def extras(self, record, other) -> dict:
        """What the page knows besides."""
        return {}

    # -- what the page shows ------------------------------------------------------------------------------------------
    def ask(self, record, form, status=200, errors=()):
        title = _("Merge “%(name)s” with another one") % {"name": record}
        context = {"entity": self.entity, "record": record, "form": form, "title": title, "errors": errors}
        return render(self.request, "merging/other.html", context, status=status)

    def show(self, record, other, status=200, errors=(), taken=None):
        choices = self.choices(record, other)
        context = {
            "entity": self.entity,
            "record": record,
            "other": other,
            "title": _("Merge 2 %(what)s into 1") % {"what": self.entity.label_plural()},
            "differing": [(one, one.takes if taken is None else one.name in taken) for one in choices if differs(one)],
            "equal": [one for one in choices if not differs(one)],
            "moving": self.moving(other),
            "has_tags": isinstance(self.record_model.access, Root),
            "may_delete": self.visible(Action.DELETE).filter(pk=other.pk).exists(),
            "errors": errors,
            "days": merging.DAYS,
            **self.extras(record, other),
        }
        return render(self.request, "merging/merge.html", context, status=status)

    def moving(self, other) -> list[tuple[str, int]]:
        """(kind of record, how many of those that the person sees go along)."""
        user, found = self.request.user, []
        for child, name in self.entity.children():
            if child.may(user):
                rows = child.model.objects.visible_to(user).filter(**{name: other})
                found.append((child.tab_label(self.entity), rows.count()))
        return found

    def choices(self, record, other) -> list[Choice]:
        """The fields of the form that the person may read and write, in their order."""
        user, both = self.request.user, [record, other]
        secret = protected_names(self.record_model) | sensitive_names(self.record_model, user)
        found, is_open = [], all(one.__dict__.get("is_unmasked") for one in both)
        for column in self.columns():
            column.prepare(both, user)
            links = visible_links([column], both, user)
            mine, theirs = (cell_of(column, one, {}, links) for one in both)
            takes = is_empty(mine) and not is_empty(theirs)
            found.append(
                Choice(column.name, column.label, mine, theirs, takes, column.name in secret and not is_open)
            )
        return found

    def filled(self, record, other, chosen: set[str]) -> set[str]:
        """Names of the fields that the person cannot choose, because a rule hides or locks them, and that are empty in
        the one record and not in the other: nothing may be lost of what he does not see. Owners are chosen, or stay."""
        model = self.record_model
        own = {one.name for one in model._meta.concrete_fields if one.editable} - {"owner", "team", "tags"}
        names = (own & {*self.entity.field_names()}) - chosen
        found = {name for name in names if is_blank(getattr(record, name)) and not is_blank(getattr(other, name))}
        for one in self.request.user.fields.all_definitions.get(model._meta.label_lower, ()):
            if one.field_name not in chosen and is_blank(record.held(one)) and not is_blank(other.held(one)):
                found.add(one.field_name)
        return found

    def columns(self) -> list:
        user, model = self.request.user, self.record_model
        everything = user.fields.columns(self.entity)
        known = {column.name: column for column in allowed(everything, model, user) if not column.is_page}
        barred = (withheld(everything, model, user) - set(known)) | user.fields.locked(model) | {"tags"}
        if not (isinstance(model.access, Root) and user.rights.may(model, Action.ASSIGN)):
            barred.add("owner")
        own = {one.name for one in model._meta.concrete_fields if one.editable}
        named = user.fields.labels(model)
        names = [name for group in user.fields.groups(self.entity) for name in group.fields if name not in barred]
        return [
            known.get(name) or Column(name, label=named.get(name)).bound(model)
            for name in names
            if name in own or (name.startswith("custom_") and name in known)
        ]


def sensitive_names(model, user) -> set[str]:
    return {definition.field_name for definition in user.fields.sensitive(model)}


def differs(one: Choice) -> bool:
    return not one.is_equal


def is_empty(cell) -> bool:
    return is_blank(cell.value)


def is_blank(value) -> bool:
    return value in (None, "", [])


def number(text) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


class UnmergePage(RecordView):
    """The merges into a record that can still be taken apart, each with what was changed since; a POST does it."""

    action = Action.CHANGE

    def get(self, request, pk):
        record = self.get_record()
        if not merging.may_merge(self.record_model, request.user):
            self.refuse()
        merges = list(unmerging.open_merges(record).select_related("actor")[:50])
        added = unmerging.rows_since(merges, record, request.user)
        rows = [(row, self.since(row, record), added[row.pk]) for row in merges]
        context = {
            "entity": self.entity,
            "record": record,
            "title": _("Take merges apart: %(name)s") % {"name": record},
            "rows": rows,
            "days": merging.DAYS,
        }
        return render(request, "merging/unmerge.html", context)

    def since(self, row, record) -> list[str]:
        """The fields that stay as they are now, by their labels; custom ones as far as the person sees them."""
        book, model = self.request.user.fields, self.record_model
        named = {one.field_name: one.name for one in book.definitions(model)} | book.labels(model)
        own = {one.name: one.verbose_name for one in model._meta.concrete_fields}
        names = [name for name in unmerging.changed_since(row, record) if not book.hidden(model) & {name}]
        return [str(named.get(name) or own[name]) for name in names if name in named or name in own]

    def post(self, request, pk):
        record = self.get_record()
        if not merging.may_merge(self.record_model, request.user):
            self.refuse()
        text = request.POST.get("merge", "")
        row = get_object_or_404(unmerging.open_merges(record), pk=number(text))
        try:
            back, left = unmerging.unmerge(row, actor=request.user)
        except merging.Refused as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(self.entity.url("unmerge", record), status=303)
        messages.success(request, _("“%(name)s” is a record of its own again") % {"name": back})
        if left:
            messages.warning(request, _("Values that were changed after the merge stayed as they are."))
        return HttpResponseRedirect(self.entity.url("record", back if self.sees(back) else record), status=303)

    def sees(self, record) -> bool:
        return self.visible().filter(pk=record.pk).exists()
