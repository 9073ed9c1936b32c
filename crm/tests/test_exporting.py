"""Exports: the rows and columns of the page, as text that cannot run, for who may, and never further than the page."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from crm import jobs, ownership
from crm.access import Action, Reach, share, unshare
from crm.entities import entity_for
from crm.exchange import exporting
from crm.models import AccessLogEntry, FieldRule, Job, RoleRule, User
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/customers/export/"


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def export(client, user, query="", **post):
    """The response of an export with what the page sends."""
    assert client.login(username=user.username, password=PASSWORD)
    return client.post(f"{URL}{query}", {"format": "xlsx"} | post)


def content_of(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def sheet_of(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def names_of(content) -> list[str]:
    return [row[0].value for row in sheet_of(content).iter_rows(min_row=2)]


def test_an_export_has_the_rows_that_each_person_sees_and_no_other(client, cast):
    for owner in (cast.alice, cast.bob, cast.carol):
        make_customer(owner, name=f"of {owner.username}")
    make_customer(None, name="of nobody")
    expected = {
        "alice": ["of alice", "of bob"],
        "carol": ["of carol"],
        "erin": ["of alice", "of bob", "of carol"],
        "root": ["of alice", "of bob", "of carol", "of nobody"],
    }
    for username, names in expected.items():
        assert names_of(content_of(export(client, cast.people[username], "?sort=name"))) == names


def test_who_may_not_export_gets_nothing(client, cast):
    make_customer(cast.alice)
    RoleRule.objects.filter(role=cast.worker, action=Action.EXPORT).delete()
    for user in (cast.alice, cast.dave):
        assert export(client, user).status_code == 403
        assert client.get(URL).status_code == 403
    assert AccessLogEntry.objects.filter(kind="export").count() == 0


def test_an_export_never_reaches_further_than_the_pages(client, cast):
    make_customer(cast.carol, name="of carol")
    make_customer(cast.alice, name="of alice")
    RoleRule.objects.filter(role=cast.worker, action=Action.EXPORT).update(reach=Reach.ALL)
    assert names_of(content_of(export(client, cast.alice))) == ["of alice"]


def test_search_filters_order_and_columns_are_those_of_the_list(client, cast):
    make_customer(cast.alice, name="B one", level="A")
    make_customer(cast.alice, name="A one", level="A")
    make_customer(cast.alice, name="C one", level="B")
    make_customer(cast.alice, name="D two", level="A")
    content = content_of(export(client, cast.alice, "?q=one&level=A&sort=-name&columns=name,level,owner"))
    assert [[cell.value for cell in row] for row in sheet_of(content)][1:] == [
        ["B one", "A", "Alice"],
        ["A one", "A", "Alice"],
    ]


def test_all_columns_can_be_taken_and_page_columns_are_among_them(client, cast):
    make_customer(cast.alice, name="A", revenue="1286000.50", region="Suzhou")
    sheet = sheet_of(content_of(export(client, cast.alice, all_columns="on")))
    row = {head.value.lower(): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (row["annual revenue"].value, row["annual revenue"].number_format) == (1286000.5, "#,##0.00")
    assert row["region"].value == "Suzhou"
    assert row["number"].value.startswith("C-")
    assert "primary contact" in row


def test_names_that_look_like_formulas_stay_text_in_both_forms(client, cast):
    make_customer(cast.alice, name='=HYPERLINK("http://127.0.0.1/","x")')
    cell = sheet_of(content_of(export(client, cast.alice)))["A2"]
    assert (cell.data_type, cell.quotePrefix, cell.value[:10]) == ("s", True, "=HYPERLINK")
    text = content_of(export(client, cast.alice, format="csv")).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("\"'=HYPERLINK(")


def test_what_was_exported_as_csv_can_be_imported_again(client, cast):
    make_customer(cast.alice, name="=1+1", level="A", region="江苏省 / 苏州市")
    content = content_of(export(client, cast.alice, "?columns=name,level,region", format="csv"))
    Customer.objects.all().delete()
    client.post(client.post("/customers/import/", {"file": SimpleUploadedFile("t.csv", content)}).headers["Location"])
    job = Job.objects.get(kind="import_check")
    jobs.run(job.pk)
    client.post(f"/customers/import/?batch={job.parameters['batch']}")
    jobs.run(Job.objects.get(kind="import_run").pk)
    assert list(Customer.objects.values_list("name", "level", "region")) == [("=1+1", "A", "江苏省 / 苏州市")]


def test_every_export_is_in_the_access_log(client, cast):
    make_customer(cast.alice)
    content_of(export(client, cast.alice, "?level=C&columns=name,level"))
    entry = AccessLogEntry.objects.get(kind="export")
    assert (entry.user, entry.address) == (cast.alice, "127.0.0.1")
    assert entry.facts == {
        "entity": "customers",
        "rows": 1,
        "format": "xlsx",
        "columns": ["name", "level"],
        "query": "level=C&columns=name%2Clevel",
    }


def test_headings_speak_the_language_of_the_person(client, cast):
    cast.alice.language = "zh-hans"
    cast.alice.save()
    make_customer(cast.alice, level="A")
    assert sheet_of(content_of(export(client, cast.alice)))["A1"].value == "名称"


def test_a_long_export_is_a_job_with_the_rights_of_its_person_when_it_runs(client, cast, monkeypatch):
    monkeypatch.setattr("crm.views.exporting.DIRECT_ROWS", 2)
    monkeypatch.setattr(exporting, "BATCH", 2)
    for number in range(5):
        make_customer(cast.alice if number else cast.carol, name=f"N{number}")
    assert cast.erin.rights.may(Customer, Action.EXPORT)
    response = export(client, cast.erin, "?sort=name")
    job = Job.objects.get(kind="export")
    assert (response.status_code, response["Location"]) == (303, f"/jobs/{job.pk}/")
    Customer.objects.filter(name="N4").update(owner=None, team=None)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.counts, job.total) == ("done", {"exported": 4}, 4)
    assert names_of(content_of(client.get(f"/jobs/{job.pk}/file/"))) == ["N0", "N1", "N2", "N3"]
    assert AccessLogEntry.objects.get(kind="export").facts["rows"] == 4


@pytest.mark.parametrize("how", ["transferred", "share ended", "team left", "columns and values closed"])
def test_a23_a_queued_export_runs_with_the_rights_of_that_moment(client, cast, monkeypatch, how):
    """Asked for while all was open; before the worker comes to it, what the person may see has shrunk."""
    monkeypatch.setattr("crm.views.exporting.DIRECT_ROWS", 1)
    RoleRule.objects.filter(role=cast.worker, action=Action.EXPORT).update(reach=Reach.ALL)
    make_customer(cast.alice, name="Kept")
    gone = make_customer(cast.alice if how == "transferred" else cast.bob, name="CANARY", region="CANARY-REGION")
    if how == "share ended":
        gone = make_customer(cast.carol, name="CANARY shared")
        share(gone, cast.alice, actor=cast.carol)
        Customer.objects.filter(name="CANARY").delete()
    export(client, cast.alice, "?sort=name&columns=name,region")
    if how == "transferred":
        ownership.assign(gone, cast.carol, actor=cast.root)
    elif how == "share ended":
        unshare(gone, cast.alice)
    elif how == "team left":
        User.objects.filter(pk=cast.alice.pk).update(team=cast.south)
        Customer.objects.filter(name="Kept").update(team=cast.south)
    else:
        FieldRule.objects.create(entity="customers.customer", field="region", role=cast.worker, right="hide")
    job = Job.objects.get(kind="export")
    jobs.run(job.pk)
    sheet = sheet_of(content_of(client.get(f"/jobs/{job.pk}/file/")))
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert rows == ([["CANARY"], ["Kept"]] if "columns" in how else [["Kept", None]])
    assert AccessLogEntry.objects.get(kind="export").facts["rows"] == len(rows)


def test_a_job_whose_person_may_no_longer_export_fails_and_writes_nothing(client, cast, monkeypatch):
    monkeypatch.setattr("crm.views.exporting.DIRECT_ROWS", 0)
    make_customer(cast.alice)
    export(client, cast.alice)
    RoleRule.objects.filter(role=cast.worker, action=Action.EXPORT).delete()
    job = Job.objects.get(kind="export")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.file, job.error) == (
        "failed",
        None,
        "Your roles do not allow you to export these records.",
    )


def test_a_cancelled_export_leaves_no_file(client, cast, monkeypatch, settings):
    monkeypatch.setattr("crm.views.exporting.DIRECT_ROWS", 0)
    make_customer(cast.alice)
    export(client, cast.alice)
    job = Job.objects.get(kind="export")
    Job.objects.filter(pk=job.pk).update(cancel_at=job.created_at)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.file) == ("cancelled", None)
    assert [path for path in settings.FILES_DIR.rglob("*") if path.is_file()] == []


def test_the_page_says_how_many_records_and_in_which_forms(client, cast):
    make_customer(cast.alice)
    client.login(username="alice", password=PASSWORD)
    page = client.get(f"{URL}?level=C").content.decode()
    assert "1 record that you may export" in page
    assert 'value="csv"' in page
    assert 'action="/customers/export/?level=C"' in page


def test_an_export_takes_as_many_queries_for_many_rows_as_for_few(cast):
    def queries(number):
        while Customer.objects.count() < number:
            make_customer(cast.alice)
        user = type(cast.alice).objects.get(pk=cast.alice.pk)
        with CaptureQueriesContext(connection) as captured:
            one = exporting.Export(entity_for(Customer), user, QueryDict(""), all_columns=True)
            assert len(list(one.rows())) == number
        return len(captured)

    assert queries(3) == queries(40)
