"""The demo's customers: companies of all kinds, the people there, and four months of talks with them."""

import datetime
from decimal import Decimal
from random import Random

from django.utils import timezone

from crm.demo_files import attach_samples
from crm.demo_tags import sprinkle
from crm.events import announce_many
from crm.models import TimelineEntry
from crm.sharing import give
from customers import demo_acts, demo_fields
from customers import demo_words as words
from customers.demo_details import describe, make_details
from customers.demo_twins import find_twins, make_twins
from customers.events import customer_added
from customers.models import (
    Contact,
    ContactPoint,
    ContactRole,
    Customer,
    CustomerFile,
    FollowUpPlan,
    Industry,
    Interaction,
)
from customers.pinyin import name_pinyin
from customers.setup import load_catalogues

CHINESE, FOREIGN, PEOPLE = 112, 34, 4
TALKS, DAYS = 620, 120
REPS, FOREIGN_REPS = ("lin", "zhang", "li", "zhao"), ("emma", "noah")
# The pictures of the product show these; they come first, so that their numbers are small.
FIRST = (
    ("苏州晨曦医疗器械有限公司", "C35", "苏州", "江苏", "0512"),
    ("宁波海川重工集团", "C", "宁波", "浙江", "0574"),
    ("温州瑞安电气有限公司", "C", "温州", "浙江", "0577"),
)
LEVELS = "AABBBBCCCCCD"
LIFECYCLES = (
    "lead",
    "prospect",
    "prospect",
    "prospect",
    "active",
    "active",
    "active",
    "active",
    "at_risk",
    "dormant",
    "churned",
    "won_back",
)
SOURCES = (
    "website",
    "referral",
    "cold_call",
    "exhibition",
    "advertisement",
    "search",
    "partner",
    "existing",
    "campaign",
    "other",
)


def make(world, random):
    """Fill world.customers, world.contacts and world.interactions (lists of rows, oldest customer first)."""
    load_catalogues()
    demo_fields.define()
    now = timezone.localtime(timezone=world.company.zone).replace(second=0, microsecond=0)
    world.customers = make_customers(world, random, now)
    world.contacts = make_contacts(world.customers, random)
    make_details(world.customers, random)
    world.interactions = make_interactions(world, random, now)
    share_some(world, now)
    demo_acts.make(world, now)
    sprinkle(Customer, world.users["wang"])
    attach_samples(CustomerFile, world.customers[0], world.users["lin"])
    world.customers = list(Customer.objects.order_by("pk"))  # with what the talks have set
    add_twins(world, now)


def add_twins(world, now):
    """What was entered twice, and the queue that tells of it; the other floors leave these customers alone."""
    customers, contacts = make_twins(world)
    announce_earlier(customers, Random(7), now)
    backdate(contacts, {row.pk: customers[1].created_at for row in contacts})
    find_twins()


def share_some(world, now):
    """A joint visit until the end of next month, a hand-over between teams, and one among the English speakers."""
    users, later = world.users, now + datetime.timedelta(days=45)
    give(world.customers[2], [users["lin"]], actor=users["wang"], change=True, until=later, reason="联合拜访")
    give(world.customers[5], [world.teams["华东二组"]], actor=users["wang"], change=False, reason="区域交接")
    foreign = next((one for one in world.customers if one.owner == users["emma"]), None)
    if foreign is not None:
        why = "Covers for me during my holiday"
        give(foreign, [users["noah"]], actor=users["emma"], change=False, until=later, reason=why)


def make_customers(world, random, now) -> list[Customer]:
    industries = {industry.code: industry for industry in Industry.objects.all()}
    rows = [*chinese_companies(world, random), *foreign_companies(world, random), *private_people(world, random)]
    for row in rows:
        row.industry = industries.get(row.industry_code)
        row.name_pinyin, row.currency = name_pinyin(row.name), world.company.currency
        row.level, row.lifecycle, row.source = random.choice(LEVELS), random.choice(LIFECYCLES), random.choice(SOURCES)
        row.created_by = row.modified_by = row.owner or world.users["admin"]
        demo_fields.fill(row)
    describe(rows, random)
    for row in rows[: len(FIRST)]:
        row.level, row.lifecycle = Customer.Level.A, Customer.Lifecycle.ACTIVE
    made = Customer.objects.bulk_create(rows)
    for group in [row for row in made if "集团" in row.name][:3]:
        below = [row.pk for row in random.sample(made[10:80], 2) if row.pk != group.pk]
        Customer.objects.filter(pk__in=below).update(parent=group)
    announce_earlier(made, random, now)
    return made


def announce_earlier(made, random, now):
    """Spread the customers over two years, and say in their timelines who added them and when."""
    ages = {row.pk: datetime.timedelta(days=random.randint(DAYS, 900), minutes=random.randint(0, 600)) for row in made}
    backdate(made, {pk: now - age for pk, age in ages.items()})
    for user in sorted({row.created_by for row in made}, key=lambda user: user.pk):
        announce_many(customer_added, Customer.objects.filter(created_by=user), actor=user)
    for row in made:
        TimelineEntry.objects.about(row).update(at=row.created_at)


def company(random, name, code, owner, *, dial, **fields) -> Customer:
    """A company that is not saved yet; one in nine has no known revenue."""
    revenue = None if random.random() < 0.11 else Decimal(random.randint(8, 4000)) * 100_000
    employees = random.choice((None, 35, 60, 120, 180, 260, 420, 800, 1500, 3200))
    row = Customer(name=name, revenue=revenue, employees=employees, **fields)
    row.industry_code, row.dial = code, dial
    row.give_to(owner)
    return row


def chinese_companies(world, random) -> list[Customer]:
    names = {name for name, *_rest in FIRST}
    plans = list(FIRST)
    while len(plans) < CHINESE:
        (city, province, dial), brand, (trade, code) = (
            random.choice(words.CITIES),
            random.choice(words.BRANDS),
            random.choice(words.TRADES),
        )
        name = f"{city}{brand}{trade}"
        if name not in names:
            names.add(name)
            plans.append((name, code, city, province, dial))
    rows = []
    for number, (name, code, city, province, dial) in enumerate(plans):
        # One in fourteen belongs to nobody yet.
        owner = None if number % 14 == 13 else world.users[REPS[number % len(REPS)]]
        region = city if city == province else f"{province} {city}"
        rows.append(company(random, name, code, owner, dial=f"{dial}55500", country="中国", region=region))
    return rows


def foreign_companies(world, random) -> list[Customer]:
    rows = []
    for number, brand in enumerate(random.sample(words.FOREIGN_BRANDS * 2, FOREIGN)):
        (trade, code), (country, city, form, dial) = random.choice(words.FOREIGN_TRADES), random.choice(words.PLACES)
        name = f"{brand} {trade} {form}"
        if name in {row.name for row in rows}:
            continue
        site = "".join(letter for letter in f"{brand}{trade}".lower() if letter.isascii() and letter.isalnum())
        owner = world.users[FOREIGN_REPS[number % len(FOREIGN_REPS)]]
        rows.append(
            company(
                random, name, code, owner, dial=dial, country=country, region=city, website=f"https://{site}.example"
            )
        )
    return rows


def private_people(world, random) -> list[Customer]:
    rows = []
    for number in range(PEOPLE):
        name = random.choice(words.FAMILY_NAMES) + random.choice(words.GIVEN_NAMES)
        row = Customer(name=name, kind=Customer.Kind.PERSON, country="中国", region="上海")
        row.industry_code = None
        row.give_to(world.users[REPS[number % len(REPS)]])
        rows.append(row)
    return rows


def make_contacts(customers, random) -> list[Contact]:
    """One to four people a company, the first of them the primary contact, with phones and addresses."""
    contacts, jobs = [], []
    for customer in customers:
        if customer.kind == Customer.Kind.PERSON:
            continue
        several = random.sample(words.JOBS, 4 if customer in customers[: len(FIRST)] else random.randint(1, 4))
        for job, name in zip(several, names(customer, len(several), random), strict=True):
            contacts.append(person(customer, job, name, random))
            jobs.append((customer, job[0]))
    contacts = Contact.objects.bulk_create(contacts)
    primary = set()
    roles = []
    for contact, (customer, role) in zip(contacts, jobs, strict=True):
        contact.customer = customer
        roles.append(
            ContactRole(
                contact=contact,
                customer=customer,
                role=role,
                created_by=customer.created_by,
                is_primary=customer.pk not in primary,
            )
        )
        primary.add(customer.pk)
    ContactRole.objects.bulk_create(roles)
    points = [point for contact in contacts for point in points_of(contact, random)]
    points += [switchboard(customer) for customer in customers if customer.kind == Customer.Kind.COMPANY]
    ContactPoint.objects.bulk_create(points)
    backdate(contacts, {contact.pk: contact.customer.created_at for contact in contacts})
    return contacts


def names(customer, number, random) -> list[str]:
    """So many different names as people at this customer bear."""
    if customer.country != "中国":
        return random.sample(words.FOREIGN_NAMES, number)
    return [
        f + g
        for f, g in zip(
            random.sample(words.FAMILY_NAMES, number), random.sample(words.GIVEN_NAMES, number), strict=True
        )
    ]


def person(customer, job, name, random) -> Contact:
    _role, chinese, english, department, section = job
    at_home = customer.country == "中国"
    return Contact(
        name=name,
        name_pinyin=name_pinyin(name),
        position=random.choice(chinese if at_home else english),
        department=department if at_home else section,
        created_by=customer.created_by,
        modified_by=customer.created_by,
    )


def points_of(contact, random) -> list[ContactPoint]:
    author, at_home = contact.created_by, contact.customer.country == "中国"
    mobile = f"1990000{contact.pk % 10_000:04}" if at_home else f"+4477009{contact.pk % 100_000:05}"
    address = f"p{contact.pk}@customer-{contact.customer.pk}.example"
    values = [("mobile", mobile), ("email", address)]
    if at_home and random.random() < 0.4:
        values.append(("wechat", f"wx_{contact.pk:05}"))
    gone = {"mobile": 23, "email": 17}  # every so many-th has left its number or address behind
    return [
        ContactPoint(
            contact=contact,
            kind=kind,
            value=value,
            is_primary=True,
            is_valid=contact.pk % gone.get(kind, contact.pk + 1) != 0,
            created_by=author,
        )
        for kind, value in values
    ]


def switchboard(customer) -> ContactPoint:
    value = f"{customer.dial}{customer.pk % 1000:03}"
    return ContactPoint(customer=customer, kind="phone", value=value, is_primary=True, created_by=customer.created_by)


def make_interactions(world, random, now) -> list[Interaction]:
    """Talks on working days, more with the customers of level A and B; plans lie up to two weeks after the talk."""
    people: dict[int, list[Contact]] = {}
    for contact in world.contacts:
        people.setdefault(contact.customer.pk, []).append(contact)
    owned = [customer for customer in world.customers if customer.owner_id]
    weights = [{"A": 6, "B": 3, "C": 1, "D": 1}[customer.level] for customer in owned]
    weights[: len(FIRST)] = [18] * len(FIRST)
    own = Random(7)  # what came later into the story draws by itself, so that the rest stays as it was
    rows = []
    for customer in random.choices(owned, weights, k=TALKS):
        at_home = customer.country == "中国"
        kind, outcome, text, step = random.choice(words.TALKS if at_home else words.FOREIGN_TALKS)
        at = working_time(random, now)
        rows.append(
            Interaction(
                customer=customer,
                contact=random.choice(people.get(customer.pk) or [None]),
                kind=kind,
                outcome=outcome,
                text=text,
                next_step=step,
                at=at,
                next_at=next_time(at, now, random) if step else None,
                created_by=customer.owner,
                modified_by=customer.owner,
                duration=own.choice((5, 8, 12, 20, 30)) if kind == "call" else own.choice((None, 45, 60, 90)),
                with_contacts=others(people.get(customer.pk), own) if kind in ("visit", "meeting") else [],
                direction="in" if kind in ("call", "email", "wechat") and random.random() < 0.2 else "out",
            )
        )
    rows.sort(key=lambda row: row.at)
    for row in rows:
        row.with_contacts = [key for key in row.with_contacts if key != row.contact_id]
    plan_first(rows, world.customers[0], now)
    made = Interaction.objects.bulk_create(rows)
    backdate(made, {row.pk: row.at for row in made})
    settle_plans(world, own, now)
    return made


def settle_plans(world, random, now):
    """The plans that the talks have made: most of the late ones were given up, a few still wait for somebody."""
    plans = list(FollowUpPlan.objects.select_related("origin").order_by("pk"))
    backdate(plans, {plan.pk: plan.origin.at for plan in plans})
    for plan in plans:
        is_late = plan.is_open and plan.at < now
        if is_late and (plan.customer_id == world.customers[0].pk or random.random() < 0.7):
            plan.state = random.choice((FollowUpPlan.State.MISSED, FollowUpPlan.State.CANCELLED))
            plan.save(update_fields=["state"])
    for number, (kind, purpose) in enumerate(words.PLANS):
        customer = world.customers[number]
        at = (now + datetime.timedelta(days=2 + number)).replace(hour=10, minute=0)
        FollowUpPlan.objects.create(
            customer=customer, kind=kind, purpose=purpose, at=at, owner=customer.owner, created_by=customer.owner
        )


def others(contacts, random) -> list[int]:
    """Now and then one more person of the customer sat at the table."""
    return [random.choice(contacts).pk] if contacts and len(contacts) > 1 and random.random() < 0.4 else []


def plan_first(rows, customer, now):
    """The customer that the product's pictures show has a step planned for tomorrow."""
    newest = [row for row in rows if row.customer == customer][-1]
    newest.next_step = "回电确认 CT 维保报价，需带上三年期折扣方案"
    newest.next_at = (now + datetime.timedelta(days=1)).replace(hour=14, minute=0)


def working_time(random, now) -> datetime.datetime:
    """A moment in working hours on one of the last working days."""
    day = now - datetime.timedelta(days=random.randint(1, DAYS))
    day -= datetime.timedelta(days=max(0, day.weekday() - 4))
    return day.replace(hour=random.randint(9, 17), minute=random.choice((0, 10, 15, 20, 30, 40, 45, 50)))


def next_time(at, now, random) -> datetime.datetime | None:
    """A planned moment; few old talks left a plan that nobody has kept yet."""
    if random.random() > (0.8 if now - at < datetime.timedelta(days=12) else 0.15):
        return None
    day = at + datetime.timedelta(days=random.randint(2, 14))
    day += datetime.timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
    return day.replace(hour=random.choice((9, 10, 14, 15)), minute=0)


def backdate(rows, moments):
    """Let rows that were just made look as made at other moments: {key: moment}. Their change log says the same."""
    model = type(rows[0])
    for row in rows:
        row.created_at = moments[row.pk]
    events = model.pgh_event_model.objects.filter(pgh_obj_id__in=moments)
    before = set(events.values_list("pk", flat=True))
    model.objects.bulk_update(rows, ["created_at"], batch_size=500)
    events.exclude(pk__in=before).delete()
    first = events.filter(pgh_label="insert")
    for event in first:
        event.pgh_created_at = event.created_at = moments[event.pgh_obj_id]
    model.pgh_event_model.objects.bulk_update(first, ["pgh_created_at", "created_at"], batch_size=500)
