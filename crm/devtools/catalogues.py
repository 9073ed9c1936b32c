"""Translations without GNU gettext: finds the strings of sources, keeps the .po file, makes the .mo file."""

import contextlib
import datetime
import fcntl
import io
import json
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = "zh_Hans"
FOLDER = ROOT / "locale" / LOCALE / "LC_MESSAGES"
FILE = FOLDER / "django.po"
APPS = ("crm", "customers", "sales", "marketing", "service", "reports")
SKIPPED = {"tests", "migrations", "devtools"}
CONTEXT_AND_ONE, CONTEXT_AND_TWO = ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT_AND_ONE),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), CONTEXT_AND_TWO),
}
COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}", re.DOTALL)
# A fixed time: a date that changes with every run would make every commit touch the head of the file.
NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def python_files():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not SKIPPED & set(path.relative_to(ROOT).parts):
                yield path


def template_files():
    folders = [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".txt"))


def as_python(source):
    """A template as Python calls, by Django's own reader; on one line, since its indentation means nothing."""
    from django.utils.translation.template import templatize

    return " ".join(templatize(COMMENTS.sub("", source)).splitlines())


def found():
    """The strings of the sources as (message id or (singular, plural), context)."""
    for path in python_files():
        yield from extracted(path.read_bytes())
    for path in template_files():
        yield from extracted(as_python(path.read_text("utf-8")).encode())


def extracted(source):
    for _, message, _, context in extract("python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}):
        yield message, context


def empty_catalogue():
    return Catalog(
        locale=LOCALE,
        project="Banyan",
        version="1",
        header_comment="# Chinese (simplified) of Banyan. Kept by `manage.py messages`.",
        msgid_bugs_address="Banyan",
        last_translator="Banyan",
        language_team="Banyan",
        creation_date=NEVER,
        revision_date=NEVER,
        fuzzy=False,
    )


def kept():
    """The committed catalogue, or an empty one."""
    if not FILE.exists():
        return empty_catalogue()
    with FILE.open("rb") as file:
        return read_po(file, locale=LOCALE)


def merged(old):
    """A catalogue of exactly the strings that the sources hold, with the translations that `old` has; never a guess."""
    new = empty_catalogue()
    for message, context in found():
        known = old.get(message[0] if isinstance(message, tuple) else message, context)
        text = known.string if known and not known.fuzzy else ""
        new.add(message, as_string(message, text), context=context)
    return new


def as_string(message, text):
    """The translation in the shape of its message: Chinese has one plural form."""
    text = text[0] if isinstance(text, tuple | list) else text
    return (text,) if isinstance(message, tuple) else text


def fill(catalogue, texts):
    """Put {"message id": "translation"} in; gives the ids that no source holds.

    A key of context, U+0004 and message id is for that context alone ("Active" is not the same of a customer and of a
    campaign); a plain id never replaces what such a message has got already.
    """
    unknown = []
    for key, text in texts.items():
        messages = [message for message in catalogue if message.id and key in (singular(message), in_context(message))]
        for message in messages:
            if key == in_context(message) or not (message.context and translation(message)):
                message.string = as_string(message.id, text)
        if not messages:
            unknown.append(key)
    return unknown


def singular(message):
    return message.id[0] if isinstance(message.id, tuple) else message.id


def in_context(message):
    return f"{message.context}\x04{singular(message)}" if message.context else singular(message)


def translation(message):
    return message.string[0] if isinstance(message.string, tuple | list) else message.string


def missing(catalogue):
    return [singular(message) for message in catalogue if message.id and not translation(message)]


def fuzzy(catalogue):
    return [singular(message) for message in catalogue if message.id and message.fuzzy]


def text_of(catalogue):
    """The .po file as it is committed: sorted, without places in the sources, so that it changes with words only."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, sort_output=True, no_location=True, ignore_obsolete=True, width=110)
    return re.sub(r'^"Generated-By: .*\n', "", buffer.getvalue().decode(), flags=re.MULTILINE)


def save(catalogue):
    FOLDER.mkdir(parents=True, exist_ok=True)
    temporary = FILE.with_suffix(".po.new")
    temporary.write_text(text_of(catalogue), "utf-8")
    temporary.rename(FILE)
    compile_file()


def compile_file():
    """Make the .mo file that Django reads."""
    target = FILE.with_suffix(".mo")
    with contextlib.closing(io.BytesIO()) as buffer:
        write_mo(buffer, kept())
        target.write_bytes(buffer.getvalue())


@contextlib.contextmanager
def locked():
    """Two people may fill translations at the same time; each reads and writes the file alone."""
    folder = ROOT / ".dev"
    folder.mkdir(exist_ok=True)
    with open(folder / "messages.lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def update(texts=None):
    """Bring the file up to date with the sources and fill translations in; gives (catalogue, unknown ids)."""
    with locked():
        catalogue = merged(kept())
        unknown = fill(catalogue, texts or {})
        save(catalogue)
    return catalogue, unknown


def read_texts(path):
    texts = json.loads(Path(path).read_text("utf-8"))
    if not isinstance(texts, dict) or not all(isinstance(part, str) for pair in texts.items() for part in pair):
        raise ValueError('the file must hold one JSON object {"English": "Chinese"}')
    return texts
