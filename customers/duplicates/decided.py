"""What becomes of a suspicion: dismissed, merged, taken apart again; and of the other ones about a merged record."""

from django.db.models import Q
from django.utils import timezone

from customers.models import DuplicatePair

State = DuplicatePair.State


def decide(pairs, state: str, actor) -> int:
    """Note the decision on the pairs of a queryset; gives how many were open until now."""
    return pairs.open().update(state=state, decided_by=actor, decided_at=timezone.now())


def pair_of(kind: int, one: int, other: int):
    first, second = sorted((one, other))
    return DuplicatePair.objects.filter(kind=kind, first=first, second=second)


def note_merge(entry):
    """Listener of merges; whoever merges out of the queue has it done at once."""
    settle(entry.subject_type, entry.subject_id, entry.facts["loser_id"], entry.actor, entry.at)


def settle(kind, survivor: int, loser: int, actor, at=None):
    """The pair is merged; what the loser was alike to, or was said not to be, holds for the survivor from now on. May
    run twice."""
    pair_of(kind, survivor, loser).update(state=State.MERGED, decided_by=actor, decided_at=at or timezone.now())
    rows = DuplicatePair.objects.filter(Q(first=loser) | Q(second=loser), kind=kind).exclude(state=State.MERGED)
    pairs = []
    for row in rows:
        other = row.second if row.first == loser else row.first
        first, second = sorted((survivor, other))
        decision = {"state": row.state, "decided_by_id": row.decided_by_id, "decided_at": row.decided_at}
        pairs.append(
            DuplicatePair(kind=kind, first=first, second=second, score=row.score, reasons=row.reasons, **decision)
        )
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)


def note_unmerge(entry):
    """Whoever takes two records apart says that they are not the same."""
    pair = pair_of(entry.subject_type, entry.subject_id, entry.facts["loser_id"])
    pair.update(state=State.DISMISSED, decided_by=entry.actor, decided_at=entry.at)
