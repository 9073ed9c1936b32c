"""No page holds inline style, script or handler, and no page in Chinese an English sentence that nobody translated."""

import re
from html.parser import HTMLParser

import pytest
from django.test import RequestFactory

from crm.views.errors import server_error
from tests.pages import addresses, make_rows, tabs

pytestmark = pytest.mark.django_db
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’]*(?:[ ,]+[A-Za-z][A-Za-z'’]*){2,}")
# The page for failures says everything in both languages, its title too, where no part can say which it is.
ALLOWED = {"Something went wrong"}
SPOKEN = ("aria-label", "placeholder", "title", "alt", "label", "value")
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INERT = ("script", "style", "template")


class Reader(HTMLParser):
    """Reads a page: what is written inline, and what is said in words, except inside lang="en"."""

    def __init__(self, content: str):
        super().__init__()
        self.inline, self.words, self.open = [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.inline += [f"<{tag} {name}>" for name in found if name == "style" or name.startswith("on")]
        self.inline += [f"<{tag} {name}={value}>" for name, value in attrs if (value or "").startswith("javascript:")]
        if tag == "style" or (tag == "script" and "src" not in found and found.get("type") != "application/json"):
            self.inline.append(f"<{tag}>")
        if tag not in EMPTY:
            self.open.append((tag, found.get("lang", "")))
        if not self.is_english:
            named = [name for name in SPOKEN if name != "value" or (tag == "input" and found.get("type") == "submit")]
            self.words += [found[name] for name in named if found.get(name)]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self.is_english and not (self.open and self.open[-1][0] in INERT):
            self.words.append(" ".join(data.split()))

    @property
    def is_english(self) -> bool:
        """Whether the words here say themselves that they are English, or are what a person wrote."""
        return any(lang == "en" or tag == "textarea" for tag, lang in self.open)

    @property
    def sentences(self) -> list[str]:
        found = {match for text in self.words for match in SENTENCE.findall(text)}
        return sorted(found - ALLOWED)


def speak(user, language):
    type(user).objects.filter(pk=user.pk).update(language=language)


def is_page(response) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html") and bool(response.content)


@pytest.fixture
def keys(cast, settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    return make_rows(cast.alice)


def pages_of(client, keys) -> dict[str, str]:
    """{"address status": content} of all pages that open, the tabs of records included."""
    found, waiting, asked = {}, addresses(keys), set()
    while waiting:
        address = waiting.pop(0)
        asked.add(address)
        response = client.get(address)
        if is_page(response):
            found[f"{address} {response.status_code}"] = response.content.decode()
        waiting += [url for url in tabs(response) if url not in asked and url not in waiting]
    return found


def problems(found, language) -> dict[str, list[str]]:
    """{address: what is wrong}."""
    told = {}
    for address, content in found.items():
        read = Reader(content)
        wrong = read.inline + (read.sentences if language == "zh-hans" else [])
        wrong += ["Django's own empty choice"] * (">-----" in content)
        if wrong:
            told[address] = wrong
    return told


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", ["root", "alice"])
def test_no_page_has_anything_inline_and_none_in_chinese_an_english_sentence(client, cast, keys, who, language):
    speak(cast.people[who], language)
    client.force_login(cast.people[who])
    found = pages_of(client, keys)
    opened = [address for address in found if address.endswith(" 200")]
    assert len(opened) > 60
    assert {address[:-4] for address in opened} >= {"/", "/customers/", "/opportunities/board/", "/reports/", "/jobs/"}
    assert problems(found, language) == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_neither_have_the_pages_for_strangers_and_failures(client, cast, keys, language):
    client.cookies["language"] = language
    head = {"Accept-Language": {"zh-hans": "zh-CN", "en": "en"}[language]}
    outside = ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/")
    found = {address: client.get(address, headers=head).content.decode() for address in outside}
    speak(cast.dave, language)
    client.force_login(cast.dave)
    for address in ("/", "/customers/", "/customers/add/", "/nothing/", "/accounts/password/change/", "/preferences/",
                    "/accounts/logout/"):  # fmt: skip
        found[address] = client.get(address).content.decode()
    found["500"] = server_error(RequestFactory().get("/")).content.decode()
    assert all("<html" in content for content in found.values())
    assert problems(found, language) == {}


def test_the_reader_finds_what_it_looks_for():
    bad = '<p style="color:red" onclick="x()">Some English words here</p><style></style><script>1</script>'
    read = Reader(bad)
    assert read.inline == ["<p style>", "<p onclick>", "<style>", "<script>"]
    assert read.sentences == ["Some English words here"]
    good = '<script type="application/json">{"a": 1}</script><script src="x.js"></script><b lang="en">One two three</b>'
    assert (Reader(good).inline, Reader(good).sentences) == ([], [])
    assert Reader('<input aria-label="Not translated here">').sentences == ["Not translated here"]
