"""Values of a file that match nothing: listed once each, with what they probably mean, and what a person says."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .lookups import only
from .matching import match_key
from .parsing import parse_text
from .problems import ParseError

FEW = 300  # so many records stand in a select; of more, one types the name or number
NOTHING = "-"  # leave the field empty
ALIKE = 0.55
Option = tuple[str, str]


@dataclass(frozen=True)
class Unknown:
    """One value: how many lines have it, which option is suggested. name: of its control on the form."""

    name: str
    text: str
    lines: int
    suggested: str


@dataclass(frozen=True)
class Group:
    """The unknown values of one column. options: empty when there are too many to list."""

    field: str
    label: str
    values: list[Unknown]
    options: list[Option]


class UnknownValues:
    """The unknown values of a checked batch."""

    def __init__(self, batch, importer):
        self.batch, self.importer = batch, importer

    @property
    def groups(self) -> list[Group]:
        return [
            self.group(name, values)
            for name, values in (self.batch.unmatched or {}).items()
            if name in self.importer.fields and values
        ]

    def group(self, name: str, values: dict[str, int]) -> Group:
        one = self.importer.fields[name]
        options, keys = self.options(one)
        shown = [
            Unknown(f"{name}_{place}", text, lines, self.suggested(one, text, keys))
            for place, (text, lines) in enumerate(values.items())
        ]
        return Group(name, capfirst(one.label), shown, options)

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
        if keys:
            found = get_close_matches(match_key(text), keys, n=1, cutoff=ALIKE)
            return keys[found[0]] if found else ""
        name = next(iter(one.lookup.shared), None) if one.lookup else None
        if name is None or len(text) < 2:
            return ""
        rows = one.lookup.rows().filter(**{f"{name}__istartswith": text[: max(2, len(text) // 2)]})[:50]
        alike = {match_key(str(getattr(row, name))): row for row in rows}
        found = get_close_matches(match_key(text), alike, n=1, cutoff=ALIKE)
        return str(getattr(alike[found[0]], "number", alike[found[0]])) if found else ""

    def read(self, post) -> tuple[dict[str, dict], str]:
        """({field: {match key of a value: key or code, "" for empty}}, what is wrong) of what a person chose."""
        chosen: dict[str, dict] = {}
        for group in self.groups:
            one, known = self.importer.fields[group.field], dict(group.options)
            for value in group.values:
                said = post.get(value.name, "").strip()
                if not said:
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
