"""Makes the files that nobody should send, and a few good ones, for the tests of import."""

import io
import struct
import zipfile

import openpyxl

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/xl/workbook.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
WORKBOOK = (
    b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    b'<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
ROOT_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Target="xl/workbook.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)
SHEET_HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
SHEET_FOOT = b"</sheetData></worksheet>"


def workbook(path, rows, **sheets):
    """A workbook with a first sheet of rows, and further sheets by name."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(path)
    return path


def raw_workbook(path, sheet, **more):
    """A workbook of hand-written parts: sheet is the XML between <sheetData> and its end."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", ROOT_RELATIONS)
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/worksheets/sheet1.xml", SHEET_HEAD + sheet + SHEET_FOOT)
        for name, content in more.items():
            archive.writestr(name, content)
    return path


def claiming(path, size):
    """The same workbook, whose directory says that the sheet has `size` bytes."""
    raw_workbook(path, b"<row><c t='inlineStr'><is><t>name</t></is></c></row>")
    content = bytearray(path.read_bytes())
    name = b"xl/worksheets/sheet1.xml"
    local, central = content.index(name), content.rindex(name)
    struct.pack_into("<I", content, local - 30 + 22, size)
    struct.pack_into("<I", content, central - 46 + 24, size)
    path.write_bytes(content)
    return path


def bomb(path, megabytes):
    """A few kilobytes that become megabytes of spaces."""
    return raw_workbook(path, b" " * (megabytes * 1024 * 1024))


def far_cell(path):
    """Two cells, of which one lies in the last row and column: a reader that keeps the area needs 500 GB."""
    return raw_workbook(
        path,
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    )


def truncated(path):
    whole = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.save(whole)
    path.write_bytes(whole.getvalue()[:-200])
    return path


BROKEN_MESSAGE = "The workbook is damaged and cannot be read. Open it in Excel or WPS and save it again as .xlsx."
TOO_LARGE_MESSAGE = (
    "The workbook unpacks to more than is allowed. Keep only the sheet with the table and save it again."
)


def hide(path, name):
    """Hide one sheet of a workbook."""
    book = openpyxl.load_workbook(path)
    book[name].sheet_state = "hidden"
    book.save(path)


def replaced(path, old, new):
    """The workbook with other text in its first sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def ods(path, *tables):
    """An OpenDocument spreadsheet of raw tables: (name, is hidden, XML of its rows)."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    content = "".join(
        f'<table:table table:name="{name}" table:style-name="{"hidden" if hidden else "shown"}">{rows}</table:table>'
        for name, hidden, rows in tables
    )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/>'
        "</style:style>"
        for name, shown in (("hidden", "false"), ("shown", "true"))
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest='
            '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:automatic-styles>{styles}'
            f"</office:automatic-styles><office:body><office:spreadsheet>{content}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def ods_row(*texts):
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row>{cells}</table:table-row>"
