"""Reads workbooks: looks a zip over first, then lets a limited process of its own read the cells."""

import contextlib
import datetime
import json
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from crm.json_text import decode

from .choices import ReadChoices
from .kinds import BROKEN, PASSWORD, Kind
from .problems import EMPTY, UnreadableFile
from .sources import Sheet, Source

BLOCK = 1 << 20
OVERLAP = 16 * 1024
PIPE = 1 << 20  # 5,000 rows: whoever is faster goes on meanwhile
PROGRAM = Path(__file__).with_name("sheet_process.py")
# A cell with a formula and nothing computed: its value is not in the file, and we never compute formulas.
# An empty text result (t="str") is a value.
UNCOMPUTED = re.compile(rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
DECODERS = {
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
}
UNCOMPUTED_MESSAGE = _("The workbook has formulas without results. Open it in Excel or WPS, save it and try again.")
TOO_LARGE = _("The workbook unpacks to more than is allowed. Keep only the sheet with the table and save it again.")


def workbook_source(path, kind: Kind, choices: ReadChoices, limits, is_checked=False) -> Source:
    """The sheet that was chosen, else the first visible one with rows. Formulas never run: stored values are taken."""
    uncomputed = check_zip(path, limits) if kind is not Kind.XLS and not is_checked else set()
    messages = _messages(path, choices, limits)
    try:
        about = next(messages)
        # A part that nobody could name may be any of them.
        if uncomputed and about["part"] in (None, *uncomputed):
            raise UnreadableFile(UNCOMPUTED_MESSAGE)
    except UnreadableFile:
        messages.close()
        raise
    return Source(
        kind,
        _rows(messages),
        replace(choices, sheet=about["sheet"]),
        sheets=[Sheet(**sheet) for sheet in about["sheets"]],
        merges=[tuple(area) for area in about["merges"]],
        merged=about["merged"],
    )


def _rows(messages):
    try:
        for message in messages:
            for line, row in message["rows"]:
                yield line, [_decoded(cell) if type(cell) is dict else cell for cell in row]
    finally:
        messages.close()


def check_zip(path, limits) -> set[str]:
    """Refuses a zip that is broken or gives more than the limit; gives the sheets with formulas without results."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unzipped:
                raise UnreadableFile(TOO_LARGE)
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableFile(PASSWORD)
            left, uncomputed = limits.unzipped, set()
            for part in parts:
                left -= _inflated(archive, part, left, uncomputed)
            return uncomputed
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableFile(BROKEN) from error


def _inflated(archive, part, left, uncomputed):
    """Bytes of a part as they really are: reading to the end also checks its sum, so no directory entry can lie.

    Adds the part to `uncomputed` when one of its formulas has no result.
    """
    is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    size, tail = 0, b""
    with archive.open(part) as file:
        while block := file.read(BLOCK):
            size += len(block)
            if size > left:
                raise UnreadableFile(TOO_LARGE)
            window = tail + block
            if is_xml and (b"<!DOCTYPE" in window or b"<!ENTITY" in window):
                raise UnreadableFile(BROKEN)
            if is_sheet and b"<f" in window and UNCOMPUTED.search(window):
                uncomputed.add(part.filename)
                is_sheet = False
            tail = window[-OVERLAP:]
    return size


def _messages(path, choices, limits):
    """What the process says: first about the workbook, then row by row. Raises UnreadableFile where it ends badly."""
    options = {
        "path": str(path),
        "memory": limits.memory,
        "seconds": limits.seconds,
        "columns": limits.columns,
        "sheet": choices.sheet,
        "split": limits.split,
        "piece": limits.piece,
    }
    child = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM), json.dumps(options)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    widen(child.stdout)
    finished = False
    try:
        for line in child.stdout:
            message = decode(line)
            if "end" not in message:
                yield message
            else:
                finished = True
                _report(message, limits)
        if not finished:
            # Code 1: an error or a panic of the reader. Else a limit killed it, or it gave up for want of memory.
            raise UnreadableFile(BROKEN if child.wait() == 1 else TOO_LARGE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.stdout.close()
        child.wait()


def widen(pipe):
    """Make the pipe of a process larger where the system knows how and allows it: Linux has limits of its own."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)


def _report(message, limits):
    match message["end"]:
        case "done":
            return
        case "password":
            raise UnreadableFile(PASSWORD)
        case "hidden":
            raise UnreadableFile(_("All sheets of the workbook are hidden. Show the one with the table and save it."))
        case "memory":
            raise UnreadableFile(TOO_LARGE)
        case "columns":
            raise UnreadableFile(
                _("Line %(line)s has %(columns)s columns, at most %(limit)s are allowed."),
                line=message["line"],
                columns=message["columns"],
                limit=limits.columns,
            )
        case "empty":
            raise UnreadableFile(EMPTY)
    raise UnreadableFile(BROKEN)


def _decoded(cell):
    ((kind, text),) = cell.items()
    return DECODERS[kind](text)
