"""The Django application of the shared core."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("People and system")

    def ready(self):
        from crm import checks, entities, logins  # noqa: F401 (checks register themselves)

        entities.discover()
        logins.listen()
