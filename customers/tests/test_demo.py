"""The demo tells the same story every time, and every row of it would pass the product's own forms."""

import random

import pytest
from django.utils import timezone

from crm import demo as company
from customers import demo
from customers.models import Contact, ContactPoint, ContactRole, Customer, Industry, Interaction
from customers.points import normalised

pytestmark = pytest.mark.django_db


def test_the_demo_is_whole_valid_and_the_same_every_time():
    world = company.make_world()
    plans = [[row.name for row in demo.chinese_companies(world, random.Random(7))] for _time in range(2)]
    assert plans[0] == plans[1]
    demo.make(world, random.Random(7))
    assert [row.name for row in world.customers][: len(plans[0])] == plans[0]
    assert Customer.objects.count() == len(world.customers) == 150
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
