"""Figures of one kind of record for one person: all checks in one pass over the rows that he sees."""

from __future__ import annotations

import datetime
import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from crm.access import Part, Root, whole_model
from crm.quality.checks import RESPONSIBLE, Check, faults, gaps, listens, quiet

LONGEST = 30  # seconds that one person's figures may take
SLOW = 1  # what took longer is kept, for people who see all records of the kind
KEPT = 3600
ALL_ROWS = 10**9  # a bound that no table reaches: it makes the database work out what the checks need once a row
CANCELLED = "57014"


class TooLong(Exception):
    """The figures were not counted within LONGEST seconds."""


@contextmanager
def in_time():
    """Statements that may take LONGEST seconds each; raises TooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{LONGEST}s"])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == CANCELLED:
            raise TooLong from None
        raise


@dataclass(frozen=True)
class Line:
    """One check with its figures. of: the rows of which it is asked; failing: those that lack a value or have a wrong
    one."""

    check: Check
    failing: int
    of: int

    @property
    def passing(self) -> int:
        return self.of - self.failing


@dataclass(frozen=True)
class Figures:
    """What the page shows. quiet: rows of which nothing was heard, None where nobody listens."""

    total: int
    gaps: list[Line]
    responsible: list[Line]
    faults: list[Line]
    never: Line | None
    quiet: int | None
    counted_at: datetime.datetime
    is_kept: bool

    @property
    def filled(self) -> tuple[int, int]:
        """(values that are there, values that could be there) over all fields and rows."""
        return sum(line.passing for line in self.gaps), sum(line.of for line in self.gaps)


class Counting:
    """The figures of one kind of record for one person. days: of silence; is_fresh: what was kept does not count."""

    def __init__(self, entity, user, days: int, is_fresh: bool = False):
        self.entity, self.user, self.days, self.is_fresh = entity, user, days, is_fresh
        self.gaps, self.faults = gaps(entity, user), faults(entity, user)
        self.quiet = quiet(entity, user, days) if listens(entity, user) else None

    def figures(self) -> Figures:
        """Asked in in_time()."""
        found, moment, is_kept = self.found()
        total = found["total"]

        def line(part, check):
            name = f"{part}_{check.name}"
            return Line(check, found[name], found.get(f"{name}_of", total))

        lines = [line("gap", check) for check in self.gaps]
        return Figures(
            total,
            [one for one in lines if one.check.name not in (*RESPONSIBLE, self.entity.heard)],
            [one for one in lines if one.check.name in RESPONSIBLE],
            [line("fault", check) for check in self.faults],
            next((one for one in lines if one.check.name == self.entity.heard), None),
            found.get("quiet"),
            moment,
            is_kept,
        )

    def found(self) -> tuple[dict[str, int], datetime.datetime, bool]:
        """(numbers by name, when they were counted, whether they were kept from earlier)."""
        rows = self.entity.model.objects.visible_to(self.user).order_by()
        key = self.key(rows) if sees_all(self.user, self.entity.model) else ""
        if key and not self.is_fresh and (kept := cache.get(key)):
            return (*kept, True)
        begin, moment = monotonic(), timezone.now()
        found = self.count(rows)
        if key and monotonic() - begin > SLOW:
            cache.set(key, (found, moment), KEPT)
        return found, moment, False

    def count(self, rows) -> dict[str, int]:
        """One statement: the inner rows carry what the checks need, once each; the outer one counts."""
        needs = {}
        for check in (*self.gaps, *self.faults, *([self.quiet] if self.quiet else ())):
            needs |= check.needs
        try:
            return rows.annotate(**needs)[:ALL_ROWS].aggregate(**self.counts())
        except EmptyResultSet:
            return dict.fromkeys(self.counts(), 0)

    def counts(self) -> dict[str, Count]:
        found = {"total": Count("pk")}
        for part, checks in (("gap", self.gaps), ("fault", self.faults)):
            for check in checks:
                found[f"{part}_{check.name}"] = Count("pk", filter=check.asked)
                if check.among is not None:
                    found[f"{part}_{check.name}_of"] = Count("pk", filter=check.among)
        if self.quiet is not None:
            found["quiet"] = Count("pk", filter=self.quiet.fails)
        return found

    def key(self, rows) -> str:
        """Where the figures are kept: whoever asks the same of the same rows gets the same ones."""
        asked = (self.entity.slug, str(rows.query), {n: str(c.filter) for n, c in self.counts().items()})
        return f"quality:{hashlib.sha256(repr(asked).encode()).hexdigest()}"


def sees_all(user, model) -> bool:
    """Whether the person sees every row of the kind: then no share and no team decides, and figures may be kept."""
    if isinstance(model.access, Root):
        return user.rights.ways(model).everything
    wholes = model.access.wholes if isinstance(model.access, Part) else ()
    return bool(wholes) and all(sees_all(user, whole_model(model, path)) for path in wholes)
