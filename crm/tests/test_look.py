"""The look as rules: nothing inline, contrast of the tokens, bytes, icons, classes that exist."""

import gzip
import re

import pytest
from django.conf import settings

from crm import events
from crm.entities import registry
from tests import budgets

ROOT = settings.BASE_DIR
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts)
CSS = [ROOT / "static/css" / name for name in ("tokens.css", "components.css", "pages.css", "bulk.css")]
VENDOR = ROOT / "build/static/vendor"
SOURCES = [
    path
    for app in ("crm", "customers", "sales", "marketing", "service", "reports")
    for path in (ROOT / app).rglob("*.py")
    if not {"tests", "migrations", "devtools"} & set(path.parts)
]
INLINE = re.compile(
    r"<style|\sstyle=|\son(?!ly=)[a-z]+=|javascript:|hx-on|hx-vals=.js:|<script(?![^>]*\ssrc=)", re.IGNORECASE
)


def relative(path):
    return str(path.relative_to(ROOT))


# --- the content security policy ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_has_no_inline_style_script_or_handler(path):
    assert INLINE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_is_at_most_120_lines_long(path):
    assert len(path.read_text("utf-8").splitlines()) <= 120


@pytest.mark.parametrize("text", ['<p style="x">', "<style>", '<a onclick="x">', "<script>", "<b hx-on:click='x'>"])
def test_inline_code_is_seen(text):
    assert INLINE.search(text)


# --- contrast -------------------------------------------------------------------------------------------------------

TEXT, GRAPHIC = 4.5, 3.0
TONES = ("green", "amber", "red", "blue", "violet", "teal", "gray")
GROUNDS = ("canvas", "surface", "side", "sunken", "hover", "active")
PAIRS = [
    *((text, ground, TEXT) for text in ("text", "text-2") for ground in (*GROUNDS, "primary-soft")),
    *(("text-3", ground, TEXT) for ground in ("canvas", "surface", "side", "sunken", "hover", "primary-soft")),
    *(("primary-text", ground, TEXT) for ground in ("canvas", "surface", "sunken", "hover", "primary-soft")),
    ("on-primary", "primary", TEXT),
    ("on-primary", "primary-h", TEXT),
    *((text, "float", TEXT) for text in ("on-float", "float-2", "float-3", "float-link")),
    *((f"{tone}-fg", f"{tone}-bg", TEXT) for tone in TONES),
    ("red-fg", "surface", TEXT),
    ("red-fg", "hover", TEXT),
    ("green-fg", "surface", TEXT),
    ("amber-fg", "surface", TEXT),
    *(("field-line", ground, GRAPHIC) for ground in ("surface", "canvas")),
    *(("focus", ground, GRAPHIC) for ground in ("surface", "canvas", "side", "primary-soft")),
    *((f"c{number}", "surface", GRAPHIC) for number in range(1, 6)),
]


def tokens(theme):
    """{name: colour} of one theme; what the dark theme does not name is as in the light one."""
    css = CSS[0].read_text("utf-8")
    light = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", block(css, ":root, [data-bs-theme=light] {")))
    if theme == "light":
        return light
    return light | dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", block(css, "[data-bs-theme=dark] {")))


def block(css, head):
    start = css.index(f"\n{head}") + 1
    return css[start : css.index("\n}", start)]


def luminance(colour):
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_says():
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tokens_have_enough_contrast(theme):
    colours = tokens(theme)
    weak = {
        (one, other): round(contrast(colours[one], colours[other]), 2)
        for one, other, least in PAIRS
        if contrast(colours[one], colours[other]) < least
    }
    assert weak == {}


@pytest.mark.parametrize("path", CSS[1:], ids=relative)
def test_colours_stand_in_the_tokens_alone(path):
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text("utf-8")) == []


# --- bytes ----------------------------------------------------------------------------------------------------------


def packed(*paths):
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def scripts(*names):
    return [ROOT / "static/js" / name for name in names]


def test_styles_scripts_and_font_stay_in_their_budgets():
    everywhere = [*scripts("theme.js", "shell.js", "forms.js", "list.js"), VENDOR / "htmx.min.js"]
    board = [*everywhere, *scripts("board.js"), VENDOR / "sortable.min.js"]
    assert packed(VENDOR / "bootstrap.min.css", *CSS) <= budgets.CSS_BYTES
    assert packed(*everywhere) <= budgets.JS_BYTES
    assert packed(*board) <= budgets.BOARD_JS_BYTES
    assert (VENDOR / "inter-latin-wght-normal.woff2").stat().st_size <= budgets.FONT_BYTES


@pytest.mark.parametrize("path", CSS, ids=relative)
def test_a_style_sheet_is_at_most_500_lines_long(path):
    assert len(path.read_text("utf-8").splitlines()) <= 500


# --- icons and classes ----------------------------------------------------------------------------------------------


def icon_names():
    return (ROOT / "static/icons.txt").read_text("utf-8").split()


def test_every_icon_that_is_named_is_in_the_sprite():
    named = {entity.icon for entity in registry.values()} | {event.icon for event in events.registry.values()}
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', text)) | set(re.findall(r'\bicon="([a-z0-9-]+)"', text))
    for path in SOURCES:
        named |= set(re.findall(r'\bicon=\s*"([a-z0-9-]+)"', path.read_text("utf-8")))
        named |= set(re.findall(r'\bNote\(\s*"([a-z0-9-]+)"', path.read_text("utf-8")))
    assert named - set(icon_names()) == set()


def test_the_list_of_icons_is_sorted_and_has_no_icon_twice():
    assert icon_names() == sorted(set(icon_names()))


def test_the_classes_of_the_templates_exist_in_the_style_sheets():
    styles = "\n".join(path.read_text("utf-8") for path in [*CSS, VENDOR / "bootstrap.min.css"])
    known = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", styles))
    unknown = {}
    for path in TEMPLATES:
        for value in re.findall(r'\bclass="([^"]*)"', path.read_text("utf-8")):
            plain = re.sub(r"{[{%].*?[%}]}", " ", value)
            for name in set(plain.split()) - known:
                unknown.setdefault(name, relative(path))
    assert unknown == {}
