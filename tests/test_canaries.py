"""No protected value is readable in the database: canaries in every protected field, then every table as text."""

import base64
import datetime
from itertools import count

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from crm import jobs
from crm.access import share
from crm.fields import services
from crm.models import FieldDefinition, Job
from crm.protection import ProtectedField
from crm.revealing import protected_fields
from crm.reveals import reveal
from customers.models import ContactPoint, Customer
from customers.services import set_contact_points
from customers.tests.factories import make_contact_point, make_customer
from tests.factories import factories, with_sensitive_value

pytestmark = pytest.mark.django_db
DIGITS = "73918265"
number = count(10)


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def canary(field):
    """A value that occurs nowhere else, in the shape of the field."""
    if field.kind == "date":
        return datetime.date(1907, 3, next(number))
    return f"CNRY{next(number)}{DIGITS}"[: field.max_length or 254]


def dump() -> str:
    """Every row of every table as text, as pg_dump would write it; bytea as hexadecimal digits."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                parts.append(b"".join(bytes(row) for row in rows).decode())
    return "\n".join(parts).lower()


def traces(text: str) -> list[str]:
    """What a plain value would look like in the dump: as text, as hexadecimal digits of bytea, as base64."""
    lower = text.lower()
    return [lower, lower.encode().hex(), text.encode().hex(), base64.b64encode(text.encode()).decode().lower()]


def owned_models():
    """Models with protected fields that are not copies in the change log."""
    return [m for m in apps.get_models() if protected_fields(m) and not hasattr(m, "pgh_tracked_model")]


def test_the_dump_itself_would_find_a_plain_value(cast):
    make_customer(cast.alice, background=f"CNRY{DIGITS}")
    assert DIGITS in dump()


def test_there_are_protected_fields_and_their_copies_in_the_change_log_are_protected_too():
    assert ContactPoint in owned_models()
    for model in owned_models():
        events = getattr(model, "pgh_event_model", None)
        if events:
            copies = {field.name for field in events._meta.concrete_fields if isinstance(field, ProtectedField)}
            assert copies == {field.name for field in protected_fields(model)}, model


def test_no_protected_value_of_any_model_is_in_any_table(cast):
    planted = []
    for model in owned_models():
        record = factories()[model._meta.label_lower](cast.alice)
        for _time in range(2):  # a first value and a changed one, so that the change log has both
            for field in protected_fields(model):
                value = canary(field)
                planted.append(str(value))
                setattr(record, field.name, value)
            record.save()
    found = dump()
    assert [text for text in planted if any(trace in found for trace in traces(text))] == []
    assert DIGITS not in found


def test_no_sensitive_custom_value_of_any_kind_of_record_is_in_any_table_or_copy_of_the_change_log(client, cast):
    """A first and a second value in each kind of record; then search, reveal, form, import with good and bad lines."""
    planted = []
    for entity in services.entities():
        values = [f"CNRY{next(number)}{DIGITS}" for _time in range(2)]
        planted += values
        record = with_sensitive_value(factories()[entity.model._meta.label_lower](cast.alice), *values)
        assert record.pgh_event_model.objects.filter(pgh_obj_id=record.pk, sealed__isnull=False).count() == 2
    client.force_login(cast.alice)
    typed, filled = f"CNRY{next(number)}{DIGITS}", f"CNRY{next(number)}{DIGITS}"
    customer = with_sensitive_value(make_customer(cast.alice), planted[0])
    client.get("/customers/", {"q": planted[0], "custom_salary": planted[0]})
    reveal(customer, "custom_salary", actor=cast.alice, reason="payroll")
    form = client.get(f"/customers/{customer.pk}/change/").context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(f"/customers/{customer.pk}/change/", values | {"custom_salary": typed}).status_code == 303
    text = f"客户名称,工资\n海川,{filled}\n长江,{filled * 20}\n"
    at = client.post("/customers/import/", {"file": SimpleUploadedFile("c.csv", text.encode())}).headers["Location"]
    client.post(at)
    run_waiting()
    assert filled in client.get(at).content.decode(), "the person who imports reads the line as it is"
    client.post(at)
    run_waiting()
    definition = FieldDefinition.objects.get(entity="customers.customer")
    assert [row.held(definition) for row in Customer.objects.filter(name="海川")] == [filled]
    found = dump()
    for plain in (*planted, typed, filled, DIGITS):
        assert not any(trace in found for trace in traces(plain)), plain


def test_no_contact_value_is_in_any_table_after_everything_that_one_does_with_it(client, cast):
    """Form, service, bulk, import with good and bad lines, search, reveal, share, deletion, session, access log."""
    phone, address = f"139{DIGITS}", f"cnry{DIGITS}@example.cn"
    client.force_login(cast.alice)
    customer = make_customer(cast.alice)
    set_contact_points(customer, actor=cast.alice, mobile=phone, email=address)
    point = make_contact_point(cast.alice, customer=customer, value=f"0512{DIGITS}")
    reveal(point, "value", actor=cast.alice, reason="call back")
    share(customer, cast.carol, actor=cast.alice)
    client.get("/customers/", {"q": phone})
    client.get(f"/customers/{customer.pk}/?tab=changes")
    form = client.get(f"/customers/{customer.pk}/change/").context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    client.post(f"/customers/{customer.pk}/change/", values | {"phone": f"0512{DIGITS[::-1]}", "name": "Changed"})
    text = f"客户名称,手机号,邮箱\n海川,{phone},{address}\n长江,{phone}123456789,x{address}x@\n"
    at = client.post("/customers/import/", {"file": SimpleUploadedFile("c.csv", text.encode())}).headers["Location"]
    client.post(at)
    run_waiting()
    assert DIGITS in client.get(at).content.decode(), "the person who imports reads the line as it is"
    client.post(at)
    run_waiting()
    set_contact_points(customer, actor=cast.alice, mobile="", email="")
    assert ContactPoint.everything.count() >= 4
    found = dump()
    for plain in (phone, address, DIGITS, DIGITS[::-1]):
        assert not any(trace in found for trace in traces(plain)), plain


def run_waiting():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        assert jobs.run(job.pk)
