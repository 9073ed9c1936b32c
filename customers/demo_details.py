"""The demo's addresses, invoice details and relations between customers."""

from stdnum.cn import uscc

from customers.divisions import divisions
from customers.models import Address, BillingProfile, Customer, CustomerRelation
from customers.models.customer import size_of

STREETS = ("星湖街", "人民路", "创新大道", "科技园路", "滨江路", "建设路", "中山路", "工业园三路")
BANKS = ("中国工商银行", "中国建设银行", "招商银行", "中国银行", "宁波银行")
PREFERENCES = (
    "偏好微信沟通，工作日下午回复较快；报价需附三年总成本。",
    "重视交付周期，合同须经法务审核，月底付款。",
    "Prefers e-mail and short calls before noon; wants references from the same industry.",
)


def credit_code(number: int) -> str:
    """A made-up code with a right check digit, of a registry that does not exist (00)."""
    base = f"91000000MA{number:06}X"[:17]
    return base + uscc.calc_check_digit(base)


def describe(customers, random):
    """Codes, dates and preferences of companies, as they stand before they are saved."""
    for number, row in enumerate(customers):
        if row.kind != Customer.Kind.COMPANY:
            continue
        row.size = size_of(row.employees)
        row.type = random.choices(Customer.Type.values[:5], (4, 12, 2, 2, 1))[0]
        if row.country == "中国":
            row.credit_code, row.short_name = credit_code(number), row.name[2:6]
        if random.random() < 0.4:
            row.preferences = random.choice(PREFERENCES)


def make_details(customers, random):
    """One to three addresses and invoice details a company, and some relations."""
    cities = {}
    for division in divisions().values():
        if division.district and division.city:
            cities.setdefault(division.city.removesuffix("市"), []).append(division)
    addresses, profiles = [], []
    for customer in customers:
        if customer.kind != Customer.Kind.COMPANY:
            continue
        addresses += addresses_of(customer, cities, random)
        if customer.country == "中国":
            profiles.append(profile_of(customer, random))
    Address.objects.bulk_create(addresses)
    BillingProfile.objects.bulk_create(profiles)
    kinds = CustomerRelation.Kind
    pairs = zip(random.sample(customers[3:60], 12), random.sample(customers[60:120], 12), strict=True)
    CustomerRelation.objects.bulk_create(
        CustomerRelation(
            customer=one,
            other=other,
            kind=random.choice((kinds.PARTNER, kinds.SUPPLIER, kinds.REFERRED_BY)),
            created_by=one.created_by,
            modified_by=one.created_by,
        )
        for one, other in pairs
    )


def addresses_of(customer, cities, random) -> list[Address]:
    author = {"created_by": customer.created_by, "modified_by": customer.created_by}
    if customer.country != "中国":
        return [
            Address(
                customer=customer,
                country=customer.country,
                place=customer.region,
                street=f"{random.randint(1, 240)} Harbour Road",
                is_primary=True,
                **author,
            )
        ]
    places = cities.get(customer.region.split()[-1]) or [Address(place=customer.region)]
    found = []
    kinds = (Address.Kind.OFFICE, Address.Kind.REGISTERED, Address.Kind.DELIVERY)
    for position, kind in enumerate(kinds[: random.randint(1, 3)]):
        place = random.choice(places)
        found.append(
            Address(
                customer=customer,
                kind=kind,
                country=customer.country,
                place=getattr(place, "place", None) or str(place),
                division=getattr(place, "code", ""),
                street=f"{random.choice(STREETS)} {random.randint(1, 880)} 号",
                is_primary=position == 0,
                **author,
            )
        )
    return found


def profile_of(customer, random) -> BillingProfile:
    return BillingProfile(
        customer=customer,
        title=customer.name,
        tax_number=customer.credit_code,
        bank=f"{random.choice(BANKS)}{customer.region.split()[-1]}分行",
        account=f"6200{random.randint(10**11, 10**12 - 1)}",
        is_default=True,
        created_by=customer.created_by,
        modified_by=customer.created_by,
    )
