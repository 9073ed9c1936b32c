"""Values of a file that match nothing: listed once each, with what they probably mean, and what a person says."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .lookups import only
from .mapping import NEW
from .matching import match_key
from .parsing import parse_text
from .problems import ParseError

MOST_UNMATCHED = 300  # values of a column that are listed
FEW = 300  # so many records stand in a select; of more, one types the name or number
NOTHING = "-"  # leave the field empty
ALIKE = 0.55
NEARLY_SAME = 0.85  # where a new record may be meant as well: 海川新材料有限公司 is not 金石新材料有限公司
Option = tuple[str, str]


@dataclass(frozen=True)
class Unknown:
    """One value: how many lines have it, which option is suggested. name: of its control on the form.

    is_new: a person wants a new record of it.
    """

    name: str
    text: str
    lines: int
    suggested: str
    is_new: bool = False


@dataclass(frozen=True)
class Group:
    """The unknown values of one column. options: empty when there are too many to list.

    what: the kind of record that can be made of them, empty when none; makes_all: every value becomes one.
    """

    field: str
    label: str
    values: list[Unknown]
    options: list[Option]
    what: str = ""
    makes_all: bool = False

    @property
    def all_name(self) -> str:
        """The control that asks for a new record of every value."""
        return f"{self.field}_all"


class UnknownValues:
    """The unknown values of a checked batch."""

    def __init__(self, batch, importer):
        self.batch, self.importer = batch, importer

    @property
    def groups(self) -> list[Group]:
        values = {name: dict(found) for name, found in (self.batch.unmatched or {}).items()}
        for name in self.importer.making.makers:
            made = self.batch.made.filter(field=name)[:MOST_UNMATCHED]
            values[name] = values.get(name, {}) | {one.name: one.lines for one in made}
        fields = self.importer.all_fields
        return [self.group(name, fields[name], found) for name, found in values.items() if name in fields and found]

    def group(self, name: str, one, values: dict[str, int]) -> Group:
        options, keys = self.options(one)
        wanted = {key for key, said in self.said(name).items() if said == NEW}
        shown = [
            Unknown(f"{name}_{place}", text, lines, self.suggested(one, text, keys), match_key(text) in wanted)
            for place, (text, lines) in enumerate(values.items())
        ]
        maker = self.importer.making.makers.get(name)
        makes_all = name in self.batch.options.get("make", ())
        return Group(name, capfirst(one.label), shown, options, maker.entity.label() if maker else "", makes_all)

    def said(self, name: str) -> dict:
        """What a person has said before of the values of a column."""
        return self.batch.options.get("values", {}).get(name, {})

    def options(self, one) -> tuple[list[Option], dict[str, str]]:
        """(what may be chosen, {match key of each of its names, in every language: value}); nothing when too many."""
        if one.choices:
            codes = getattr(getattr(one.read, "__self__", None), "codes", {})
            return [(str(code), str(label)) for code, label in one.choices], {k: str(c) for k, c in codes.items()}
        rows = [*one.lookup.rows()[: FEW + 1]]
        if len(rows) > FEW:
            return [], {}
        names = [*one.lookup.shared, *one.lookup.sure]
        keys = {match_key(str(name)): str(row.pk) for row in rows for n in names if (name := getattr(row, n))}
        return [(str(row.pk), str(row)) for row in rows], keys

    def suggested(self, one, text: str, keys: dict[str, str]) -> str:
        """The value of the option that is most alike; of many records, the number of one with the same beginning."""
        alike_enough = NEARLY_SAME if one.name in self.importer.making.makers else ALIKE
        if keys:
            found = get_close_matches(match_key(text), keys, n=1, cutoff=alike_enough)
            return keys[found[0]] if found else ""
        name = next(iter(one.lookup.shared), None) if one.lookup else None
        if name is None or len(text) < 2:
            return ""
        rows = one.lookup.rows().filter(**{f"{name}__istartswith": text[: max(2, len(text) // 2)]})[:50]
        alike = {match_key(str(getattr(row, name))): row for row in rows}
        found = get_close_matches(match_key(text), alike, n=1, cutoff=alike_enough)
        return str(getattr(alike[found[0]], "number", alike[found[0]])) if found else ""

    def all_new(self, post) -> list[str]:
        """The columns of which a person wants a new record of every value that matches nothing."""
        return [group.field for group in self.groups if group.what and post.get(group.all_name)]

    def read(self, post) -> tuple[dict[str, dict], str]:
        """({field: {match key of a value: key or code, "" for empty, "+" for a new record, None for nothing any more}},
        what is wrong) of what a person chose."""
        chosen: dict[str, dict] = {}
        fields = self.importer.all_fields
        for group in self.groups:
            one, known = fields[group.field], dict(group.options)
            for value in group.values:
                said = post.get(value.name, "").strip()
                if group.what and (said == NEW or post.get(f"{value.name}_new")):
                    chosen.setdefault(group.field, {})[match_key(value.text)] = NEW
                    continue
                if not said:
                    if value.is_new:
                        chosen.setdefault(group.field, {})[match_key(value.text)] = None
                    continue
                try:
                    found = self.meant(one, said, known)
                except ParseError as problem:
                    return {}, f"{group.label}, “{value.text}”: {problem}"
                chosen.setdefault(group.field, {})[match_key(value.text)] = found
        return chosen, ""

    def meant(self, one, said: str, known: dict):
        if said == NOTHING:
            return ""
        if known:
            if said not in known:
                raise ParseError(_("This is not one of the choices."))
            return int(said) if one.lookup else said
        one.lookup.want(said)
        one.lookup.load()
        return only(one.lookup.candidates(said), parse_text(said))
