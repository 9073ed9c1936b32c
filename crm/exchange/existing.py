"""Which lines of a file mean a record that is there already: by its number, its reference, its code or its name."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from crm.models import StagedRow
from crm.models.merging import Mergeable

from .matching import match_key
from .met import Met

Match = StagedRow.Match
SURE = (Match.NUMBER, Match.REFERENCE)  # whoever names a record so means it: no need to ask
SOURCE = "import"  # the source system of references that come with a file


@dataclass(slots=True)
class Draft:
    """One line on its way through the check.

    errors: cells that cannot be read. refused: what speaks against a new record (the columns it lacks, its rights).
    given: the columns that the line fills; beside: values kept beside the record. found: keys of the records that the
    line means, match: by what. made: {column: key of the new record that it names}.
    prints: fingerprints of the values beside the record that tell records apart. key: see Checker.key_of.
    """

    line: int
    cells: list
    record: object
    given: set[str] = field(default_factory=set)
    beside: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    prints: list[bytes] = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    found: tuple[int, ...] = ()
    match: str = ""
    made: dict[str, int] = field(default_factory=dict)
    key: tuple | None = None


class Existing:
    """The records a person sees, asked for the lines of a chunk; the first way that finds any counts."""

    def __init__(self, importer):
        self.importer, self.model = importer, importer.model
        self.seen = Met()
        self.numbers: dict[int, str] = {}

    def expect(self, lines: int):
        """Make room for that many lines: each has a name and, often, two contact points."""
        self.seen = Met(3 * lines)

    def find(self, drafts: list[Draft]):
        """Say of each line which records it means."""
        self.by_number([draft for draft in drafts if "number" in draft.keys])
        if any(field.name == "external_ref" for field in self.model._meta.concrete_fields):
            self.by_column("external_ref", Match.REFERENCE, drafts, source_system=SOURCE)
        for name in self.importer.match_columns:
            self.by_column(name, Match.KEY, drafts)
        self.importer.find_beside([draft for draft in drafts if not draft.match])
        for draft in drafts:
            draft.key = self.importer.key_of(draft.record, draft.beside)
            if not draft.match and draft.key is not None and (found := self.importer.twins.get(draft.key)):
                draft.found, draft.match = tuple(sorted(found)), Match.NAME
        keys = {draft.found[0] for draft in drafts if draft.found}
        self.numbers = dict(self.visible().filter(pk__in=keys).values_list("pk", self.shown)) if keys else {}

    @property
    def shown(self) -> str:
        """The field by which people quote a record."""
        names = {one.name for one in self.model._meta.concrete_fields}
        return next((name for name in ("number", "username") if name in names), "pk")

    def visible(self):
        return self.model.objects.visible_to(self.importer.user).order_by()

    def by_number(self, drafts):
        """By the number people quote, that of a merged record too; one that names nothing is an error of its cell."""
        ids = {int(digits) for draft in drafts if (digits := digits_of(draft.keys["number"]))}
        keys = dict(self.visible().filter(pk__in=ids).values_list("number", "pk")) if ids else {}
        if issubclass(self.model, Mergeable) and len(keys) < len(ids):
            gone = self.model.everything.filter(pk__in=ids, merged_into__in=self.visible())
            keys |= dict(gone.values_list("number", "merged_into"))
        for draft in drafts:
            number = draft.keys["number"].strip().upper()
            if number in keys:
                draft.found, draft.match = (keys[number],), Match.NUMBER
            else:
                draft.errors["number"] = _(
                    "No record with the number “%(number)s” is among those you can see. Leave it empty to add one."
                ) % {"number": number[:40]}

    def by_column(self, name: str, match: str, drafts, **more):
        """By the value of an indexed column."""
        waiting = [d for d in drafts if not d.match and name in d.given and getattr(d.record, name)]
        if not waiting:
            return
        keys: dict = {}
        rows = self.visible().filter(**{f"{name}__in": {getattr(d.record, name) for d in waiting}}, **more)
        for value, pk in rows.values_list(name, "pk"):
            keys.setdefault(value, []).append(pk)
        for draft in waiting:
            if found := keys.get(getattr(draft.record, name)):
                draft.found, draft.match = tuple(sorted(found)), match

    def earlier(self, draft: Draft) -> str:
        """That an earlier line of the file means the same record, in words, else empty. Remembers this one."""
        signs, points = [("record", draft.found[0])] if len(draft.found) == 1 else [], ()
        if not signs and "external_ref" in draft.given:
            signs = [("external_ref", draft.record.external_ref)]  # the file itself tells its records apart
        elif not signs:
            names = [name for name in self.importer.match_columns if name in draft.given]
            signs = [(name, value) for name in names if (value := getattr(draft.record, name))]
            signs += [] if draft.key is None else [("name", draft.key)]
            points = draft.prints
        if line := self.first(signs, draft.line):
            return _("The same as line %(line)s of this file.") % {"line": line}
        if line := self.first(points, draft.line):
            return _("Line %(line)s of this file has the same phone or e-mail.") % {"line": line}
        return ""

    def first(self, signs, line: int) -> int:
        """The first line before this one with one of the signs, else 0."""
        earlier = min([self.seen.first(sign, line) for sign in signs], default=line)
        return earlier if earlier < line else 0

    def sentence(self, draft: Draft) -> str:
        """That the record is there already, in words."""
        number = self.numbers.get(draft.found[0], "")
        facts = {"name": draft.record, "number": number, "what": Match(draft.match).label}
        if draft.match == Match.NAME:
            return _("“%(name)s” exists already: %(number)s.") % facts
        if len(draft.found) > 1:
            return _("Several records have the same %(what)s, one of them %(number)s.") % facts
        return _("%(number)s has the same %(what)s.") % facts


def digits_of(number: str) -> str:
    """The running number in "C-000123"; empty when it is written otherwise."""
    prefix, _dash, digits = match_key(number).partition("-")
    return digits if prefix.isalpha() and digits.isdecimal() and len(digits) < 19 else ""
