"""Under the application's database role, with the documented rights, the product works and its logs only grow."""

import os
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from crm import jobs, recycling
from crm.deletion import delete
from crm.grants import log_tables, statements
from crm.models import AccessLogEntry, Deletion, Job, OwnershipChange
from customers.models import Customer
from tests.factories import factories

pytestmark = pytest.mark.django_db
ROLE = f"banyan_application_{os.getpid()}"


@pytest.fixture
def application(cast):
    """The rest of the test runs as the application's role. Rolled back with the test, role included."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
        call_command("grants", ROLE, "--apply")
        cursor.execute(f"SET ROLE {ROLE}")
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = session_user")
        yield cast
        cursor.execute("RESET ROLE")


def make(label, owner, **fields):
    return factories()[label](owner=owner, **fields)


def refused(sql: str, *values) -> bool:
    """Whether the database refuses the statement for want of a right."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as error:
        return error.__cause__.sqlstate == "42501"
    return False


def test_the_role_is_not_the_owner(application):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (ROLE,)
    assert refused("CREATE TABLE mine (id int)")
    assert refused("DROP TABLE crm_accesslogentry")
    assert refused("ALTER TABLE crm_accesslogentry DISABLE TRIGGER ALL")
    assert refused("INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())")


def test_all_event_tables_and_both_ledgers_are_among_the_logs(db):
    assert {"crm_accesslogentry", "crm_ownershipchange", "customers_customerevent", "sales_opportunityevent"} <= set(
        log_tables()
    )


def test_nobody_changes_or_deletes_a_row_of_a_log(application):
    """A86: UPDATE, DELETE and TRUNCATE on every log; reading and adding go on."""
    customer = make("customers.customer", application.alice)
    AccessLogEntry.objects.create(kind="read", user=application.alice)
    for table in log_tables():
        named = {"crm_ownershipchange": "reason", "crm_recordmerge": "loser_name"}
        column = "pgh_label" if table.endswith("event") else named.get(table, "kind")
        for sql in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            assert refused(sql), sql
    assert Customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk).count() == 1


def test_who_acted_cannot_be_written_anew(application, client):
    client.force_login(application.alice)
    customer = make("customers.customer", application.alice)
    assert client.post(f"/customers/{customer.pk}/delete/").status_code == 303
    event = Customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk, pgh_label="update").get()
    forged = f'{{"user": {application.bob.pk}}}'
    assert refused("UPDATE pghistory_context SET metadata = %s WHERE id = %s", forged, event.pgh_context_id)
    assert refused("DELETE FROM pghistory_context")
    more = "UPDATE pghistory_context SET metadata = metadata || '{\"more\": 1}' WHERE id = %s"
    assert not refused(more, event.pgh_context_id)


def test_saving_assigning_deleting_restoring_and_purging_work(application, client):
    client.force_login(application.root)
    made = client.post("/customers/add/", {"name": "恒远", "kind": "company", "level": "C", "lifecycle": "prospect"})
    assert made.status_code == 303, made.context["form"].errors
    customer = Customer.objects.get(name="恒远")
    for address, data in (
        (f"/customers/{customer.pk}/assign/", {"owner": "Bob (bob)", "reason": "x"}),
        ("/customers/bulk/", {"action": "assign", "confirmed": "1", "keys": customer.pk, "owner": "Alice (alice)"}),
        (f"/customers/{customer.pk}/delete/", {"reason": "x"}),
    ):
        assert client.post(address, data).status_code == 303, address
    assert OwnershipChange.objects.about(customer).count() == 2
    act = Deletion.objects.get()
    assert client.post("/recycle-bin/restore/", {"key": act.pk}).status_code == 303
    assert Customer.objects.filter(pk=customer.pk).exists()
    act = delete(customer, actor=application.root)
    assert recycling.purge_all([act], actor=application.root) == (1, [])
    for page in ("/", "/customers/", "/opportunities/board/", "/logs/access/", "/logs/changes/", "/reports/"):
        assert client.get(page).status_code == 200, page


def test_jobs_imports_and_reports_work(application, client, settings, tmp_path, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from reports import services
    from reports.tests.factories import make_schedule
    from sales.setup import load_catalogues

    settings.FILES_DIR = tmp_path
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    load_catalogues()
    client.force_login(application.root)
    file = SimpleUploadedFile("customers.csv", "名称\n海川\n瑞安\n".encode())
    client.post(client.post("/customers/import/", {"file": file}).headers["Location"])
    job = Job.objects.get(kind="import_check")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    make("sales.opportunity", application.alice)
    run = services.run_now(
        make_schedule(application.root, users=[application.root]), actor=application.root, token=uuid4()
    )
    for one in Job.objects.filter(state="queued"):
        jobs.run(one.pk)
    run.refresh_from_db()
    assert {one.state for one in Job.objects.all()} == {"done"}, [one.error for one in Job.objects.all()]


def test_the_printed_statements_are_those_that_are_applied(capsys, db):
    call_command("grants", "web")
    printed = capsys.readouterr().out
    assert printed == "".join(f"{line};\n" for line in statements("web"))
    assert 'REVOKE UPDATE, DELETE, TRUNCATE ON "crm_accesslogentry" FROM "web";' in printed


def test_old_entries_are_forgotten_by_the_owner_alone(application):
    AccessLogEntry.objects.bulk_create(AccessLogEntry(kind="login", at="2020-01-01T00:00:00Z") for _ in range(3))
    kept = AccessLogEntry.objects.create(kind="login")
    with pytest.raises(DatabaseError), transaction.atomic():
        call_command("forget_logs", "--before", "2021-01-01")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    call_command("forget_logs", "--before", "2021-01-01", "--log", "both")
    assert list(AccessLogEntry.objects.filter(kind="login")) == [kept]
