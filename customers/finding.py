"""Finding customers and contacts by a phone number or an address: whole, its last digits, or a side of its @."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import Q

from crm.protection import short
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.points import digest_of, normalised_email, normalised_phone, parts_of, purpose

MOST = 500  # more points than these are a class such as a large mail provider, and taken as they are
DIGITS = re.compile(r"[+\d][\d\s().\-/x#\u8f6cet]*")
LOCAL = re.compile(r"[a-z0-9][a-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}")
DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
MESSENGERS = ("wechat", "qq", "wecom", "other")


@dataclass
class Asked:
    """What a text may mean: fingerprints of whole values and of (class, part, text)."""

    digests: set[bytes] = field(default_factory=set)
    parts: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def tokens(self) -> list[int]:
        return [short(f"{purpose(kind)}.{name}", text) for kind, name, text in sorted(self.parts)]

    @property
    def condition(self) -> Q:
        found = Q(digest__in=sorted(self.digests)) if self.digests else Q()
        return found | Q(tokens__overlap=self.tokens) if self.parts else found

    def fits(self, point) -> bool:
        """Whether an opened point is really one of these: fingerprints of 32 bits may clash."""
        if bytes(point.digest) in self.digests:
            return True
        kind = "phone" if point.icon == "phone" else point.kind
        return any((kind, name, text) in self.parts for name, text in parts_of(point.kind, point.value))


def asked(text: str) -> Asked:
    """What somebody who types this may look for; nothing for a fragment that no fingerprint stands for."""
    text, wanted = unicodedata.normalize("NFKC", text).replace("\x00", "").strip().lower(), Asked()
    if DIGITS.fullmatch(text):
        take_digits(text, wanted)
    elif "@" in text:
        take_address(text, wanted)
    elif LOCAL.fullmatch(text):
        wanted.parts.add(("email", "local", text))
        if DOMAIN.fullmatch(text):
            wanted.parts.add(("email", "domain", text))
    if text and " " not in text and len(text) >= 3:
        wanted.digests |= {digest_of(kind, text) for kind in MESSENGERS}
    return wanted


def take_digits(text: str, wanted: Asked):
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4 == len(text):
        wanted.parts.add(("phone", "tail", digits))
    try:
        number = normalised_phone(text)
    except ValidationError:
        return
    wanted.digests.add(digest_of("phone", number))
    if len(digits) > 4 and "x" not in number:
        wanted.parts.add(("phone", "number", number))  # those that are kept with an extension


def take_address(text: str, wanted: Asked):
    local, _at, domain = text.partition("@")
    if not local and DOMAIN.fullmatch(domain):
        wanted.parts.add(("email", "domain", domain))
    elif local and not domain:
        wanted.parts.add(("email", "local", local))
    else:
        try:
            wanted.digests.add(digest_of("email", normalised_email(text)))
        except ValidationError:
            return


def holders(text: str, user) -> tuple[Q, Q] | None:
    """(condition on customers, condition on contacts) of the points that the text names; None when it names none.

    The rows that satisfy them still have to pass the rule of access: `found` only adds them to what it looks through.
    """
    wanted = asked(text)
    if not (wanted.digests or wanted.parts) or not user.rights.may(ContactPoint):
        return None
    points = ContactPoint.objects.filter(wanted.condition)
    rows = list(points.order_by().only("kind", "key", "value", "digest", "customer", "contact")[: MOST + 1])
    if len(rows) > MOST:
        return (
            Q(pk__in=points.filter(customer__isnull=False).values("customer")),
            Q(pk__in=points.filter(contact__isnull=False).values("contact")),
        )
    rows = [point for point in rows if wanted.fits(point)]
    if not rows:
        return None
    return (
        Q(pk__in=sorted({point.customer_id for point in rows} - {None})),
        Q(pk__in=sorted({point.contact_id for point in rows} - {None})),
    )


def contacts_by_point(text: str, user) -> Q | None:
    found = holders(text, user)
    return found[1] if found else None


def customers_by_point(text: str, user) -> Q | None:
    """Customers with such a point of their own, or with a contact who has it."""
    found = holders(text, user)
    if not found:
        return None
    people = Contact.objects.filter(found[1]).values("pk")
    return found[0] | Q(pk__in=ContactRole.objects.filter(contact__in=people).values("customer"))


def points_by_point(text: str, user) -> Q | None:
    wanted = asked(text)
    return wanted.condition if wanted.digests or wanted.parts else None


def with_merged(finder, model, letter: str):
    """The finder, which also leads from the number of a merged record (C-000123) to the one that it went into."""
    number = re.compile(rf"\s*{letter}-0*(\d{{1,18}})\s*", re.IGNORECASE)

    def find(text: str, user):
        found, match = finder(text, user), number.fullmatch(text)
        if not match:
            return found
        survivor = Q(pk__in=model.everything.filter(pk=int(match[1])).values("merged_into"))
        return survivor if found is None else found | survivor

    return find


FINDERS = {
    Customer: with_merged(customers_by_point, Customer, "C"),
    Contact: with_merged(contacts_by_point, Contact, "P"),
    ContactPoint: points_by_point,
}
