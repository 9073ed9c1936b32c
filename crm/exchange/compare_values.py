"""One spelling for values of files and of records, and what a comparison adds up of a column: memory stays the same."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.fields.types import plain_number
from crm.models import Tag

from .fields import ImportField
from .mapping import is_number

BLOCK = 8_192  # keys
KEPT_NAMES = 20_000
LARGEST = 1 << 128


def spelled(value) -> str:
    """A value as one text, alike for a file and for the database; "" for nothing."""
    match value:
        case None | "" | []:
            return ""
        case bool():
            return "1" if value else "0"
        case Decimal():
            return plain_number(value)
        case datetime.datetime():
            moment = value.astimezone(datetime.UTC) if value.tzinfo else value
            return moment.replace(microsecond=0, tzinfo=None).isoformat(" ")
        case datetime.date():
            return value.isoformat()
        case list() | tuple():
            return ",".join(sorted(map(spelled, value)))
    return str(value).replace("\r\n", "\n").strip()


class Keys:
    """A set of keys of records, a bit each: a million of them in the file take no more than those of ten."""

    def __init__(self):
        self.blocks: dict[int, bytearray] = {}
        self.number = 0

    def __len__(self):
        return self.number

    def __contains__(self, key: int) -> bool:
        block, place = divmod(key, BLOCK)
        bits = self.blocks.get(block)
        return bits is not None and bool(bits[place >> 3] & 1 << (place & 7))

    def add(self, key: int) -> bool:
        """Whether the key is new."""
        if key in self:
            return False
        block, place = divmod(key, BLOCK)
        self.blocks.setdefault(block, bytearray(BLOCK // 8))[place >> 3] |= 1 << (place & 7)
        self.number += 1
        return True


@dataclass
class Side:
    """What one side says in a column. checksum: the MD5 of each value, added up, so that the order does not matter."""

    filled: int = 0
    total: Decimal = Decimal()
    checksum: int = 0

    def add(self, text: str):
        self.filled += bool(text)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
        self.checksum = (self.checksum + int.from_bytes(digest)) % LARGEST

    def add_number(self, text: str):
        self.add(text)
        self.total += Decimal(text) if text else 0

    def to_json(self, with_sum: bool) -> dict:
        total = {"sum": plain_number(self.total)} if with_sum else {}
        return {"filled": self.filled, **total, "checksum": f"{self.checksum:032x}"}


@dataclass
class ComparedColumn:
    """A mapped column. is_masked: the person does not read its values, so nothing of it is compared.

    masked, unreadable: cells that were not compared because the record's value is masked, or that cannot be read.
    """

    one: ImportField
    heading: str
    is_masked: bool
    file: Side = field(default_factory=Side)
    database: Side = field(default_factory=Side)
    differing: int = 0
    masked: int = 0
    unreadable: int = 0

    def __post_init__(self):
        self.sums = is_number(self.one)

    def add(self, side: Side, value, *, is_read=True):
        """Add a value in its one spelling; a cell that is no number counts as filled, not in the sum."""
        if self.sums and is_read:
            side.add_number(value)
        else:
            side.add(value)

    def to_json(self) -> dict:
        facts = {"column": self.one.name, "heading": self.heading, "is_masked": self.is_masked}
        if self.is_masked:
            return facts
        return facts | {
            "file": self.file.to_json(self.sums),
            "database": self.database.to_json(self.sums),
            "differing": self.differing,
            "masked": self.masked,
            "unreadable": self.unreadable,
        }


class Words:
    """Values as people read them: names of linked records and tags, labels of choices. Names are read once a chunk."""

    def __init__(self, importer):
        self.importer = importer
        self.names: dict[type, dict] = {}
        self.labels: dict[str, dict] = {}

    def tag_names(self) -> dict:
        if Tag not in self.names:
            rows = Tag.objects.visible_to(self.importer.user).of(self.importer.model)
            self.names[Tag] = dict(rows.values_list("pk", "name"))
        return self.names[Tag]

    def learn(self, wanted: dict[type, set[int]]):
        """Read the names of linked records."""
        for model, keys in wanted.items():
            known = self.names.setdefault(model, {})
            if len(known) > KEPT_NAMES:
                known.clear()
            if missing := keys - known.keys():
                known.update(model._base_manager.in_bulk(missing))

    def word(self, one: ImportField, value) -> str:
        if value in (None, "", []):
            return ""
        if one.lookup:
            return str(self.names.get(one.lookup.model, {}).get(value, value))
        if one.name == "tags":
            return ", ".join(sorted(str(self.tag_names().get(key, key)) for key in value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if one.choices:
            labels = self.labels.setdefault(one.name, {code: str(label) for code, label in one.choices})
            return labels.get(value, str(value))
        return spelled(value)
