"""A report document for the browser: texts for the template, charts as SVG, the same figures as everywhere."""

import unicodedata

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from crm.figures import split_unit
from reports.chart_tables import block_of
from reports.charts import Pen, draw
from reports.document import Level, Table
from reports.wording import Words, clean

# Sizes in the units of the layout; the page scales them up, so that the smallest letter is at least twelve pixels.
HALF, WHOLE = (370, 205), (760, 190)
MARKS = {"red": "bad", "amber": "warn", "green": "good"}
TONES = {
    "c1": "f1", "c2": "f2", "c3": "f3", "c4": "f4", "c5": "f5", "green": "ch-g", "red": "ch-r", "line": "ch-l",
    "on-primary": "w", "text": "tx", "text-2": "tx2", "text-3": "",
}  # fmt: skip


def page_parts(document):
    """What templates/reports/report.html shows. The document's language must be active."""
    words = Words(document)
    pen = Pen(words, measure)
    return {
        "document": document,
        "headline": words.runs(document.headline),
        "kpis": [kpi_parts(kpi, words) for kpi in document.kpis],
        "charts": [chart_parts(chart, HALF, pen) for chart in document.charts],
        "lists": [list_parts(short, words) for short in document.lists],
        "sections": [
            table_parts(section, words) if isinstance(section, Table) else chart_parts(section, WHOLE, pen)
            for section in document.sections
        ],
        "as_of": words.as_of(),
        "filters": words.filters(),
        "rows": words.rows(),
    }


def measure(text, size, bold):
    """About as wide as our page font sets it: a Chinese character is a square, a Latin one a little over half."""
    width = sum(1.0 if unicodedata.east_asian_width(ch) in "WF" else 0.56 for ch in text)
    return width * size * (1.05 if bold else 1)


def kpi_parts(kpi, words):
    figure, unit = split_unit(words.kpi(kpi))
    change = words.kpi_change(kpi)
    return {
        "label": kpi.label,
        "figure": figure,
        "unit": unit,
        "change": change.text if kpi.previous is not None else "",
        "before": words.kpi_before(kpi),
        "css": {"green": "up", "red": "down"}.get(words.kpi_tone(kpi), ""),
    }


def chart_parts(chart, size, pen):
    table = block_of(chart).table
    return {
        "kind": "chart",
        "title": chart.title,
        "note": chart.note,
        "svg": svg(draw(chart, *size, pen), *size),
        "numbers": table_parts(table, pen.words),
    }


def table_parts(table, words):
    return {
        "kind": "table",
        "title": table.title,
        "note": table.note,
        "empty": table.empty,
        "heads": [{"label": c.label, "css": "num" if c.is_right else ""} for c in table.columns],
        "rows": [row_parts(row, table.columns, words) for row in table.rows],
    }


def row_parts(row, columns, words):
    css = {Level.TOTAL: "total", Level.SUBTOTAL: "subtotal", Level.MEMBER: "member"}.get(row.level, "")
    cells = []
    for position, (value, column) in enumerate(zip(row.cells, columns, strict=True)):
        names = (
            "num" if column.is_right else "wr" if column.weight > 1.2 else "",
            MARKS.get(row.marks.get(position), ""),
            "b" if column.strong else "",
        )
        bar = round(min(1, max(0, value)) * 100) if column.bar and value is not None else None
        cells.append({"text": words.cell(value, column), "css": " ".join(filter(None, names)), "bar": bar})
    return {"css": css, "first": cells[0], "cells": cells[1:]}


def list_parts(short, words):
    items = [
        {"name": clean(i.name), "about": clean(i.about), "figure": words.short(i.value, short.kind), "url": i.url}
        for i in short.items
    ]
    return {"title": short.title, "items": items, "empty": short.empty}


def svg(shapes, width, height):
    """Colours are classes, sizes are presentation attributes: neither needs a style, and the dark theme follows."""
    inside = format_html_join("", "{}", ((element(shape),) for shape in shapes))
    return format_html(
        '<svg class="ch" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}</svg>', width, height, inside
    )


def element(shape):
    css = TONES.get(shape.tone, "")
    if shape.shape == "box":
        return format_html(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>',
            css, *numbers(shape.x, shape.y, shape.width, shape.height, shape.radius),
        )  # fmt: skip
    if shape.shape == "polygon":
        points = " ".join(",".join(map(str, numbers(x, y))) for x, y in shape.points)
        return format_html('<polygon class="{}" points="{}"/>', css, points)
    if shape.shape == "rule":
        dashes = mark_safe(' stroke-dasharray="2 2"') if shape.dashed else ""
        ends = numbers(shape.x1, shape.y1, shape.x2, shape.y2)
        return format_html('<line class="ax" x1="{}" y1="{}" x2="{}" y2="{}"{}/>', *ends, dashes)
    return format_html(
        '<text class="{}" x="{}" y="{}" font-size="{}" text-anchor="{}"{}>{}</text>',
        css, *numbers(shape.x, shape.y, shape.size), shape.anchor,
        mark_safe(' font-weight="600"') if shape.bold else "", shape.text,
    )  # fmt: skip


def numbers(*values):
    return [round(float(value), 1) for value in values]
