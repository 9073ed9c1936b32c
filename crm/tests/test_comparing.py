"""A comparison of a file with the database: figures of both sides, each difference, and nothing that is not seen."""

import html
import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from crm import jobs
from crm.access import Action
from crm.exchange import compare_values
from crm.models import AccessLogEntry, ImportBatch, Job, RoleRule, StoredFile, Tag
from crm.tests.test_importing import imported
from customers.models import ContactPoint, Customer
from customers.tests.factories import make_customer
from sales.setup import load_catalogues
from tests.cast import PASSWORD, again
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db
URL = "/customers/compare/"
HEAD = "名称,年营收,员工人数,客户级别,成立日期,负责人\n"


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def signed_in(client, user):
    assert client.login(username=user.username, password=PASSWORD)
    return client


def begun(client, text, **post):
    return client.post(URL, {"file": SimpleUploadedFile("old.csv", text.encode()), **post})


def compared(client, text, **post) -> ImportBatch:
    """Upload and have the job done; gives the batch."""
    response = begun(client, text, **post)
    assert response.status_code == 303, response.content.decode()[:3000]
    batch = ImportBatch.objects.latest("pk")
    assert response.headers["Location"] == f"{URL}?batch={batch.pk}"
    assert jobs.run(batch.compare_job_id)
    batch.refresh_from_db()
    assert (batch.compare_job.state, batch.compare_job.error) == (Job.State.DONE, "")
    return batch


def said(client, batch) -> str:
    return html.unescape(client.get(f"{URL}?batch={batch.pk}").content.decode())


def figures(batch) -> dict:
    return {one["column"]: one for one in batch.comparison["columns"]}


def counts(batch) -> dict:
    return {name: number for name, number in batch.comparison["counts"].items() if number}


def rows_of(client, batch):
    response = client.get(f"/jobs/{batch.compare_job_id}/file/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    return [[cell.value for cell in row] for row in sheet]


@pytest.fixture
def known(cast):
    """Two customers of alice: Acme and Bright."""
    facts = {"level": "A", "founded_on": "2001-02-03"}
    acme = make_customer(cast.alice, name="Acme", revenue="1200.50", employees=30, **facts)
    return acme, make_customer(cast.alice, name="Bright", revenue="800", employees=None, **facts)


EQUAL = HEAD + 'Bright,￥800.00,,A,20010203,alice\n Acme ,"1,200.5",30,a,2001/2/3,Alice\n'


def test_a_file_that_says_the_same_in_other_words_is_equal_and_nothing_is_written(client, cast, known):
    signed_in(client, cast.alice)
    before = fingerprint()
    batch = compared(client, EQUAL)
    business = {one for one in changed(before, fingerprint()) if one.startswith(("customers_", "sales_"))}
    assert business == set()
    assert counts(batch) == {"lines": 2, "matched": 2, "equal": 2}
    for one in figures(batch).values():
        assert (one["file"], one["differing"]) == (one["database"], 0), one
    revenue = figures(batch)["revenue"]["file"]
    assert (revenue["sum"], revenue["filled"], len(revenue["checksum"])) == ("2000.5", 2, 32)
    assert figures(batch)["employees"]["database"]["filled"] == 1
    page = said(client, batch)
    assert "Nothing differs." in page
    assert "2000.5" in page
    assert batch.compare_job.counts == {"equal": 2}


def test_each_difference_is_listed_with_its_record_and_both_values(client, cast, known):
    acme, _bright = known
    signed_in(client, cast.alice)
    extra = make_customer(cast.alice, name="Only here")
    text = HEAD + "Acme,1300,thirty,B,2001-02-03,alice\nNobody,5,,A,,\nAcme,1200.5,30,A,2001-02-03,alice\n"
    batch = compared(client, text)
    assert counts(batch) == {
        "lines": 3,
        "matched": 2,
        "equal": 1,
        "differs": 1,
        "missing": 1,
        "repeated": 1,
        "cells": 3,
        "unreadable": 1,
        "extra": 2,
    }
    revenue = figures(batch)["revenue"]
    assert (revenue["file"]["sum"], revenue["database"]["sum"], revenue["differing"]) == ("2505.5", "1200.5", 1)
    assert figures(batch)["employees"]["unreadable"] == 1
    name, none = f"{acme.number} Acme", "no line of the file means this record"
    rows = rows_of(client, batch)
    assert rows[0] == ["Line", "Record", "Column", "In the file", "In the database"]
    assert [row for row in rows[1:] if row[0] == 2] == [
        [2, name, "Annual revenue", "1300", "1200.5"],
        [2, name, "Employees", "thirty", "30"],
        [2, name, "Level", "B", "A"],
    ]
    assert rows[4][0:1] + rows[4][3:] == [3, "Nobody", "no record"]
    assert [row[4] for row in rows[5:]] == [none, none]
    page = said(client, batch)
    assert f'<a href="/customers/{acme.pk}/">{name}</a>' in page
    assert f'<a href="/customers/{extra.pk}/">' in page
    entry = AccessLogEntry.objects.get(kind="export")
    assert (entry.user, entry.facts["rows"], entry.facts["entity"]) == (cast.alice, 3, "customers")


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        ("contacts", "姓名,公司,手机,生日,职位\n周敏,Acme,138 0013 8000,1980-02-03,CFO\n李雷,Bright,,,\n"),
        (
            "opportunities",
            '商机名称,客户,金额,预计成交日期\n激光产线,Acme,"120,000",2027-01-31\n备件,Bright,,2027-02-01\n',
        ),
        ("interactions", "客户,时间,方式,内容\nAcme,2026-11-02 10:30,电话,想看产线。\n"),
        ("customers", "名称,地区,电话,标签,负责人\nNew One,江苏苏州,0512-6123 4567,重点,alice\n"),
    ],
)
def test_what_was_imported_is_equal_to_its_file(client, cast, known, slug, text):
    load_catalogues()
    signed_in(client, cast.root)
    Tag.objects.create(root="customers.customer", name="重点")
    batch = imported(client, text, url=f"/{slug}/import/")
    lines = text.count("\n") - 1
    assert batch.run_job.counts.get("created") == lines, batch.rows.values_list("errors")
    client.post(f"/{slug}/compare/?batch={batch.pk}")
    batch.refresh_from_db()
    assert jobs.run(batch.compare_job_id)
    batch.refresh_from_db()
    assert batch.comparison["first"] == [one for one in batch.comparison["first"] if one[0] == "extra"]
    assert {name: n for name, n in counts(batch).items() if name != "extra"} == {
        "lines": lines,
        "matched": lines,
        "equal": lines,
    }
    assert all(one["file"] == one["database"] for one in batch.comparison["columns"])
    assert client.get(f"/{slug}/compare/?batch={batch.pk}").status_code == 200


def test_a_comparison_reaches_no_further_than_its_person_sees(client, cast, known):
    """Carol's file names alice's customer; alice's page forgets what she loses, and names that several bear say so."""
    acme, _bright = known
    make_customer(cast.carol, name="Bright")
    signed_in(client, cast.carol)
    batch = compared(client, HEAD + "Acme,1,,,,\nBright,1,,,,\n")
    assert counts(batch)["missing"] == 1
    assert acme.number not in json.dumps(batch.comparison)
    signed_in(client, cast.alice)
    assert client.get(f"{URL}?batch={batch.pk}").status_code == 404
    make_customer(cast.bob, name="Bright")
    batch = compared(client, HEAD + "Acme,1,30,A,2001-02-03,alice\nBright,1,,,,\n")
    assert counts(batch)["several"] == 1
    assert "1200.5" in said(client, batch)
    Customer.objects.filter(pk=acme.pk).update(owner=cast.carol, team=cast.carol.team)
    assert acme.number not in said(client, batch)


def test_masked_values_are_not_compared_and_phones_stand_in_the_file_alone(client, cast, known):
    acme, _bright = known
    ContactPoint.objects.create(customer=acme, kind="phone", value="+862161234567", is_primary=True)
    text = "名称,电话\nAcme,021-6123 0000\n"
    for reveals in (True, False):
        if not reveals:
            RoleRule.objects.filter(action=Action.REVEAL).delete()
        signed_in(client, cast.erin)
        mask = not again(cast.erin).rights.may(ContactPoint, Action.REVEAL)
        assert mask is (not reveals)
        batch = compared(client, text)
        phone = figures(batch)["phone"]
        assert (phone["masked"], phone["differing"], phone["database"]["filled"]) == (
            (0, 1, 1) if reveals else (1, 0, 0)
        )
        assert ("61234567" in str(rows_of(client, batch)).replace(" ", "")) is reveals
        assert "61234567" not in said(client, batch).replace(" ", "")


def test_who_may_not_export_gets_no_file_and_who_may_not_import_no_page(client, cast, known):
    signed_in(client, cast.alice)
    RoleRule.objects.filter(role=cast.worker, action=Action.EXPORT).delete()
    batch = compared(client, EQUAL.replace("800", "801"))
    assert (batch.compare_job.file, AccessLogEntry.objects.filter(kind="export").count()) == (None, 0)
    assert "801" in said(client, batch)
    RoleRule.objects.filter(role=cast.worker, action=Action.ADD).delete()
    assert client.get(URL).status_code == begun(client, EQUAL).status_code == 403
    assert client.post(f"{URL}?batch={batch.pk}").status_code == 403


def test_a_file_that_cannot_be_compared_says_why_and_can_be_mapped(client, cast, known):
    signed_in(client, cast.alice)
    answer = begun(client, "")
    assert answer.status_code == 422
    assert begun(client, "%PDF-1.7 nothing").status_code == 422
    answer = begun(client, "年营收,员工人数\n1,2\n")
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert "No column says which records the lines mean." in page
    batch = ImportBatch.objects.latest("pk")
    assert f"/customers/import/?batch={batch.pk}&step=map" in page
    ImportBatch.objects.filter(pk=batch.pk).update(columns={"0": "name"})
    assert client.post(f"{URL}?batch={batch.pk}", {"format": "csv"}).status_code == 303
    batch.refresh_from_db()
    assert batch.compare_job.parameters == {"batch": batch.pk, "format": "csv"}
    assert client.post(f"{URL}?batch={batch.pk}").status_code == 303  # it waits already
    assert Job.objects.filter(kind="import_compare").count() == 1
    assert client.post(URL, {"pasted": "名称\nAcme"}).status_code == 303


def test_the_command_says_the_same_as_the_page_and_leaves_nothing_behind(client, cast, known, tmp_path):
    text = EQUAL.replace("800", "801")
    batch = compared(signed_in(client, cast.alice), text)
    files, log = StoredFile.objects.count(), AccessLogEntry.objects.filter(kind="export").count()
    source, target, out = tmp_path / "old.csv", tmp_path / "found.json", io.StringIO()
    source.write_text(text)
    options = {"entity": "customers", "user": "alice", "json": target, "differences": tmp_path / "d.csv"}
    call_command("compare_import", source, stdout=out, **options)
    told = json.loads(target.read_text())
    assert told == {name: batch.comparison[name] for name in ("counts", "columns")}
    assert f"{'cells that differ:':30}{1:>12}" in out.getvalue()
    assert "sum 2001.5" in out.getvalue()
    assert "Annual revenue,801,800" in (tmp_path / "d.csv").read_text()
    assert (ImportBatch.objects.count(), StoredFile.objects.count()) == (1, files)
    assert AccessLogEntry.objects.filter(kind="export").count() == log + 1
    for wrong in ({"entity": "nothing"}, {"entity": "customers", "user": "nobody"}):
        with pytest.raises(CommandError):
            call_command("compare_import", source, **wrong)
    source.write_text("")
    with pytest.raises(CommandError, match="The file is empty"):
        call_command("compare_import", source, entity="customers", user="alice")


def test_keys_and_checksums_do_not_grow_and_know_no_order():
    keys = compare_values.Keys()
    assert [keys.add(key) for key in (5, 70_000, 5)] == [True, True, False]
    assert (len(keys), 5 in keys, 6 in keys, 70_000 in keys) == (2, True, False, True)
    one, other, third = (compare_values.Side() for _ in range(3))
    for side, texts in ((one, "ab"), (other, "ba"), (third, "bb")):
        for text in texts:
            side.add(text)
    assert one == other
    assert one != third
