"""The demo's campaigns: a year of marketing, with whom it reached and which deals it brought."""

import datetime
from decimal import Decimal

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from crm.demo_tags import sprinkle
from crm.events import announce_many, plain
from crm.models import TimelineEntry
from customers.demo import backdate
from marketing import demo_words as words
from marketing.events import campaign_added, deal_linked
from marketing.models import Campaign, CampaignDeal, CampaignMember
from sales.models import StageType

MOST_RETURN = 4  # no deal is larger than so many times the cost
# What becomes of members before anybody answers, by how far the campaign is.
QUIET = {
    "completed": ("opened", "opened", "clicked", "sent", "bounced", "unsubscribed"),
    "active": ("sent", "sent", "opened", "opened", "clicked", "targeted", "bounced"),
    "paused": ("sent", "opened", "targeted"),
    "planning": ("targeted",),
    "cancelled": ("targeted",),
}


def make(world, random):
    """Fill world.campaigns, world.members and world.deals."""
    now = timezone.localtime(timezone=world.company.zone).replace(hour=10, minute=0, second=0, microsecond=0)
    world.members, world.deals = [], []
    made = world.campaigns = Campaign.objects.bulk_create(campaign_of(world, plan, now) for plan in words.CAMPAIGNS)
    backdate(made, {row.pk: moment(row, now) for row in made})
    announce_many(campaign_added, Campaign.objects.filter(pk__in=[row.pk for row in made]), actor=world.users["xu"])
    for row, plan in zip(made, words.CAMPAIGNS, strict=True):
        TimelineEntry.objects.about(row).update(at=row.created_at)
        world.members += members_of(world, random, row, plan)
        world.deals += deals_of(world, random, row, plan)
    sprinkle(Campaign, world.users["xu"])
    day = datetime.timedelta(days=1)
    world.members = save_parts(world.members, [min(moment(row.campaign, now) + day, now) for row in world.members])
    later = [max(row.opportunity.created_at, moment(row.campaign, now)) for row in world.deals]
    world.deals = save_parts(world.deals, [min(at + day, now) for at in later])
    tell_deals(world.deals)


def campaign_of(world, plan, now) -> Campaign:
    (name, kind, status, _chinese, age, length, budget, cost, members, revenue, goal, *_rest) = plan
    starts = now.date() - datetime.timedelta(days=age)
    owner = world.users["xu"]
    row = Campaign(
        name=name,
        type=kind,
        status=status,
        goal=goal,
        target_members=members,
        target_revenue=None if revenue is None else Decimal(revenue),
        budget=Decimal(budget),
        cost=None if cost is None else Decimal(cost),
        currency=world.company.currency,
        starts_on=starts,
        ends_on=starts + datetime.timedelta(days=length - 1),
        created_by=owner,
        modified_by=owner,
    )
    row.give_to(owner)
    return row


def moment(campaign, now) -> datetime.datetime:
    """Three weeks before the start, but not in the future."""
    start = now - datetime.timedelta(days=(now.date() - campaign.starts_on).days)
    return min(start, now) - datetime.timedelta(days=21)


def members_of(world, random, campaign, plan) -> list[CampaignMember]:
    """Contacts, and a few customers as a whole; some of them answered."""
    is_chinese, many, share = plan[3], plan[11], plan[14]
    people = [contact for contact in world.contacts if (contact.customer.country == "中国") is is_chinese]
    rows = [member(campaign, random, share, is_chinese, contact=p, customer_id=p.customer.pk)
            for p in random.sample(people, min(many, len(people)))]  # fmt: skip
    reached = {row.customer_id for row in rows}
    others = [c for c in world.customers if (c.country == "中国") is is_chinese and c.pk not in reached]
    rows += [member(campaign, random, share, is_chinese, customer_id=c.pk)
             for c in random.sample(others, min(3, len(others)))]  # fmt: skip
    return rows


def member(campaign, random, share, is_chinese, **who) -> CampaignMember:
    answered = random.random() < share
    status = random.choice(("responded", "responded", "converted") if answered else QUIET[campaign.status])
    notes = words.CHINESE_NOTES if is_chinese else words.ENGLISH_NOTES
    author = campaign.created_by
    return CampaignMember(
        campaign=campaign,
        status=status,
        note=random.choice(notes) if answered else "",
        created_by=author,
        modified_by=author,
        **who,
    )


def deals_of(world, random, campaign, plan) -> list[CampaignDeal]:
    """Deals that the campaign may have brought: won after it began, of a size that fits what it cost, or open now."""
    is_chinese, won, still_open = plan[3], plan[12], plan[13]
    near = [deal for deal in world.opportunities if (deal.customer.country == "中国") is is_chinese]
    most = MOST_RETURN * (campaign.cost or campaign.budget)
    wins = [
        deal
        for deal in near
        if deal.stage.type == StageType.WON and deal.closed_on >= campaign.starts_on and (deal.amount or 0) < most
    ]
    running = [deal for deal in near if deal.stage.type == StageType.OPEN]
    rows = random.sample(wins, min(won, len(wins))) + random.sample(running, min(still_open, len(running)))
    author = campaign.created_by
    return [CampaignDeal(campaign=campaign, opportunity=deal, created_by=author, modified_by=author) for deal in rows]


def save_parts(rows, moments) -> list:
    """Save members or deals in the order of the moments at which they were added."""
    order = sorted(range(len(rows)), key=lambda number: moments[number])
    made = type(rows[0]).objects.bulk_create(rows[number] for number in order)
    backdate(made, {row.pk: moments[number] for row, number in zip(made, order, strict=True)})
    return made


def tell_deals(deals):
    """Say in the timelines of campaigns and opportunities that they were linked."""
    kind = ContentType.objects.get_for_model(CampaignDeal)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            event=deal_linked.code,
            subject_type=kind,
            subject_id=deal.pk,
            actor=deal.created_by,
            at=deal.created_at,
            handled_at=deal.created_at,
            facts=plain({"record": deal, "campaign": deal.campaign}),
        )
        for deal in deals
    )
