"""Which column of a file fills which field: guessed, remembered for the same headings, changed by a person."""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass, replace
from itertools import islice

from django.db import models

from crm.models import ImportMapping
from crm.protection import sealed_part

from .converting import (
    COMMA,
    Chosen,
    Mapping,
    as_new,
    bare,
    by_table,
    currency_of,
    decimals_of,
    factor_of,
    in_order,
    order_of,
    pattern_of,
    times,
    without_comma,
)
from .fields import ImportField
from .matching import match_key, simplified
from .parsing import is_empty, parse_text
from .problems import ParseError, UnreadableFile

SAMPLE_LINES, SAMPLE_VALUES = 1_000, 3
NEW = "+"  # what a person chooses for a value of which a new record is to be made
SCOPE = "crm.importbatch.samples"
# What values look like, by column: for columns whose headings say nothing.
LOOKS = {
    "number": r"[A-Za-z]{1,4}-\d{6,}",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "credit_code": r"[0-9A-Z]{18}",
    "mobile": r"(\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}",
    "phone": r"(\+?\d[\d ()-]{6,16}\d)(\s*(x|ext\.?|转)\s*\d+)?",
    "website": r"(https?://|www\.)\S+",
}


def samples_of(table) -> dict:
    """What the first lines of a file hold, for the map page: {place: {filled, values, order, evidence, decimals,
    currency}}, sealed."""
    lines, found = [], {}
    with contextlib.suppress(UnreadableFile):  # the check says it of the whole file
        lines.extend(cells for _line, cells in islice(table.rows, SAMPLE_LINES))
    for place in range(len(table.headings)):
        values = [cells[place] for cells in lines if place < len(cells) and not is_empty(cells[place])]
        order, evidence = order_of(values)
        found[str(place)] = sealed_part(
            {
                "filled": round(100 * len(values) / len(lines)) if lines else 0,
                "values": list(dict.fromkeys(shown(value) for value in values[:200]))[:SAMPLE_VALUES],
                "order": order,
                "evidence": evidence,
                "decimals": decimals_of(values),
                "currency": currency_of(values),
            },
            SCOPE,
        )
    return found


def shown(cell) -> str:
    try:
        return parse_text(cell)[:120]
    except ParseError:
        return "".join(one for one in str(cell) if one.isprintable())[:120]


def headings_key(headings: list[str]) -> str:
    """One text for a set of headings, in whatever order."""
    keys = sorted(match_key(heading) for heading in headings if heading)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


# -- guessing --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Guess:
    """columns: {place: field name}; unsure: places whose field was guessed from their values."""

    columns: dict[int, str]
    unsure: frozenset[int] = frozenset()


def guess(importer, headings: list[str], samples: dict) -> Guess:
    """The fields of the columns by their headings, first those with a field's own name, then, for the rest, by what
    their values look like."""
    own: dict[str, str] = {}
    for name, field in importer.all_fields.items():
        own.setdefault(match_key(str(field.label)), name)
    named = {place: own[key] for place, heading in enumerate(headings) if (key := match_key(heading)) in own}
    columns = {place: name for place, name in named.items() if is_first(named, place) and name != "number"}
    for name_of in (lambda heading: heading, bare, lambda heading: bare(heading).translate(simplified())):
        for place, heading in enumerate(headings):
            key = match_key(name_of(heading))
            if place not in columns and key:
                free = (n for n, f in importer.all_fields.items() if key in f.headings and n not in columns.values())
                name = next(free, None)
                sample = samples.get(str(place), {})
                if name == "number" and sample.get("values") and not looks_like("number", sample):
                    free = "external_ref" in importer.all_fields and "external_ref" not in columns.values()
                    name = "external_ref" if free else None
                if name:
                    columns[place] = name
    unsure = set()
    for place in range(len(headings)):
        if place not in columns:
            looks = (n for n in LOOKS if n in importer.fields and n not in columns.values())
            name = next((n for n in looks if looks_like(n, samples.get(str(place), {}))), None)
            if name:
                columns[place] = name
                unsure.add(place)
    return Guess(columns, frozenset(unsure))


def is_first(named: dict[int, str], place: int) -> bool:
    return place == next(one for one, name in named.items() if name == named[place])


def looks_like(name: str, sample: dict) -> bool:
    values = sample.get("values") or ()
    return bool(values) and all(re.fullmatch(LOOKS[name], value.strip()) for value in values)


def guessed_options(importer, headings, columns: dict[int, str], samples: dict) -> dict:
    """The conversions that the file itself shows: order of dates, unit of numbers."""
    orders, factors = {}, {}
    numbers = {str(place) for place, name in columns.items() if is_number(importer.all_fields[name])}
    marks = {place: samples.get(place, {}).get("decimals", ("", ""))[0] for place in numbers}
    for place, name in columns.items():
        one = importer.all_fields[name]
        if is_date(one) and (order := samples.get(str(place), {}).get("order")) in ("dmy", "mdy"):
            orders[str(place)] = order
        if is_number(one) and (factor := factor_of(headings[place])):
            factors[str(place)] = factor
        elif COMMA in marks.values() and marks.get(str(place)) in (COMMA, ""):
            factors[str(place)] = COMMA  # where one column shows it, 1.200 in another one is no 1.2 either
    return {"orders": orders, "factors": factors}


def is_date(one: ImportField) -> bool:
    if one.definition:
        return one.definition.type in ("date", "datetime")
    return isinstance(one.field, models.DateField)


def is_number(one: ImportField) -> bool:
    if one.definition:
        return one.definition.type in ("number", "money")
    return isinstance(one.field, models.DecimalField | models.IntegerField) and not one.lookup


def foreign_amount(one: ImportField, sample: dict, currency: str) -> str:
    """A value of a column that is written in another currency than the company's; "" when none shows it."""
    code, value = sample.get("currency", ("", ""))
    return value if code and is_number(one) and code != currency and (code, currency) != ("CNY", "JPY") else ""


def is_text(one: ImportField) -> bool:
    """Whether several columns may be joined in it."""
    if one.definition:
        return one.definition.type in ("text", "long_text")
    return bool(one.field and isinstance(one.field, models.CharField | models.TextField) and not one.field.choices)


# -- the mapping of a batch ------------------------------------------------------------------------------------------
def mapping_of(batch, importer) -> Mapping:
    """What the check reads by: columns and options of the batch."""
    making = {name: part_of(batch, importer.making.fields, f"{name}.") for name in importer.making.makers}
    return replace(part_of(batch, importer.fields), making={name: part for name, part in making.items() if part.places})


def part_of(batch, fields: dict[str, ImportField], prefix: str = "") -> Mapping:
    """What of the mapping fills the record itself, or those made along with it, whose columns begin with the prefix."""
    options, width = batch.options or {}, len(batch.headings)
    places, joins = {}, {}

    def belongs(name):
        return name in fields and name.startswith(prefix) if prefix else "." not in name

    for place, name in sorted((int(place), name) for place, name in batch.columns.items() if belongs(name)):
        first = next((one for one, other in places.items() if other == name), None)
        if first is None:
            places[place] = name
        else:
            joins.setdefault(first, [first]).append(place)
    given = options.get("constants", {})
    constants = {name: text for name, text in given.items() if belongs(name) and name not in places.values()}
    places |= {width + number: name for number, name in enumerate(constants)}
    unused = [heading for place, heading in enumerate(batch.headings) if heading and str(place) not in batch.columns]
    converters = {
        place: found
        for place, name in places.items()
        if name in fields and (found := converters_of(fields[name], str(place), options, batch.fixes.get(name)))
    }
    joined = {place: tuple(others) for place, others in joins.items()}
    places = {place: name.removeprefix(prefix) for place, name in places.items()}
    texts = tuple(constants.values())
    patterns = {width + n: found for n, text in enumerate(texts) if (found := pattern_in(text, batch.headings))}
    return Mapping(places, unused, width, joined, texts, converters, patterns)


def pattern_in(text: str, headings: list[str]) -> tuple:
    """The pattern of a constant; a template that was made for other columns leaves the text as it is."""
    with contextlib.suppress(ParseError):
        return pattern_of(text, headings)
    return ()


def converters_of(one: ImportField, place: str, options: dict, fixes: dict | None = None) -> tuple:
    """The functions that make the cells of a column plainer, corrections of single values first."""
    found = [by_table(fixes, match_key)] if fixes else []
    if (order := options.get("orders", {}).get(place)) and is_date(one):
        found.append(in_order(order))
    if (factor := options.get("factors", {}).get(place)) and is_number(one):
        found.append(without_comma if factor == COMMA else times(factor))
    if values := options.get("values", {}).get(one.name):
        said = {key: value for key, value in values.items() if value != NEW}
        table = {key: Chosen(value) if one.lookup and value else value for key, value in said.items()}
        found.append(by_table(table, match_key))
        if new := values.keys() - said.keys():
            found.append(as_new(new, match_key))
    return tuple(found)


# -- remembering -----------------------------------------------------------------------------------------------------
def remembered(user, entity_slug: str, headings: list[str]) -> ImportMapping | None:
    """How the person last mapped a file with these headings."""
    rows = ImportMapping.objects.visible_to(user).filter(entity=entity_slug, name="")
    return rows.filter(headings=headings_key(headings)).first()


def templates_of(user, entity_slug: str):
    """The mappings that the person saved under a name."""
    return ImportMapping.objects.visible_to(user).filter(entity=entity_slug).exclude(name="").order_by("name")


def remember(batch, name: str = ""):
    """Keep columns, options and chosen values of a batch for the next file with the same headings, or under a name."""
    keys = {place: match_key(heading) for place, heading in enumerate(batch.headings)}
    columns = {keys[int(place)]: field for place, field in batch.columns.items() if keys[int(place)]}
    by_heading = {
        kind: {keys[int(place)]: value for place, value in batch.options.get(kind, {}).items() if keys[int(place)]}
        for kind in ("orders", "factors")
    }
    ImportMapping.objects.update_or_create(
        user=batch.user,
        entity=batch.entity,
        name=name,
        headings="" if name else headings_key(batch.headings),
        defaults={
            "columns": columns,
            "options": by_heading | {"constants": batch.options.get("constants", {})},
            "left_out": [key for place, key in keys.items() if key and str(place) not in batch.columns],
        },
    )


def say_values(batch, chosen: dict):
    """Put on the batch (not saved) what a person chose for values that match nothing, and remember what is no wish for
    a new record: {field: {match key of the value: key or code, "+" or None}}."""
    values = batch.options.get("values", {})
    merged = {name: values.get(name, {}) | new for name, new in chosen.items()}
    batch.options["values"] = values | {
        name: {key: value for key, value in said.items() if value is not None} for name, said in merged.items()
    }
    lasting = {name: {k: v for k, v in new.items() if v not in (None, NEW)} for name, new in chosen.items()}
    if any(lasting.values()):
        remember_values(batch, lasting)


def remember_values(batch, values: dict):
    """Keep what a person chose for values that match nothing: {field: {match key of the value: key or code}}."""
    row, _new = ImportMapping.objects.get_or_create(user=batch.user, entity=batch.entity, name="", headings="")
    row.values |= {name: row.values.get(name, {}) | chosen for name, chosen in values.items()}
    row.save(update_fields=["values", "used_at"])


def known_values(user, entity_slug: str) -> dict:
    row = ImportMapping.objects.visible_to(user).filter(entity=entity_slug, name="", headings="").first()
    return row.values if row else {}


def by_memory(importer, row: ImportMapping, headings: list[str]) -> tuple[dict[int, str], dict]:
    """(columns, options) of a remembered mapping for these headings."""
    keys = {place: match_key(heading) for place, heading in enumerate(headings)}
    columns = {p: row.columns[key] for p, key in keys.items() if row.columns.get(key) in importer.all_fields}
    options = {
        kind: {str(place): row.options[kind][key] for place, key in keys.items() if key in row.options.get(kind, {})}
        for kind in ("orders", "factors")
    }
    constants = {n: t for n, t in row.options.get("constants", {}).items() if n in importer.all_fields}
    return columns, options | {"constants": constants}
