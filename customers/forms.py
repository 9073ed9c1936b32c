"""Forms of customers and contacts and of roles."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm.forms import EntityForm, RecordChoiceField
from customers.divisions import named
from customers.models import Address, BillingProfile, Contact, ContactRole, Customer
from customers.point_forms import email_field, phone_field
from customers.services import link_contact, mark_alone
from customers.twin_forms import TwinsForm


class CustomerForm(TwinsForm):
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


class ContactForm(TwinsForm):
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
