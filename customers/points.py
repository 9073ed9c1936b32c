"""How phones, e-mail addresses and other ways to reach people are put into one form, found, masked and shown."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from crm.protection import blind, masks, short

PHONES = ("mobile", "phone")
HOME = "CN"  # numbers of this country are kept without +86, since people here write and dial them so
PHONE = re.compile(r"(\+?\d{3,18})(?:x(\d{1,6}))?")
NUMBER_OF_A_CELL = re.compile(r"^(\d{7,})\.0$")  # 13812345678.0: programs write a column of numbers so
EXTENSION = re.compile(r"(?:ext\.?|x|#|\u8f6c|\u5206\u673a)(?=\d+$)")
CHINESE_MOBILE = re.compile(r"(1[3-9]\d)(\d{4})(\d{4})")
CHINESE_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{3,4})(\d{4})")
CHINESE_SERVICE = re.compile(r"([48]00)(\d{3})(\d{4})")
SERVICE = re.compile(r"\d{3,8}")  # 110, 95588, 12345, and local numbers without an area code
PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII | re.IGNORECASE
)
NO_PHONE = _("“%(value)s” is not a phone number. Write it like 138 1234 5678 or +1 415 555 0100.")
SCOPE = "customers.contactpoint"


# -- One form -----------------------------------------------------------------------------------------------------
def normalised(kind: str, value: str, country: str = "") -> str:
    """The one form in which a value is kept, so that equal ones are found; raises ValidationError in plain words.

    country: the customer's, as people write it; where a number without + is at home.
    """
    value = unicodedata.normalize("NFKC", value).strip()
    if kind in PHONES:
        return normalised_phone(value, country)
    if kind == "email":
        return normalised_email(value)
    return value


def normalised_phone(value: str, country: str = "") -> str:
    """Chinese numbers as dialled at home, others with + and country code, "x" before an extension.

    "0512-6288 0000 ext. 8" -> "051262880000x8", "+86 138 1234 5678" -> "13812345678", service numbers as they are.
    """
    if CHINESE_MOBILE.fullmatch(value) and region_of(country) == HOME:
        return value  # most of them are plain, and lists are long
    value = NUMBER_OF_A_CELL.sub(r"\1", value)
    text = re.sub(r"[\s().\-\u2010-\u2015/]", "", EXTENSION.sub("x", re.sub(r"\s", "", value.lower())))
    parts = PHONE.fullmatch(text)
    if not parts:
        raise ValidationError(NO_PHONE, code="invalid", params={"value": value[:40]})
    number = f"+{parts[1][2:]}" if parts[1].startswith("00") else parts[1]
    number = canonical(number, region_of(country))
    if not number:
        raise ValidationError(NO_PHONE, code="invalid", params={"value": value[:40]})
    return f"{number}x{parts[2]}" if parts[2] else number


def canonical(number: str, region: str) -> str:
    """Digits with or without + in their one form, or "" when no such number can exist."""
    bare = number.removeprefix("+86")
    if (region == HOME or bare != number) and (CHINESE_MOBILE.fullmatch(bare) or CHINESE_LANDLINE.fullmatch(bare)):
        return bare  # nearly all of them: no need to ask the library
    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        found = None
    is_home = found is not None and found.country_code == 86
    if SERVICE.fullmatch(number) and not (found and not is_home and phonenumbers.is_valid_number(found)):
        return number
    if found is None or not phonenumbers.is_possible_number(found):
        return ""
    if not is_home:
        return phonenumbers.format_number(found, PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(found)
    if phonenumbers.number_type(found) == PhoneNumberType.FIXED_LINE or number.startswith("0"):
        return f"0{national}"
    return national


@lru_cache(maxsize=256)
def region_of(country: str) -> str:
    """The ISO code of a country as people write it in Chinese or English, or as its code; China for what is unknown."""
    name = country.strip()
    if not name or name == "中国":
        return HOME
    if name.upper() in phonenumbers.SUPPORTED_REGIONS:
        return name.upper()
    return country_codes().get(name.lower(), HOME)


@lru_cache(maxsize=1)
def country_codes() -> dict[str, str]:
    """{"germany": "DE", "德国": "DE", …} for all places that have phone numbers."""
    from babel import Locale  # read only when somebody works abroad

    return {
        name.lower(): code
        for language in ("en", "zh")
        for code, name in Locale(language).territories.items()
        if code in phonenumbers.SUPPORTED_REGIONS
    }


def normalised_email(value: str) -> str:
    """In lower case: no provider tells addresses apart by capitals."""
    try:
        if len(value) > 200 or not PLAIN_EMAIL.fullmatch(value):  # nearly all are: no need to ask Django
            validate_email(value)
    except ValidationError:
        raise ValidationError(
            _("“%(value)s” is not an e-mail address. Write it like name@example.com."),
            code="invalid",
            params={"value": value[:80]},
        ) from None
    return value.lower()


# -- Found by fingerprints ----------------------------------------------------------------------------------------
def purpose(kind: str) -> str:
    """Phones of both kinds are one class: nobody remembers under which one a number was written down."""
    return f"{SCOPE}.{'phone' if kind in PHONES else kind}"


def digest_of(kind: str, value: str) -> bytes:
    """The fingerprint of a whole kept value."""
    return blind(purpose(kind), value)


def tokens_of(kind: str, value: str) -> list[int]:
    """Fingerprints of what a point may be found by besides the whole: see parts_of."""
    return [short(f"{purpose(kind)}.{part}", text) for part, text in parts_of(kind, value)]


def parts_of(kind: str, value: str) -> list[tuple[str, str]]:
    """(name, text) of each part: last four digits and the number without its extension; local part and domain."""
    if kind in PHONES:
        number, _x, extension = value.partition("x")
        tail = [("tail", number[-4:])] if len(number) >= 7 else []
        return [*tail, *([("number", number)] if extension else [])]
    local, at, domain = value.partition("@")
    return [("local", local), ("domain", domain)] if kind == "email" and at else []


# -- Shown --------------------------------------------------------------------------------------------------------
def masked(kind: str, value: str) -> str:
    """138****5678, z***@example.cn, *** for ids of messengers."""
    if kind in PHONES:
        return masks.phone(value)
    return masks.email(value) if kind == "email" else masks.text(value)


def shown(kind: str, value: str) -> str:
    """A kept value as people read it: 13812345678 -> "138 1234 5678", 051262880000 -> "0512-6288 0000"."""
    if kind not in PHONES:
        return value
    number, _x, extension = value.partition("x")
    if match := CHINESE_MOBILE.fullmatch(number) or CHINESE_SERVICE.fullmatch(number):
        number = " ".join(match.groups())
    elif match := CHINESE_LANDLINE.fullmatch(number):
        number = f"{match[1]}-{match[2]} {match[3]}"
    return f"{number} ext. {extension}" if extension else number
