"""Cuts a large sheet of an .xlsx into small workbooks, since the reader keeps the whole of what it is given.

Runs in the process of sheet_process.py and imports nothing of ours. It moves text about and understands none of it:
cells are read by the reader alone. What is written in an unusual way is not cut but read whole.
"""

import io
import posixpath
import re
import zipfile
from array import array
from xml.etree import ElementTree

BLOCK = 1 << 20
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MERGE = re.compile(rb'<mergeCell\s+ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
ROOT = re.compile(rb"<worksheet\b[^>]*>")
ITEM = re.compile(rb"<si\s*/>|<si\b.*?</si>", re.DOTALL)
SHARED = re.compile(rb'(<c\b[^>]*\bt="s"[^>]*>\s*<v>)(\d+)(?=</v>)')
END = b"</row>"
ROW = (b"<row ", b"<row>")


class Unsplittable(Exception):
    """A workbook that is written in a way of its own: it is read whole."""


class Parts:
    """The parts of an .xlsx that reading needs.

    piece: bytes of a sheet that are read at once.
    sheets: (part, name, is_visible) by place. same: the parts that each piece has unchanged.
    """

    def __init__(self, path, piece):
        self.piece = piece
        try:
            self.archive = zipfile.ZipFile(path)
            book = ElementTree.fromstring(self.archive.read("xl/workbook.xml"))  # noqa: S314 check_zip has refused DTDs
            relations = ElementTree.fromstring(self.archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
            raise Unsplittable from error
        targets = {one.get("Id"): self.full(one.get("Target", "")) for one in relations}
        kinds = {one.get("Type", "").rpartition("/")[2]: self.full(one.get("Target", "")) for one in relations}
        self.strings, styles = kinds.get("sharedStrings"), kinds.get("styles")
        self.sheets = [
            (targets.get(one.get(RELATION), ""), one.get("name", ""), one.get("state", "visible") == "visible")
            for one in book.iter()
            if one.tag.rpartition("}")[2] == "sheet"
        ]
        self.sizes = {part.filename: part.file_size for part in self.archive.infolist()}
        same = ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", styles]
        self.same = {name: self.archive.read(name) for name in same if name in self.sizes}

    @staticmethod
    def full(target):
        return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))

    def largest(self):
        return max((self.sizes.get(part, 0) for part, _name, _is_visible in self.sheets), default=0)

    def listed(self):
        """The sheets with how many rows they have and their merged areas; sheets of charts are left out."""
        for place, (part, name, is_visible) in enumerate(self.sheets):
            if part.startswith("xl/worksheets/") and part in self.sizes:
                rows, areas = self.scan(part)
                if not rows and self.sizes[part] > BLOCK:
                    raise Unsplittable  # with names of its own
                yield {"place": place, "name": name, "is_visible": is_visible, "rows": rows}, areas

    def blocks(self, name):
        with self.archive.open(name) as file:
            while block := file.read(min(BLOCK, self.piece)):
                yield block

    def scan(self, name):
        """(rows, merged areas) of a sheet, at the speed of unpacking it."""
        rows, window, tail = 0, b"", b""
        for block in self.blocks(name):
            text = window + block
            rows += sum(text.count(tag) - window.count(tag) for tag in ROW)
            if tail or b"</sheetData>" in text:
                tail = tail + block if tail else text.partition(b"</sheetData>")[2] or b" "
            window = block[-16:]
        areas = [
            ((int(top) - 1, column(left)), (int(bottom) - 1, column(right)))
            for left, top, right, bottom in MERGE.findall(tail)
        ]
        return rows, areas


def column(letters):
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


class Strings:
    """The shared strings as one block of bytes and where each begins: a third of what the strings would take.

    They are read as far as they were asked for: a preview needs few.
    """

    def __init__(self, parts):
        self.content, self.starts = bytearray(), array("I", [0])
        self.blocks = parts.blocks(parts.strings) if parts.strings in parts.sizes else iter(())
        self.rest = b""

    def __getitem__(self, place):
        while place + 1 >= len(self.starts):
            self.read(next(self.blocks, None))
        return self.content[self.starts[place] : self.starts[place + 1]]

    def read(self, block):
        if block is None:
            raise IndexError("a cell names a shared string that is not there")
        self.rest += block
        end = 0
        for found in ITEM.finditer(self.rest):
            self.content += found[0]
            self.starts.append(len(self.content))
            end = found.end()
        self.rest = self.rest[end:]


def split(parts, name):
    """Pieces of the sheet: whole rows between the tags of an empty sheet."""
    head, held = None, b""
    for block in parts.blocks(name):
        held += block
        if head is None:
            root, start = ROOT.search(held), held.find(b"<sheetData>")
            if root is None or start < 0:
                if len(held) > 2 * BLOCK:
                    raise Unsplittable
                continue
            head, held = root[0] + b"<sheetData>", held[start + len(b"<sheetData>") :]
        if len(held) >= parts.piece:
            end = held.rfind(END) + len(END)
            if end < len(END):
                if len(held) > max(4 * parts.piece, BLOCK):
                    raise Unsplittable
                continue
            yield head + held[:end] + b"</sheetData></worksheet>"
            held = held[end:]
    if head is None:
        raise Unsplittable
    yield head + held.partition(b"</sheetData>")[0] + b"</sheetData></worksheet>"


def small(parts, name, strings, piece):
    """A workbook in memory that holds one piece of the sheet and the shared strings that it uses."""
    import python_calamine

    # Every third text between is the number of a shared string: they are counted anew from 0.
    texts = SHARED.split(piece) if parts.strings in parts.sizes else [piece]
    places = {number: place for place, number in enumerate(dict.fromkeys(texts[2::3]))}
    texts[2::3] = [b"%d" % places[number] for number in texts[2::3]]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for one, text in parts.same.items():
            archive.writestr(one, text)
        archive.writestr(name, b"".join(texts))
        if parts.strings:
            items = b"".join([strings[int(number)] for number in places])
            archive.writestr(parts.strings, b'<sst xmlns="%b">%b</sst>' % (SPACE, items))
    content.seek(0)
    return python_calamine.CalamineWorkbook.from_filelike(content)
