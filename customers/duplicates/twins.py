"""The likely twins of something that is being typed: who has it already, shown to people as far as they may see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.asking import hidden_address
from crm.history import log_access
from crm.models import AccessLogEntry
from crm.search import doubled
from customers.codes import credit_code
from customers.duplicates import profiles, scoring
from customers.duplicates.names import reading_of
from customers.duplicates.rules import rules_in_use, words_for
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.points import PHONES, digest_of, normalised

MOST = 200  # rows that are weighed
SHOWN = 5
LIKELY, POSSIBLE = 0.5, 0.3  # when a form asks back, and what the desk tells: a person decides, so less than the queue
DAILY = 100  # answers about records of others that one person gets in a day
BRAND = scoring.Verdict(0.0, ("brand",))
LOOKUP = AccessLogEntry.Kind.LOOKUP


@dataclass(frozen=True)
class Twin:
    """One likely twin. record: None for somebody who may not see it; owner: whom to ask then, "" for nobody's; ask: the
    address where he asks for access."""

    record: object
    percent: int
    reasons: list
    owner: str = ""
    ask: str = ""


@dataclass(frozen=True)
class Answer:
    """twins: the most alike first; seal: what a form sends back to say that these were seen; is_limited: the person has
    asked about so many records of others today that these are left out."""

    twins: list[Twin]
    seal: str = ""
    is_limited: bool = False


def asked(model, values: dict):
    """(kind, profile) of what was typed; values that are none are passed over. values: {name of a field: text}."""
    points = ([], [], [])
    for kind in (*PHONES, "email"):
        try:
            value = normalised(kind, values.get(kind) or "", values.get("country") or "")
        except ValidationError:
            continue
        (points[1] if kind == "email" else points[0]).append(digest_of(kind, value))
        domain = value.partition("@")[2]
        if domain and domain not in profiles.PROVIDERS:
            points[2].append(profiles.domain_print(domain))
    name = values.get("name") or ""
    if model is Contact:
        company = values.get("customer")
        return Customer.Kind.PERSON, profiles.contact_profile(name, points, [company] if company else ())
    try:
        code = credit_code(values.get("credit_code") or "")
    except ValidationError:
        code = ""
    kind = values.get("kind") or Customer.Kind.COMPANY
    text = (values.get(one) or "" for one in ("short_name", "website", "region"))
    short, website, region = text
    return kind, profiles.customer_profile(kind, name, short, code, website, region, points)


def likely(model, kind: str, profile, least: float = LIKELY, *, brands=False) -> list[tuple[int, scoring.Verdict]]:
    """(key, verdict) of the records in use that are alike enough, whoever may see them; a few of them. brands: behind
    them also those of which the typed name is the brand alone, as people look companies up."""
    condition = by_points(model, profile) | by_name(model, kind, profile)
    if profile.code:
        condition |= Q(credit_code=profile.code)
    keys = list(model.objects.filter(condition).order_by("-pk").values_list("pk", flat=True)[:MOST])
    read = (profiles.contacts if model is Contact else profiles.customers)(keys) if keys else {}
    compare = scoring.people if kind == Customer.Kind.PERSON else scoring.companies
    rules = rules_in_use()
    found = [(key, compare(profile, one, rules)) for key, (sort, one) in read.items() if sort == kind]
    alike = sorted((pair for pair in found if pair[1].score >= least), key=lambda pair: -pair[1].score)
    rest = [key for key, verdict in found if verdict.score < least and brands and is_brand(profile.name, read[key][1])]
    return [*alike, *((key, BRAND) for key in rest)][:SHOWN]


def is_brand(typed, profile) -> bool:
    """Whether the typed name is the brand of the profile's, or its reading. A whole brand: by pieces of it one could
    spell out, letter by letter, what others are called."""
    if len(typed.core) < (2 if typed.is_han else 4):
        return False
    brands = [one.brand for one in (profile.name, profile.short) if one]
    return any(typed.core in (brand, reading_of(brand)) for brand in brands)


def by_points(model, profile) -> Q:
    prints = [*profile.phones, *profile.emails]
    if not prints:
        return Q(pk__in=[])
    holder = model._meta.model_name
    rows = ContactPoint.objects.filter(digest__in=prints, **{f"{holder}__isnull": False})
    return Q(pk__in=list(rows.values_list(holder, flat=True)[:MOST]))


def by_name(model, kind: str, profile) -> Q:
    """Rows that the trigram index of the search text finds by a piece of the name, or by its reading."""
    name = profile.name
    if len(name.core) < 2:
        return Q(pk__in=[])
    if model is Contact:
        people = Q(name__iexact=name.core) | Q(search_text__contains=f" {name.reading} ")
        at = ContactRole.objects.filter(customer__in=profile.companies).values("contact")
        return people | Q(pk__in=at) if profile.companies else people
    piece = doubled(name.core[:4]) if name.is_han else name.brand
    found = Q(search_text__contains=piece) if len(piece) > 2 else Q(pk__in=[])
    return found | Q(search_text__contains=name.reading[:16]) if len(name.reading) > 5 else found


def answer(model, values: dict, user, *, least: float = LIKELY, address=None, brands=False) -> Answer:
    """The likely twins as this person may see them. Records of others are told without their name, up to a number a
    day, and each such answer is logged."""
    found = likely(model, *asked(model, values), least, brands=brands)
    if not found:
        return Answer([])
    keys = [key for key, _verdict in found]
    seen = model.objects.visible_to(user).in_bulk(keys)
    hidden = [key for key in keys if key not in seen]
    is_limited = bool(hidden) and lookups_today(user) >= DAILY
    if hidden and not is_limited:
        log_access(LOOKUP, user=user, address=address, entity=f"{model._meta.model_name}s", rows=len(hidden))
    owners, typed = owners_of(model, hidden), typed_as(model, values)
    twins = []
    for key, verdict in found:
        if key in seen or not is_limited:
            customer, owner = owners.get(key, (None, ""))
            ask = hidden_address(Customer, customer, typed, user) if customer else ""
            reasons = words_for(dict.fromkeys(verdict.reasons))
            twins.append(Twin(seen.get(key), verdict.percent, reasons, owner, ask))
    return Answer(twins, Signer(salt="twins").signature(",".join(map(str, sorted(keys)))), is_limited)


def lookups_today(user) -> int:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return AccessLogEntry.objects.filter(user=user, kind=LOOKUP, at__gte=start).count()


def typed_as(model, values: dict) -> str:
    """What stands in the place of a hidden record's name: what the person has typed himself, never a number."""
    name = (values.get("name") or values.get("short_name") or "").strip()
    what = {"what": model._meta.verbose_name, "name": name}
    return _("%(what)s like “%(name)s”") % what if name else _("%(what)s found by a number") % what


def owners_of(model, keys) -> dict[int, tuple[int, str]]:
    """{key: (the customer for which to ask, whom to ask, "" for nobody)}: of a contact one of its customers."""
    if model is Customer:
        rows = Customer.objects.filter(pk__in=keys).values_list("pk", "pk", "owner__name")
    else:
        roles = ContactRole.objects.filter(contact__in=keys).order_by(
            F("customer__owner").desc(nulls_first=True), "-pk"
        )
        rows = roles.values_list("contact", "customer", "customer__owner__name")
    return {key: (customer, owner or "") for key, customer, owner in rows}
