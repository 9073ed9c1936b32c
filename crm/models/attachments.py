"""What every table of attached files has in common; each app derives one for each kind of record that carries files.

One table a kind of record with a real foreign key, as with shares, and not one table with (model, key) pairs: so the
rule of access is a Part of that record and nothing new, the files go into the recycle bin with their record and come
back with it, the database keeps a file from pointing to nothing, and a list of files joins its records by index. The
price is a class of five lines and one table for each kind.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.access import Part
from crm.models.background import StoredFile
from crm.models.record import IN_USE, Stamped


class Attachment(Stamped):
    """One version of a file at a record. The bytes belong to nobody: whoever sees the record may fetch them."""

    access = Part("record")

    name = models.CharField(_("file name"), max_length=200)
    edition = models.PositiveSmallIntegerField(_("version of the file"), default=1, editable=False)
    content_type = models.CharField(_("type"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", editable=False, verbose_name=_("file"))
    preview = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("preview"),
    )

    class Meta(Stamped.Meta):
        abstract = True
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(
                fields=["record", "name", "edition"], condition=IN_USE, name="%(class)s_edition_unique"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], condition=IN_USE, name="%(class)s_created_at")]

    def __str__(self):
        return self.name
