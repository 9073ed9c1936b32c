"""Contacts as business cards: what a person may see, in a form that phones and our own import read."""

import pytest
from django.http import QueryDict

from crm.access import Action
from crm.entities import registry
from crm.exchange import read_table
from crm.exchange.exporting import Export
from crm.models import AccessLogEntry, RoleRule
from customers.cards import folded
from customers.models import ContactPoint
from customers.tests.factories import make_contact, make_customer
from tests.cast import PASSWORD, again

pytestmark = pytest.mark.django_db


@pytest.fixture
def wei(cast):
    """A contact with the signs that cards escape."""
    contact = make_contact(
        cast.alice,
        customer=make_customer(cast.alice, name="Acme; Tools, Ltd"),
        name="张伟",
        position="采购, 总监",
        note="a\nb \\ c;d",
    )
    for kind, value in (("mobile", "13812345678"), ("email", "zhang.wei@acme.example"), ("wechat", "zw_1")):
        ContactPoint.objects.create(contact=contact, kind=kind, value=value, is_primary=True)
    return contact


def cards(client, user, query=""):
    assert client.login(username=user.username, password=PASSWORD)
    response = client.post(f"/contacts/export/{query}", {"format": "vcf", "all_columns": "on"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/vcard; charset=utf-8")
    return b"".join(response.streaming_content)


def test_a_card_holds_what_the_person_may_see_and_can_be_imported_again(client, cast, wei, tmp_path):
    path = tmp_path / "c.vcf"
    path.write_bytes(cards(client, cast.root))
    with read_table(path) as table:
        (_line, headings), (_line, values) = [(1, table.headings), *table.rows]
    row = dict(zip(headings, values, strict=True))
    row.pop("姓", None) or row.pop("Family name")  # the name is never split, so it stands whole there, too
    assert list(row.values()) == [
        "张伟",
        "Acme; Tools, Ltd",
        "采购, 总监",
        "13812345678",
        "zhang.wei@acme.example",
        "a\nb \\ c;d",
    ]
    entry = AccessLogEntry.objects.get(kind="export")
    assert (entry.facts["rows"], entry.facts["format"]) == (1, "vcf")


def test_masked_values_and_foreign_contacts_are_left_out(client, cast, wei):
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    make_contact(cast.carol, name="Hidden")
    text = cards(client, cast.alice).decode()
    assert "FN:张伟" in text
    assert text.count("BEGIN:VCARD") == 1
    assert not any(word in text for word in ("TEL", "EMAIL", "****", "Hidden", "zw_1"))


def test_hidden_columns_are_not_on_a_card(cast, wei, tmp_path):
    export = Export(registry["contacts"], again(cast.root), QueryDict("columns=name,email"))
    with (tmp_path / "c").open("wb") as file:
        assert registry["contacts"].file_kinds[0].name == "vcf"
        assert export.write(file, "vcf") == 1
    text = (tmp_path / "c").read_text()
    assert "EMAIL;TYPE=INTERNET,PREF:zhang.wei@acme.example" in text
    assert not any(word in text for word in ("TEL", "ORG", "TITLE", "NOTE"))


def test_a_long_line_goes_on_without_cutting_a_character():
    line = "NOTE:" + "榕客" * 60
    lines = folded(line).removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert "".join(piece.decode().removeprefix(" ") for piece in lines) == line
