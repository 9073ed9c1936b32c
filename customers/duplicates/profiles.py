"""What is compared, read out of the database: names as they stand, phones and addresses as their fingerprints."""

from __future__ import annotations

from urllib.parse import urlsplit

from crm.protection import short
from customers.duplicates import names
from customers.duplicates.scoring import Profile
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.points import PHONES, purpose

# Mail providers: to share them says nothing about a company.
PROVIDERS = (
    "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com", "yeah.net", "sina.com", "sina.cn",
    "sohu.com", "139.com", "189.cn", "wo.cn", "aliyun.com", "tom.com", "21cn.com", "gmail.com", "googlemail.com",
    "outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com", "yahoo.com", "yahoo.com.cn", "yahoo.cn",
    "icloud.com", "me.com", "mail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "proton.me", "aol.com",
)  # fmt: skip
DOMAIN = f"{purpose('email')}.domain"
FIELDS = ("pk", "kind", "name", "short_name", "credit_code", "website", "region")


def domain_print(domain: str) -> int:
    """The fingerprint that an address of this domain has as its second token."""
    return short(DOMAIN, domain)


def provider_prints() -> list[int]:
    return [domain_print(domain) for domain in PROVIDERS]


def website_print(website: str) -> int | None:
    """The same for a web address, so that www.chenxi.example and sales@chenxi.example meet."""
    try:
        host = (urlsplit(website).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    return domain_print(host) if host and host not in PROVIDERS else None


def customer_profile(kind, name, short_name, code, website, region, points=None) -> Profile:
    """points: (fingerprints of phones, of addresses, of domains)."""
    phones, emails, domains = points or ((), (), ())
    own = website_print(website) if website else None
    is_person = kind == Customer.Kind.PERSON
    return Profile(
        name=names.person(name) if is_person else names.company(name),
        short=names.company(short_name) if short_name and not is_person else None,
        code=code,
        phones=frozenset(phones),
        emails=frozenset(emails),
        domains=frozenset(domains) | {own} if own is not None else frozenset(domains),
        place=names.place_of(region) if region else ("", ""),
    )


def contact_profile(name, points=None, companies=()) -> Profile:
    phones, emails, _domains = points or ((), (), ())
    return Profile(
        name=names.person(name), phones=frozenset(phones), emails=frozenset(emails), companies=frozenset(companies)
    )


def points_of(model, keys) -> dict[int, tuple[list, list, list]]:
    """{key of the customer or contact: (phones, addresses, domains)} as fingerprints."""
    holder, found = model._meta.model_name, {}
    providers = set(provider_prints())
    rows = ContactPoint.objects.filter(**{f"{holder}__in": keys}, kind__in=(*PHONES, "email")).order_by()
    for key, kind, digest, tokens in rows.values_list(holder, "kind", "digest", "tokens"):
        phones, emails, domains = found.setdefault(key, ([], [], []))
        (phones if kind in PHONES else emails).append(bytes(digest))
        if kind == "email" and len(tokens) > 1 and tokens[1] not in providers:
            domains.append(tokens[1])
    return found


def customers(keys) -> dict[int, tuple[str, Profile]]:
    """{key: (kind, profile)} of customers in use."""
    points = points_of(Customer, keys)
    rows = Customer.objects.filter(pk__in=keys).order_by().values_list(*FIELDS)
    return {row[0]: (row[1], customer_profile(*row[1:], points.get(row[0]))) for row in rows}


def contacts(keys) -> dict[int, tuple[str, Profile]]:
    """{key: ("person", profile)} of contacts in use."""
    points, companies = points_of(Contact, keys), {}
    for key, company in ContactRole.objects.filter(contact__in=keys).order_by().values_list("contact", "customer"):
        companies.setdefault(key, []).append(company)
    rows = Contact.objects.filter(pk__in=keys).order_by().values_list("pk", "name")
    return {
        key: (Customer.Kind.PERSON, contact_profile(name, points.get(key), companies.get(key, ())))
        for key, name in rows
    }


# -- written down beside the keys, so that a name is taken apart once -------------------------------------------------
MARK = "\x1f"


def written(one: Profile) -> str:
    """Name, code, short name, place and companies as one text for COPY."""
    name = one.name
    parts = (
        name.core, str(len(name.brand)) if not name.brand.count(" ") else name.brand, *name.place, name.reading,
        "1" if name.is_han else "", one.code, one.short.core if one.short else "", *one.place,
        ",".join(map(str, one.companies)),
    )  # fmt: skip
    return for_copy(MARK.join(parts))


def for_copy(text: str) -> str:
    """Without what means something in a line for COPY."""
    return text.replace("\\", "").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def read(text: str) -> Profile:
    """The profile that was written, without fingerprints."""
    core, brand, province, city, reading, is_han, code, short, home, town, companies = text.split(MARK)
    if brand.isdecimal():
        length = int(brand)
        name = names.Name(core, core[:length], core[length:], (province, city), reading, bool(is_han))
    else:
        name = names.Name(core, brand, "", (province, city), reading, bool(is_han))
    return Profile(
        name=name,
        short=names.Name(core=short) if short else None,
        code=code,
        place=(home, town),
        companies=frozenset(companies.split(",")) if companies else frozenset(),
    )
