"""Who can see a record, and why: each person's ways to it, as the rule of access itself gives them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from crm.access import Action, Reach, Rights, all_teams, current_shares, shares_of, teams_of
from crm.models import RoleRule, User


@dataclass(frozen=True)
class Reason:
    """One way by which a record reaches a person.

    until: when it ends by itself; by: owner, team, above, share or role; grant: the key of the share, to end it.
    """

    icon: str
    text: str
    until: datetime.datetime | None = None
    by: str = "role"
    grant: str = ""


@dataclass
class Viewer:
    """A person who can see the record, all reasons, and whether that person may change it, too."""

    user: User
    reasons: list[Reason] = field(default_factory=list)
    may_change: bool = False

    @property
    def ways(self) -> set[str]:
        return {reason.by for reason in self.reasons}


class Explanation:
    """The people who can see one root record. A fixed number of queries, however many people there are."""

    def __init__(self, record):
        self.record, self.model = record, type(record)
        self.label = self.model._meta.label_lower
        self.teams = all_teams()
        self.rules = self.rules_by_person()
        self.shares = {action: self.shares_for(action) for action in (Action.VIEW, Action.CHANGE)}

    def viewers(self, people) -> list[Viewer]:
        """Those of the people (a queryset of User) who can see the record."""
        found = []
        for person in people.select_related("team"):
            rights = self.rights(person)
            reasons = self.reasons(person, rights, Action.VIEW)
            if reasons:
                found.append(Viewer(person, reasons, bool(self.reasons(person, rights, Action.CHANGE))))
        return found

    # -- what is read once --------------------------------------------------------------------------------------------
    def rules_by_person(self) -> dict[int, list[tuple[str, int, str]]]:
        """{key of a person: [(action, reach, role)]} for this model."""
        rules = RoleRule.objects.filter(model=self.label, action__in=(Action.VIEW, Action.CHANGE))
        found: dict[int, list] = {}
        for person, action, reach, role in rules.values_list("role__user", "action", "reach", "role__name"):
            if person is not None:
                found.setdefault(person, []).append((action, reach, role))
        return found

    def shares_for(self, action) -> dict[str, dict[int, object]]:
        """{"user": {key: share}, "group": {key: share}} of the shares that have not ended."""
        found = {}
        for kind in ("user", "group"):
            rows = shares_of(self.model, kind).filter(current_shares(self.model, action), content_object=self.record)
            related = ("created_by",) if kind == "user" else ("created_by", "group__team")
            found[kind] = {getattr(row, f"{kind}_id"): row for row in rows.select_related(*related)}
        return found

    def rights(self, person) -> Rights:
        """The person's rights on this model, out of what was read for everybody."""
        rights = Rights(person)
        rights.reaches = {}
        for action, reach, _role in self.rules.get(person.pk, ()):
            rights.reaches[self.label, action] = max(reach, rights.reaches.get((self.label, action), 0))
        rights.teams = teams_of(person, self.teams)
        return rights

    # -- reasons ------------------------------------------------------------------------------------------------------
    def reasons(self, person, rights: Rights, action) -> list[Reason]:
        ways = rights.ways(self.model, action)
        if ways.nothing:
            return []
        found = []
        if self.record.owner_id == person.pk:
            found.append(Reason("user", _("Owner"), by="owner"))
        if ways.everything:
            found.append(self.everything(person, action))
        elif self.record.team_id in ways.team_ids:
            found.append(self.through_team(person, rights, action))
        return found + self.through_shares(person, rights, action)

    def role(self, person, action) -> str:
        """The person's role that reaches furthest."""
        reaching = [(reach, role) for one, reach, role in self.rules.get(person.pk, ()) if one == action]
        return _(max(reaching)[1])

    def everything(self, person, action) -> Reason:
        if person.is_superuser:
            return Reason("shield-check", _("Runs this installation: sees everything"))
        return Reason(
            "shield-check", _("The role “%(role)s” reaches all records") % {"role": self.role(person, action)}
        )

    def through_team(self, person, rights, action) -> Reason:
        parts = {"team": self.record.team, "role": self.role(person, action)}
        by = "team" if self.record.team_id in rights.teams.mine else "above"
        if self.record.team_id == person.team_id:
            text = _("Member of the team “%(team)s”, which the role “%(role)s” reaches")
        elif self.record.team_id in rights.teams.mine:
            text = _("Manages the team “%(team)s”, which the role “%(role)s” reaches")
        else:
            text = _("Stands above the team “%(team)s”, which the role “%(role)s” reaches from there")
        icon = "users-group" if rights.reach(self.model, action) == Reach.TEAM else "users"
        return Reason(icon, text % parts, by=by)

    def through_shares(self, person, rights, action) -> list[Reason]:
        own = self.shares[action]["user"].get(person.pk)
        rows = [own] if own else []
        rows += [row for key, row in self.shares[action]["group"].items() if key in rights.teams.group_ids]
        return [self.shared(row) for row in rows]

    def shared(self, row) -> Reason:
        parts = {"who": row.created_by.name if row.created_by else _("Banyan"), "why": row.reason}
        if hasattr(row, "group"):
            grant, parts["team"] = f"team-{row.group.team.pk}", row.group.team
            text = _("Shared with the team “%(team)s” by %(who)s") % parts
        else:
            grant, text = f"user-{row.user_id}", _("Shared by %(who)s") % parts
        text = f"{text}: {row.reason}" if row.reason else text
        return Reason("share", text, row.until, by="share", grant=grant)
