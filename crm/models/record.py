"""The bases of all models: what a record carries, how it is numbered, versioned, found and softly deleted."""

import pghistory
import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Index, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.access import RecordQuerySet, Root
from crm.models.custom import DERIVED, CustomValues, FillSlots, FillText, SortableValues
from crm.protection import new_key

ACTIONS = ("add", "change", "delete", "view", "export", "assign")
IN_USE = Q(deleted_at__isnull=True)


class InUse(models.Manager.from_queryset(RecordQuerySet)):
    """Rows that are not in the recycle bin."""

    def get_queryset(self):
        return super().get_queryset().filter(IN_USE)


class Record(models.Model):
    """A row under the rule of access; `access` says by which kind of rule (crm.access)."""

    access = None
    objects = models.Manager.from_queryset(RecordQuerySet)()

    class Meta:
        abstract = True
        default_permissions = ACTIONS


class VersionTrigger(pgtrigger.Trigger):
    """Raises `version` when a column changes that a person edits; derived columns (`unversioned`) do not count."""

    name = "raise_version"
    operation = pgtrigger.Update
    when = pgtrigger.Before

    def get_func(self, model):
        return "NEW.version = OLD.version + 1; RETURN NEW;"

    def get_condition(self, model):
        return pgtrigger.AnyChange(*edited_columns(model))


def edited_columns(model) -> list[str]:
    """Names of the fields whose change makes a new version."""
    model = apps.get_model(model._meta.label)  # migrations come with a bare historical model
    derived = {"id", "version", "created_at", "created_by", "modified_at", "modified_by", *model.unversioned, *DERIVED}
    return [f.name for f in model._meta.concrete_fields if f.name not in derived and not f.generated]


def person_field(label) -> models.ForeignKey:
    """Who did something to a record. Whoever has signed in stays (crm.models.User): the database does not ask for him
    with each row, which took a sixth of an import."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=label,
    )


class Stamped(Record):
    """A record that knows who made and changed it and when, its version, and whether it lies in the recycle bin."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=False)
    created_by = person_field(_("created by"))
    modified_at = models.DateTimeField(_("modified"), auto_now=True, db_index=False)
    modified_by = person_field(_("modified by"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    deletion = models.ForeignKey(
        "crm.Deletion",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("deletion"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = InUse()
    everything = models.Manager.from_queryset(RecordQuerySet)()

    unversioned: tuple[str, ...] = ()

    class Meta:
        abstract = True
        default_permissions = ACTIONS
        base_manager_name = "everything"
        default_manager_name = "objects"
        triggers = [VersionTrigger()]

    def put_in_form(self, **checks):
        """Give each field the form in which its check returns the value; all that is wrong is told at once."""
        errors = {}
        for name, check in checks.items():
            try:
                setattr(self, name, check(getattr(self, name)))
            except ValidationError as error:
                errors[name] = error
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude=None):
        """Also those that hold for rows in use only: Django would leave them out, since no form has deleted_at."""
        super().validate_constraints({*(exclude or ())} - {"deleted_at"})


class Keyed(models.Model):
    """A row with a key made before the insert, to which its protected values are bound (crm.protection)."""

    key = models.UUIDField(_("row key"), default=new_key, unique=True, editable=False)

    class Meta:
        abstract = True


class TagsField(ArrayField):
    """The keys of a root's tags (crm.Tag), in order and each once; keys of deleted tags are passed over."""


class RootRecord(Stamped):
    """A record with an owner and a team. The record's own team decides on access; it comes from the owner and stays."""

    access = Root()

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        "crm.Team", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("team")
    )
    tags = TagsField(models.BigIntegerField(), verbose_name=_("tags"), default=list, blank=True)
    source_system = models.CharField(_("source system"), max_length=40, blank=True, editable=False)
    external_ref = models.CharField(_("external reference"), max_length=100, blank=True, editable=False)

    team_follows_owner = True  # False: the record keeps its team when it gets an owner (the queue of a case)

    class Meta(Stamped.Meta):
        abstract = True

    def save(self, *args, **kwargs):
        if self._state.adding and self.owner_id and not self.team_id:
            self.team = self.owner.team
        super().save(*args, **kwargs)

    def give_to(self, owner):
        """Set the owner and, with him, the team of the record; saves nothing."""
        self.owner, self.team = owner, owner.team if owner else None

    @classmethod
    def settle_assigned(cls, rows):
        """What else follows when the rows of a queryset were given to people; called by crm.ownership."""


class CatalogueRecord(Stamped):
    """Master data: a code that the program knows, and a name in each language that administrators edit."""

    code = models.SlugField(_("code"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta(Stamped.Meta):
        abstract = True
        ordering = ("order", "pk")

    def __str__(self):
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class PaddedNumber(Func):
    """The running number of a row as text of six digits or more: 123 -> "000123"."""

    template = "lpad((%(expressions)s)::text, greatest(6, length((%(expressions)s)::text)), '0')"
    output_field = models.TextField()


class DoubledHan(Func):
    """Every Chinese character twice, so that two of them make a trigram: pg_trgm then finds 2-character words by
    index."""

    template = r"regexp_replace((%(expressions)s), '([\u3400-\u9fff\uf900-\ufaff])', '\1\1', 'g')"
    output_field = models.TextField()


def number_field(prefix: str) -> models.GeneratedField:
    """The number people quote, made of the row's own key: C-000123. Gaps are allowed; it never changes."""
    return models.GeneratedField(
        expression=Concat(Value(f"{prefix}-"), PaddedNumber(F("id")), output_field=models.TextField()),
        db_persist=True,
        output_field=models.CharField(max_length=24),
        verbose_name=_("number"),
    )


def search_field(prefix: str, *fields: str) -> models.GeneratedField:
    """What the search box looks through: number and text fields in lower case, Chinese characters doubled. Never
    contact data."""
    parts = [Value(f"{prefix}-"), PaddedNumber(F("id"))]
    for name in fields:
        parts += [Value(" "), Coalesce(F(name), Value(""), output_field=models.TextField())]
    return models.GeneratedField(
        expression=DoubledHan(Lower(Concat(*parts, output_field=models.TextField()))),
        db_persist=True,
        output_field=models.TextField(),
        verbose_name=_("search text"),
    )


def null_last_field(name: str, output_field, stand_in, label) -> models.GeneratedField:
    """A sortable copy of a field that may be empty: the stand-in takes the place of empty, so that keyset paging can
    order by it."""
    return models.GeneratedField(
        expression=Coalesce(F(name), Cast(Value(stand_in), output_field)),
        db_persist=True,
        output_field=output_field,
        verbose_name=label,
    )


def list_indexes(name: str, *sorts: str) -> list[Index]:
    """The indexes a list page needs: for each sort one by itself, one after the owner and one after the team."""
    return [
        Index(
            fields=[*lead, sort, "-id" if sort.startswith("-") else "id"],
            condition=IN_USE,
            name="_".join([name, *lead, sort.lstrip("-")])[:30],
        )
        for sort in sorts
        for lead in ((), ("owner",), ("team",))
    ]


def tag_index(name: str) -> Index:
    """The index below the tag filter of one root."""
    return GinIndex(fields=["tags"], name=f"{name}_tags"[:30])


def search_index(name: str) -> Index:
    """The trigram index below the search box of one root."""
    return GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name=f"{name}_search"[:30])


def tracked(model):
    """Keep every change of the model's own columns as event rows (django-pghistory); derived columns are left out."""
    derived = {f.name for f in model._meta.concrete_fields if f.generated}
    skipped = {*derived, *getattr(model, "unversioned", ()), *DERIVED, "modified_at", "modified_by"}
    names = {f.name for f in model._meta.concrete_fields}
    level = {"level": pgtrigger.Statement}  # row level costs twice; new objects, since pghistory changes them per model
    events = (pghistory.InsertEvent(**level), pghistory.UpdateEvent(**level), pghistory.DeleteEvent(**level))
    if issubclass(model, SortableValues):
        pgtrigger.register(FillSlots())(model)
    if issubclass(model, CustomValues):
        pgtrigger.register(FillText())(model)
    return pghistory.track(*events, exclude=sorted(skipped & names))(model)
