"""How Chinese names are found by people who type Latin letters."""

from pypinyin import Style, lazy_pinyin

from crm.search import HAN


def name_pinyin(name: str) -> str:
    """The reading of a name in full and by initials ("suzhouchenxi szcx"); empty for a name without Chinese characters.

    Imports that write rows without save() must fill the column name_pinyin with it.
    """
    if not HAN.search(name):
        return ""
    full = "".join(lazy_pinyin(name, errors=kept)).replace(" ", "")
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=kept)).replace(" ", "")
    return f"{full} {initials}".lower()


def kept(text: str) -> str:
    """What is not Chinese stays as it is, so that mixed names are found, too."""
    return text
