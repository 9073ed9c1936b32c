"""Moves of opportunities as lines of timelines: of the opportunity itself and of its customer."""

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.entities import entity_for
from crm.events import Parts
from crm.figures import short_money
from crm.timeline import Item
from sales.board import TONES
from sales.models import Opportunity, StageChange, StageType

ICONS = {StageType.OPEN: "arrow-right", StageType.WON: "trophy", StageType.LOST: "ban", StageType.VOID: "ban"}
BOLD = '<b class="b">{}</b>'
RELATED = ("actor", "from_stage", "to_stage", "opportunity")


def moves_of(opportunity, user):
    return StageChange.objects.visible_to(user).filter(opportunity=opportunity)


def moves_for(customer, user):
    return StageChange.objects.visible_to(user).filter(opportunity__customer=customer)


def opportunities_of(customer, user):
    """The visible opportunities of a customer."""
    return Opportunity.objects.visible_to(user).filter(customer=customer)


def pattern(change: StageChange):
    """The sentence of a move: begun, moved, or moved back."""
    if change.undoes_id:
        return _("%(actor)s took back a move: %(record)s is at %(to)s again")
    if change.from_stage_id is None:
        return _("%(actor)s added the opportunity %(record)s at %(to)s")
    return _("%(actor)s moved %(record)s from %(from)s to %(to)s")


def linked_item(change: StageChange) -> Item:
    """A move in the timeline of the customer, with a link to the opportunity."""
    return item(change, entity_for(Opportunity).url_for(change.opportunity_id))


def item(change: StageChange, url: str = "") -> Item:
    """A move as one line, its amount below."""
    opportunity, to = change.opportunity, change.to_stage
    parts = Parts(
        {
            "actor": format_html(BOLD, change.actor.name if change.actor else _("Banyan")),
            "record": conditional_escape(opportunity.name),
            "from": conditional_escape(change.from_stage or ""),
            "to": format_html(BOLD, to),
        }
    )
    sentence = SafeString(str(pattern(change)) % parts)  # the patterns are ours and all parts are escaped above
    body = "" if change.amount is None else short_money(change.amount, opportunity.currency)
    return Item(change.at, ICONS[StageType(to.type)], TONES[StageType(to.type)], sentence, body, url)
