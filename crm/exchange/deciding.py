"""What a person decides about checked lines before they are written: line by line, or a whole group at once."""

from __future__ import annotations

from crm.models import StagedRow
from crm.protection import sealed_part

from .mapping import SCOPE
from .matching import match_key
from .preview import Preview
from .work import CHOICES, decide

Decision = StagedRow.Decision


def decide_lines(batch, said: dict[int, str]) -> int:
    """{line: decision} of lines that could be done in several ways; gives how many changed."""
    lines: dict[str, list[int]] = {}
    for line, decision in said.items():
        if decision in CHOICES:
            lines.setdefault(decision, []).append(line)
    return sum(decide(batch.rows.filter(line__in=numbers), decision) for decision, numbers in lines.items())


def decide_group(batch, match: str, decision: str) -> int:
    """The same decision for all lines whose record was found in one way."""
    return decide(batch.rows.filter(match=match), decision) if decision in CHOICES else 0


def skip_group(batch, kind: str) -> int:
    """Leave all lines with one kind of error out."""
    rows = batch.rows.filter(decision=Decision.REJECT, kinds__contains=[kind])
    return rows.update(decision=Decision.SKIP)


def fix_group(batch, kind: str, said: dict[str, str] | None) -> int:
    """Correct the values of one kind of error; gives how many different ones. The file must be checked again.

    said: {value of the file: its correction}; None leaves the field empty in all these lines.
    """
    name = kind.partition(":")[0]
    values = [value for value, _lines in Preview(batch, {"kind": kind}).values if value]
    if said is None:
        said = dict.fromkeys(values, "")
    else:
        said = {value: new.strip() for value, new in said.items() if new.strip()}
    wanted = {value: said[value] for value in values if value in said}
    if wanted:
        fixes = batch.fixes | {name: batch.fixes.get(name, {}) | {match_key(v): new for v, new in wanted.items()}}
        batch.fixes = {one: sealed_part(table, SCOPE) for one, table in fixes.items()}
        batch.save(update_fields=["fixes"])
        batch.fixes = fixes
    return len(wanted)
