"""Rows of a file whose parent is another row of it: both come in at once, are linked, and go together."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db.transaction import atomic

from crm import roles
from crm.access import Action
from crm.entities import registry
from crm.exchange import importer_for, linking
from crm.models import Job, RoleRule, StagedRow, Team
from crm.tests.test_import_changes import taken_back
from crm.tests.test_import_making import begun, counts_after_undo, run
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    CUSTOMERS,
    checked,
    errors_of,
    files_in_a_folder_of_their_own,
    imported,
    said,
    signed_in,
)
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again, make_user

pytestmark = pytest.mark.django_db


def parents() -> dict:
    return dict(Customer.objects.order_by("pk").values_list("name", "parent__name"))


def test_companies_and_the_groups_above_them_come_in_with_one_file_and_go_again(client, cast, monkeypatch):
    monkeypatch.setattr(linking, "CHUNK", 2)
    client = signed_in(client, cast.alice)
    old, held = make_customer(cast.alice, name="Old"), make_customer(cast.alice, name="Held")
    other = make_customer(cast.alice, name="Other", parent=held)
    text = (
        "number,name,parent,employees\n"
        ",Plant,Works,\n,Works, group ,\n,Group,,9\n"  # below before above, in other words
        f"{old.number},,Group,\n{other.number},,Group,7\n"
        ",Ring A,Ring B,\n,Ring B,Ring A,\n,Self,Self,\n,Nobody,Unknown,\n,Known,Held,\n,Orphan,Bad,\n,Bad,,x\n"
    )
    batch = checked(client, text)
    url = f"{CUSTOMERS}?batch={batch.pk}"
    assert "7 rows name another row of the file above them" in said(client.get(url))
    nothing = "Nothing called “%s” is among the records you can see."
    assert errors_of(batch)[9] == {"parent": nothing % "Self"}
    assert errors_of(batch)[10] == {"parent": nothing % "Unknown"}
    batch = run(client, batch, url)
    assert batch.run_job.counts == {"created": 7, "updated": 2, "same": 0}
    assert parents() == {
        "Old": "Group",
        "Held": None,
        "Other": "Group",
        "Plant": "Works",
        "Works": "Group",
        "Group": None,
        "Ring A": "Ring B",  # the first of the two; the second would stand below itself
        "Ring B": None,
        "Known": "Held",
        "Orphan": None,
    }
    assert "2 rows have no parent" in batch.run_job.log[0]["text"]
    assert not StagedRow.objects.filter(data__has_key=linking.LATER, line__in=[2, 3, 5, 6]).exists()
    make_customer(cast.alice, name="Later", parent=Customer.objects.get(name="Works"))
    job = taken_back(client, batch)
    assert job.counts == {"changed": 7, "same": 2}  # something else hangs on the works by now, so the group stays, too
    assert parents() == {
        "Old": None,
        "Held": None,
        "Other": "Held",
        "Works": "Group",
        "Group": None,
        "Later": "Works",
    }


def test_a_run_that_died_before_the_links_makes_them_the_next_time_and_leaves_what_was_changed_since(
    client, cast, monkeypatch
):
    client = signed_in(client, cast.alice)
    monkeypatch.setattr(linking, "CHUNK", 1)
    batch = checked(client, "name,parent\nA,Top\nB,Top\nC,Top\nTop,\n")
    link, linked = linking.link, []

    def dying(*arguments):
        if linked:
            raise KeyboardInterrupt
        linked.append(1)
        return link(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(linking, "link", dying)
        with pytest.raises(KeyboardInterrupt):
            run(client, batch, f"{CUSTOMERS}?batch={batch.pk}")
    assert parents() == {"A": "Top", "B": None, "C": None, "Top": None}
    Customer.objects.filter(name="C").update(level="A")
    Job.objects.filter(kind="import_run").update(lease_until="2020-01-01T00:00:00Z", state="queued")
    run(client, batch, f"{CUSTOMERS}?batch={batch.pk}")
    assert parents() == {"A": "Top", "B": "Top", "C": None, "Top": None}
    assert batch.run_job.counts == {"created": 4}


def test_fields_that_are_filled_keep_their_parent_when_only_empty_ones_are_filled(client, cast):
    client = signed_in(client, cast.alice)
    held = make_customer(cast.alice, name="Held")
    make_customer(cast.alice, name="Full", parent=held)
    make_customer(cast.alice, name="Free")
    imported(client, "name,parent\nFull,Top\nFree,Top\nTop,\n", matched="fill")
    assert parents() == {"Held": None, "Full": "Held", "Free": "Top", "Top": None}


def test_teams_come_in_as_a_tree_and_go_as_one(client, cast):
    roles.setup_roles()
    signed_in(client, make_user("ada", cast.north, Group.objects.get(name=roles.ADMINISTRATOR)))
    batch, page = begun(client, "团队名称,上级部门\n一组,大区\n大区,总部\n总部,\n", "/teams/import/")
    batch = run(client, batch, page)
    assert batch.run_job.counts == {"created": 3}
    top = Team.objects.get(name="总部")
    below = Team.objects.get(name="一组")
    assert (below.parent.name, below.path) == ("大区", f"{top.pk}/{below.parent.pk}/{below.pk}/")
    assert counts_after_undo(client, batch) == {"changed": 3, "same": 0}
    assert not Team.objects.filter(name__in=["一组", "大区", "总部"]).exists()


def test_links_of_records_that_one_may_not_change_any_more_are_left_out(client, cast, monkeypatch):
    client = signed_in(client, cast.alice)
    make_customer(cast.alice, name="Old")
    with monkeypatch.context() as patch:
        patch.setattr("crm.exchange.work.link_rows", lambda *arguments: None)  # as if the run had died before
        batch = imported(client, "name,parent,level\nOld,Top,A\nNew,Top,\nTop,,\n", matched="update")
    RoleRule.objects.filter(role__user=cast.alice, model="customers.customer", action=Action.CHANGE).delete()
    importer = importer_for(registry["customers"], again(cast.alice))
    importer.making.begin(batch)
    told = []
    progress = SimpleNamespace(cancelled=False, beat=list, chunk=lambda n: atomic(), log=told.append)
    linking.link_rows(batch, importer, progress)
    assert parents() == {"Old": None, "New": "Top", "Top": None}
    assert [text.startswith("1 ") for text in told] == [True]  # Old is told
