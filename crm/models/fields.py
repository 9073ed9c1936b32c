"""What administrators say about fields: their own ones, how forms are laid out, and which role sees or writes which."""

from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.access import Catalogue
from crm.models.custom import SLOTS
from crm.models.record import ACTIONS, Record, tracked

CODE = RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and _, and begin with a letter."))


class Type(models.TextChoices):
    """What a custom field holds."""

    TEXT = "text", pgettext_lazy("field type", "Text")
    LONG_TEXT = "long_text", pgettext_lazy("field type", "Long text")
    NUMBER = "number", pgettext_lazy("field type", "Number")
    MONEY = "money", pgettext_lazy("field type", "Amount of money")
    DATE = "date", pgettext_lazy("field type", "Date")
    DATETIME = "datetime", pgettext_lazy("field type", "Date and time")
    CHOICE = "choice", pgettext_lazy("field type", "Choice")
    CHOICES = "choices", pgettext_lazy("field type", "Several choices")
    BOOLEAN = "boolean", pgettext_lazy("field type", "Yes or no")
    USER = "user", pgettext_lazy("field type", "Colleague")
    LINK = "link", pgettext_lazy("field type", "Link to a customer")


def in_language(record, name: str) -> str:
    """name_zh or name_en by the active language; the other one when it is empty."""
    first, second = ("zh", "en") if (get_language() or "").startswith("zh") else ("en", "zh")
    return getattr(record, f"{name}_{first}") or getattr(record, f"{name}_{second}")


@tracked
class FieldDefinition(Record):
    """A field that the company added to one kind of record. Removed ones stay: their values come back with them."""

    access = Catalogue()

    entity = models.CharField(_("kind of record"), max_length=80)
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    type = models.CharField(_("type"), max_length=10, choices=Type)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    help_zh = models.CharField(_("help in Chinese"), max_length=300, blank=True)
    help_en = models.CharField(_("help in English"), max_length=300, blank=True)
    required = models.BooleanField(_("required"), default=False)
    default = models.JSONField(_("default"), null=True, blank=True)
    options = models.JSONField(_("choices"), default=list, blank=True)
    group = models.CharField(_("group on the form"), max_length=20, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    on_list = models.BooleanField(_("on the list"), default=False)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    is_searchable = models.BooleanField(_("found by the search box"), default=False)
    slot = models.CharField(
        _("place for sorting"), max_length=10, blank=True, choices=[(name, name) for name in SLOTS], editable=False
    )
    slot_ready = models.BooleanField(_("sorts"), default=False, editable=False)
    replaces = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("replaces the field"),
    )
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        default_permissions = ACTIONS
        ordering = ("entity", "order", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code"],
                name="one_field_per_code",
                violation_error_message=_("There is already a field with this code, perhaps a removed one."),
            ),
            models.UniqueConstraint(
                fields=["entity", "slot"],
                condition=~models.Q(slot="") & models.Q(removed_at__isnull=True),
                name="one_field_per_slot",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def other_name(self) -> str:
        """The name in the language that the reader has not chosen."""
        return self.name_en if self.name == self.name_zh else self.name_zh

    @property
    def help(self) -> str:
        return in_language(self, "help")

    @property
    def field_name(self) -> str:
        """What forms, columns, filters and rules call it."""
        return f"custom_{self.code}"


@tracked
class FieldRule(Record):
    """A field that a role does not see, or sees and does not write."""

    access = Catalogue()

    class Right(models.TextChoices):
        HIDE = "hide", _("hidden")
        LOCK = "lock", _("read only")

    role = models.ForeignKey(Group, models.CASCADE, related_name="+", verbose_name=_("role"))
    entity = models.CharField(_("kind of record"), max_length=80)
    field = models.CharField(_("field"), max_length=60)
    right = models.CharField(_("right"), max_length=4, choices=Right)

    class Meta:
        verbose_name = _("rule of a field")
        verbose_name_plural = _("rules of fields")
        default_permissions = ACTIONS
        constraints = [models.UniqueConstraint(fields=["role", "entity", "field"], name="one_rule_per_role_and_field")]

    def __str__(self):
        return f"{self.role}: {self.entity}.{self.field}: {self.get_right_display()}"


@tracked
class FormLayout(Record):
    """How the form of one kind of record looks where it differs from what the product brings.

    data: {"groups": [{"key", "zh", "en", "fields": [names]}], "labels": {name: {"zh", "en"}}, "required": [names]}.
    """

    access = Catalogue()

    entity = models.CharField(_("kind of record"), max_length=80, unique=True)
    data = models.JSONField(_("layout"), default=dict)

    class Meta:
        verbose_name = _("form layout")
        verbose_name_plural = _("form layouts")
        default_permissions = ACTIONS

    def __str__(self):
        return self.entity
