"""How phones, e-mail addresses and other ways to reach people are put into one form, and shown."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

PHONES = ("mobile", "phone")
PHONE = re.compile(r"(\+?\d{3,18})(?:x(\d{1,6}))?")
EXTENSION = re.compile(r"(?:ext\.?|x|#|\u8f6c|\u5206\u673a)(?=\d+$)")
CHINESE_MOBILE = re.compile(r"(\+86)?(1\d{2})(\d{4})(\d{4})")
CHINESE_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{3,4})(\d{4})")


def normalised(kind: str, value: str) -> str:
    """The one form in which a value is kept, so that equal ones are found; raises ValidationError in plain words."""
    value = unicodedata.normalize("NFKC", value).strip()
    if kind in PHONES:
        return normalised_phone(value)
    if kind == "email":
        return normalised_email(value)
    return value


def normalised_phone(value: str) -> str:
    """Digits, the leading + if any, and "x" before an extension: "0512-6288 0000 ext. 8" -> "051262880000x8"."""
    text = re.sub(r"[\s().\-\u2010-\u2015/]", "", EXTENSION.sub("x", re.sub(r"\s", "", value.lower())))
    if not PHONE.fullmatch(text):
        raise ValidationError(
            _("“%(value)s” is not a phone number. Write it like 138 1234 5678 or +1 415 555 0100."),
            code="invalid",
            params={"value": value[:40]},
        )
    return f"+{text[2:]}" if text.startswith("00") else text


def normalised_email(value: str) -> str:
    """In lower case: no provider tells addresses apart by capitals."""
    try:
        validate_email(value)
    except ValidationError:
        raise ValidationError(
            _("“%(value)s” is not an e-mail address. Write it like name@example.com."),
            code="invalid",
            params={"value": value[:80]},
        ) from None
    return value.lower()


def shown(kind: str, value: str) -> str:
    """A kept value as people read it: 13812345678 -> "138 1234 5678", 051262880000 -> "0512-6288 0000"."""
    if kind not in PHONES:
        return value
    number, _x, extension = value.partition("x")
    if match := CHINESE_MOBILE.fullmatch(number):
        number = " ".join(part for part in match.groups() if part)
    elif match := CHINESE_LANDLINE.fullmatch(number):
        number = f"{match[1]}-{match[2]} {match[3]}"
    return f"{number} ext. {extension}" if extension else number
