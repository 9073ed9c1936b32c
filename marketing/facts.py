"""The figures in the head of a campaign as words."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import DASH, date_text, number, percent, percent_of, short_money
from marketing.numbers import return_of


def days(campaign) -> str:
    if not campaign.starts_on and not campaign.ends_on:
        return DASH
    return f"{date_text(campaign.starts_on)} – {date_text(campaign.ends_on)}"


def cost(campaign) -> str:
    """What was spent, of the budget where there is one."""
    spent = short_money(campaign.cost, campaign.currency)
    if campaign.budget is None:
        return spent
    return _("%(cost)s of %(budget)s") % {"cost": spent, "budget": short_money(campaign.budget, campaign.currency)}


def members(figure, campaign) -> str:
    """How many there are, of the target where there is one."""
    count = number(figure["members"] if figure else 0)
    if campaign.target_members is None:
        return count
    return _("%(members)s of %(target)s") % {"members": count, "target": number(campaign.target_members)}


def responded(figure, campaign) -> str:
    if not figure or not figure["members"]:
        return DASH
    return f"{number(figure['responded'])} · {percent(figure['responded'], figure['members'])}"


def won(figure, campaign) -> str:
    if not figure or not figure["deals"]:
        return DASH
    deals = ngettext("%(n)s deal", "%(n)s deals", figure["deals"]) % {"n": number(figure["deals"])}
    return f"{short_money(won_amount(figure), campaign.currency)} · {deals}"


def roi(figure, campaign) -> str:
    return percent_of(return_of(won_amount(figure), campaign.cost), digits=0)


def won_amount(figure) -> Decimal | None:
    return None if not figure or figure["amount"] is None else Decimal(figure["amount"])
