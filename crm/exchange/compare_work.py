"""The work around a comparison: it begins with an upload, runs as a job or a command, and its result is kept."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm import jobs
from crm.access import Action
from crm.entities import importable
from crm.files import path_of, save_file
from crm.history import log_access
from crm.jobs import JobFailed
from crm.models import ImportBatch
from crm.models.exchange import KEPT_DAYS
from crm.protection import sealed_part

from .comparing import Comparison, Difference, is_protected
from .exporting import Stopped
from .mapping import SCOPE, mapping_of
from .problems import OUTDATED, UnreadableFile
from .uploads import open_table, prepare_mapping
from .work import open_batch
from .writing import CONTENT_TYPES, write_csv, write_xlsx

SHOWN = 1_000  # differences that the page shows
WRITERS = {"xlsx": write_xlsx, "csv": write_csv}


def begin_comparison(batch: ImportBatch, importer, kind: str = "xlsx") -> ImportBatch:
    """Have a kept file compared, as it is mapped now. kind: of the file of differences. Raises UnreadableFile."""
    ready(batch, importer)
    with transaction.atomic():
        batch.compare_job = jobs.enqueue(
            "import_compare",
            user=batch.user,
            parameters={"batch": batch.pk, "format": kind if kind in WRITERS else "xlsx"},
            slot=f"import_compare:{batch.pk}:{batch.compare_job_id or 0}",
            title=_("Compare %(file)s") % {"file": batch.name},
        )
        batch.comparison = {}
        batch.save(update_fields=["compare_job", "comparison"])
    return batch


def ready(batch: ImportBatch, importer):
    """See that the file can be read and that its columns say which records the lines mean; raises UnreadableFile."""
    if batch.file is None or not path_of(batch.file).exists():
        raise UnreadableFile(_("The file is gone."))
    if "used" not in batch.reading:
        raise UnreadableFile(_("The file cannot be read like this. Change how it is read."))
    prepare_mapping(batch, importer)
    naming = {"number", "external_ref", *importer.key_columns, *importer.match_columns}
    if not naming & {*batch.columns.values()}:
        label = capfirst(importer.fields[importer.name_column].label)
        raise UnreadableFile(
            _("No column says which records the lines mean. Map one to number, external reference or “%(name)s”."),
            name=label,
        )


def compare(batch: ImportBatch, importer, progress, write=None) -> dict:
    """Compare and keep the result with the batch; gives it. write(headings, rows): takes all differences, as rows.

    Raises Stopped, UnreadableFile.
    """
    comparison = Comparison(
        importer, mapping_of(batch, importer), batch.headings, lambda: open_table(batch, importer), progress
    )
    first: list[Difference] = []

    def kept():
        for one in comparison.differences():
            if len(first) < SHOWN:
                first.append(one)
            yield one

    if write is None:
        for _one in kept():
            pass
    else:
        write(headings(), rows_of(kept(), importer))
    shown = [without_secret(one, importer) for one in first]
    result = comparison.result
    type(batch).objects.filter(pk=batch.pk).update(comparison=result | {"first": sealed_part(shown, SCOPE)})
    return result


def without_secret(one: Difference, importer) -> Difference:
    """The difference as the page shows it: phones, protected and sensitive values are for the file alone."""
    field = importer.fields.get(one.column)
    secret = field is not None and (is_protected(field) or (field.field is None and not field.lookup))
    secret = secret and not field.is_key and (field.definition is None or field.definition.is_sensitive)
    return one._replace(file="", database="", kind="secret") if secret else one


def headings() -> list[str]:
    return [_("Line"), _("Record"), _("Column"), _("In the file"), _("In the database")]


def rows_of(differences, importer):
    """Rows of the file. A value of a record that the person may not export is left out."""
    model, user, block = importer.model, importer.user, []
    exportable = model.objects.visible_to(user, Action.EXPORT).order_by()

    def rows():
        keys = {one.key for one in block if one.key}
        free = set(exportable.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
        for one in block:
            label = str(capfirst(importer.fields[one.column].label)) if one.column else ""
            held = one.database if one.kind != "cell" or one.key in free else _("not for export")
            yield [one.line, one.record, label, one.file, words(one.kind) or held]

    for one in differences:
        block.append(one)
        if len(block) == 1_000:
            yield from rows()
            block.clear()
    yield from rows()


def words(kind: str) -> str:
    """What a difference says that is no cell's."""
    return {
        "missing": _("no record"),
        "several": _("several records"),
        "extra": _("no line of the file means this record"),
        "secret": _("differs; protected values are not shown here"),
    }.get(kind, "")


def log(user, entity, number: int, kind: str):
    """Values of records leave the house with the file of differences, as with an export."""
    log_access("export", user=user, entity=entity.slug, rows=number, format=kind, comparison=True)


def run_comparison(job, progress):
    """The job. The file of differences holds values of records, so it is made for those who may export them."""
    batch, importer, mapping = open_batch(job)
    if not importer.fields.keys() >= set(mapping.places.values()):
        raise JobFailed(OUTDATED)
    kind, stored, write = job.parameters["format"], None, None

    def to_file(heads, rows):
        nonlocal stored
        stored = save_file(
            lambda file: WRITERS[kind](file, heads, rows),
            _("%(file)s, differences") % {"file": batch.name.rpartition(".")[0] or batch.name} + f".{kind}",
            CONTENT_TYPES[kind],
            user=job.user,
            days=KEPT_DAYS,
        )

    if job.user.rights.may(importer.model, Action.EXPORT):
        write = to_file
    try:
        result = compare(batch, importer, progress, write)
    except Stopped:
        return None
    except (UnreadableFile, FileNotFoundError) as error:
        raise JobFailed(str(error) if isinstance(error, UnreadableFile) else _("The file is gone.")) from error
    for name in ("equal", "differs", "missing", "several"):
        if result["counts"][name]:
            progress.count(name, result["counts"][name])
    if stored is not None:
        log(job.user, importable(batch.entity), result["counts"]["cells"], kind)
    return stored
