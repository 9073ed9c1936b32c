"""The workbench, the person's own settings, and the language switch."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from crm.models import User
from crm.views.doors import OpenView, PersonalView
from crm.workbench import cards_for


class HomePage(PersonalView):
    """What waits for this person today; each floor registers its card."""

    def get(self, request):
        return render(request, "home.html", {"title": _("Workbench"), "cards": cards_for(request.user)})


class PreferencesForm(forms.ModelForm):
    """The settings that belong to the person."""

    class Meta:
        model = User
        fields = ("name", "email", "language", "time_zone", "theme", "density")


class PreferencesPage(PersonalView):
    """One's own name, address, language, zone and look; nobody else's."""

    def show(self, form, status=200):
        return render(self.request, "preferences.html", {"title": _("Preferences"), "form": form}, status=status)

    def get(self, request):
        return self.show(PreferencesForm(instance=request.user))

    def post(self, request):
        form = PreferencesForm(request.POST, instance=User.objects.get_by_natural_key(request.user.username))
        if not form.is_valid():
            return self.show(form, 422)
        user = form.save()
        with translation.override(user.language):
            messages.success(request, _("Preferences saved"))
        return HttpResponseRedirect(request.path, status=303)


class LanguageView(OpenView):
    """Switch the language: kept on the person when somebody is signed in, else in a cookie for the sign-in page."""

    reason = "The sign-in page must be readable before anybody is known; it changes nothing but a language."

    def post(self, request):
        language = request.POST.get("language", "")
        back = request.POST.get("next") or "/"
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
            back = "/"
        response = HttpResponseRedirect(back, status=303)
        if language in User.Language.values:
            if request.user.is_authenticated:
                User.objects.filter(pk=request.user.pk).update(language=language)
            response.set_cookie(
                "django_language",
                language,
                max_age=365 * 24 * 3600,
                samesite="Lax",
                httponly=True,
                secure=request.is_secure(),
            )
        return response
