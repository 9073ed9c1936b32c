"""People, teams and the company."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation

from crm.backends import AccessBackend
from crm.models import Company, Team, User
from crm.roles import setup_roles
from tests.cast import make_user


def test_the_company_comes_with_the_person_in_the_same_query(cast, django_assert_num_queries):
    Company.objects.update(name_zh="云杉工业", name_en="Spruce Industries", currency="CNY", fiscal_year_start=4)
    with django_assert_num_queries(1):
        company = AccessBackend().get_user(cast.alice.pk).company
    assert (company.pk, company.currency, company.fiscal_year_start) == (1, "CNY", 4)
    assert company == Company.objects.get()
    with translation.override("zh-hans"):
        assert str(company) == "云杉工业"
    with translation.override("en"):
        assert str(company) == "Spruce Industries"


def test_there_is_one_company_only(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.create(pk=2, name_zh="二", name_en="Two")


def test_two_people_cannot_share_an_address_in_another_case(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("alice2", "ALICE@banyan.example", "x")
    User.objects.create_user("no mail 1", "", "x")
    User.objects.create_user("no mail 2", None, "x")


def test_a_name_in_any_script_is_a_login(db):
    assert User.objects.create_user("张伟", None, "x", name="张伟").username == "张伟"


def test_a_team_that_moves_takes_its_subtree_along(cast):
    below = Team.objects.create(name="North 1", parent=cast.north)
    cast.north.parent = cast.south
    cast.north.save()
    below.refresh_from_db()
    assert below.path == f"{cast.top.pk}/{cast.south.pk}/{cast.north.pk}/{below.pk}/"


def test_a_team_cannot_stand_below_itself(cast):
    cast.top.parent = Team.objects.get(pk=cast.north.pk)
    with pytest.raises(ValidationError):
        cast.top.full_clean()


def test_a_wrong_time_zone_is_refused_in_words(cast):
    cast.alice.time_zone = "Mars/Olympus"
    with translation.override("en"), pytest.raises(ValidationError, match="not a time zone"):
        cast.alice.full_clean()


def test_setup_roles_adds_once_and_never_undoes_an_edit(db):
    from crm.models import RoleRule

    assert setup_roles() > 100
    assert setup_roles() == 0
    rule = RoleRule.objects.get(role__name="Sales rep", model="customers.customer", action="view")
    RoleRule.objects.filter(pk=rule.pk).update(reach=3)
    RoleRule.objects.filter(role__name="Sales rep", model="customers.customer", action="change").delete()
    assert setup_roles() == 0
    assert RoleRule.objects.get(pk=rule.pk).reach == 3
    assert not RoleRule.objects.filter(role__name="Sales rep", model="customers.customer", action="change").exists()


@pytest.mark.parametrize(
    ("role", "customers", "opportunities", "campaigns", "cases"),
    [
        ("Sales rep", (1, 1), (1, 1), (4, 0), (0, 0)),
        ("Sales manager", (3, 3), (3, 3), (4, 0), (3, 0)),
        ("Marketing", (4, 0), (4, 0), (4, 2), (0, 0)),
        ("Service agent", (4, 0), (0, 0), (0, 0), (2, 2)),
        ("Service manager", (4, 0), (0, 0), (0, 0), (3, 3)),
        ("Analyst", (4, 0), (4, 0), (4, 0), (4, 0)),
        ("Auditor", (4, 0), (4, 0), (4, 0), (4, 0)),
        ("Administrator", (4, 4), (4, 4), (4, 4), (4, 4)),
    ],
)
def test_the_shipped_roles_reach_as_far_as_the_table_says(db, role, customers, opportunities, campaigns, cases):
    """(view, change): 0 none, 1 own, 2 team, 3 below, 4 all."""
    from django.contrib.auth.models import Group

    from customers.models import Customer
    from marketing.models import Campaign
    from sales.models import Opportunity
    from service.models import Case
    from tests.cast import make_user

    setup_roles()
    user = make_user("person", None, Group.objects.get(name=role))
    rows = zip((Customer, Opportunity, Campaign, Case), (customers, opportunities, campaigns, cases), strict=True)
    for model, (view, change) in rows:
        assert user.rights.reach(model, "view") == view, model
        assert user.rights.reach(model, "change") == user.rights.reach(model, "add") == change, model
    manages = role in ("Sales manager", "Administrator")
    assert user.rights.may(Opportunity, "delete") is user.rights.may(Opportunity, "assign") is manages
    exports = role in ("Sales manager", "Service manager", "Marketing", "Analyst", "Administrator")
    assert user.rights.may(Customer, "export") is exports
    assert user.is_administrator is (role == "Administrator")


def test_who_has_ever_signed_in_is_never_deleted_not_even_by_sql(cast):
    """What names who did it has no constraint of its own: it rests on this."""
    User.objects.filter(pk=cast.alice.pk).update(last_login=timezone.now())
    for way in (cast.alice.delete, User.objects.filter(pk=cast.alice.pk).delete):
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            way()
    never = make_user("never", None)
    never.delete()
    assert set(User.objects.filter(username__in=["never", cast.alice.username])) == {cast.alice}
