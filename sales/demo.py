"""The demo's opportunities: nine months of deals that began, moved, were won and lost, and what is open today."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from crm.asking import ask
from crm.demo_tags import sprinkle
from crm.sharing import give
from customers.demo import backdate
from sales import demo_words as words
from sales.models import Opportunity, Product, Stage, StageChange, StageType
from sales.setup import load_catalogues

WEEKS = 39  # of closed deals; those of last week are more, so that a Monday report has something to say
LAST_WEEK = 7
OPEN = (("prospecting", 34), ("qualification", 31), ("proposal", 28), ("negotiation", 22))
VOID = 6
PATH = ("prospecting", "qualification", "proposal", "negotiation")
KINDS = ("new", "new", "new", "new", "upsell", "cross_sell", "renewal")
SOURCES = ("website", "referral", "exhibition", "existing", "partner", "cold_call", "")


@dataclass
class Step:
    """An opportunity entered a stage at a moment."""

    stage: Stage
    at: datetime.datetime


def make(world, random):
    """Fill world.products and world.opportunities (oldest first), with the ledger of every move."""
    world.products = make_products(world)
    plot = Plot(world, random)
    rows = [*plot.closed(), *plot.open(), *plot.void()]
    rows.sort(key=lambda row: row.steps[0].at)
    world.opportunities = save(rows)
    record_moves(world.opportunities, random)
    sprinkle(Opportunity, world.users["wang"])
    mine = [row for row in world.opportunities if row.owner == world.users["li"] and row.stage.is_open and row.customer]
    give(mine[0], [world.users["lin"]], actor=world.users["wang"], change=True, reason="联合跟进")
    ask(mine[0].customer, asker=world.users["lin"], level="view", reason="联合跟进，需要看客户的联系人")


def make_products(world) -> list[Product]:
    return Product.objects.bulk_create(
        Product(
            code=code,
            name_zh=name_zh,
            name_en=name_en,
            series=series,
            list_price=price,
            currency=world.company.currency,
            order=order,
        )
        for order, (code, name_zh, name_en, series, price) in enumerate(words.PRODUCTS, 1)
    )


class Plot:
    """Makes opportunities that are not saved yet, each with `steps`: the stages it went through."""

    def __init__(self, world, random):
        self.world, self.random = world, random
        pipeline = load_catalogues()
        self.stages = {stage.code: stage for stage in Stage.objects.filter(pipeline=pipeline)}
        self.now = timezone.localtime(timezone=world.company.zone).replace(second=0, microsecond=0)
        self.monday = self.now.date() - datetime.timedelta(days=self.now.weekday())
        self.customers = [customer for customer in world.customers if customer.owner_id and customer.kind == "company"]
        self.contacts = {}
        for contact in world.contacts:
            self.contacts.setdefault(contact.customer.pk, contact)
        # Whoever sells sells differently much.
        owners = sorted({customer.owner_id for customer in self.customers})
        self.diligence = {owner: 3 - number % 3 for number, owner in enumerate(owners)}

    # -- three kinds of fate ------------------------------------------------------------------------------------------
    def closed(self):
        """Two or three a week over nine months, more last week; the share of wins grows slowly."""
        for week in range(1, WEEKS + 1):
            many = LAST_WEEK if week == 1 else self.random.choice((2, 2, 3))
            for number in range(many):
                weekday = self.random.randrange(5)
                day = self.monday - datetime.timedelta(weeks=week) + datetime.timedelta(days=weekday)
                won = number < 4 if week == 1 else self.random.random() < (0.66 if week < 13 else 0.56)
                yield self.ended("won" if won else "lost", self.moment(day))

    def void(self):
        for _number in range(VOID):
            day = self.now.date() - datetime.timedelta(days=self.random.randint(10, 200))
            yield self.ended("void", self.moment(day))

    def open(self):
        for code, many in OPEN:
            for _number in range(many):
                yield self.running(code)

    def ended(self, code: str, at) -> Opportunity:
        row = self.opportunity()
        passed = len(PATH) if code == "won" else self.random.randint(1, len(PATH))
        row.steps = self.steps(PATH[:passed], at, self.random.randint(21, 120))
        row.steps.append(Step(self.stages[code], at))
        row.expected_close_on = at.date() + datetime.timedelta(days=self.random.randint(-25, 20))
        if code != "void":
            row.closed_on = at.date()
        if code == "won" and row.amount is None:
            row.amount = Decimal(96_000)
        if code == "lost":
            row.lost_reason = self.random.choice(("price", "price", "competitor", *words.CHINESE_LOSSES))
            notes = words.CHINESE_LOSSES if self.is_chinese(row) else words.ENGLISH_LOSSES
            row.lost_note = notes[row.lost_reason] if self.random.random() < 0.7 else ""
        return row

    def running(self, code: str) -> Opportunity:
        """Open in the stage: some late, some too long in their stage, some without a day or an amount."""
        row = self.opportunity()
        passed = PATH.index(code) + 1
        since = self.now - datetime.timedelta(days=self.random.choice((1, 2, 3, 5, 6, 8, 11, 14, 19, 26, 40)))
        before = self.steps(PATH[: passed - 1], since, 14 + 16 * passed) if passed > 1 else []
        row.steps = [*before, Step(self.stages[code], since)]
        fate = self.random.random()
        if fate < 0.15:
            row.expected_close_on = self.now.date() - datetime.timedelta(days=self.random.randint(2, 40))
        elif fate < 0.92:
            row.expected_close_on = self.now.date() + datetime.timedelta(days=self.random.randint(3, 150 - 25 * passed))
        if self.random.random() < 0.8:
            steps = words.CHINESE_STEPS if self.is_chinese(row) else words.ENGLISH_STEPS
            row.next_step = self.random.choice(steps)
            row.next_step_on = self.now.date() + datetime.timedelta(days=self.random.randint(-4, 20))
        if self.random.random() < 0.1:
            row.probability = min(95, self.stages[code].probability + self.random.choice((-10, 10, 15)))
        return row

    # -- pieces -------------------------------------------------------------------------------------------------------
    def opportunity(self) -> Opportunity:
        owners = list(self.diligence)
        owner = self.random.choices(owners, [self.diligence[one] for one in owners])[0]
        customer = self.random.choice([customer for customer in self.customers if customer.owner_id == owner])
        product = self.random.choice(self.world.products)
        row = Opportunity(
            customer=customer,
            contact=self.contacts.get(customer.pk),
            product=product,
            amount=self.amount(product),
            currency=self.world.company.currency,
            type=self.random.choice(KINDS),
            source=self.random.choice(SOURCES),
        )
        row.give_to(customer.owner)
        row.created_by = row.modified_by = customer.owner
        titles = words.CHINESE_TITLES if self.is_chinese(row) else words.ENGLISH_TITLES
        name = product.name_zh if self.is_chinese(row) else product.name_en
        row.name = self.random.choice(titles).format(product=name)
        return row

    def amount(self, product) -> Decimal | None:
        """Around the list price, for one to three pieces; one in eleven is not known yet."""
        if self.random.random() < 0.09:
            return None
        price = product.list_price or self.random.randint(3, 12) * 10_000
        return Decimal(round(price * self.random.choice((1, 1, 1, 2, 3)) * self.random.uniform(0.82, 1.05), -3))

    def steps(self, codes, end, days: int) -> list[Step]:
        """The stages passed during the days before the end, the first at their beginning."""
        places = sorted(self.random.uniform(0.08, 0.95) for _code in codes[1:])
        start = end - datetime.timedelta(days=days)
        return [
            Step(self.stages[code], (start + (end - start) * place).replace(second=0, microsecond=0))
            for code, place in zip(codes, [0, *places], strict=True)
        ]

    def moment(self, day: datetime.date) -> datetime.datetime:
        """Some time during working hours of the day."""
        time = datetime.time(self.random.randint(9, 17), self.random.randint(0, 59))
        return datetime.datetime.combine(day, time, tzinfo=self.world.company.zone)

    @staticmethod
    def is_chinese(row) -> bool:
        return row.customer.country == "中国"


def save(rows: list[Opportunity]) -> list[Opportunity]:
    for row in rows:
        last = row.steps[-1]
        row.stage, row.pipeline_id, row.stage_entered_at = last.stage, last.stage.pipeline_id, last.at
        row.engaged_on = row.steps[1].at.date() if len(row.steps) > 1 else None
        row.base_amount = row.amount
    made = Opportunity.objects.bulk_create(rows)
    backdate(made, {row.pk: row.steps[0].at for row in made})
    return made


def record_moves(opportunities, random):
    """The ledger: amounts before the proposal were rough, as they are in life."""
    changes = []
    for row in opportunities:
        for number, step in enumerate(row.steps):
            is_rough = row.amount is not None and step.stage.probability < 50 and step.stage.type == StageType.OPEN
            rough = Decimal(round(row.amount * Decimal(random.uniform(0.8, 1.25)), -3)) if is_rough else row.amount
            changes.append(
                StageChange(
                    opportunity=row,
                    from_stage=row.steps[number - 1].stage if number else None,
                    to_stage=step.stage,
                    at=step.at,
                    actor=row.owner,
                    amount=row.amount if number == len(row.steps) - 1 else rough,
                )
            )
    StageChange.objects.bulk_create(sorted(changes, key=lambda change: change.at))
