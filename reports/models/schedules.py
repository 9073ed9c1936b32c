"""Schedules: which report goes to whom, on which days, in which form."""

from datetime import time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Personal, Reach, RecordQuerySet
from crm.models import Team, User
from crm.models.people import check_zone
from crm.models.record import IN_USE, InUse, Stamped, tracked
from reports import slots


class OwnedQuerySet(RecordQuerySet):
    """Rows of their owner; who has the action on all rows (Administrators) has those of everybody."""

    def visible_to(self, user, action: str = Action.VIEW):
        action = Action(action)
        if not user.is_authenticated or not user.is_active:
            return self.none()
        reach = user.rights.reach(self.model, action)
        if reach == Reach.ALL:
            return self.all()
        return self.filter(owner=user) if reach > Reach.NONE else self.none()


class ScheduleQuerySet(OwnedQuerySet):
    def due(self, now):
        return self.filter(is_active=True, next_at__lte=now)


@tracked
class ReportSchedule(Stamped):
    """A report that is sent by itself. Everybody in it gets the figures of the own rights, never those of the owner."""

    access = Personal("owner")

    class Frequency(models.TextChoices):
        DAILY = slots.DAILY, _("Every day")
        WEEKLY = slots.WEEKLY, _("Every week")
        MONTHLY = slots.MONTHLY, _("Every month")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    class Format(models.TextChoices):
        EXCEL = "xlsx", "Excel"
        PDF = "pdf", "PDF"

    unversioned = ("next_at",)

    name = models.CharField(_("name"), max_length=120)
    report = models.CharField(_("report"), max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="report_schedules", verbose_name=_("owner")
    )
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    period = models.CharField(_("period"), max_length=16)
    frequency = models.CharField(_("frequency"), max_length=8, choices=Frequency, default=Frequency.WEEKLY)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days"), default=list, blank=True, size=7
    )
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("In a shorter month its last day."),
    )
    at = models.TimeField(_("time"), default=time(8))
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai", validators=[check_zone])
    formats = ArrayField(
        models.CharField(max_length=4, choices=Format), verbose_name=_("files"), default=list, blank=True, size=2
    )
    only_with_data = models.BooleanField(
        _("only if there is data"), default=True, help_text=_("Who would get an empty report gets no mail.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField(_("next run"), null=True, editable=False)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("people"))
    roles = models.ManyToManyField(Group, blank=True, related_name="+", verbose_name=_("roles"))
    teams = models.ManyToManyField(Team, blank=True, related_name="+", verbose_name=_("teams"))
    left = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("people who want no more mails")
    )

    objects = InUse.from_queryset(ScheduleQuerySet)()
    everything = models.Manager.from_queryset(ScheduleQuerySet)()

    class Meta(Stamped.Meta):
        verbose_name = _("report schedule")
        verbose_name_plural = _("report schedules")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["next_at"], condition=IN_USE & Q(is_active=True), name="schedule_due"),
            models.Index(fields=["owner"], condition=IN_USE, name="schedule_of_owner"),
        ]

    def __str__(self):
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def clean(self):
        super().clean()
        if self.frequency == self.Frequency.WEEKLY and not self.weekdays:
            raise ValidationError({"weekdays": _("Choose at least one day.")})

    def plan_next(self, after=None):
        """Set the next run to the first slot after a moment, now unless given; saves nothing."""
        self.next_at = slots.next_slot(self, after or timezone.now())

    def recipients(self):
        """Active people who get it: named, by role, or by home team and those who manage the team."""
        teams = Q(team__in=self.teams.all()) | Q(managed_teams__in=self.teams.all())
        named = Q(pk__in=self.users.all()) | Q(groups__in=self.roles.all()) | teams
        return User.objects.active().filter(named).exclude(pk__in=self.left.all()).distinct().order_by("pk")
