"""Which records are compared at all: those that share a key. What very many share says nothing, and is left out."""

from customers.duplicates.scoring import Profile

MOST = 40  # records that share a key; more of them are a class (a city, a mail provider, 张伟), not a suspicion


def company_keys(one: Profile):
    """Keys of a company's name, code and fingerprints: whatever two records need to be alike enough, they share one."""
    name = one.name
    if one.code:
        yield "code", one.code
    for kind, values in (("phone", one.phones), ("email", one.emails), ("domain", one.domains)):
        for value in values:
            yield kind, value
    if one.short and one.short.core:
        yield "reading", one.short.reading
    if not name.core:
        return
    yield "reading", name.reading
    if not name.is_han:
        yield "start", name.core[:8]
        return
    if len(name.core) >= 4:
        yield "bag", "".join(sorted(name.core))
        yield "start", name.core[:4]
    if name.trade:
        yield "end", name.brand, name.trade[-2:]
        if len(name.brand) > 2:  # one character of a longer brand may be a slip
            for at in range(len(name.brand)):
                yield "slip", name.trade, name.place, name.brand[:at] + name.brand[at + 1 :]


def crossing_keys(one: Profile):
    """Keys that only a name in letters and one in characters share: the beginning of huatengshipin and of 华腾食品."""
    reading = one.name.reading
    if len(reading) >= 6:
        yield "letters", reading[:9]
        if (one.name.is_han and len(reading) > 9) or len(reading) <= 9:
            yield "letters", reading[:6]


def person_keys(one: Profile):
    """Keys of a person; common names alone are cut off by MOST, so that a second sign must stand beside them."""
    name = one.name
    for kind, values in (("phone", one.phones), ("email", one.emails)):
        for value in values:
            yield kind, value
    if one.identity:
        yield "identity", one.identity
    if one.birthday:
        yield "birthday", one.birthday
    for company in one.companies:
        yield "at", company, "".join(sorted(name.reading))  # Guo Yu, Yu Guo and 郭雨
        yield "at", company, name.core[:1], name.core[-1:]
    if name.brand and name.core:
        yield "name", name.core if name.is_han else name.brand
        yield "letters", "".join(sorted(name.reading))
        if one.town:
            yield "town", one.town, name.core[:4]
            yield from (("town", one.town, word) for word in name.brand.split())
        if one.postcode:
            yield from (("code", one.postcode, word[:4]) for word in name.brand.split())
    if one.street:
        yield from (("street", word, one.postcode[:2], name.core[:1]) for word in one.street.split() if len(word) > 4)
        yield "street", one.street, one.town
    if one.postcode and one.town:
        yield "place", one.postcode, one.town
