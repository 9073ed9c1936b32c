"""Forms of customers and contacts, of roles, and of talks."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms import EntityForm, RecordChoiceField
from customers.divisions import named
from customers.models import Address, BillingProfile, Contact, ContactRole, Customer, Interaction
from customers.point_forms import PointsForm, email_field, phone_field
from customers.services import link_contact, log_interaction, mark_alone
from customers.timeline import MARKS


class CustomerForm(PointsForm):
    """A customer with its switchboard number and general address."""

    kinds = ("phone", "email")
    phone = phone_field(_("Phone"))
    email = email_field()

    class Meta(EntityForm.Meta):
        model = Customer
        fields = (
            "name",
            "short_name",
            "kind",
            "type",
            "level",
            "lifecycle",
            "industry",
            "source",
            "owner",
            "website",
            "country",
            "region",
            "credit_code",
            "founded_on",
            "revenue",
            "employees",
            "size",
            "parent",
            "background",
            "tags",
            "preferences",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["type"].required = False  # whoever leaves it out means what it is now

    def clean_type(self):
        return self.cleaned_data["type"] or self.instance.type


class ContactForm(PointsForm):
    """A person; a new one comes with the role at a first customer."""

    kinds = ("mobile", "email", "phone", "wechat")
    customer = RecordChoiceField(Customer.objects.all(), label=_("Customer"))
    role = forms.ChoiceField(label=_("Role"), choices=ContactRole.Role.choices, initial=ContactRole.Role.OTHER)
    primary = forms.BooleanField(label=_("Primary contact"), required=False)
    mobile = phone_field(_("Mobile"))
    email = email_field()
    phone = phone_field(_("Phone"))
    wechat = forms.CharField(label=_("WeChat"), required=False, max_length=60)

    class Meta(EntityForm.Meta):
        model = Contact
        fields = (
            "name",
            "position",
            "department",
            "preferred_channel",
            "preferred_language",
            "do_not_contact",
            "birthday",
            "identity_number",
            "note",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("customer", "role", "primary"):
                del self.fields[name]

    def save_record(self, actor):
        is_new = not self.instance.pk
        contact = super().save_record(actor)
        if is_new:
            data = self.cleaned_data
            link_contact(contact, data["customer"], actor=actor, role=data["role"], is_primary=data["primary"])
        return contact


class MarkedForm(EntityForm):
    """A row of a customer that may carry the one mark of its kind; setting it takes it from the row that has it."""

    mark = "is_primary"
    primary = forms.BooleanField(label=_("Primary contact"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["primary"].initial = getattr(self.instance, self.mark)

    def save_record(self, actor):
        wanted = self.cleaned_data["primary"]
        setattr(self.instance, self.mark, getattr(self.instance, self.mark) and wanted)
        row = super().save_record(actor)
        if wanted and not getattr(row, self.mark):
            mark_alone(row, self.mark, actor=actor)
        return row


class ContactRoleForm(MarkedForm):
    """What a contact is at one more customer; to make him primary takes the mark from whoever has it."""

    class Meta(EntityForm.Meta):
        model = ContactRole
        fields = ("contact", "customer", "role", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # a person who changes the company gets a second role; the first one is history
            self.fields["contact"].disabled = self.fields["customer"].disabled = True


class AddressForm(MarkedForm):
    """An address; the place is chosen from the list in China and typed freely elsewhere."""

    primary = forms.BooleanField(label=_("Main address"), required=False)

    class Meta(EntityForm.Meta):
        model = Address
        fields = ("customer", "kind", "country", "place", "street", "postcode", "receiver")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        box = self.fields["place"].widget
        box.attrs |= {"data-picker": "", "data-choices-url": reverse_lazy("customers-places"), "autocomplete": "off"}

    def clean_place(self):
        """A place of the list in its one form, with its code beside it; anything else stays as it was typed."""
        text = self.cleaned_data["place"]
        found = named(text)
        if len(found) > 1:
            raise ValidationError(
                _("Several places are called “%(name)s”. Choose one from the list.") % {"name": text}, code="several"
            )
        self.instance.division = found[0].code if found else ""
        return str(found[0]) if found else text


class BillingProfileForm(MarkedForm):
    """What stands on the invoices of a customer."""

    mark = "is_default"
    primary = forms.BooleanField(label=_("Use these details unless told otherwise"), required=False)

    class Meta(EntityForm.Meta):
        model = BillingProfile
        fields = ("customer", "title", "tax_number", "bank", "account", "note")


def not_in_future(moment):
    """What was said lies in the past; five minutes are for clocks that differ."""
    if moment and moment > timezone.now() + timezone.timedelta(minutes=5):
        raise ValidationError(_("This moment lies in the future. Write a plan into “next follow-up” instead."))


class InteractionForm(EntityForm):
    """A talk with a customer, with everything that can be said about it."""

    class Meta(EntityForm.Meta):
        model = Interaction
        fields = ("customer", "contact", "kind", "direction", "at", "outcome", "text", "next_step", "next_at")

    def clean_at(self):
        not_in_future(self.cleaned_data["at"])
        return self.cleaned_data["at"]


class ContactOfCustomerField(forms.ModelChoiceField):
    """One of the few contacts of one customer, with the position beside the name."""

    def label_from_instance(self, contact):
        return f"{contact.name} ({contact.position})" if contact.position else contact.name


class ComposerForm(EntityForm):
    """The box above a customer's timeline: what was said just now, and when to be in touch again."""

    SHOWN = ("call", "visit", "meeting", "email", "wechat", "wecom", "other")

    contact = ContactOfCustomerField(
        Contact.objects.none(), label=_("Contact"), required=False, empty_label=_("Contact")
    )

    class Meta(EntityForm.Meta):
        model = Interaction
        fields = ("kind", "text", "contact", "outcome", "next_at")
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, customer, **kwargs):
        super().__init__(*args, instance=Interaction(customer=customer), **kwargs)
        self.customer = customer
        labels = dict(Interaction.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in self.SHOWN]
        self.fields["outcome"].choices = [("", _("Outcome")), *Interaction.Outcome.choices]
        self.fields["text"].widget.attrs["placeholder"] = _("What was said, and what comes next")
        if self.user.rights.may(Contact):  # whoever sees the customer sees its contacts
            roles = ContactRole.objects.filter(customer=customer, is_active=True)
            contacts = Contact.objects.filter(pk__in=roles.values("contact"))
            self.fields["contact"].queryset = contacts.order_by("name", "pk")

    def kinds(self) -> list[tuple]:
        """(radio button, icon) of each kind of talk."""
        return [(choice, MARKS[choice.data["value"]][0]) for choice in self["kind"].subwidgets]

    def save_record(self, actor):
        values = {name: self.cleaned_data[name] for name in self._meta.fields}
        return log_interaction(self.customer, actor=actor, **values)
