"""The check page: problems by kind, corrected or left out together; lines that exist, decided singly or together."""

import pytest
from django.db import connection

from crm.models import ImportBatch, Job
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    checked,
    errors_of,
    files_in_a_folder_of_their_own,
    run_waiting,
    signed_in,
)
from customers.models import ContactPoint, Customer
from customers.services import set_contact_points
from customers.tests.factories import make_customer

pytestmark = pytest.mark.django_db


def kind_with(batch, words) -> str:
    return next(key for key, text in batch.kinds.items() if words in text)


def address(batch, **params):
    return f"{CUSTOMERS}?batch={batch.pk}" + "".join(f"&{name}={value}" for name, value in params.items())


def decided(client, batch, **post):
    response = client.post(address(batch, step="decide"), post)
    assert response.status_code == 303
    run_waiting()
    batch.refresh_from_db()
    return response


def run(client, batch):
    assert client.post(address(batch), {"matched": "twin"}).status_code == 303
    run_waiting()
    batch.refresh_from_db()


def test_problems_are_grouped_by_what_is_wrong_and_corrected_together(client, cast):
    client = signed_in(client, cast.alice)
    rows = "A,Z,1,12\nB,Z,2,无\nC,Q,x,13812345678\nD,A,-5,\nE,A,3,\n"
    batch = checked(client, f"name,level,employees,phone\n{rows}")
    assert sorted(batch.kinds.values()) == [
        "“…” is not a number. Write it like 380000 or 1,250.50.",
        "“…” is not a phone number. Write it like 138 1234 5678 or +1 415 555 0100.",
        "“…” is not one of the choices: A, B, C, D.",
        "“…” is too small, the least is 0.",
    ]
    level = kind_with(batch, "one of the choices")
    page = client.get(address(batch, kind=level)).content.decode()
    assert "For all 3 rows" in page
    assert "“Z”" in page
    assert "is too small" not in page.split('class="tw"')[1]
    decided(client, batch, action="replace", kind=level, value=["Z", "Q"], new=["A", ""])
    assert list(errors_of(batch)) == [2, 3, 4, 5]
    assert "level" not in errors_of(batch)[2]
    decided(client, batch, action="empty", kind=kind_with(batch, "phone number"))
    decided(client, batch, action="skip", kind=kind_with(batch, "too small"))
    assert list(batch.rows.order_by("line").values_list("line", "decision")) == [
        (2, "create"),
        (3, "create"),
        (4, "reject"),
        (5, "skip"),
        (6, "create"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT fixes::text FROM crm_importbatch")
        assert "无" not in cursor.fetchone()[0]
    run(client, batch)
    assert list(Customer.objects.order_by("name").values_list("name", "level")) == [("A", "A"), ("B", "A"), ("E", "A")]
    assert ContactPoint.objects.count() == 0


def test_lines_that_exist_are_shown_with_what_would_change_and_decided_one_by_one_or_together(client, cast):
    client = signed_in(client, cast.alice)
    for name in "ABC":
        set_contact_points(make_customer(cast.alice, name=name, level="C"), actor=cast.alice, phone="0512-6288 0000")
    Customer.objects.filter(name="C").update(owner=cast.carol, team=cast.south)
    batch = checked(client, "name,level,phone\nA,A,0512-6288 0009\nB,A,\nA,B,\nNew,A,\n")
    page = client.get(address(batch, match="name")).content.decode()
    assert "Level: " in page
    assert '<s class="t3">C</s> → <b class="b">A</b>' in page
    assert "62880000" not in page.replace(" ", "").replace("-", "")
    decided(client, batch, action="lines", row_2="fill", row_4="create", row_5="skip", row_99="update", row_x="update")
    assert dict(batch.rows.values_list("line", "decision")) == {2: "fill", 3: "twin", 4: "create", 5: "create"}
    decided(client, batch, action="group", match="name", decision="update")
    assert dict(batch.rows.values_list("line", "decision")) == {2: "update", 3: "update", 4: "create", 5: "create"}
    decided(client, batch, action="group", match="name", decision="nonsense")
    decided(client, batch, action="lines", row_3="skip")
    # What was decided line by line holds when the file is checked again.
    client.post(address(batch, step="map"), {f"column_{place}": name for place, name in batch.columns.items()})
    run_waiting()
    assert dict(batch.rows.values_list("line", "decision")) == {2: "update", 3: "skip", 4: "create", 5: "create"}
    run(client, batch)
    rows = Customer.objects.visible_to(cast.alice).order_by("name", "pk").values_list("name", "level")
    assert list(rows) == [("A", "A"), ("A", "B"), ("B", "C"), ("New", "A")]


def test_nobody_else_decides_and_nothing_is_decided_after_the_start(client, cast):
    client = signed_in(client, cast.alice)
    make_customer(cast.alice, name="A", level="C")
    batch = checked(client, "name,level\nA,A\n")
    signed_in(client, cast.bob)
    url = address(batch, step="decide")
    assert client.post(url, {"action": "lines", "row_2": "update"}).status_code == 404
    signed_in(client, cast.alice)
    run(client, batch)
    client.post(url, {"action": "lines", "row_2": "update"})
    assert ImportBatch.objects.get().rows.get().decision == "twin"
    assert Customer.objects.get().level == "C"
    assert Job.objects.filter(kind="import_check").count() == 1
