"""JSON as text, the quick way: what Django's own encoder writes, by orjson where that can."""

import json
from decimal import Decimal

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise

by_django = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(value) -> str:
    """Compact JSON; a Decimal is a text with all its digits. Raises TypeError for what JSON cannot hold."""
    try:
        return orjson.dumps(value, default=as_text).decode()
    except orjson.JSONEncodeError:  # keys that are no texts, figures of more than 64 bits
        return by_django(value)


def as_text(value) -> str:
    if isinstance(value, Decimal | Promise):
        return str(value)
    raise TypeError


def decode(text: str | bytes):
    """The value of JSON; also of figures that only Python takes for such (NaN)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
