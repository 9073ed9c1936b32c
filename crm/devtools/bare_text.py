"""Finds words of a template that no translation tag holds: text between tags, and attributes that people read."""

import re
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

# Names and marks that are alike in every language.
ALIKE = {"Banyan", "Excel", "PDF", "CSV", "ID", "URL", "Ctrl"}
READ_ALOUD = {"title", "alt", "placeholder", "aria-label", "aria-description", "label", "content"}
UNREAD = {"script", "style", "code", "svg"}
WORD = re.compile(r"[^\W\d_]{2,}")


class Reader(HTMLParser):
    """Collects (line, text) of what a person would read."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.inside = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        for name, value in attributes:
            if name in READ_ALOUD and value and not (tag == "meta" and not self.meta_is_read(values)):
                self.note(value)
        if tag in UNREAD:
            self.inside.append(tag)

    def meta_is_read(self, values):
        return values.get("name") == "description"

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, text):
        if not self.inside:
            self.note(text)

    def note(self, text):
        words = [word for word in WORD.findall(text) if word not in ALIKE]
        if words:
            self.found.append((self.getpos()[0], " ".join(words)))


def without_tags(source):
    """The template with tags, variables and translated blocks blanked; lines stay where they are."""
    parts, skipped_until = [], None
    for token in Lexer(source).tokenize():
        if token.token_type is TokenType.BLOCK:
            skipped_until = None if token.contents.split()[0] == skipped_until else skipped_until or skips(token)
        is_read = token.token_type is TokenType.TEXT and not skipped_until
        parts.append(token.contents if is_read else "0" + "\n" * token.contents.count("\n"))
    return "".join(parts)


def skips(token):
    """The end tag of what is no bare text: translated blocks, comments, and blocks that fill a class attribute."""
    name, *rest = token.contents.split()
    if name in ("blocktranslate", "blocktrans", "comment") or (name == "block" and rest[0].endswith("_class")):
        return f"end{name}"
    return None


def bare_text(source):
    """[(line, words)] of a template's untranslated text."""
    reader = Reader()
    reader.feed(without_tags(source))
    reader.close()
    return reader.found
