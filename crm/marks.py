"""Small pieces of HTML that stand for something: icons, avatars, badges of states."""

import html
import re
import zlib
from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

AVATAR_TONES = ("violet", "green", "amber", "red", "blue", "teal")
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
DOT = mark_safe('<span class="d"></span>')


def markup(pattern, *values):
    """As format_html, which costs four times as much for plain text: a list page makes 500 such pieces."""
    return SafeString(pattern.format(*map(escaped, values)))


def escaped(value):
    if type(value) is SafeString:
        return value
    return html.escape(value) if type(value) is str else conditional_escape(value)


@lru_cache(4096, typed=True)  # a page shows the same icons, people and states again and again
def icon(name, size=""):
    """A Tabler icon out of the sprite that set-up makes from static/icons.txt; it says nothing to a screen reader."""
    return markup('<svg class="i {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', size, static("icons.svg"), name)


def initials(name):
    """The family name's first character of a Chinese name, the initials of any other."""
    name = str(name).strip()
    if not name:
        return "?"
    if CJK.match(name):
        return name[0]
    words = [word for word in re.split(r"[\s._-]+", name) if word and word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or name[0]


@lru_cache(4096, typed=True)
def avatar(name, size="", square=False):
    """A person's (or with `square` a record's) mark: its letters on a colour that stays the same for the name."""
    tone = AVATAR_TONES[zlib.crc32(str(name).encode()) % len(AVATAR_TONES)]
    letters = initials(name)[:1] if square else initials(name)
    shape = "sq" if square else ""
    return markup('<span class="av {} {} {}" aria-hidden="true">{}</span>', tone, shape, size, letters)


def tag_chip(tag):
    """A tag: a neutral chip with a dot of its colour, so that it is not taken for a state."""
    return markup('<span class="chip"><span class="dot {}"></span>{}</span>', tag.colour, tag.name)


@lru_cache(4096, typed=True)
def badge(text, tone="gray"):
    """A state as dot and word; a level, which is one letter, has no dot."""
    dot = "" if len(str(text)) == 1 else DOT
    return markup('<span class="bdg {}">{}{}</span>', tone or "gray", dot, text)
