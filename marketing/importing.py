"""What imports of campaigns and of their members need beyond their columns."""

from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from crm.events import announce_many
from crm.exchange import Importer
from crm.exchange.met import Keys
from crm.models import Company
from customers.importing import OF_COMPANIES, WithRoles
from marketing import events


class CampaignImporter(Importer):
    """Campaigns by name."""

    aliases = {
        "name": ("活动", "活动名称", "营销活动", "campaign"),
        "starts_on": ("开始日期", "开始时间", "start date"),
        "ends_on": ("结束日期", "结束时间", "end date"),
        "budget": ("预算", "budgeted cost"),
        "cost": ("费用", "实际费用", "实际成本"),
        "owner": ("负责人", "campaign owner"),
    }

    @cached_property
    def currency(self) -> str:
        return Company.current().currency

    def prepare(self, record, given):
        record.currency = record.currency or self.currency
        if record.starts_on and record.ends_on and record.ends_on < record.starts_on:
            raise ValidationError({"ends_on": _("This day lies before the start. Choose a later one.")})


class MemberImporter(WithRoles, Importer):
    """Members of campaigns: a contact, a customer as a whole, or a contact at a customer."""

    name_column = "note"
    is_whole_key = True
    makes = {"customer": OF_COMPANIES}
    aliases = {
        "campaign": ("活动", "活动名称", "营销活动", "campaign name"),
        "customer": ("客户", "客户名称", "公司", "company", "account"),
        "contact": ("联系人", "姓名", "contact name", "member"),
        "status": ("状态", "member status"),
    }

    def prepare(self, record, given):
        if not record.customer_id and not record.contact_id:
            raise ValidationError({"customer": _("Choose a customer or a contact.")})
        self.check_contact(record, given)

    def key_of(self, record, beside):
        """As the rules of the table say: a contact once, and a customer as a whole once."""
        return (record.campaign_id, None if record.contact_id else record.customer_id, record.contact_id)

    def load_twins(self, beat):
        twins = Keys()
        wanted = {key for found in self.fields["campaign"].lookup.found.values() for key in found}
        rows = self.model.objects.visible_to(self.user).filter(campaign__in=wanted).order_by()
        for pk, campaign, customer, contact in rows.values_list("pk", "campaign_id", "customer_id", "contact_id"):
            twins.add((campaign, None if contact else customer, contact), pk)
        return twins

    def written(self, records, beside):
        campaign = JSONObject(id=F("campaign_id"), name=F("campaign__name"))
        announce_many(events.member_added, records, actor=self.user, campaign=campaign)
        super().written(records, beside)
