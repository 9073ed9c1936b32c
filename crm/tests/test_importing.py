"""An import from the file to the records: what is checked, who may, what is written, what is left and why."""

import html
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import jobs
from crm.access import Action, Reach
from crm.exchange import applying, work
from crm.models import AccessLogEntry, ImportBatch, Job, RoleRule, StagedRow, StoredFile, TimelineEntry
from crm.tests import hostile
from customers.models import ContactPoint, Customer
from customers.tests.factories import make_customer, make_industry
from sales.models import Opportunity, Pipeline, Stage, StageChange
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
CUSTOMERS, OPPORTUNITIES = "/customers/import/", "/opportunities/import/"


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def upload(client, text, *, url=CUSTOMERS, name="customers.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(url, {"file": SimpleUploadedFile(name, content)})


def said(response) -> str:
    """The page as a person reads it."""
    return html.unescape(response.content.decode())


def signed_in(client, user):
    assert client.login(username=user.username, password=PASSWORD)
    return client


def run_waiting():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        assert jobs.run(job.pk)


def looked_at(client, text, **options):
    """Upload and go on to the check; gives the answer to the latter."""
    response = upload(client, text, **options)
    assert response.status_code == 303, response.content.decode()[:3000]
    return client.post(response.headers["Location"], {"action": "check"})


def checked(client, text, **options) -> ImportBatch:
    """Upload and check; gives the batch."""
    response = looked_at(client, text, **options)
    assert response.status_code == 303, response.content.decode()[:3000]
    run_waiting()
    return ImportBatch.objects.latest("pk")


def imported(client, text, *, url=CUSTOMERS, **post) -> ImportBatch:
    batch = checked(client, text, url=url)
    assert client.post(f"{url}?batch={batch.pk}", post).status_code == 303
    run_waiting()
    batch.refresh_from_db()
    return batch


def content_of(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def rows_of(content) -> list[list]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content)).active]


def errors_of(batch):
    return {row.line: row.errors for row in batch.rows.filter(errors__gt={}).order_by("line")}


# -- the way of a good file -------------------------------------------------------------------------------------------


def test_customers_of_a_file_become_records_of_their_importer(client, cast):
    make_industry(code="retail", name_zh="零售业", name_en="Retail")
    text = (
        "客户名称,级别,Industry,annual revenue,Employees,备注\n"
        '苏州辰曦 🎋,A,零售业,"￥1,286,000",１２,好\nMüller,b,retail,,,\n'
    )
    batch = imported(signed_in(client, cast.alice), text)
    first, second = Customer.objects.order_by("pk")
    assert (first.name, first.level, first.industry.code, first.revenue) == (
        "苏州辰曦 🎋",
        "A",
        "retail",
        Decimal("1286000.00"),
    )
    assert (first.employees, first.background, first.currency) == (12, "好", "CNY")
    assert (first.owner, first.team, first.created_by, first.version) == (cast.alice, cast.north, cast.alice, 1)
    assert "suzhouchenxi" in first.name_pinyin
    assert "suzhouchenxi" in first.search_text
    assert (second.name, second.level, second.revenue, second.employees) == ("Müller", "B", None, None)
    assert batch.run_job.state == "done"
    assert batch.run_job.counts == {"created": 2}
    assert batch.run_job.file is None


def test_phones_and_addresses_become_the_primary_contact_points_of_their_customer(client, cast):
    text = (
        "客户名称,手机号,邮箱\n海川,138-1234-5678,Office@Example.com\n长江,0512 6288 0000,\n没有,,\n"
        "错一,12,\n错二,,office@\n"
    )
    batch = imported(signed_in(client, cast.alice), text)
    points = ContactPoint.objects.select_related("customer")
    assert {(row.customer.name, row.kind, row.value, row.is_primary, row.created_by_id) for row in points} == {
        ("海川", "phone", "13812345678", True, cast.alice.pk),
        ("海川", "email", "office@example.com", True, cast.alice.pk),
        ("长江", "phone", "051262880000", True, cast.alice.pk),
    }
    assert {line: list(errors) for line, errors in errors_of(batch).items()} == {5: ["phone"], 6: ["email"]}
    assert set(ContactPoint.pgh_event_model.objects.values_list("pgh_context__metadata__job", flat=True)) == {
        batch.run_job.pk
    }


def test_who_may_not_add_contact_points_imports_customers_without_them(client, cast):
    RoleRule.objects.filter(role=cast.worker, model="customers.contactpoint", action=Action.ADD).delete()
    imported(signed_in(client, cast.alice), "name,phone\nA,13812345678\n")
    assert (Customer.objects.count(), ContactPoint.objects.count()) == (1, 0)


def test_an_import_writes_timeline_and_change_log_with_person_and_job(client, cast):
    batch = imported(signed_in(client, cast.alice), "name\nA\nB\n")
    assert list(TimelineEntry.objects.values_list("event", "actor")) == [("customer_added", cast.alice.pk)] * 2
    events = Customer.pgh_event_model.objects.select_related("pgh_context")
    assert [(e.pgh_label, e.pgh_context.metadata["user"], e.pgh_context.metadata["job"]) for e in events] == [
        ("insert", cast.alice.pk, batch.run_job.pk)
    ] * 2


def test_nothing_is_written_before_the_person_starts_the_import(client, cast):
    batch = checked(signed_in(client, cast.alice), "name\nA\n,\nB\n")
    assert Customer.objects.count() == 0
    assert list(batch.rows.order_by("line").values_list("line", "decision")) == [(2, "create"), (4, "create")]
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}&show=all").content.decode()
    assert "Import 2 rows" in page


def test_a_workbook_is_imported_like_a_text_file(client, cast, tmp_path):
    path = hostile.workbook(tmp_path / "t.xlsx", [["导入说明"], ["客户名称", "员工人数"], ["海川", 7], ["长江", 8.0]])
    imported(signed_in(client, cast.alice), path.read_bytes())
    assert list(Customer.objects.order_by("pk").values_list("name", "employees")) == [("海川", 7), ("长江", 8)]


# -- errors of lines --------------------------------------------------------------------------------------------------


def test_every_wrong_line_says_what_is_wrong_and_good_lines_go_in(client, cast):
    text = (
        "name,level,revenue,employees,industry,website,owner\n"
        "Good,A,1,2,,example.com,\n"
        f"{'名' * 300},A,,,,,\n"
        ",A,,,,,\n"
        "Bad level,Z,,,,,\n"
        "Bad revenue,A,NaN,,,,\n"
        "Minus,A,-1,,,,\n"
        "Half,A,,1.5,,,\n"
        "Unknown,A,,,Nowhere,,\n"
        "Long,A,,,,,,extra\n"
    )
    batch = imported(signed_in(client, cast.alice), text)
    assert errors_of(batch) == {
        3: {"name": "The text has 300 characters, at most 200 are allowed."},
        4: {"name": "This must not be empty."},
        5: {"level": "“Z” is not one of the choices: A, B, C, D."},
        6: {"revenue": "“NaN” is not a number. Write it like 380000 or 1,250.50."},
        7: {"revenue": "“-1” is too small, the least is 0."},
        8: {"employees": "“1.5” is not a whole number."},
        9: {"industry": "Nothing called “Nowhere” is among the records you can see."},
        10: {"": "The line has more cells than there are headings. Look for a comma without quotes."},
    }
    assert list(Customer.objects.values_list("name", "website")) == [("Good", "https://example.com")]


def test_the_file_of_rejects_has_the_same_columns_and_the_reason_and_can_be_sent_again(client, cast):
    batch = imported(signed_in(client, cast.alice), "name,employees\nGood,1\n=cmd,many\n")
    content = content_of(client.get(f"/jobs/{batch.run_job.pk}/file/"))
    rows = rows_of(content)
    reason = "Employees: “many” is not a number. Write it like 380000 or 1,250.50."
    assert rows[0] == ["name", "employees", "Line", "Reason"]
    assert rows[1][:3] == ["=cmd", "many", 3]
    assert rows[1][3].lower() == reason.lower()
    again_checked = checked(client, content, name="again.xlsx")
    assert again_checked.rows.get().cells[:2] == ["=cmd", "many"]


def test_errors_are_told_in_the_language_of_the_person(client, cast):
    cast.alice.language = "zh-hans"
    cast.alice.save()
    batch = checked(signed_in(client, cast.alice), "客户名称,员工人数\n海川,很多\n")
    assert errors_of(batch) == {2: {"employees": "“很多”不是数字，请写成 380000 或 1,250.50 的样子。"}}


# -- files that are refused as a whole --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"PK\x03\x04broken", hostile.BROKEN_MESSAGE),
        (b"%PDF-1.4", "This is a PDF, not a table. Choose a workbook, a text table or business cards."),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_once_and_leaves_nothing(client, cast, settings, content, sentence):
    response = upload(signed_in(client, cast.alice), content)
    assert response.status_code == 422
    assert sentence.lower() in response.content.decode().lower()
    assert (ImportBatch.objects.count(), StoredFile.objects.count(), Job.objects.count()) == (0, 0, 0)
    assert [path for path in settings.FILES_DIR.rglob("*") if path.is_file()] == []


def test_a_file_that_lacks_a_column_is_kept_so_that_another_line_of_headings_can_be_chosen(client, cast):
    response = looked_at(signed_in(client, cast.alice), "level\nA\n")
    assert response.status_code == 422
    assert (
        "The column “name” is missing. Add it, or name the heading of the column so.".lower() in said(response).lower()
    )
    assert (ImportBatch.objects.count(), Job.objects.count()) == (1, 0)


def test_a_file_that_breaks_after_good_lines_writes_nothing(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, b"name\n" + b"A\n" * 1100 + b"B\x00\n")
    assert (batch.check_job.state, batch.rows.count()) == ("failed", 0)
    assert batch.check_job.error.startswith("Line 1102 contains a NUL character")
    assert "Line 1102 contains a NUL character" in client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    assert Customer.objects.count() == 0


def test_a_file_larger_than_uploads_may_be_is_refused(client, cast, settings):
    settings.UPLOAD_MAX_BYTES = 10
    response = upload(signed_in(client, cast.alice), "name\nA long name\n")
    assert response.status_code == 422
    assert "at most 10" in response.content.decode()


# -- duplicates -------------------------------------------------------------------------------------------------------


def test_lines_that_exist_already_are_left_out_and_a_second_run_adds_nothing(client, cast):
    client = signed_in(client, cast.alice)
    there = make_customer(cast.alice, name="GTX Pro")
    batch = imported(client, "name\nGTXPro\nNew\nｎｅｗ\n")
    assert errors_of(batch) == {
        2: {"": f"“GTXPro” exists already: {there.number}."},
        4: {"": "The same as line 3 of this file."},
    }
    assert Customer.objects.count() == 2
    second = imported(client, "name\nGTXPro\nNew\nｎｅｗ\n")
    assert Customer.objects.count() == 2
    assert second.rows.filter(decision="twin").count() == 3


def test_a_person_may_add_twins_all_the_same(client, cast):
    make_customer(cast.alice, name="A")
    imported(signed_in(client, cast.alice), "name\nA\n", matched="create")
    assert Customer.objects.filter(name="A").count() == 2


def test_a_record_that_the_person_cannot_see_is_never_given_away_as_a_twin(client, cast):
    make_customer(cast.carol, name="Secret")
    batch = imported(signed_in(client, cast.alice), "name\nSecret\n")
    assert errors_of(batch) == {}
    assert Customer.objects.filter(name="Secret").count() == 2


# -- rights -----------------------------------------------------------------------------------------------------------


def test_without_the_right_to_add_there_is_no_import(client, cast):
    client = signed_in(client, cast.dave)
    assert client.get(CUSTOMERS).status_code == 403
    assert upload(client, "name\nA\n").status_code == 403
    assert (ImportBatch.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_an_import_belongs_to_the_person_who_began_it(client, cast):
    batch = checked(signed_in(client, cast.alice), "name\nA\n")
    signed_in(client, cast.bob)
    for url in (f"{CUSTOMERS}?batch={batch.pk}", f"{CUSTOMERS}?batch={batch.pk}&file=rejects", f"{CUSTOMERS}?batch=x"):
        assert client.get(url).status_code == 404
    assert client.post(f"{CUSTOMERS}?batch={batch.pk}").status_code == 404
    assert client.get(f"{OPPORTUNITIES}?batch={batch.pk}").status_code == 404
    run_waiting()
    assert Customer.objects.count() == 0


def test_names_are_looked_up_among_visible_records_only(client, cast):
    make_customer(cast.alice, name="Mine")
    make_customer(cast.carol, name="Hers")
    text = "name,customer\nOne,Mine\nTwo,Hers\nThree,\n"
    batch = imported(signed_in(client, cast.alice), text, url=OPPORTUNITIES)
    assert errors_of(batch) == {3: {"customer": "Nothing called “Hers” is among the records you can see."}}
    found = Opportunity.objects.order_by("pk").values_list("name", "customer__name", "owner__username")
    assert list(found) == [("One", "Mine", "alice"), ("Three", None, "alice")]


def test_a_name_that_several_records_have_is_not_guessed(client, cast):
    first = make_customer(cast.alice, name="Twin")
    make_customer(cast.alice, name="TWIN")
    text = f"name,customer\nOne,twin\nTwo,{first.number}\n"
    batch = imported(signed_in(client, cast.alice), text, url=OPPORTUNITIES)
    assert errors_of(batch) == {
        2: {"customer": "Several records are called “twin”. Write the number or the code instead."}
    }
    assert Opportunity.objects.get().customer == first


def test_owners_can_be_named_by_who_may_assign_and_only_within_reach(client, cast):
    batch = imported(signed_in(client, cast.alice), "name,owner\nA,alice\nB,Bob\nC,carol\n")
    assert list(Customer.objects.order_by("pk").values_list("name", "owner__username", "team")) == [
        ("A", "alice", cast.north.pk),
        ("B", "bob", cast.north.pk),
    ]
    assert list(errors_of(batch)) == [4]
    RoleRule.objects.filter(role=cast.worker, action=Action.ASSIGN).delete()
    batch = imported(client, "name,owner\nD,alice\nE,bob\n")
    assert errors_of(batch) == {3: {"": "You may not assign records to others. Leave owner and team out."}}
    assert Customer.objects.filter(name="D").get().owner == cast.alice


def test_rights_that_ended_after_the_check_stop_the_import(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name\nA\n")
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.ADD).update(reach=Reach.NONE)
    run_waiting()
    batch.refresh_from_db()
    assert (batch.run_job.state, batch.run_job.error) == ("failed", "Your roles do not allow you to add such records.")
    assert Customer.objects.count() == 0


def test_a_linked_record_that_went_out_of_sight_after_the_check_is_not_linked(client, cast):
    customer = make_customer(cast.alice, name="Mine")
    client = signed_in(client, cast.alice)
    batch = checked(client, "name,customer\nOne,Mine\nTwo,\n", url=OPPORTUNITIES)
    client.post(f"{OPPORTUNITIES}?batch={batch.pk}")
    Customer.objects.filter(pk=customer.pk).update(owner=cast.carol, team=cast.south)
    run_waiting()
    batch.refresh_from_db()
    assert list(Opportunity.objects.values_list("name", flat=True)) == ["Two"]
    assert errors_of(batch) == {2: {"customer": "This record is not among those you can see any more."}}
    assert batch.run_job.file is not None


# -- opportunities ----------------------------------------------------------------------------------------------------


def test_opportunities_begin_in_their_stage_with_a_row_in_the_ledger(client, cast):
    pipeline = Pipeline.default()
    other = Pipeline.objects.create(code="other", name_zh="另一个", name_en="Other")
    Stage.objects.create(pipeline=other, code="won", type="won", probability=100, name_zh="赢单", name_en="Closed won")
    text = (
        "商机名称,阶段,金额,成交日期,engage_date\n"
        "Won deal,赢单,1000,2026-03-02,2026-01-05\nFirst,,,,\nNo day,Closed won,5,,\nToo early,Proposal,5,2026-03-02,\n"
    )
    batch = imported(signed_in(client, cast.alice), text, url=OPPORTUNITIES)
    won, first = Opportunity.objects.order_by("pk").select_related("stage")
    assert (won.stage.code, won.pipeline, won.closed_on, won.engaged_on) == (
        "won",
        pipeline,
        date(2026, 3, 2),
        date(2026, 1, 5),
    )
    assert (won.amount, won.base_amount, won.currency, won.closed_on) == (1000, 1000, "CNY", date(2026, 3, 2))
    assert (first.stage.code, first.amount, first.base_amount) == ("prospecting", None, None)
    assert list(StageChange.objects.order_by("opportunity").values_list("opportunity", "to_stage__code", "actor")) == [
        (won.pk, "won", cast.alice.pk),
        (first.pk, "prospecting", cast.alice.pk),
    ]
    assert {line: list(errors) for line, errors in errors_of(batch).items()} == {4: ["closed_on"], 5: ["closed_on"]}


# -- resuming, cancelling, cleaning -----------------------------------------------------------------------------------


def test_a_run_that_was_killed_goes_on_and_writes_each_line_once(client, cast, monkeypatch):
    monkeypatch.setattr("crm.exchange.work.CHUNK", 3)
    client = signed_in(client, cast.alice)
    batch = checked(client, "name\n" + "".join(f"N{n}\n" for n in range(10)))
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    real, calls = applying.insert_records, []

    def dying(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return real(*arguments)

    monkeypatch.setattr("crm.exchange.applying.insert_records", dying)
    job = Job.objects.get(kind="import_run")
    jobs.run(job.pk)
    assert Customer.objects.count() == 6
    job.refresh_from_db()
    assert (job.state, job.done) == ("queued", 6)
    Job.objects.filter(pk=job.pk).update(next_try_at=job.created_at)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.counts) == ("done", 10, {"created": 10})
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == [f"N{n}" for n in range(10)]
    assert TimelineEntry.objects.filter(event="customer_added").count() == 10


def test_a_cancelled_run_keeps_what_it_wrote_and_lists_the_rest(client, cast, monkeypatch):
    monkeypatch.setattr("crm.exchange.work.CHUNK", 2)
    client = signed_in(client, cast.alice)
    batch = checked(client, "name\nA\nB\nC\nD\nE\n")
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    real, job = work.write_chunk, Job.objects.get(kind="import_run")

    def cancelling(*arguments):
        done = real(*arguments)
        jobs.cancel(job)
        return done

    monkeypatch.setattr("crm.exchange.work.write_chunk", cancelling)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, Customer.objects.count()) == ("cancelled", 2)
    rows = rows_of(content_of(client.get(f"/jobs/{job.pk}/file/")))
    assert [row[0] for row in rows[1:]] == ["C", "D", "E"]
    assert rows[1][-1] == "The import was stopped before this line."
    assert "What was added before stays" in client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()


def test_an_import_is_started_once(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name\nA\n")
    for _attempt in range(3):
        client.post(f"{CUSTOMERS}?batch={batch.pk}")
    run_waiting()
    assert Job.objects.filter(kind="import_run").count() == 1
    assert Customer.objects.count() == 1


def test_old_imports_are_forgotten_and_their_records_stay(client, cast):
    from crm.tasks import clean

    batch = imported(signed_in(client, cast.alice), "name\nA\n")
    ImportBatch.objects.filter(pk=batch.pk).update(created_at="2020-01-01T00:00:00Z")
    clean()
    assert (ImportBatch.objects.count(), StagedRow.objects.count(), Customer.objects.count()) == (0, 0, 1)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_will_happen_and_can_be_narrowed_to_one_kind_of_problem(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name,employees,Colour\nA,1,red\n<b>x</b>,many,blue\nC,2,\nA,3,\n")
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    assert "These columns of the file are not known and are left out: Colour" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page
    assert "The same as line 2 of this file." in page
    narrowed = client.get(f"{CUSTOMERS}?batch={batch.pk}&column=employees").content.decode()
    assert "many" in narrowed
    assert "The same as line 2" not in narrowed


def test_the_template_has_the_headings_that_the_import_understands(client, cast):
    client = signed_in(client, cast.alice)
    content = content_of(client.get(f"{CUSTOMERS}?file=template"))
    headings = rows_of(content)[0]
    assert headings[0].lower() == "name"
    sheet = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(headings)
    book.active.append(["A"])
    book.save(sheet)
    batch = checked(client, sheet.getvalue())
    assert len(batch.columns) == len(headings)


def test_taking_the_lines_to_mend_is_logged(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name,employees\nA,many\n")
    rows = rows_of(content_of(client.get(f"{CUSTOMERS}?batch={batch.pk}&file=rejects")))
    assert [row[:3] for row in rows] == [["name", "employees", "Line"], ["A", "many", 2]]
    assert AccessLogEntry.objects.filter(kind="download", user=cast.alice, facts={"batch": batch.pk}).count() == 1
