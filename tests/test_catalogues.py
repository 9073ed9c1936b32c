"""The collector of translatable strings finds what Django translates, and keeps what people translated."""

import pytest

from crm.devtools import catalogues


def of_template(source):
    return list(catalogues.extracted(catalogues.as_python(source).encode()))


def of_python(source):
    return list(catalogues.extracted(source.encode()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% translate "Save" %}', [("Save", None)]),
        ("{% trans 'Save' as label %}", [("Save", None)]),
        ('{% translate "Open" context "verb" %}', [("Open", "verb")]),
        ('{% translate "Save 50%" %}', [("Save 50%%", None)]),
        ('{{ x|default:_("None yet") }}', [("None yet", None)]),
        ('{% include "a.html" with title=_("A title") %}', [("A title", None)]),
        ("{% include 'a.html' with note=_('Say \"hi\"') %}", [('Say "hi"', None)]),
        ("{% blocktranslate with a=b.c %}Hello {{ a }}, 5%{% endblocktranslate %}", [("Hello %(a)s, 5%%", None)]),
        ("{% blocktranslate trimmed asvar x %}\n  One\n  line\n{% endblocktranslate %}", [("One line", None)]),
        (
            "{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}",
            [(("%(n)s row", "%(n)s rows"), None)],
        ),
        ('{# {% translate "Gone" %} #}{% comment %}{% translate "Gone" %}{% endcomment %}', []),
        ('<p class="it\'s"># x</p>\n   {# Translators: a hint #}\n {% translate "After" %}', [("After", None)]),
    ],
)
def test_a_template_gives_its_strings(source, expected):
    assert of_template(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('_("Customer")', [("Customer", None)]),
        ('gettext_lazy("a long " "text")', [("a long text", None)]),
        ('ngettext("%(n)s row", "%(n)s rows", n)', [(("%(n)s row", "%(n)s rows"), None)]),
        ('pgettext("verb", "Open")', [("Open", "verb")]),
        ('ngettext_lazy("row", "rows", "n")', [(("row", "rows"), None)]),
        ('"not marked"', []),
    ],
)
def test_python_gives_its_strings(source, expected):
    assert of_python(source) == expected


@pytest.fixture
def sources(monkeypatch):
    """Sources that a test decides upon."""
    strings = [("Customer", None), (("%(n)s row", "%(n)s rows"), None), ("Open", "verb")]
    monkeypatch.setattr(catalogues, "found", lambda: iter(strings))
    return strings


def test_translations_are_filled_in_and_kept(sources):
    catalogue = catalogues.merged(catalogues.empty_catalogue())
    assert catalogues.missing(catalogue) == ["Customer", "%(n)s row", "Open"]
    unknown = catalogues.fill(catalogue, {"Customer": "客户", "%(n)s row": "%(n)s 行", "Nobody says this": "无"})
    assert unknown == ["Nobody says this"]
    again = catalogues.merged(catalogue)
    assert catalogues.missing(again) == ["Open"]
    assert catalogues.translation(again.get("%(n)s row")) == "%(n)s 行"


def test_a_string_that_left_the_sources_leaves_the_file_and_a_fuzzy_guess_is_not_taken_over(sources):
    catalogue = catalogues.merged(catalogues.empty_catalogue())
    catalogues.fill(catalogue, {"Customer": "客户", "Open": "打开"})
    catalogue.get("Open", "verb").flags.add("fuzzy")
    del sources[0]
    again = catalogues.merged(catalogue)
    assert catalogues.missing(again) == ["%(n)s row", "Open"]
    assert "客户" not in catalogues.text_of(again)


def test_the_file_names_no_places_and_no_dates_that_change(sources):
    text = catalogues.text_of(catalogues.merged(catalogues.empty_catalogue()))
    assert "#:" not in text
    assert "Generated-By" not in text
    assert '"POT-Creation-Date: 2026-01-01 00:00+0000\\n"' in text
