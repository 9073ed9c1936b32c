"""In which encoding a text stands: chardet weighs the candidates, the whole file has to agree."""

import codecs
import re
from dataclasses import dataclass

import chardet
from django.utils.translation import gettext_lazy as _

from .problems import UnreadableFile

BLOCK = 1 << 20
SAMPLE = 200_000  # bytes that chardet looks at
# What can be chosen, and how it is called. UTF-16 and UTF-32 with or without a byte order mark.
NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 / GBK",
    "big5": "Big5",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
}
# UTF-32 before UTF-16: one byte order mark begins with the other.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Big5 of Windows, else with the characters of Hong Kong. Each gives nothing rather than something wrong.
CODECS = {"utf-8": ("utf-8-sig",), "big5": ("cp950", "big5hkscs")}
WEIGHED = {"gb18030": "gb18030", "big5hkscs": "big5", "big5": "big5", "cp950": "big5", "cp1252": "cp1252"}
HIGH = bytes(range(128, 256))
ACCENT = re.compile(rb"(?<=[a-zA-Z])[\xc0-\xff](?![\x80-\xff])")
ENOUGH = 12  # bytes: with fewer nothing is sure
RARE = re.compile("[\u0180-\u036f\u0500-\u07ff]")  # two bytes in UTF-8, and no letters of Europe
LONG_RUN = re.compile(rb"[\x80-\xff]{4,}")


@dataclass(frozen=True)
class Encoding:
    """name: a key of NAMES. is_sure: the bytes leave no doubt. others: what else they could be, likeliest first."""

    name: str
    is_sure: bool
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return NAMES[self.name]


def encoding_of(path) -> Encoding:
    """The likeliest encoding. That a whole file decodes proves UTF-8, but says little for the others."""
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    for mark, name in MARKS:
        if start.startswith(mark):
            return Encoding(name, True)
    if name := _wide(start):
        return Encoding(name, True)
    foreign = _foreign_lines(path)
    if not foreign or decodes(path, "utf-8"):
        return Encoding("gb18030", False, ("utf-8",)) if _is_chance(foreign) else Encoding("utf-8", True)
    if _is_damaged_utf8(foreign):
        return Encoding("utf-8", False)
    found = chardet.detect_all(
        b"\n".join(foreign), ignore_threshold=True, include_encodings=list(WEIGHED), compat_names=False
    )
    ranked = {WEIGHED[one["encoding"]]: one["confidence"] for one in reversed(found) if one["encoding"] in WEIGHED}
    names = sorted(ranked, key=ranked.get, reverse=True) or ["cp1252"]
    if names[0] != "cp1252" and _is_western(foreign):
        names = ["cp1252", *(name for name in names if name != "cp1252")]
    if names[0] == "cp1252" and _is_dense(foreign):
        return Encoding("gb18030", False, ("big5", "cp1252"))
    names = [name for name in names if decodes(path, name)] or names
    first, rest = names[0], tuple(names[1:])
    is_clear = _high(foreign) >= ENOUGH and (not rest or ranked.get(first, 0) >= 3 * ranked[rest[0]])
    return Encoding(first, is_clear and first != "cp1252", rest)


def _wide(start):
    """UTF-16 or UTF-32 without a mark. One stray NUL is an error of the file, not UTF-16."""
    if start.count(0) < len(start) / 10:
        return None
    found = chardet.detect(start, compat_names=False)["encoding"] or ""
    if found in NAMES:
        return found
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def _foreign_lines(path) -> list[bytes]:
    """The first lines that are not ASCII, wherever they stand: a name in line 30,000 decides."""
    lines, size = [], 0
    with path.open("rb") as file:
        rest = b""
        while block := file.read(BLOCK):
            if (rest + block).isascii():
                rest = block[-200:]
                continue
            for line in (rest + block).splitlines():
                if not line.isascii():
                    lines.append(line[:2000])
                    size += len(lines[-1])
                    if size > SAMPLE:
                        return lines
            rest = b""
    return lines


def _is_chance(lines):
    """A few Chinese characters whose bytes happen to be UTF-8: rare letters there, common characters in GB 2312."""
    content = b"\n".join(lines)
    letters = RARE.findall(content.decode("utf-8", "ignore"))
    if not 2 <= len(letters) <= ENOUGH or 2 * len(letters) != _high(lines):
        return False
    try:
        content.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(lines):
    """Most lines are UTF-8, some are not: a damaged file is refused, not read as something else."""

    def is_whole(line):
        try:
            line.decode()
        except UnicodeDecodeError:
            return False
        return True

    return sum(map(is_whole, lines)) > len(lines) * 2 / 3


def _high(lines):
    return sum(len(line) - len(line.translate(None, HIGH)) for line in lines)


def _is_dense(lines):
    """Western text has single letters with accents, Chinese text long runs of high bytes."""
    return sum(map(len, LONG_RUN.findall(b"\n".join(lines)))) > _high(lines) / 2


def _is_western(lines):
    """Accents stand after plain letters and alone, bytes of Chinese together or after what is no letter."""
    return len(ACCENT.findall(b"\n".join(lines))) > _high(lines) * 0.4


def codec_of(path, name: str) -> str:
    """The name of Python's codec; raises UnreadableFile when the file is not in this encoding."""
    codecs_of_name = CODECS.get(name, (name,))
    if len(codecs_of_name) == 1:
        return codecs_of_name[0]
    return next((codec for codec in codecs_of_name if _decodes(path, codec)), codecs_of_name[0])


def decodes(path, name: str) -> bool:
    return any(_decodes(path, codec) for codec in CODECS.get(name, (name,)))


def _decodes(path, codec):
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def check_encoding(name: str):
    if name not in NAMES:
        raise UnreadableFile(_("This encoding is not known. Choose another one."))
