"""The private storage: files are written whole or not at all, and read only through checked views."""

import contextlib
import errno
import hashlib
import logging
import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.failpoints import failpoint
from crm.models import OutboxMessage, StoredFile

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_MESSAGE = _("There is no room left on the server's disk. Nothing was written. Ask an administrator to make room.")
ORPHAN_AGE = timedelta(hours=24)
CLEAN_ROWS = 1000


class StorageFull(Exception):
    """There is no room for the file; nothing of it was left behind. The text is for people."""

    def __init__(self):
        super().__init__(str(FULL_MESSAGE))


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room, in the storage or for a temporary file."""
    return isinstance(error, StorageFull) or (isinstance(error, OSError) and error.errno in FULL)


@contextlib.contextmanager
def needing_room():
    """Around the writing of a temporary file: raises StorageFull when there is no room for it."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull from error
        raise


def root() -> Path:
    return Path(settings.FILES_DIR)


def save_file(
    writer: Callable[[BinaryIO], object], name: str, content_type: str, *, user, days: int | None = None
) -> StoredFile:
    """Have `writer(file)` write a file beside its place, fsync and rename it. Raises StorageFull and leaves no trace.

    user: whose file it is, or None. days: after so many days it is cleaned away; None keeps it.
    """
    now = timezone.now()
    path = f"{now:%Y/%m}/{uuid.uuid4().hex}"
    final = root() / path
    size, sha256 = write_whole(writer, final)
    failpoint("after_file")
    try:
        return StoredFile.objects.create(
            user=user,
            name=safe_name(name),
            content_type=content_type,
            size=size,
            sha256=sha256,
            path=path,
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
    except BaseException:
        final.unlink(missing_ok=True)
        raise


def write_whole(writer, final: Path) -> tuple[int, str]:
    """Write and rename; gives size and SHA-256. Whatever goes wrong, the final path does not exist afterwards."""
    part = final.with_name(f"{final.name}.part")
    try:
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            writer(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
        os.replace(part, final)
        sync_folder(final.parent)
    except OSError as error:
        discard(part, final)
        if error.errno in FULL:
            raise StorageFull from error
        raise
    except BaseException:
        discard(part, final)
        raise
    return size, sha256


def discard(*paths: Path):
    for path in paths:
        path.unlink(missing_ok=True)


def sync_folder(folder: Path):
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_name(name: str) -> str:
    """A file name for people: no path, no control characters, at most 200 characters with its ending kept."""
    name = "".join(
        character for character in name.replace("\\", "/").rsplit("/", 1)[-1] if character.isprintable()
    ).strip()
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 199 - len(ending)]}.{ending}"
    return name[:200] or "file"


def path_of(stored: StoredFile) -> Path:
    path = (root() / stored.path).resolve()
    if not path.is_relative_to(root().resolve()):
        raise FileNotFoundError(stored.path)
    return path


def open_file(stored: StoredFile) -> BinaryIO:
    """The bytes of the file; FileNotFoundError when they are gone."""
    return open(path_of(stored), "rb")


def file_response(stored: StoredFile) -> FileResponse:
    """The file as a download. The caller, a checked view, has asked whether this person may have it."""
    try:
        file = open_file(stored)
    except FileNotFoundError as error:
        logger.error("File %s is missing in the storage.", stored.pk)
        raise Http404 from error
    response = FileResponse(file, as_attachment=True, filename=stored.name, content_type=stored.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def clean_files() -> int:
    """Remove files whose time is over, unless a waiting mail carries them, and after a day those nothing points to.

    Such a file was made by an attempt that died before its job ended; the next attempt made its own.
    """
    now = timezone.now()
    waiting = OutboxMessage.objects.exclude(state__in=OutboxMessage.ENDED).filter(attachments=OuterRef("pk"))
    over = StoredFile.objects.filter(expires_at__lt=now).exclude(Exists(waiting))
    forgotten = StoredFile.objects.filter(created_at__lt=now - ORPHAN_AGE)
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and not relation.many_to_many:
            pointing = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            forgotten = forgotten.exclude(Exists(pointing))
    files = [*over.order_by("pk")[:CLEAN_ROWS], *forgotten.order_by("pk")[:CLEAN_ROWS]]
    for stored in files:
        with transaction.atomic():
            path = path_of(stored)
            StoredFile.objects.filter(pk=stored.pk).delete()
            transaction.on_commit(lambda path=path: path.unlink(missing_ok=True))
    return len({stored.pk for stored in files})


def clean_orphans() -> int:
    """Remove bytes without a row, left by a process that died between the two; young ones may still get their row."""
    before = (timezone.now() - ORPHAN_AGE).timestamp()
    old = {}
    for path in root().glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                old[path.relative_to(root()).as_posix()] = path
    known = set(StoredFile.objects.filter(path__in=old).values_list("path", flat=True))
    for name in old.keys() - known:
        old[name].unlink(missing_ok=True)
    return len(old.keys() - known)
