"""Forms of cases: all fields, what resolving and handing over have to say, and the box below a conversation."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.forms import EntityForm, RecordChoiceField
from crm.models import Team, User
from customers.models import Customer
from service.models import Case, CaseMessage, Channel, Status
from service.services import add_message, announce_move, change_status, moved_values, note_response, stamp

NO_RESOLUTION = _("Say what was done.")


class CaseForm(EntityForm):
    """Add and change a case; another status is a move. A queue without an assignee keeps the case unassigned."""

    class Meta(EntityForm.Meta):
        model = Case
        fields = (
            "subject",
            "customer",
            "contact",
            "channel",
            "type",
            "priority",
            "status",
            "due_at",
            "owner",
            "team",
            "description",
            "resolution",
            "tags",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = moved_values(self.instance) if self.instance.pk else None
        self.fields["team"].label = _("Queue")
        if "owner" in self.fields:
            self.fields["owner"].label = _("Assignee")
            self.fields["team"].help_text = _("Empty: the assignee's team.")
        elif not self.instance.pk:
            self.fields["team"].help_text = _("Empty: the case is yours, in your team. A queue leaves it unassigned.")

    def clean(self):
        data = super().clean()
        self.check_contact()
        resolved = self.cleaned_data.get("status") == Status.RESOLVED
        if resolved and self.is_moved and not self.cleaned_data.get("resolution"):
            self.add_error("resolution", NO_RESOLUTION)
        return data

    def check_contact(self):
        customer, contact = self.cleaned_data.get("customer"), self.cleaned_data.get("contact")
        if not contact or "customer" in self.errors or not {"customer", "contact"} & set(self.changed_data):
            return
        if not customer:
            self.cleaned_data["customer"] = self.only_customer(contact)
            if not self.cleaned_data["customer"]:
                self.add_error("customer", _("Choose the customer for whom “%(name)s” works.") % {"name": contact})
        elif not contact.roles.filter(customer=customer).exists():
            self.add_error("contact", _("“%(name)s” is not a contact of this customer.") % {"name": contact})

    def only_customer(self, contact):
        """The one customer for whom the contact works, if there is but one and the user sees it."""
        roles = contact.roles.filter(is_active=True)
        found = Customer.objects.visible_to(self.user).filter(roles__in=roles).distinct()[:2]
        return found[0] if len(found) == 1 else None

    @property
    def is_moved(self) -> bool:
        """Whether the case comes to another status than it had, or than a new one has."""
        return self.cleaned_data.get("status") != (self.before["status"] if self.before else Status.NEW)

    @property
    def changed_values(self):
        """Without the status: a move is announced by itself."""
        return [name for name in super().changed_values if name != "status" or not self.before]

    def place(self, record, actor):
        """The assignee keeps the chosen queue; whoever opens a case without naming either works on it himself."""
        if not record.pk and not record.team_id and "owner" not in self.fields:
            record.owner = actor
        record.give_to(record.owner)
        if record.owner_id and record.status == Status.NEW and "status" not in self.changed_data:
            record.status = Status.ASSIGNED
        if record.status != (self.before["status"] if self.before else Status.NEW):
            stamp(record, Status(record.status), timezone.now())

    def save_record(self, actor):
        record = super().save_record(actor)
        if self.before and self.before["status"] != record.status:
            record.refresh_from_db(fields=["version"])
            announce_move(record, self.before, actor=actor)
        return record


class ResolveForm(forms.Form):
    """What resolving has to say."""

    resolution = forms.CharField(
        label=_("Resolution"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": NO_RESOLUTION},
    )

    def __init__(self, data=None, *, record):
        super().__init__(data, initial={"resolution": record.resolution})


class HandOverForm(forms.Form):
    """Who works on the case, or in which queue it waits."""

    owner = RecordChoiceField(
        User.objects.none(), label=_("Assignee"), required=False, help_text=_("Empty: it waits in the queue.")
    )
    team = RecordChoiceField(Team.objects.none(), label=_("Queue"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).filter(is_active=True)
        self.fields["team"].queryset = Team.objects.visible_to(user)

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("owner") and not data.get("team"):
            self.add_error("owner", _("Choose an assignee or a queue."))
        return data


class MessageForm(EntityForm):
    """A message with everything that can be said about it."""

    class Meta(EntityForm.Meta):
        model = CaseMessage
        fields = ("case", "direction", "channel", "at", "text")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["case"].disabled = True

    def save_record(self, actor):
        if not self.instance.pk:
            return add_message(actor=actor, **{name: self.cleaned_data[name] for name in self._meta.fields})
        message = super().save_record(actor)
        note_response(message.case_id)
        return message


class ReplyForm(EntityForm):
    """The box below a conversation: what was said, and where the case stands afterwards."""

    after = forms.ChoiceField(label=_("Afterwards"), required=False)

    class Meta(EntityForm.Meta):
        model = CaseMessage
        fields = ("direction", "text", "channel")
        widgets = {"direction": forms.RadioSelect}

    MARKS = {"out": "message", "in": "mail-opened", "internal": "lock"}

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, instance=CaseMessage(case=case, channel=case.channel), **kwargs)
        self.case = case
        self.fields["direction"].choices = CaseMessage.Direction.choices
        self.fields["channel"].choices = [("", _("Channel")), *Channel.choices]
        self.fields["text"].widget.attrs["placeholder"] = _("What was said or done")
        if not self.user.has_perm("service.change_case", case):
            del self.fields["after"]
            return
        here = Status(case.status)
        later = [status for status in Status if status != here]
        self.fields["after"].choices = [
            ("", _("Stays “%(status)s”") % {"status": here.label}),
            *((status.value, _("Then “%(status)s”") % {"status": status.label}) for status in later),
        ]

    def directions(self) -> list[tuple]:
        """(radio button, icon) of each direction."""
        return [(choice, self.MARKS[choice.data["value"]]) for choice in self["direction"].subwidgets]

    def save_record(self, actor):
        data = self.cleaned_data
        message = add_message(self.case, actor=actor, **{name: data[name] for name in self._meta.fields})
        if data.get("after"):
            # What we told the customer last is what was done, unless somebody said it better.
            done = data["text"] if data["after"] == Status.RESOLVED and not self.case.resolution else None
            change_status(self.case, data["after"], actor=actor, resolution=done)
        return message


def may_write(user) -> bool:
    """Whether the user may add messages to the cases that he sees."""
    return user.rights.may(CaseMessage, Action.ADD)
