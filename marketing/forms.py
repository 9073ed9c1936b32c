"""Forms of members and deals of campaigns."""

from django.utils.translation import gettext_lazy as _

from crm.events import announce
from crm.forms import EntityForm
from customers.models import Customer
from marketing import events
from marketing.models import CampaignDeal, CampaignMember


class PartForm(EntityForm):
    """A part of a campaign: it stays in its campaign, and a new one is announced with it."""

    added = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["campaign"].disabled = True

    def save_record(self, actor):
        is_new = not self.instance.pk
        record = super().save_record(actor)
        if is_new:
            announce(self.added, record, actor=actor, campaign=record.campaign)
        return record


class MemberForm(PartForm):
    """A member: a contact, a customer as a whole, or a contact at a customer."""

    added = events.member_added

    class Meta(EntityForm.Meta):
        model = CampaignMember
        fields = ("campaign", "customer", "contact", "status", "note")

    def clean(self):
        data = super().clean()
        customer, contact = self.cleaned_data.get("customer"), self.cleaned_data.get("contact")
        if "contact" in self.errors or "customer" in self.errors:
            return data
        if not customer and not contact:
            self.add_error("customer", _("Choose a customer or a contact."))
        elif contact and not customer:
            self.cleaned_data["customer"] = only_customer(contact, self.user)
        elif self.is_other_person and not contact.roles.filter(customer=customer).exists():
            self.add_error("contact", _("“%(name)s” is not a contact of this customer.") % {"name": contact})
        return data

    @property
    def is_other_person(self) -> bool:
        """Whether a contact at a customer was chosen here; one who left the customer stays a member."""
        return bool(self.cleaned_data.get("contact")) and bool({"contact", "customer"} & set(self.changed_data))


def only_customer(contact, user):
    """The one customer for whom the contact works, if there is but one and the user sees it."""
    found = Customer.objects.visible_to(user).filter(roles__in=contact.roles.filter(is_active=True)).distinct()[:2]
    return found[0] if len(found) == 1 else None


class DealForm(PartForm):
    added = events.deal_linked

    class Meta(EntityForm.Meta):
        model = CampaignDeal
        fields = ("campaign", "opportunity", "note")
