"""How Chinese names are found by people who type Latin letters."""

from functools import lru_cache

from crm.search import HAN


def name_pinyin(name: str) -> str:
    """The reading of a name in full and by initials ("suzhouchenxi szcx"); empty for a name without Chinese characters.

    Imports that write rows without save() must fill the column name_pinyin with it.
    """
    if not HAN.search(name):
        return ""
    from pypinyin.core import seg  # its dictionary takes a fifth of a second, which most processes never need

    parts = [part for word in seg(name) for part in reading(word)]
    full, initials = "".join(parts), "".join(part[:1] for part in parts)
    return f"{full.replace(' ', '')} {initials.replace(' ', '')}".lower()


@lru_cache(maxsize=20_000)
def reading(word: str) -> tuple[str, ...]:
    """The readings of the characters of a word; imports meet the same words (有限公司) a hundred thousand times.

    What is not Chinese comes letter by letter, so that mixed names are found, too.
    """
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word, errors=list))
