"""What becomes of a suspicion: dismissed, merged, taken apart again."""

from django.utils import timezone

from customers.models import DuplicatePair

State = DuplicatePair.State


def decide(pairs, state: str, actor) -> int:
    """Note the decision on the pairs of a queryset; gives how many were open until now."""
    return pairs.open().update(state=state, decided_by=actor, decided_at=timezone.now())


def pair_of(entry):
    """The pair that a merge in the timeline is about."""
    both = sorted((entry.subject_id, entry.facts["loser_id"]))
    return DuplicatePair.objects.filter(kind=entry.subject_type_id, first=both[0], second=both[1])


def note_merge(entry):
    pair_of(entry).update(state=State.MERGED, decided_by=entry.actor, decided_at=entry.at)


def note_unmerge(entry):
    """Whoever takes two records apart says that they are not the same."""
    pair_of(entry).update(state=State.DISMISSED, decided_by=entry.actor, decided_at=entry.at)
