"""Merges at the same moment, each on a connection of its own: they wait, and nothing is lost or doubled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from crm import merging
from crm.models import RecordMerge, TimelineEntry
from customers.models import Customer, Interaction
from customers.tests.factories import make_customer, make_interaction
from tests.cast import again, make_cast


@pytest.fixture
def cast(copy, transactional_db):
    return make_cast()


def at_once(*works) -> list:
    """What each gives, or the Refused that it raises; all begin at the same moment."""
    gate = Barrier(len(works), timeout=30)

    def run(work):
        gate.wait()
        try:
            return work()
        except merging.Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def merger(actor, survivor, loser):
    versions = {survivor.pk: survivor.version, loser.pk: loser.version}
    return lambda: merging.merge(survivor, loser, versions=versions, actor=again(actor))


def holder(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer)
    customer.refresh_from_db()
    return customer


def test_crossing_merges_and_two_of_the_same_loser_end_in_one_merge_each(cast):
    """A into B beside B into A; then C into A beside C into B; then A into B beside B into C, of which both may be."""
    for _round in range(3):
        first, second, third, fourth = (holder(cast) for _number in range(4))
        crossing = at_once(merger(cast.alice, first, second), merger(cast.bob, second, first))
        same = at_once(merger(cast.alice, third, fourth), merger(cast.bob, holder(cast), fourth))
        for answers in (crossing, same):
            assert [type(one) for one in answers].count(RecordMerge) == 1
            assert [type(one) for one in answers].count(merging.Refused) == 1
        kept = Customer.objects.get(pk__in=(first.pk, second.pk))
        assert kept.interactions.count() == 2
        assert Customer.everything.exclude(pk=kept.pk).get(pk__in=(first.pk, second.pk)).merged_into_id == kept.pk
        gone = Customer.everything.get(pk=fourth.pk)
        assert (gone.merged_into.interactions.count(), gone.interactions.count()) == (2, 0)
        chain = [holder(cast) for _number in range(3)]
        at_once(merger(cast.alice, chain[1], chain[0]), merger(cast.bob, chain[2], chain[1]))
        left = Customer.objects.filter(pk__in=[one.pk for one in chain])
        assert Interaction.objects.filter(customer__in=left).count() == 3


def test_what_is_added_to_a_record_in_the_moment_of_its_merge_goes_along(cast):
    keep, gone, gate = holder(cast), holder(cast), Barrier(2, timeout=30)

    def merge():
        with transaction.atomic():
            row = merger(cast.alice, keep, gone)()
            gate.wait()
            wait_for_another()
        merging.gather(TimelineEntry.objects.about(keep).get(event="records_merged"))
        return row

    def add():
        gate.wait()
        with transaction.atomic():
            return make_interaction(cast.bob, customer=gone)

    _row, talk = at_once(merge, add)
    talk.refresh_from_db()
    assert (talk.customer_id, keep.interactions.count()) == (keep.pk, 3)


def wait_for_another():
    """Until another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        for _try in range(500):
            cursor.execute("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[1]:
                return
    raise AssertionError("nobody waits")
