"""The steps of an import: the file is kept, a job checks and stages it, a person looks, a job writes it in chunks."""

from __future__ import annotations

import gc
import pickle
import sys
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import islice, takewhile
from tempfile import SpooledTemporaryFile

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import jobs
from crm.entities import importable
from crm.files import needing_room, save_file
from crm.jobs import JobFailed
from crm.models import ImportBatch, ImportedRow, MadeRecord, StagedRow
from crm.models.exchange import KEPT_DAYS
from crm.protection import sealed_part

from .applying import write_chunk
from .existing import SURE
from .importing import importer_for
from .inspecting import left_out
from .linking import link_rows
from .mapping import SCOPE, mapping_of
from .problems import OUTDATED, UnreadableFile
from .rejects import reject_rows
from .staging import copied, copy_rows, is_outdated, stored_columns
from .uploads import open_table
from .waiting import chunks, waiting
from .writers import Aside, are_apart, write_all
from .writing import CONTENT_TYPES, write_xlsx

Decision = StagedRow.Decision
CHUNK = 2_500
MANY = 1_000
MOST_KEPT = 8 * 1024 * 1024  # bytes of packed rows in memory: 160,000 of twelve columns
LISTED_DAYS = 365
FORBIDDEN = gettext_lazy("Your roles do not allow you to add such records.")


# What may be done with lines whose record exists already, and which of them can have it.
CHOICES = {
    Decision.TWIN: Q(),
    Decision.SKIP: Q(),
    Decision.CREATE: Q(data__isnull=False),
    Decision.UPDATE: Q(changes__isnull=False),
    Decision.FILL: Q(changes__isnull=False),
}


def decide(rows, decision: str) -> int:
    """Decide about staged lines that could be done in several ways; gives how many now are to be done so.

    rows: lines of one batch that was not started. Lines that cannot be done in this way stay as they are.
    """
    rows = rows.exclude(decision=Decision.REJECT).exclude(match="")
    return rows.filter(CHOICES[decision]).update(decision=decision)


@transaction.atomic
def start_import(batch: ImportBatch, *, matched: str = Decision.TWIN) -> ImportBatch:
    """Have the checked lines written, once a batch. matched: what becomes of lines about which nobody has decided
    though they look like records that exist."""
    decide(batch.rows.filter(decision=Decision.TWIN), matched)
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
    """How many lines there are, by what is decided about them and, once they were written, by what became of them.

    left: lines whose record exists and that are not written.
    """
    counts = dict.fromkeys([*Decision.values, *ImportedRow.Outcome.values], 0)
    counts |= dict(batch.rows.values_list("decision").annotate(n=Count("pk")).order_by())
    done = dict(batch.imported.values_list("outcome").annotate(n=Count("pk")).order_by())
    same = counts[Decision.SAME]
    counts["total"] = sum(counts[name] for name in Decision.values)
    counts |= done
    counts["same"] = same + done.get("same", 0)
    counts["left"] = counts["twin"] + counts["skip"]
    counts["changed"] = counts["update"] + counts["fill"]
    counts["written"] = counts["create"] + counts["update"] + counts["fill"]
    return counts


def open_batch(job):
    """(batch, importer, mapping) of a job; fails it when the person may no longer add such records."""
    batch = ImportBatch.objects.select_related("file").filter(pk=job.parameters["batch"], user=job.user).first()
    entity = importable(batch.entity) if batch else None
    if entity is None or batch.file is None:
        raise JobFailed(_("The file of this import is no longer kept. Upload it again."))
    if not entity.may_import(job.user):
        raise JobFailed(FORBIDDEN)
    importer = importer_for(entity, job.user)
    return batch, importer, mapping_of(batch, importer)


@contextmanager
def seldom_collected():
    """The collector of cycles looks seldom: chunks are made of many objects, and go without it (an eighth of a check).
    Threads change places sooner: who has asked the database waits for its answer alone."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*before)
        gc.unfreeze()


@seldom_collected()
def check_import(job, progress):
    """Go through the file twice (names first, so that they are looked up at once), check each line and stage it."""
    batch, importer, mapping = open_batch(job)
    importer.making.begin(batch)
    if not importer.fields.keys() >= set(mapping.places.values()):
        raise JobFailed(OUTDATED)
    try:
        with KeptRows() as kept:
            with ThreadPoolExecutor(1) as beside:
                beside.submit(importer.warm_up)  # while the process that reads the file begins
                first_reading(batch, importer, mapping, progress, kept)
            importer.load(progress.beat)
            importer.forget(mapping)
            importer.making.load(progress.beat)
            stage(batch, importer, mapping, progress, kept)
        unmatched = importer.unmatched | importer.making.unmatched
        batch.reading["links"] = importer.making.links
        importer.making.stage()
        refresh_statistics(StagedRow, progress.done, "batch_id", "line", "decision")
        batch.unmatched = sealed_part({n: dict(v.most_common()) for n, v in unmatched.items()}, SCOPE)
        batch.kinds = importer.problem_kinds
        batch.save(update_fields=["unmatched", "kinds", "reading"])
    except (UnreadableFile, FileNotFoundError) as error:
        # Lines that were staged before the reader gave up are no basis for a decision.
        batch.rows.all().delete()
        raise JobFailed(str(error) if isinstance(error, UnreadableFile) else _("The file is gone.")) from error


def first_reading(batch, importer, mapping, progress, kept):
    """Hear what the lines name, and how many there are; keep them."""
    total = 0
    with open_table(batch, importer) as table:
        for lines in chunks_of(table.rows):
            for _line, cells in lines:
                importer.want(mapping, cells)
            kept.add(lines)
            total += len(lines)
            progress.beat()
    batch.reading |= {"left_out": left_out(table), "columns": columns_of(importer)}
    progress.expect(total)
    importer.existing.expect(total)


def stage(batch, importer, mapping, progress, kept):
    decided = decisions_of(batch)
    batch.rows.all().delete()  # what an earlier check left, or an attempt that died
    batch.made.all().delete()
    with Aside(progress.job) as aside:  # the next lines are checked while these are copied
        for lines in until_cancelled(kept.chunks(), progress):
            rows = importer.check_chunk(mapping, lines)
            aside.do(partial(put, progress, Counter(row.decision for row in rows), copied(batch, rows)))
    for decision, lines in decided.items():
        decide(batch.rows.filter(line__in=lines), decision)


def put(progress, decisions: Counter, rows: bytes):
    with progress.piece(decisions.total()) as counts:
        settle_for_bulk()
        copy_rows(rows)
        counts.update(decisions)


def until_cancelled(chunks, progress):
    return takewhile(lambda _chunk: not progress.cancelled, chunks)


def chunks_of(rows):
    rows = iter(rows)
    while lines := list(islice(rows, CHUNK)):
        yield lines


class KeptRows:
    """The rows of the first reading, packed, so that the file is taken apart once; beyond MOST_KEPT on disk, in a file
    without a name."""

    def __init__(self):
        self.file, self.sizes = SpooledTemporaryFile(MOST_KEPT), []  # noqa: SIM115 (closed by __exit__)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.file.close()

    def add(self, lines: list):
        with needing_room():
            self.sizes.append(self.file.write(zlib.compress(pickle.dumps(lines), 1)))

    def chunks(self):
        self.file.seek(0)
        for size in self.sizes:
            yield pickle.loads(zlib.decompress(self.file.read(size)))  # noqa: S301 (made above, by this process)


def decisions_of(batch) -> dict[str, list[int]]:
    """{decision: lines} of what the person decided line by line before he had the file checked again."""
    said = batch.rows.exclude(match__in=["", *SURE]).filter(decision__in=[one for one in CHOICES if one != "twin"])
    decided: dict[str, list[int]] = {}
    for line, decision in said.values_list("line", "decision"):
        decided.setdefault(decision, []).append(line)
    return decided


@seldom_collected()
def run_import(job, progress):
    """Write the staged lines, a chunk a transaction. After a crash the next attempt goes on with those not written."""
    batch, importer, _mapping = open_batch(job)
    importer.making.begin(batch)
    progress.expect(progress.done + waiting(batch).count())
    known = batch.reading.get("columns", {})
    if any(is_outdated(model, known.get(model._meta.label, ())) for model in models_of(importer)):
        raise JobFailed(OUTDATED)

    def write(chunk):
        with progress.piece(len(chunk)) as counts:
            settle_for_bulk()
            counts.update(write_chunk(batch, importer, chunk))
        tell_of_growth(importer, len(chunk))

    to_write = until_cancelled(chunks(batch, CHUNK), progress)
    write_all(job, to_write, write, side_by_side=are_apart(batch, importer))
    if batch.reading.get("links") and not progress.cancelled:
        link_rows(batch, importer, progress)
    refresh_statistics(importer.model, progress.done)
    counts = counts_of(batch)
    if not (progress.cancelled or counts["reject"] or counts["failed"] or counts["left"]):
        return None
    name = _("%(file)s, lines not imported.xlsx") % {"file": batch.name.rpartition(".")[0] or batch.name}
    return save_rejects(batch, name, user=job.user)


def settle_for_bulk():
    """Settings of PostgreSQL for this transaction.

    The end does not wait for the disk: a server that crashes may lose the last chunks together with the ledger that
    says they were written; the job goes on from there (a check begins anew), and its own last word waits for all of it.
    Foreign keys are asked by index: a table of a few hundred people is otherwise read whole, for each row and key.
    Nothing is ignored, and says so: a trigger of django-pgtrigger otherwise catches an error of its own for each row,
    each of which walks over all checks that wait for the commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL synchronous_commit = off; SET LOCAL enable_seqscan = off; SET LOCAL pgtrigger.ignore = '{}'"
        )


def models_of(importer) -> set:
    """Whose records the import may make."""
    return {importer.model, *(maker.model for maker in importer.making.makers.values())}


def columns_of(importer) -> dict[str, list[str]]:
    """{model: columns that its staged lines know}: an update of the program may bring more before they are written."""
    return {model._meta.label: [one.column for one in stored_columns(model)] for model in models_of(importer)}


def tell_of_growth(importer, written: int):
    """After a chunk: where the planner believes a table to be smaller than this (it was empty), it would rather read
    it whole than by index, the more the longer it gets."""
    for model in importer.writes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
            is_small = cursor.fetchone()[0] < written
        if is_small:
            refresh_statistics(model, written)


def refresh_statistics(model, written: int, *columns: str):
    """Tell the planner at once what many new rows changed in these columns: autovacuum does all of it minutes later."""
    if written >= MANY:
        columns = columns or asked_columns(model)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)} ({', '.join(columns)})")


def asked_columns(model) -> tuple[str, ...]:
    """By which rows reach a person: whose they are, what they belong to, when they came."""
    fields = model._meta.concrete_fields
    return tuple(one.column for one in fields if one.primary_key or one.is_relation or one.name == "created_at")


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
    """Remove the lines and before-images of imports that can no longer be taken back; later the imports themselves.

    The records that were made of them stay.
    """
    ended = Q(run_job__finished_at__lt=before) | Q(run_job=None, created_at__lt=before)
    old = ImportBatch.objects.filter(ended)
    StagedRow.objects.filter(batch__in=old).delete()
    ImportedRow.objects.filter(batch__in=old).delete()
    MadeRecord.objects.filter(batch__in=old).delete()
    old.exclude(samples={}, unmatched={}, fixes={}).update(samples={}, unmatched={}, fixes={})
    ImportBatch.objects.filter(created_at__lt=before - timedelta(days=LISTED_DAYS)).delete()
