"""System checks of the installation: built files that are missing, and a database that cannot search Chinese."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, register

FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-SemiBold.ttf")
BUILD = "run `python3 dev.py setup`, or in production `npm ci` and `python -m crm.devtools build`."


@register()
def built_files(app_configs, **kwargs):
    """Fonts of the PDFs, vendor files, icons and translations come from set-up and are not in the repository."""
    catalogues = [Path(folder) / "zh_Hans/LC_MESSAGES/django.mo" for folder in settings.LOCALE_PATHS]
    static = settings.BASE_DIR / "build/static"
    wanted = [
        *[("banyan.E001", "a font of the PDFs", settings.FONTS_DIR / name) for name in FONTS],
        *[("banyan.E002", "a built front-end file", static / name) for name in ("icons.svg", "vendor/htmx.min.js")],
        *[("banyan.E003", "a compiled translation", path) for path in catalogues],
    ]
    missing = [(code, what, path) for code, what, path in wanted if not path.exists()]
    return [Error(f"{path} is missing ({what}).", hint=BUILD, id=code) for code, what, path in missing]
