"""What can be wrong with a file or a cell: sentences for people, translated when they are shown."""

from django.utils.translation import gettext_lazy as _

EMPTY = _("The file is empty. Choose a file with a row of headings and at least one more row.")

OUTDATED = _(
    "The fields of these records have changed since this file was checked. Nothing more was written. Upload it again."
)


class Problem(ValueError):
    """A sentence with its facts. It is put together late, so it speaks the language of whoever reads it."""

    def __init__(self, message, **facts):
        super().__init__(message, facts)
        self.message, self.facts = message, facts

    def __str__(self):
        return str(self.message) % self.facts if self.facts else str(self.message)


class UnreadableFile(Problem):
    """The whole file is refused; the sentence says why and what to do."""


class ParseError(Problem):
    """One value is refused."""
