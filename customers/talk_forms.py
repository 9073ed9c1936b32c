"""Forms of talks and of the plans before them: the full ones, and the box above a customer's timeline."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms import EntityForm, RecordChoiceField, choice_text, form_field
from crm.models import FormToken, User
from customers.models import Contact, ContactRole, Customer, FollowUpPlan, Interaction
from customers.talks import log_interaction
from customers.timeline import MARKS

SEPARATORS = re.compile(r"[;；\n]")
MOST = 20


def not_in_future(moment):
    """What was said lies in the past; five minutes are for clocks that differ."""
    if moment and moment > timezone.now() + timezone.timedelta(minutes=5):
        raise ValidationError(_("This moment lies in the future. Write a plan into “next follow-up” instead."))


def not_in_past(moment):
    """What is planned lies ahead; five minutes are for slow typing."""
    if moment and moment < timezone.now() - timezone.timedelta(minutes=5):
        raise ValidationError(_("This moment has passed. A plan needs a moment that is still to come."))


class SeveralField(RecordChoiceField):
    """Several records in one text box, with ";" between them: each as its number, suggested line or exact name.

    The value is the list of their keys. present: keys that the record holds already and keeps, whoever they are now.
    """

    def __init__(self, queryset, **kwargs):
        super().__init__(queryset, **kwargs)
        self.widget.attrs["data-several"] = ""
        self.present_keys: list[int] = []

    def prepare_value(self, value):
        if not isinstance(value, list | tuple):
            return value or ""
        rows = self.queryset.model._base_manager.in_bulk(value)
        return "; ".join(choice_text(rows[key]) for key in value if key in rows)

    def to_python(self, value):
        if isinstance(value, list):
            return value
        names = [name.strip() for name in SEPARATORS.split(value or "") if name.strip()]
        if len(names) > MOST:
            raise ValidationError(_("At most %(number)s can be named here.") % {"number": MOST})
        rows = self.queryset.model._base_manager.in_bulk(self.present_keys)
        kept = {choice_text(row): key for key, row in rows.items()}
        keys = [kept[name] if name in kept else RecordChoiceField.to_python(self, name).pk for name in names]
        return list(dict.fromkeys(keys))

    def has_changed(self, initial, data):
        return str(self.prepare_value(initial) or "") != str(data or "")


class TalkForm(EntityForm):
    """What the two forms of talks share: who took part, how long it took, a next step that lies ahead."""

    with_contacts = SeveralField(
        Contact.objects.all(),
        label=_("also there"),
        required=False,
        help_text=_("Contacts of the customer; put “;” between several."),
    )
    with_colleagues = SeveralField(
        User.objects.all(), label=_("colleagues"), required=False, help_text=_("Put “;” between several.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("with_contacts", "with_colleagues"):
            if isinstance(self.fields[name], SeveralField):
                self.fields[name].present_keys = getattr(self.instance, name)

    def clean(self):
        data = super().clean()
        contact, others = self.cleaned_data.get("contact"), self.cleaned_data.get("with_contacts") or []
        self.cleaned_data["with_contacts"] = [key for key in others if contact is None or key != contact.pk]
        moment, at = self.cleaned_data.get("next_at"), self.cleaned_data.get("at") or timezone.now()
        if moment and "next_at" in self.changed_data and moment > at:
            try:
                not_in_past(moment)
            except ValidationError as error:
                self.add_error("next_at", error)
        if self.cleaned_data.get("next_step") and not moment and "next_at" not in self.errors and not self.instance.pk:
            self.add_error("next_at", _("Say when: a next step without a moment is not planned."))
        return data


class InteractionForm(TalkForm):
    """A talk with a customer, with everything that can be said about it."""

    class Meta(EntityForm.Meta):
        model = Interaction
        fields = (
            "customer",
            "contact",
            "kind",
            "direction",
            "at",
            "duration",
            "outcome",
            "with_contacts",
            "with_colleagues",
            "text",
            "next_step",
            "next_at",
        )

    def clean_at(self):
        not_in_future(self.cleaned_data["at"])
        return self.cleaned_data["at"]


class ContactOfCustomerField(forms.ModelChoiceField):
    """One of the few contacts of one customer, with the position beside the name."""

    def label_from_instance(self, contact):
        return f"{contact.name} ({contact.position})" if contact.position else contact.name


class ContactsOfCustomerField(forms.MultipleChoiceField):
    """Any of the few contacts of one customer; the value is the list of their keys."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value):
        return value or None

    def clean(self, value):
        return [int(key) for key in super().clean(value)]


class ComposerForm(TalkForm):
    """The box above a customer's timeline: what was said just now, and when to be in touch again.

    plan: the open plan that the talk keeps, if it came from one.
    """

    SHOWN = ("call", "visit", "meeting", "email", "wechat", "wecom", "sms", "online", "other")

    contact = ContactOfCustomerField(
        Contact.objects.none(), label=_("Contact"), required=False, empty_label=_("Contact")
    )
    with_contacts = ContactsOfCustomerField(label=_("also there"), required=False)
    plan = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta(EntityForm.Meta):
        model = Interaction
        fields = (
            "kind",
            "text",
            "contact",
            "outcome",
            "next_step",
            "next_at",
            "direction",
            "duration",
            "with_contacts",
            "with_colleagues",
        )
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, customer, plan=None, **kwargs):
        begun = {"kind": plan.kind, "contact": plan.contact_id, "plan": plan.pk} if plan else {}
        super().__init__(*args, instance=Interaction(customer=customer), initial=begun, **kwargs)
        self.customer, self.kept = customer, plan
        labels = dict(Interaction.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in self.SHOWN]
        self.fields["outcome"].choices = [("", _("Outcome")), *Interaction.Outcome.choices]
        self.fields["text"].widget.attrs["placeholder"] = _("What was said, and what comes next")
        self.fields["direction"].required = False
        self.fields["next_step"].widget.attrs["placeholder"] = _("Next step")
        if self.user.rights.may(Contact):  # whoever sees the customer sees its contacts
            roles = ContactRole.objects.filter(customer=customer, is_active=True)
            contacts = Contact.objects.filter(pk__in=roles.values("contact")).order_by("name", "pk")
            self.fields["contact"].queryset = contacts
            self.offer(contacts)

    def offer(self, contacts):
        """The same few rows for both fields, read once."""
        field = self.fields["contact"]
        rows = list(contacts)
        field.choices = [("", field.empty_label), *((row.pk, field.label_from_instance(row)) for row in rows)]
        self.fields["with_contacts"].choices = [(row.pk, row.name) for row in rows]

    @property
    def more(self) -> list:
        """The fields that are folded away."""
        names = ("direction", "duration", "with_contacts", "with_colleagues")
        return [self[name] for name in names if name != "with_contacts" or self.fields[name].choices]

    @property
    def shown(self) -> list:
        """The other fields that are seen."""
        folded = {bound.name for bound in self.more}
        return [bound for bound in self.visible_fields() if bound.name not in folded]

    @property
    def is_unfolded(self) -> bool:
        """Whether something is wrong or chosen in what is folded away."""
        return any(bound.errors for bound in self.more)

    def kinds(self) -> list[tuple]:
        """(radio button, icon) of each kind of talk."""
        return [(choice, MARKS[choice.data["value"]][0]) for choice in self["kind"].subwidgets]

    def clean(self):
        data = super().clean()
        if self.cleaned_data.get("plan") and self.kept is None and not self.was_saved():
            self.forget_plan()
        return data

    def clean_direction(self):
        return self.cleaned_data["direction"] or Interaction.Direction.OUTGOING

    def was_saved(self) -> bool:
        """Whether this very form was sent before, and kept the plan then."""
        return FormToken.objects.filter(token=self.token, user=self.user).exists()

    def forget_plan(self):
        """Somebody else kept, called off or deleted the plan meanwhile: say so, and let the note be saved without."""
        self.data = self.data.copy()
        self.data[self.add_prefix("plan")] = ""
        self.add_error(
            None,
            _(
                "The plan is no longer open: somebody marked it done, called it off or deleted it meanwhile. Nothing "
                "you typed is lost; save again to log this contact without the plan."
            ),
        )

    def save_record(self, actor):
        values = {name: self.cleaned_data[name] for name in self._meta.fields}
        return log_interaction(self.customer, actor=actor, plan=self.kept, **values)


class FollowUpPlanForm(EntityForm):
    """A planned contact. Whoever may add one may give it to a colleague who sees the customer."""

    class Meta(EntityForm.Meta):
        model = FollowUpPlan
        fields = ("customer", "contact", "kind", "at", "purpose", "owner")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "owner" not in self.fields:  # the base takes it from people who may not assign roots
            self.fields["owner"] = form_field(FollowUpPlan._meta.get_field("owner"))
            self.narrow("owner", self.fields["owner"])
        self.fields["purpose"].required = True
        if not self.instance.pk:
            self.fields["owner"].initial = self.user

    def clean_at(self):
        if "at" in self.changed_data:
            not_in_past(self.cleaned_data["at"])
        return self.cleaned_data["at"]

    def clean(self):
        data = super().clean()
        owner, customer = self.cleaned_data.get("owner"), self.cleaned_data.get("customer")
        changed = {"owner", "customer"} & {*self.changed_data}
        if owner and customer and changed and not Customer.objects.visible_to(owner).filter(pk=customer.pk).exists():
            self.add_error(
                "owner",
                _("%(name)s does not see this customer. Share the customer with them first, or choose somebody else.")
                % {"name": owner.name},
            )
        return data
