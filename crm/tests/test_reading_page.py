"""The first page of an import: what a file is taken for, and how a person changes that."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import jobs
from crm.exchange import read_table
from crm.exchange.uploads import choices_of
from crm.files import path_of
from crm.models import ImportBatch, Job, User
from crm.tests import hostile
from customers.models import ContactRole
from customers.tests.factories import make_customer
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/customers/import/"


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def alice(client, cast):
    assert client.login(username="alice", password=PASSWORD)
    return client


def said(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def brought(client, content, name="t.csv"):
    """Upload; gives the batch and its page."""
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    response = client.post(PAGE, {"file": file})
    assert response.status_code == 303, said(response)
    return ImportBatch.objects.get(), response.headers["Location"]


def test_a_file_is_shown_as_it_was_read_before_anything_is_checked(alice):
    batch, at = brought(alice, "客户导入表,,\n请填写,,\n客户名称,级别,备注\n海川,A,x\n".encode("gb18030"), "客户.xls")
    page = said(alice.get(at))
    for words in (
        "客户.xls",
        "text table",
        "Recognised: GB18030 / GBK",
        "Recognised: Comma",
        "Headings in line 3: its headings are known.",
        "2 lines above the headings are left out.",
        "The name ends with .xls, but the content is: text table. The content counts.",
        "<td>海川</td>",
    ):
        assert words in page
    assert (batch.headings, Job.objects.count()) == (["客户名称", "级别", "备注"], 0)
    assert batch.reading == {
        "chosen": {},
        "used": {
            "encoding": "gb18030",
            "delimiter": ",",
            "quote": "double",
            "header": 3,
            "header_rows": 1,
            "totals": False,
        },
        "why": "known",
        "is_sure": True,
    }


def test_each_choice_is_kept_and_used_by_the_check(alice):
    _batch, at = brought(alice, "name;remark\nA;x,y\nTotal;3\n")
    choices = {"action": "read", "encoding": "utf-8", "delimiter": ",", "quote": "none", "totals": "on"}
    assert alice.post(at, choices).status_code == 303
    batch = ImportBatch.objects.get()
    assert batch.headings == ["name;remark"]
    alice.post(at, {"action": "read", "delimiter": ";", "totals": "on"})
    alice.post(at, {"action": "read", "header": "2", "totals": "on"})
    batch.refresh_from_db()
    assert batch.headings == ["A", "x,y"]
    alice.post(at, {"action": "read", "header": "", "totals": "on"})
    batch.refresh_from_db()
    assert batch.reading["used"]["header"] == 1
    alice.post(at, {"action": "check"})
    job = Job.objects.get(kind="import_check")
    assert jobs.run(job.pk)
    assert list(batch.rows.order_by("line").values_list("line", "cells")) == [(2, ["A", "x,y"]), (3, ["Total", "3"])]


def test_what_is_left_out_is_told_at_once_or_by_the_check(alice):
    """A total at the end of a long file is known only when all lines were read; nothing is left out in silence."""
    _batch, at = brought(alice, "name,remark\nA,x\nname,remark\n合计,\n")
    page = said(alice.get(at))
    assert "1 line of totals at the end is left out: line 4" in page
    assert "1 line that repeats the headings is left out: line 3" in page
    long = "name,remark\n" + "".join(f"A{n},x\n" for n in range(1500)) + "# end\n合计,\n"
    ImportBatch.objects.all().delete()
    _batch, at = brought(alice, long)
    assert "is left out: line" not in said(alice.get(at))
    alice.post(at, {"action": "check"})
    assert jobs.run(Job.objects.get(kind="import_check").pk)
    page = said(alice.get(at))
    assert "1 line of totals at the end is left out: line 1503" in page
    assert "1 remark is left out: line 1502" in page


@pytest.mark.parametrize(
    "post",
    [
        {"encoding": "rot13"},
        {"delimiter": "abc"},
        {"quote": "x"},
        {"header": "-1", "header_rows": "99"},
        {"header": "99999999"},
        {"sheet": "77"},
    ],
)
def test_what_is_no_choice_is_recognised_instead(alice, post):
    batch, at = brought(alice, "name,city\nA,B\n")
    assert alice.post(at, post | {"action": "read"}).status_code == 303
    batch.refresh_from_db()
    assert batch.headings == ["name", "city"]


def test_sheets_can_be_chosen_and_hidden_ones_are_said(alice, tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [["name"], ["A"]], 说明=[["text"]], 隐藏=[["name"], ["secret"]])
    hostile.hide(path, "隐藏")
    batch, at = brought(alice, path.read_bytes(), "t.xlsx")
    page = said(alice.get(at))
    assert "1 hidden sheet is not read unless you choose it: 隐藏" in page
    assert '<option value="0" selected>Sheet (2 lines)</option>' in page
    alice.post(at, {"action": "read", "sheet": "2"})
    batch.refresh_from_db()
    with read_table(path_of(batch.file), choices_of(batch)) as table:
        assert (table.headings, list(table.rows)) == (["name"], [(2, ["secret"])])


def test_text_that_cannot_be_read_like_this_stays_and_can_be_read_otherwise(alice):
    batch, at = brought(alice, 'name,note\nA,b\nB,"never closed\nC,d\n')
    page = said(alice.get(at))
    assert "The quotes in line 3 do not match." in page
    assert '<td>B,"never closed</td>' in page  # the text as it is
    assert alice.post(at, {"action": "check"}).status_code == 422
    alice.post(at, {"action": "read", "quote": "none"})
    batch.refresh_from_db()
    assert batch.headings == ["name", "note"]
    assert alice.post(at, {"action": "check"}).status_code == 303


def test_a_pasted_table_is_a_file_like_others_and_nothing_pasted_is_lost(alice):
    response = alice.post(PAGE, {"pasted": '客户名称\t备注\r\n海川\t"两\n行"\r\n'})
    assert response.status_code == 303
    batch = ImportBatch.objects.get()
    assert (batch.headings, batch.reading["used"]["delimiter"]) == (["客户名称", "备注"], "\t")
    response = alice.post(PAGE, {"pasted": "%PDF-1.4 <b>"})
    assert response.status_code == 422
    assert "This is a PDF" in said(response)
    assert "%PDF-1.4 <b></textarea>" in said(response)
    User.objects.filter(username="alice").update(language="zh-hans")
    assert "请选择文件，或粘贴表格。" in said(alice.post(PAGE, {"pasted": " "}))


def test_a_checked_file_can_be_read_in_another_way(alice):
    """A text may turn out to be damaged, or the wrong sheet, only when all its lines were read."""
    content = "名称,备注\n" + "海川,x\n" * 60_000
    batch, at = brought(alice, content.encode() + b"\xff\xff,y\n")
    alice.post(at, {"action": "check"})
    assert jobs.run(Job.objects.get(kind="import_check").pk)
    page = said(alice.get(at))
    assert "The text is damaged from line" in page
    assert f"{at}&step=read" in page
    assert alice.post(f"{at}&step=read", {"action": "read", "header": "0"}).status_code == 303
    batch.refresh_from_db()
    assert (batch.check_job, batch.rows.count(), batch.columns) == (None, 0, {})
    assert batch.headings == ["Column A", "Column B"]


def test_an_import_that_was_started_is_not_read_again(alice):
    batch, at = brought(alice, "name\nA\n")
    alice.post(at, {"action": "check"})
    assert jobs.run(Job.objects.get(kind="import_check").pk)
    alice.post(at)
    before = ImportBatch.objects.values().get()
    assert alice.post(f"{at}&step=read", {"action": "read", "header": "0"}).status_code == 303
    assert ImportBatch.objects.values().get() == before
    assert batch.rows.count() == 1


def test_business_cards_become_contacts(alice, cast):
    """A vCard brings its own headings, and those are known in both languages."""
    customer = make_customer(cast.alice, name="海川")
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nORG:海川\nTITLE:采购经理\nTEL;TYPE=CELL:{phone}\nEND:VCARD\n"
    for language, name, phone in (("en", "张伟", "13812345678"), ("zh-hans", "李娜", "13987654321")):
        User.objects.filter(username="alice").update(language=language)
        file = SimpleUploadedFile("手机.vcf", card.format(name=name, phone=phone).encode("utf-16"))
        at = alice.post("/contacts/import/", {"file": file}).headers["Location"]
        assert name in said(alice.get(at))
        assert alice.post(at, {"action": "check"}).status_code == 303
        for job in Job.objects.filter(state=Job.State.QUEUED):
            assert jobs.run(job.pk)
        alice.post(at)
        for job in Job.objects.filter(state=Job.State.QUEUED):
            assert jobs.run(job.pk)
    found = [(one.contact.name, one.customer, one.contact.position) for one in ContactRole.objects.order_by("pk")]
    assert found == [("张伟", customer, "采购经理"), ("李娜", customer, "采购经理")]


def test_nobody_else_reads_the_file(alice, client, cast):
    _batch, at = brought(alice, "name\nA\n")
    assert client.login(username="bob", password=PASSWORD)
    assert client.get(at).status_code == 404
    assert client.post(at, {"action": "read", "header": "0"}).status_code == 404
