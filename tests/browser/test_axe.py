"""Whole pages in a real browser under axe-core: no violation in any language, theme and width, and nothing spills."""

import pytest

from crm.models import User
from tests.pages import addresses, make_rows

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
LANGUAGES, THEMES, WIDTHS = ("zh-hans", "en"), ("light", "dark"), (390, 820, 1440)
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


def looked_at(page, axe, url) -> list[str]:
    """What is wrong with one page: broken rules, width, errors of script and content policy."""
    complaints = []

    def hear(message):
        if message.type == "error" and "status of 404" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    status = page.goto(url).status
    page.wait_for_load_state("networkidle")
    if status != (404 if url.endswith("/nothing/") else 200):
        complaints.append(f"status {status}")
    page.remove_listener("console", hear)
    wide = page.evaluate("[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]")
    if wide[0] > wide[1]:
        complaints.append(f"{wide[0]} wide in {wide[1]}")
    return complaints + told(axe(page, **RULES))


def wrong_with(page, axe, live_server, paths) -> dict[str, list[str]]:
    found = {path: looked_at(page, axe, f"{live_server.url}{path}") for path in paths}
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
        opened.append(context)
        page = signed_in(user, context) if user else context.new_page()
        page.set_default_timeout(60_000)
        return page

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
    paths = dict.fromkeys((*MAIN, *opened(client, people.root, addresses(keys))))
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
