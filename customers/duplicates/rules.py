"""The signs by which twins are found: what they are called, and which of them the company uses."""

from django.utils.translation import pgettext_lazy

from customers.models import DuplicateRule

REASONS = {
    "code": pgettext_lazy("duplicates", "same credit code"),
    "code_alike": pgettext_lazy("duplicates", "credit code differs by a slip"),
    "phone": pgettext_lazy("duplicates", "same phone"),
    "email": pgettext_lazy("duplicates", "same e-mail"),
    "domain": pgettext_lazy("duplicates", "same domain"),
    "name": pgettext_lazy("duplicates", "same name"),
    "short": pgettext_lazy("duplicates", "short name"),
    "pinyin": pgettext_lazy("duplicates", "same pinyin"),
    "order": pgettext_lazy("duplicates", "other word order"),
    "similar": pgettext_lazy("duplicates", "similar name"),
    "place": pgettext_lazy("duplicates", "same place"),
    "company": pgettext_lazy("duplicates", "same company"),
}
BRAND = {"brand": pgettext_lazy("duplicates", "same brand")}  # told at the desk alone, finds no pairs
ALWAYS = ("place", "company")  # they only support others


def switchable() -> dict[str, object]:
    return {code: label for code, label in REASONS.items() if code not in ALWAYS}


def rules_in_use() -> frozenset[str]:
    """Codes of the signs that count; a sign without a row is in use."""
    off = set(DuplicateRule.objects.filter(is_on=False).values_list("code", flat=True))
    return frozenset(REASONS) - off


def words_for(reasons) -> list:
    words = REASONS | BRAND
    return [words[code] for code in reasons if code in words]
