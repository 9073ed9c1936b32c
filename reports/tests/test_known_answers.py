"""The known answers of the sample company: won, lost, win rate and won value alike on page, in Excel and PDF."""

import io
import os
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from crm import figures, roles
from crm.models import Company, User
from reports.base import registry
from reports.periods import Span, period_of
from sales.tests.maven_twin import read, write_twin
from tests.cast import make_user

pytestmark = pytest.mark.django_db
SHARED = Path(os.environ.get("BANYAN_SHARED") or Path(__file__).resolve().parents[3] / "shared")
REAL = SHARED / "data/1_crm/maven/iso_dates_original"
IS_THERE = pytest.mark.skipif(not REAL.is_dir(), reason="the folder of shared sample data is not here")


@pytest.fixture
def twin(tmp_path):
    return load(write_twin(tmp_path / "maven"))


def load(folder):
    call_command("import_maven", str(folder), currency="USD", verbosity=0, stdout=io.StringIO())
    return folder


def analyst():
    return make_user("ann", None, Group.objects.get(name=roles.ANALYST))


def lines(folder, agents=None):
    found = read(folder, "sales_pipeline")
    return found if agents is None else [row for row in found if row["sales_agent"] in agents]


def expected(found):
    """(won, lost, win rate, won value) of lines of the file."""
    won = [row for row in found if row["deal_stage"] == "Won"]
    lost = [row for row in found if row["deal_stage"] == "Lost"]
    value = sum((D(row["close_value"]) for row in won), D(0))
    return len(won), len(lost), D(len(won)) / (len(won) + len(lost)), value


def outputs(client, user, slug):
    """(page, workbook, text of the PDF) of a report over all time, as the person gets them."""
    client.force_login(user)
    query = "?span=all" if slug == "win-loss" else ""
    page = client.get(reverse("report-page", args=[slug]) + query)
    pdf = PdfReader(io.BytesIO(client.get(reverse("report-file", args=[slug, "pdf"]) + query).getvalue()))
    excel = client.get(reverse("report-file", args=[slug, "xlsx"]) + query).getvalue()
    text = "\n".join(one.extract_text() for one in pdf.pages)
    return page.content.decode(), load_workbook(io.BytesIO(excel)), text


def check(client, user, found):
    """The four figures in all three outputs."""
    won, lost, rate, value = expected(found)
    page, book, text = outputs(client, user, "win-loss")
    summary = book.worksheets[0]
    in_excel = [summary.cell(7, 2 + 2 * position).value for position in range(4)]
    assert (in_excel[0], in_excel[1], D(str(in_excel[2])).quantize(D("0.0001")), in_excel[3]) == (
        won, lost, rate.quantize(D("0.0001")), value,
    )  # fmt: skip
    assert book.worksheets[1].max_row - 1 == won + lost
    told = figures.number(won), figures.number(lost), figures.percent_of(rate, 2), figures.money(value, "USD")
    for figure in told:
        assert figure in page
        assert figure in text
    assert f"{told[0]} of {figures.number(won + lost)} closed opportunities were won ({told[2]})" in " ".join(
        text.split()
    )
    return told


def test_an_analyst_gets_the_figures_of_the_file_everywhere(client, twin):
    check(client, analyst(), lines(twin))


def test_each_manager_gets_the_own_team_and_nothing_else(client, twin):
    agents = read(twin, "sales_teams")
    for manager in sorted({row["manager"] for row in agents}):
        team = {row["sales_agent"] for row in agents if row["manager"] == manager}
        check(client, User.objects.get(name=manager), lines(twin, team))


def test_an_agent_reads_only_the_own_opportunities_and_takes_none_out(client, twin):
    agent = User.objects.get(name=read(twin, "sales_teams")[0]["sales_agent"])
    won, lost, _rate, value = expected(lines(twin, {agent.name}))
    client.force_login(agent)
    page = client.get(reverse("report-page", args=["win-loss"]) + "?span=all")
    assert [kpi["figure"] for kpi in page.context["kpis"][:2]] == [figures.number(won), figures.number(lost)]
    assert figures.money(value, "USD") in page.content.decode()
    assert client.get(reverse("report-file", args=["win-loss", "pdf"])).status_code == 403


def test_the_open_pipeline_counts_what_has_no_amount(client, twin):
    found = [row for row in lines(twin) if row["deal_stage"] in ("Engaging", "Prospecting")]
    _page, book, text = outputs(client, analyst(), "sales-pipeline")
    assert len(found) > 0
    sheet = book.worksheets[0]
    top = next(cell.row for cell in sheet["B"] if cell.value == "By stage")
    total = next(row for row in range(top, top + 12) if sheet.cell(row, 2).value == "Total")
    assert [sheet.cell(total, column).value for column in (3, 4, 5)] == [len(found), len(found), 0]
    assert f"{len(found)} opportunities are open" in " ".join(text.split())
    assert book.worksheets[1].max_row - 1 == len(found)


@IS_THERE
def test_the_real_files_give_the_known_answers(client):
    folder = load(REAL)
    told = check(client, analyst(), lines(folder))
    assert told == ("4,238", "2,473", "63.15%", "USD 10,005,534")
    agents = read(folder, "sales_teams")
    managers = sorted({row["manager"] for row in agents})
    assert len(managers) == 6
    period = period_of(Span.ALL, Company.current())
    for manager in managers:
        team = {row["sales_agent"] for row in agents if row["manager"] == manager}
        document = registry["win-loss"].document(User.objects.get(name=manager), period)
        assert tuple(kpi.value for kpi in document.kpis[:4]) == expected(lines(folder, team))
