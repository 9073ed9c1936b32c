"""A tag of many records merged, deleted or brought back: by a job, a chunk of records in a transaction."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Func, IntegerField, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import jobs, tags
from crm.access import Action
from crm.events import announce
from crm.jobs import JobFailed
from crm.models import Job, Tag, TagChange

DIRECT_ROWS = 5_000
CHUNK = 5_000


def is_long(tag: Tag) -> bool:
    """Whether more records have the tag than a request may rewrite."""
    return bearers(tag)[: DIRECT_ROWS + 1].count() > DIRECT_ROWS


def bearers(tag: Tag):
    """The keys of all records that have the tag, also of those in the recycle bin."""
    return tag.model.everything.filter(tags__contains=[tag.pk]).order_by().values_list("pk", flat=True)


@transaction.atomic
def begin(tag: Tag, into: Tag | None, *, actor) -> Job:
    """Add the job that merges the tag into another one, or deletes it. Raises ValidationError when that cannot be.

    The tag stays in its set until the last record is rewritten: at every moment each record has the one or the other.
    """
    tags.lock(tag, into)
    kind = TagChange.Kind.MERGE if into else TagChange.Kind.DELETE
    change = TagChange.objects.create(kind=kind, tag=tag, into=into, actor=actor)
    if into:
        title = _("Merge the tag “%(name)s” into “%(into)s”") % {"name": tag, "into": into}
    else:
        title = _("Delete the tag “%(name)s”") % {"name": tag}
    parameters = {"change": change.pk, "tag": tag.pk, "into": into.pk if into else None}
    return jobs.enqueue("tag_change", user=actor, title=title, parameters=parameters)


def change_of(job: Job) -> TagChange:
    """The ledger row of the job, whose parts are the chunks; today's rights of its person are asked."""
    found, may = TagChange.objects.select_related("tag", "into").get(pk=job.parameters["change"]), job.user.rights.may
    if not may(Tag, Action.DELETE) or not may(found.tag.model):
        raise JobFailed(_("Your roles do not allow this any more."))
    return found


def run_change(job: Job, progress):
    """The job of a merge or deletion. What a killed attempt did has the tag no longer and is not found again."""
    change = change_of(job)
    if any(tag.deleted_at for tag in (change.tag, change.into) if tag):
        raise JobFailed(_("This tag is not there any more."))
    if progress.total is None:
        progress.expect(bearers(change.tag).count())
    while keys := sorted(bearers(change.tag)):  # again, for records that were given the tag meanwhile
        for start in range(0, len(keys), CHUNK):
            if progress.cancelled:
                return
            chunk = keys[start : start + CHUNK]
            with progress.chunk(len(chunk)):
                progress.counts["changed"] = progress.counts.get("changed", 0) + part(change, job.user, chunk)
    with progress.finish():
        progress.counts["changed"] = progress.counts.get("changed", 0) + part(change, job.user, None)
        tags.take_out(change, number=progress.counts["changed"], actor=job.user)


def part(change: TagChange, actor, among) -> int:
    """Do a part of the change, with a ledger row of its own; gives the number of records."""
    one = TagChange(kind=change.kind, tag=change.tag, into=change.into, actor=actor, part_of=change)
    return len(tags.strip(one, among).records)


def undo_change(undone: Job, progress):
    """Take back what the job of a merge or deletion did (see crm.undoing), a part of it in a transaction."""
    change = change_of(undone)
    parts = change.parts.order_by("pk")
    length = Func(F("records"), function="cardinality", output_field=IntegerField())
    if progress.total is None:
        progress.expect(parts.aggregate(number=Sum(length))["number"] or 0)
    try:
        with progress.chunk(0):
            tags.revive(change.tag_id, actor=undone.user)
    except ValidationError as error:
        raise JobFailed(" ".join(error.messages)) from error
    for key in parts.filter(undone_at__isnull=True).values_list("pk", flat=True):
        if progress.cancelled:
            return
        one = TagChange.objects.select_related("tag").get(pk=key)
        with progress.chunk(len(one.records)):
            number = tags.put_back(one, actor=undone.user)
            progress.counts["changed"] = progress.counts.get("changed", 0) + number
            progress.counts["same"] = progress.counts.get("same", 0) + len(one.records) - number
    settle_undo(change, undone, progress)


def settle_undo(change: TagChange, undone: Job, progress):
    number, left = (progress.counts.get(name, 0) for name in ("changed", "same"))
    with progress.chunk(0):
        TagChange.objects.filter(pk=change.pk).update(undone_at=timezone.now())
        announce(tags.tag_restored, change.tag, actor=undone.user, number=number)
        text = ngettext("%(n)d record has the tag again", "%(n)d records have the tag again", number)
        progress.log(text % {"n": number})
        if left:
            text = ngettext(
                "%(n)d record was left as it is: it lost the other tag or was deleted for good since.",
                "%(n)d records were left as they are: they lost the other tag or were deleted for good since.",
                left,
            )
            progress.log(text % {"n": left})
