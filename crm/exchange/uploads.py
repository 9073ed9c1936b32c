"""The first step of an import: a file is kept, looked at, read again by other choices, and sent to be checked."""

from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm import jobs
from crm.files import path_of, save_file
from crm.models import ImportBatch
from crm.models.exchange import KEPT_DAYS
from crm.protection import opened_parts

from .choices import AUTOMATIC, ReadChoices
from .importing import importer_for
from .inspecting import FileView, inspect_file
from .limits import Limits
from .mapping import SCOPE, Guess, by_memory, guess, guessed_options, known_values, remembered, samples_of
from .problems import UnreadableFile
from .reading import read_table


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
    batch.samples, batch.columns, batch.options, batch.fixes = {}, {}, {}, {}  # of the file as it was read before
    batch.reading = {"chosen": choices.to_json()}
    if not view.problem:
        is_sure = view.encoding is None or view.encoding.is_sure
        batch.reading |= {"used": view.used.to_json(), "why": view.head.reason, "is_sure": is_sure}
    return view


def seen(batch: ImportBatch) -> FileView:
    """The file as it was looked at last, whatever would be recognised today or in another language."""
    known = batch.reading
    if "used" not in known:
        chosen = ReadChoices.from_json(known.get("chosen", {}))
        return inspect_file(path_of(batch.file), chosen, name=batch.name, limits=limits())
    view = inspect_file(path_of(batch.file), choices_of(batch), name=batch.name, limits=limits(), is_checked=True)
    if view.problem:
        return view
    encoding = view.encoding and replace(view.encoding, is_sure=known.get("is_sure", True))
    return replace(view, head=replace(view.head, reason=known.get("why", "chosen")), encoding=encoding)


@transaction.atomic
def read_again(batch: ImportBatch, choices: ReadChoices, knows) -> bool:
    """Keep other choices. What was mapped, checked and staged belonged to the table as it was read before.

    False when the import was started meanwhile. Raises UnreadableFile when no table can be read like this.
    """
    look_at(batch, choices, knows)
    open_ones = ImportBatch.objects.filter(pk=batch.pk, run_job__isnull=True)
    changed = open_ones.update(
        reading=batch.reading,
        headings=batch.headings,
        samples={},
        columns={},
        options={},
        unmatched={},
        fixes={},
        kinds={},
        check_job=None,
    )
    if changed:
        batch.rows.all().delete()
        batch.made.all().delete()
    return bool(changed)


def prepare_mapping(batch, importer) -> frozenset[int]:
    """Give a batch its samples and, when nobody has mapped it yet, columns and options; saves it when they are new.

    Gives the places whose field was guessed from their values. Raises UnreadableFile or FileNotFoundError.
    """
    if batch.samples:
        return frozenset(batch.options.get("unsure", ()))
    with open_table(batch, importer) as table:
        sealed = samples_of(table)
    batch.samples = {place: opened_parts(value, SCOPE) for place, value in sealed.items()}
    found, row = guess(importer, batch.headings, batch.samples), remembered(batch.user, batch.entity, batch.headings)
    columns, options = found.columns, guessed_options(importer, batch.headings, found.columns, batch.samples)
    if row is not None:
        columns, old = by_memory(importer, row, batch.headings)
        options = {kind: options[kind] | old[kind] for kind in ("orders", "factors")} | {"constants": old["constants"]}
        found = Guess(columns)
    known = known_values(batch.user, batch.entity)
    batch.columns = {str(place): name for place, name in columns.items()}
    batch.options = options | {"unsure": sorted(found.unsure), "values": known}
    type(batch).objects.filter(pk=batch.pk).update(samples=sealed, columns=batch.columns, options=batch.options)
    return found.unsure


@transaction.atomic
def begin_check(batch: ImportBatch, importer) -> ImportBatch:
    """Have all lines checked as the file was last shown and mapped, for the first time or again.

    Raises UnreadableFile when a column is missing.
    """
    if "used" not in batch.reading:
        raise UnreadableFile(_("The file cannot be read like this. Change how it is read."))
    prepare_mapping(batch, importer)
    importer.demand({*batch.columns.values(), *batch.options.get("constants", {})})
    batch.check_job = jobs.enqueue(
        "import_check",
        user=batch.user,
        parameters={"batch": batch.pk},
        slot=f"import_check:{batch.pk}:{batch.check_job_id or 0}",
        title=_("Check %(file)s") % {"file": batch.name},
    )
    batch.unmatched = {}
    batch.save(update_fields=["check_job", "columns", "options", "unmatched"])
    return batch


def choices_of(batch: ImportBatch) -> ReadChoices:
    """How the file is read: complete, as the person last saw it."""
    return ReadChoices.from_json(batch.reading.get("used", {}))


def open_table(batch: ImportBatch, importer):
    """The rows of the file; raises UnreadableFile."""
    return read_table(
        path_of(batch.file),
        choices_of(batch),
        limits=limits(),
        knows=importer.known_headings,
        is_checked="used" in batch.reading,
    )
