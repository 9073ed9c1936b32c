"""Reads text tables (.csv): finds encoding and delimiter, then streams the records in constant memory."""

import codecs
import csv
import io
import re

from django.utils.translation import gettext_lazy as _

from .neutral import unescaped
from .problems import UnreadableFile

DELIMITERS = (",", "\t", ";", "|")
BLOCK = 1 << 20
# UTF-32 before UTF-16: one byte order mark begins with the other.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NON_ASCII = re.compile(r"[^\x00-\x7f]")
HAN = re.compile("[\u4e00-\u9fff]")


def delimited_rows(path, limits):
    """(line number, values) of each record. Leading apostrophes that our own export put there are taken away."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        try:
            first = file.readline(limits.cell * 10)
        except UnicodeError:
            raise UnreadableFile(
                _("The file is damaged: its text cannot be read. Save it again as CSV UTF-8.")
            ) from None
        delimiter = delimiter_of(first)
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        try:
            for values in reader:
                yield line, [unescaped(value) for value in values]
                line = reader.line_num + 1
        except csv.Error as error:
            raise _explained(error, line, limits) from None
        except UnicodeError:
            raise UnreadableFile(
                _("The text is damaged from line %(line)s on. Save the file again as CSV UTF-8."), line=line
            ) from None


def _explained(error, line, limits):
    if "field larger" in str(error):
        return UnreadableFile(
            _("Line %(line)s has a cell with more than %(limit)s characters. Shorten it, or look for a missing quote."),
            line=line,
            limit=limits.cell,
        )
    return UnreadableFile(
        _(
            "The quotes in line %(line)s do not match. Put text with quotes or commas in double quotes, "
            "and double each quote inside."
        ),
        line=line,
    )


def encoding_of(path) -> str:
    """The encoding by which the whole file can be read strictly and reads like writing."""
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if name := _unmarked_utf16(start):
        return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "gb18030") and _reads_like_chinese(start):
        return "gb18030"
    raise UnreadableFile(
        _("The characters of the file are neither UTF-8 nor GB18030. Save it as CSV UTF-8, or as .xlsx.")
    )


def _unmarked_utf16(start):
    zeros = start.count(0)
    # One stray NUL is an error of the file, not UTF-16.
    if zeros < len(start) / 10:
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def _decodes(path, encoding):
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _reads_like_chinese(start):
    """Almost any bytes decode as GB18030; text in another encoding gives rare characters, real text common ones."""
    text = codecs.getincrementaldecoder("gb18030")().decode(start)
    foreign = NON_ASCII.findall(text)
    return bool(HAN.search(text)) and sum(map(_is_likely, foreign)) >= len(foreign) * 0.7


def _is_likely(character):
    """In GB 2312, the plane of common characters; or of four bytes, which no other encoding gives by chance."""
    try:
        character.encode("gb2312")
    except UnicodeError:
        return len(character.encode("gb18030")) == 4
    return True


def delimiter_of(first_line) -> str:
    """The delimiter that cuts the first line into the most cells; a comma when there is only one."""

    def cells(delimiter):
        try:
            return len(next(csv.reader(io.StringIO(first_line), delimiter=delimiter), ()))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)
