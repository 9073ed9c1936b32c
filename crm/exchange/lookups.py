"""Finds records by the names in a file: among the rows the importer may see, by the rule of names, no guessing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.models import User

from .matching import match_key
from .met import Met
from .parsing import is_empty, parse_text
from .problems import ParseError

# What names one row for sure, and what several may share.
SURE = ("number", "code", "username", "email")
SHARED = ("name", "name_zh", "name_en", "subject")
BATCH = 5_000


class Lookup:
    """The rows of one model that a person may choose from, by their names."""

    def __init__(self, model, user):
        self.model, self.user = model, user
        names = {field.name for field in model._meta.concrete_fields}
        self.sure = [name for name in SURE if name in names]
        self.shared = [name for name in SHARED if name in names]
        self.wanted = Met()
        self.by_sure: dict[str, set[int]] = {}
        self.by_shared: dict[str, set[int]] = {}

    def want(self, cell):
        """Remember a name that the file asks for; only such names are kept when the rows are read."""
        if not is_empty(cell):
            self.wanted.add(match_key(parse_text(cell)))

    def load(self, beat=lambda: None):
        """Read the names of all visible rows once, streamed. beat: called now and then: a million take seconds."""
        self.by_sure, self.by_shared = {}, {}
        if not self.wanted:
            return
        columns = ("pk", *self.sure, *self.shared)
        for place, (pk, *names) in enumerate(self.rows().values_list(*columns).iterator(chunk_size=BATCH)):
            if place % BATCH == 0:
                beat()
            for position, name in enumerate(names):
                if name and (key := match_key(name)) in self.wanted:
                    found = self.by_sure if position < len(self.sure) else self.by_shared
                    found.setdefault(key, set()).add(pk)

    def rows(self):
        """The rows that may be chosen: visible, and in use."""
        rows = self.model.objects.visible_to(self.user)
        if self.model is User or "is_active" in {field.name for field in self.model._meta.concrete_fields}:
            rows = rows.filter(is_active=True)
        return rows.order_by()

    @property
    def found(self) -> dict[str, set[int]]:
        """{match key of a name: keys of the rows that it may mean} of all names that were asked for."""
        return {key: self.by_sure.get(key) or keys for key, keys in (self.by_shared | self.by_sure).items()}

    def candidates(self, cell) -> set[int]:
        """The keys of the rows that the cell may mean. A number, code or login goes before a name."""
        key = match_key(parse_text(cell))
        return self.by_sure.get(key) or self.by_shared.get(key) or set()

    def names_of(self, row) -> set[str]:
        """The match keys of all names of a row of the model."""
        return {match_key(str(value)) for name in (*self.sure, *self.shared) if (value := getattr(row, name))}

    def still_visible(self, keys) -> set:
        """Those of the keys that may be chosen now: rights can change between the check and the run."""
        return set(self.rows().filter(pk__in=keys).values_list("pk", flat=True))


def only(candidates, cell) -> int:
    """The one candidate; raises ParseError when there is none or more than one."""
    if len(candidates) == 1:
        return next(iter(candidates))
    text = parse_text(cell)[:80]
    if candidates:
        raise ParseError(_("Several records are called “%(value)s”. Write the number or the code instead."), value=text)
    raise ParseError(_("Nothing called “%(value)s” is among the records you can see."), value=text)
