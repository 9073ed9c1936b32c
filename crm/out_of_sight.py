"""What somebody would be handed and yet not see: said before a hand-over begins, since nobody could do it then."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from crm import duties
from crm.handing_over import SHOWN, chosen, kinds_for
from crm.models import User


@dataclass
class OutOfSight:
    """blind: (person, entity) of kinds of records that the person's roles do not show; number: how many duties stay on
    records that their receiver does not see; rows: the first of them as (entity, duty, its record, receiver).

    plan: the plan as text; a form that carries it back has been told.
    """

    plan: str
    blind: list[tuple] = field(default_factory=list)
    number: int = 0
    rows: list[tuple] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.blind or self.number)


def out_of_sight(form) -> OutOfSight:
    """Asked of a valid HandOverForm. Duties on records that are handed over go with these, and are seen with them."""
    found = OutOfSight(plan=json.dumps(form.plan, sort_keys=True))
    kinds = {entity.slug: entity for entity in kinds_for(form.user)}
    beside = {one.entity.slug: one for one in duties.duties_for(form.user)}
    people = User.objects.in_bulk({key for part in form.plan for key in part["to"]})
    known = kinds | {slug: one.entity for slug, one in beside.items()}
    pairs = dict.fromkeys((key, part["entity"]) for part in form.plan for key in part["to"])
    found.blind = [(people[key], known[slug]) for key, slug in pairs if not known[slug].may(people[key])]
    for part in form.plan:
        if part["entity"] in beside:
            one = beside[part["entity"]]
            look(one, staying(one, part, form, kinds), [people[key] for key in sorted(part["to"])], found)
    return found


def staying(one, part, form, kinds):
    """The duties of a part of the plan whose records are not handed over."""
    rows = one.rows_of(form.preview.leaver, form.user)
    rows = rows if part["team"] == "*" else rows.filter(**{f"{one.whole}__team": part["team"]})
    for other in form.plan:
        if other["entity"] in kinds and kinds[other["entity"]].model is one.root:
            going = chosen(other, kinds, form.preview, form.user)
            rows = rows.exclude(**{f"{one.whole}__in": going.order_by().values("pk")})
    return rows


def look(one, rows, receivers: list, found: OutOfSight):
    """Note those of the duties whose record their receiver does not see; they are given in turn, as share_out does."""
    places = list(rows.order_by("pk").values_list("pk", one.whole))
    unseen: dict[int, User] = {}
    for place, receiver in enumerate(receivers):
        mine = dict(places[place :: len(receivers)])
        seen = one.root.objects.visible_to(receiver).filter(pk__in=set(mine.values()))
        there = set(seen.values_list("pk", flat=True)) if one.entity.may(receiver) else set()
        unseen |= {key: receiver for key, whole in mine.items() if whole not in there}
    found.number += len(unseen)
    first = rows.filter(pk__in=sorted(unseen)[: SHOWN - len(found.rows)]).select_related(one.whole).order_by("pk")
    found.rows += [(one.entity, row, getattr(row, one.whole), unseen[row.pk]) for row in first]
