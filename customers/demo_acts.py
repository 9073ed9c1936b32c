"""What people of the demo did with customers: gave them to colleagues with a reason, deleted some, handed some over."""

import uuid
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType

from crm import deletion, ownership
from crm.models import Deletion, HandOver, OwnershipChange
from customers.models import Customer

# (place among the customers, from, reason, days ago)
GIVEN = ((3, "zhang", "分区调整", 210), (8, "li", "客户要求更换对接人", 64), (14, "zhang", "产假期间代管", 12))
# (name, owner, deleted by, reason, days ago)
DELETED = (
    ("上海恒远包装", "lin", "wang", "重复录入", 0),
    ("测试客户 001", "li", "wang", "测试数据", 1),
    ("嘉善永兴五金", "zhang", "wang", "企业注销", 27),
    ("Kevin Lee", "emma", "olivia", "Entered twice", 28),
)


def make(world, now):
    """Past owners of some customers, records in the recycle bin, and a hand-over among the English speakers."""
    for place, before, reason, days in GIVEN:
        was_with(world.customers[place], world.users[before], world.users["wang"], reason, now - timedelta(days=days))
    for name, owner, actor, reason, days in DELETED:
        users, at = world.users, now - timedelta(days=days, minutes=40)
        row = Customer.objects.create(name=name, owner=users[owner], created_by=users[owner])
        one = deletion.delete(row, actor=users[actor], reason=reason)
        Deletion.objects.filter(pk=one.pk).update(at=at)
        Customer.everything.filter(pk=row.pk).update(deleted_at=at)
        events = Customer.pgh_event_model.objects.filter(pgh_obj_id=row.pk)
        events.update(pgh_created_at=at)
        events.filter(pgh_label="insert").update(pgh_created_at=at - timedelta(days=300))
    hand_over(world, now - timedelta(days=5))


def was_with(customer, before, actor, reason, at):
    """Say in the ledger that the customer was somebody else's until that moment."""
    if before.pk == customer.owner_id:
        return
    OwnershipChange.objects.create(
        subject_type=ContentType.objects.get_for_model(customer),
        subject_id=customer.pk,
        from_owner=before,
        from_team=before.team,
        to_owner=customer.owner,
        to_team=customer.team,
        reason=reason,
        actor=actor,
        at=at,
    )


def hand_over(world, at):
    """Three customers of Noah went to Emma, as the hand-over page would have written it."""
    noah, emma, olivia = (world.users[name] for name in ("noah", "emma", "olivia"))
    keys = list(Customer.objects.filter(owner=noah).order_by("pk").values_list("pk", flat=True)[:3])
    row = HandOver.objects.create(
        act=uuid.uuid4(),
        leaver=noah,
        actor=olivia,
        at=at,
        done_at=at + timedelta(seconds=2),
        reason="Noah moves to the Berlin office",
        plan=[{"entity": "customers", "team": "*", "to": [emma.pk]}],
        counts={"customers": len(keys)},
    )
    rows = Customer.objects.filter(pk__in=keys)
    ownership.assign_many(rows, [emma], actor=olivia, reason=row.reason, act=row.act)
    OwnershipChange.objects.filter(act=row.act).update(at=at)
