"""The pages of reports: who opens what, the same figures on page and in files, forms, history."""

import io
import uuid
from decimal import Decimal as D

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from crm.models import AccessLogEntry, Company, Deletion, RoleRule
from reports.models import ReportRun, ReportSchedule, RunCopy
from reports.scopes import scope_of
from reports.tests.factories import make_artefact, make_copy, make_run, make_schedule
from sales.tests.factories import make_opportunity
from tests.cast import again, make_role, make_user
from tests.rows import changed, fingerprint

REPORTS = ("sales-pipeline", "win-loss")


@pytest.fixture
def deals(people):
    """Alice: 500,000 open and 300,000 won; Carol, in another team: 7,000 open."""
    make_opportunity(people.alice, name="Alice opens", amount=D(500_000))
    make_opportunity(people.alice, name="Alice wins", amount=D(300_000), at="won", closed_on=Company.current().today)
    make_opportunity(people.alice, name="Alice loses", at="lost", closed_on=Company.current().today)
    make_opportunity(people.carol, name="Carol opens", amount=D(7_000))
    return people


def download(client, address):
    """The bytes of a file; reading it to the end closes it."""
    response = client.get(address)
    assert response.status_code == 200
    return response.getvalue()


def page(client, user, name, *args, query=""):
    client.force_login(user)
    return client.get(reverse(name, args=args) + query)


@pytest.mark.parametrize(
    ("who", "figure"), [("alice", "¥500K"), ("bob", "¥500K"), ("carol", "¥7,000"), ("erin", "¥507K")]
)
def test_everybody_sees_the_figures_of_the_own_rights(client, deals, who, figure):
    body = page(client, deals.people[who], "report-page", "sales-pipeline").content.decode()
    assert f'<span class="v">{figure}</span>' in body
    assert ("Carol opens" in body) is (who in ("carol", "erin"))


@pytest.mark.parametrize("slug", REPORTS)
def test_without_a_role_no_report_opens_and_the_list_says_so(client, deals, slug):
    assert page(client, deals.dave, "report-page", slug).status_code == 403
    assert page(client, deals.dave, "report-file", slug, "xlsx").status_code == 403
    response = page(client, deals.dave, "report-list")
    assert response.status_code == 200
    assert "You have no access to reports" in response.content.decode()


@pytest.mark.parametrize("slug", REPORTS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_workbook_and_pdf_show_the_same_figures(client, deals, slug, language):
    type(deals.erin).objects.filter(pk=deals.erin.pk).update(language=language)
    body = page(client, again(deals.erin), "report-page", slug)
    assert body.status_code == 200
    pdf = PdfReader(io.BytesIO(download(client, reverse("report-file", args=[slug, "pdf"]))))
    text = "".join("".join(p.extract_text().split()) for p in pdf.pages)
    excel = download(client, reverse("report-file", args=[slug, "xlsx"]))
    sheet = load_workbook(io.BytesIO(excel)).worksheets[0]
    for position, kpi in enumerate(body.context["kpis"]):
        assert f"{kpi['figure']}{kpi['unit']}" in text
        assert sheet.cell(6, 2 + 2 * position).value == kpi["label"]
    total = {"sales-pipeline": 507_000, "win-loss": 300_000}[slug]
    assert sheet.cell(7, 2 if slug == "sales-pipeline" else 8).value == total
    assert f"¥{total:,}" in body.content.decode()
    assert f"¥{total:,}" in text


def test_a_download_is_written_into_the_access_log_and_needs_the_right_to_take_out(client, deals):
    client.force_login(deals.alice)
    download(client, reverse("report-file", args=["sales-pipeline", "xlsx"]))
    entry = AccessLogEntry.objects.get(kind="export")
    assert (entry.user, entry.facts["report"], entry.facts["rows"]) == (deals.alice, "sales-pipeline", 1)
    RoleRule.objects.filter(role=deals.worker, action="export").delete()
    assert page(client, deals.alice, "report-file", "sales-pipeline", "xlsx").status_code == 403
    body = page(client, deals.alice, "report-page", "sales-pipeline").content.decode()
    assert 'id="report-xlsx"' not in body


def test_rows_that_may_be_seen_but_not_taken_out_are_not_in_the_workbook(client, deals):
    RoleRule.objects.filter(role=deals.worker, model="sales.opportunity", action="export").update(reach=1)
    client.force_login(deals.bob)
    book = load_workbook(io.BytesIO(download(client, reverse("report-file", args=["sales-pipeline", "xlsx"]))))
    assert book.worksheets[0]["B7"].value == 500_000
    assert book.worksheets[1]["A2"].value == "Nothing in this period"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?span=dates", "Say from which day to which"),
        ("?span=nonsense", "Select a valid choice"),
        ("?span=dates&first=x&last=y", "Enter a valid date"),
        ("?span=dates&first=2026-01-01&last=2025-01-01", "2025-01-01 to 2026-01-01"),
        ("?span=last_month", "compared"),
    ],
)
def test_any_period_gives_a_page(client, deals, query, says):
    response = page(client, deals.alice, "report-page", "sales-pipeline", query=query)
    assert response.status_code == 200
    assert says in response.content.decode() or says == "compared"


@pytest.mark.parametrize("name", ["nothing", "schedules-x"])
def test_an_unknown_report_or_format_is_not_found(client, deals, name):
    assert page(client, deals.alice, "report-page", name).status_code == 404
    assert page(client, deals.alice, "report-file", "win-loss", "doc").status_code == 404


def test_pages_have_no_inline_style_or_script(client, deals):
    schedule = make_schedule(deals.alice, users=[deals.alice])
    run = make_run(schedule=schedule)
    copy = make_copy(deals.alice, run=run)
    addresses = [
        reverse("report-list"),
        *(reverse("report-page", args=[slug]) for slug in REPORTS),
        reverse("report-schedules"), reverse("report-schedule", args=[schedule.pk]),
        reverse("report-schedule-change", args=[schedule.pk]), reverse("report-schedule-delete", args=[schedule.pk]),
        reverse("report-schedule-add") + "?report=win-loss", reverse("report-run", args=[run.pk]),
        reverse("report-received-list"), reverse("report-received", args=[copy.pk]),
        reverse("report-stop", args=[copy.pk]),
    ]  # fmt: skip
    client.force_login(deals.alice)
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        main = response.content.decode().partition("<main")[2]
        assert "style=" not in main, address
        assert "<script" not in main, address


# --- Schedules ---


def values(people, **changes):
    return {
        "name": "Weekly pipeline", "period": "last_week", "frequency": "weekly", "weekdays": ["0", "4"],
        "month_day": "1", "at": "08:00", "time_zone": "Asia/Shanghai", "users": [people.alice.pk, people.carol.pk],
        "formats": ["xlsx", "pdf"],
        "only_with_data": "on", "form_token": str(uuid.uuid4()),
    } | changes  # fmt: skip


def test_a_schedule_is_added_with_its_next_run_planned(client, people):
    client.force_login(people.alice)
    response = client.post(reverse("report-schedule-add") + "?report=sales-pipeline", values(people))
    schedule = ReportSchedule.objects.get()
    assert response.status_code == 303
    assert response.url == reverse("report-schedule", args=[schedule.pk])
    assert (schedule.owner, schedule.report, schedule.weekdays, schedule.formats) == (
        people.alice, "sales-pipeline", [0, 4], ["xlsx", "pdf"]
    )  # fmt: skip
    assert set(schedule.recipients()) == {people.alice, people.carol}
    local = schedule.next_at.astimezone(schedule.zone)
    assert (local.weekday() in (0, 4), local.strftime("%H:%M")) == (True, "08:00")


def test_the_same_form_sent_twice_adds_one_schedule(client, people):
    client.force_login(people.alice)
    sent = values(people)
    for _time in range(2):
        assert client.post(reverse("report-schedule-add") + "?report=sales-pipeline", sent).status_code == 303
    assert ReportSchedule.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"users": []}, "users"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"at": "25:00"}, "at"),
        ({"name": ""}, "name"),
        ({"period": "dates"}, "period"),
        ({"formats": ["doc"]}, "formats"),
        ({"month_day": "32"}, "month_day"),
    ],
)
def test_a_wrong_schedule_is_told_why_and_not_saved(client, people, changes, field):
    client.force_login(people.alice)
    response = client.post(reverse("report-schedule-add") + "?report=sales-pipeline", values(people, **changes))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert ReportSchedule.objects.count() == 0


def test_a_schedule_is_changed_and_planned_anew(client, people):
    schedule = make_schedule(people.alice, users=[people.alice])
    client.force_login(people.alice)
    response = client.post(
        reverse("report-schedule-change", args=[schedule.pk]),
        values(people, name="Daily", frequency="daily", weekdays=[], at="23:30", version=str(schedule.version)),
    )
    assert response.status_code == 303
    schedule.refresh_from_db()
    assert (schedule.name, schedule.frequency, schedule.next_at.astimezone(schedule.zone).strftime("%H:%M")) == (
        "Daily", "daily", "23:30",
    )  # fmt: skip


@pytest.mark.parametrize("who", ["bob", "carol", "erin"])
def test_a_schedule_of_another_person_does_not_exist(client, people, who):
    schedule = make_schedule(people.alice, users=[people.people[who]])
    run = make_run(schedule=schedule, owner=people.alice)
    client.force_login(people.people[who])
    before = fingerprint()
    for name, pk in (
        ("report-schedule", schedule.pk), ("report-schedule-change", schedule.pk),
        ("report-schedule-delete", schedule.pk),
        ("report-run", run.pk),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[pk])).status_code == 404, name
    for name in ("change", "pause", "run", "delete"):
        address = reverse(f"report-schedule-{name}", args=[schedule.pk])
        assert client.post(address, values(people, token=str(uuid.uuid4()))).status_code == 404, name
    assert schedule.name not in client.get(reverse("report-schedules")).content.decode()
    assert changed(before, fingerprint()) == []


def test_without_the_right_no_schedule_is_added(client, people):
    client.force_login(people.dave)
    assert client.get(reverse("report-schedules")).status_code == 200
    assert client.get(reverse("report-schedule-add") + "?report=win-loss").status_code == 403
    assert client.post(reverse("report-schedule-add") + "?report=win-loss", values(people)).status_code == 403
    assert ReportSchedule.objects.count() == 0


def test_an_administrator_sees_and_changes_every_schedule(client, people):
    schedule = make_schedule(people.alice, users=[people.alice])
    client.force_login(people.root)
    assert schedule.name in client.get(reverse("report-schedules")).content.decode()
    client.post(reverse("report-schedule-pause", args=[schedule.pk]), {"active": "0"})
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.owner) == (False, people.alice)


def test_pressing_send_now_twice_starts_one_run(client, people):
    schedule = make_schedule(people.alice, users=[people.alice])
    client.force_login(people.alice)
    token = str(uuid.uuid4())
    addresses = {
        client.post(reverse("report-schedule-run", args=[schedule.pk]), {"token": token}).url for _time in range(2)
    }
    run = ReportRun.objects.get()
    assert addresses == {reverse("report-run", args=[run.pk])}
    assert (run.kind, run.owner) == ("manual", people.alice)


def test_a_test_goes_to_oneself_alone(client, people):
    schedule = make_schedule(people.alice, users=[people.bob, people.carol])
    client.force_login(people.alice)
    client.post(reverse("report-schedule-run", args=[schedule.pk]), {"token": str(uuid.uuid4()), "kind": "test"})
    assert ReportRun.objects.get().kind == "test"


def test_a_button_without_token_starts_nothing(client, people):
    schedule = make_schedule(people.alice, users=[people.alice])
    client.force_login(people.alice)
    assert client.post(reverse("report-schedule-run", args=[schedule.pk])).status_code == 303
    assert ReportRun.objects.count() == 0


def test_a_deleted_schedule_is_gone_and_comes_back(client, people):
    schedule = make_schedule(people.alice, users=[people.alice])
    client.force_login(people.alice)
    assert client.post(reverse("report-schedule-delete", args=[schedule.pk])).status_code == 303
    assert client.get(reverse("report-schedule", args=[schedule.pk])).status_code == 404
    assert not ReportSchedule.objects.due(schedule.next_at).exists()
    act = Deletion.objects.get()
    client.force_login(people.bob)
    assert client.post(reverse("report-schedule-restore", args=[act.pk])).status_code == 404
    client.force_login(people.alice)
    assert client.post(reverse("report-schedule-restore", args=[act.pk])).status_code == 303
    assert client.get(reverse("report-schedule", args=[schedule.pk])).status_code == 200


# --- What was sent ---


@pytest.fixture
def sent(deals, files_folder):
    """A run of Alice's schedule with a copy for herself and one for Carol, each with a file of its own."""
    run = make_run(schedule=make_schedule(deals.alice, users=[deals.alice, deals.carol]), owner=deals.alice)
    found = {}
    for user in (deals.alice, deals.carol):
        copy = make_copy(user, run=run, scope=scope_of(again(user)).key)
        artefact = make_artefact(run=run, scope=copy.scope)
        copy.artefacts.add(artefact)
        found[user.username] = copy, artefact
    return run, found


def test_everybody_opens_only_the_own_copy_and_file(client, deals, sent):
    _run, found = sent
    copy, artefact = found["carol"]
    client.force_login(deals.carol)
    assert client.get(reverse("report-received", args=[copy.pk])).status_code == 200
    assert download(client, reverse("report-received-file", args=[copy.pk, artefact.pk])) == b"x"
    assert AccessLogEntry.objects.get(kind="download").user == deals.carol
    other, other_file = found["alice"]
    assert client.get(reverse("report-received", args=[other.pk])).status_code == 404
    assert client.get(reverse("report-received-file", args=[other.pk, other_file.pk])).status_code == 404
    assert client.get(reverse("report-received-file", args=[copy.pk, other_file.pk])).status_code == 404
    assert client.get(reverse("report-stop", args=[other.pk])).status_code == 404


def test_the_owner_of_the_schedule_sees_who_got_it_but_opens_no_file_of_others(client, deals, sent):
    run, found = sent
    client.force_login(deals.alice)
    body = client.get(reverse("report-run", args=[run.pk])).content.decode()
    assert "Carol" in body
    assert reverse("report-received-file", args=[found["alice"][0].pk, found["alice"][1].pk]) in body
    assert reverse("report-received-file", args=[found["carol"][0].pk, found["carol"][1].pk]) not in body


def test_a_file_of_other_rights_is_no_longer_given_out(client, deals, sent):
    _run, found = sent
    copy, artefact = found["carol"]
    deals.carol.groups.set([make_role("Narrow", 1)])
    client.force_login(deals.carol)
    assert client.get(reverse("report-received-file", args=[copy.pk, artefact.pk])).status_code == 403
    assert "Your rights have changed" in client.get(reverse("report-received", args=[copy.pk])).content.decode()
    assert "Carol opens" in client.get(reverse("report-received", args=[copy.pk])).content.decode()


def test_a_person_whose_role_is_gone_opens_nothing_of_it(client, deals, sent):
    _run, found = sent
    copy, artefact = found["carol"]
    deals.carol.groups.clear()
    client.force_login(deals.carol)
    assert client.get(reverse("report-received", args=[copy.pk])).status_code == 403
    assert client.get(reverse("report-received-file", args=[copy.pk, artefact.pk])).status_code == 403


def test_stopping_takes_one_person_out_and_coming_back_puts_him_in_again(client, deals, sent):
    run, found = sent
    copy, _artefact = found["carol"]
    client.force_login(deals.carol)
    assert client.get(reverse("report-stop", args=[copy.pk])).status_code == 200
    assert deals.carol in run.schedule.recipients()
    client.post(reverse("report-stop", args=[copy.pk]))
    assert list(run.schedule.recipients()) == [deals.alice]
    client.post(reverse("report-stop", args=[copy.pk]), {"again": "1"})
    assert set(run.schedule.recipients()) == {deals.alice, deals.carol}


def test_copies_without_a_mail_are_not_listed_as_sent(client, deals):
    copy = make_copy(deals.alice, state=RunCopy.State.EMPTY)
    client.force_login(deals.alice)
    assert client.get(reverse("report-received", args=[copy.pk])).status_code == 404
    assert copy.run.schedule.name not in client.get(reverse("report-received-list")).content.decode()


def test_recipients_come_by_name_role_and_team_and_only_once(people):
    schedule = make_schedule(people.alice, users=[people.bob], roles=[people.head], teams=[people.north, people.top])
    assert list(schedule.recipients()) == [people.alice, people.bob, people.erin]
    type(people.bob).objects.filter(pk=people.bob.pk).update(is_active=False)
    make_user("zoe", people.north)
    assert [user.username for user in schedule.recipients()] == ["alice", "erin", "zoe"]
