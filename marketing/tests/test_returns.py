"""Return on investment, members and answers: each reader's own numbers, and no number where there is none."""

from decimal import Decimal

import pytest
from django.utils import translation

from crm.models import RoleRule
from customers.tests.factories import make_customer
from marketing import facts, numbers
from marketing.entities import Campaigns
from marketing.models import Campaign
from marketing.tests.factories import make_campaign, make_campaign_deal, make_campaign_member
from sales.tests.factories import make_opportunity
from tests.cast import again, make_role, make_user


def deal(campaign, owner, at="won", **fields):
    return make_campaign_deal(owner, campaign=campaign, opportunity=make_opportunity(owner, at=at, **fields))


def roi(campaign, user):
    return numbers.return_percents([campaign.pk], again(user)).get(campaign.pk)


def test_the_return_is_what_was_won_less_the_cost_by_the_cost(cast):
    campaign = make_campaign(cast.alice, cost=Decimal("2000.00"))
    deal(campaign, cast.alice, amount=Decimal("5000.00"))
    deal(campaign, cast.alice, amount=Decimal("3100.00"))
    deal(campaign, cast.alice, at="proposal", amount=Decimal("99000.00"))
    deal(campaign, cast.alice, at="lost", lost_reason="price", amount=Decimal("99000.00"))
    assert numbers.won_amounts([campaign.pk], cast.alice) == {campaign.pk: Decimal("8100.00")}
    assert roi(campaign, cast.alice) == Decimal(305)


@pytest.mark.parametrize("cost", [None, Decimal(0)])
def test_without_a_cost_there_is_no_return(cast, cost):
    campaign = make_campaign(cast.alice, cost=cost)
    deal(campaign, cast.alice, amount=Decimal("5000.00"))
    assert roi(campaign, cast.alice) is None


def test_without_a_won_deal_there_is_no_return(cast):
    campaign = make_campaign(cast.alice, cost=Decimal(100))
    deal(campaign, cast.alice, at="proposal")
    assert roi(campaign, cast.alice) is None


def test_a_won_deal_without_amount_counts_as_unknown_and_not_as_nothing(cast):
    campaign = make_campaign(cast.alice, cost=Decimal(100))
    deal(campaign, cast.alice, amount=None)
    assert roi(campaign, cast.alice) is None
    deal(campaign, cast.alice, amount=Decimal(50))
    assert roi(campaign, cast.alice) == Decimal(-50)


def test_a_deal_in_the_recycle_bin_is_not_counted(cast):
    from crm.deletion import delete, restore

    campaign = make_campaign(cast.alice, cost=Decimal(100))
    deal(campaign, cast.alice, amount=Decimal(300))
    unlinked = deal(campaign, cast.alice, amount=Decimal(500))
    act = delete(unlinked, actor=cast.alice)
    assert roi(campaign, cast.alice) == Decimal(200)
    restore(act, actor=cast.alice)
    delete(unlinked.opportunity, actor=cast.alice)
    assert roi(campaign, cast.alice) == Decimal(200)


def test_each_reader_gets_the_return_of_the_deals_he_sees(cast):
    campaign = make_campaign(cast.alice, cost=Decimal(100))
    deal(campaign, cast.alice, amount=Decimal(300))
    deal(campaign, cast.carol, amount=Decimal(700))
    seer = make_user("seer", None, make_role("Marketing", 4))
    assert roi(campaign, cast.alice) == Decimal(200)
    assert roi(campaign, seer) == Decimal(900)
    assert roi(campaign, cast.dave) is None


def test_one_page_of_campaigns_costs_two_queries_whatever_it_holds(cast, django_assert_num_queries):
    campaigns = [make_campaign(cast.alice, cost=Decimal(100)) for _ in range(12)]
    for campaign in campaigns:
        deal(campaign, cast.alice, amount=Decimal(300))
    alice = again(cast.alice)
    assert alice.rights.teams.mine == (cast.north.pk,)
    with django_assert_num_queries(3):  # the rules of the roles among them
        found = numbers.return_percents([campaign.pk for campaign in campaigns], alice)
    assert found == {campaign.pk: Decimal(200) for campaign in campaigns}


def test_members_and_answers_are_counted(cast):
    campaign, empty = make_campaign(cast.alice), make_campaign(cast.alice)
    for status in ("targeted", "sent", "responded", "converted", "unsubscribed"):
        make_campaign_member(cast.alice, campaign=campaign, status=status)
    assert numbers.member_counts([campaign.pk, empty.pk], cast.alice) == {campaign.pk: 5, empty.pk: 0}
    assert numbers.answers(campaign, cast.alice).get()[0] == {"members": 5, "responded": 2}


def head_of(client, campaign):
    facts = client.get(Campaigns.url("record", campaign)).context["facts"]
    with translation.override("en"):
        return {str(label): value for label, value in facts}


def test_the_head_of_a_campaign_says_what_it_cost_and_brought(client, cast):
    fields = {"cost": Decimal(84_200), "budget": Decimal(120_000), "target_members": 40, "currency": "CNY"}
    campaign = make_campaign(cast.alice, starts_on="2026-10-12", ends_on="2026-11-30", **fields)
    for status in ("sent", "sent", "responded"):
        make_campaign_member(cast.alice, campaign=campaign, status=status)
    deal(campaign, cast.alice, amount=Decimal(347_000))
    client.force_login(cast.alice)
    assert head_of(client, campaign) == {
        "Duration": "2026-10-12 – 2026-11-30",
        "Cost": "¥84K of ¥120K",
        "Members": "3 of 40",
        "Responded": "1 · 33.3%",
        "Won value": "¥347K · 1 deal",
        "ROI": "312%",
        "Owner": "Alice",
    }


def test_the_head_of_an_empty_campaign_shows_dashes(client, cast):
    campaign = make_campaign(cast.alice, cost=Decimal(0), currency="CNY")
    client.force_login(cast.alice)
    head = head_of(client, campaign)
    assert head == {
        "Duration": "—", "Cost": "¥0", "Members": "0", "Responded": "—", "Won value": "—", "ROI": "—", "Owner": "Alice",
    }  # fmt: skip


def test_list_and_head_say_the_same_return(client, cast):
    campaign = make_campaign(cast.alice, cost=Decimal(300))
    deal(campaign, cast.alice, amount=Decimal(1000))
    client.force_login(cast.alice)
    assert head_of(client, campaign)["ROI"] == "233%"
    assert ">233%<" in client.get(Campaigns.url("list")).content.decode()


def test_whoever_may_not_see_opportunities_gets_no_return(client, cast):
    campaign = make_campaign(cast.alice, cost=Decimal(300))
    deal(campaign, cast.alice, amount=Decimal(1000))
    RoleRule.objects.filter(model="sales.opportunity").delete()
    client.force_login(cast.alice)
    assert "ROI" not in head_of(client, campaign)
    assert "233%" not in client.get(Campaigns.url("list")).content.decode()


def test_words_of_a_campaign_without_figures():
    campaign = Campaign(cost=None, budget=None, currency="CNY")
    assert facts.cost(campaign) == "—"
    assert facts.days(campaign) == "—"
    assert facts.roi({"amount": None, "deals": 2}, campaign) == "—"
    with translation.override("en"):
        assert facts.won({"amount": None, "deals": 2}, campaign) == "— · 2 deals"


def test_a_customer_page_lists_its_campaigns(client, cast):
    from customers.entities import Customers

    customer = make_customer(cast.alice)
    member = make_campaign_member(cast.alice, customer=customer, status="responded")
    client.force_login(cast.alice)
    page = client.get(Customers.url("record", customer) + "?tab=campaign-members").content.decode()
    assert "Campaigns<" in page
    assert member.campaign.name in page
    assert "Responded" in page
