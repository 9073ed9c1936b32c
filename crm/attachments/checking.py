"""What an uploaded file is: its name made safe, its size, its content against its ending, decoded where it can be."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import puremagic
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.files import needing_room, safe_name

from .scanning import RefusedFile, scan
from .types import LOOKED_AT, TYPES, Type, begins_right, is_office, is_two_in_one

PROGRAM = Path(__file__).with_name("look_process.py")
MEMORY, SECONDS = 1024 * 1024 * 1024, 20
SIDE = 480
RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
NOT_WHAT_IT_SAYS = _("The content is not what the ending “.%(ending)s” says. Save it in that format, or rename it.")
BROKEN = _("The file is damaged and cannot be opened. Save it again and try once more.")


@dataclass
class Checked:
    """A file that may be kept. path: where its bytes lie until `close`; preview: JPEG bytes or None."""

    name: str
    content_type: str
    path: str
    preview: bytes | None

    def close(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


def check(upload) -> Checked:
    """Look at an upload. Raises RefusedFile or StorageFull with a sentence for people; then nothing of it is left.

    upload: an UploadedFile; what the browser says about its type is not asked.
    """
    name = clean_name(upload.name or "")
    if upload.size > settings.ATTACHMENTS_MAX_BYTES:
        most = settings.ATTACHMENTS_MAX_BYTES // 1024**2
        raise RefusedFile(_("The file is larger than %(number)s MB. Make it smaller, or share a link."), number=most)
    if not upload.size:
        raise RefusedFile(_("The file is empty. Choose another one."))
    ending = name.rpartition(".")[2].lower()
    kind = TYPES.get(ending) if "." in name else None
    if kind is None:
        raise RefusedFile(
            _("Files of this type are not kept here. These are: %(endings)s."), endings=", ".join(sorted(TYPES))
        )
    with needing_room():
        handle, path = tempfile.mkstemp(prefix="upload-")
    try:
        with needing_room(), os.fdopen(handle, "wb") as file:
            for piece in upload.chunks():
                file.write(piece)
        check_content(kind, ending, path)
        preview = look(kind, ending, path)
        scan(path)
    except BaseException:
        os.unlink(path)
        raise
    return Checked(name, kind.content_type, path, preview)


def clean_name(name: str) -> str:
    """The name as it is kept: no path, nothing invisible or that turns the direction of reading, 200 characters."""
    name = safe_name(unicodedata.normalize("NFC", name.replace("\x00", ""))).strip(" .")
    return f"_{name}" if name.partition(".")[0].strip().lower() in ("", *RESERVED) else name


def check_content(kind: Type, ending: str, path):
    with open(path, "rb") as file:
        head = file.read(LOOKED_AT)
    if not begins_right(kind, head) or (kind.family == "text" and is_known_binary(head)):
        raise RefusedFile(NOT_WHAT_IT_SAYS, ending=ending)
    if kind.family == "office" and not is_office(kind, path):
        raise RefusedFile(NOT_WHAT_IT_SAYS, ending=ending)
    if is_two_in_one(kind, path, head):
        raise RefusedFile(_("The file is two kinds of file at once, which can hide something. Save it again as one."))


def is_known_binary(head: bytes) -> bool:
    """Whether text is really a program, an archive or a picture with another ending."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return False
    return any(match.confidence >= 0.8 and not match.mime_type.startswith("text/") for match in found)


def look(kind: Type, ending: str, path) -> bytes | None:
    """Have pictures and PDFs decoded by a limited process; gives the preview. Raises RefusedFile for broken ones."""
    if kind.family not in ("image", "pdf"):
        return None
    numbers = (MEMORY, SECONDS, settings.ATTACHMENTS_MAX_PIXELS, SIDE)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), path, kind.content_type, *map(str, numbers)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=3 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedFile(BROKEN) from error
    line, _newline, preview = done.stdout.partition(b"\n")
    said = json.loads(line) if line else {}
    match said.get("end"):
        case "done":
            return preview
        case "password":
            return None
        case "pixels":
            raise RefusedFile(
                _("The picture has %(width)s × %(height)s pixels, which is too many. Make it smaller."),
                width=said["width"],
                height=said["height"],
            )
    raise RefusedFile(BROKEN)
