"""Cells that name what the record of the line holds already, though nobody could choose it any more: no errors.

A colleague who left, an industry out of use, a customer that the person reads by its name alone: an exported list has
such names, and importing it again must change nothing.
"""

from .matching import match_key
from .parsing import parse_text


def may_be_present(checker, draft) -> bool:
    """Whether nothing is wrong with the line but names of records."""
    named = [checker.fields.get(name) for name in draft.errors]
    return bool(named) and all(one and one.lookup and is_held(one) for one in named)


def is_held(one) -> bool:
    """Whether the record itself holds the key of the record that the column names."""
    return one.field is not None or one.definition is not None


def excuse(checker, mapping, drafts):
    """Take away the errors of such cells. drafts: lines that may_be_present, whose targets were read."""
    drafts = [draft for draft in drafts if draft.found and draft.found[0] in checker.targets]
    places = {name: place for place, name in mapping.places.items()}
    for name in {name for draft in drafts for name in draft.errors}:
        one, held = checker.fields[name], {}
        for draft in drafts:
            target = checker.targets[draft.found[0]]
            held[draft.line] = target.held(one.definition) if one.definition else getattr(target, one.field.attname)
        rows = one.lookup.model._base_manager.in_bulk(set(held.values()) - {None})
        for draft in drafts:
            row, cell = rows.get(held[draft.line]), mapping.cells(draft.cells)[places[name]]
            if name in draft.errors and row is not None and match_key(parse_text(cell)) in one.lookup.names_of(row):
                del draft.errors[name]
                checker.unmiss(one, cell)
