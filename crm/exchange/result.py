"""What a person sees of an import that has ended: counts, whether it can be taken back, and what that left."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from crm import undoing
from crm.entities import importable
from crm.figures import number as figure
from crm.models import ImportedRow

from .work import counts_of

SHOWN_LEFT = 100
Undone = ImportedRow.Undone


@dataclass(frozen=True)
class Left:
    """A record that taking back left as it is; url and name are empty when the person does not see it."""

    line: int
    name: str
    url: str
    why: str


class Result:
    """One import of a person, after its run or while it was taken back."""

    def __init__(self, batch):
        self.batch, self.job = batch, batch.run_job

    @cached_property
    def counts(self) -> dict:
        counts = counts_of(self.batch)
        return counts if counts["total"] else counts | self.job.counts  # the lines are gone after a while

    @property
    def same_text(self) -> str:
        return same_text(self.counts["same"])

    @property
    def may_undo(self) -> bool:
        return self.job is not None and undoing.may_undo(self.job)

    @property
    def undo_url(self) -> str:
        return reverse("job-undo", args=[self.job.pk])

    @property
    def undo_job(self):
        return self.job.undone_by if self.job else None

    @cached_property
    def back(self) -> int:
        return self.batch.imported.filter(undone=Undone.BACK).count()

    @property
    def back_text(self) -> str:
        """How many lines were taken back and how many were not, in words."""
        back = ngettext("Taken back: %(n)s row.", "Taken back: %(n)s rows.", self.back) % {"n": figure(self.back)}
        if not self.kept:
            return back
        kept = ngettext("%(n)s row was left as it is.", "%(n)s rows were left as they are.", self.kept)
        return f"{back} {kept % {'n': figure(self.kept)}}"

    @cached_property
    def made(self) -> list[tuple]:
        """(kind, number, the first ones as (name, url, what became of it)) of the records that were made along."""
        found, user = [], self.batch.user
        rows = self.batch.made.exclude(at=None)
        for slug, number in rows.order_by().values_list("entity").annotate(n=Count("pk")):
            if entity := importable(slug):
                first = list(rows.filter(entity=slug)[:SHOWN_LEFT])
                seen = entity.model.objects.visible_to(user).filter(pk__in=[row.record_id for row in first])
                keys = set(seen.values_list("pk", flat=True))
                shown = [
                    (row.name, entity.url_for(row.record_id) if row.record_id in keys else "", row.get_undone_display())
                    for row in first
                ]
                found.append((entity.label_plural(), number, shown))
        return found

    @property
    def kept_rows(self):
        return self.batch.imported.exclude(undone__in=["", Undone.BACK])

    @cached_property
    def kept(self) -> int:
        return self.kept_rows.count()

    @cached_property
    def left(self) -> list[Left]:
        """The first of those that taking back did not touch, in the order of the file."""
        entity = importable(self.batch.entity)
        rows = self.kept_rows.order_by("line")[:SHOWN_LEFT]
        seen = entity.model.objects.visible_to(self.batch.user).in_bulk([row.record_id for row in rows])
        return [
            Left(row.line, str(record), entity.url_for(record.pk), row.get_undone_display())
            if (record := seen.get(row.record_id))
            else Left(row.line, "", "", row.get_undone_display())
            for row in rows
        ]


def same_text(number: int) -> str:
    return ngettext("%(n)d more has these values already", "%(n)d more have these values already", number) % {
        "n": number
    }
