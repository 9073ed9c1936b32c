"""What a person may say about a file that is read: each is empty until somebody, or the recognition, says it."""

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class ReadChoices:
    """How to read a file. What is None is recognised; `Table.used` and `FileView.used` have nothing empty that applies.

    sheet: place of a sheet in the workbook, from 0. encoding: a key of encodings.NAMES. delimiter: one character.
    quote: a key of dialects.QUOTES. header: the line of the (first) headings, 0 when the file has none.
    header_rows: how many lines the headings take. totals: keep lines that look like totals.
    """

    sheet: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: int | None = None
    header_rows: int | None = None
    totals: bool | None = None

    def to_json(self) -> dict:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: dict) -> "ReadChoices":
        """Of what `to_json` gave; names that are not known any more are passed over."""
        return cls(**{field.name: data[field.name] for field in fields(cls) if field.name in data})


AUTOMATIC = ReadChoices()
