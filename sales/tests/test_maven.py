"""The Maven files become people, customers, opportunities; every figure is that of the files, computed here."""

import os
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.utils import timezone

from crm import roles
from crm.access import Action
from crm.models import Company, StagedRow, Team, TimelineEntry, User
from customers.models import Customer
from sales import maven
from sales.models import Opportunity, Product, StageChange
from sales.tests.maven_twin import read, write_twin
from tests.cast import make_user

pytestmark = pytest.mark.django_db
SHARED = Path(os.environ.get("BANYAN_SHARED") or Path(__file__).resolve().parents[3] / "shared")
REAL = SHARED / "data/1_crm/maven/iso_dates_original"
IS_THERE = pytest.mark.skipif(not REAL.is_dir(), reason="the folder of shared sample data is not here")


@pytest.fixture
def twin(tmp_path) -> Path:
    return write_twin(tmp_path / "maven")


@pytest.fixture
def loaded(twin) -> Path:
    load(twin)
    return twin


def load(folder) -> str:
    out = StringIO()
    call_command("import_maven", str(folder), currency="USD", stdout=out)
    return out.getvalue()


def deals(folder, **wanted) -> list[dict]:
    """The lines of sales_pipeline.csv whose columns have these values."""
    return [row for row in read(folder, "sales_pipeline") if all(row[k] == v for k, v in wanted.items())]


def value_of(rows) -> Decimal:
    return sum((Decimal(row["close_value"]) for row in rows if row["close_value"]), Decimal(0))


def figures(rows) -> dict:
    """Won, lost, open and the won value of a set of opportunities."""
    won = rows.won()
    return {
        "won": won.count(),
        "lost": rows.lost().count(),
        "open": rows.open().count(),
        "value": won.aggregate(value=Sum("amount"))["value"] or Decimal(0),
    }


def figures_of(lines) -> dict:
    by = {
        name: [row for row in lines if row["deal_stage"] == name] for name in ("Won", "Lost", "Engaging", "Prospecting")
    }
    return {
        "won": len(by["Won"]),
        "lost": len(by["Lost"]),
        "open": len(by["Engaging"]) + len(by["Prospecting"]),
        "value": value_of(by["Won"]),
    }


def person(name) -> User:
    return User.objects.get(name=name)


def test_an_analyst_sees_the_figures_of_the_files(loaded):
    analyst = make_user("ann", None, Group.objects.get(name=roles.ANALYST))
    assert figures(Opportunity.objects.visible_to(analyst)) == figures_of(deals(loaded))


def test_each_manager_sees_the_own_team_and_each_agent_the_own_opportunities(loaded):
    agents = read(loaded, "sales_teams")
    for manager in sorted({row["manager"] for row in agents}):
        team = {row["sales_agent"] for row in agents if row["manager"] == manager}
        expected = figures_of([row for row in deals(loaded) if row["sales_agent"] in team])
        assert figures(Opportunity.objects.visible_to(person(manager))) == expected
    lines = deals(loaded)
    for row in agents[:5]:
        expected = figures_of([line for line in lines if line["sales_agent"] == row["sales_agent"]])
        assert figures(Opportunity.objects.visible_to(person(row["sales_agent"]))) == expected


def test_every_opportunity_is_as_its_line_says(loaded):
    found = {
        o.external_ref: (
            o.owner.name,
            o.product.name_en.replace(" ", "").lower(),
            o.customer.name if o.customer else "",
            o.stage.name_en,
            str(o.engaged_on or ""),
            str(o.closed_on or ""),
            o.amount,
            o.currency,
            o.pipeline.code,
            o.team.name,
        )
        for o in Opportunity.objects.select_related("owner", "product", "customer", "stage", "pipeline", "team")
    }
    manager_of = {row["sales_agent"]: row["manager"] for row in read(loaded, "sales_teams")}
    assert found == {
        row["opportunity_id"]: (
            row["sales_agent"],
            row["product"].replace(" ", "").lower(),
            row["account"],
            row["deal_stage"],
            row["engage_date"],
            row["close_date"],
            Decimal(row["close_value"]) if row["close_value"] else None,
            "USD",
            "maven",
            manager_of[row["sales_agent"]],
        )
        for row in deals(loaded)
    }


def test_people_stand_in_their_teams_without_password_and_with_the_role_of_their_work(loaded):
    rows = read(loaded, "sales_teams")
    assert {team.name for team in Team.objects.filter(parent=None)} == {row["regional_office"] for row in rows}
    for row in rows:
        agent, manager = person(row["sales_agent"]), person(row["manager"])
        assert (agent.team.name, agent.team.manager, agent.team.parent.name) == (
            row["manager"],
            manager,
            row["regional_office"],
        )
        assert (agent.has_usable_password(), manager.has_usable_password()) == (False, False)
        assert agent.email == f"{agent.username}@maven.example"
        assert [group.name for group in agent.groups.all()] == ["Sales rep"]
        assert [group.name for group in manager.groups.all()] == ["Sales manager"]
    names = {row["sales_agent"] for row in rows} | {row["manager"] for row in rows}
    assert set(User.objects.filter(email__endswith="@maven.example").values_list("name", flat=True)) == names


def test_accounts_belong_to_nobody_and_are_seen_by_the_teams_that_sell_to_them(loaded):
    team_of, lines = {row["sales_agent"]: row["manager"] for row in read(loaded, "sales_teams")}, deals(loaded)
    for row in read(loaded, "accounts"):
        customer = Customer.objects.select_related("parent", "industry").get(name=row["account"])
        assert (customer.owner, customer.team, customer.created_by) == (None, None, None)
        assert customer.revenue == Decimal(row["revenue"]) * 1_000_000
        assert (customer.employees, customer.country) == (int(row["employees"]), row["office_location"])
        assert (customer.parent.name if customer.parent else "") == row["subsidiary_of"]
        assert customer.industry.name_en.lower() == row["sector"].replace("technolgy", "technology")
        sellers = {team_of[line["sales_agent"]] for line in lines if line["account"] == row["account"]}
        assert {share.group.team.name for share in customer.group_shares.all()} == sellers
    agent = person(read(loaded, "sales_teams")[0]["sales_agent"])
    sold = {row["account"] for row in lines if team_of[row["sales_agent"]] == agent.team.name and row["account"]}
    assert set(Customer.objects.visible_to(agent).values_list("name", flat=True)) == sold
    assert Customer.objects.visible_to(agent, Action.CHANGE).count() == 0


def test_the_ledger_tells_the_moves_that_the_dates_tell(loaded):
    moves, zone = {}, Company.current().zone
    for change in StageChange.objects.select_related("from_stage", "to_stage", "opportunity").order_by("at", "pk"):
        day = str(timezone.localtime(change.at, zone).date())
        step = (change.from_stage.code if change.from_stage else None, change.to_stage.code, day, change.amount)
        moves.setdefault(change.opportunity.external_ref, []).append(step)
    assert set(moves) == {row["opportunity_id"] for row in deals(loaded)}
    for row in deals(loaded):
        steps, stage = moves[row["opportunity_id"]], row["deal_stage"].lower()
        if stage == "prospecting":
            assert [step[:2] for step in steps] == [(None, "prospecting")]
        elif stage == "engaging":
            assert steps == [(None, "engaging", row["engage_date"], None)]
        else:
            assert steps == [
                (None, "engaging", row["engage_date"], None),
                ("engaging", stage, row["close_date"], Decimal(row["close_value"])),
            ]


def test_products_are_found_by_the_rule_of_names(loaded):
    spelled = {row["product"] for row in deals(loaded)}
    assert "GTXPro" in spelled
    assert set(Product.objects.values_list("name_en", flat=True)) == {
        row["product"] for row in read(loaded, "products")
    }
    pro = Opportunity.objects.filter(product__name_en="GTX Pro").count()
    assert pro == len(deals(loaded, product="GTXPro")) + len(deals(loaded, product="GTX Pro"))


def test_a_second_time_changes_nothing(loaded):
    before = {model: model._base_manager.count() for model in ledgers()}
    versions = dict(Opportunity.objects.values_list("external_ref", "version"))
    said = load(loaded)
    assert {model: model._base_manager.count() for model in ledgers()} == before
    assert dict(Opportunity.objects.values_list("external_ref", "version")) == versions
    assert said.count(" 0 added") == 4


def ledgers():
    """Every model that a loading writes, and the change log of each."""
    names = (
        "crm.User",
        "crm.Team",
        "crm.TimelineEntry",
        "customers.Customer",
        "customers.CustomerTeamShare",
        "customers.Industry",
        "sales.Product",
        "sales.Pipeline",
        "sales.Stage",
        "sales.Opportunity",
        "sales.StageChange",
    )
    models = [apps.get_model(name) for name in names]
    return [*models, *(m.pgh_event_model for m in models if hasattr(m, "pgh_event_model"))]


def test_history_and_timeline_have_every_record_once_with_their_context(twin):
    load(twin)
    for model in (Customer, Opportunity):
        events = model.pgh_event_model.objects.all()
        assert events.count() == model.objects.count()
        assert set(events.values_list("pgh_label", "pgh_context__metadata__source")) == {("insert", "maven")}
    said = TimelineEntry.objects.values_list("event").annotate(n=Count("pk"))
    assert dict(said) == {"customer_added": 12}


# -- what is refused --------------------------------------------------------------------------------------------------


def spoil(loaded, name, *changes):
    """Replace text in a file of the twin."""
    path = loaded / f"{name}.csv"
    content = path.read_text("utf-8")
    for old, new in changes:
        assert old in content
        content = content.replace(old, new, 1)
    path.write_text(content, "utf-8")


def test_lines_that_make_no_sense_are_listed_and_kept_and_the_others_go_in(twin):
    path = twin / "sales_pipeline.csv"
    first = deals(twin, deal_stage="Won")[0]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{first['opportunity_id']},Ada Agent 1,GTX Pro,,Engaging,2017-01-01,,\n")
        file.write("B1,Nobody,GTX Pro,,Engaging,2017-01-01,,\n")
        file.write("B2,Ada Agent 1,GTX,,Engaging,2017-01-01,,\n")
        file.write("B3,Ada Agent 1,GTX Pro,Nowhere,Engaging,2017-01-01,,\n")
        file.write("B4,Ada Agent 1,GTX Pro,,Waiting,2017-01-01,,\n")
        file.write("B5,Ada Agent 1,GTX Pro,,Won,2017-01-01,,5\n")
        file.write("B6,Ada Agent 1,GTX Pro,,Won,2017-01-05,2017-01-01,5\n")
        file.write("B7,Ada Agent 1,GTX Pro,,Won,31.02.2017,2017-03-01,NaN\n")
    said = load(twin)
    assert Opportunity.objects.count() == 240
    assert "sales_pipeline.csv: 248 lines, 240 added, 0 there already, 8 refused" in said
    staged = StagedRow.objects.filter(decision="reject").order_by("line").values_list("line", "errors", "cells")
    assert [(line, sorted(errors)) for line, errors, _cells in staged] == [
        (242, ["opportunity_id"]),
        (243, ["sales_agent"]),
        (244, ["product"]),
        (245, ["account"]),
        (246, ["deal_stage"]),
        (247, ["close_date"]),
        (248, ["close_date"]),
        (249, ["close_value", "engage_date"]),
    ]
    assert "line 245: account: No line of accounts.csv describes “Nowhere”." in said
    assert staged[3][2][3] == "Nowhere"


def test_a_folder_that_is_not_as_it_must_be_writes_nothing(twin):
    spoil(twin, "products", ("sales_price", "price"))
    with pytest.raises(CommandError, match=r"products\.csv has no column sales_price\."):
        load(twin)
    (twin / "accounts.csv").unlink()
    with pytest.raises(CommandError, match=r"The folder has no file accounts\.csv\."):
        load(twin)
    assert (User.objects.count(), Team.objects.count(), Customer.objects.count()) == (0, 0, 0)


def test_a_failure_half_way_leaves_nothing(twin, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(maven, "share_many", broken)
    with pytest.raises(RuntimeError, match="the power went out"):
        load(twin)
    assert (User.objects.count(), Opportunity.objects.count(), StagedRow.objects.count()) == (0, 0, 0)


def test_amounts_of_two_currencies_are_never_mixed(twin):
    load(twin)
    assert Company.current().currency == "USD"
    with pytest.raises(CommandError, match="The company keeps its amounts in USD"):
        call_command("import_maven", str(twin), currency="CNY", stdout=StringIO())


# -- the real files -----------------------------------------------------------------------------------------------


@IS_THERE
def test_the_real_files_give_their_known_answers_and_hold_for_every_check_above():
    said = load(REAL)
    won, lost = Opportunity.objects.won(), Opportunity.objects.lost()
    assert (won.count(), lost.count()) == (4238, 2473)
    assert round(Decimal(100) * won.count() / (won.count() + lost.count()), 2) == Decimal("63.15")
    assert won.aggregate(value=Sum("amount"))["value"] == Decimal("10005534")
    assert Opportunity.objects.filter(customer=None).count() == 1425
    assert Opportunity.objects.without_amount().count() == 2089
    assert said.splitlines() == [
        "sales_teams.csv: 35 lines, 35 added, 0 there already, 0 refused",
        "products.csv: 7 lines, 7 added, 0 there already, 0 refused",
        "accounts.csv: 85 lines, 85 added, 0 there already, 0 refused",
        "sales_pipeline.csv: 8800 lines, 8800 added, 0 there already, 0 refused",
    ]

    for check in CHECKS:
        check(REAL)


CHECKS = (
    test_an_analyst_sees_the_figures_of_the_files,
    test_each_manager_sees_the_own_team_and_each_agent_the_own_opportunities,
    test_every_opportunity_is_as_its_line_says,
    test_people_stand_in_their_teams_without_password_and_with_the_role_of_their_work,
    test_accounts_belong_to_nobody_and_are_seen_by_the_teams_that_sell_to_them,
    test_the_ledger_tells_the_moves_that_the_dates_tell,
    test_products_are_found_by_the_rule_of_names,
    test_a_second_time_changes_nothing,
)
