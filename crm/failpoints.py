"""Named places where a test lets the process die at once, to prove what a crash leaves behind."""

import os
import signal

from django.conf import settings


def failpoint(name: str):
    """Kill the own process here when the settings name this place; they enable it in tests only."""
    if settings.FAILPOINTS_ENABLED and name == settings.FAILPOINT:
        os.kill(os.getpid(), signal.SIGKILL)
