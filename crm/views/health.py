"""Whether this process can do its work."""

import logging

from django.db import DatabaseError, connection
from django.http import JsonResponse

from crm import broker
from crm.views.doors import OpenView

logger = logging.getLogger(__name__)


class HealthView(OpenView):
    """200 when the database answers, else 503. A broker that is away is told, but pages work without it."""

    reason = "Load balancers ask before anybody signs in; it tells nothing about data."

    def get(self, request):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            logger.exception("The database does not answer.")
            return JsonResponse({"database": "away"}, status=503)
        return JsonResponse({"database": "ok", "broker": "ok" if broker.is_awake() else "away"})
