"""Values that are ciphertext in the database: sealed with AES-256-GCM, found by a blind index, shown masked."""

from .cipher import Unreadable, blind, new_key, sealed_text, short, unsealed_text
from .fields import Damaged, ProtectedField, Sealed
from .index import DigestField, TokensField
from .parts import PartlySealedField, opened_parts, sealed_json, sealed_part
from .values import SealedValues, masked

__all__ = [
    "Damaged",
    "DigestField",
    "PartlySealedField",
    "ProtectedField",
    "Sealed",
    "SealedValues",
    "TokensField",
    "Unreadable",
    "blind",
    "masked",
    "new_key",
    "opened_parts",
    "sealed_json",
    "sealed_part",
    "sealed_text",
    "short",
    "unsealed_text",
]
