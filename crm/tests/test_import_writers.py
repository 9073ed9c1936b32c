"""Two writers of one import: when there are two, what the next attempt finds, and what an error stops."""

import threading

import pytest

from crm.entities import registry
from crm.exchange import importer_for
from crm.exchange.changing import note
from crm.exchange.waiting import waiting
from crm.exchange.writers import are_apart, write_all
from crm.models import Job
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    checked,
    files_in_a_folder_of_their_own,
    run_waiting,
    signed_in,
)
from customers.models import Customer
from customers.tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_lines_that_an_attempt_left_out_wait_also_behind_those_that_it_wrote(client, cast):
    client = signed_in(client, cast.alice)
    batch = checked(client, "name\n" + "".join(f"Oak {n}\n" for n in range(2, 9)))
    assert [row.line for row in waiting(batch)] == [2, 3, 4, 5, 6, 7, 8]
    note(batch, Customer, [(4, "created", 1, None), (5, "failed", None, None), (7, "created", 2, None)])
    assert [row.line for row in waiting(batch)] == [2, 3, 6, 8]
    assert client.post(f"{CUSTOMERS}?batch={batch.pk}", {}).status_code == 303
    run_waiting()
    assert {*Customer.objects.values_list("name", flat=True)} == {"Oak 2", "Oak 3", "Oak 6", "Oak 8"}
    assert list(batch.imported.order_by("line").values_list("line", flat=True)) == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "apart"),
    [("name,phone\nOak,051262880000\n", True), ("name,tags\nOak,VIP\n", False), ("name,parent\nOak,Elm\n", False)],
)
def test_lines_that_may_need_each_other_are_written_one_after_the_other(client, cast, text, apart):
    make_customer(cast.alice, name="Elm")
    batch = checked(signed_in(client, cast.alice), text)
    importer = importer_for(registry["customers"], cast.alice)
    assert are_apart(batch, importer) is apart
    batch.options["constants"] = {"tags": "VIP"}
    assert are_apart(batch, importer) is False


def test_contacts_are_written_one_after_the_other_since_the_first_of_a_customer_is_its_primary_one(client, cast):
    make_customer(cast.alice, name="Elm")
    batch = checked(signed_in(client, cast.alice), "name,customer\nAnn,Elm\n", url="/contacts/import/")
    assert are_apart(batch, importer_for(registry["contacts"], cast.alice)) is False


def test_inside_a_transaction_this_thread_writes_all_and_an_error_ends_it():
    done, chunks = [], iter([[1], [2], [], [3]])
    write_all(Job(), chunks, lambda chunk: done.append((*chunk, threading.current_thread())), side_by_side=True)
    assert done == [(1, main := threading.main_thread()), (2, main), (main,), (3, main)]
    chunks = iter([[1], [2], [3]])

    def fails(chunk):
        raise ValueError(chunk[0])

    with pytest.raises(ValueError, match="1"):
        write_all(Job(), chunks, fails, side_by_side=True)
    assert list(chunks) == [[2], [3]]
