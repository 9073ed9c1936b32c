"""Shows one protected value to somebody who reads its mask: asked for, counted, limited and written down."""

from django import forms
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import reveals
from crm.access import Action
from crm.cells import shown_whole
from crm.columns import cell_of
from crm.fields.columns import column_of
from crm.protection import Damaged
from crm.revealing import protected_fields
from crm.views.doors import RecordView

MOST_REASON = 200
DAMAGED = gettext_lazy("This value is damaged. Ask your administrator.")


class ReasonForm(forms.Form):
    """Why somebody needs the value; asked for where the company wants it."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you need it?"),
        max_length=MOST_REASON,
        help_text=gettext_lazy("The reason goes into the access log."),
    )


class RevealPage(RecordView):
    """One value of one record: ?field= names it where there are several. A POST shows it; a GET asks."""

    action = Action.VIEW
    template = "entity/reveal.html"
    related: tuple[str, ...] = ()

    def prepare(self):
        """The record and the field, for whoever has the right to see protected values at all."""
        if not self.request.user.rights.may(self.record_model, Action.REVEAL):
            self.refuse(pk=self.kwargs["pk"])
        self.record = self.get_record(*self.related)
        book = self.request.user.fields
        hidden = book.hidden(self.record_model)
        fields = [field for field in protected_fields(self.record_model) if field.name not in hidden]
        custom = {definition.field_name: definition for definition in book.sensitive(self.record_model)}
        names = {field.name: field.verbose_name for field in fields} | {name: one.name for name, one in custom.items()}
        self.field = self.request.GET.get("field") or next(iter(names), "")
        if self.field not in names:
            raise Http404
        self.label, self.definition = names[self.field], custom.get(self.field)

    def show(self, status=200, **more):
        record = self.record
        context = {
            "title": _("Reveal %(what)s") % {"what": self.label},
            "record": record,
            "cancel_url": self.back_url(),
            "asks": self.request.user.company.asks_reveal_reason,
            "left": reveals.left_today(self.request.user, self.record_model),
            **more,
        }
        template = "entity/_revealed.html" if self.request.htmx and "value" in more else self.template
        response = render(self.request, template, context, status=status)
        response["Cache-Control"] = "no-store"
        return response

    def back_url(self) -> str:
        return self.entity.url("record", self.record)

    def get(self, request, pk):
        self.prepare()
        return self.show(form=ReasonForm())

    @transaction.atomic
    def post(self, request, pk):
        self.prepare()
        asks = request.user.company.asks_reveal_reason
        form = ReasonForm(request.POST)
        if asks and not form.is_valid():
            return self.show(422, form=form)
        try:
            reveals.reveal(
                self.record,
                self.field,
                actor=request.user,
                reason=request.POST.get("reason", "").strip()[:MOST_REASON],
                address=request.META.get("REMOTE_ADDR"),
            )
        except reveals.LimitReached:
            response = self.show(429, form=form, is_over=True)
            if request.htmx:  # the page that says so, instead of a bare number
                response["HX-Redirect"] = request.get_full_path()
            return response
        return self.show(value=self.text(), form=form)

    def text(self) -> str:
        """The value as people read it."""
        if self.definition:
            return self.custom_text()
        value = getattr(self.record, self.field)
        if isinstance(value, Damaged):
            return DAMAGED
        return str(value) if value not in (None, "") else "—"

    def custom_text(self) -> str:
        """The value of a sensitive custom field, as a record page would show it."""
        if isinstance(self.record.held(self.definition), Damaged):
            return DAMAGED
        self.record.is_unmasked = True
        return shown_whole(cell_of(column_of(self.definition), self.record, {}, {}))
