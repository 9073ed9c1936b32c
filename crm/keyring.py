"""Reads the keys of protected values: `number:key` seals, `index:key` finds; each is base64 of 32 bytes."""

import base64
import binascii
import hashlib
import secrets
import sys

INDEX = "index"
# Development without a data folder and tests; production must be given its own.
OPEN_KEYS = {name: hashlib.sha256(f"not secret {name}".encode()).digest() for name in ("1", INDEX)}


class KeyProblem(ValueError):
    """What is wrong with the text of a key ring; the text never holds a key."""


def parse_keys(text: str) -> dict[str, bytes]:
    """{"1": 32 bytes, "index": 32 bytes} from entries divided by blanks, commas or lines; # begins a comment."""
    lines = (line.partition("#")[0] for line in text.splitlines())
    keys = {}
    for entry in " ".join(lines).replace(",", " ").split():
        name, _colon, code = entry.partition(":")
        if name != INDEX and not (name.isascii() and name.isdecimal() and 1 <= int(name) <= 255):
            raise KeyProblem("each entry must be number:key (1 to 255) or index:key")
        if name in keys:
            raise KeyProblem(f"key {name} is there twice")
        try:
            keys[name] = base64.b64decode(code, validate=True)
        except binascii.Error:
            keys[name] = b""
        if len(keys[name]) != 32:
            raise KeyProblem(f"key {name} must be 32 bytes in base64 (python -m crm.keyring makes some)")
    if INDEX not in keys or len(keys) < 2:
        raise KeyProblem("it needs one index key and at least one numbered data key")
    return keys


def new_entry(name: str) -> str:
    """A line of a key ring with a random key."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


if __name__ == "__main__":
    print("\n".join(map(new_entry, sys.argv[1:] or ("1", INDEX))))
