"""How alike two records are, and why: evidence in bits for and against, added up (Fellegi and Sunter).

One bit more doubles the odds that both are the same. The weights were set by hand from what each observation means,
on the sets of customers/tests/test_matching.py; a person can be told each of them in words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from customers.duplicates import words
from customers.duplicates.names import Name

NUMBER = re.compile(r"\d+")
COMPANY_PRIOR = -4.5
PERSON_PRIOR = -4.5
ENOUGH_BITS = 2.0
ENOUGH = 1 / (1 + 2**-ENOUGH_BITS)  # 0.8: from this probability on a pair is shown

# What can be said of companies without looking into their names; customers.duplicates.statements adds up the same.
SAME_CODE, LIKE_CODE, OTHER_CODE = 18.0, 3.0, -14.0
SAME_EMAIL = 9.5
SAME_PHONE, OTHER_PHONE = 9.0, -2.0
SAME_DOMAIN, OTHER_DOMAIN = 5.5, -3.5
SAME_CITY, SAME_PROVINCE, OTHER_CITY, OTHER_PROVINCE, NO_PLACE = 1.5, 0.5, -6.0, -8.0, -4.0
# The most that their names can say: equal ones, others in one writing, letters beside characters.
MOST_EQUAL, MOST_ALIKE, MOST_CROSSING = 12.0, 9.5, 10.5


class Profile(NamedTuple):
    """What is compared of one record. phones, emails, domains: fingerprints; places, companies: what else is shared."""

    name: Name
    short: Name | None = None
    code: str = ""
    phones: frozenset = frozenset()
    emails: frozenset = frozenset()
    domains: frozenset = frozenset()
    place: tuple[str, str] = ("", "")
    companies: frozenset = frozenset()
    birthday: str = ""
    identity: str = ""
    street: str = ""
    town: str = ""
    postcode: str = ""


class Meeting(NamedTuple):
    """Whether two records share a phone, an address, a domain; None where one of them has none."""

    phone: bool | None = None
    email: bool | None = None
    domain: bool | None = None


class Verdict(NamedTuple):
    """score: probability that both are the same, 0 to 1; reasons: codes of what speaks for it, the strongest first."""

    score: float
    reasons: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        return min(99, int(self.score * 100))


def verdict(prior: float, evidence: list[tuple[str, float]]) -> Verdict:
    total = prior + sum(bits for _code, bits in evidence)
    found = sorted((one for one in evidence if one[1] > 0), key=lambda one: -one[1])
    return Verdict(1 / (1 + 2 ** -max(-60.0, min(60.0, total))), tuple(code for code, _bits in found))


# -- companies --------------------------------------------------------------------------------------------------------
def companies(a: Profile, b: Profile, rules=None, meet: Meeting | None = None) -> Verdict:
    """rules: the codes of evidence that count; None for all. meet: how the fingerprints meet, where that is known."""
    meet = meet or meeting(a, b)
    found = [*names_of(a, b), *codes_of(a, b), *reached_by(meet, SAME_PHONE, SAME_EMAIL)]
    found += places_of(a, b, found[0][1] > 0)
    if meet.domain is not None:
        found.append(("domain", SAME_DOMAIN) if meet.domain else ("domains_differ", OTHER_DOMAIN))
    if rules is not None:
        found = [one for one in found if one[1] < 0 or one[0] in rules or one[0] == "place"]
    return verdict(COMPANY_PRIOR, found)


def names_of(a: Profile, b: Profile) -> list[tuple[str, float]]:
    """The best of full names and short names; a short name that equals the other's full one is a strong sign."""
    best = company_names(a.name, b.name)
    for one, other in ((a.short, b.name), (a.name, b.short), (a.short, b.short)):
        if one and other and one.core and other.core and one.core == other.core:
            best = max(best, ("short", 7.0 if len(one.core) > 2 else 4.5), key=lambda found: found[1])
    return [best]


def company_names(a: Name, b: Name) -> tuple[str, float]:
    """(what was seen, bits)."""
    if not a.core or not b.core:
        return "name", 0.0
    if a.core == b.core:
        return "name", weight(len(a.core) if a.is_han else (len(a.core) + 1) // 2)
    if NUMBER.findall(a.core) != NUMBER.findall(b.core):
        return "different", -6.0  # plant 1 and plant 2
    if a.is_han != b.is_han:
        return latin_and_han(a, b) if b.is_han else latin_and_han(b, a)
    if not a.is_han:
        return latin_names(a, b)
    if a.reading == b.reading:
        return "pinyin", weight(len(a.core)) - 2.5
    if sorted(a.core) == sorted(b.core) and len(a.core) >= 4:
        return "order", 8.0
    if a.brand == b.brand:
        return trades_of(a.trade, b.trade, len(a.brand))
    return brands_of(a, b)


def weight(length: int) -> float:
    """Bits of equal names by the number of their characters: 华腾 alone is a common name, 华腾精工 hardly."""
    return {0: 0.0, 1: 2.0, 2: 7.0, 3: 9.5}.get(length, MOST_EQUAL)


def latin_and_han(latin: Name, han: Name) -> tuple[str, float]:
    """A name in letters and one in characters: huatengshipin and 华腾食品 are one, huateng and 华腾食品 nearly."""
    brand = words_reading(han.brand)
    if latin.core == han.reading:
        return "pinyin", weight(len(han.core)) - 1.5
    if len(brand) >= 4 and latin.core.startswith(brand):
        rest, trade = latin.core[len(brand) :], words_reading(han.trade)
        if rest and trade and (trade.startswith(rest) or rest.startswith(trade)):
            return "pinyin", 7.0 + (len(han.brand) > 2)
        return ("different", -5.0) if rest and trade else ("pinyin", 3.0 + 2.0 * (len(han.brand) > 2))
    if OSA.distance(latin.core, han.reading, score_cutoff=1) <= 1 and len(han.reading) >= 8:
        return "pinyin", 6.0
    return "different", -3.0  # it may be a translation


def words_reading(text: str) -> str:
    from customers.duplicates.names import reading_of

    return reading_of(text)


def latin_names(a: Name, b: Name) -> tuple[str, float]:
    length = min(len(a.core), len(b.core))
    distance = OSA.distance(a.core, b.core)
    if distance <= 1 + (length >= 12) and length >= 6:
        return "similar", 9.0 - 1.5 * distance
    if a.brand == b.brand and len(a.brand) >= 4 and not (a.trade and b.trade):
        return "short", 4.0
    likeness = JaroWinkler.similarity(a.core, b.core)
    return ("similar", 3.0) if likeness > 0.94 and length >= 6 else ("different", -8.0)


def trades_of(a: str, b: str, brand: int) -> tuple[str, float]:
    """Equal brands: 晨曦医疗 is short for 晨曦医疗器械, 华腾食品 and 华腾精工 are two companies."""
    if not a or not b:
        return "short", 2.5 + 2.5 * (brand > 2)
    if a.startswith(b) or b.startswith(a) or a.endswith(b) or b.endswith(a):
        return "short", 7.5 + (brand > 2)
    if telling(a) == telling(b):
        return "similar", 6.0 if telling(a) else 2.5
    if OSA.distance(a, b, score_cutoff=1) <= 1 and (min(len(a), len(b)) >= 3 or reads_alike(a, b)):
        return "similar", 8.0
    if set(telling(a)) & set(telling(b)) and (telling(a).startswith(telling(b)) or telling(b).startswith(telling(a))):
        return "similar", 3.0 if telling(a) and telling(b) else -2.0
    return "different", -8.0


def reads_alike(a: str, b: str) -> bool:
    return words_reading(a) == words_reading(b)


def telling(trade: str) -> str:
    """The trade without words that say little: 食品科技 -> 食品."""
    for word in words.LOOSE:
        trade = trade.replace(word, "")
    return trade


def brands_of(a: Name, b: Name) -> tuple[str, float]:
    """Different brands: a slip of the hand in a long one, or two companies."""
    if (a.trade == b.trade and a.trade) or a.reading == b.reading:
        if words_reading(a.brand) == words_reading(b.brand):
            return "pinyin", 8.0
        longest, distance = max(len(a.brand), len(b.brand)), OSA.distance(a.brand, b.brand)
        if distance == 1 and longest >= 3 and sorted(a.brand) == sorted(b.brand):
            return "similar", 8.0
        if distance == 1 and longest >= 4:
            return "similar", 7.0
        if distance == 1 and longest == 3:
            return "similar", 3.0
        if sorted(a.brand) == sorted(b.brand):
            return "order", 6.0
        if longest == 2:
            return "different", -5.0  # 信丰信息技术, 信雅信息技术
    if OSA.distance(a.core, b.core, score_cutoff=1) <= 1 and min(len(a.core), len(b.core)) >= 5:
        return "similar", 7.0 if a.core[:2] == b.core[:2] else 4.0 if len(a.core) != len(b.core) else 2.0
    if min(len(a.core), len(b.core)) >= 3 and (a.core in b.core or b.core in a.core):
        return "similar", 2.0
    return "different", -8.0


def codes_of(a: Profile, b: Profile) -> list[tuple[str, float]]:
    if not a.code or not b.code:
        return []
    if a.code == b.code:
        return [("code", SAME_CODE)]
    are_alike = OSA.distance(a.code, b.code, score_cutoff=1) <= 1
    return [("code_alike", LIKE_CODE) if are_alike else ("codes_differ", OTHER_CODE)]


def meeting(a: Profile, b: Profile) -> Meeting:
    return Meeting(*(bool(x & y) if x and y else None for x, y in (
        (a.phones, b.phones), (a.emails, b.emails), (a.domains, b.domains)
    )))  # fmt: skip


def reached_by(meet: Meeting, phone: float, email: float) -> list[tuple[str, float]]:
    """Shared points speak for it; two lists of phones without a common one a little against it."""
    found = [("email", email)] if meet.email else []
    if meet.phone is not None:
        found.append(("phone", phone) if meet.phone else ("phones_differ", OTHER_PHONE))
    return found


def places_of(a: Profile, b: Profile, are_namesakes: bool) -> list[tuple[str, float]]:
    (province, city), (other_province, other_city) = home(a), home(b)
    if province and other_province and province != other_province:
        return [("places_differ", OTHER_PROVINCE)]
    if city and other_city:
        return [("place", SAME_CITY) if city == other_city else ("places_differ", OTHER_CITY)]
    if province and province == other_province:
        return [("place", SAME_PROVINCE)]
    return [("place_unknown", NO_PLACE)] if are_namesakes else []  # there is one of this name in every other city


def home(one: Profile) -> tuple[str, str]:
    """(province, city): what the name says, else what the record says."""
    province, city = one.name.place
    return (province, city) if city or not one.place[1] or province not in ("", one.place[0]) else one.place


# -- people -----------------------------------------------------------------------------------------------------------
def people(a: Profile, b: Profile, rules=None, meet: Meeting | None = None) -> Verdict:
    found = [person_names(a.name, b.name), *reached_by(meet or meeting(a, b), 9.0, 11.0)]
    if a.companies & b.companies:
        found.append(("company", 5.0))
    found += [one for one in (identities(a, b), birthdays(a, b), *streets(a, b)) if one]
    if rules is not None:
        found = [one for one in found if one[1] < 0 or one[0] in rules or one[0] == "company"]
    return verdict(PERSON_PRIOR, found)


def person_names(a: Name, b: Name) -> tuple[str, float]:
    if not a.core or not b.core:
        return "name", 0.0
    if a.core == b.core:
        return "name", {2: 3.5, 3: 6.0}.get(len(a.core), 8.0) if a.is_han else min(8.0, len(a.core) / 2 + 1)
    if a.is_han != b.is_han:
        return ("pinyin", 3.5) if alike_in_letters(a, b) else ("different", -7.0)
    if not a.is_han:
        return latin_people(a, b)
    if a.reading == b.reading:
        return "pinyin", 3.0 if len(a.core) > 2 else 1.5
    if len(a.core) == len(b.core) == 3 and OSA.distance(a.core, b.core) == 1:
        return "similar", 0.5
    return "different", -7.0


def alike_in_letters(a: Name, b: Name) -> bool:
    """zhangwei, weizhang and 张伟."""
    latin, han = (b, a) if a.is_han else (a, b)
    readings = [words_reading(character) for character in han.core]
    turned = "".join(readings[1:] + readings[:1])
    return latin.core in (han.reading, turned)


def latin_people(a: Name, b: Name) -> tuple[str, float]:
    if a.brand == b.brand:
        return "order", 7.0
    likeness = max(JaroWinkler.similarity(a.core, b.core), JaroWinkler.similarity(a.brand, b.brand))
    if likeness >= 0.92:
        return "similar", 4.5
    if likeness >= 0.84:
        return "similar", 1.5
    mine, theirs = set(a.brand.split()), set(b.brand.split())
    if mine & theirs:
        return "similar", 1.0
    return "different", -3.0 if likeness > 0.7 else -5.0


def identities(a: Profile, b: Profile):
    if not a.identity or not b.identity:
        return None
    if a.identity == b.identity:
        return "identity", 14.0
    return ("identity_alike", 4.0) if OSA.distance(a.identity, b.identity) <= 2 else ("identities_differ", -3.0)


def birthdays(a: Profile, b: Profile):
    if not a.birthday or not b.birthday:
        return None
    if a.birthday == b.birthday:
        return "birthday", 10.0
    return ("birthday_alike", 3.0) if OSA.distance(a.birthday, b.birthday) <= 2 else ("birthdays_differ", -3.0)


def streets(a: Profile, b: Profile) -> list:
    found = []
    if a.street and b.street:
        likeness = max(fuzz.token_sort_ratio(a.street, b.street), 0.95 * fuzz.token_set_ratio(a.street, b.street))
        found.append(("address", 6.0 if likeness > 88 else 4.0 if likeness > 76 else 0.0 if likeness > 60 else -2.0))
    if a.town and b.town:
        found.append(("address", 2.5 if JaroWinkler.similarity(a.town, b.town) > 0.88 else -1.5))
    if a.postcode and b.postcode:
        distance = OSA.distance(a.postcode, b.postcode)
        found.append(("address", 3.0 if distance == 0 else 1.0 if distance == 1 else -1.5))
    return found
