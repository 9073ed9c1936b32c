"""The ground of every PDF: fonts, measured and cut text, numbered pages with band, head and foot, painted shapes."""

import re
from functools import cache

from django.conf import settings
from django.utils.translation import gettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from reports.renderers.colours import TOKENS
from reports.wording import MOST, clean

WIDTH, HEIGHT = landscape(A4)
MARGIN, BAND = 34, 104
ROOM = WIDTH - 2 * MARGIN
PLAIN, BOLD = "SC", "SC-B"
FILES = {PLAIN: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-SemiBold.ttf"}
COLOURS = {name: HexColor(f"#{value}") for name, value in TOKENS.items()}
# A Latin word with what follows it, or one Chinese character with the marks that may not begin a line.
PIECES = re.compile(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef][，。、；：！？）」』】》〉]*\s*|\s+")
JOINERS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


@cache
def register_fonts(folder):
    """Once a process; every text of a PDF is set in these two, which are embedded as subsets."""
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, folder / file))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def printable(text):
    """The text with a box for each character that the font lacks (emoji, Arabic), so that one sees what is missing.

    Text without end is cut: breaking it into lines takes the square of its length, hours for 200,000 characters.
    """
    known = register_fonts(settings.FONTS_DIR)
    text = JOINERS.sub("", clean(text))
    text = text if len(text) <= MOST else f"{text[: MOST - 1]}…"
    return "".join(ch if ord(ch) in known else "□" for ch in text)


def measure(text, size, bold=False):
    return pdfmetrics.stringWidth(text, BOLD if bold else PLAIN, size)


def cut(text, room, size, bold=False):
    """The text, with an ellipsis where it does not fit."""
    text = printable(text)
    if measure(text, size, bold) <= room:
        return text
    while text and measure(text + "…", size, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text, room, size, bold=False, lines=2):
    """At most so many lines: Latin breaks between words, Chinese anywhere, the last line is cut."""
    text = printable(text)
    if measure(text, size, bold) <= room:
        return [text]
    wrapped, rest = [], text
    while rest and len(wrapped) < lines - 1:
        line = ""
        for piece in PIECES.findall(rest):
            if measure((line + piece).rstrip(), size, bold) > room:
                break
            line += piece
        while not line or measure(line.rstrip(), size, bold) > room:  # one word wider than the column
            line = line[:-1] if line else _head(rest, room, size, bold)
        wrapped.append(line.rstrip())
        rest = rest[len(line) :]
    return [*wrapped, cut(rest, room, size, bold)] if rest else wrapped


def _head(text, room, size, bold):
    """As many characters as fit, at least one."""
    end = 1
    while end < len(text) and measure(text[: end + 1], size, bold) <= room:
        end += 1
    return text[:end]


class NumberedCanvas(Canvas):
    """Keeps the pages until the end, so that every foot can say "page x of y"."""

    def __init__(self, *args, **options):
        # reportlab begins each page in Helvetica, which would then not be embedded
        super().__init__(*args, **{**options, "initialFontName": PLAIN})
        self._pages, self.foot = [], ""

    def showPage(self):
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        pages, foot = self._pages, self.foot
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            draw_foot(self, foot, number, len(pages))
            super().showPage()
        super().save()


def draw_foot(canvas, foot, number, pages):
    canvas.setStrokeColor(COLOURS["line"])
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 30, WIDTH - MARGIN, 30)
    page = gettext("Page %(page)s of %(pages)s") % {"page": number, "pages": pages}
    write(canvas, MARGIN, 18, cut(foot, ROOM - measure(page, 8) - 20, 8), 8, "text-3")
    write(canvas, WIDTH - MARGIN, 18, page, 8, "text-3", anchor="end")


def write(canvas, x, y, text, size, tone="text", bold=False, anchor="start"):
    canvas.setFont(BOLD if bold else PLAIN, size)
    canvas.setFillColor(COLOURS[tone])
    method = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}[anchor]
    method(x, y, text)


def draw_mark(canvas, x, y, size, tone):
    """The Banyan mark as a path: a grid of 16 units, y upwards."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(size / 16, size / 16)
    canvas.setFillColor(COLOURS[tone])
    path = canvas.beginPath()
    path.moveTo(1, 1)
    path.lineTo(1, 8)
    path.arcTo(1, 1, 15, 15, 180, -180)
    for inner, outer in ((9, 13), (3, 7)):
        path.lineTo(outer + (2 if outer == 13 else 0), 1)
        path.lineTo(outer, 1)
        path.lineTo(outer, 6)
        path.arcTo(inner, 4, outer, 8, 0, 180)
        path.lineTo(inner, 1)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def draw_cover(canvas, document, words):
    """The band of the first page."""
    canvas.setFillColor(COLOURS["primary"])
    canvas.rect(0, HEIGHT - BAND, WIDTH, BAND, stroke=0, fill=1)
    draw_mark(canvas, MARGIN, HEIGHT - 34, 15, "on-primary")
    write(canvas, MARGIN + 21, HEIGHT - 31, gettext("Banyan"), 10.5, "on-primary", True)
    left = WIDTH - 300 - MARGIN - 16
    write(canvas, MARGIN, HEIGHT - 66, cut(document.title, left, 23, True), 23, "on-primary", True)
    write(canvas, MARGIN, HEIGHT - 86, cut(document.period, left, 10.5), 10.5, "on-primary")
    facts = (
        (gettext("Scope"), document.scope),
        (gettext("For"), document.recipient),
        (gettext("Data as of"), words.as_of()),
        (gettext("Compared with"), document.compared_with),
    )
    for i, (label, value) in enumerate(facts):
        y = HEIGHT - 30 - i * 18.5
        write(canvas, WIDTH - 300, y, cut(label, 74, 9), 9, "on-quiet")
        write(canvas, WIDTH - 222, y, cut(value, 222 - MARGIN, 9), 9, "on-primary")


def draw_head(canvas, document):
    """The narrow head of later pages."""
    draw_mark(canvas, MARGIN, HEIGHT - 30, 11, "primary")
    write(canvas, MARGIN + 17, HEIGHT - 28, cut(document.title, ROOM / 2 - 30, 9.5, True), 9.5, "text", True)
    about = cut(f"{document.scope} · {document.period}", ROOM / 2, 9)
    write(canvas, WIDTH - MARGIN, HEIGHT - 28, about, 9, "text-3", anchor="end")
    canvas.setStrokeColor(COLOURS["line"])
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, HEIGHT - 37, WIDTH - MARGIN, HEIGHT - 37)


def paint(canvas, shapes, x, y):
    """Draws the shapes of a chart; x, y is its upper left corner on the page."""
    for shape in shapes:
        if shape.shape == "label":
            text = printable(shape.text)
            write(canvas, x + shape.x, y - shape.y, text, shape.size, shape.tone, shape.bold, shape.anchor)
        elif shape.shape == "rule":
            canvas.setStrokeColor(COLOURS[shape.tone])
            canvas.setLineWidth(0.5 if shape.dashed else 0.7)
            canvas.setDash((2, 2) if shape.dashed else ())
            canvas.line(x + shape.x1, y - shape.y1, x + shape.x2, y - shape.y2)
            canvas.setDash()
        else:
            canvas.setFillColor(COLOURS[shape.tone])
            _fill(canvas, shape, x, y)


def _fill(canvas, shape, x, y):
    if shape.shape == "box" and shape.radius:
        canvas.roundRect(
            x + shape.x, y - shape.y - shape.height, shape.width, shape.height, shape.radius, stroke=0, fill=1
        )
    elif shape.shape == "box":
        canvas.rect(x + shape.x, y - shape.y - shape.height, shape.width, shape.height, stroke=0, fill=1)
    else:
        path = canvas.beginPath()
        for i, (px, py) in enumerate(shape.points):
            (path.lineTo if i else path.moveTo)(x + px, y - py)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
