"""What one sees of imports afterwards: row by row, the list of imports, what is kept for how long; and the template."""

import io

import openpyxl
import pytest
from django.utils import timezone

from crm.exchange import applying
from crm.models import Deletion, ImportBatch, ImportedRow, Job, StagedRow
from crm.tasks import clean
from crm.tests.test_import_changes import taken_back
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    OPPORTUNITIES,
    content_of,
    files_in_a_folder_of_their_own,
    imported,
    signed_in,
)
from customers.models import Customer
from customers.tests.factories import make_customer, make_industry

pytestmark = pytest.mark.django_db


def said(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_every_row_leads_to_its_record_and_says_what_changed_and_why_it_was_that_one(client, cast, monkeypatch):
    monkeypatch.setattr("crm.exchange.result_rows.SHOWN_ROWS", 2)
    client = signed_in(client, cast.alice)
    old = make_customer(cast.alice, name="Old", level="C", employees=5)
    make_customer(cast.alice, name="There")
    lines = f"{old.number},,A,25\n,New 1,B,\n,New 2,B,\n,New 3,B,\n,There,B,\n,,B,\n"
    batch = imported(client, f"number,name,level,employees\n{lines}")
    url = f"{CUSTOMERS}?batch={batch.pk}"
    page = said(client.get(url))
    new = Customer.objects.get(name="New 1")
    assert f'href="/customers/{new.pk}/"' in page
    assert "New 3" not in page
    assert "New 3" in said(client.get(f"{url}&outcome=created&after=4"))
    page = said(client.get(f"{url}&outcome=updated"))
    assert '<s class="t3">C</s> → <b class="b">A</b>' in page
    assert '<s class="t3">5</s> → <b class="b">25</b>' in page
    assert "number" in page.split("What changed")[1]
    assert "“There” exists already" in said(client.get(f"{url}&outcome=left"))
    assert "This must not be empty." in said(client.get(f"{url}&outcome=reject"))
    Customer.objects.filter(pk=old.pk).update(owner=cast.carol, team=cast.south)
    page = said(client.get(f"{url}&outcome=updated"))
    assert "no longer among the records you can see" in page
    assert '<b class="b">25</b>' not in page


def test_a_record_that_was_merged_or_taken_back_for_good_is_told_as_what_became_of_it(client, cast):
    client = signed_in(client, cast.alice)
    batch = imported(client, "name\nLoser\nTwin\nGone\n")
    url, rows = f"{CUSTOMERS}?batch={batch.pk}", {row.name: row for row in Customer.objects.all()}
    Customer.objects.filter(pk=rows["Loser"].pk).update(merged_into=rows["Twin"].pk, deleted_at=timezone.now())
    assert f'<a href="/customers/{rows["Twin"].pk}/">merged into Twin</a>' in said(client.get(url))
    taken_back(client, batch)
    page = said(client.get(url))
    assert "Taken back: 2 rows. 1 row was left as it is." in page
    assert "Gone, in the recycle bin" in page
    Deletion.objects.all().delete()
    assert said(client.get(url)).count("removed when the import was taken back") == 2


def test_one_sees_ones_own_imports_and_administrators_those_of_all_without_what_is_in_them(client, cast):
    imported(signed_in(client, cast.alice), "name\nA\nB\n")
    batch = ImportBatch.objects.get()
    page = said(client.get("/imports/"))
    assert f"?batch={batch.pk}" in page
    assert 'name="who"' not in page
    assert "No imports" in said(client.get("/imports/?kind=opportunities"))
    assert "No imports" in said(client.get("/imports/?since=2999-01-01"))
    assert f"?batch={batch.pk}" in said(client.get("/imports/?kind=customers&since=nonsense&before=x&who=bob"))
    signed_in(client, cast.bob)
    assert "No imports" in said(client.get("/imports/"))
    signed_in(client, cast.root)
    page = said(client.get("/imports/?who=ali"))
    assert "customers.csv" in page
    assert f"?batch={batch.pk}" not in page
    assert "No imports" in said(client.get("/imports/?who=carol"))
    assert client.get(f"{CUSTOMERS}?batch={batch.pk}").status_code == 404


def test_lines_and_before_images_go_after_thirty_days_and_the_import_stays_on_the_list_for_a_year(client, cast):
    batch = imported(signed_in(client, cast.alice), "name\nA\n,\n")
    Job.objects.filter(pk=batch.run_job.pk).update(finished_at="2020-01-01T00:00:00Z")
    ImportBatch.objects.update(samples={"0": {}})
    clean()
    assert (StagedRow.objects.count(), ImportedRow.objects.count()) == (0, 0)
    assert ImportBatch.objects.get().samples == {}
    assert "Take this import back" not in said(client.get(f"{CUSTOMERS}?batch={batch.pk}"))
    assert "customers.csv" in said(client.get("/imports/"))


def test_the_template_offers_the_choices_of_its_columns_as_lists(client, cast):
    make_industry(code="odd", name_zh="=1+1", name_en="=1+1")
    client = signed_in(client, cast.alice)
    book = openpyxl.load_workbook(io.BytesIO(content_of(client.get(f"{CUSTOMERS}?file=template"))))
    data, choices = book.worksheets
    headings = [cell.value.lower() for cell in data[1]]
    checks = {str(one.sqref): one.formula1 for one in data.data_validations.dataValidation}
    level = openpyxl.utils.get_column_letter(headings.index("level") + 1)
    source = checks[f"{level}2:{level}10000"]
    column = source.split("!$")[1][0]
    assert [choices[f"{column}{row}"].value for row in range(2, 6)] == ["A", "B", "C", "D"]
    odd = [cell for row in choices.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in odd] == ["s"]
    assert data["A1"].font.b
    make_customer(cast.carol, name="Hers")
    book = openpyxl.load_workbook(io.BytesIO(content_of(client.get(f"{OPPORTUNITIES}?file=template"))))
    assert "Hers" not in {cell.value for row in book.worksheets[1].iter_rows() for cell in row}
    assert applying.read('{"a": 1.10}')["a"].as_tuple().digits == (1, 1, 0)
