"""Every change that the change log keeps says who or what made it: no event row is without a context."""

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import jobs
from crm.models import Deletion, Job, OutboxMessage, User
from customers.models import Customer
from customers.tests.factories import make_customer
from reports import services
from reports.tests.factories import make_schedule
from reports.tests.test_known_answers import load
from sales.setup import load_catalogues
from sales.tests.factories import make_opportunity, stage
from sales.tests.maven_twin import write_twin

pytestmark = pytest.mark.django_db


def event_models() -> list:
    """The event table of every tracked model."""
    return [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]


def newest() -> dict:
    """{event model: its highest key so far}: what migrations and factories wrote before the acts of the test."""
    return {
        model: model.objects.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0
        for model in event_models()
    }


def since(before) -> dict:
    """{label of the tracked model: its new event rows}, of those that have any."""
    found = {model.pgh_tracked_model._meta.label: model.objects.filter(pgh_id__gt=key) for model, key in before.items()}
    return {label: rows for label, rows in found.items() if rows.exists()}


def unmarked(found) -> dict:
    """{label: number of event rows without context}."""
    numbers = {label: rows.filter(pgh_context=None).count() for label, rows in found.items()}
    return {label: number for label, number in numbers.items() if number}


def marks(found, name) -> set:
    """All values of one mark in the contexts of the rows."""
    return {value for rows in found.values() for value in rows.values_list(f"pgh_context__metadata__{name}", flat=True)}


def sent(client, address, form_name="form", **values):
    """Fill in the form that a page shows and send it to the address."""
    form = client.get(address).context[form_name]
    shown = {field: form[field].value() for field in form.fields}
    data = {field: str(value) for field, value in shown.items() if value not in (None, "", False)}
    response = client.post(address, data | values)
    assert response.status_code == 303, form.errors
    return response


def run_waiting():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        assert jobs.run(job.pk)


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def test_every_business_model_has_a_change_log():
    roots = {"customers.Customer", "sales.Opportunity", "marketing.Campaign", "service.Case"}
    parts = {"customers.Contact", "customers.Interaction", "service.CaseMessage", "reports.ReportSchedule"}
    assert roots | parts <= {model.pgh_tracked_model._meta.label for model in event_models()}


def test_a_day_of_forms_moves_and_deletions_leaves_no_row_without_its_person(client, cast):
    load_catalogues()
    customer = make_customer(cast.alice)
    deal = make_opportunity(cast.alice, customer=customer)
    before, page = newest(), f"/customers/{customer.pk}/"
    client.force_login(cast.alice)
    sent(client, "/customers/add/", name="Acorn Works")
    sent(client, f"{page}change/", background="Founded by two sisters.")
    sent(client, f"{page}log/", form_name="composer", text="They want to see the line.")
    assert client.post(f"/opportunities/{deal.pk}/move/", {"to": stage("proposal").pk}).status_code == 303
    assert client.post(f"/customers/{Customer.objects.latest('pk').pk}/delete/").status_code == 303
    assert client.post(f"/deleted/{Deletion.objects.get().pk}/undo/").status_code == 303
    found = since(before)
    assert {label: set(rows.values_list("pgh_label", flat=True)) for label, rows in found.items()} == {
        "customers.Customer": {"insert", "update"},
        "customers.Interaction": {"insert"},
        "sales.Opportunity": {"update"},
    }
    assert unmarked(found) == {}
    assert marks(found, "user") == {cast.alice.pk}


def test_a_service_that_nobody_wrapped_is_found_by_this_test(cast):
    """The net itself: a change outside every request and job has no context, and the count says so."""
    before = newest()
    Customer.objects.filter(pk=make_customer(cast.alice).pk).update(background="By hand.")
    assert unmarked(since(before)) == {"customers.Customer": 2}


def test_an_import_marks_every_row_with_its_person_and_job(client, cast):
    before = newest()
    client.force_login(cast.alice)
    file = SimpleUploadedFile("customers.csv", "客户名称,手机号\n海川,138-1234-5678\n长江,\n".encode())
    at = client.post("/customers/import/", {"file": file}).headers["Location"]
    client.post(at)
    run_waiting()
    assert client.post(at).status_code == 303
    run_waiting()
    found = since(before)
    assert sorted(found) == ["customers.ContactPoint", "customers.Customer"]
    assert unmarked(found) == {}
    assert (marks(found, "user"), marks(found, "job")) == ({cast.alice.pk}, {Job.objects.latest("pk").pk})


def test_the_main_job_leaves_no_row_without_its_source(tmp_path, monkeypatch):
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    before = newest()
    load(write_twin(tmp_path / "maven"))
    found = since(before)
    assert {"customers.Customer", "sales.Opportunity"} <= set(found)
    assert unmarked(found) == {}
    assert marks(found, "source") == {"maven"}
    manager = User.objects.get(name="Ada Berg")
    schedule, before = make_schedule(manager, users=[manager]), newest()
    assert services.start_due_schedules(schedule.next_at) == 1
    run_waiting()
    assert OutboxMessage.objects.filter(kind="report", user=manager).count() == 1
    assert unmarked(since(before)) == {}
