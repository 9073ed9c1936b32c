"""Every string that a person reads exists in both languages."""

import re

import pytest
from django.conf import settings

from crm.devtools import catalogues
from crm.devtools.bare_text import bare_text

CHINESE = re.compile(r"[\u3400-\u9fff]")
NAMED = re.compile(r"%\((\w+)\)[sd]|(?<!{){(\w*)}(?!})")
# Names, codes and formats that a Chinese reader sees as they are.
SAME_IN_CHINESE = {"English", "Banyan", "PDF", "Excel", "CSV", "ID", "URL", "USD", "CNY"}


@pytest.fixture(scope="module")
def committed():
    return [message for message in catalogues.kept() if message.id]


@pytest.fixture(scope="module")
def fresh():
    return catalogues.merged(catalogues.kept())


def test_every_string_of_the_sources_is_in_chinese(fresh):
    assert catalogues.missing(fresh) == []


def test_no_translation_is_a_guess(committed):
    assert [message.id for message in committed if message.fuzzy] == []


def test_the_committed_catalogue_holds_exactly_the_strings_of_the_sources(fresh):
    assert catalogues.FILE.read_text("utf-8") == catalogues.text_of(fresh), "run python3 dev.py manage messages"


def test_every_chinese_string_has_a_chinese_character(committed):
    words = re.compile(r"[^\W\d_]")
    plain = {
        catalogues.singular(message): catalogues.translation(message)
        for message in committed
        if words.search(NAMED.sub("", catalogues.singular(message)))
    }
    without = {english for english, chinese in plain.items() if chinese and not CHINESE.search(chinese)}
    assert without - SAME_IN_CHINESE == set()


def test_colleagues_are_addressed_as_equals(committed):
    """The polite form is for mails to customers, which are no strings of pages."""
    assert [message.id for message in committed if "您" in catalogues.translation(message)] == []


def test_no_message_id_is_chinese(fresh):
    ids = [text for message in fresh if message.id for text in forms_of(message.id)]
    assert [text for text in ids if CHINESE.search(text)] == []


def test_a_translation_keeps_the_placeholders_of_its_string(committed):
    differing = []
    for message in committed:
        wanted = {frozenset(placeholders(form)) for form in forms_of(message.id)}
        # English may leave the number out where it is one; Chinese has the plural form only.
        if frozenset(placeholders(catalogues.translation(message))) not in wanted and catalogues.translation(message):
            differing.append(catalogues.singular(message))
    assert differing == []


def test_placeholders_have_names(committed):
    unnamed = re.compile(r"(?<!%)%[sd]")
    assert [message.id for message in committed if any(unnamed.search(form) for form in forms_of(message.id))] == []


@pytest.mark.parametrize(
    "path", list(catalogues.template_files()), ids=lambda path: str(path.relative_to(settings.BASE_DIR))
)
def test_a_template_has_no_bare_text(path):
    # Pages without a known reader show both languages.
    if path.suffix == ".html" and path.name not in ("400.html", "500.html", "lone.html"):
        assert bare_text(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>{% translate 'Good' %} {{ value }} – 12</p>", []),
        ("<p>\nHello <b>there</b></p>", [(1, "Hello"), (2, "there")]),
        ('<img alt="A tree"><input placeholder="{% translate \'Find\' %}">', [(1, "tree")]),
        ("{% blocktranslate %}Fine {{ x }}{% endblocktranslate %}{# fine #}<script>let fine</script>", []),
        ('<meta name="viewport" content="width=device-width"><svg><title>fine</title></svg>', []),
    ],
)
def test_bare_text_is_seen(source, expected):
    assert bare_text(source) == expected


def forms_of(message_id):
    return message_id if isinstance(message_id, tuple) else (message_id,)


def placeholders(text):
    return {named or braced for named, braced in NAMED.findall(text)}
