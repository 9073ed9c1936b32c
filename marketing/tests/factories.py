"""Rows of campaigns, their members and their deals for tests."""

from itertools import count

from crm.tests.file_factory import file_factory
from customers.tests.factories import make_customer
from marketing.models import Campaign, CampaignDeal, CampaignFile, CampaignMember
from sales.tests.factories import make_opportunity

number = count(1)


def make_campaign(owner=None, **fields):
    fields = {"name": f"Campaign {next(number)}", "created_by": owner} | fields
    return Campaign.objects.create(owner=owner, **fields)


def make_campaign_member(owner=None, *, campaign=None, **fields):
    """A member of the campaign: a new customer, unless a customer or contact is given."""
    if not {"customer", "contact"} & fields.keys():
        fields["customer"] = make_customer(owner)
    return CampaignMember.objects.create(campaign=campaign or make_campaign(owner), **{"created_by": owner} | fields)


def make_campaign_deal(owner=None, *, campaign=None, opportunity=None, **fields):
    return CampaignDeal.objects.create(
        campaign=campaign or make_campaign(owner),
        opportunity=opportunity or make_opportunity(owner),
        **{"created_by": owner} | fields,
    )


FACTORIES = {
    "marketing.campaignfile": file_factory(CampaignFile, make_campaign),
    "marketing.campaign": make_campaign,
    "marketing.campaignmember": make_campaign_member,
    "marketing.campaigndeal": make_campaign_deal,
}
