"""Sealing and opening of single values, and the blind fingerprints by which they are found."""

import hashlib
import hmac
import os
import uuid
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from uuid_utils.compat import uuid7

NONCE = 12


class Unreadable(Exception):
    """The value cannot be opened: its key is missing or wrong, or the cell was moved, cut or changed."""


def new_key() -> uuid.UUID:
    """A row's own key, made before the insert, so that its ciphertext can be bound to it (UUIDv7: in order of time)."""
    return uuid7()


@lru_cache
def ciphers() -> dict[int, AESGCM]:
    return {number: AESGCM(key) for number, key in settings.DATA_KEYS.items()}


def present_key() -> int:
    """The number of the data key that seals: the highest of the ring."""
    return max(ciphers())


def cell(scope: str, key: uuid.UUID) -> bytes:
    """What a ciphertext is bound to: field and row. In another row or field it does not open."""
    return scope.encode() + b":" + key.bytes


def seal(text: str, place: bytes) -> bytes:
    """1 byte number of the data key, 12 bytes nonce, ciphertext with its tag of 16 bytes."""
    nonce, number = os.urandom(NONCE), present_key()
    return bytes([number]) + nonce + ciphers()[number].encrypt(nonce, text.encode(), place)


def unseal(sealed: bytes, place: bytes) -> str:
    """The text; raises Unreadable and never gives garbage."""
    try:
        return ciphers()[sealed[0]].decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], place).decode()
    except (KeyError, IndexError, ValueError, InvalidTag) as error:
        raise Unreadable("The key of this value is missing or wrong, or the value was damaged.") from error


def sealed_text(text: str, purpose: str) -> bytes:
    """A text of no row, such as what an address must not tell; it opens for the same purpose alone."""
    return seal(text, cell(purpose, uuid.UUID(int=0)))


def unsealed_text(sealed: bytes, purpose: str) -> str:
    """What sealed_text was given; raises Unreadable."""
    return unseal(sealed, cell(purpose, uuid.UUID(int=0)))


@lru_cache
def fingerprints(purpose: str):
    """An HMAC for one purpose under a key of its own, derived from the index key; copied for each use."""
    return hmac.new(hmac.digest(settings.INDEX_KEY, purpose.encode(), "sha256"), digestmod=hashlib.sha256)


def blind(purpose: str, text: str, size: int = 16) -> bytes:
    """A keyed fingerprint: equal texts of one purpose have equal ones, and nothing else can be read from it."""
    code = fingerprints(purpose).copy()
    code.update(text.encode())
    return code.digest()[:size]


def short(purpose: str, text: str) -> int:
    """A fingerprint of 32 bits (signed) for a part of a value. It may clash: check again after opening."""
    return int.from_bytes(blind(purpose, text, 4), "big", signed=True)
