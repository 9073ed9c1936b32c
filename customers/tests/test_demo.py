"""The demo tells the same story every time, and every row of it would pass the product's own forms."""

import random

import pytest
from django.utils import timezone

from crm import demo as company
from customers import demo, demo_twins
from customers.models import Contact, ContactPoint, ContactRole, Customer, DuplicatePair, Industry, Interaction
from customers.points import normalised

pytestmark = pytest.mark.django_db


def test_the_demo_is_whole_valid_and_the_same_every_time():
    world = company.make_world()
    plans = [[row.name for row in demo.chinese_companies(world, random.Random(7))] for _time in range(2)]
    assert plans[0] == plans[1]
    demo.make(world, random.Random(7))
    assert [row.name for row in world.customers][: len(plans[0])] == plans[0]
    assert (len(world.customers), Customer.objects.count()) == (150, 150 + len(demo_twins.TWINS))
    assert Interaction.objects.count() == demo.TALKS
    assert (
        ContactRole.objects.filter(is_primary=True).count() == ContactRole.objects.values("customer").distinct().count()
    )
    for row in (*Customer.objects.all(), *Contact.objects.all()):
        row.full_clean()
    assert all(point.value == normalised(point.kind, point.value) for point in ContactPoint.objects.all())
    assert not Interaction.objects.filter(at__gt=timezone.now()).exists()
    assert not Customer.objects.filter(industry=None, kind="company").exists()
    followed = Customer.objects.filter(interactions__isnull=False).distinct()
    assert not followed.filter(last_followed_at=None).exists()
    assert Industry.objects.count() == 24
    assert (
        not Customer.pgh_event_model.objects.filter(pgh_created_at__gt=timezone.now() - timezone.timedelta(days=30))
        .filter(pgh_label="insert")
        .exists()
    )
    # what was entered twice stands in the queue: lin sees what is hers, wang what is of his teams
    pairs, users = DuplicatePair.objects, world.users
    named = {
        (str(Customer.objects.get(pk=row.first)), str(Customer.objects.get(pk=row.second)))
        for row in pairs.of(Customer).open()
    }
    assert named == {(str(world.customers[place]), name) for place, name, _login, _fields in demo_twins.TWINS}
    seen = ((Customer, "wang", 3), (Customer, "lin", 2), (Contact, "lin", 1), (Contact, "emma", 0))
    for model, login, number in seen:
        assert pairs.seen_by(users[login], model).open().count() == number, (model, login)
