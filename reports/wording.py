"""The words of a document: every renderer takes its text from here, so that a figure reads the same in every output."""

import re
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from crm import figures
from reports.document import Figure, Kind

PLACE = re.compile(r"%\((\w+)\)s")
# Control characters and bidirectional overrides: they break files, or make a text read as something else.
UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
MOST = 500  # characters of one text that are laid out; nothing on paper has room for more


def clean(text):
    """One line of printable text from whatever the data holds."""
    return " ".join(UNPRINTABLE.sub("", str(text)).split())


class Words:
    """Text of the values of one document. Its language must be active (translation.override) while this is used."""

    def __init__(self, document):
        self.document, self.currency, self.language = document, document.currency, document.language

    def long(self, value, kind, digits=None, signed=False):
        """As in tables: the whole figure."""
        if value is None or value == "":
            return figures.DASH
        if kind == Kind.MONEY:
            return figures.money(value, self.currency, self.language, digits or 0, signed)
        if kind == Kind.PERCENT:
            return figures.percent_of(value, 1 if digits is None else digits, signed)
        if kind in (Kind.COUNT, Kind.DAYS):
            return figures.number(value, digits or 0, signed)
        return figures.date_text(value) if kind == Kind.DATE else clean(value)

    def short(self, value, kind, digits=None, signed=False):
        """As on cards, in charts and in prose."""
        if kind == Kind.MONEY:
            return figures.short_money(value, self.currency, self.language, signed)
        return figures.days(value) if kind == Kind.DAYS else self.long(value, kind, digits, signed)

    def cell(self, value, column):
        return self.long(value, column.kind, column.digits, column.signed)

    def kpi(self, kpi):
        return self.short(kpi.value, kpi.kind, kpi.digits)

    def kpi_change(self, kpi):
        return figures.change(kpi.value, kpi.previous, kpi.kind.value)

    def kpi_tone(self, kpi):
        """green for good news, red for bad, else empty."""
        direction = self.kpi_change(kpi).direction
        if not direction or not kpi.better:
            return ""
        return "green" if (direction > 0) == (kpi.better == "up") else "red"

    def kpi_before(self, kpi):
        """last week ¥14.46M"""
        return (
            ""
            if kpi.previous is None
            else f"{self.document.previous_label} {self.short(kpi.previous, kpi.kind, kpi.digits)}"
        )

    def runs(self, sentence):
        """[(text, strong)] of a sentence."""
        runs, end = [], 0
        for place in PLACE.finditer(sentence.text):
            runs += [(sentence.text[end : place.start()], False), self._run(sentence.values[place[1]])]
            end = place.end()
        return [run for run in [*runs, (sentence.text[end:], False)] if run[0]]

    def _run(self, value):
        if not isinstance(value, Figure):
            return clean(value), False
        text = (self.short if value.short else self.long)(value.value, value.kind, value.digits, value.signed)
        return text, value.strong

    def sentence(self, sentence):
        return "".join(text for text, _strong in self.runs(sentence))

    def as_of(self):
        return self._in_zone(self.document.as_of)

    def made_at(self):
        return self._in_zone(self.document.run.made_at)

    def _in_zone(self, moment):
        text = figures.datetime_text(moment, zone=ZoneInfo(self.document.zone))
        return gettext("%(moment)s (%(zone)s)") % {"moment": text, "zone": self.document.zone}

    def rows(self):
        count = self.document.row_count
        return ngettext("%(count)s row", "%(count)s rows", count) % {"count": figures.number(count)}

    def filters(self):
        """One line for the foot of every page."""
        form = gettext("%(label)s %(operator)s %(value)s")
        parts = [form % {"label": f.label, "operator": f.operator, "value": f.value} for f in self.document.filters]
        joined = clean(gettext("; ").join(parts))
        return gettext("Filters: %(filters)s") % {"filters": joined} if joined else gettext("No filters")

    def axis(self, value, kind):
        if kind == Kind.PERCENT:
            return figures.percent_of(value, 0)
        return figures.tick(value, self.language)

    def share(self, part, whole):
        """A rate between two steps; whole per cents."""
        return figures.percent(part, whole, 0)


def nice_step(top, ticks=4):
    """The smallest step of 1, 2, 2.5 or 5 times a power of ten that reaches `top` in at most `ticks` steps."""
    top = Decimal(top)
    if top <= 0:
        return Decimal(1)
    power = Decimal(10) ** ((top / ticks).adjusted())
    for factor in ("1", "2", "2.5", "5", "10"):
        if power * Decimal(factor) * ticks >= top:
            return power * Decimal(factor)
    raise AssertionError("ten times the power of ten always reaches")
