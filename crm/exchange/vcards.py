"""Reads business cards (vCard 2.1, 3.0, 4.0) as a table: one line a card, one column for what any card says.

Own, and not vobject: that library stops the whole file at the first line it does not understand (real cards have
many), decodes quoted-printable of 2.1 only when nothing is folded, and brings three packages along.
"""

import quopri
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext_lazy, pgettext_lazy

from .choices import ReadChoices
from .encodings import Encoding, check_encoding, codec_of, encoding_of
from .kinds import Kind
from .parsing import HAN
from .problems import UnreadableFile
from .sources import Source

# In the order of the columns. More than one phone or address gives more than one column.
COLUMNS = {
    "name": pgettext_lazy("business card", "Full name"),
    "family": gettext_lazy("Family name"),
    "given": gettext_lazy("Given name"),
    "company": pgettext_lazy("business card", "Company name"),
    "department": gettext_lazy("Department"),
    "title": gettext_lazy("Job title"),
    "mobile": pgettext_lazy("business card", "Mobile"),
    "phone": pgettext_lazy("business card", "Phone"),
    "fax": pgettext_lazy("business card", "Fax"),
    "email": pgettext_lazy("business card", "Email"),
    "website": pgettext_lazy("business card", "Website"),
    "address": pgettext_lazy("business card", "Address"),
    "city": pgettext_lazy("business card", "City"),
    "region": pgettext_lazy("business card", "Province or state"),
    "postcode": gettext_lazy("Postal code"),
    "country": pgettext_lazy("business card", "Country"),
    "birthday": gettext_lazy("Birthday"),
    "note": pgettext_lazy("business card", "Remarks"),
    "tags": pgettext_lazy("business card", "Tags"),
}
MOST = 5  # columns of one kind; what is more stands together in the last one
LONGEST = 1_000_000  # characters of a line: a picture
HEAD = re.compile(r"""([^:;"]+)((?:;(?:[^:;"]|"[^"]*")*)*):(.*)""", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
PLAIN = {"TITLE": "title", "EMAIL": "email", "URL": "website", "BDAY": "birthday", "NOTE": "note", "FN": "name"}


def vcard_source(path, choices: ReadChoices, limits) -> Source:
    """The cards as rows under one row of headings. Line 2 is the first card."""
    if choices.encoding:
        check_encoding(choices.encoding)
        encoding = Encoding(choices.encoding, True)
    else:
        encoding = encoding_of(path)
    codec = codec_of(path, encoding.name)
    most = Counter()
    for number, card in enumerate(_cards(path, codec), 1):
        most |= Counter({name: min(len(values), MOST) for name, values in card.items()})
        if number > limits.rows:
            break
    if not most:
        raise UnreadableFile(gettext_lazy("There is no business card in the file."))
    used = replace(choices, encoding=encoding.name, header=1, header_rows=1, totals=True)
    return Source(Kind.VCARD, _rows(path, codec, most), used, encoding=encoding)


def _rows(path, codec, most):
    places = [(name, number) for name in COLUMNS for number in range(most[name])]
    yield 1, [_heading(name, number) for name, number in places]
    for line, card in enumerate(_cards(path, codec), 2):
        yield line, [_cell(card.get(name, []), number) for name, number in places]


def _heading(name, number):
    return str(COLUMNS[name]) if not number else f"{COLUMNS[name]} {number + 1}"


def _cell(values, number):
    if number == MOST - 1:
        return "; ".join(values[number:])
    return values[number] if number < len(values) else ""


def _cards(path, codec) -> Iterator[dict[str, list[str]]]:
    """{name of a column: values} of each card; lines that say nothing to us are passed over."""
    card, depth = {}, 0
    try:
        for name, marks, value in _properties(path, codec):
            if name == "BEGIN":
                depth += 1
                card = {} if depth == 1 else card
            elif name == "END" and depth:
                depth -= 1
                if not depth:
                    yield _finished(card)
            elif depth == 1:
                _put(card, name, marks, value)
    except UnicodeError:
        raise UnreadableFile(
            gettext_lazy("The text of the cards is damaged. Choose another encoding, or export them again.")
        ) from None
    if depth:
        yield _finished(card)  # the file ends in the middle of a card


def _properties(path, codec):
    """(name, marks such as {"CELL", "ENCODING=BASE64"}, value as text) of each unfolded line."""
    for line in _unfolded(path, codec):
        if found := HEAD.fullmatch(line):
            name, marks, value = found.groups()
            marks = {mark.strip().upper() for mark in marks.split(";") if mark.strip()}
            if not any("BASE64" in mark or mark == "ENCODING=B" for mark in marks):
                yield name.rpartition(".")[2].strip().upper(), marks, _decoded(value, marks)


def _unfolded(path, codec):
    """Lines with what is folded below them; a quoted-printable line goes on after a = at its end."""
    held = ""
    with path.open(encoding=codec) as file:
        while line := file.readline(LONGEST):
            line = line.removeprefix("\ufeff").rstrip("\r\n")
            if held.endswith("=") and "QUOTED-PRINTABLE" in held.partition(":")[0].upper():
                held = held[:-1] + line
            elif line[:1] in (" ", "\t"):
                held = (held + line[1:])[:LONGEST]
            else:
                yield held
                held = line
    yield held


def _decoded(value, marks):
    if not any("QUOTED-PRINTABLE" in mark for mark in marks):
        return value
    content = quopri.decodestring(value.encode("utf-8", "replace"))
    named = next((mark.partition("=")[2].strip('"') for mark in marks if mark.startswith("CHARSET=")), "utf-8")
    for codec in (named, "utf-8", "gb18030"):
        try:
            return content.decode("gb18030" if codec.lower() in ("gb2312", "gbk") else codec)
        except (UnicodeError, LookupError):
            continue
    return content.decode("utf-8", "ignore")


def _put(card, name, marks, value):
    if name in PLAIN:
        _add(card, PLAIN[name], _text(value))
    elif name == "N":
        family, given, *_rest = [_text(part) for part in _parts(value)] + ["", ""]
        _add(card, "family", family)
        _add(card, "given", given)
    elif name == "ORG":
        company, *units = map(_text, _parts(value))
        _add(card, "company", company)
        _add(card, "department", " / ".join(filter(None, units)))
    elif name == "TEL":
        words = " ".join(marks)
        kind = "mobile" if re.search(r"\b(CELL|IPHONE)\b", words) else "fax" if "FAX" in words else "phone"
        _add(card, kind, _text(value).removeprefix("tel:").partition(";")[0])
    elif name == "ADR":
        _put_address(card, [_text(part) for part in _parts(value)] + [""] * 7)
    elif name == "CATEGORIES":
        _add(card, "tags", _text(value).replace(",", ", ").replace("  ", " "))


def _put_address(card, parts):
    box, extra, street, city, region, postcode, country, *_more = parts
    if "city" in card or "address" in card:
        city = " ".join(filter(None, (city, region, postcode, country)))
        _add(card, "address", " ".join(filter(None, (box, extra, street, city))))
        return
    _add(card, "address", " ".join(filter(None, (box, extra, street))))
    for name, text in (("city", city), ("region", region), ("postcode", postcode), ("country", country)):
        _add(card, name, text)


def _add(card, name, text):
    if text and text not in card.setdefault(name, []):
        card[name].append(text)


def _parts(value):
    """At the semicolons that are not escaped."""
    return re.split(r"(?<!\\);", value)


def _text(value):
    text = ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()


def _finished(card):
    """With a name; one without FN gets it from its parts, in the order of its language."""
    family, given = "".join(card.get("family", [])[:1]), "".join(card.get("given", [])[:1])
    if "name" not in card and (family or given):
        is_chinese = HAN.search(family + given)
        card["name"] = [family + given if is_chinese else f"{given} {family}".strip()]
    card["name"] = card.get("name", [])[:1]
    return {name: values for name, values in card.items() if values}
