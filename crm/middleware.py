"""What every request passes: the login door, the person's language and zone, the context of the change log."""

import logging
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from crm.files import FULL_MESSAGE, is_full
from crm.history import acting

logger = logging.getLogger(__name__)

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class LoginRequired:
    """Nobody passes without login, except where the view says that its door is open or carries a signed token."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        view_class = getattr(view, "view_class", None)
        if request.user.is_authenticated or getattr(view_class, "is_open_door", False):
            return None
        if request.path.startswith(("/accounts/", settings.STATIC_URL)):
            return None  # allauth's own pages ask for what they need
        back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")
        target = f"{reverse(settings.LOGIN_URL)}?{REDIRECT_FIELD_NAME}={quote(back)}"
        if request.htmx:
            return HttpResponse(status=401, headers={"HX-Redirect": target})
        return redirect(target)


class Preferences:
    """The request speaks the language of the person and shows moments in the person's zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with translation.override(user.language), timezone.override(user.zone):
            request.LANGUAGE_CODE = user.language
            response = self.get_response(request)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            response.headers["Content-Language"] = user.language
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response


class NoRoom:
    """A page that found the disk full says so in the person's language, instead of that something went wrong."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        if not is_full(error):
            return None
        logger.error("%s %s found the disk full.", request.method, request.path, exc_info=error)
        return render(request, "507.html", {"why": FULL_MESSAGE}, status=507)


class Acting:
    """Changes that a request makes are marked with the person who made them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in UNSAFE:
            return self.get_response(request)
        with acting(request.user, url=request.path[:200]):
            return self.get_response(request)
