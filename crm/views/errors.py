"""The page for failures of our own: it asks nothing of the database, and gives a number that the log repeats."""

import logging
import secrets

from django.http import HttpResponseServerError
from django.template.loader import render_to_string
from django.utils import timezone

logger = logging.getLogger(__name__)


def server_error(request):
    """handler500: the traceback follows this line in the log."""
    now = timezone.now()
    number = f"E-{now:%Y%m%d-%H%M}-{secrets.token_hex(2)}"
    logger.error("%s at %s", number, request.path)
    return HttpResponseServerError(
        render_to_string("500.html", {"number": number, "time": f"{now:%Y-%m-%d %H:%M:%S} UTC"})
    )
