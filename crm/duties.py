"""What a colleague has still to do on records of the team, such as planned contacts: handed over beside the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm import ownership
from crm.access import Action
from crm.entities import entity_for
from crm.models import OwnershipChange

DUTIES: list[Duties] = []


@dataclass(frozen=True)
class Duties:
    """Rows of a part with an `owner` who does them. whole: foreign key to the root; open: rows -> those not done."""

    model: type
    whole: str
    open: Callable

    @property
    def entity(self):
        return entity_for(self.model)

    @property
    def root(self) -> type:
        return self.model._meta.get_field(self.whole).related_model

    def rows_of(self, leaver, actor):
        """What the colleague has to do, as far as the actor may change it."""
        return self.open(self.model.objects.visible_to(actor, Action.CHANGE)).filter(owner=leaver)


def add_duties(duties: Duties):
    """Called in an app's reactions.py, at start only."""
    DUTIES.append(duties)


def duties_for(user) -> list[Duties]:
    """The kinds of which the person may change rows."""
    return [one for one in DUTIES if user.rights.may(one.model, Action.CHANGE)]


def on_records(rows, leaver, actor) -> list[tuple[Duties, dict[int, int]]]:
    """[(kind, {key of the duty: key of its record})] on the records of a queryset of roots, before these are given."""
    found = []
    for one in duties_for(actor):
        if one.root is rows.model:
            mine = one.rows_of(leaver, actor).filter(**{f"{one.whole}__in": rows.order_by().values("pk")})
            found.append((one, dict(mine.order_by("pk").values_list("pk", one.whole))))
    return found


def follow(one: Duties, places: dict[int, int], **act) -> int:
    """Give duties to whoever got their record in the act; places: {key of the duty: key of its record}."""
    given = OwnershipChange.objects.filter(
        act=act["act"], subject_type=ownership.kind_of(one.root), subject_id__in=set(places.values())
    )
    owners = dict(given.values_list("subject_id", "to_owner"))
    return ownership.give_each(
        one.model, {key: owners[record] for key, record in places.items() if owners.get(record)}, **act
    )


def share_out(rows, people, **act) -> int:
    """Give duties to one person, or in turn to several."""
    keys = rows.order_by("pk").values_list("pk", flat=True)
    return ownership.give_each(
        rows.model, {key: people[place % len(people)].pk for place, key in enumerate(keys)}, **act
    )


def take_back(one: Duties, act, *, actor, reason: str, undo) -> int:
    """Give duties back that were not done, given on or deleted since and that the actor may change; gives how many."""
    given = OwnershipChange.objects.filter(act=act, subject_type=ownership.kind_of(one.model))
    before = {key: (former, then) for key, former, then in given.values_list("subject_id", "from_owner", "to_owner")}
    rows = one.open(one.model.objects.visible_to(actor, Action.CHANGE)).filter(pk__in=before)
    pairs = {key: before[key][0] for key, now in rows.values_list("pk", "owner") if now == before[key][1]}
    return ownership.give_each(one.model, pairs, actor=actor, reason=reason, act=undo, undoes=act)
