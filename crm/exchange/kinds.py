"""What a file is, told by its content: names lie (an .xls that is a text table, a .csv that is a workbook)."""

import enum
import mmap
import re
import zipfile

from django.utils.translation import gettext_lazy as _

from .problems import UnreadableFile


class Kind(enum.StrEnum):
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"
    VCARD = "vcard"


WORKBOOKS = (Kind.XLSX, Kind.XLSB, Kind.XLS, Kind.ODS)
LABELS = {
    Kind.XLSX: _("Excel workbook (.xlsx)"),
    Kind.XLSB: _("Excel binary workbook (.xlsb)"),
    Kind.XLS: _("Excel 97-2003 workbook (.xls)"),
    Kind.ODS: _("OpenDocument spreadsheet (.ods)"),
    Kind.TEXT: _("text table"),
    Kind.VCARD: _("business cards (vCard)"),
}
# The names under which each kind usually comes; another name is worth a word.
USUAL = {
    Kind.XLSX: {"xlsx", "xlsm", "xltx", "xltm"},
    Kind.XLSB: {"xlsb"},
    Kind.XLS: {"xls", "xlt", "et", "ett"},
    Kind.ODS: {"ods", "ots"},
    Kind.TEXT: {"csv", "tsv", "tab", "txt", ""},
    Kind.VCARD: {"vcf", "vcard"},
}
ZIP = b"PK"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKS = re.compile(rb"^(\xef\xbb\xbf|\xff\xfe(\x00\x00)?|(\x00\x00)?\xfe\xff)")
BROKEN = _("The workbook is damaged and cannot be read. Open it in Excel or WPS and save it again as .xlsx.")
# (how the content begins, or for a zip what it holds: what to say)
BEGINNINGS = (
    ((b"%pdf",), _("This is a PDF, not a table. Choose a workbook, a text table or business cards.")),
    (
        (b"<?xml", b"<workbook"),
        _("This is an XML file, not a table. Open it in Excel and save it as .xlsx."),
    ),
    (
        (b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<style", b"<body", b"mime-version:"),
        _("This is a web page, not a table. Open it in Excel and save it as .xlsx."),
    ),
    ((b"{\\rtf",), _("This is a text document, not a table. Copy its table and paste it here.")),
    ((b'{"', b"[{", b"[["), _("This is JSON, not a table. Save the data as .csv or .xlsx.")),
)
NO_TEXT = _("This is no table: the file holds pictures, a program or other data. Choose a workbook or a text table.")
CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f]")
PASSWORD = _("The file has a password. Save it without one.")


def kind_of(path) -> Kind:
    """Raises UnreadableFile, which says what the file is and what to do, for all that is no table."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(ZIP):
        return _in_zip(path)
    if start.startswith(COMPOUND):
        return _in_compound(path)
    plain = MARKS.sub(b"", start).replace(b"\x00", b"").lstrip(b" \t\r\n").lower()
    if plain.startswith(b"begin:vcard"):
        return Kind.VCARD
    for beginnings, words in BEGINNINGS:
        if re.sub(rb"\s+", b"", plain[:40]).startswith(beginnings):
            raise UnreadableFile(words)
    return Kind.TEXT


def _in_zip(path):
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").casefold() for name in archive.namelist()}
            mimetype = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError) as error:
        raise UnreadableFile(BROKEN) from error
    if "[content_types].xml" in names and "xl/workbook.xml" in names:
        return Kind.XLSX
    if "xl/workbook.bin" in names:
        return Kind.XLSB
    if b"opendocument.spreadsheet" in mimetype:
        return Kind.ODS
    if any(name.endswith(".iwa") for name in names):
        raise UnreadableFile(_("This is a Numbers or Pages file. Export it from there as Excel or CSV."))
    if "word/document.xml" in names or "ppt/presentation.xml" in names or b"opendocument" in mimetype:
        raise UnreadableFile(_("This is a document or a presentation, not a table. Copy its table and paste it here."))
    raise UnreadableFile(_("This is a zip file, not a table. Unpack it and choose the file in it."))


def _in_compound(path):
    """Names of streams stand in the directory of the compound file as UTF-16, wherever that lies."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:

        def holds(name):
            return content.find(name.encode("utf-16-le")) >= 0

        if holds("EncryptedPackage"):
            raise UnreadableFile(PASSWORD)
        if holds("Workbook") or holds("Book"):
            return Kind.XLS
    raise UnreadableFile(_("This is an old document or mail, not a table. Copy its table and paste it here."))


def check_text(sample: str):
    """Refuses what is no text although it has no known beginning: pictures, programs, damaged files."""
    if len(set(CONTROLS.findall(sample))) > 12:  # a person's text holds a few stray ones at most, a picture all 26
        raise UnreadableFile(NO_TEXT)
