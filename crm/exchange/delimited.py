"""Reads text tables (.csv, .tsv, pasted): finds encoding and dialect, then streams the records in constant memory."""

import csv
from contextlib import closing
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from .choices import ReadChoices
from .dialects import dialect_of
from .encodings import Encoding, check_encoding, codec_of, encoding_of
from .kinds import Kind, check_text
from .neutral import unescaped
from .problems import UnreadableFile
from .sources import Source

SAMPLE = 64 * 1024  # characters


def delimited_source(path, choices: ReadChoices, limits) -> Source:
    """(line number, values) of each record. Leading apostrophes that our own export put there are taken away."""
    if choices.encoding:
        check_encoding(choices.encoding)
        encoding = Encoding(choices.encoding, True)
    else:
        encoding = encoding_of(path)
    codec = codec_of(path, encoding.name)
    sample, is_cut = _sample(path, codec)
    check_text(sample)
    dialect = dialect_of(sample, is_cut, choices.delimiter, choices.quote)
    used = replace(choices, encoding=encoding.name, delimiter=dialect.delimiter, quote=dialect.quote)
    return Source(Kind.TEXT, _rows(path, codec, dialect, limits), used, encoding=encoding)


def raw_lines(path, choices, count) -> list[tuple[int, list[str]]]:
    """The first lines as text, for somebody who has to see why they cannot be read as a table."""
    try:
        sample, _is_cut = _sample(path, codec_of(path, choices.encoding or encoding_of(path).name))
    except (UnreadableFile, LookupError):
        return []
    return [(line, [text]) for line, text in enumerate(sample.splitlines()[:count], 1)]


def _sample(path, codec):
    with path.open(encoding=codec, errors="replace", newline="") as file:
        sample = file.read(SAMPLE)
        is_cut = bool(file.read(1))
    return sample.removeprefix("\ufeff"), is_cut


def _rows(path, codec, dialect, limits):
    with path.open(encoding=codec, newline="") as file, closing(_lines(file)) as lines:
        if dialect.has_sep_line:
            next(lines)
        reader = dialect.reader(lines)
        before = int(dialect.has_sep_line)
        line = 1 + before
        try:
            for values in reader:
                yield line, [unescaped(value) for value in values]
                line = reader.line_num + 1 + before
        except csv.Error as error:
            raise _explained(error, line, limits) from None
        except UnicodeError:
            raise UnreadableFile(
                _("The text is damaged from line %(line)s on. Choose another encoding, or save it as CSV UTF-8."),
                line=line,
            ) from None


def _lines(file):
    """The lines of the file without a byte order mark; bounded, so that a line without end costs no memory."""
    first = True
    while line := file.readline(csv.field_size_limit() * 2):
        yield line.removeprefix("\ufeff") if first else line
        first = False


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
