"""When two names are the same name: the one rule by which imports look names up."""

import unicodedata


def match_key(text: str) -> str:
    """Compatibility forms made plain (full width), case folded, every space left out: "GTXPro" = "GTX Pro"."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    # Case folding, and marks that lost the space before them, can leave forms that are not normal any more.
    return unicodedata.normalize("NFKC", plain)
