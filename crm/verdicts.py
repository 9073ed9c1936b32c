"""May this person do this to this record? The answer in one sentence, and every step that leads to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from crm.access import Action, Reach
from crm.explaining import Explanation
from crm.models import User


@dataclass(frozen=True)
class Step:
    """One question that the rule of access asks: whether it holds, what it says, where that comes from."""

    holds: bool
    text: str
    source: str = ""


@dataclass
class Verdict:
    """The answer about one person and one action. also: what holds instead, for people who may only view."""

    person: User
    holds: bool
    text: str
    also: str = ""
    steps: list[Step] = field(default_factory=list)


def verdict(explanation: Explanation, person: User, action: str) -> Verdict:
    """Whether the person may view or change the record, by the rule of access itself."""
    rights = explanation.rights(person)
    reasons = explanation.reasons(person, rights, action)
    names = {"name": person.name}
    changing = action == Action.CHANGE
    if reasons:
        text = _("%(name)s can change this record.") if changing else _("%(name)s can view this record.")
        also = _(", ").join(reason.text for reason in reasons)
    else:
        text = _("%(name)s cannot change this record.") if changing else _("%(name)s cannot view this record.")
        seen = explanation.reasons(person, rights, Action.VIEW) if changing else []
        also = _("To view it is possible: %(why)s") % {"why": seen[0].text} if seen else ""
    return Verdict(person, bool(reasons), text % names, also, steps(explanation, person, rights, action))


def steps(explanation: Explanation, person: User, rights, action: str) -> list[Step]:
    if not person.is_active:
        return [Step(False, _("Switched off"), _("The person signs in no more."))]
    right = right_of_role(explanation, person, rights, action)
    if not right.holds:
        return [right]
    return [right, in_reach(explanation, person, rights, action), *shares(explanation, person, rights, action)]


def right_of_role(explanation, person, rights, action) -> Step:
    """Whether any role permits the action on this kind of record at all."""
    what = {"what": explanation.model._meta.verbose_name_plural}
    changing = action == Action.CHANGE
    if person.is_superuser:
        return Step(True, _("Runs this installation: sees everything"))
    if not rights.may(explanation.model, action):
        text = _("No role permits to change %(what)s") if changing else _("No role permits to view %(what)s")
        return Step(False, text % what, _("A share cannot replace the role."))
    what["role"] = explanation.role(person, action)
    text = (
        _("The role “%(role)s” permits to change %(what)s")
        if changing
        else _("The role “%(role)s” permits to view %(what)s")
    )
    return Step(True, text % what, reach_text(rights.reach(explanation.model, action)))


def reach_text(reach: int) -> str:
    return _("It reaches: %(reach)s") % {"reach": Reach(reach).label}


def in_reach(explanation, person, rights, action) -> Step:
    """Whether owner, team or a role that reaches all brings the record to the person."""
    ways = rights.ways(explanation.model, action)
    record = explanation.record
    for reason in explanation.reasons(person, rights, action):
        if reason.by != "share":
            return Step(True, _("Within the role’s reach"), reason.text)
    nobody = _("nobody")
    source = _("The owner is %(owner)s, the team is %(team)s.") % {
        "owner": record.owner or nobody,
        "team": record.team or nobody,
    }
    return Step(bool(ways.everything), _("Not within the role’s reach"), source)


def shares(explanation, person, rights, action) -> list[Step]:
    """What the shares with the person and with the person's teams say."""
    found = explanation.through_shares(person, rights, action)
    weaker = explanation.through_shares(person, rights, Action.VIEW) if action == Action.CHANGE else []
    answers = []
    person_words = (_("Shared with the person"), _("Shared with the person for viewing only"))
    team_words = (_("Shared with a team of the person"), _("Shared with a team of the person for viewing only"))
    for kind, (holds, only), none in (
        ("user", person_words, _("Not shared with the person")),
        ("team", team_words, _("Not shared with a team of the person")),
    ):
        full = [reason for reason in found if reason.grant.startswith(kind)]
        less = [reason for reason in weaker if reason.grant.startswith(kind)]
        if full:
            answers.append(Step(True, holds, full[0].text))
        elif less:
            answers.append(Step(False, only, less[0].text))
        else:
            answers.append(Step(False, none))
    return answers
