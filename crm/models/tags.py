"""The tags of each kind of root record, and the ledger of the acts that change many records at once."""

import re

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Action, Catalogue, RecordQuerySet, Root, System
from crm.models.record import ACTIONS, IN_USE, InUse, Record, Stamped, TagsField, tracked

# What keeps names apart in a cell, a form or a file; and what nobody sees.
UNFIT = re.compile(r"[,，、;；|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def tagged_models() -> list[type]:
    """The kinds of records that carry tags: the roots."""
    return [model for model in apps.get_models() if isinstance(getattr(model, "access", None), Root)]


class TagQuerySet(RecordQuerySet):
    def visible_to(self, user, action: str = Action.VIEW):
        """The tags of those kinds of records of which the user sees any."""
        rows = super().visible_to(user, action)
        if user.is_authenticated and not user.is_superuser:
            rows = rows.filter(root__in=[m._meta.label_lower for m in tagged_models() if user.rights.may(m)])
        return rows

    def of(self, model):
        """The set of one kind of root."""
        return self.filter(root=model._meta.label_lower)


@tracked
class Tag(Stamped):
    """One tag of the set of one kind of root. Records hold its key in their column `tags`."""

    access = Catalogue()

    class Colour(models.TextChoices):
        GRAY = "gray", pgettext_lazy("colour", "Gray")
        BLUE = "blue", pgettext_lazy("colour", "Blue")
        GREEN = "green", pgettext_lazy("colour", "Green")
        AMBER = "amber", pgettext_lazy("colour", "Amber")
        RED = "red", pgettext_lazy("colour", "Red")
        VIOLET = "violet", pgettext_lazy("colour", "Violet")
        TEAL = "teal", pgettext_lazy("colour", "Teal")

    root = models.CharField(_("kind of record"), max_length=60)
    name = models.CharField(_("name"), max_length=40)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.GRAY)

    objects = InUse.from_queryset(TagQuerySet)()

    class Meta(Stamped.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                "root",
                Lower("name"),
                condition=IN_USE,
                name="tag_name_unique",
                violation_error_message=_("There is a tag of this name already."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def model(self) -> type:
        """The kind of record whose tag this is."""
        return apps.get_model(self.root)

    def clean(self):
        self.name = " ".join(self.name.split())
        if not self.name:
            raise ValidationError({"name": _("A tag needs a name.")})
        if UNFIT.search(self.name):
            raise ValidationError(
                {"name": _("A name holds no comma, semicolon, bar or invisible character. They keep names apart.")}
            )


class TagChange(Record):
    """A merge or deletion of a tag: which records had it, so that it can be put back exactly. Nobody changes a row."""

    access = System()

    class Kind(models.TextChoices):
        MERGE = "merge", _("merged")
        DELETE = "delete", _("deleted")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+", verbose_name=_("tag"))
    into = models.ForeignKey(
        Tag, models.CASCADE, null=True, related_name="+", db_index=False, verbose_name=_("merged into")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    records = ArrayField(models.BigIntegerField(), verbose_name=_("records"), default=list)
    had_both = ArrayField(models.BigIntegerField(), verbose_name=_("records that had both"), default=list)
    undone_at = models.DateTimeField(_("undone"), null=True)
    part_of = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        related_name="parts",
        verbose_name=_("part of"),
        help_text=_("A job does a large change in parts; its own row holds no records."),
    )

    class Meta:
        verbose_name = _("change of tags")
        verbose_name_plural = _("changes of tags")
        default_permissions = ACTIONS

    def __str__(self):
        return f"{self.get_kind_display()} {self.tag_id}"


__all__ = ["Tag", "TagChange", "TagsField", "tagged_models"]
