"""Loads the Maven files whole: people, master data, customers, opportunities, their ledger; once, however often."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import DateTimeField, F, Func, Value
from django.utils import timezone
from django.utils.text import slugify

from crm import roles
from crm.access import share_many
from crm.events import announce_many
from crm.exchange import match_key, refresh_statistics
from crm.exchange.staging import StagedLine, copied, copy_rows, filled_of, fresh_keys, insert_records
from crm.history import acting
from crm.models import Company, ImportBatch, StagedRow, Team, User
from customers.events import customer_added
from customers.models import Customer, Industry
from customers.models.customer import size_of
from customers.pinyin import name_pinyin
from sales.maven_files import CLOSED_STAGES, MILLION, File, Line, read_files
from sales.models import Opportunity, Pipeline, Product, Stage
from sales.services import record_stage_changes

SOURCE = "maven"
MAIL_DOMAIN = "maven.example"
Decision = StagedRow.Decision
# The sectors of the published files, "technolgy" as they spell it: (code, Chinese, English).
SECTORS = {
    "employment": ("employment", "人力资源", "Employment"),
    "entertainment": ("entertainment", "娱乐", "Entertainment"),
    "finance": ("finance", "金融", "Finance"),
    "marketing": ("marketing", "市场营销", "Marketing"),
    "medical": ("medical", "医疗", "Medical"),
    "retail": ("retail", "零售", "Retail"),
    "services": ("services", "服务", "Services"),
    "software": ("software", "软件", "Software"),
    "technolgy": ("technology", "科技", "Technology"),
    "telecommunications": ("telecommunications", "电信", "Telecommunications"),
}
PIPELINE = {"name_zh": "Maven 销售流程", "name_en": "Maven sales process", "order": 90}
# code, type, win probability in %, Chinese name, English name
STAGES = (
    ("prospecting", "open", 10, "初步接洽", "Prospecting"),
    ("engaging", "open", 50, "深入洽谈", "Engaging"),
    ("won", "won", 100, "赢单", "Won"),
    ("lost", "lost", 0, "输单", "Lost"),
)


class WrongCurrency(Exception):
    """The company keeps its amounts in another currency already."""


@dataclass
class Loaded:
    """What one file gave: numbers of lines that were read, became records, were there before, and the refused lines."""

    file: str
    read: int = 0
    added: int = 0
    rejects: list[Line] = field(default_factory=list)

    @property
    def present(self) -> int:
        return self.read - self.added - len(self.rejects)


def load(folder: Path, *, currency: str) -> list[Loaded]:
    """Load the folder: all or nothing, refused lines excepted. Raises UnreadableFile or WrongCurrency."""
    files = read_files(folder)
    with transaction.atomic(), acting(None, source=SOURCE):
        return Load(files, currency).run()


class Load:
    """One loading: what the files hold, and what has been found or made for it so far."""

    def __init__(self, files: dict[str, File], currency: str):
        self.files, self.company = files, company_in(currency)
        self.people: dict[str, User] = {}
        self.products: dict[str, int] = {}
        self.customers: dict[str, int] = {}

    def run(self) -> list[Loaded]:
        return [self.load_people(), self.load_products(), self.load_customers(), self.load_opportunities()]

    # -- people ------------------------------------------------------------------------------------------------------
    def load_people(self) -> Loaded:
        """Regions are top teams, each manager leads a team below, agents sell there. Nobody gets a password."""
        roles.setup_roles()
        seller, leader = (Group.objects.get(name=name) for name in (roles.SALES_REP, roles.SALES_MANAGER))
        file, added = self.files["sales_teams"], 0
        for line in file.good:
            region = team_called(line["regional_office"], None)
            team = team_called(line["manager"], region)
            manager, _is_new = self.person(line["manager"], team, leader)
            if team.manager_id is None:
                team.manager = manager
                team.save()
            _agent, is_new = self.person(line["sales_agent"], team, seller)
            added += is_new
        return Loaded(file.name, len(file.lines), added, file.rejects)

    def person(self, name: str, team: Team, role: Group) -> tuple[User, bool]:
        """The user of a name, made when missing; one who is there stays as administrators have left him."""
        username = slugify(name) or f"maven-{match_key(name)}"
        user = User.objects.filter(username=username, email=f"{username}@{MAIL_DOMAIN}").first()
        if is_new := user is None:
            user = User.objects.create_user(
                username,
                f"{username}@{MAIL_DOMAIN}",
                None,
                name=name,
                team=team,
                language="en",
                time_zone=self.company.time_zone,
            )
            user.groups.add(role)
        self.people[match_key(name)] = user
        return user, is_new

    # -- master data -------------------------------------------------------------------------------------------------
    def load_products(self) -> Loaded:
        file, known = self.files["products"], {match_key(p.name_en): p.pk for p in Product.objects.all()}
        missing = [line for line in file.good if match_key(line["product"]) not in known]
        made = Product.objects.bulk_create(
            Product(
                code=f"maven-{slugify(line['product'])}"[:40],
                name_zh=line["product"],
                name_en=line["product"],
                series=line["series"] or "",
                list_price=line["sales_price"],
                currency=self.company.currency,
                order=line.line,
            )
            for line in missing
        )
        self.products = known | {match_key(product.name_en): product.pk for product in made}
        return Loaded(file.name, len(file.lines), len(made), file.rejects)

    def industries(self) -> dict[str, int]:
        """{sector: key} of the industries that the accounts name."""
        found = {}
        for sector in sorted({line["sector"] for line in self.files["accounts"].good} - {""}):
            code, zh, en = SECTORS.get(sector, (slugify(sector), sector, sector.capitalize()))
            industry = Industry.objects.filter(code=f"maven-{code}"[:40]).first()
            found[sector] = (industry or Industry.objects.create(code=f"maven-{code}"[:40], name_zh=zh, name_en=en)).pk
        return found

    def stages(self) -> dict[str, Stage]:
        """{code: stage} of the pipeline of these files."""
        pipeline = Pipeline.objects.filter(code=SOURCE).first() or Pipeline.objects.create(code=SOURCE, **PIPELINE)
        found = {stage.code: stage for stage in Stage.objects.filter(pipeline=pipeline)}
        for order, (code, kind, probability, zh, en) in enumerate(STAGES, 1):
            if code not in found:
                found[code] = Stage.objects.create(
                    pipeline=pipeline,
                    code=code,
                    type=kind,
                    probability=probability,
                    order=order,
                    name_zh=zh,
                    name_en=en,
                )
        return found

    # -- customers ---------------------------------------------------------------------------------------------------
    def load_customers(self) -> Loaded:
        """Accounts have no owner and no team. Keys are taken first, since one account can be the parent of another."""
        file, known = self.files["accounts"], keys_by_reference(Customer)
        missing = [line for line in file.good if match_key(line["account"]) not in known]
        keys = dict(
            zip((match_key(line["account"]) for line in missing), fresh_keys(Customer, len(missing)), strict=True)
        )
        self.customers, industries = known | keys, self.industries()
        records = [(line, keys[match_key(line["account"])], self.customer(line, industries)) for line in missing]
        added = write(Customer, "customers", file, records)
        if keys:
            announce_many(customer_added, Customer.objects.filter(pk__in=list(keys.values())), actor=None)
        return Loaded(file.name, len(file.lines), added, file.rejects)

    def customer(self, line: Line, industries) -> Customer:
        parent = line["subsidiary_of"]
        return Customer(
            name=line["account"],
            name_pinyin=name_pinyin(line["account"]),
            industry_id=industries.get(line["sector"]),
            country=line["office_location"] or "",
            revenue=None if line["revenue"] is None else line["revenue"] * MILLION,
            currency=self.company.currency,
            employees=line["employees"],
            size=size_of(line["employees"]),
            parent_id=self.customers[match_key(parent)] if parent else None,
            background=f"Established in {line['year_established']}" if line["year_established"] else "",
            source_system=SOURCE,
            external_ref=match_key(line["account"])[:100],
        )

    # -- opportunities -----------------------------------------------------------------------------------------------
    def load_opportunities(self) -> Loaded:
        file, known, stages = self.files["sales_pipeline"], keys_by_reference(Opportunity), self.stages()
        missing = [line for line in file.good if match_key(line["opportunity_id"]) not in known]
        keys = fresh_keys(Opportunity, len(missing))
        records = [(line, key, self.opportunity(line, stages)) for line, key in zip(missing, keys, strict=True)]
        added = write(Opportunity, "opportunities", file, records)
        made = Opportunity.objects.filter(pk__in=keys)
        if keys:
            self.write_ledger(made, stages)
        self.share_customers()
        return Loaded(file.name, len(file.lines), added, file.rejects)

    def opportunity(self, line: Line, stages) -> Opportunity:
        stage, owner = stages[match_key(line["deal_stage"])], self.people[match_key(line["sales_agent"])]
        entered_on = line["close_date"] or line["engage_date"]
        entered_at = datetime.datetime.combine(entered_on, datetime.time(), self.company.zone) if entered_on else None
        amount = line["close_value"]
        return Opportunity(
            name=f"{line['account'] or line['opportunity_id']} · {line['product']}"[:200],
            owner=owner,
            team_id=owner.team_id,
            customer_id=self.customers[match_key(line["account"])] if line["account"] else None,
            product_id=self.products[match_key(line["product"])],
            pipeline_id=stage.pipeline_id,
            stage=stage,
            stage_entered_at=entered_at or timezone.now(),
            engaged_on=line["engage_date"],
            closed_on=line["close_date"],
            amount=amount,
            base_amount=amount,
            currency=self.company.currency,
            source_system=SOURCE,
            external_ref=line["opportunity_id"],
        )

    def write_ledger(self, made, stages):
        """The moves that the dates tell: into Engaging on the engage date, then to Won or Lost on the closing day."""
        engaging, engaged_at = stages["engaging"], StartOfDay(F("engaged_on"), Value(self.company.time_zone))
        closed = made.filter(stage__code__in=CLOSED_STAGES)
        met = closed.filter(engaged_on__isnull=False)
        record_stage_changes(made.exclude(stage__code__in=CLOSED_STAGES))
        record_stage_changes(met, at=engaged_at, to_stage=Value(engaging.pk), amount=Value(None))
        record_stage_changes(met, from_stage=Value(engaging.pk))
        record_stage_changes(closed.filter(engaged_on__isnull=True))

    def share_customers(self):
        """Every team that sells to an account sees it."""
        pairs = {
            (self.customers[match_key(line["account"])], self.people[match_key(line["sales_agent"])].team)
            for line in self.files["sales_pipeline"].good
            if line["account"]
        }
        share_many(Customer, pairs, actor=None, reason="Maven")


class StartOfDay(Func):
    """The moment at which a day begins in a time zone: StartOfDay(day, zone)."""

    template = "timezone(%(zone)s, %(day)s::timestamp)"
    output_field = DateTimeField()

    def as_sql(self, compiler, connection, **extra):
        day, zone = (compiler.compile(one) for one in self.source_expressions)
        return f"timezone({zone[0]}, ({day[0]})::timestamp)", (*zone[1], *day[1])


def company_in(currency: str) -> Company:
    """The company, keeping its amounts in the currency. Raises WrongCurrency when it has amounts in another one."""
    company = Company.current()
    if company.currency != currency:
        if (
            Opportunity.everything.filter(amount__isnull=False).exists()
            or Customer.everything.filter(revenue__isnull=False).exists()
        ):
            raise WrongCurrency(company.currency)
        company.currency = currency
        company.save()
    return company


def team_called(name: str, parent: Team | None) -> Team:
    """The team of a name below the parent, made when missing."""
    for team in Team.objects.filter(parent=parent).select_related("manager"):
        if match_key(team.name) == match_key(name):
            return team
    return Team.objects.create(name=name, parent=parent)


def keys_by_reference(model) -> dict[str, int]:
    """{reference: key} of what these files have given before; records in the recycle bin count, too."""
    rows = model.everything.filter(source_system=SOURCE).values_list("external_ref", "pk")
    return {match_key(reference): pk for reference, pk in rows}


def write(model, slug: str, file: File, records: list[tuple[Line, int, object]]) -> int:
    """Stage the new and the refused lines of a file, and make records of the new ones; gives their number."""
    batch = ImportBatch.objects.create(user=None, entity=slug, name=file.name, headings=file.headings)
    staged = [StagedLine(line.line, line.cells, filled_of(one), {}, Decision.CREATE) for line, _key, one in records]
    staged += [StagedLine(line.line, line.cells, None, line.errors, Decision.REJECT) for line in file.rejects]
    copy_rows(copied(batch, staged))
    added = insert_records(model, batch, {line.line: key for line, key, _record in records})
    refresh_statistics(model, added)
    return added
