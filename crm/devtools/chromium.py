"""Finds the Chromium that browser tests drive; it comes from the system, not from a package index."""

import os
import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def chromium():
    """The path of a Chromium, or None: BANYAN_CHROMIUM, the system's, or one that `playwright install` brought."""
    chosen = os.environ.get("BANYAN_CHROMIUM")
    if chosen:
        return chosen if os.access(chosen, os.X_OK) else None
    found = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    downloaded = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"), reverse=True)
    return found or next((str(path) for path in (*map(Path, PLACES), *downloaded) if path.exists()), None)
