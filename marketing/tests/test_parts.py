"""Members and deals: who may add and change them, what forms refuse, and invisible records as names without link."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from crm.models import RoleRule, TimelineEntry
from customers.entities import Customers
from customers.models import Contact
from customers.tests.factories import make_contact, make_customer
from marketing.entities import CampaignDeals, CampaignMembers, Campaigns
from marketing.models import CampaignDeal, CampaignMember
from marketing.tests.factories import make_campaign, make_campaign_deal, make_campaign_member
from sales.entities import Opportunities
from sales.tests.factories import make_opportunity


def text_of(record):
    return f"{record} #{record.pk}"


def member_form(campaign, **fields):
    return {"campaign": text_of(campaign), "status": "targeted"} | fields


def errors(response):
    assert response.status_code == 422
    with translation.override("en"):
        return {name: list(found) for name, found in response.context["form"].errors.items()}


@pytest.fixture
def alice(client, cast):
    client.force_login(cast.alice)
    return client


def test_adding_a_member_by_form_says_so_in_both_timelines(alice, cast):
    campaign, customer = make_campaign(cast.alice), make_customer(cast.alice, name="Chenxi")
    response = alice.post(CampaignMembers.url("add"), member_form(campaign, customer=text_of(customer)))
    member = CampaignMember.objects.get()
    assert (response.status_code, response.url) == (303, CampaignMembers.url("record", member))
    assert (member.customer, member.contact, member.created_by) == (customer, None, cast.alice)
    with translation.override("en"):
        sentence = TimelineEntry.objects.get().sentence
    assert sentence == f'<b class="b">Alice</b> added Chenxi to the campaign {campaign.name}'
    for page in (Campaigns.url("record", campaign), Customers.url("record", customer)):
        assert sentence in alice.get(page).content.decode()


def test_a_contact_brings_its_only_customer_along(alice, cast):
    campaign, customer = make_campaign(cast.alice), make_customer(cast.alice)
    contact = make_contact(cast.alice, customer=customer)
    alice.post(CampaignMembers.url("add"), member_form(campaign, contact=text_of(contact)))
    assert CampaignMember.objects.get().customer == customer


def test_a_contact_of_two_customers_brings_none(alice, cast):
    campaign = make_campaign(cast.alice)
    contact = make_contact(cast.alice)
    from customers.tests.factories import make_contact_role

    make_contact_role(cast.alice, contact=contact)
    alice.post(CampaignMembers.url("add"), member_form(campaign, contact=text_of(contact)))
    assert CampaignMember.objects.get().customer is None


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({}, "customer", "Choose a customer or a contact."),
        ({"customer": "Nobody Ltd"}, "customer", "Nothing called “Nobody Ltd” is among the records you can see. "
         "Choose one from the list, or type its number."),
        ({"customer": "\x00"}, "customer", "Nothing called “\x00” is among the records you can see. "
         "Choose one from the list, or type its number."),
        ({"status": "in love"}, "status", "Select a valid choice. in love is not one of the available choices."),
        ({"note": "x" * 301}, "note", "Ensure this value has at most 300 characters (it has 301)."),
    ],
)  # fmt: skip
def test_a_wrong_member_form_says_what_is_wrong_and_saves_nothing(alice, cast, fields, field, message):
    response = alice.post(CampaignMembers.url("add"), member_form(make_campaign(cast.alice), **fields))
    assert errors(response)[field] == [message]
    assert not CampaignMember.objects.exists()


def test_a_contact_of_another_customer_is_refused(alice, cast):
    contact, customer = make_contact(cast.alice, name="Zhou"), make_customer(cast.alice)
    data = member_form(make_campaign(cast.alice), contact=text_of(contact), customer=text_of(customer))
    found = errors(alice.post(CampaignMembers.url("add"), data))
    assert found == {"contact": ["“Zhou” is not a contact of this customer."]}
    assert not CampaignMember.objects.exists()


def test_nobody_is_a_member_twice(alice, cast):
    member = make_campaign_member(cast.alice)
    data = member_form(member.campaign, customer=text_of(member.customer))
    assert errors(alice.post(CampaignMembers.url("add"), data)) == {
        "__all__": ["This customer is a member of the campaign already."]
    }
    contact = make_contact(cast.alice)
    make_campaign_member(cast.alice, campaign=member.campaign, contact=contact)
    data = member_form(member.campaign, contact=text_of(contact))
    assert errors(alice.post(CampaignMembers.url("add"), data)) == {
        "__all__": ["This contact is a member of the campaign already."]
    }
    assert CampaignMember.objects.count() == 2


def test_a_member_that_lies_in_the_bin_may_be_added_again(cast):
    from crm.deletion import delete

    member = make_campaign_member(cast.alice)
    delete(member, actor=cast.alice)
    make_campaign_member(cast.alice, campaign=member.campaign, customer=member.customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_campaign_member(cast.alice, campaign=member.campaign, customer=member.customer)


def test_the_database_refuses_a_member_who_is_nobody(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_campaign_member(cast.alice, customer=None)


def test_a_member_stays_in_its_campaign(alice, cast):
    member, other = make_campaign_member(cast.alice), make_campaign(cast.alice)
    data = member_form(other, customer=text_of(member.customer), status="sent", version=member.version)
    assert alice.post(CampaignMembers.url("change", member), data).status_code == 303
    member.refresh_from_db()
    assert (member.status, member.campaign_id == other.pk) == ("sent", False)


def test_a_reader_of_the_campaign_may_not_add_without_the_right_on_members(alice, cast):
    RoleRule.objects.filter(model="marketing.campaignmember", action="add").delete()
    campaign, customer = make_campaign(cast.alice), make_customer(cast.alice)
    assert alice.post(CampaignMembers.url("add"), member_form(campaign, customer=text_of(customer))).status_code == 403
    assert not CampaignMember.objects.exists()


def test_whoever_only_sees_the_campaign_changes_his_own_members_and_no_others(client, cast):
    campaign = make_campaign(cast.alice)
    RoleRule.objects.filter(role=cast.worker, model="marketing.campaign").update(reach=4)
    RoleRule.objects.filter(role=cast.worker, model="marketing.campaign", action="change").update(reach=2)
    hers = make_campaign_member(cast.carol, campaign=campaign, customer=make_customer(cast.carol))
    others = make_campaign_member(cast.alice, campaign=campaign)
    client.force_login(cast.carol)
    data = member_form(campaign, customer=text_of(hers.customer), status="sent", version=hers.version)
    assert client.post(CampaignMembers.url("change", hers), data).status_code == 303
    data = member_form(campaign, customer=text_of(others.customer), status="sent", version=others.version)
    assert client.post(CampaignMembers.url("change", others), data).status_code == 403
    others.refresh_from_db()
    assert others.status == "targeted"


def test_an_invisible_customer_is_a_name_without_link_and_stays_when_the_form_is_saved(client, cast):
    RoleRule.objects.filter(role=cast.worker, model="marketing.campaign").update(reach=4)
    theirs = make_customer(cast.carol, name="Haichuan")
    member = make_campaign_member(cast.alice, customer=theirs)
    client.force_login(cast.alice)
    for page in (
        Campaigns.url("record", member.campaign) + "?tab=campaign-members",
        CampaignMembers.url("record", member),
        CampaignMembers.url("list"),
    ):
        text = client.get(page).content.decode()
        assert "Haichuan" in text
        assert Customers.url("record", theirs) not in text
    data = member_form(member.campaign, customer=f"Haichuan #{theirs.pk}", status="opened", version=member.version)
    assert client.post(CampaignMembers.url("change", member), data).status_code == 303
    member.refresh_from_db()
    assert (member.status, member.customer) == ("opened", theirs)


def test_an_invisible_contact_cannot_be_chosen(alice, cast):
    theirs = make_contact(cast.carol, name="Wu")
    data = member_form(make_campaign(cast.alice), contact=text_of(theirs))
    assert list(errors(alice.post(CampaignMembers.url("add"), data))) == ["contact"]
    assert Contact.objects.count() == 1
    assert not CampaignMember.objects.exists()


def test_stage_and_amount_of_an_invisible_opportunity_are_not_shown(client, cast):
    theirs = make_opportunity(cast.carol, name="Theirs", at="negotiation", amount=777_123)
    deal = make_campaign_deal(cast.alice, opportunity=theirs)
    make_campaign_deal(
        cast.alice, campaign=deal.campaign, opportunity=make_opportunity(cast.alice, at="proposal", amount=555_123)
    )
    client.force_login(cast.alice)
    text = client.get(Campaigns.url("record", deal.campaign) + "?tab=campaign-deals").content.decode()
    assert "Theirs" in text
    assert Opportunities.url("record", theirs) not in text
    assert ("777,123" in text, "Negotiation" in text) == (False, False)
    assert ("¥555,123" in text, "Proposal" in text) == (True, True)


def test_linking_a_deal_says_so_in_the_timelines_of_campaign_and_opportunity(alice, cast):
    campaign, opportunity = make_campaign(cast.alice), make_opportunity(cast.alice)
    data = {"campaign": text_of(campaign), "opportunity": text_of(opportunity)}
    assert alice.post(CampaignDeals.url("add"), data).status_code == 303
    assert errors(alice.post(CampaignDeals.url("add"), data)) == {
        "__all__": ["This opportunity is linked with the campaign already."]
    }
    assert CampaignDeal.objects.get().opportunity == opportunity
    words = f"linked {opportunity.name} with the campaign {campaign.name}"
    for page in (Campaigns.url("record", campaign), Opportunities.url("record", opportunity)):
        assert words in alice.get(page).content.decode()
    assert "Campaigns<" in alice.get(Opportunities.url("record", opportunity)).content.decode()


def test_outsiders_do_not_read_of_members_in_the_timeline_of_a_shared_customer(client, cast):
    from crm.access import share

    customer = make_customer(cast.alice)
    client.force_login(cast.alice)
    campaign = make_campaign(cast.alice, name="Secret campaign")
    client.post(CampaignMembers.url("add"), member_form(campaign, customer=text_of(customer)))
    share(customer, cast.carol, actor=cast.alice, reason="test")
    client.force_login(cast.carol)
    page = client.get(Customers.url("record", customer))
    assert page.status_code == 200
    assert "Secret campaign" not in page.content.decode()
