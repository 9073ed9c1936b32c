"""The types of files that may hang on a record: what their endings are and what their content must look like."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass

OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Type:
    """family: how the content is looked at ("image", "pdf", "office", "ole", "zip", "text", "media").

    marks: what the first bytes must be, any of these; part: the folder inside an office file.
    """

    content_type: str
    family: str
    marks: tuple[bytes, ...] = ()
    part: str = ""


JPEG = Type("image/jpeg", "image", (b"\xff\xd8\xff",))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04",)
TYPES = {
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": Type("image/png", "image", (b"\x89PNG\r\n\x1a\n",)),
    "gif": Type("image/gif", "image", (b"GIF87a", b"GIF89a")),
    "webp": Type("image/webp", "image", (b"RIFF",)),
    "bmp": Type("image/bmp", "image", (b"BM",)),
    "pdf": Type("application/pdf", "pdf", (b"%PDF-",)),
    "docx": Type(f"{OFFICE}wordprocessingml.document", "office", ZIP, "word/"),
    "xlsx": Type(f"{OFFICE}spreadsheetml.sheet", "office", ZIP, "xl/"),
    "pptx": Type(f"{OFFICE}presentationml.presentation", "office", ZIP, "ppt/"),
    "doc": Type("application/msword", "ole", (OLE,)),
    "xls": Type("application/vnd.ms-excel", "ole", (OLE,)),
    "ppt": Type("application/vnd.ms-powerpoint", "ole", (OLE,)),
    "zip": Type("application/zip", "zip", ZIP),
    "txt": Type("text/plain", "text"),
    "csv": Type("text/csv", "text"),
    "mp3": Type("audio/mpeg", "media", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "m4a": Type("audio/mp4", "media"),
    "mp4": Type("video/mp4", "media"),
    "amr": Type("audio/amr", "media", (b"#!AMR",)),
}
# What a picture, a PDF or a document does not hold near its beginning, and a web page or program does.
ACTIVE = re.compile(rb"<\s*(script|html|svg|iframe|body|\?php|!doctype\s+html)|<\?php|^GIF8[79]a\s*(/\*|=)", re.I)
LOOKED_AT = 64 * 1024


def begins_right(kind: Type, head: bytes) -> bool:
    """Whether the first bytes are those of the type."""
    if kind.content_type in ("audio/mp4", "video/mp4"):
        return head[4:8] == b"ftyp"
    if kind.content_type == "image/webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if kind.family == "text":
        return b"\x00" not in head
    return head.startswith(kind.marks)


def is_two_in_one(kind: Type, path, head: bytes) -> bool:
    """Whether the file is a second thing, too: a web page or script in its head, a PDF or an archive inside."""
    if kind.family != "text" and ACTIVE.search(head):
        return True
    if kind.family in ("image", "media", "ole") and b"%PDF-" in head:
        return True
    return kind.family in ("image", "pdf", "media") and zipfile.is_zipfile(path)


def is_office(kind: Type, path) -> bool:
    """Whether the zip is the office document that its ending says, without macros."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.replace("\\", "/").casefold() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    has_parts = "[content_types].xml" in names and any(name.startswith(kind.part) for name in names)
    return has_parts and not any(name.endswith("vbaproject.bin") for name in names)
