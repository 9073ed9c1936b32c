"""Numbers that authorities give: credit codes, tax numbers and identity numbers, with their check digits."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as Wrong

TAX_NUMBER = re.compile(r"[A-Z0-9]{4,30}")


def compact(text: str) -> str:
    """In capitals, half-width, without blanks and hyphens: "9111 0000-6000 37341l" -> "91110000600037341L"."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def credit_code(text: str) -> str:
    """A unified social credit code (GB 32100) in its one form; raises ValidationError for a wrong one."""
    code = compact(text)
    try:
        return uscc.validate(code) if code else ""
    except Wrong:
        raise ValidationError(
            _(
                "“%(value)s” is not a unified social credit code: it has 18 characters, and the last one must fit "
                "the rest."
            ),
            code="invalid",
            params={"value": text[:40]},
        ) from None


def tax_number(text: str) -> str:
    """A tax number: that of a Chinese company is its credit code; older and foreign ones are letters and digits."""
    number = compact(text)
    if number and not TAX_NUMBER.fullmatch(number):
        raise ValidationError(
            _("“%(value)s” is not a tax number: write 4 to 30 letters and digits."),
            code="invalid",
            params={"value": text[:40]},
        )
    if len(number) == 18 and number[:1] == "9":
        return credit_code(number)
    return number


def identity_number(text: str) -> str:
    """The number of an identity card or a passport; one of 18 digits must have the right check digit."""
    number = compact(text)
    if len(number) == 18 and number[:17].isdecimal():
        try:
            return ric.validate(number)
        except Wrong:
            raise ValidationError(
                _("This identity number cannot be right: the date of birth or the last digit does not fit the rest."),
                code="invalid",
            ) from None
    if number and not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        raise ValidationError(_("An identity number has 5 to 20 letters and digits."), code="invalid")
    return number


def bank_account(text: str) -> str:
    """Digits or an IBAN, without blanks."""
    number = compact(text)
    if number and not re.fullmatch(r"\d{5,34}|[A-Z]{2}\d{2}[A-Z0-9]{4,30}", number):
        raise ValidationError(
            _("“%(value)s” is not an account number: write 5 to 34 digits, or an IBAN."),
            code="invalid",
            params={"value": text[:8]},
        )
    return number
