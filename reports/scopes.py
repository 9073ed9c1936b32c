"""The scope of rights behind a report: who has the same scope gets the same file, and a changed scope stops a mail."""

import hashlib
import json
from dataclasses import dataclass

from crm.access import SHARED_ACTIONS, Action, Reach, current_shares, shares_of
from sales.models import Opportunity


@dataclass(frozen=True)
class Scope:
    """key: equal for exactly the same reach over rows. sees_all: every row, so that several people share one file."""

    key: str
    sees_all: bool
    may_take_out: bool


def scope_of(user, model=Opportunity):
    """The scope of a person as it is now; computed anew before each mail leaves."""
    reaches = {action: part_of(user, model, action) for action in (Action.VIEW, Action.EXPORT)}
    text = json.dumps([user.is_active, reaches], sort_keys=True)
    everything = reaches[Action.VIEW] == "all"
    return Scope(
        hashlib.sha256(text.encode()).hexdigest(),
        everything and reaches[Action.EXPORT] in ("all", "none"),
        reaches[Action.EXPORT] != "none",
    )


def part_of(user, model, action):
    """What decides which rows the person reaches by one action, as plain values."""
    reach = user.rights.reach(model, action)
    if reach == Reach.NONE:
        return "none"
    if reach == Reach.ALL:
        return "all"
    teams = {Reach.TEAM: user.rights.teams.mine, Reach.BELOW: user.rights.teams.below}.get(reach, ())
    shares = shared_ids(user, model, action) if action in SHARED_ACTIONS else []
    return {"user": user.pk, "teams": sorted(teams), "shares": shares}


def shared_ids(user, model, action):
    """The records shared with the person or the person's teams for the action."""
    current = current_shares(model, action)
    mine = shares_of(model, "user").filter(current, user=user)
    ours = shares_of(model, "group").filter(current, group__in=user.rights.teams.group_ids)
    return sorted({*mine.values_list("content_object", flat=True), *ours.values_list("content_object", flat=True)})
