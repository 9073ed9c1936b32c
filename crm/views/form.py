"""The generic add and change pages: a full page, or the same form as a drawer when htmx asks."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import ChoiceField
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.events import announce
from crm.forms import AlreadySaved
from crm.views.doors import RecordView


class FormPage(RecordView):
    """What add and change share: show, check, save, say so; nothing typed is ever lost."""

    action = Action.CHANGE
    is_new = False

    def form(self, record, data=None, files=None):
        form = self.entity.form_class()(data, files, instance=record, user=self.request.user, initial=self.initial())
        form.take_custom()
        return form

    def initial(self) -> dict:
        return {}

    def show(self, form, record, status=200):
        context = {
            "entity": self.entity,
            "form": form,
            "record": None if self.is_new else record,
            "groups": grouped(self.entity, form),
            "title": _("New %(what)s") % {"what": self.entity.label()} if self.is_new else str(record),
            "cancel_url": self.entity.url("list") if self.is_new else self.entity.url("record", record),
            **self.place(form),
        }
        template = "entity/_form.html" if self.request.htmx else "entity/form.html"
        return render(self.request, template, context, status=status)

    def place(self, form) -> dict:
        """A title and a way back of its own, for a form that belongs to another record."""
        return {}

    def save(self, form):
        """Save a valid form; gives the response, or None when saving found a further error."""
        try:
            record = form.save_for(self.request.user, lambda saved: self.entity.url("record", saved))
        except AlreadySaved as already:
            messages.info(self.request, _("This form was saved already; here is the record."))
            return self.lead_to(already.url)
        except ValidationError as error:
            form.add_error(None, error)
            return None
        event = self.entity.events.get("add" if self.is_new else "change")
        if event and (self.is_new or form.changed_values):
            announce(event, record, actor=self.request.user)
        messages.success(self.request, _("Saved “%(name)s”") % {"name": record})
        again = self.is_new and "again" in self.request.POST
        return self.lead_to(
            f"{self.entity.url('add')}?{urlencode(self.kept())}" if again else self.entity.url("record", record)
        )

    def kept(self) -> dict:
        return {name: value for name, value in self.request.GET.items() if name in self.entity.form_class().base_fields}

    def lead_to(self, url: str):
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url, status=303)


class AddPage(FormPage):
    """Add a record. The query string may name values to begin with (?customer=12&status=new), records
    among the visible ones only."""

    action = Action.ADD
    is_new = True

    def initial(self) -> dict:
        fields = self.entity.form_class().base_fields
        found = {}
        for name, value in self.request.GET.items():
            queryset = getattr(fields.get(name), "queryset", None)
            if queryset is None:
                known = isinstance(fields.get(name), ChoiceField) and fields[name].valid_value(value)
                found[name] = value if known else None
            elif value.isdigit() and int(value) < 2**63:
                found[name] = queryset.visible_to(self.request.user).filter(pk=int(value)).first()
        if "owner" in fields:
            found.setdefault("owner", self.request.user)
        return {name: value for name, value in found.items() if value is not None}

    def get(self, request):
        record = self.entity.model()
        return self.show(self.form(record), record)

    def post(self, request):
        record = self.entity.model()
        form = self.form(record, request.POST, request.FILES)
        with transaction.atomic():
            response = self.save(form) if form.is_valid() else None
        return response or self.show(form, record, status=422)


class ChangePage(FormPage):
    """Change a record that the user may change; others' changes in between are kept, or asked about field by field."""

    action = Action.CHANGE

    def get(self, request, pk):
        record = self.get_record()
        return self.show(self.form(record), record)

    def post(self, request, pk):
        with transaction.atomic():
            record = self.get_record(lock=True)
            form = self.form(record, request.POST, request.FILES)
            response = self.save(form) if form.is_valid() else None
        return response or self.show(form, record, status=409 if form.conflicts else 422)


def grouped(entity, form) -> list[tuple[str, list]]:
    """The form's bound fields by group; a field that no group names comes last."""
    names = [name for name in form.fields if not form[name].is_hidden and name not in form.unseen]
    beside = {"tags": ("tags", "new_tags")}
    laid = form.user.fields.groups(entity)
    groups = [
        (group.label, [form[one] for name in group.fields for one in beside.get(name, (name,)) if one in names])
        for group in laid
    ]
    placed = {"new_tags", *(name for group in laid for name in group.fields)}
    rest = [form[name] for name in names if name not in placed]
    return [(label, fields) for label, fields in [*groups, (_("More"), rest)] if fields]
