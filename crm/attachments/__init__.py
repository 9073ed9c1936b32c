"""Files that hang on records: checked by their content, scanned, kept privately, in versions, given out by access."""

from .attaching import attach
from .checking import Checked, RefusedFile, check

__all__ = ["Checked", "RefusedFile", "attach", "check"]
