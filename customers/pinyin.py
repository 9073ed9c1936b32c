"""How Chinese names are found by people who type Latin letters."""

import re
from functools import lru_cache

from crm.search import HAN

RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


def name_pinyin(name: str) -> str:
    """The reading of a name in full and by initials ("suzhouchenxi szcx"); empty for a name without Chinese characters.

    Imports that write rows without save() must fill the column name_pinyin with it.
    """
    if not HAN.search(name):
        return ""
    parts = [(run, run) if run.isascii() else reading(run) for run in RUN.findall(name)]
    full, initials = ("".join(text).replace(" ", "") for text in zip(*parts, strict=True))
    return f"{full} {initials}".lower()


@lru_cache(maxsize=20_000)
def reading(run: str) -> tuple[str, str]:
    """The readings of the characters of a part of a name that is not ASCII, and their first letters; what has no
    reading comes by letters."""
    from pypinyin.core import seg  # its dictionary takes a fifth of a second, which most processes never need

    parts = [part for word in seg(run) for part in word_reading(word)]
    return "".join(parts), "".join([part[:1] for part in parts])


@lru_cache(maxsize=20_000)
def word_reading(word: str) -> tuple[str, ...]:
    """The same of one word; imports meet the same words (有限公司) a hundred thousand times."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word, errors=list))
