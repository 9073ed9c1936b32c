"""What people of the demo entered twice, so that the queue of possible duplicates has something to show."""

from customers import services
from customers.duplicates.scan import scan
from customers.models import Contact, ContactPoint, Customer
from customers.pinyin import name_pinyin

# (place of the company among the customers, its name the second time, who entered it, what else was said)
TWINS = (
    (1, "海川重工（宁波）", "li", {"level": "B", "lifecycle": "prospect", "source": "exhibition", "employees": 900}),
    (
        4,
        "武汉云栖电气",
        "lin",
        {"level": "B", "lifecycle": "prospect", "source": "website", "website": "https://yunqi-dq.example"},
    ),
    (
        12,
        "杭州銀河能源有限公司",
        "lin",
        {"level": "C", "lifecycle": "lead", "source": "referral", "background": "展会上拿到名片，尚未联系。"},
    ),
)
MET_AGAIN = "武汉云栖电气"  # one of its people stands there with the same mobile number, too


def make_twins(world) -> tuple[list[Customer], list[Contact]]:
    """Companies with the number of one that is known, and a person with the number of one."""
    customers, contacts = [], []
    for place, name, login, fields in TWINS:
        known, user = world.customers[place], world.users[login]
        same = {field: getattr(known, field) for field in ("industry", "country", "region", "currency")}
        row = Customer(name=name, name_pinyin=name_pinyin(name), created_by=user, modified_by=user, **same, **fields)
        row.give_to(user)
        row.save()
        services.set_contact_points(row, actor=user, phone=number(known, "phone"))
        customers.append(row)
        if name == MET_AGAIN:
            person = Contact.objects.filter(roles__customer=known).order_by("pk").last()
            points = {"mobile": number(person, "mobile")}
            contacts.append(services.add_contact(row, actor=user, name=person.name, position="采购总监", points=points))
    return customers, contacts


def number(holder, kind: str) -> str:
    return ContactPoint.objects.get(kind=kind, is_primary=True, **{holder._meta.model_name: holder}).value


def find_twins():
    """Look for duplicates as every night does."""
    for model in (Customer, Contact):
        scan(model)
