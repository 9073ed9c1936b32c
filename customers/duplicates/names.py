"""Names in the form in which they are compared: 苏州晨曦医疗器械有限公司 is 晨曦 (brand) 医疗器械 (trade) in 苏州."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from crm.exchange.matching import simplified
from crm.search import HAN
from customers.duplicates import words

BRACKETS = re.compile(r"[(\[{<〈《【「（]([^)\]}>〉》】」）]*)[)\]}>〉》】」）]")
NOISE = re.compile(r"[\W_]+")
ABBREVIATED = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b")
TITLES = re.compile(r"(?:先生|女士|小姐|老师|总经理|经理|总监|主任|医生|博士|教授)$")
LATIN_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam"])


class Name(NamedTuple):
    """A company's name taken apart. core: brand and trade without place and legal form; reading: core in pinyin.

    place: (province, city), either may be "".
    """

    core: str = ""
    brand: str = ""
    trade: str = ""
    place: tuple[str, str] = ("", "")
    reading: str = ""
    is_han: bool = True


def folded(text: str) -> str:
    """Half-width, small letters, simplified characters."""
    return unicodedata.normalize("NFKC", text).lower().translate(simplified()).strip()


@lru_cache(maxsize=30_000)
def syllable(character: str) -> str:
    """How one character is read, without tone; whatever is not Chinese stays."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    found = PINYIN_DICT.get(ord(character), "")
    return to_normal(found.split(",")[0]).replace("ü", "v") if found else character


def reading_of(text: str) -> str:
    return "".join(map(syllable, text))


@lru_cache(maxsize=10_000)
def company(name: str) -> Name:
    """A company's name taken apart; names that hold nothing to compare have an empty core."""
    text, place = folded(name), ("", "")
    if "(" in text or "（" in text or "[" in text or "【" in text:
        inside = [part.strip() for part in BRACKETS.findall(text)]
        rest = BRACKETS.sub(" ", text).strip()
        if len(NOISE.sub("", rest)) >= 2:
            text = rest
        place = next((found for part in inside if (found := place_of(part)) != ("", "")), place)
    return chinese(text, place) if HAN.search(text) else latin(text, place)


def chinese(text: str, place) -> Name:
    whole = NOISE.sub("", text)
    here, text = off_place(whole)
    text = off_legal(text)
    brand, trade = divided(text)
    if brand in words.plain_words():  # 上海银行, 海南航空: the place is the name
        text = off_legal(whole)
        brand, trade = divided(text)
    place = here if here != ("", "") else place
    return Name(text, brand, trade, place, reading_of(text), True)


def latin(text: str, place) -> Name:
    text = ABBREVIATED.sub(lambda found: found[0].replace(".", ""), text)
    parts = [part for part in NOISE.sub(" ", text).split() if part]
    kept = [part for part in parts if part not in words.LATIN_LEGAL] or parts
    if len(kept) > 1 and kept[0] in words.latin_places():
        place, kept = words.latin_places()[kept[0]], kept[1:]
    elif len(kept) > 1 and kept[-1] in words.latin_places():
        place, kept = words.latin_places()[kept[-1]], kept[:-1]
    core = "".join(kept)
    brand = kept[0] if kept else ""
    return Name(core, brand, core[len(brand) :], place, core, False)


def off_place(text: str) -> tuple[tuple[str, str], str]:
    """(place, the rest) for a name that begins with province, city or district; what is left keeps two characters."""
    place, starts = ("", ""), words.place_starts()
    for _level in range(3):
        found = first(text.startswith, starts.get(text[:2], ()))
        rest = text[len(found) :]
        if rest[:1] in "省市县区" and len(rest) > 2:
            rest = rest[1:]
        if not found or len(rest) < 2:
            break
        province, city = words.places()[found]
        if place[0] and place[0] != province:
            break  # 长沙安达: a place lies in the one before it, or it is a name
        place = (place[0] or province, city or place[1])
        text = rest
    for nation in words.NATIONS:
        if text.startswith(nation) and len(text) - len(nation) >= 2:
            text = text[len(nation) :]
    return place, text


def first(is_so, candidates) -> str:
    """The first of the words that is so, else ""; a loop is quicker than next() over a generator."""
    for word in candidates:
        if is_so(word):
            return word
    return ""


def off_legal(text: str) -> str:
    """Legal forms are taken off the end as long as two characters are left."""
    while True:
        form = first(text.endswith, words.legal_ends().get(text[-1:], ()))
        if not form or len(text) - len(form) < 2:
            return text
        text = text[: -len(form)]


def divided(core: str) -> tuple[str, str]:
    """(brand, trade): words of what companies do are taken off the end as long as two characters are left."""
    by_last, brand = words.trades(), core
    while True:
        word = first(brand.endswith, by_last.get(brand[-1:], ()))
        if not word or len(brand) - len(word) < 2:
            return brand, core[len(brand) :]
        brand = brand[: -len(word)]


def place_of(text: str) -> tuple[str, str]:
    """The (province, city) that a text such as 江苏, 苏州市 or "江苏 / 苏州" names; ("", "") when it names none."""
    found = ("", "")
    for part in re.split(r"[\s/,，、]+", folded(text)):
        here = words.places().get(part) or words.latin_places().get(part)
        if here is None:
            here, rest = off_place(part + "某某") if HAN.search(part) else (("", ""), "")
            here = here if rest == "某某" else ("", "")
        found = (here[0] or found[0], here[1] or found[1])
    return found


@lru_cache(maxsize=10_000)
def person(name: str) -> Name:
    """A person's name: core without blanks and titles, brand the words in order of the alphabet."""
    text = BRACKETS.sub(" ", folded(name)).strip() or folded(name)
    if HAN.search(text):
        text = NOISE.sub("", text)
        text = TITLES.sub("", text) if len(text) > 2 else text
        return Name(text, text[:1], text[1:], ("", ""), reading_of(text), True)
    parts = [part for part in NOISE.sub(" ", text).split() if part not in LATIN_TITLES]
    return Name("".join(parts), " ".join(sorted(parts)), "", ("", ""), "".join(parts), False)
