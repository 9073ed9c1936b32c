"""Excel, PDF and mail of a document made by hand: the same figures, safe text, embedded fonts, any number of rows."""

import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal as D

import pytest
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from crm import figures
from reports import document as d
from reports.renderers.colours import TOKENS
from reports.renderers.excel import render_excel
from reports.renderers.mail import Attachment, Links, kpi_rows, render_mail
from reports.renderers.pdf import render_pdf
from reports.tests.samples import sample_document
from reports.wording import Words

LANGUAGES = ("en", "zh-hans")
LINKS = Links("https://crm.example/reports/runs/417", "https://crm.example/stop")
HOSTILE = (
    "<b>bold</b>",
    "=1+1",
    "@SUM(A1)",
    "🙂👩‍💻",
    "שלום عربى",
    "a\x00b\x07c\u202ed",
    "“A & B” <script>",
    "很长的名字" * 60,
    "W" * 300,
)


def pdf_of(document):
    stream = io.BytesIO()
    render_pdf(document, stream)
    return PdfReader(io.BytesIO(stream.getvalue()))


def excel_of(document):
    stream = io.BytesIO()
    render_excel(document, stream)
    return load_workbook(io.BytesIO(stream.getvalue()))


def text_of(reader):
    return "\n".join(page.extract_text() for page in reader.pages)


def squeezed(text):
    return re.sub(r"\s", "", text)


def shown(cell):
    """What Excel shows for the formats that our KPI cells use."""
    value, pattern = D(str(cell.value)), cell.number_format.split(";")[0]
    prefix, suffix = re.match(r'^"([^"]*)"', pattern), re.search(r'"([^"]*)"$', pattern)
    body = pattern[prefix.end() if prefix else 0 : suffix.start() if suffix else None]
    scale = len(body) - len(body.rstrip(","))
    scaled = value / 1000**scale
    if "\\." in body:
        tail = len(body.rstrip(",").rpartition(".")[2])
        text = figures.number(figures.rounded(scaled) / 10**tail, tail)
    else:
        text = figures.number(scaled, len(body.rstrip(",").rpartition(".")[2]) if "." in body else 0)
    return f"{prefix[1] if prefix else ''}{text}{suffix[1] if suffix else ''}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_outputs_show_the_same_figures(language):
    document = sample_document(language)
    with translation.override(language):
        words = Words(document)
        expected = [words.kpi(kpi) for kpi in document.kpis]
    pdf, mail, sheet = text_of(pdf_of(document)), render_mail(document, LINKS), excel_of(document).worksheets[0]
    in_excel = [shown(sheet.cell(7, 2 + 2 * position)) for position in range(5)]
    assert expected[0] == {"en": "¥14.74M", "zh-hans": "¥1,473.5 万"}[language]
    assert in_excel == expected
    for figure in expected:
        assert squeezed(figure) in squeezed(pdf)
        assert figure in mail.html
        assert figure in mail.text
    assert "14,735,000" in pdf


def test_the_subject_and_the_sentence_of_the_mail_carry_the_answer():
    mail = render_mail(sample_document(), LINKS, [Attachment("a.xlsx", "Excel", 20316)])
    assert mail.subject == "Sales pipeline, week 47: ¥14.74M open"
    assert "The open pipeline stands at ¥14.74M, +1.9% on last week; won ¥1.80M." in mail.text
    assert "<b>¥14.74M</b>, <b>+1.9%</b> on last week; won ¥1.80M." in mail.html
    assert "a.xlsx" in mail.html
    assert "a.xlsx" in mail.text
    assert mail.text.count(LINKS.open_url) == mail.html.count(LINKS.open_url) == 1
    assert "R-20261123-0800-417" in mail.html


def test_a_mail_without_schedule_has_nothing_to_stop():
    mail = render_mail(sample_document(run=None), Links("https://crm.example/x"))
    assert "Stop these mails" not in mail.html + mail.text
    assert "lists you as a recipient" not in mail.html + mail.text


@pytest.mark.parametrize(("count", "rows"), [(5, [2, 3]), (4, [2, 2]), (3, [3]), (6, [3, 3]), (1, [1])])
def test_figures_of_a_mail_stand_in_rows_that_fit_600_pixels(count, rows):
    assert [len(row) for _width, row in kpi_rows(list(range(count)))] == rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_font_of_the_pdf_is_embedded(language):
    reader = pdf_of(sample_document(language))
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            entry = font.get_object()
            fonts[entry["/BaseFont"]] = entry
    assert {name.partition("+")[2] for name in fonts} == {"NotoSansSC-Regular", "NotoSansSC-SemiBold"}
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts.values())


def test_the_pdf_says_what_it_is_and_counts_its_pages():
    reader = pdf_of(sample_document())
    assert reader.metadata.title == "Sales pipeline · Week 47 · 16 to 22 November 2026"
    assert reader.metadata.author == "Banyan"
    assert reader.root_object["/Lang"] == "en"
    assert len(reader.pages) == 3
    width, height = reader.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (842, 595)
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of 3" in page.extract_text()
        assert "63 rows" in page.extract_text()


def test_a_table_of_a_thousand_rows_repeats_its_head_on_every_page():
    base = sample_document()
    long = replace(
        base.data, rows=tuple(d.Row((f"O-{n:06d}", "名" * (n % 50), "b", D(n), D("0.5"), n, None)) for n in range(1000))
    )
    pages = [page.extract_text() for page in pdf_of(replace(base, sections=(long,))).pages[1:]]
    pages_with_rows = [text for text in pages if "O-000" in text]
    assert len(pages_with_rows) > 30
    assert all("Days in stage" in text for text in pages_with_rows)
    assert sum(text.count("O-000") for text in pages) == 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_without_rows_is_still_whole(language):
    empty = sample_document(language, rows=0)
    charts = (replace(empty.charts[0], steps=()), replace(empty.charts[1], bars=()))
    kpis = tuple(replace(kpi, value=D(0), previous=D(0)) for kpi in empty.kpis)
    tables = tuple(replace(section, rows=()) for section in empty.sections if isinstance(section, d.Table))
    empty = replace(empty, charts=charts, kpis=kpis, sections=tables, lists=(), actions=None)
    assert empty.is_empty
    book, pdf = excel_of(empty), text_of(pdf_of(empty))
    with translation.override(language):
        nothing = translation.gettext("Nothing in this period")
    assert pdf.count(nothing) == 4
    assert book.worksheets[1]["A2"].value == nothing
    assert not book.worksheets[1].tables
    assert "¥0" in render_mail(empty, LINKS).text


def hostile_document(text):
    base = sample_document(rows=3)
    rows = tuple(replace(row, cells=(text, text, text, *row.cells[3:])) for row in base.data.rows)
    people = tuple(replace(row, cells=(text, *row.cells[1:])) for row in base.sections[0].rows)
    item = d.ListItem(text, text, D(1), text)
    return replace(
        base,
        title=text,
        scope=text,
        recipient=text,
        compared_with=text,
        headline=d.Sentence("%(who)s: %(open)s", {"who": text, "open": d.Figure(d.Kind.MONEY, D(5), strong=True)}),
        subject=d.Sentence("%(who)s", {"who": text}),
        charts=(
            replace(base.charts[1], bars=((text, base.charts[1].bars[0][1]),)),
            d.Bars(text, text, d.Kind.PERCENT, ((text, D("0.5"), text),)),
        ),
        lists=(d.ShortList(text, (item,)),) * 3,
        actions=d.ShortList(text, (item,)),
        sections=(replace(base.sections[0], title=text, rows=people), base.sections[1]),
        data=replace(base.data, rows=rows),
        filters=(d.Filter(text, text, text),),
        definitions=(d.Definition(text, text),),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_is_only_ever_text(text):
    document = hostile_document(text)
    assert len(pdf_of(document).pages) >= 2
    mail = render_mail(document, LINKS)
    assert "<script>" not in mail.html
    assert "<b>bold</b>" not in mail.html
    assert "\n" not in mail.subject
    book = excel_of(document)
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    name = book.worksheets[1]["B2"]
    if text == "=1+1":
        assert (name.value, name.data_type, name.quotePrefix) == ("=1+1", "s", True)


def test_markup_in_data_stands_in_the_pdf_as_written():
    text = text_of(pdf_of(hostile_document("<b>bold</b>")))
    assert text.count("<b>bold</b>") > 10


def test_characters_that_the_font_lacks_are_boxes_not_gaps():
    text = text_of(pdf_of(sample_document(title="x🙂ع")))
    assert "x□□" in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 200_000, id="one-word"),
        pytest.param("行\n" * 5_000, id="5000-lines"),
        pytest.param("e" + "\u0301" * 10_000, id="combining-marks"),
        pytest.param("𠀀𪚥 \u202eabc \x01\x1b 龘", id="rare-and-control"),
        pytest.param(
            '<img src="/etc/passwd"><font color="[[[x]]]"><a href="javascript:x">&<unichar code="1"', id="A39"
        ),
    ],
)
def test_a40_text_without_end_makes_a_pdf_all_the_same(text):
    """A39, A40: in every place of the document; without a limit this took hours."""
    reader = pdf_of(hostile_document(text))
    assert 2 <= len(reader.pages) < 40
    if "javascript" in text:
        assert squeezed('<img src="/etc/passwd">') in squeezed(text_of(reader))
        assert not any("/A" in mark.get_object() for page in reader.pages for mark in page.get("/Annots", ()) or ())
        assert all("/XObject" not in (page.get("/Resources") or {}) for page in reader.pages)


def test_the_workbook_holds_numbers_dates_and_one_table_but_no_formula():
    book = excel_of(sample_document())
    assert book.sheetnames == ["Summary", "Data", "Filters and run"]
    data = book["Data"]
    assert [cell.value for cell in data[1]] == [
        "Number",
        "Opportunity",
        "Customer",
        "Amount",
        "Win rate",
        "Days in stage",
        "Close date",
    ]
    assert data["D2"].value == 100_000
    assert data["D2"].number_format == '"¥"#,##0;"−¥"#,##0'
    assert data["D10"].value is None
    assert data["G2"].is_date
    assert data.tables["Report"].ref == "A1:G64"
    assert (data.freeze_panes, data.print_title_rows) == ("C2", "$1:$1")
    assert data.page_setup.orientation == "landscape"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_summary_has_native_charts_over_its_own_cells():
    stream = io.BytesIO()
    render_excel(sample_document(), stream)
    with zipfile.ZipFile(stream) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if "charts/chart" in name]
    assert len(charts) == 3
    assert "'Summary'!$F$12:$F$16" in charts[0]
    assert charts[1].count("<ser>") == 4
    assert "stacked" in charts[1]
    assert charts[2].count("<ser>") == 6
    assert "noFill" in charts[2]


def test_the_waterfall_of_the_workbook_adds_up_over_its_invisible_base():
    sheet = excel_of(sample_document())["Summary"]
    row = next(cell.row for cell in sheet["B"] if cell.value == "What changed") + 2
    parts = [[sheet.cell(row + step, column).value or 0 for column in range(3, 9)] for step in range(7)]
    assert parts[0] == [0, 14_457_000, 0, 0, 0, 0]
    assert parts[1] == [14_457_000, 0, 2_695_000, 0, 0, 0]
    assert parts[4] == [15_408_000, 0, 0, 0, 1_804_000, 0]
    assert parts[6] == [0, 14_735_000, 0, 0, 0, 0]


def test_the_last_sheet_says_how_the_report_was_made():
    sheet = excel_of(sample_document())["Filters and run"]
    facts = {row[1].value: row[3].value for row in sheet.iter_rows() if len(row) > 3 and row[1].value}
    assert facts["Status"] == "open"
    assert facts["Rights"] == "Computed with the rights of Wang Hao"
    assert facts["Made at"] == "2026-11-23 08:00 (Asia/Shanghai)"
    assert facts["Run number"] == "R-20261123-0800-417"
    assert facts["Rows"] == 63
    assert facts["Open pipeline"] == "sum of the opportunities open at the end of the period"


def test_marked_cells_are_tinted_and_sums_stand_on_their_own_ground():
    sheet = excel_of(sample_document())["Summary"]
    top = next(cell.row for cell in sheet["B"] if cell.value == "By owner") + 2
    assert sheet.cell(top, 5).fill.fgColor.rgb == f"00{TOKENS['red-bg']}"
    assert sheet.cell(top, 5).font.color.rgb == f"00{TOKENS['red-fg']}"
    assert sheet.cell(top + 3, 5).fill.fgColor.rgb == f"00{TOKENS['sunken']}"
    assert sheet.cell(top + 8, 2).fill.fgColor.rgb == f"00{TOKENS['primary-soft']}"


def test_columns_with_the_same_name_stay_apart_in_the_table_of_a_workbook():
    base = sample_document(rows=1)
    columns = (*base.data.columns[:5], d.TableColumn("amount", d.Kind.COUNT), d.TableColumn("", d.Kind.DATE))
    data = excel_of(replace(base, data=replace(base.data, columns=columns)))["Data"]
    assert [cell.value for cell in data[1]][3:] == ["Amount", "Win rate", "amount (6)", "7"]


def test_the_colours_of_files_are_the_light_tokens_of_the_style_sheet(settings):
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    light = css[: css.index("[data-bs-theme=dark]")]
    tokens = {name: value.lower() for name, value in re.findall(r"--([a-z0-9-]+):\s*#([0-9a-fA-F]{3,6})\b", light)}
    tokens = {name: value if len(value) == 6 else "".join(2 * ch for ch in value) for name, value in tokens.items()}
    ours = {name: value for name, value in TOKENS.items() if name not in ("on-quiet", "bar")}
    assert {name: tokens.get(name) for name in ours} == ours


def test_file_names_are_plain_and_tell_report_day_and_language():
    assert sample_document().file_name("xlsx") == "sales-pipeline.2026-11-22.en.xlsx"
    assert sample_document("zh-hans").file_name("pdf") == "sales-pipeline.2026-11-22.zh.pdf"
