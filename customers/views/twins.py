"""The duplicate desk: whether a company, a person or a number is known already, also to the form while one types."""

from django import forms
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action
from crm.views.doors import RecordView
from customers.duplicates import twins
from customers.models import Contact
from customers.point_forms import email_field, phone_field

NAMES = ("name", "short_name", "kind", "phone", "mobile", "email", "credit_code", "website", "region", "country")


class DeskForm(forms.Form):
    """What one knows before a call; anything of it is enough."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    phone = phone_field(gettext_lazy("Phone"))
    email = email_field()
    credit_code = forms.CharField(label=gettext_lazy("Credit code"), required=False, max_length=30)

    def __init__(self, *args, model, **kwargs):
        super().__init__(*args, **kwargs)
        if model is Contact:
            del self.fields["credit_code"]


class TwinsPage(RecordView):
    """Who may add records asks here; htmx gets the answer alone, as the form of a new record shows it."""

    action = Action.ADD

    def get(self, request):
        values = {name: request.GET.get(name, "")[:300].replace("\x00", "") for name in NAMES}
        form = DeskForm(request.GET or None, model=self.record_model)
        context = {
            "entity": self.entity,
            "title": _("Is it there already? %(what)s") % {"what": capfirst(self.entity.label_plural())},
            "form": form,
            "is_asked": any(values.values()),
            "limit": twins.DAILY,
        }
        if context["is_asked"]:
            address = request.META.get("REMOTE_ADDR")
            asked = {"least": twins.POSSIBLE, "address": address, "brands": not request.htmx}
            context["answer"] = twins.answer(self.record_model, values, request.user, **asked)
        return render(request, "customers/_twins.html" if request.htmx else "customers/desk.html", context)
