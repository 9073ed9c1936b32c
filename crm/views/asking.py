"""Asking for access, the list of requests (to answer, and my own), and answering one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import asking
from crm.access import Action
from crm.entities import entity_for
from crm.models import AccessRequest
from crm.views.doors import PersonalView
from crm.views.share_form import end_from

LATEST = 50


class AskForm(forms.ModelForm):
    """Which right, and why."""

    class Meta:
        model = AccessRequest
        fields = ("level", "reason")


class AskPage(PersonalView):
    """Ask for a record whose name one has been shown; any token that leads nowhere is the same 404."""

    model = AccessRequest

    def asked(self, token) -> asking.Asked:
        asked = asking.asked_of(token, self.request.user)
        if asked is None:
            raise Http404
        return asked

    def show(self, asked, form, status=200):
        context = {"title": _("Ask for access"), "name": asked.name, "form": form}
        return render(self.request, "shares/ask.html", context, status=status)

    def seen(self, record) -> bool:
        return type(record).objects.visible_to(self.request.user).filter(pk=record.pk).exists()

    def get(self, request, token):
        asked = self.asked(token)
        if self.seen(asked.record):
            return HttpResponseRedirect(entity_for(type(asked.record)).url("record", asked.record))
        return self.show(asked, AskForm())

    def post(self, request, token):
        asked = self.asked(token)
        form = AskForm(request.POST)
        if asked.is_hidden and asking.asks_today(request.user) >= asking.DAILY:
            form.add_error(None, _("You have asked for access to so many records today. Ask again tomorrow."))
        if not form.is_valid():
            return self.show(asked, form, status=422)
        asking.ask(asked.record, asker=request.user, name=asked.name, **form.cleaned_data)
        text = _("You asked for access to “%(name)s”. The answer will stand here")
        messages.success(request, text % {"name": asked.name})
        return HttpResponseRedirect(reverse("share-requests"), status=303)


class RequestsPage(PersonalView):
    """What waits for my answer, and what became of my own requests."""

    model = AccessRequest

    def get(self, request):
        context = {
            "title": _("Requests for access"),
            "waiting": asking.named(asking.waiting_for(request.user).order_by("pk")[:LATEST], request.user),
            "mine": self.mine().select_related("answered_by").order_by("-pk")[:LATEST],
        }
        return render(request, "shares/requests.html", context)


class AnswerForm(forms.Form):
    """Grant with a right and an end, or refuse with a word."""

    level = forms.ChoiceField(label=gettext_lazy("Right"), choices=AccessRequest.Level.choices)
    until = forms.DateField(
        label=gettext_lazy("Until the end of"),
        required=False,
        help_text=gettext_lazy("Empty: without end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The person who asked reads it. Needed to refuse."),
    )

    def __init__(self, *args, request, record, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.record, self.user = request, record, user

    def clean(self):
        data = super().clean()
        if "refuse" in self.data:
            self.errors.pop("until", None)
            self.errors.pop("level", None)
            if not data.get("answer") and "answer" not in self.errors:
                self.add_error("answer", _("Say in a word why you refuse."))
        elif data.get("level"):
            self.check_grant(data)
        return data

    def check_grant(self, data):
        if text := asking.obstacle(self.request.asker, type(self.record), data["level"]):
            self.add_error("level", str(text))
        if "until" not in self.errors:
            try:
                data["until"] = end_from(data.get("until"), self.record, self.user)
            except ValidationError as error:
                self.add_error("until", error)


class AnswerPage(PersonalView):
    """One open request about a record that I may change; the rights of both are asked again here."""

    model = AccessRequest

    def found(self):
        request = get_object_or_404(asking.answerable(self.request.user), pk=self.kwargs["pk"])
        model = request.subject_type.model_class()
        return request, get_object_or_404(
            model.objects.visible_to(self.request.user, Action.CHANGE), pk=request.subject_id
        )

    def show(self, one, record, form, status=200):
        context = {
            "title": _("%(name)s asks for access") % {"name": one.asker.name},
            "one": one,
            "record": record,
            "entity": entity_for(type(record)),
            "form": form,
        }
        return render(self.request, "shares/answer.html", context, status=status)

    def get(self, request, pk):
        one, record = self.found()
        first = {"level": one.level, "until": request.user.company.today + asking.USUAL}
        return self.show(one, record, AnswerForm(request=one, record=record, user=request.user, initial=first))

    def post(self, request, pk):
        one, record = self.found()
        form = AnswerForm(request.POST, request=one, record=record, user=request.user)
        if not form.is_valid():
            return self.show(one, record, form, status=422)
        data = form.cleaned_data
        if "refuse" in request.POST:
            done = asking.refuse(one, record, actor=request.user, answer=data["answer"])
        else:
            done = asking.grant(one, record, actor=request.user, **data)
        if done:
            messages.success(request, _("Answered %(name)s") % {"name": one.asker.name})
        else:
            messages.info(request, _("Somebody else has answered in the meantime"))
        return HttpResponseRedirect(reverse("share-requests"), status=303)
