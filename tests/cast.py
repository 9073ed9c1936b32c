"""The cast of all tests: who they are, where they work, what their roles permit."""

from functools import cache
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from crm.access import Action, Catalogue, Part, Personal, Reach, Root, System
from crm.models import Company, RoleRule, Tag, Team, User

PASSWORD = "only-for-tests-1234"


def all_models():
    """The models of the six apps that declare a kind of access."""
    from django.apps import apps

    own = ("crm", "customers", "sales", "marketing", "service", "reports")
    return [m for m in apps.get_models() if m._meta.app_label in own and not hasattr(m, "pgh_tracked_model")]


def make_role(name: str, reach: int) -> Group:
    """A role that may do everything with the records it reaches, and read and write parts and master data."""
    role = Group.objects.create(name=name)
    labels, actions, reaches = zip(*rules(reach), strict=True)
    with connection.cursor() as cursor:  # thousands of tests begin with it: four hundred objects took their time
        cursor.execute(
            f"INSERT INTO {RoleRule._meta.db_table} (role_id, model, action, reach)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::int[])",
            [role.pk, list(labels), list(actions), list(reaches)],
        )
    return role


@cache
def rules(reach: int) -> list[tuple[str, str, int]]:
    """(model, action, reach) of a role that reaches so far."""
    found = []
    for model in all_models():
        label = model._meta.label_lower
        if isinstance(model.access, Root):
            found += [(label, str(action), int(reach)) for action in Action]
        elif model is Tag or (isinstance(model.access, (Part, Catalogue)) and model._meta.app_label != "crm"):
            found += [(label, str(action), int(Reach.ALL)) for action in Action]
        elif model in (User, Team, Company):
            found.append((label, str(Action.VIEW), int(Reach.ALL)))
    return found


def make_user(username: str, team=None, *roles, **fields) -> User:
    """A person with a password that all tests know; speaks English unless told otherwise."""
    fields = {"name": username.title(), "email": f"{username}@banyan.example", "language": "en"} | fields
    user = User.objects.create_user(username, fields.pop("email"), PASSWORD, team=team, **fields)
    user.groups.add(*roles)
    return user


def make_cast() -> SimpleNamespace:
    """alice owns, bob is in her team, carol has the same role elsewhere, dave has no role, erin manages above, root
    is superuser.

    Alice, Bob and Carol reach the records of their teams, Erin those below her.
    """
    Company.objects.get_or_create(pk=1, defaults={"name_zh": "云杉工业", "name_en": "Spruce Industries"})
    top = Team.objects.create(name="Sales")
    north, south = Team.objects.create(name="North", parent=top), Team.objects.create(name="South", parent=top)
    worker, head = make_role("Worker", Reach.TEAM), make_role("Head", Reach.BELOW)
    people = {
        "alice": make_user("alice", north, worker),
        "bob": make_user("bob", north, worker),
        "carol": make_user("carol", south, worker),
        "dave": make_user("dave", south),
        "erin": make_user("erin", None, head),
        "root": make_user("root", None, is_superuser=True),
    }
    top.manager = people["erin"]
    top.save()
    return SimpleNamespace(**people, top=top, north=north, south=south, worker=worker, head=head, people=people)


@pytest.fixture
def cast(db) -> SimpleNamespace:
    return make_cast()


def again(user: User) -> User:
    """The same person as the next request sees him: with nothing remembered."""
    return User.objects.select_related("team").get(pk=user.pk)


__all__ = ["PASSWORD", "Personal", "System", "again", "all_models", "cast", "make_cast", "make_role", "make_user"]
