"""The Maven files come in through the pages of the import alone; then every figure is that of the files."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from crm import roles
from crm.exchange import match_key
from crm.models import Company, ImportBatch, Team, User
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    files_in_a_folder_of_their_own,
    run_waiting,
    signed_in,
)
from customers.models import Customer, Industry
from sales.models import Opportunity, Product, StageChange
from sales.setup import load_catalogues
from sales.tests import test_maven
from sales.tests.maven_twin import read, write_twin
from sales.tests.test_maven import IS_THERE, REAL
from tests.cast import make_user

pytestmark = pytest.mark.django_db
TEAMS = "sales_teams"


class Wizard:
    """What a person does on the pages: choose the file, map its columns, say what its values mean, have it written."""

    def __init__(self, client, folder):
        self.client, self.folder = client, folder

    def __call__(self, slug, name, columns, *, same=None, factors=None, values=None, new=(), lines=None):
        """columns: {heading: field}; same: {field: constant}; values: {field: {text: what it means}}.

        new: fields of which unknown values are added. lines: try these alone, to say what their values mean; nothing is
        written then.
        """
        content = (self.folder / f"{name}.csv").read_bytes()
        if lines is not None:
            content = b"".join([content.splitlines(keepends=True)[n] for n in (0, *lines)])
        page = self.client.post(f"/{slug}/import/", {"file": SimpleUploadedFile(f"{name}.csv", content)}).url
        assert self.client.get(f"{page}&step=map").status_code == 200
        batch = ImportBatch.objects.latest("pk")
        said = {f"column_{place}": columns.get(heading, "") for place, heading in enumerate(batch.headings)}
        said |= {f"factor_{batch.headings.index(h)}": factor for h, factor in (factors or {}).items()}
        said |= {"constant_field": [*(same or {})], "constant_value": [*(same or {}).values()]}
        response = self.client.post(f"{page}&step=map", said | {"action": "check"})
        assert response.status_code == 303, response.content.decode()
        run_waiting()
        batch.refresh_from_db()
        if batch.unmatched:
            self.say(batch, page, values or {}, new)
        assert not batch.unmatched
        if lines is None:
            assert self.client.post(page, {"matched": "twin"}).status_code == 303
            run_waiting()
            batch.refresh_from_db()
        return batch

    def say(self, batch, page, values, new):
        asked = {f"{field}_all": "1" for field in new}
        for field, texts in batch.unmatched.items():
            for place, text in enumerate(texts):
                if text in values.get(field, {}):
                    asked[f"{field}_{place}"] = values[field][text]
        assert self.client.post(f"{page}&step=values", asked).status_code == 303
        run_waiting()
        batch.refresh_from_db()


def load(client, folder) -> dict[str, ImportBatch]:
    """Everything, by an administrator of a fresh installation; gives the imports by what they brought."""
    roles.setup_roles()
    load_catalogues()
    Company.objects.create(pk=1, name_zh="榕客", name_en="Banyan", currency="USD")
    sectors = {row["sector"] for row in read(folder, "accounts")}
    for sector in sectors:
        Industry.objects.create(code=sector, name_zh=sector, name_en=sector.replace("technolgy", "Technology").title())
    technology = str(Industry.objects.get(code="technolgy").pk)
    Industry.objects.filter(pk=technology).update(code="technology")
    admin = make_user("ada", None, Group.objects.get(name=roles.ADMINISTRATOR))
    wizard, done = Wizard(signed_in(client, admin), folder), {}
    done["managers"] = wizard("users", TEAMS, {"manager": "name"}, same={"roles": roles.SALES_MANAGER})
    done["teams"] = wizard(
        "teams", TEAMS, {"manager": "name", "regional_office": "parent"}, same={"manager": "{manager}"}, new=["parent"]
    )
    done["agents"] = wizard(
        "users",
        TEAMS,
        {"sales_agent": "name", "manager": "team"},
        same={"roles": roles.SALES_REP, "language": "English"},
    )
    done["products"] = wizard(
        "products", "products", {"product": "name_en", "series": "series", "sales_price": "list_price"}
    )
    account = {"account": "name", "sector": "industry", "employees": "employees", "office_location": "country"}
    done["accounts"] = wizard(
        "customers",
        "accounts",
        account | {"revenue": "revenue", "subsidiary_of": "parent"},  # parents are rows of the same file
        factors={"revenue": "1000000"},
        values={"industry": {"technolgy": technology}},
    )
    deal = {
        "opportunity_id": "external_ref",
        "sales_agent": "owner",
        "product": "product",
        "account": "customer",
        "deal_stage": "stage",
        "engage_date": "engaged_on",
        "close_date": "closed_on",
        "close_value": "amount",
    }
    name = {"name": "{account} {product} {opportunity_id}"}
    # What a stage means is said of a sample, and remembered for the whole file.
    engaging = next(n for n, row in enumerate(read(folder, "sales_pipeline"), 1) if row["deal_stage"] == "Engaging")
    meaning = {"stage": {"Engaging": str(load_catalogues().stages.get(code="qualification").pk)}}
    wizard("opportunities", "sales_pipeline", deal, same=name, values=meaning, lines=[engaging])
    assert not Opportunity.objects.exists()
    done["deals"] = wizard("opportunities", "sales_pipeline", deal, same=name)
    return done


def check(folder, done):
    """The figures of issue 2, computed from the files."""
    lines, agents = read(folder, "sales_pipeline"), read(folder, TEAMS)
    for name, batch in done.items():
        assert batch.run_job.state == "done", name
        assert not batch.run_job.counts.get("failed"), name
    made = {name: batch.run_job.counts["created"] for name, batch in done.items()}
    managers, regions = {row["manager"] for row in agents}, {row["regional_office"] for row in agents}
    assert made == {
        "managers": len(managers),
        "teams": len(managers),
        "agents": len(agents),
        "products": len(read(folder, "products")),
        "accounts": len(read(folder, "accounts")),
        "deals": len(lines),
    }
    assert set(Team.objects.filter(parent=None).values_list("name", flat=True)) == regions
    assert done["teams"].made.exclude(at=None).count() == len(regions)
    for row in agents:
        agent = User.objects.select_related("team__manager", "team__parent").get(name=row["sales_agent"])
        names = (agent.team.name, agent.team.manager.name, agent.team.parent.name)
        assert names == (row["manager"], row["manager"], row["regional_office"])
        assert (agent.has_usable_password(), [g.name for g in agent.groups.all()]) == (False, ["Sales rep"])
    test_maven.test_an_analyst_sees_the_figures_of_the_files(folder)
    test_maven.test_each_manager_sees_the_own_team_and_each_agent_the_own_opportunities(folder)
    deals = Opportunity.objects.all()
    assert deals.filter(customer=None).count() == sum(not row["account"] for row in lines)
    assert deals.without_amount().count() == sum(not row["close_value"] for row in lines)
    key = match_key
    spelled = {row["opportunity_id"]: (row["sales_agent"], key(row["product"]), row["account"]) for row in lines}
    rows = deals.values_list("external_ref", "owner__name", "product__name_en", "customer__name")
    assert {ref: (who, key(what), whom or "") for ref, who, what, whom in rows} == spelled
    assert StageChange.objects.count() == len(lines)
    revenue = sum(Decimal(row["revenue"]) for row in read(folder, "accounts")) * 1_000_000
    assert Customer.objects.aggregate(all=Sum("revenue"))["all"] == revenue
    assert not Customer.objects.filter(industry=None).exists()
    above = {row["account"]: row["subsidiary_of"] or None for row in read(folder, "accounts")}
    assert dict(Customer.objects.values_list("name", "parent__name")) == above


def test_the_twin_of_the_files_loads_through_the_pages_alone(client, tmp_path):
    folder = write_twin(tmp_path / "maven")
    check(folder, load(client, folder))
    assert Product.objects.get(code="gtx-pro").list_price == 4821
    # The same files again bring nothing new, and the meaning of values is remembered.
    client.post("/customers/import/", {"file": SimpleUploadedFile("a.csv", (folder / "accounts.csv").read_bytes())})
    again = ImportBatch.objects.latest("pk")
    client.post(f"/customers/import/?batch={again.pk}", {"action": "check"})
    run_waiting()
    again.refresh_from_db()
    assert again.unmatched == {}
    assert set(again.rows.values_list("decision", flat=True)) == {"twin"}
    assert again.columns["3"] == "revenue"


@IS_THERE
def test_the_real_files_load_through_the_pages_alone_with_their_known_answers(client):
    check(REAL, load(client, REAL))
    won, lost = Opportunity.objects.won(), Opportunity.objects.lost()
    assert (won.count(), lost.count()) == (4238, 2473)
    assert round(Decimal(100) * won.count() / (won.count() + lost.count()), 2) == Decimal("63.15")
    assert won.aggregate(value=Sum("amount"))["value"] == Decimal("10005534")
    assert Opportunity.objects.filter(customer=None).count() == 1425
    assert Opportunity.objects.without_amount().count() == 2089
    assert Team.objects.exclude(parent=None).count() == 6
    assert {g.name for g in Group.objects.filter(user__managed_teams__isnull=False)} == {"Sales manager"}
