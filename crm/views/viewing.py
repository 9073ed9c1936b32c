"""The page where an administrator chooses whom to look as, and the way back."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import viewing
from crm.access import Action
from crm.forms import RecordChoiceField
from crm.models import User, Viewing
from crm.views.doors import PersonalView, RecordView

LATEST = 20


class ViewAsForm(forms.Form):
    """Whom, and why."""

    person = RecordChoiceField(User.objects.none(), label=pgettext_lazy("people", "Person"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Stands in the access log, with both names."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["person"].queryset = User.objects.visible_to(user)

    def clean_person(self):
        person = self.cleaned_data["person"]
        if person.pk == self.user.pk:
            raise forms.ValidationError(_("This is you. Choose somebody else."))
        if not person.is_active:
            raise forms.ValidationError(_("%(name)s is switched off and sees nothing.") % {"name": person.name})
        if not viewing.may_view_as(self.user, person):
            raise forms.ValidationError(
                _(
                    "%(name)s is not for you to look as: administrators are left to superusers, "
                    "and nobody looks as a superuser."
                )
                % {"name": person.name}
            )
        return person


class ViewAsPage(RecordView):
    """Choose a person; the latest times are listed below."""

    model = Viewing
    action = Action.ADD

    def show(self, form, status=200):
        context = {
            "title": _("View as"),
            "form": form,
            "latest": self.visible().select_related("actor", "person").order_by("-pk")[:LATEST],
            "minutes": int(viewing.LASTS.total_seconds() // 60),
        }
        return render(self.request, "view_as/choose.html", context, status=status)

    def get(self, request):
        first = User.objects.visible_to(request.user).filter(username=request.GET.get("person", "")).first()
        return self.show(ViewAsForm(user=request.user, initial={"person": first} if first else None))

    def post(self, request):
        form = ViewAsForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.show(form, status=422)
        viewing.begin(request, form.cleaned_data["person"], form.cleaned_data["reason"])
        return HttpResponseRedirect("/", status=303)


class ViewAsEnd(PersonalView):
    """Back to oneself."""

    model = Viewing

    def post(self, request):
        ended = viewing.finish(request)
        if ended is not None:
            request.session.cycle_key()
            messages.success(request, _("You no longer look as %(name)s") % {"name": ended.person.name})
        may = request.user.rights.may(Viewing, Action.ADD)
        return HttpResponseRedirect(reverse("view-as") if may else "/", status=303)
