"""A report document as PDF: A4 landscape, vector charts, two embedded fonts, heads repeated on every page."""

from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import Table as Grid

from reports.charts import Pen
from reports.document import Table
from reports.renderers.pdf_canvas import (
    BAND,
    BOLD,
    COLOURS,
    HEIGHT,
    MARGIN,
    PLAIN,
    ROOM,
    WIDTH,
    NumberedCanvas,
    cut,
    draw_cover,
    draw_head,
    measure,
    printable,
    register_fonts,
)
from reports.renderers.pdf_parts import KPI_HEIGHT, TIGHT_ROWS, ChartCard, KpiRow, data_table
from reports.wording import Words

NO_PADDING = [(side, (0, 0), (-1, -1), 0) for side in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")]
FIRST_PAGE, LATER_PAGE = HEIGHT - BAND - 46, HEIGHT - 84


def render_pdf(document, stream):
    """Writes the document to a binary stream."""
    register_fonts(settings.FONTS_DIR)
    with translation.override(document.language):
        words = Words(document)
        template = BaseDocTemplate(
            stream,
            pagesize=(WIDTH, HEIGHT),
            title=f"{document.title} · {document.period}",
            author="Banyan",
            subject=document.scope,
            lang="zh-CN" if document.language.startswith("zh") else "en",
        )
        rights = gettext("Computed with the rights of the recipient, for personal use")
        foot = f"{words.filters()} · {words.rows()} · {rights}"

        def cover(canvas, _template):
            canvas.foot = foot
            draw_cover(canvas, document, words)

        def later(canvas, _template):
            canvas.foot = foot
            draw_head(canvas, document)

        template.addPageTemplates(
            [
                PageTemplate("cover", Frame(MARGIN, 36, ROOM, FIRST_PAGE, 0, 0, 0, 0), onPage=cover),
                PageTemplate("later", Frame(MARGIN, 36, ROOM, LATER_PAGE, 0, 0, 0, 0), onPage=later),
            ]
        )
        template.build(story(document, words), canvasmaker=NumberedCanvas)


def story(document, words):
    pen = Pen(words, measure)
    flow = [NextPageTemplate("later"), *first_page(document, words, pen)]
    for position, section in enumerate(document.sections):
        begins_page = position == 0 or (isinstance(section, Table) and section.own_page)
        flow.append(PageBreak() if begins_page else Spacer(1, 14))
        if isinstance(section, Table):
            flow += table_section(section, words)
        else:
            flow.append(ChartCard(section, ROOM, 232, pen, least=142))
    return [*flow, Spacer(1, 12), *definitions(document)]


def first_page(document, words, pen):
    sentence = Paragraph(markup(words.runs(document.headline)), style(11))
    lists = lists_row(document.lists, words) if document.lists else None
    used = sentence.wrap(ROOM, HEIGHT)[1] + 9 + KPI_HEIGHT + 12 + (lists.wrap(ROOM, HEIGHT)[1] + 10 if lists else 0)
    flow = [sentence, Spacer(1, 9), KpiRow(document.kpis, words), Spacer(1, 12)]
    if document.charts:
        flow.append(charts_row(document.charts, max(165, min(300, FIRST_PAGE - used - 2)), pen))
    return [*flow, Spacer(1, 10), lists] if lists else flow


def charts_row(charts, height, pen):
    gap = 12
    width = (ROOM - gap * (len(charts) - 1)) / len(charts)
    cards = [ChartCard(chart, width, height, pen) for chart in charts]
    widths = [width + gap] * (len(charts) - 1) + [width]
    return Grid([cards], widths, style=[("FONT", (0, 0), (-1, -1), PLAIN, 9), *NO_PADDING])


def lists_row(lists, words):
    gap = 20
    width = (ROOM - gap * (len(lists) - 1)) / len(lists)
    cells = [short_list(short, width, words) for short in lists]
    widths = [width + gap] * (len(lists) - 1) + [width]
    top = ("VALIGN", (0, 0), (-1, -1), "TOP")
    return Grid([cells], widths, style=[("FONT", (0, 0), (-1, -1), PLAIN, 9), top, *NO_PADDING], hAlign="LEFT")


def short_list(short, width, words):
    """Three items at most: what, whom, how much."""
    figures = 78
    rows = [[Paragraph(escape(printable(short.title)), style(10, bold=True)), ""]]
    for item in short.items[:3]:
        name, about = cut(item.name, width - figures, 8.5), cut(item.about, width - figures - 8, 8)
        text = f'{escape(name)} <font color="#{COLOURS["text-3"].hexval()[2:]}" size="8">{escape(about)}</font>'
        figure = Paragraph(escape(words.short(item.value, short.kind)), style(8.5, bold=True, alignment=TA_RIGHT))
        rows.append([Paragraph(text, style(8.5)), figure])
    if not short.items:
        rows.append([Paragraph(escape(printable(short.empty or gettext("None"))), style(8.5, "text-3")), ""])
    lines = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, COLOURS["line-2"]),
        ("LINEBELOW", (0, 1), (-1, -2), 0.5, COLOURS["line"]),
    ]
    pads = [("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5)]
    middle = ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
    look = [("FONT", (0, 0), (-1, -1), PLAIN, 9), middle, *lines, *NO_PADDING, *pads]
    return Grid(rows, [width - figures, figures], style=look, hAlign="LEFT")


def table_section(table, words):
    title, note = cut(table.title, ROOM / 2, 12, True), cut(table.note, ROOM / 2 - 20, 8.5)
    head = (
        f'<font name="{BOLD}" size="12">{escape(title)}</font>&nbsp;&nbsp;'
        f'<font size="8.5" color="#{COLOURS["text-3"].hexval()[2:]}">{escape(note)}</font>'
    )
    heading = Paragraph(head, style(12, spaceAfter=5))
    grid = data_table(table, words)
    if grid is None:
        nothing = Paragraph(escape(printable(table.empty or gettext("Nothing in this period"))), style(9, "text-3"))
        return [CondPageBreak(60), heading, nothing]
    together = 25 + sum(grid.heights) if len(grid.heights) <= TIGHT_ROWS else 110
    return [CondPageBreak(together), heading, grid]


def definitions(document):
    if not document.definitions:
        return []
    meanings = " ".join(
        gettext("%(term)s: %(meaning)s.") % {"term": d.term, "meaning": d.meaning} for d in document.definitions
    )
    text = f'<font name="{BOLD}">{escape(gettext("Definitions"))}</font>&nbsp;&nbsp;{escape(printable(meanings))}'
    return [KeepTogether([Paragraph(text, style(8.5, "text-2"))])]


def markup(runs):
    """Escaped text of a sentence; what is strong stands in <b>."""
    return "".join(
        f"<b>{escape(printable_run(text))}</b>" if strong else escape(printable_run(text)) for text, strong in runs
    )


def printable_run(text):
    """As printable, but the spaces at the ends of a run are part of the sentence."""
    head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{head}{printable(text)}{tail}" if text.strip() else text


def style(size=9, tone="text", bold=False, **options):
    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.45,
        textColor=COLOURS[tone],
        wordWrap="CJK",
        **options,
    )
