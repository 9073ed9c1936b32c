"""Cases: what customers ask of us, and the messages in them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import DateTimeField, Index, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access import Part, RecordQuerySet
from crm.models.attachments import Attachment
from crm.models.custom import SortableValues, custom_indexes
from crm.models.record import (
    IN_USE,
    InUse,
    RootRecord,
    Stamped,
    list_indexes,
    null_last_field,
    number_field,
    search_field,
    search_index,
    tag_index,
    tracked,
)
from crm.models.shares import TeamShare, UserShare
from customers.models import Contact, Customer


class StatusType(models.TextChoices):
    """What a status means to the program: the clock runs, stands still, the work is done, the case is over."""

    OPEN = "open", pgettext_lazy("case", "Open")
    PAUSED = "paused", pgettext_lazy("case", "Paused")
    RESOLVED = "resolved", pgettext_lazy("case", "Resolved")
    CLOSED = "closed", pgettext_lazy("case", "Closed")


class Channel(models.TextChoices):
    """By which way something was said."""

    PHONE = "phone", pgettext_lazy("channel", "Phone")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    WECHAT = "wechat", pgettext_lazy("channel", "WeChat")
    WECOM = "wecom", pgettext_lazy("channel", "WeCom")
    ONLINE = "online", pgettext_lazy("channel", "Online")
    VISIT = "visit", pgettext_lazy("channel", "On site")
    OTHER = "other", pgettext_lazy("channel", "Other")


class Status(models.TextChoices):
    """Where a case stands. Each has a fixed type."""

    NEW = "new", pgettext_lazy("case", "New")
    ASSIGNED = "assigned", pgettext_lazy("case", "Assigned")
    IN_PROGRESS = "in_progress", pgettext_lazy("case", "In progress")
    WAITING_CUSTOMER = "waiting_customer", pgettext_lazy("case", "Waiting on customer")
    WAITING_OTHERS = "waiting_others", pgettext_lazy("case", "Waiting on third party")
    RESOLVED = "resolved", pgettext_lazy("case", "Resolved")
    CLOSED = "closed", pgettext_lazy("case", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("case", "Cancelled")
    DUPLICATE = "duplicate", pgettext_lazy("case", "Duplicate")

    @property
    def type(self) -> StatusType:
        return TYPES[self]

    @classmethod
    def of(cls, *types: StatusType) -> list["Status"]:
        """The statuses of these types, in their order."""
        return [status for status in cls if TYPES[status] in types]


TYPES = {
    Status.NEW: StatusType.OPEN,
    Status.ASSIGNED: StatusType.OPEN,
    Status.IN_PROGRESS: StatusType.OPEN,
    Status.WAITING_CUSTOMER: StatusType.PAUSED,
    Status.WAITING_OTHERS: StatusType.PAUSED,
    Status.RESOLVED: StatusType.RESOLVED,
    Status.CLOSED: StatusType.CLOSED,
    Status.CANCELLED: StatusType.CLOSED,
    Status.DUPLICATE: StatusType.CLOSED,
}
RUNNING = Status.of(StatusType.OPEN)
UNRESOLVED = Status.of(StatusType.OPEN, StatusType.PAUSED)


class CaseQuerySet(RecordQuerySet):
    def open(self):
        """Neither resolved nor closed; those that wait for somebody are among them."""
        return self.filter(status__in=UNRESOLVED)

    def overdue(self, now=None):
        """Whose time has run out. A case that waits for the customer or a third party is not overdue meanwhile."""
        return self.filter(status__in=RUNNING, due_at__lt=now or timezone.now())

    def unassigned(self):
        """Open cases that nobody works on yet."""
        return self.open().filter(owner__isnull=True)


@tracked
class Case(SortableValues, RootRecord):
    """A request of a customer. The owner is the assignee, the team the queue; either may be empty."""

    class Kind(models.TextChoices):
        QUESTION = "question", pgettext_lazy("case", "Question")
        INCIDENT = "incident", pgettext_lazy("case", "Incident")
        PROBLEM = "problem", pgettext_lazy("case", "Problem")
        COMPLAINT = "complaint", pgettext_lazy("case", "Complaint")
        REQUEST = "request", pgettext_lazy("case", "Service request")
        RETURN = "return", pgettext_lazy("case", "Return")

    class Priority(models.TextChoices):
        P1 = "P1", _("P1 Urgent")
        P2 = "P2", _("P2 High")
        P3 = "P3", _("P3 Normal")
        P4 = "P4", _("P4 Low")

    unversioned = ("first_response_at",)

    number = number_field("S")
    search_text = search_field("S", "subject")
    subject = models.CharField(_("subject"), max_length=200)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.PHONE)
    type = models.CharField(_("type"), max_length=10, choices=Kind, default=Kind.QUESTION)
    priority = models.CharField(_("priority"), max_length=2, choices=Priority, default=Priority.P3)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.NEW)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    due_order = null_last_field("due_at", DateTimeField(), "9999-01-01 00:00:00+00", _("due, empty last"))
    description = models.TextField(_("description"), max_length=20_000, blank=True)
    resolution = models.TextField(_("resolution"), max_length=20_000, blank=True)
    first_response_at = models.DateTimeField(_("first response"), null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = InUse.from_queryset(CaseQuerySet)()
    everything = models.Manager.from_queryset(CaseQuerySet)()

    class Meta(RootRecord.Meta):
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            *list_indexes("case", "subject", "priority", "due_order", "-created_at"),
            search_index("case"),
            tag_index("case"),
            *custom_indexes("case"),
            *(
                Index(
                    fields=[*lead, "status", "due_order", "id"],
                    condition=IN_USE,
                    name="_".join(["case", *lead, "board"]),
                )
                for lead in ((), ("owner",), ("team",))
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_ref"],
                condition=IN_USE & ~Q(external_ref=""),
                name="case_external_ref_unique",
            )
        ]

    def __str__(self):
        return self.subject

    team_follows_owner = False

    def give_to(self, owner):
        """Set the assignee; a queue that was chosen stays, else it is the assignee's team. Saves nothing."""
        self.owner = owner
        if owner and not self.team_id:
            self.team = owner.team

    @classmethod
    def settle_assigned(cls, rows):
        """A new case that gets an assignee is assigned."""
        rows.filter(status=Status.NEW, owner__isnull=False).update(status=Status.ASSIGNED)

    @property
    def status_type(self) -> StatusType:
        return TYPES[self.status]

    @property
    def is_open(self) -> bool:
        """Neither resolved nor closed."""
        return self.status in UNRESOLVED

    @property
    def is_overdue(self) -> bool:
        return self.status in RUNNING and self.due_at is not None and self.due_at < timezone.now()


class CaseUserShare(UserShare):
    content_object = models.ForeignKey(Case, models.CASCADE, related_name="user_shares")


class CaseTeamShare(TeamShare):
    content_object = models.ForeignKey(Case, models.CASCADE, related_name="group_shares")


@tracked
class CaseMessage(Stamped):
    """Something said in a case: by the customer, to the customer, or among ourselves."""

    access = Part("case")

    class Direction(models.TextChoices):
        OUT = "out", _("Our reply")
        IN = "in", _("From the customer")
        INTERNAL = "internal", _("Internal note")

    case = models.ForeignKey(Case, models.CASCADE, related_name="messages", db_index=False, verbose_name=_("case"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, default=Direction.OUT)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    text = models.TextField(_("text"), max_length=20_000)
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta(Stamped.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            Index(fields=["case", "-at", "-id"], condition=IN_USE, name="casemessage_of_case"),
            Index(fields=["-at", "-id"], condition=IN_USE, name="casemessage_at"),
        ]

    def __str__(self):
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

    def clean(self):
        if self.at and self.at > timezone.now() + timezone.timedelta(minutes=5):  # clocks differ
            raise ValidationError({"at": _("This moment lies in the future.")})


@tracked
class CaseFile(Attachment):
    """A file at a case: a photograph, a log, a report."""

    record = models.ForeignKey(Case, models.CASCADE, related_name="files", verbose_name=_("case"))

    class Meta(Attachment.Meta):
        verbose_name = _("file of a case")
        verbose_name_plural = _("files of cases")
