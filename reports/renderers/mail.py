"""A report document as a mail: the answer, the figures, what to look at first; HTML and text with the same content."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from reports.wording import Words, clean

FONTS = {
    "zh-hans": "'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif",
    "en": "'Segoe UI',Helvetica,Arial,sans-serif",
}


@dataclass(frozen=True)
class Attachment:
    """A file that goes with the mail: its name, "Excel" or "PDF", its size in bytes."""

    name: str
    label: str
    size: int


@dataclass(frozen=True)
class Links:
    """Where the recipient can open this run, and stop further mails; without a schedule there is nothing to stop."""

    open_url: str
    stop_url: str = ""


@dataclass(frozen=True)
class Mail:
    subject: str
    html: str
    text: str


def render_mail(document, links, attachments=(), name=""):
    """The mail in the document's language. name: whom it greets, where the document speaks to several people."""
    with translation.override(document.language):
        words = Words(document)
        context = {
            "document": document,
            "links": links,
            "name": name or document.recipient,
            "attachments": attachments,
            "subject": words.sentence(document.subject),
            "preview": words.sentence(document.preview),
            "headline": words.runs(document.headline),
            "headline_text": words.sentence(document.headline),
            "kpi_rows": kpi_rows([kpi_parts(kpi, words) for kpi in document.kpis]),
            "actions": action_parts(document, words),
            "foot": foot(document, words),
            "open_line": line(gettext("Open in Banyan"), links.open_url),
            "stop_line": line(gettext("Stop these mails"), links.stop_url),
            "font": FONTS.get(document.language, FONTS["en"]),
        }
        return Mail(
            subject=clean(context["subject"])[:200],
            html=render_to_string("emails/report.html", context),
            text=render_to_string("emails/report.txt", context),
        )


def kpi_parts(kpi, words):
    figure, change, before = words.kpi(kpi), words.kpi_change(kpi).text, words.kpi_before(kpi)
    told = gettext("%(figure)s (%(change)s, %(before)s)") % {"figure": figure, "change": change, "before": before}
    return {
        "label": kpi.label,
        "figure": figure,
        "change": change if before else "",
        "before": before,
        "tone": words.kpi_tone(kpi),
        "line": line(kpi.label, told if before else figure),
    }


def line(label, value):
    return gettext("%(label)s: %(value)s") % {"label": clean(label), "value": value}


def foot(document, words):
    data = gettext("Data as of %(moment)s") % {"moment": words.as_of()}
    if document.run is None:
        return data
    run = gettext("Run %(number)s") % {"number": document.run.number}
    return f"{data} · {run}"


def kpi_rows(kpis):
    """Two cells in the first row and three in the next for five figures; otherwise at most three a row."""
    first = 2 if len(kpis) % 3 == 2 or len(kpis) == 4 else 3
    rows = [kpis[:first]]
    rest = kpis[first:]
    width = 2 if len(kpis) == 4 else 3
    rows += [rest[start : start + width] for start in range(0, len(rest), width)]
    return [(100 // len(row), row) for row in rows if row]


def action_parts(document, words):
    if not document.actions:
        return []
    kind = document.actions.kind
    return [
        {
            "name": clean(i.name),
            "about": clean(i.about),
            "figure": words.short(i.value, kind),
            "why": clean(i.why),
            "url": i.url,
        }
        for i in document.actions.items[:3]
    ]
