"""Text that a spreadsheet would take for a formula: how csv marks it on the way out and frees it on the way in."""

import re

# Invisible characters and apostrophes before the sign do not hide it: readers strip them.
_RISKY = re.compile("['\\s\\x00-\\x1f\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\\t\\r\\n]")


def is_risky(text: str) -> bool:
    return bool(_RISKY.match(text))


def escaped(text: str) -> str:
    """One apostrophe before text that could run; one more before apostrophes and a sign, so that it comes back."""
    return "'" + text if is_risky(text) else text


def unescaped(text: str) -> str:
    """The inverse of `escaped`: takes exactly one apostrophe away."""
    return text[1:] if text.startswith("'") and is_risky(text[1:]) else text
