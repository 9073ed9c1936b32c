"""Columns that not everybody may see: left out, or masked, in every output alike."""

import io
from dataclasses import replace

import pytest
from django.http import QueryDict
from openpyxl import load_workbook

from crm.entities import entity_for
from crm.listing import Listing
from crm.models import RoleRule
from customers.models import Customer
from tests.cast import again
from tests.factories import factories

Customers = entity_for(Customer)


@pytest.fixture
def record(cast):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action="assign").delete()
    return factories()["customers.customer"](owner=cast.alice, name="Spruce", revenue=7654321)


def restrict(monkeypatch, **more):
    """The revenue, for this test only, needs the right to assign."""
    columns = tuple(
        replace(column, permission="assign", **more) if column.name == "revenue" else column
        for column in Customers.columns
    )
    monkeypatch.setattr(Customers, "columns", columns)


def pages(client, record) -> str:
    """Everything that could tell the figure: list, details and change log, with the thousands' commas taken out."""
    base = Customers.url("record", record)
    addresses = [Customers.url("list") + "?columns=name,revenue", f"{base}?tab=details", f"{base}?tab=changes"]
    return "".join(client.get(address).content.decode() for address in addresses).replace(",", "")


def exported(client) -> list:
    response = client.post(Customers.url("export") + "?columns=name,revenue", {"format": "xlsx"})
    return [cell.value for row in load_workbook(io.BytesIO(response.getvalue())).active.iter_rows() for cell in row]


def test_a_column_without_its_permission_is_on_no_page_in_no_export_and_gives_no_order(
    client, cast, record, monkeypatch
):
    client.force_login(cast.alice)
    assert "7654321" in pages(client, record)
    restrict(monkeypatch)
    assert "7654321" not in pages(client, record)
    assert 7654321 not in exported(client)
    listing = Listing(Customers, again(cast.alice), QueryDict("sort=-revenue_order"))
    assert listing.sort == Customers.default_sort


def test_a_mask_stands_for_the_value_in_every_output(client, cast, record, monkeypatch):
    restrict(monkeypatch, mask=lambda value: "about 10 million")
    client.force_login(cast.alice)
    told = pages(client, record)
    assert "7654321" not in told
    assert told.count("about 10 million") == 2
    assert "about 10 million" in exported(client)
    listing = Listing(Customers, again(cast.alice), QueryDict("sort=revenue_order"))
    assert listing.sort == Customers.default_sort


def test_with_the_permission_the_value_is_there(client, cast, record, monkeypatch):
    restrict(monkeypatch, mask=lambda value: "about 10 million")
    client.force_login(cast.erin)
    told = pages(client, record)
    assert "7654321" in told
    assert "about 10 million" not in told
