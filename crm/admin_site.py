"""The Django admin behind the same door as everything else: for Administrators only, through the product's own sign-
in."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class AdministrationSite(admin.AdminSite):
    """Signed-in people who are no Administrators get 403, visitors the sign-in page."""

    site_header = site_title = _("Banyan administration")
    index_title = _("Administration")
    site_url = "/"

    def has_permission(self, request):
        if not request.user.is_authenticated:
            return False
        if not (request.user.is_active and request.user.is_administrator):
            raise PermissionDenied
        return True

    def login(self, request, extra_context=None):
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect(f"/accounts/login/?next={request.path}")

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")


site = AdministrationSite(name="admin")
