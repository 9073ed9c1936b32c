"""Takes the pictures of README and guide from a running demo: .venv/bin/python -m docs.pictures [ADDRESS]."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from crm.devtools.chromium import chromium

HERE = Path(__file__).resolve().parent / "pictures"
WORD = "banyan-demo"
SIZE = {"width": 1440, "height": 900}
MOST_BYTES = 200_000
# (file, login, language, page; "FIRST" stands for the first record of the list)
PICTURES = (
    ("customers-zh", "lin", "zh-hans", "customers/"),
    ("customer-en", "emma", "en", "customers/FIRST"),
    ("board-zh", "lin", "zh-hans", "opportunities/board/"),
    ("report-en", "olivia", "en", "reports/sales-pipeline/?span=last_week"),
)


def sign_in(page, address, login, language):
    page.goto(f"{address}accounts/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", WORD)
    page.click("main button[type=submit]")
    page.wait_for_url(address)
    if page.get_attribute("html", "lang").lower() not in (language, language.partition("-")[0]):
        raise SystemExit(f"{login} reads {page.get_attribute('html', 'lang')} and not {language}; choose another login")


def open_page(page, address, path):
    folder = path.removesuffix("FIRST")
    page.goto(address + folder)
    if path.endswith("FIRST"):
        page.click("table.t tbody a.nm")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def keep(page, name):
    """Write the picture with 256 colours: flat pages lose nothing that one sees, and two thirds of their bytes."""
    HERE.mkdir(exist_ok=True)
    path = HERE / f"{name}.png"
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, method=Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def main(address):
    program = chromium() or sys.exit("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, login, language, path in PICTURES:
            context = browser.new_context(viewport=SIZE, color_scheme="light")
            page = context.new_page()
            sign_in(page, address, login, language)
            open_page(page, address, path)
            keep(page, name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/")
