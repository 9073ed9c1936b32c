"""How Chinese names are found by people who type Latin letters."""

from crm.search import HAN


def name_pinyin(name: str) -> str:
    """The reading of a name in full and by initials ("suzhouchenxi szcx"); empty for a name without Chinese characters.

    Imports that write rows without save() must fill the column name_pinyin with it.
    """
    if not HAN.search(name):
        return ""
    from pypinyin import lazy_pinyin  # its dictionary takes a fifth of a second, which most processes never need

    # What is not Chinese comes letter by letter, so that mixed names are found, too.
    parts = lazy_pinyin(name, errors=list)
    full, initials = "".join(parts), "".join(part[:1] for part in parts)
    return f"{full.replace(' ', '')} {initials.replace(' ', '')}".lower()
