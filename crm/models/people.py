"""The people and the order they work in: company, teams, users, roles and the rules of roles."""

import datetime
import zoneinfo

import pgtrigger
from django.contrib.auth.models import AbstractUser, Group, UserManager, _user_has_perm
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q, Subquery, Value
from django.db.models.functions import Concat, JSONObject, Lower, Substr
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Catalogue, Reach, RecordQuerySet, Rights
from crm.models.record import ACTIONS, Record


def check_zone(name: str):
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name such as Asia/Shanghai."), params={"name": name}
        )


class Company(Record):
    """The one company of this installation: its names, currency, time zone and fiscal year."""

    access = Catalogue()

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="CNY", help_text=_("ISO code such as CNY or USD."))
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai", validators=[check_zone])
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )

    asks_reveal_reason = models.BooleanField(
        _("ask for a reason"),
        default=False,
        help_text=_("Whoever reveals a protected value must say why; the reason goes into the access log."),
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        default_permissions = ACTIONS
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_company")]

    def __str__(self):
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @classmethod
    def current(cls) -> "Company":
        """The company row; an installation that has not been set up yet gets one with plain names."""
        return cls.objects.filter(pk=1).first() or cls(pk=1, name_zh="榕客", name_en="Banyan")

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def today(self) -> datetime.date:
        """The day it is in the company's time zone; periods and due days follow it."""
        return timezone.localdate(timezone=self.zone)


class Team(Record):
    """A team in the tree of teams. Owns a group, so that records can be shared with it; members are never rows of
    that group."""

    access = Catalogue()

    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("code"), max_length=40, blank=True, default="", help_text=_("Names the team in files."))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent team")
    )
    manager = models.ForeignKey(
        "crm.User", models.SET_NULL, null=True, blank=True, related_name="managed_teams", verbose_name=_("manager")
    )
    path = models.CharField(_("path"), max_length=255, editable=False, default="")
    group = models.OneToOneField(Group, models.PROTECT, editable=False, related_name="team", verbose_name=_("group"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        default_permissions = ACTIONS
        ordering = ("path",)
        indexes = [models.Index(fields=["path"], name="team_path", opclasses=["text_pattern_ops"])]
        constraints = [models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="team_code_unique")]

    def __str__(self):
        return self.name

    def clean(self):
        if self.parent and self.pk and self.parent.path.startswith(self.path):
            raise ValidationError(
                {
                    "parent": _("A team cannot stand below itself. Choose a team outside of “%(name)s”.")
                    % {"name": self.name}
                }
            )

    @transaction.atomic
    def save(self, *args, **kwargs):
        """Keep the group and the paths of the whole subtree in step."""
        if not self.group_id:
            self.group = Group.objects.create(
                name=f"team:{Group.objects.order_by('-pk').values_list('pk', flat=True).first() or 0}:{self.name}"[:150]
            )
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else ''}{self.pk}/"
        if path != self.path:
            old = self.path
            if old:
                below = Team.objects.filter(path__startswith=old)
                below.update(path=Concat(Value(path), Substr(F("path"), len(old) + 1)))
            Team.objects.filter(pk=self.pk).update(path=path)
            self.path = path


class UserQuerySet(RecordQuerySet):
    def with_company(self):
        """People with team and company: what every page of a signed-in person needs, in one query."""
        columns = [field.attname for field in Company._meta.concrete_fields]
        row = Company.objects.filter(pk=1).values(row=JSONObject(**{name: name for name in columns}))
        return self.select_related("team").annotate(company_row=Subquery(row))

    def active(self):
        return self.filter(is_active=True)


class People(UserManager.from_queryset(UserQuerySet)):
    """Creates users; an empty e-mail address is stored as none, so that it stays unique."""

    def _create_user(self, username, email, password, **extra):
        user = self.model(username=self.model.normalize_username(username), email=email or None, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person who works here. One name, never split; language, zone and look belong to the person."""

    access = Catalogue()

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai", validators=[check_zone])
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("row height"), max_length=12, choices=Density, default=Density.COMFORTABLE)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("home team")
    )

    objects = People()

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        default_permissions = ACTIONS
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("Another user already has this e-mail address."),
            )
        ]
        # What people did stays theirs: they are switched off. Much that names who did it rests on this alone.
        triggers = [
            pgtrigger.Protect(
                name="people_stay",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__last_login__isnull=False),
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self.username = self.normalize_username(self.username)
        self.email = self.email or None

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def has_perm(self, perm, obj=None):
        """For one record the rule of access answers, for superusers too: a deleted record is nobody's."""
        return super().has_perm(perm) if obj is None else _user_has_perm(self, perm, obj)

    @cached_property
    def company(self) -> Company:
        """The company the person works for: read together with the person where a request begins."""
        row = getattr(self, "company_row", None)
        if not row:
            return Company.current()
        company = Company(**row)
        company._state.adding, company._state.db = False, self._state.db
        return company

    @cached_property
    def rights(self) -> Rights:
        """What this person may do; asked once a request, never kept across requests."""
        return Rights(self)

    @cached_property
    def fields(self):
        """Custom fields, rules of fields and layouts for this person; asked once a request, never kept across them."""
        from crm.fields.book import FieldBook

        return FieldBook(self)

    @property
    def is_administrator(self) -> bool:
        """Whether the person may enter the Django admin."""
        return self.is_superuser or self.rights.may(RoleRule, Action.CHANGE)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class RoleRule(Record):
    """One rule of a role: how far one action on one model reaches."""

    access = Catalogue()

    role = models.ForeignKey(Group, models.CASCADE, related_name="rules", verbose_name=_("role"))
    model = models.CharField(_("model"), max_length=80, help_text=_("For example customers.customer"))
    action = models.CharField(_("action"), max_length=10, choices=Action)
    reach = models.PositiveSmallIntegerField(_("reach"), choices=Reach, default=Reach.OWN)
    daily_limit = models.PositiveIntegerField(
        _("at most a day"),
        null=True,
        blank=True,
        help_text=_("For “see protected values”: how many a person may reveal one by one. Empty: no limit."),
    )

    class Meta:
        verbose_name = _("rule of a role")
        verbose_name_plural = _("rules of roles")
        default_permissions = ACTIONS
        constraints = [
            models.UniqueConstraint(fields=["role", "model", "action"], name="one_rule_per_role_model_action")
        ]

    def __str__(self):
        return f"{self.role}: {self.get_action_display()} {self.model}: {self.get_reach_display()}"
