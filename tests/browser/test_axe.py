"""Whole pages in a real browser under axe-core: no violation in any language, theme and width, and nothing spills."""

from collections import deque
from itertools import cycle

import pytest

from crm.models import User
from tests.pages import addresses, make_rows, pages_of_data

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
LANGUAGES, THEMES, WIDTHS = ("zh-hans", "en"), ("light", "dark"), (390, 820, 1440)
TABS = 3
MAIN = (
    "/",
    "/customers/",
    "/customers/add/",
    "/customers/import/",
    "/customers/export/",
    "/opportunities/",
    "/opportunities/board/",
    "/cases/board/",
    "/campaigns/",
    "/search/?q=海川",
    "/reports/",
    "/reports/sales-pipeline/",
    "/reports/win-loss/",
    "/reports/schedules/",
    "/reports/schedules/add/?report=sales-pipeline",
    "/jobs/",
    "/outbox/",
    "/preferences/",
    "/nothing/",
)
RECORDS = ("customers/", "contacts/", "opportunities/", "campaigns/", "cases/", "reports/received/")
OUTSIDE = ("/accounts/login/", "/accounts/password/reset/")


@pytest.fixture
def keys(people, settings, tmp_path, monkeypatch):
    """One row of every kind, owned by the person who looks."""
    settings.FILES_DIR = tmp_path
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    return make_rows(people.root)


def told(violations) -> list[str]:
    """Violations in one line each: rule, and the first elements that break it."""
    return [f"{one['id']}: {[node['target'][0] for node in one['nodes'][:3]]}" for one in violations]


class Tab:
    """A tab that loads a page while another one is looked at: each is waited for until half a second after its last
    request, and 200 pages in one tab would wait that long one after the other."""

    def __init__(self, page, axe):
        self.page, self.axe, self.heard = page, axe, []
        page.on("console", self.hear)

    def hear(self, message):
        if message.type == "error" and "status of 404" not in message.text:
            self.heard.append(message.text)

    def open(self, url):
        self.heard = []
        status = self.page.goto(url, wait_until="commit").status
        if status != (404 if url.endswith("/nothing/") else 200):
            self.heard.append(f"status {status}")

    def wrong(self) -> list[str]:
        """What is wrong with the opened page: errors of script and content policy, width, broken rules."""
        self.page.wait_for_load_state("networkidle")
        complaints = self.heard.copy()
        wide = self.page.evaluate("[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]")
        if wide[0] > wide[1]:
            complaints.append(f"{wide[0]} wide in {wide[1]}")
        return complaints + told(self.axe(self.page, **RULES))


def wrong_with(page, axe, live_server, paths) -> dict[str, list[str]]:
    pages = [page.context.new_page() for _number in range(TABS - 1)]
    tabs, loading, found = cycle([Tab(one, axe) for one in (page, *pages)]), deque(), {}
    for path in (*paths, *[None] * TABS):
        if len(loading) == TABS or (loading and not path):
            earlier, tab = loading.popleft()
            found[earlier] = tab.wrong()
        if path:
            loading.append((path, next(tabs)))
            loading[-1][1].open(f"{live_server.url}{path}")
    for one in pages:
        one.close()
    return {path: wrong for path, wrong in found.items() if wrong}


@pytest.fixture
def look(browser, browser_context_args, signed_in, people, keys, live_server):
    """look(language, theme, width, user) -> a page of a browser in which the person, if any, is signed in."""
    opened = []

    def opens(language, theme, width, user=people.root):
        User.objects.update(language=language, theme=theme)
        locale = {"zh-hans": "zh-CN", "en": "en-GB"}[language]
        size = {"width": width, "height": 900}
        context = browser.new_context(
            **browser_context_args | {"locale": locale, "viewport": size, "color_scheme": theme}
        )
        context.set_default_timeout(60_000)
        opened.append(context)
        return signed_in(user, context) if user else context.new_page()

    yield opens
    for context in opened:
        context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_pages_break_no_rule(look, axe, live_server, keys, language, theme):
    page = look(language, theme, 1440)
    paths = [*MAIN, *(f"/{name}{keys[name]}/" for name in RECORDS)]
    assert wrong_with(page, axe, live_server, paths) == {}
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-bs-theme") == theme


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_before_the_door_break_no_rule(look, axe, live_server, language, theme):
    assert wrong_with(look(language, theme, 1440, user=None), axe, live_server, OUTSIDE) == {}


def test_the_pages_through_which_data_comes_and_goes_break_no_rule(look, axe, people, live_server, keys):
    """The rest of them, and other languages, themes and widths, are part of the matrix."""
    paths = pages_of_data(people.root)[:8]
    assert wrong_with(look("zh-hans", "light", 390), axe, live_server, paths) == {}


def opened(client, user, paths) -> list[str]:
    """The addresses that open as pages; those that only take a form do not."""
    client.force_login(user)
    answers = {path: client.get(path) for path in paths}
    return [path for path, one in answers.items() if one.status_code == 200 and "html" in one.headers["Content-Type"]]


@pytest.mark.matrix
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_every_width_and_breaks_no_rule(
    look, axe, client, people, live_server, keys, language, theme, width
):
    page = look(language, theme, width)
    paths = dict.fromkeys((*MAIN, *opened(client, people.root, addresses(keys)), *pages_of_data(people.root)))
    assert len(paths) > 60
    assert wrong_with(page, axe, live_server, paths) == {}
    page.context.clear_cookies()
    assert wrong_with(page, axe, live_server, OUTSIDE) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_data_dictionary_needs_no_scrolling_sideways(look, axe, live_server, width):
    page = look("zh-hans", "light", width)
    assert wrong_with(page, axe, live_server, ["/settings/fields/dictionary/"]) == {}
    assert page.locator("table.words tbody tr").count() > 100
    assert page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('main .tw'))") <= 0
