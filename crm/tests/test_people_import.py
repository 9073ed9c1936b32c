"""Users and teams come in through the same wizard: for Administrators alone, without passwords, and taken back."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from crm import roles
from crm.access import Action, Reach
from crm.models import Job, MadeRecord, OutboxMessage, RoleRule, Team, User
from crm.tests.test_import_making import begun, counts_after_undo, run, say
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    content_of,
    errors_of,
    files_in_a_folder_of_their_own,
    rows_of,
    run_waiting,
    said,
    signed_in,
)
from customers.tests.factories import make_customer
from tests.cast import make_user

pytestmark = pytest.mark.django_db
USERS, TEAMS = "/users/import/", "/teams/import/"
PEOPLE = (
    "姓名,登录名,邮箱,团队,团队经理,角色,界面语言\n"
    "王小明,xiaoming,XM@Spruce.example,North,,销售代表,English\n"
    "李雷,,ll@spruce.example,East,alice,Sales rep、Sales manager,\n"
    "韩梅梅,hmm,,East,,国王,\n"
    "新人,xiaoming,,,,,\n"
    "Bob,bob,bob@new.example,,,Analyst,\n"
)


@pytest.fixture
def admin(client, cast):
    roles.setup_roles()
    ada = make_user("ada", cast.north, Group.objects.get(name=roles.ADMINISTRATOR))
    signed_in(client, ada)
    return ada


def names_of_roles(user) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


def test_people_come_in_with_team_roles_and_no_password_and_go_again(client, cast, admin):
    page = said(client.get(USERS))
    assert "Imported people have no password" in page
    batch, page = begun(client, PEOPLE, USERS)
    assert "Team · Manager" in said(client.get(f"{page}&step=map"))
    say(client, page, team_all="1")
    assert {line: sorted(errors) for line, errors in errors_of(batch).items()} == {4: ["roles"], 5: [""], 6: [""]}
    assert list(batch.rows.order_by("line").values_list("decision", "match")) == [
        ("create", ""),
        ("create", ""),
        ("reject", ""),
        ("twin", "file"),
        ("twin", "login"),
    ]
    assert "1 new record is made along with these rows: teams." in said(client.get(page))
    run(client, batch, page, matched="update")
    ming, lei = User.objects.get(username="xiaoming"), User.objects.get(username="ll")
    assert (ming.name, ming.email, ming.team, ming.language) == ("王小明", "xm@spruce.example", cast.north, "en")
    assert (ming.has_usable_password(), ming.is_superuser, ming.is_staff, ming.is_active) == (False, False, False, True)
    assert (names_of_roles(ming), names_of_roles(lei)) == (["Sales rep"], ["Sales manager", "Sales rep"])
    east = Team.objects.get(name="East")
    assert (lei.team, east.manager, east.path, east.group.team) == (east, cast.alice, f"{east.pk}/", east)
    bob = User.objects.get(pk=cast.bob.pk)
    assert (bob.email, names_of_roles(bob), bob.team, bob.check_password("only-for-tests-1234")) == (
        "bob@new.example",
        ["Analyst"],
        cast.north,
        True,
    )
    assert f"/admin/crm/user/{ming.pk}/change/" in said(client.get(page))
    assert User.objects.filter(name="新人").count() == 0
    # No mail went out; the way to a password is that of everybody who has forgotten his.
    assert not OutboxMessage.objects.exists()
    Client().post("/accounts/password/reset/", {"email": "xm@spruce.example"})
    assert OutboxMessage.objects.get().address == "xm@spruce.example"
    # Taken back: whoever has something stays and is switched off; the others are deleted, Bob is as he was.
    make_customer(ming, name="His")
    assert counts_after_undo(client, batch) == {"changed": 3, "same": 1}
    assert not User.objects.filter(pk=lei.pk).exists()
    assert not Team.objects.filter(name="East").exists()
    assert not Group.objects.filter(pk=east.group_id).exists()
    assert MadeRecord.objects.get().undone == "back"
    ming.refresh_from_db()
    assert ming.is_active is False
    bob = User.objects.get(pk=cast.bob.pk)
    assert (bob.email, names_of_roles(bob)) == ("bob@banyan.example", ["Worker"])
    assert "switched off" in said(client.get(page))


def test_nobody_gives_himself_a_role_or_touches_a_superuser(client, cast, admin):
    text = (
        "name,username,roles,is_superuser,password\nAda,ada,Sales rep,1,x\nRoot,root,Administrator,0,x\n"
        "Eve,eve,,1,secret\n"
    )
    batch, page = begun(client, text, USERS)
    assert set(batch.columns.values()) == {"name", "username", "roles"}
    assert errors_of(batch) == {
        2: {"roles": "You may not change your own roles by an import."},
        3: {"": "You may not change root."},
    }
    # What changed between check and run is asked again.
    other, second = begun(client, "name,username,roles\nBob,bob,Analyst\nCarol,carol,Analyst\nDan,eve,\n", USERS)
    other.rows.filter(line=2).update(target_id=admin.pk)
    other.rows.filter(line=3).update(target_id=cast.root.pk)
    run(client, batch, page)
    run(client, other, second, matched="update")
    eve = User.objects.get(username="eve")
    assert (eve.is_superuser, eve.has_usable_password(), User.objects.filter(username="eve").count()) == (
        False,
        False,
        1,
    )
    assert other.run_job.counts == {"failed": 3}
    assert (names_of_roles(admin), names_of_roles(cast.root)) == (["Administrator"], [])


def test_only_administrators_import_people_also_in_the_job(client, cast, admin):
    _batch, page = begun(client, "name\nNew\n", USERS)
    client.post(page, {})
    RoleRule.objects.filter(role__name=roles.ADMINISTRATOR, model="crm.rolerule").delete()
    run_waiting()
    job = Job.objects.get(kind="import_run")
    assert (job.state, User.objects.filter(name="New").count()) == ("failed", 0)
    assert [client.get(address).status_code for address in (USERS, TEAMS, "/users/compare/")] == [403] * 3
    # The right to add people does not make an administrator.
    RoleRule.objects.create(role=cast.worker, model="crm.user", action=Action.ADD, reach=Reach.ALL)
    signed_in(client, cast.alice)
    assert client.get(USERS).status_code == 403
    assert client.post(USERS, {"pasted": "name\nX\n"}).status_code == 403


def test_who_may_add_people_but_not_change_them_gives_no_roles_and_undo_asks_for_the_right(
    client, cast, admin
):
    batch, page = begun(client, "name,roles,time zone\nNew,Administrator,\nOld,,Europe/Oslo\n", USERS)
    rule = RoleRule.objects.filter(role__name=roles.ADMINISTRATOR, model="crm.user", action=Action.CHANGE)
    rule.delete()
    run(client, batch, page)
    old = User.objects.get(name="Old")
    assert (batch.run_job.counts, old.time_zone) == ({"created": 1, "failed": 1}, "Europe/Oslo")
    other, page = begun(client, "name,roles\nSecond,Administrator\n", USERS)
    assert "roles" not in other.columns.values()
    run(client, other, page)
    second = User.objects.get(name="Second")
    assert (names_of_roles(second), second.time_zone) == ([], "Asia/Shanghai")
    RoleRule.objects.filter(role__name=roles.ADMINISTRATOR, model="crm.rolerule").delete()
    client.post(f"/jobs/{other.run_job.pk}/undo/")
    run_waiting()
    assert Job.objects.get(kind="undo").state == "failed"
    assert User.objects.filter(pk=second.pk, is_active=True).exists()


def test_teams_stand_in_their_tree_and_move_in_it_and_back(client, cast, admin):
    text = "团队名称,团队编码,上级部门,经理\n华东,E,Sales,alice\n华东一部,E1,华东,\nNorth,N,Sales,bob\n"
    batch, page = begun(client, text, TEAMS)
    # The parent that stands in the same file is not made along as well.
    say(client, page, parent_all="1")
    assert batch.made.count() == 0
    assert {line: list(errors) for line, errors in errors_of(batch).items()} == {4: [""]}
    run(client, batch, page, matched="update")
    assert batch.run_job.counts == {"created": 2, "updated": 1}
    east, north = Team.objects.get(code="E"), Team.objects.get(pk=cast.north.pk)
    assert (east.parent, east.manager, east.path) == (cast.top, cast.alice, f"{cast.top.pk}/{east.pk}/")
    assert (north.code, north.manager) == ("N", cast.bob)
    again, _second = begun(client, text + "Sales,,North,\n", TEAMS)
    assert again.rows.get(line=3).decision == "same"
    assert again.rows.get(line=5).changes is None  # a team cannot stand below itself
    assert Team.objects.get(code="E1").path == f"{cast.top.pk}/{east.pk}/{Team.objects.get(code='E1').pk}/"
    moved, third = begun(client, "团队编码,团队名称,上级部门\nE,华东,North\nN,North,华东\n", TEAMS)
    run(client, moved, third, matched="update")
    assert moved.run_job.counts == {"updated": 1, "failed": 1}
    inner = Team.objects.get(code="E1")
    assert inner.path == f"{cast.top.pk}/{north.pk}/{east.pk}/{inner.pk}/"
    assert counts_after_undo(client, moved) == {"changed": 1, "same": 0}
    inner.refresh_from_db()
    assert inner.path == f"{cast.top.pk}/{east.pk}/{inner.pk}/"
    late = Team.objects.create(name="Late", parent=east)
    assert counts_after_undo(client, batch) == {"changed": 2, "same": 1}  # something stands below the one by now
    assert set(Team.objects.filter(path__startswith=east.path)) == {east, late}


def test_people_have_a_template_a_comparison_and_a_way_from_the_administration(client, cast, admin):
    rows = rows_of(content_of(client.get(f"{USERS}?file=template")))
    assert [name.lower() for name in rows[0]] == [
        "name",
        "username",
        "e-mail",
        "home team",
        "roles",
        "language",
        "time zone",
    ]
    assert f'href="{USERS}"' in said(client.get("/admin/crm/user/"))
    assert f'href="{TEAMS}"' in said(client.get("/admin/crm/team/"))
    batch, _page = begun(client, "name,username,roles,team\nBob,bob,Worker,South\nAlice,alice,Worker,North\n", USERS)
    client.post(f"/users/compare/?batch={batch.pk}", {})
    run_waiting()
    batch.refresh_from_db()
    counts = batch.comparison["counts"]
    assert (counts["equal"], counts["differs"]) == (1, 1), counts
    assert "Home team" in said(client.get(f"/users/compare/?batch={batch.pk}"))
    assert "Users" in said(client.get("/imports/"))
