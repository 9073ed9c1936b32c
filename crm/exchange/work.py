"""The steps of an import: the file is kept, a job checks and stages it, a person looks, a job writes it in chunks."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import jobs
from crm.access import Action
from crm.entities import registry
from crm.files import path_of, save_file
from crm.jobs import JobFailed
from crm.models import ImportBatch, StagedRow

from .importing import BESIDE, Mapping, importer_for
from .limits import Limits
from .problems import UnreadableFile
from .reading import read_table
from .rejects import reject_rows
from .staging import added_since, copy_rows, insert_records, take_keys
from .writing import CONTENT_TYPES, write_xlsx

Decision = StagedRow.Decision
CHUNK = 2_000
KEPT_DAYS = 30
MANY = 1_000
OUTDATED = gettext_lazy(
    "The fields of these records have changed since this file was checked. Nothing more was written. Upload it again."
)
FORBIDDEN = gettext_lazy("Your roles do not allow you to add such records.")


def limits() -> Limits:
    return Limits(bytes=settings.UPLOAD_MAX_BYTES)


@transaction.atomic
def begin_import(entity, upload, *, actor) -> ImportBatch:
    """Keep the file and have it checked. Raises UnreadableFile for what is no such table; nothing of it stays then."""
    importer = importer_for(entity, actor)
    stored = save_file(
        lambda file: [file.write(piece) for piece in upload.chunks()],
        upload.name,
        "application/octet-stream",
        user=actor,
        days=KEPT_DAYS,
    )
    try:
        with read_table(path_of(stored), limits=limits(), knows=importer.known_headings) as table:
            mapping = importer.map(table.headings)
    except UnreadableFile:
        path_of(stored).unlink(missing_ok=True)
        raise
    batch = ImportBatch.objects.create(
        user=actor,
        entity=entity.slug,
        name=stored.name,
        file=stored,
        headings=table.headings,
        columns={str(place): name for place, name in mapping.places.items()},
    )
    batch.check_job = jobs.enqueue(
        "import_check",
        user=actor,
        parameters={"batch": batch.pk},
        slot=f"import_check:{batch.pk}",
        title=_("Check %(file)s") % {"file": batch.name},
    )
    batch.save(update_fields=["check_job"])
    return batch


@transaction.atomic
def start_import(batch: ImportBatch, *, with_twins: bool = False) -> ImportBatch:
    """Have the checked lines written. with_twins: also those that look like records that exist. Once a batch."""
    if with_twins:
        batch.rows.filter(decision=Decision.TWIN).update(decision=Decision.CREATE)
    batch.run_job = jobs.enqueue(
        "import_run",
        user=batch.user,
        parameters={"batch": batch.pk},
        slot=f"import_run:{batch.pk}",
        title=_("Import %(file)s") % {"file": batch.name},
    )
    batch.save(update_fields=["run_job"])
    return batch


def counts_of(batch: ImportBatch) -> dict:
    """How many lines there are, by what becomes of them."""
    return batch.rows.aggregate(
        total=Count("pk"),
        create=Count("pk", filter=Q(decision=Decision.CREATE)),
        reject=Count("pk", filter=Q(decision=Decision.REJECT)),
        twin=Count("pk", filter=Q(decision=Decision.TWIN)),
        done=Count("record_id"),
    )


def open_batch(job):
    """(batch, importer, mapping) of a job; fails it when the person may no longer add such records."""
    batch = ImportBatch.objects.select_related("file").filter(pk=job.parameters["batch"], user=job.user).first()
    if batch is None or batch.file is None or batch.entity not in registry:
        raise JobFailed(_("The file of this import is no longer kept. Upload it again."))
    entity = registry[batch.entity]
    if not job.user.rights.may(entity.model, Action.ADD):
        raise JobFailed(FORBIDDEN)
    mapping = Mapping({int(place): name for place, name in batch.columns.items()}, [], len(batch.headings))
    return batch, importer_for(entity, job.user), mapping


def check_import(job, progress):
    """Read the file twice (names first, so that they are looked up at once), check each line and stage it."""
    batch, importer, mapping = open_batch(job)
    if not importer.fields.keys() >= set(mapping.places.values()):
        raise JobFailed(OUTDATED)
    try:
        with open_table(batch, importer) as table:
            total = 0
            for _line, cells in table.rows:
                importer.want(mapping, cells)
                total += 1
                progress.beat()
        progress.expect(total)
        importer.load(progress.beat)
        stage(batch, importer, mapping, progress)
    except (UnreadableFile, FileNotFoundError) as error:
        # Lines that were staged before the reader gave up are no basis for a decision.
        batch.rows.all().delete()
        raise JobFailed(str(error) if isinstance(error, UnreadableFile) else _("The file is gone.")) from error


def open_table(batch, importer):
    return read_table(path_of(batch.file), limits=limits(), knows=importer.known_headings)


def stage(batch, importer, mapping, progress):
    batch.rows.all().delete()  # what an attempt that died left
    with open_table(batch, importer) as table:
        while lines := list(islice(table.rows, CHUNK)):
            if progress.cancelled:
                return
            rows = [importer.check(mapping, line, cells) for line, cells in lines]
            with progress.chunk(len(rows)):
                copy_rows(batch, rows)
                for decision, number in Counter(row.decision for row in rows).items():
                    progress.count(decision, number)


def run_import(job, progress):
    """Write the staged lines, a chunk a transaction. After a crash the next attempt goes on with those not written."""
    batch, importer, _mapping = open_batch(job)
    waiting = batch.rows.filter(decision=Decision.CREATE, record_id__isnull=True).order_by("line")
    progress.expect(progress.done + waiting.count())
    added = added_columns(importer.model, waiting)
    while chunk := list(waiting.values_list("line", "data")[:CHUNK]):
        if progress.cancelled:
            break
        write_chunk(batch, importer, [(line, added | data) for line, data in chunk], progress, added)
    refresh_statistics(importer.model, progress.done)
    counts = counts_of(batch)
    if counts["total"] == counts["done"]:
        return None
    name = _("%(file)s, lines not imported.xlsx") % {"file": batch.name.rpartition(".")[0] or batch.name}
    return save_rejects(batch, name, user=job.user)


def added_columns(model, waiting) -> dict:
    """What columns that came with an update of the program, after the check, hold in the lines that wait."""
    data = waiting.values_list("data", flat=True).first()
    added = added_since(model, data) if data is not None else {}
    if added is None:
        raise JobFailed(OUTDATED)
    return added


def write_chunk(batch, importer, chunk, progress, added):
    with progress.chunk(len(chunk)):
        wrong = importer.recheck(chunk)
        for line, errors in wrong.items():
            batch.rows.filter(line=line).update(decision=Decision.REJECT, errors=errors)
        lines = [line for line, _data in chunk if line not in wrong]
        for line, tags in importer.make_tags([(line, data) for line, data in chunk if line not in wrong]).items():
            staged = batch.rows.get(line=line)
            staged.data["tags"] = tags
            staged.save(update_fields=["data"])
        take_keys(importer.model, batch, lines)
        made = insert_records(importer.model, batch, lines, added)
        if made:
            keys = dict(batch.rows.filter(line__in=lines).values_list("line", "record_id"))
            beside = {keys[line]: data[BESIDE] for line, data in chunk if line in keys and BESIDE in data}
            importer.written(importer.model.objects.filter(pk__in=list(keys.values())), beside)
        progress.count("created", made)
        progress.count("rejected", len(wrong))


def refresh_statistics(model, written: int):
    """Tell the planner at once what many new rows changed: autovacuum would do so minutes later."""
    if written >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def save_rejects(batch, name, *, user):
    """The lines that were not written, as a workbook with the reason: mend it and import it again."""
    headings, rows = reject_rows(batch, with_waiting=True)
    return save_file(
        lambda file: write_xlsx(file, headings, rows, title=_("Not imported")),
        name,
        CONTENT_TYPES["xlsx"],
        user=user,
        days=KEPT_DAYS,
    )


def forget_old_imports(before):
    """Remove batches with their staged lines; the records that were made of them stay."""
    ImportBatch.objects.filter(created_at__lt=before).delete()
