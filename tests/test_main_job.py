"""The main job, once and whole: the files come in, everybody sees the own part, Monday's mail brings it to managers.

What reports/tests prove of a report (page, Excel and PDF alike) is called here, not written again.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core import mail as sent_mail
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext
from openpyxl import load_workbook
from pypdf import PdfReader

from crm import figures, jobs, mail, roles
from crm.files import open_file
from crm.models import OutboxMessage, User
from reports import services
from reports.models import ReportRun
from reports.tests.factories import make_schedule
from reports.tests.test_known_answers import IS_THERE, REAL, check, expected, lines, load, outputs
from sales.models import Opportunity, Pipeline
from sales.tests.maven_twin import read, write_twin
from tests.cast import make_user

pytestmark = pytest.mark.django_db
LIST, EXPORT, BOARD = "/opportunities/", "/opportunities/export/", "/opportunities/board/"
STAGES = ("Prospecting", "Engaging", "Won", "Lost")
DAY_AND_TIME = "Monday 08:00"


@dataclass(frozen=True)
class Story:
    """The folder that was loaded, read again without any code of ours."""

    folder: Path
    analyst: User
    outsider: User

    @property
    def all_lines(self) -> list[dict]:
        return lines(self.folder)

    @property
    def teams(self) -> dict[str, set[str]]:
        """{manager: names of the agents}."""
        found: dict[str, set[str]] = {}
        for row in read(self.folder, "sales_teams"):
            found.setdefault(row["manager"], set()).add(row["sales_agent"])
        return found

    @property
    def rep(self) -> str:
        return read(self.folder, "sales_teams")[0]["sales_agent"]

    @property
    def everybody(self) -> list[tuple[User, list[dict]]]:
        """(person, the lines that this person may see) of the whole cast."""
        managers = [(person(name), lines(self.folder, team)) for name, team in sorted(self.teams.items())]
        rep = (person(self.rep), lines(self.folder, {self.rep}))
        return [(self.analyst, self.all_lines), *managers, rep, (self.outsider, [])]

    @property
    def takers(self) -> list[tuple[User, list[dict]]]:
        """Those of the cast who may take records out."""
        return [pair for pair in self.everybody if pair[0].name not in (self.rep, self.outsider.name)]


def person(name) -> User:
    return User.objects.get(name=name)


def begin(folder) -> Story:
    load(folder)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does outside of a test's transaction
    analyst = make_user("ann", None, Group.objects.get(name=roles.ANALYST))
    return Story(folder, analyst, make_user("dave"))


@pytest.fixture(autouse=True)
def alone(settings, tmp_path, monkeypatch):
    """Files in a folder of their own; no worker is woken, the tests do what is queued."""
    settings.FILES_DIR = tmp_path / "files"
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)


@pytest.fixture
def story(tmp_path) -> Story:
    return begin(write_twin(tmp_path / "maven"))


def capped(number: int) -> str:
    """A count as a list shows it: no further than a thousand."""
    return figures.number(number) if number <= 1000 else "1,000+"


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


# -- what everybody sees ----------------------------------------------------------------------------------------------


def check_lists(client, story):
    """Count, search and record pages; a search finds by the name of the account that every opportunity carries."""
    account = next(row["account"] for row in story.all_lines if row["account"])
    for user, seen in story.everybody:
        client.force_login(user)
        page, found = client.get(LIST), client.get(LIST, {"q": f"{account} "})
        assert page.context["may_see"] is (user != story.outsider)
        if user == story.outsider:
            assert b"/opportunities/1" not in page.content
            continue
        assert page.context["listing"].count_text == capped(len(seen)), user
        assert found.context["listing"].count_text == capped(sum(row["account"] == account for row in seen)), user


def check_search(client, story):
    """The search box finds an opportunity for whoever sees it, and for nobody else."""
    wanted = next(row for row in story.all_lines if not row["account"])  # those are called after their number
    address = f'"{LIST}{Opportunity.objects.get(external_ref=wanted["opportunity_id"]).pk}/"'
    for user, seen in story.everybody:
        client.force_login(user)
        page = client.get("/search/", {"q": wanted["opportunity_id"]}).content.decode()
        assert (address in page) is (wanted in seen), user


def check_records(client, story):
    """One record of each agent: its page opens for those who see its line, and is not there for all others."""
    firsts = {row["sales_agent"]: row for row in reversed(story.all_lines)}
    keys = dict(Opportunity.objects.values_list("external_ref", "pk"))
    for user, seen in story.everybody:
        client.force_login(user)
        refs = {row["opportunity_id"] for row in seen}
        for row in firsts.values():
            status = client.get(f"{LIST}{keys[row['opportunity_id']]}/").status_code
            assert status == (200 if row["opportunity_id"] in refs else 404), (user, row)


def table_of(content: bytes, kind: str) -> list[dict]:
    """The rows of an exported file by their headings."""
    if kind == "csv":
        heads, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    else:
        heads, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip((head.capitalize() for head in heads), row, strict=True)) for row in rows]


def exported(client, kind) -> list[dict]:
    """What the person takes out of the whole list: at once, or by a job when it is long."""
    response = client.post(f"{EXPORT}?columns=name,stage,amount,owner,number", {"format": kind})
    if response.status_code == 303:
        job = jobs.Job.objects.latest("pk")
        assert jobs.run(job.pk)
        job.refresh_from_db()
        with open_file(job.file) as file:
            return table_of(file.read(), kind)
    assert response.status_code == 200
    return table_of(response.getvalue(), kind)


def tallied(rows, name, stage, amount) -> Counter:
    """{(owner, stage, amount): number} of rows."""
    return Counter(
        (row[name], row[stage], D(str(row[amount])) if row[amount] not in ("", None) else None) for row in rows
    )


def check_exports(client, story, kinds=("csv", "xlsx")):
    """Row for row: owner, stage and amount of what is taken out are those of the person's lines."""
    for user, seen in story.everybody:
        client.force_login(user)
        if (user, seen) not in story.takers:
            assert {client.post(EXPORT, {"format": kind}).status_code for kind in kinds} == {403}
            continue
        for kind in kinds:
            rows = exported(client, kind)
            assert tallied(rows, "Owner", "Stage", "Amount") == tallied(
                seen, "sales_agent", "deal_stage", "close_value"
            ), (user, kind)
            assert len({row["Number"] for row in rows}) == len(seen)


def check_boards(client, story):
    """Cards are counted and summed by stage, as text of the one money function."""
    pipeline = Pipeline.objects.get(code="maven")
    for user, seen in story.everybody:
        client.force_login(user)
        page = client.get(BOARD, {"pipeline": pipeline.pk})
        if user == story.outsider:
            assert "columns" not in page.context
            continue
        found = {str(one.column.label): one for one in page.context["columns"]}
        assert set(found) == set(STAGES)
        for stage in STAGES:
            of_stage = [row for row in seen if row["deal_stage"] == stage]
            value = sum((D(row["close_value"]) for row in of_stage if row["close_value"]), D(0))
            assert found[stage].count == figures.number(len(of_stage)), (user, stage)
            assert found[stage].head[0] == figures.short_money(value, "USD", "en"), (user, stage)
            assert {card.person for card in found[stage].cards} <= {row["sales_agent"] for row in of_stage}
        assert found["Won"].head[0] in page.content.decode()


def check_reports(client, story):
    """Page, Excel and PDF; a rep reads the page, and without a role there is none."""
    for user, seen in story.takers:
        check(client, user, seen)
    won, lost, rate, value = expected(lines(story.folder, {story.rep}))
    client.force_login(person(story.rep))
    page = client.get("/reports/win-loss/?span=all").content.decode()
    told = figures.number(won), figures.number(lost), figures.percent_of(rate, 2), figures.money(value, "USD")
    assert [text for text in told if text not in page] == []
    assert client.get("/reports/win-loss/file/xlsx/?span=all").status_code == 403
    client.force_login(story.outsider)
    assert client.get("/reports/win-loss/?span=all").status_code == 403


CHECKS = (check_lists, check_search, check_records, check_exports, check_boards, check_reports)


@pytest.mark.parametrize("checked", CHECKS, ids=lambda one: one.__name__)
def test_everybody_sees_the_own_part_of_the_files_everywhere(client, story, checked):
    checked(client, story)


def test_a_rep_meets_no_colleagues_deal_in_any_list_search_or_board(client, story):
    rep = person(story.rep)
    client.force_login(rep)
    others = set().union(*story.teams.values()) - {rep.name}
    for address in (LIST, f"{BOARD}?pipeline={Pipeline.objects.get(code='maven').pk}", "/search/?q=account", "/"):
        page = client.get(address).content.decode()
        assert [name for name in sorted(others) if name in page] == [], address


def test_without_a_role_there_is_nothing_anywhere(client, story):
    client.force_login(story.outsider)
    names = {row["account"] for row in read(story.folder, "accounts")} | {
        row["opportunity_id"] for row in story.all_lines
    }
    for address in (LIST, BOARD, "/customers/", "/search/?q=account", "/search/?q=T00", "/"):
        page = client.get(address).content.decode()
        assert [name for name in sorted(names) if name in page] == [], address
    for path in (f"/customers/{pk}/" for pk in range(1, 20)):
        assert client.get(path).status_code == 404


# -- Monday -----------------------------------------------------------------------------------------------------------


def schedule_of_managers(story, report, period):
    """Mondays at eight in Shanghai, to everybody with the role of a manager; kept by an Administrator."""
    head = make_user("head", None, Group.objects.get(name=roles.ADMINISTRATOR))
    schedule = make_schedule(
        head, report=report, period=period, weekdays=[0], time_zone="Asia/Shanghai",
        roles=[Group.objects.get(name=roles.SALES_MANAGER)],
    )  # fmt: skip
    schedule.plan_next(after=timezone.now() + timedelta(hours=8))  # so that last week holds the present moment then
    schedule.save(update_fields=["next_at"])
    for place, name in enumerate(sorted(story.teams)):
        User.objects.filter(name=name).update(language=("en", "zh-hans")[place % 2])
    return schedule


def monday(schedule) -> ReportRun:
    """The clock ticks before, at and after the moment; the run is carried out and its mails are sent."""
    at = schedule.next_at
    assert timezone.localtime(at, schedule.zone).strftime("%A %H:%M") == DAY_AND_TIME
    ticks = [services.start_due_schedules(at + timedelta(seconds=late)) for late in (-1, 0, 60)]
    assert ticks == [0, 1, 0]
    run = ReportRun.objects.get()
    assert jobs.run(run.job_id)
    for key in OutboxMessage.objects.filter(state="queued").values_list("pk", flat=True):
        assert mail.send(key)
    assert services.start_due_schedules(at + timedelta(seconds=120)) == 0
    assert (ReportRun.objects.count(), jobs.run(run.job_id)) == (1, False)
    return run


def received(run) -> dict[str, tuple]:
    """{manager: (mail as sent, workbook, text of the PDF)}."""
    mails = {one.to[0]: one for one in sent_mail.outbox}
    found = {}
    for copy in run.copies.select_related("user", "message"):
        assert copy.message.state == "sent"
        letter = mails.pop(copy.user.email)
        files = {name.rpartition(".")[2]: content for name, content, _type in letter.attachments}
        assert sorted(files) == ["pdf", "xlsx"]
        found[copy.user.name] = (letter, load_workbook(io.BytesIO(files["xlsx"])), pdf_text(files["pdf"]))
    assert mails == {}
    return found


def texts_of(letter, book, pdf) -> list[str]:
    """Everything that can be read in a mail and its files."""
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    html = [part.content for part in letter.alternatives]
    return [squeezed(text) for text in (letter.subject, letter.body, *html, "\n".join(cells), pdf)]


def check_nobody_gets_anothers(story, found):
    assert set(found) == set(story.teams)
    for manager, parts in found.items():
        own = story.teams[manager]
        strangers = set().union(*story.teams.values()) - own
        texts = texts_of(*parts)
        assert [name for name in sorted(strangers) if any(squeezed(name) in text for text in texts)] == [], manager
        assert any(squeezed(name) in texts[3] for name in own)


def check_language(manager, letter, book, pdf):
    """Mail, workbook and PDF speak the language of who gets them."""
    english = person(manager).language == "en"
    assert ("Hello" in letter.body) is english
    assert (book.sheetnames[0] == "Summary") is english
    assert ("Page 1 of" in " ".join(pdf.split())) is english


def check_win_loss_mails(story):
    run = monday(schedule_of_managers(story, "win-loss", "all"))
    found = received(run)
    for manager, (letter, book, pdf) in found.items():
        won, lost, rate, value = expected(lines(story.folder, story.teams[manager]))
        summary = book.worksheets[0]
        in_excel = [summary.cell(7, 2 + 2 * position).value for position in range(4)]
        assert (in_excel[0], in_excel[1], in_excel[3]) == (won, lost, value)
        assert D(str(in_excel[2])).quantize(D("0.0001")) == rate.quantize(D("0.0001"))
        assert book.worksheets[1].max_row - 1 == won + lost
        told = figures.number(won), figures.number(lost), figures.percent_of(rate, 2), figures.money(value, "USD")
        html = letter.alternatives[0].content
        for figure in told:
            assert squeezed(figure) in squeezed(pdf)
            assert figure in letter.body
            assert figure in html
        assert figures.short_money(value, "USD", person(manager).language) in letter.subject
        check_language(manager, letter, book, pdf)
    check_nobody_gets_anothers(story, found)


def stage_counts(book, language) -> dict[str, int]:
    """{stage of the files: number} of the table by stages on the first sheet, stages without any left out."""
    with translation.override(language):
        head, total = gettext("By stage"), gettext("Total")
        names = {str(one): one.name_en for one in Pipeline.objects.get(code="maven").stages.all()}
    rows = [(row[1].value, row[2].value) for row in book.worksheets[0].iter_rows()]
    heads = [name for name, _count in rows]
    table = rows[heads.index(head) + 2 :]
    table = table[: [name for name, _count in table].index(total)]
    # where there are several pipelines, the stage is called together with its own
    return {next(names[name] for name in names if told.startswith(name)): count for told, count in table if count}


def check_pipeline_mails(story):
    run = monday(schedule_of_managers(story, "sales-pipeline", "last_week"))
    found = received(run)
    for manager, (letter, book, pdf) in found.items():
        team = lines(story.folder, story.teams[manager])
        of_stage = Counter(row["deal_stage"] for row in team if row["deal_stage"] in STAGES[:2])
        number = figures.number(of_stage.total())
        words = {"en": f"{number} opportunities are open", "zh-hans": number}[person(manager).language]
        assert squeezed(words) in squeezed(pdf)
        assert words in " ".join(letter.body.split())
        assert book.worksheets[1].max_row - 1 == of_stage.total()
        assert stage_counts(book, person(manager).language) == dict(of_stage)
        check_language(manager, letter, book, pdf)
    check_nobody_gets_anothers(story, found)


def test_every_monday_each_manager_gets_one_mail_with_the_own_open_pipeline(story):
    check_pipeline_mails(story)


def test_every_monday_each_manager_gets_the_wins_and_losses_of_the_own_team(story):
    check_win_loss_mails(story)


# -- the real files ---------------------------------------------------------------------------------------------------


@IS_THERE
def test_the_real_files_go_the_whole_way_with_their_known_answers(client):
    story = begin(REAL)
    assert len(story.teams) == 6
    won, lost, rate, value = expected(story.all_lines)
    told = figures.number(won), figures.number(lost), figures.percent_of(rate, 2), figures.number(value)
    assert told == ("4,238", "2,473", "63.15%", "10,005,534")
    page, book, text = outputs(client, story.analyst, "win-loss")
    for figure in told:
        assert figure in page
        assert figure in text
    assert book.worksheets[0].cell(7, 8).value == 10_005_534
    for one in (check_lists, check_search, check_records, check_boards):
        one(client, story)
    check_exports(client, story, kinds=("csv",))
    check_win_loss_mails(story)
