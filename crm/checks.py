"""System checks of the installation: built files that are missing, and a database that cannot search Chinese."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-SemiBold.ttf")
FRONT_END = ("icons.svg", "vendor/bootstrap.min.css", "vendor/htmx.min.js", "vendor/sortable.min.js")
BUILD = "Run python3 dev.py setup; in production npm ci and python -m crm.devtools build."
KEYS = "Put the key back into DATA_KEYS or the file of DATA_KEYS_FILE (docs/operations.md, Keys)."
LOCALE = "Make the database with a UTF-8 locale: createdb -T template0 -E UTF8 -l C.UTF-8 NAME (docs/operations.md)."


@register()
def built_files(app_configs, **kwargs):
    """Fonts of the PDFs, vendor files, icons, translations and places come from set-up, not from the repository."""
    places = settings.LOCALE_PATHS
    wanted = [
        *[("banyan.E001", "a font of the PDFs", settings.FONTS_DIR / name) for name in FONTS],
        *[("banyan.E002", "a front-end file", settings.BASE_DIR / "build/static" / name) for name in FRONT_END],
        *[("banyan.E003", "the translations", Path(place) / "zh_Hans/LC_MESSAGES/django.mo") for place in places],
        ("banyan.E006", "the places of China", settings.BASE_DIR / "build/data/divisions.json"),
    ]
    missing = [(code, what, path) for code, what, path in wanted if not path.exists()]
    return [Error(f"{path} is missing ({what}).", hint=BUILD, id=code) for code, what, path in missing]


@register(Tags.database)
def chinese_search(app_configs, databases=None, **kwargs):
    """pg_trgm knows letters by the database's LC_CTYPE; with C there are none in Chinese, and nothing is found."""
    problems = []
    for alias in databases or ():
        trigrams = trigrams_of(connections[alias], "张伟")
        if trigrams == []:
            message = f"The database of {alias!r} has no trigrams for Chinese text, so nothing Chinese would be found."
            problems.append(Error(message, hint=LOCALE, id="banyan.E004"))
    return problems


@register(Tags.database)
def data_keys(app_configs, databases=None, **kwargs):
    """The key ring must hold every key that has sealed a value of this database."""
    from crm.keys import problems

    return [
        Error(problem, hint=KEYS, id="banyan.E005")
        for alias in databases or ()
        for problem in problems(connections[alias])
    ]


def trigrams_of(connection, text):
    """What pg_trgm makes of the text; before the first migration, when there is no pg_trgm, its LC_CTYPE tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
        if cursor.fetchone()[0] in ("C", "POSIX"):
            return []
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if not cursor.fetchone():
            return None
        cursor.execute("SELECT show_trgm(%s)", [text])
        return cursor.fetchone()[0]
