"""Reads .xlsx: looks the zip over first, then lets a limited process of its own read the cells."""

import contextlib
import datetime
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .problems import UnreadableFile

BLOCK = 1 << 20
OVERLAP = 16 * 1024
PROGRAM = Path(__file__).with_name("sheet_process.py")
# A cell with a formula and nothing computed: its value is not in the file, and we never compute formulas.
# An empty text result (t="str") is a value.
UNCOMPUTED = re.compile(rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
DECODERS = {
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
}
BROKEN = _("The workbook is damaged and cannot be read. Open it in Excel or WPS and save it again as .xlsx.")
TOO_LARGE = _("The workbook unpacks to more than is allowed. Keep only the sheet with the table and save it again.")


def workbook_rows(path, limits):
    """(line number, values) of the first visible sheet with rows. Formulas never run: their stored values are taken."""
    check_zip(path, limits)
    return _rows(path, limits)


def check_zip(path, limits):
    """Refuses a zip that claims or gives more than the limit, is broken, or is no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unzipped:
                raise UnreadableFile(TOO_LARGE)
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableFile(_("The file has a password. Save it without one."))
            names = {part.filename.replace("\\", "/").casefold() for part in parts}
            if not {"[content_types].xml", "xl/workbook.xml"} <= names:
                raise UnreadableFile(_("This is a zip file but not an Excel workbook. Choose a .xlsx or .csv file."))
            left = limits.unzipped
            for part in parts:
                left -= _inflated(archive, part, left)
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableFile(BROKEN) from error


def _inflated(archive, part, left):
    """Bytes of a part as they really are: reading to the end also checks its sum, so no directory entry can lie."""
    is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
    size, tail = 0, b""
    with archive.open(part) as file:
        while block := file.read(BLOCK):
            size += len(block)
            if size > left:
                raise UnreadableFile(TOO_LARGE)
            window = tail + block
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise UnreadableFile(BROKEN)
            if is_sheet and b"<f" in window and UNCOMPUTED.search(window):
                raise UnreadableFile(
                    _("The workbook has formulas without results. Open it in Excel or WPS, save it and try again.")
                )
            tail = window[-OVERLAP:]
    return size


def _rows(path, limits):
    child = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM), str(path), str(limits.memory), str(limits.seconds), str(limits.columns)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    finished = False
    try:
        for line in child.stdout:
            message = json.loads(line)
            if "row" in message:
                yield message["line"], [_decoded(cell) for cell in message["row"]]
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


def _report(message, limits):
    match message.get("end"):
        case "done":
            return
        case "password":
            raise UnreadableFile(_("The file has a password. Save it without one."))
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
            raise UnreadableFile(
                _("The file is empty. Choose a file with a row of headings and at least one more row.")
            )
    raise UnreadableFile(BROKEN)


def _decoded(cell):
    if isinstance(cell, dict):
        ((kind, text),) = cell.items()
        return DECODERS[kind](text)
    return cell
