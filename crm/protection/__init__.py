"""Values that are ciphertext in the database: sealed with AES-256-GCM, found by a blind index, shown masked."""

from .cipher import Unreadable, blind, new_key, short
from .fields import Damaged, ProtectedField, Sealed

__all__ = ["Damaged", "ProtectedField", "Sealed", "Unreadable", "blind", "new_key", "short"]
