"""An import that changes records: which one a line means, what of it changes, and taking everything back."""

from decimal import Decimal

import pytest
from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from crm import jobs, undoing
from crm.access import Action, share
from crm.deletion import delete
from crm.exchange import applying, work
from crm.exchange.work import decide
from crm.models import Deletion, ImportBatch, ImportedRow, Job, OwnershipChange, RoleRule, StagedRow, TimelineEntry
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    OPPORTUNITIES,
    checked,
    errors_of,
    files_in_a_folder_of_their_own,
    imported,
    run_waiting,
    signed_in,
)
from customers.models import ContactPoint, Customer, Interaction
from customers.services import set_contact_points
from customers.tests.factories import make_customer, make_industry, make_interaction
from sales.models import Opportunity, StageChange
from sales.tests.factories import make_opportunity

pytestmark = pytest.mark.django_db


def decisions(batch):
    return list(batch.rows.order_by("line").values_list("line", "decision", "match"))


def outcomes(batch):
    return list(batch.imported.order_by("line").values_list("line", "outcome", "undone"))


def values(record, *names):
    return tuple(type(record).everything.filter(pk=record.pk).values_list(*names).get())


def taken_back(client, batch) -> Job:
    assert client.post(f"/jobs/{batch.run_job.pk}/undo/").status_code == 303
    run_waiting()
    return Job.objects.filter(kind="undo").latest("pk")


# -- which record a line means ----------------------------------------------------------------------------------------


def test_a_number_names_a_record_for_sure_and_everything_else_asks(client, cast):
    one = make_customer(cast.alice, name="海川", credit_code="91320594MA1P4XRJ0L", level="C")
    two = make_customer(cast.alice, name="远山")
    set_contact_points(two, actor=cast.alice, phone="0512-6288 0000")
    other = make_customer(cast.alice, name="Same")
    make_customer(cast.alice, name="Same")
    text = (
        "系统编号,name,credit_code,phone,level\n"
        f"{one.number.lower()},,,,A\n,新名,91320594MA1P4XRJ0L,,\n,总部,,0512 62880000,\n,SAME,,,\n,New,,,\n"
        f"C-999999,X,,,\n{one.number},,,,C\n{one.number},,,,B\n"
    )
    batch = checked(signed_in(client, cast.alice), text)
    assert decisions(batch) == [
        (2, "update", "number"),
        (3, "twin", "file"),
        (4, "twin", "point"),
        (5, "twin", "name"),
        (6, "create", ""),
        (7, "reject", ""),
        (8, "twin", "file"),
        (9, "twin", "file"),
    ]
    assert errors_of(batch)[4] == {"": f"{two.number} has the same phone or e-mail."}
    assert errors_of(batch)[5] == {"": f"“SAME” exists already: {other.number}."}
    assert errors_of(batch)[7] == {
        "number": "No record with the number “C-999999” is among those you can see. Leave it empty to add one."
    }
    # Two records are called so: nobody may guess which one is meant.
    assert batch.rows.get(line=5).changes is None
    assert batch.rows.get(line=4).changes["name"] == "总部"


def test_a_code_finds_its_record_and_one_of_somebody_else_is_never_told(client, cast):
    mine = make_customer(cast.alice, name="海川", credit_code="91320594MA1P4XRJ0L")
    make_customer(cast.carol, name="Hers", credit_code="91310000775785552L")
    text = "name,credit_code,level\nA,91320594MA1P4XRJ0L,A\nB,91310000775785552L,\n"
    batch = checked(signed_in(client, cast.alice), text)
    assert decisions(batch) == [(2, "twin", "key"), (3, "create", "")]
    assert errors_of(batch) == {2: {"": f"{mine.number} has the same code."}}


def test_a_reference_of_another_system_is_kept_and_finds_its_record_the_next_time(client, cast):
    client = signed_in(client, cast.alice)
    imported(client, "external id,name,level\nX-1,海川,B\nX-2,远山,B\n")
    batch = imported(client, "external id,name,level\nX-1,海川集团,A\nX-2,远山,B\nX-2,远山,A\nX-3,新,C\n")
    assert decisions(batch) == [
        (2, "update", "external_ref"),
        (3, "same", "external_ref"),
        (4, "twin", "file"),
        (5, "create", ""),
    ]
    rows = Customer.objects.order_by("pk").values_list("name", "level", "external_ref", "source_system")
    assert list(rows) == [
        ("海川集团", "A", "X-1", "import"),
        ("远山", "B", "X-2", "import"),
        ("新", "C", "X-3", "import"),
    ]
    assert "haichuanjituan" in Customer.objects.get(external_ref="X-1").search_text


# -- what changes -----------------------------------------------------------------------------------------------------


def test_only_filled_cells_that_differ_change_and_history_and_timeline_say_so(client, cast):
    industry = make_industry(code="retail", name_zh="零售业", name_en="Retail")
    facts = {"revenue": Decimal("1234567890123456.78"), "employees": 700, "size": "500", "region": "江苏"}
    customer = make_customer(cast.alice, name="海川", level="C", **facts)
    before = customer.version
    text = f"number,name,level,revenue,employees,region,industry\n{customer.number},海川,A,,25,,零售业\n"
    batch = imported(signed_in(client, cast.alice), text)
    row = values(customer, "name", "level", "revenue", "employees", "size", "region", "industry", "version")
    assert row == ("海川", "A", Decimal("1234567890123456.78"), 25, "20", "江苏", industry.pk, before + 1)
    ledger = ImportedRow.objects.get()
    assert (ledger.outcome, ledger.version) == ("updated", before + 1)
    assert ledger.before == {"level": "C", "employees": 700, "size": "500", "industry_id": None}
    events = Customer.pgh_event_model.objects.filter(pgh_label="update", pgh_obj=customer.pk)
    assert [event.pgh_context.metadata["job"] for event in events] == [batch.run_job.pk]
    assert list(TimelineEntry.objects.values_list("event", "actor")) == [("customer_changed", cast.alice.pk)]
    assert batch.run_job.counts == {"updated": 1}


def test_the_person_decides_what_becomes_of_lines_that_exist_already(client, cast):
    client = signed_in(client, cast.alice)
    for name in ("A", "B", "C", "D"):
        make_customer(cast.alice, name=name, region="", level="C")
    text = "name,level,region\nA,A,江苏\nB,A,江苏\nC,A,江苏\nD,A,江苏\n"
    batch = checked(client, text)
    assert decide(batch.rows.filter(line=2), "update") == 1
    assert decide(batch.rows.filter(line=3), "fill") == 1
    assert decide(batch.rows.filter(line=4), "create") == 1
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    run_waiting()
    rows = Customer.objects.order_by("name", "pk").values_list("name", "level", "region")
    assert list(rows) == [
        ("A", "A", "江苏省"),
        ("B", "C", "江苏省"),
        ("C", "C", ""),
        ("C", "A", "江苏省"),
        ("D", "C", ""),
    ]
    batch.refresh_from_db()
    assert batch.run_job.counts == {"updated": 2, "created": 1}
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    assert "Take this import back" in page


def test_phones_take_the_place_of_the_primary_one_and_come_back_with_the_undo(client, cast):
    client = signed_in(client, cast.alice)
    one, two, three = (make_customer(cast.alice, name=name) for name in "ABC")
    set_contact_points(one, actor=cast.alice, phone="0512-6288 0000")
    set_contact_points(two, actor=cast.alice, phone="0512-6288 0001")
    rows = "".join(f"{row.number},0512 6288 999{place}\n" for place, row in enumerate((one, two, three)))
    batch = imported(client, f"number,phone\n{rows}")
    values_now = {(p.customer_id, p.value, p.is_primary) for p in ContactPoint.objects.all()}
    assert values_now == {(r.pk, f"05126288999{place}", True) for place, r in enumerate((one, two, three))}
    ledger = "".join(ImportedRow.objects.filter(line=2).values_list(Cast("before", TextField()), flat=True))
    assert "62880000" not in ledger
    assert "sealed" in ledger
    set_contact_points(two, actor=cast.alice, phone="0512-1111 1111")
    job = taken_back(client, batch)
    assert (job.state, job.counts) == ("done", {"changed": 2, "same": 1})
    assert {(p.customer_id, p.value) for p in ContactPoint.objects.all()} == {
        (one.pk, "051262880000"),
        (two.pk, "051211111111"),
    }
    assert outcomes(batch) == [(2, "updated", "back"), (3, "updated", "changed"), (4, "updated", "back")]


def test_opportunities_move_through_the_ledger_of_stages_and_keep_their_rules(client, cast):
    client = signed_in(client, cast.alice)
    deal = make_opportunity(cast.alice, name="Deal", amount=5)
    stage = deal.stage
    wrong = f"number,阶段,成交日期\n{deal.number},赢单,\n"
    assert list(errors_of(checked(client, wrong, url=OPPORTUNITIES))[2]) == ["closed_on"]
    right = f"number,阶段,成交日期,金额\n{deal.number},赢单,2026-03-02,9\n"
    batch = imported(client, right, url=OPPORTUNITIES)
    deal.refresh_from_db()
    assert (deal.stage.code, str(deal.closed_on), deal.amount, deal.base_amount) == ("won", "2026-03-02", 9, 9)
    assert StageChange.objects.filter(opportunity=deal, from_stage=stage, to_stage=deal.stage).count() == 1
    assert taken_back(client, batch).counts == {"changed": 1, "same": 0}
    deal.refresh_from_db()
    assert (deal.stage, deal.closed_on, deal.amount, deal.base_amount) == (stage, None, 5, 5)
    assert StageChange.objects.filter(opportunity=deal, to_stage=stage, from_stage__code="won").count() == 1
    filled = imported(client, f"number,阶段,金额,next step\n{deal.number},赢单,9,call\n", url=OPPORTUNITIES)
    assert filled.rows.get().decision == "reject"
    assert Opportunity.objects.get().next_step == ""


# -- rights -----------------------------------------------------------------------------------------------------------


def test_who_may_see_a_record_and_not_change_it_cannot_import_over_it(client, cast):
    hers = make_customer(cast.carol, name="Hers", level="C")
    share(hers, cast.alice, actor=cast.root)
    batch = imported(signed_in(client, cast.alice), f"number,level\n{hers.number},A\n", matched="update")
    assert errors_of(batch) == {2: {"": f"You may not change {hers.number}."}}
    assert values(hers, "level") == ("C",)
    batch = imported(client, "name,level\nHers,A\n", matched="update")
    assert decisions(batch) == [(2, "twin", "name")]
    assert (values(hers, "level"), Customer.objects.count()) == (("C",), 1)


def test_rights_and_records_are_asked_again_when_the_lines_are_written(client, cast):
    client = signed_in(client, cast.alice)
    lost, edited, fine = (make_customer(cast.alice, name=name, level="C") for name in "ABC")
    batch = checked(client, f"number,level\n{lost.number},A\n{edited.number},A\n{fine.number},A\n")
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    Customer.objects.filter(pk=lost.pk).update(owner=cast.carol, team=cast.south)
    Customer.objects.filter(pk=edited.pk).update(region="江苏")
    run_waiting()
    assert [values(row, "level")[0] for row in (lost, edited, fine)] == ["C", "C", "A"]
    assert errors_of(batch) == {
        2: {"": "This record is not among those you may change any more."},
        3: {"": "Somebody has changed this record since the check. Import the line again."},
    }
    assert outcomes(batch) == [(2, "failed", ""), (3, "failed", ""), (4, "updated", "")]


def test_an_owner_changes_through_the_ledger_of_owners_by_whoever_may_assign(client, cast):
    client = signed_in(client, cast.alice)
    customer = make_customer(cast.alice, name="A")
    batch = imported(client, f"number,owner\n{customer.number},bob\n")
    assert values(customer, "owner", "team") == (cast.bob.pk, cast.north.pk)
    assert list(OwnershipChange.objects.values_list("from_owner", "to_owner")) == [(cast.alice.pk, cast.bob.pk)]
    taken_back(client, batch)
    assert values(customer, "owner") == (cast.alice.pk,)
    RoleRule.objects.filter(role=cast.worker, action=Action.ASSIGN).delete()
    refused = checked(client, f"number,owner\n{customer.number},bob\n")
    assert errors_of(refused) == {2: {"owner": "You may not assign this record. Leave the owner out."}}


# -- taking back ------------------------------------------------------------------------------------------------------


def test_taking_an_import_back_leaves_and_lists_what_was_touched_since(client, cast):
    client = signed_in(client, cast.alice)
    old = [make_customer(cast.alice, name=f"Old {n}", level="C") for n in range(3)]
    lines = "".join(f"{row.number},,A\n" for row in old) + "".join(f",New {n},A\n" for n in range(4))
    batch = imported(client, f"number,name,level\n{lines}")
    new = {row.name: row for row in Customer.objects.filter(name__startswith="New")}
    Customer.objects.filter(pk=old[1].pk).update(region="江苏")
    delete(old[2], actor=cast.root)
    Customer.objects.filter(pk=new["New 1"].pk).update(region="江苏")
    make_interaction(customer=new["New 2"], created_by=cast.alice)
    job = taken_back(client, batch)
    assert (job.state, job.counts) == ("done", {"changed": 3, "same": 4})
    assert outcomes(batch) == [
        (2, "updated", "back"),
        (3, "updated", "changed"),
        (4, "updated", "gone"),
        (5, "created", "back"),
        (6, "created", "changed"),
        (7, "created", "used"),
        (8, "created", "back"),
    ]
    assert [values(row, "level")[0] for row in old] == ["C", "A", "A"]
    assert set(Customer.objects.values_list("name", flat=True)) == {"Old 0", "Old 1", "New 1", "New 2"}
    assert Interaction.objects.count() == 1
    assert Deletion.objects.filter(act=batch.act).count() == 2
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    assert "Taken back: 3 rows. 4 rows were left as they are." in page
    assert "in use since" in page
    assert "New 0, in the recycle bin" in page
    assert f"{reverse('bin')}?kind=customers&amp;q=New+0" in page
    assert "Old 2, in the recycle bin" in client.get(f"{CUSTOMERS}?batch={batch.pk}&outcome=updated").content.decode()
    assert "Take this import back" not in page
    client.post(f"/jobs/{batch.run_job.pk}/undo/")
    assert Job.objects.filter(kind="undo").count() == 1


def test_an_import_can_be_taken_back_for_thirty_days_by_its_person_alone(client, cast):
    batch = imported(signed_in(client, cast.alice), "name\nA\n")
    signed_in(client, cast.bob)
    assert client.post(f"/jobs/{batch.run_job.pk}/undo/").status_code == 404
    Job.objects.filter(pk=batch.run_job.pk).update(finished_at=timezone.now() - timezone.timedelta(days=31))
    assert not undoing.may_undo(Job.objects.get(pk=batch.run_job.pk))
    assert Customer.objects.count() == 1


def test_updates_and_their_undo_go_on_after_a_crash_and_do_each_line_once(client, cast, monkeypatch):
    monkeypatch.setattr("crm.exchange.work.CHUNK", 3)
    monkeypatch.setattr("crm.exchange.undo.CHUNK", 3)
    client = signed_in(client, cast.alice)
    rows = [make_customer(cast.alice, name=f"N{n}", level="C") for n in range(8)]
    lines = "".join(f"{row.number},A\n" for row in rows)
    batch = checked(client, f"number,level\n{lines}")
    client.post(f"{CUSTOMERS}?batch={batch.pk}")

    def dying(function, call):
        calls = []

        def wrapped(*arguments, **more):
            calls.append(1)
            result = function(*arguments, **more)
            if len(calls) == call:
                raise RuntimeError("killed")
            return result

        return wrapped

    real = applying.note
    monkeypatch.setattr("crm.exchange.applying.note", dying(real, 2))
    job = Job.objects.get(kind="import_run")
    jobs.run(job.pk)
    assert Customer.objects.filter(level="A").count() == 3
    Job.objects.filter(pk=job.pk).update(next_try_at=job.created_at)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.counts, ImportedRow.objects.count()) == ("done", {"updated": 8}, 8)
    assert set(Customer.objects.values_list("level", "version")) == {("A", 2)}
    from crm.exchange import undo

    monkeypatch.setattr("crm.exchange.undo.take_back", dying(undo.take_back, 2))
    undoing.begin(job)
    back = Job.objects.get(kind="undo")
    jobs.run(back.pk)
    assert Customer.objects.filter(level="C").count() == 3
    Job.objects.filter(pk=back.pk).update(next_try_at=back.created_at)
    jobs.run(back.pk)
    back.refresh_from_db()
    assert (back.state, back.counts) == ("done", {"changed": 8, "same": 0})
    assert set(Customer.objects.values_list("level", "version")) == {("C", 3)}
    assert work.counts_of(batch)["updated"] == 8
    assert (ImportBatch.objects.count(), StagedRow.objects.count()) == (1, 8)
