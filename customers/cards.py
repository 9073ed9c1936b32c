"""Writes contacts as business cards (vCard 3.0, RFC 2426, which phones, Outlook and WeCom read)."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice

from crm.revealing import with_opening
from customers.batches import main_customers
from customers.models import Contact, ContactPoint
from customers.points import PHONES

BATCH = 500
OCTETS = 75  # of a line, before it goes on in the next one
# Kinds of points, which are columns of the list as well.
PROPERTIES = {
    "mobile": "TEL;TYPE=CELL,VOICE",
    "phone": "TEL;TYPE=WORK,VOICE",
    "email": "EMAIL;TYPE=INTERNET",
    "wechat": "X-WECHAT",
}


def write_cards(export, file, tell=lambda number: None) -> int:
    """A card for each contact of the export with what the person may see of it; gives their number.

    What is masked for the person is left out: a phone would dial the mask.
    """
    shown, number = {column.name for column in export.columns}, 0
    records = with_opening(export.queryset, export.user).iterator(chunk_size=BATCH)
    while batch := list(islice(records, BATCH)):
        ids = [record.pk for record in batch]
        points = points_of(ids, export.user, shown)
        companies = main_customers(ids, export.user) if "customer" in shown else {}
        for record in batch:
            lines = card(record, companies.get(record.pk, ""), points[record.pk], shown)
            file.write(b"".join(map(folded, lines)))
        number += len(batch)
        tell(len(batch))
    return number


def points_of(ids, user, shown) -> dict[int, list[ContactPoint]]:
    """{contact: points that are valid and that the person may read as they are}."""
    kinds = PROPERTIES.keys() & shown
    found = defaultdict(list)
    rows = ContactPoint.objects.of(Contact.objects.filter(pk__in=ids), user).filter(kind__in=kinds, is_valid=True)
    for point in rows.order_by("contact_id", "kind", "-is_primary", "pk"):
        if point.is_unmasked and not point.is_damaged:
            found[point.contact_id].append(point)
    return found


def card(record, company, points, shown):
    """The lines of one card. The name is never split: it stands whole in the place of the family name."""
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"N:{escaped(record.name)};;;;"
    yield f"FN:{escaped(record.name)}"
    department = record.department if "department" in shown else ""
    if company or department:
        yield f"ORG:{escaped(company)}" + (f";{escaped(department)}" if department else "")
    if record.position and "position" in shown:
        yield f"TITLE:{escaped(record.position)}"
    for point in points:
        primary = ",PREF" if point.is_primary and point.kind != "wechat" else ""
        yield f"{PROPERTIES[point.kind]}{primary}:{point.dial if point.kind in PHONES else escaped(point.value)}"
    if "birthday" in shown and record.is_unmasked and record.birthday and not isinstance(record.birthday, str):
        yield f"BDAY:{record.birthday:%Y-%m-%d}"
    if record.note and "note" in shown:
        yield f"NOTE:{escaped(record.note)}"
    yield f"UID:{record.number}"
    yield "END:VCARD"


def escaped(text: str) -> str:
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """The line in pieces of 75 octets that cut no character; further pieces begin with a space."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
