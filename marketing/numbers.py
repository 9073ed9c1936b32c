"""What campaigns brought and what they cost, for many campaigns at once, of the members and deals the reader sees."""

from decimal import Decimal

from django.db.models import Count, Q, Sum, TextField, Value
from django.db.models.functions import Cast, JSONObject

from crm.figures import ratio, rounded
from marketing.models import RESPONDED, Campaign, CampaignDeal, CampaignMember
from sales.models import Opportunity, StageType

HUNDRED = Decimal(100)
WON = {"opportunity__stage__type": StageType.WON}


def seen_deals(user):
    """The deals whose opportunity the reader sees, too."""
    seen = Opportunity.objects.visible_to(user).values("pk")
    return CampaignDeal.objects.visible_to(user).filter(opportunity__in=seen)


# -- return on investment ---------------------------------------------------------------------------------------------
def return_of(won: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """(won − cost) ÷ cost as a share; None where nothing was won, and where the cost is unknown or 0."""
    return None if won is None or not cost else ratio(won - cost, cost)


def won_amounts(ids, user) -> dict[int, Decimal]:
    """{campaign id: sum of its won deals}; a campaign without a won deal of known amount is not in it."""
    deals = seen_deals(user).filter(campaign__in=ids, opportunity__amount__isnull=False, **WON)
    return dict(deals.order_by().values_list("campaign").annotate(total=Sum("opportunity__amount")))


def returns(ids, user) -> dict[int, Decimal]:
    """{campaign id: its return as a share}; a campaign without one is not in it."""
    won = won_amounts(ids, user)
    costs = Campaign.objects.visible_to(user).filter(pk__in=won).values_list("pk", "cost")
    shares = {pk: return_of(won[pk], cost) for pk, cost in costs}
    return {pk: share for pk, share in shares.items() if share is not None}


def return_percents(ids, user) -> dict[int, Decimal]:
    """The same in whole per cents, for lists."""
    return {pk: rounded(share * HUNDRED) for pk, share in returns(ids, user).items()}


# -- page columns -----------------------------------------------------------------------------------------------------
def member_counts(ids, user) -> dict[int, int]:
    """{campaign id: number of its members}."""
    rows = CampaignMember.objects.visible_to(user).filter(campaign__in=ids).order_by()
    return dict.fromkeys(ids, 0) | dict(rows.values_list("campaign").annotate(n=Count("pk")))


def of_opportunities(ids, user, *names) -> list:
    """(deal id, opportunity) of the deals whose opportunity the reader sees."""
    return [(deal.pk, deal.opportunity) for deal in seen_deals(user).filter(pk__in=ids).select_related(*names)]


def stages(ids, user) -> dict[int, str]:
    """{deal id: stage of its opportunity}."""
    return {pk: str(opportunity.stage) for pk, opportunity in of_opportunities(ids, user, "opportunity__stage")}


def amounts(ids, user) -> dict[int, Decimal]:
    """{deal id: amount of its opportunity}; an unknown amount is no 0."""
    rows = seen_deals(user).filter(pk__in=ids, opportunity__amount__isnull=False)
    return dict(rows.values_list("pk", "opportunity__amount"))


# -- figures of one record page: one row of JSON each, so that all join one query --------------------------------------
def answers(campaign, user):
    """{"members", "responded"} of the campaign."""
    if not user.rights.may(CampaignMember):
        return None
    rows = CampaignMember.objects.visible_to(user).filter(campaign=campaign).order_by()
    rows = rows.annotate(all=Value(1)).values("all")
    rows = rows.annotate(rows=Count("pk"), replies=Count("pk", filter=Q(status__in=RESPONDED)))
    return rows.values_list(JSONObject(members="rows", responded="replies"))


def won(campaign, user):
    """{"amount", "deals"} of the won deals that the reader sees; the amount is text or null."""
    if not (user.rights.may(CampaignDeal) and user.rights.may(Opportunity)):
        return None
    rows = seen_deals(user).filter(campaign=campaign, **WON).order_by()
    rows = rows.annotate(all=Value(1)).values("all").annotate(sum=Sum("opportunity__amount"), rows=Count("pk"))
    return rows.values_list(JSONObject(amount=Cast("sum", TextField()), deals="rows"))
