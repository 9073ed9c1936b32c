"""Who may see and change which rows: one rule, read by lists, pages, jobs and has_perm alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What a role may permit. Custom verbs (resolve, win, …) are forms of CHANGE."""

    VIEW = "view", _("View")
    ADD = "add", _("Add")
    CHANGE = "change", _("Change")
    DELETE = "delete", _("Delete")
    EXPORT = "export", _("Export")
    ASSIGN = "assign", _("Assign")
    REVEAL = "reveal", _("See protected values")


class Reach(models.IntegerChoices):
    """How far one action of a role reaches. A wider reach contains the narrower ones."""

    NONE = 0, _("none")
    OWN = 1, _("own records")
    TEAM = 2, _("records of my teams")
    BELOW = 3, _("records of my teams and the teams below")
    ALL = 4, _("all records")


SHARED_ACTIONS = (Action.VIEW, Action.CHANGE)
SECRETS = ("reveal",)  # actions that open protected values


@dataclass(frozen=True)
class Root:
    """A record with owner, team and shares of its own. Its shares are guardian rows in two direct tables."""

    user_shares: str = "user_shares"
    group_shares: str = "group_shares"


@dataclass(frozen=True)
class Part:
    """A row that belongs to a whole: seen with the whole, changed by its author or who may change the whole.

    wholes: lookup paths to the whole records; with several, one of them is enough.
    author: the field that names who wrote the part.
    """

    wholes: tuple[str, ...]
    author: str | None = "created_by"

    def __init__(self, *wholes: str, author: str | None = "created_by"):
        object.__setattr__(self, "wholes", wholes)
        object.__setattr__(self, "author", author)


@dataclass(frozen=True)
class Catalogue:
    """Master data: whoever's role has the action on the model has it on every row."""


@dataclass(frozen=True)
class Personal:
    """Rows of one user, for that user alone."""

    user: str = "user"


@dataclass(frozen=True)
class System:
    """Rows the product keeps for itself; people reach them only through a role with the action on the model (logs)."""


@dataclass(frozen=True)
class Ways:
    """The ways by which rows of a root reach a user. Each can be answered by an index of its own.

    everything: no further condition; rows: one Q for each way, the owner's first; team_ids: the teams whose rows are
    reached.
    """

    everything: bool = False
    rows: tuple[Q, ...] = ()
    team_ids: tuple[int, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.rows or self.team_ids)

    def as_q(self) -> Q:
        """All ways in one condition; matches no row when there is no way."""
        if self.everything:
            return Q()
        condition = Q(team__in=self.team_ids) if self.team_ids else Q(pk__in=[])
        for way in self.rows:
            condition |= way
        return condition


@dataclass(frozen=True)
class MyTeams:
    """Ids of the teams a user belongs to or manages, of those below them, and the groups that carry team shares."""

    mine: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = field(default=())


class Rights:
    """What one user's roles permit. Loaded with two queries when first asked, kept on the user object (one request)."""

    def __init__(self, user):
        self.user = user
        self.found_ways: dict[tuple, Ways] = {}

    @cached_property
    def rules(self) -> list[tuple]:
        """(key of the role, model, action, reach) of every rule of the user's roles."""
        rules = apps.get_model("crm", "RoleRule").objects.filter(role__user=self.user)
        return list(rules.values_list("role_id", "model", "action", "reach"))

    def roles(self, model, *actions: str) -> set[int]:
        """Keys of the user's roles that permit one of the actions on some rows of the model."""
        label = model._meta.label_lower
        return {role for role, name, action, reach in self.rules if name == label and reach and action in actions}

    @cached_property
    def reaches(self) -> dict[tuple[str, str], int]:
        """{("customers.customer", "view"): widest reach} over all roles of the user."""
        reaches: dict[tuple[str, str], int] = {}
        for _role, model, action, reach in self.rules:
            reaches[model, action] = max(reach, reaches.get((model, action), 0))
        return reaches

    @cached_property
    def teams(self) -> MyTeams:
        return teams_of(self.user, all_teams())

    def reach(self, model, action: str) -> int:
        """The widest reach of the user's roles for the action on the model; an unknown action raises ValueError."""
        action = Action(action)
        if not self.user.is_active:
            return Reach.NONE
        asked = (model._meta.label_lower, action.value)
        reach = Reach.ALL if self.user.is_superuser else self.reaches.get(asked, Reach.NONE)
        viewer = getattr(self.user, "viewed_by", None)  # who looks as this person reads what both may read
        return min(reach, viewer.rights.reach(model, action)) if viewer and action in SECRETS else reach

    def may(self, model, action: str = Action.VIEW) -> bool:
        """Whether some role of the user permits the action on some rows of the model."""
        return self.reach(model, action) > Reach.NONE

    def ways(self, model, action: str = Action.VIEW) -> Ways:
        """How rows of a root reach the user for the action. A share needs the role's permission for the action, too."""
        asked = (model, Action(action))
        if asked not in self.found_ways:
            self.found_ways[asked] = self.find_ways(model, action)
        return self.found_ways[asked]

    def find_ways(self, model, action: str) -> Ways:
        reach = self.reach(model, action)
        if reach == Reach.NONE:
            return Ways()
        if reach == Reach.ALL:
            return Ways(everything=True)
        rows = (Q(owner=self.user), *(self.shared(model, action) if action in SHARED_ACTIONS else ()))
        team_ids = (
            {Reach.TEAM: self.teams.mine, Reach.BELOW: self.teams.below}.get(reach, ()) if reach > Reach.OWN else ()
        )
        return Ways(rows=rows, team_ids=team_ids)

    def shared(self, model, action: str) -> tuple[Q, ...]:
        """One Q for the rows shared with the user and, for people in teams, one for those shared with their teams."""
        current = current_shares(model, action)
        to_me = Q(pk__in=shares_of(model, "user").filter(current, user=self.user).values("content_object"))
        if not self.teams.group_ids:
            return (to_me,)
        to_us = shares_of(model, "group").filter(current, group__in=self.teams.group_ids)
        return (to_me, Q(pk__in=to_us.values("content_object")))


def all_teams() -> list[tuple]:
    """(key, path, manager's key, group's key) of every team: there are few."""
    return list(apps.get_model("crm", "Team").objects.values_list("pk", "path", "manager_id", "group_id"))


def teams_of(user, rows: list[tuple]) -> MyTeams:
    """The user's teams among the rows of all_teams: the home team, the managed ones, and what lies below them."""
    mine = [row for row in rows if row[0] == user.team_id or row[2] == user.pk]
    paths = tuple(row[1] for row in mine)
    below = [row for row in rows if row[1].startswith(paths)] if paths else []
    return MyTeams(tuple(row[0] for row in mine), tuple(row[0] for row in below), tuple(row[3] for row in mine))


def permission_codename(model, action: str) -> str:
    return f"{Action(action).value}_{model._meta.model_name}"


def permission_name(model, action: str) -> str:
    """Django's name of the permission: "customers.view_customer"."""
    return f"{model._meta.app_label}.{permission_codename(model, action)}"


def shares_of(model, to: str):
    """The rows of guardian's direct share table of a root: to is "user" or "group"."""
    relation = getattr(model.access, f"{to}_shares")
    return model._meta.get_field(relation).related_model._base_manager


def current_shares(model, action: str) -> Q:
    """Shares for the action that have not ended, by the clock of the database. A root's tables hold only its own
    permissions, so the codename alone says which."""
    return (Q(until__isnull=True) | Q(until__gt=Now())) & Q(permission__codename=permission_codename(model, action))


def share(record, to, *, actor, change: bool = False, until=None, reason: str = ""):
    """Share a root record with a User or a Team: view, or view and change; widens reach, never the role's permission.

    until: aware datetime after which the share is void, or None. An earlier share with the same person or team is
    replaced.
    """
    model = type(record)
    kind, target = ("group", to.group) if hasattr(to, "group_id") else ("user", to)
    unshare(record, to)
    actions = SHARED_ACTIONS if change else (Action.VIEW,)
    codenames = [permission_codename(model, action) for action in actions]
    permissions = Permission.objects.filter(codename__in=codenames, content_type__app_label=model._meta.app_label)
    table = shares_of(model, kind)
    return [
        table.create(
            content_object=record, permission=permission, until=until, reason=reason, created_by=actor, **{kind: target}
        )
        for permission in permissions
    ]


def share_many(model, pairs, *, actor, reason: str = "") -> int:
    """Share roots with teams to view: pairs of (key of the record, team). Shares that are there stay.

    Gives the number of new ones.
    """
    permission = Permission.objects.get(
        codename=permission_codename(model, Action.VIEW), content_type__app_label=model._meta.app_label
    )
    table = shares_of(model, "group")
    wanted = {(key, team.group_id) for key, team in pairs}
    there = table.filter(permission=permission, content_object__in={key for key, _group in wanted})
    missing = sorted(wanted - set(there.values_list("content_object_id", "group_id")))
    return len(
        table.bulk_create(
            table.model(content_object_id=key, group_id=group, permission=permission, created_by=actor, reason=reason)
            for key, group in missing
        )
    )


def unshare(record, to) -> int:
    """End the shares of the record with a User or a Team; gives the number of share rows removed."""
    kind, target = ("group", to.group) if hasattr(to, "group_id") else ("user", to)
    return shares_of(type(record), kind).filter(content_object=record, **{kind: target}).delete()[0]


class RecordQuerySet(models.QuerySet):
    """The rows of a model; visible_to is the only way to the rows that may leave the database for a person."""

    def visible_to(self, user, action: str = Action.VIEW):
        """The rows on which the user may do the action. An unknown action raises ValueError."""
        action = Action(action)
        if not user.is_authenticated or not user.is_active:
            return self.none()
        kind = self.model.access
        if isinstance(kind, Personal):
            return self.filter(**{kind.user: user})
        if isinstance(kind, Root):
            ways = user.rights.ways(self.model, action)
            return self.none() if ways.nothing else self.filter(ways.as_q())
        if not user.rights.may(self.model, action):
            return self.none()
        return self.filter(part_condition(self.model, user, action)) if isinstance(kind, Part) else self

    def visible_in_bin(self, user, action: str = Action.VIEW):
        """The same for rows of `everything` that lie in the recycle bin: the wholes of parts may lie there, too."""
        if not isinstance(self.model.access, Part) or not user.rights.may(self.model, action):
            return self.visible_to(user, action)
        return self.filter(part_condition(self.model, user, Action(action), True))


def part_condition(model, user, action: str, binned: bool = False) -> Q:
    """Which parts: those of visible wholes; to change or delete one must be its author or may change its whole."""
    kind = model.access
    seen = any_whole(model, user, Action.VIEW, binned)
    if action in (Action.VIEW, Action.ADD, Action.EXPORT):
        return seen
    if action == Action.REVEAL:
        return seen & any_whole(model, user, Action.REVEAL)
    mine = Q(**{kind.author: user}) if kind.author else Q(pk__in=[])
    return seen & (mine | any_whole(model, user, Action.CHANGE, binned))


def any_whole(model, user, action: str, binned: bool = False) -> Q:
    """Parts with a whole on which the user may do the action; binned: wholes and links in the recycle bin count."""
    condition = Q(pk__in=[])
    for path in model.access.wholes:
        whole = whole_model(model, path)
        if binned:
            seen = whole.everything.visible_in_bin(user, action)
            condition |= Q(pk__in=model._base_manager.filter(**{f"{path}__in": seen.values("pk")}).values("pk"))
            continue
        if "__" not in path and isinstance(whole.access, Root) and user.rights.ways(whole, action).everything:
            # By a join: every whole that is not in the bin. An IN over all of them would be read whole.
            condition |= Q(**{f"{path}__isnull": False, f"{path}__deleted_at__isnull": True})
            continue
        wholes = whole.objects.visible_to(user, action)
        if "__" in path:  # many wholes a part: no join, so that a part never comes twice
            linked = {f"{path}__in": wholes.values("pk")} | link_in_use(model, path)
            condition |= Q(pk__in=model._base_manager.filter(**linked).values("pk"))
        else:
            condition |= Q(**{f"{path}__in": wholes.values("pk")})
    return condition


def link_in_use(model, path: str) -> dict:
    """For the same filter() as the path: the link on a way such as "roles__customer" must not be in the recycle bin."""
    first = path.split("__")[0]
    link = model._meta.get_field(first).related_model
    has_bin = any(field.name == "deleted_at" for field in link._meta.concrete_fields)
    return {f"{first}__deleted_at__isnull": True} if "__" in path and has_bin else {}


def whole_model(model, path: str):
    """The model at the end of a lookup path such as "customer" or "roles__customer"."""
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return model
