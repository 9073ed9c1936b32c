"""The first step of an import: a file is kept, looked at, read again by other choices, and sent to be checked."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm import jobs
from crm.files import path_of, save_file
from crm.models import ImportBatch
from crm.models.exchange import KEPT_DAYS

from .choices import AUTOMATIC, ReadChoices
from .importing import importer_for
from .inspecting import FileView, inspect_file
from .limits import Limits
from .problems import UnreadableFile


def limits() -> Limits:
    return Limits(bytes=settings.UPLOAD_MAX_BYTES)


@transaction.atomic
def begin_import(entity, upload, *, actor) -> ImportBatch:
    """Keep the file and look at it. Raises UnreadableFile for what is no table; nothing of it stays then."""
    stored = save_file(
        lambda file: [file.write(piece) for piece in upload.chunks()],
        upload.name,
        "application/octet-stream",
        user=actor,
        days=KEPT_DAYS,
    )
    batch = ImportBatch(user=actor, entity=entity.slug, name=stored.name, file=stored)
    try:
        look_at(batch, AUTOMATIC, importer_for(entity, actor).known_headings)
    except UnreadableFile:
        path_of(stored).unlink(missing_ok=True)
        raise
    batch.save()
    return batch


def look_at(batch: ImportBatch, choices: ReadChoices, knows) -> FileView:
    """Read the beginning of the file by these choices and note on the batch (not saved) what was chosen and found."""
    view = inspect_file(path_of(batch.file), choices, name=batch.name, limits=limits(), knows=knows)
    batch.headings = view.headings
    batch.reading = {"chosen": choices.to_json()} | ({} if view.problem else {"used": view.used.to_json()})
    return view


@transaction.atomic
def begin_check(batch: ImportBatch, importer) -> ImportBatch:
    """Have all lines checked as the file was last shown. Raises UnreadableFile when it lacks a column."""
    if "used" not in batch.reading:
        raise UnreadableFile(_("The file cannot be read like this. Change how it is read."))
    mapping = importer.map(batch.headings)
    batch.columns = {str(place): name for place, name in mapping.places.items()}
    batch.check_job = jobs.enqueue(
        "import_check",
        user=batch.user,
        parameters={"batch": batch.pk},
        slot=f"import_check:{batch.pk}",
        title=_("Check %(file)s") % {"file": batch.name},
    )
    batch.save()
    return batch


def choices_of(batch: ImportBatch) -> ReadChoices:
    """How the file is read: complete, as the person last saw it."""
    return ReadChoices.from_json(batch.reading.get("used", {}))
