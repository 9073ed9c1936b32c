"""New records of another kind that an import makes along because its lines name them: the customer of a contact."""

import pytest

from crm.access import Action
from crm.exchange import work
from crm.models import Deletion, ImportBatch, ImportMapping, Job, MadeRecord, RoleRule, TimelineEntry
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    errors_of,
    files_in_a_folder_of_their_own,
    run_waiting,
    said,
    signed_in,
    upload,
)
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.services import add_contact
from customers.tests.factories import make_customer, make_industry
from sales.tests.factories import make_opportunity

pytestmark = pytest.mark.django_db
CONTACTS = "/contacts/import/"
TEXT = (
    "姓名,公司,行业,公司电话,网址,手机\n"
    "张伟,海川,零售业,,,13812345678\n"
    "李娜,海 川,,0512 6288 0000,hc.example.com,\n"
    "王芳,远山,,,,13812345679\n"
    "赵六,老客户,零售业,,,\n"
    "钱七,错行业,打铁,,,\n"
    "孙八,坏电话,,12,,\n"
    "周九,,,,,\n"
)


def begun(client, text=TEXT, url=CONTACTS):
    """Upload and check; gives the batch and the address of its page."""
    response = upload(client, text, url=url)
    page = response.headers["Location"]
    client.post(page, {"action": "check"})
    run_waiting()
    return ImportBatch.objects.latest("pk"), page


def say(client, page, **post):
    response = client.post(f"{page}&step=values", post)
    assert response.status_code == 303, said(response)
    run_waiting()


def run(client, batch, page, **post) -> ImportBatch:
    client.post(page, post)
    run_waiting()
    batch.refresh_from_db()
    return batch


def counts_after_undo(client, batch) -> dict:
    client.post(f"/jobs/{batch.run_job.pk}/undo/")
    run_waiting()
    return Job.objects.filter(kind="undo").latest("pk").counts


@pytest.fixture
def mine(client, cast):
    make_industry(code="retail", name_zh="零售业", name_en="Retail")
    make_customer(cast.alice, name="老客户")
    return signed_in(client, cast.alice)


def test_every_unknown_customer_becomes_one_record_with_its_columns_and_goes_with_the_import(mine, cast):
    batch, page = begun(mine)
    named = {name for name in batch.columns.values() if "." in name}
    assert named == {"customer.industry", "customer.phone", "customer.website"}
    assert Customer.objects.count() == 1
    values = said(mine.get(f"{page}&step=values"))
    assert "Add a new customer for every value that is left open here or not listed" in values
    say(mine, page, customer_all="1")
    batch.refresh_from_db()
    assert {line: sorted(errors) for line, errors in errors_of(batch).items()} == {
        6: ["customer.industry"],
        7: ["customer.phone"],
        8: ["customer"],
    }
    shown = said(mine.get(page))
    assert "2 new records are made along with these rows: customers." in shown

    assert "Customer · Industry" in shown
    assert Customer.objects.count() == 1
    run(mine, batch, page)
    sea, far = Customer.objects.get(name="海川"), Customer.objects.get(name="远山")
    assert set(Customer.objects.values_list("name", flat=True)) == {"老客户", "海川", "远山"}
    assert (sea.industry.code, sea.website, sea.owner, sea.team) == (
        "retail",
        "https://hc.example.com",
        cast.alice,
        cast.north,
    )
    assert ("haichuan" in sea.search_text, sea.created_by, sea.version) == (True, cast.alice, 1)
    assert [p.value for p in ContactPoint.objects.filter(customer=sea)] == ["051262880000"]
    assert Customer.objects.get(name="老客户").industry is None
    roles = ContactRole.objects.order_by("pk").values_list("contact__name", "customer__name", "is_primary")
    assert list(roles) == [
        ("张伟", "海川", True),
        ("李娜", "海川", False),
        ("王芳", "远山", True),
        ("赵六", "老客户", True),
    ]
    events = Customer.pgh_event_model.objects.filter(pgh_obj_id__in=[sea.pk, far.pk], pgh_label="insert")
    assert {e.pgh_context.metadata["job"] for e in events} == {batch.run_job.pk}
    assert TimelineEntry.objects.filter(event="customer_added").count() == 2
    result = said(mine.get(page))
    assert "Made along: customers (2)" in result
    assert f"/customers/{sea.pk}/" in result
    # Taken back: the customer on which somebody hung something stays.
    add_contact(far, actor=cast.alice, name="新人")
    counts = counts_after_undo(mine, batch)
    assert counts == {"changed": 5, "same": 1}
    assert set(Customer.objects.values_list("name", flat=True)) == {"老客户", "远山"}
    assert set(Contact.objects.values_list("name", flat=True)) == {"新人"}
    assert dict(MadeRecord.objects.exclude(at=None).values_list("name", "undone")) == {"海川": "back", "远山": "used"}
    assert Deletion.objects.filter(name="海川").get().act == batch.act


def test_single_values_become_records_and_the_wish_can_be_taken_back_and_is_not_remembered(mine, cast):
    batch, page = begun(mine, "姓名,公司\nA,海川\nB,远山\nC,远山\nD,老客\n")
    names = {name: f"customer_{place}" for place, name in enumerate(batch.unmatched["customer"])}
    old = Customer.objects.get()
    say(mine, page, **{names["远山"]: "+", names["老客"]: str(old.pk)})
    batch.refresh_from_db()
    assert list(batch.unmatched["customer"]) == ["海川"]
    assert [(m.name, m.lines, m.line) for m in batch.made.all()] == [("远山", 2, 3)]
    assert ImportMapping.objects.get(name="", headings="").values == {"customer": {"老客": old.pk}}
    first = batch.made.get().record_id
    say(mine, page, customer_0="+", customer_1="+")
    assert {m.name for m in batch.made.all()} == {"海川", "远山"}
    say(mine, page, customer_0="", customer_1="+")
    batch.refresh_from_db()
    assert len(batch.unmatched["customer"]) == len(batch.made.all()) == 1
    run(mine, batch, page)
    made = batch.made.get()
    assert Customer.objects.filter(pk=made.record_id, name=made.name).exists()
    assert made.record_id != first
    assert Customer.objects.count() == 2
    # The next file finds the customer by its name instead of making it anew.
    again, _page = begun(mine, f"姓名,公司\nE,{made.name}\n")
    assert (again.unmatched, again.made.count(), again.rows.get().decision) == ({}, 0, "create")


def test_who_may_not_add_customers_is_not_offered_it_and_the_job_asks_again(mine, cast):
    batch, page = begun(mine)
    say(mine, page, customer_all="1")
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.ADD).delete()
    run(mine, batch, page)
    assert (Customer.objects.count(), batch.run_job.counts) == (1, {"created": 1, "failed": 3})
    assert batch.rows.get(line=2).errors == {"customer": "You may not add such records any more."}
    other, page = begun(mine)
    assert not {name for name in other.columns.values() if "." in name}
    assert "Add a new customer" not in said(mine.get(f"{page}&step=values"))
    say(mine, page, customer_all="1", customer_0="")
    other.refresh_from_db()
    assert (other.made.count(), other.options.get("make")) == (0, None)
    assert mine.post(f"{page}&step=values", {"customer_0": "+"}).status_code == 422


def test_a_customer_that_was_added_since_the_check_is_not_made_twice(mine, cast):
    batch, page = begun(mine, "姓名,公司\nA,海川\nB,远山\n")
    say(mine, page, customer_all="1")
    make_customer(cast.alice, name="远山")
    run(mine, batch, page)
    assert batch.run_job.counts == {"created": 1, "failed": 1}
    assert batch.rows.get(line=3).errors == {
        "customer": "“远山” has been added since the check. Import the row again, and it is found."
    }
    assert (Customer.objects.filter(name="远山").count(), Customer.objects.filter(name="海川").count()) == (1, 1)


def test_a_run_that_dies_between_two_chunks_makes_no_customer_twice(mine, cast, monkeypatch):
    batch, page = begun(mine, "姓名,公司\n" + "".join(f"P{n},公司{n % 3}\n" for n in range(9)))
    say(mine, page, customer_all="1")
    monkeypatch.setattr(work, "CHUNK", 4)
    written = []

    def dying(*arguments):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(1)
        return write(*arguments)

    write = work.write_chunk
    with monkeypatch.context() as patch:
        patch.setattr(work, "write_chunk", dying)
        with pytest.raises(KeyboardInterrupt):
            run(mine, batch, page)
    assert (Contact.objects.count(), Customer.objects.exclude(name="老客户").count()) == (4, 3)
    Job.objects.filter(kind="import_run").update(lease_until="2020-01-01T00:00:00Z", state="queued")
    run_waiting()
    assert (Contact.objects.count(), Customer.objects.exclude(name="老客户").count()) == (9, 3)


def test_a_line_that_is_left_out_brings_nothing_along_and_an_update_does(mine, cast):
    url = "/opportunities/import/"
    old = make_opportunity(cast.alice, name="X", external_ref="D1", source_system="import", amount=None)
    was = old.customer
    text = "opportunity id,商机,客户,金额\nD1,X,新一,5\nD2,Y,新二,x\nD3,Z,新三,\n"
    batch, page = begun(mine, text, url)
    say(mine, page, customer_all="1")
    assert "2 new records are made along" in said(mine.get(page))
    run(mine, batch, page)
    before = {"老客户", was.name}
    assert set(Customer.objects.values_list("name", flat=True)) == {*before, "新一", "新三"}
    old.refresh_from_db()
    assert (old.customer.name, old.amount) == ("新一", 5)
    assert counts_after_undo(mine, batch) == {"changed": 4, "same": 0}
    old.refresh_from_db()
    assert (old.customer, old.amount) == (was, None)
    assert set(Customer.objects.values_list("name", flat=True)) == before

