"""An update of the program between the check of an import and its writing: lines are completed, or asked for again."""

import pytest

from crm.models import ImportBatch, Job
from crm.tests.test_importing import CUSTOMERS, checked, looked_at, run_waiting, signed_in
from customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def older(batch, *columns):
    """The batch as an earlier version of the program staged it, which did not have the columns."""
    known = batch.reading["columns"]["customers.Customer"]
    assert {*columns} <= {*known}
    batch.reading["columns"]["customers.Customer"] = [one for one in known if one not in columns]
    batch.save(update_fields=["reading"])
    return batch


def test_columns_that_came_with_an_update_are_empty_in_lines_that_were_checked_before(client, cast):
    signed_in(client, cast.alice)
    batch = older(checked(client, "name\n海川\n远山\n"), "background", "industry_id", "tags")
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    run_waiting()
    rows = Customer.objects.order_by("pk").values_list("name", "background", "industry", "tags")
    assert list(rows) == [("海川", "", None, []), ("远山", "", None, [])]


@pytest.mark.parametrize("column", ["name", "created_by_id"])
def test_lines_that_an_update_left_incomplete_ask_for_the_file_again(client, cast, column):
    signed_in(client, cast.alice)
    batch = older(checked(client, "name\n海川\n"), column)
    client.post(f"{CUSTOMERS}?batch={batch.pk}")
    run_waiting()
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    assert "The fields of these records have changed since this file was checked." in page
    assert (Customer.objects.count(), Job.objects.get(kind="import_run").state) == (0, "failed")


def test_a_check_whose_column_went_meanwhile_asks_for_the_file_again(client, cast):
    signed_in(client, cast.alice)
    looked_at(client, "name,short name\n海川,海\n")
    ImportBatch.objects.update(columns={"0": "name", "1": "custom_gone"})
    run_waiting()
    batch = ImportBatch.objects.get()
    page = client.get(f"{CUSTOMERS}?batch={batch.pk}").content.decode()
    assert "The fields of these records have changed since this file was checked." in page
    assert batch.check_job.state == "failed"
