"""The demo's custom fields of customers: how they buy, what they spend, what stands in their halls, what we lend."""

import datetime
import random

from crm.models import FieldDefinition
from customers.models import Customer

DEFINITIONS = (
    {
        "code": "procurement",
        "type": "choice",
        "is_searchable": True,
        "name_zh": "采购方式",
        "name_en": "Procurement",
        "help_zh": "上一次采购是怎么做的。",
        "help_en": "How the last purchase was made.",
        "options": [
            {"code": "open", "zh": "公开招标", "en": "Open tender", "tone": "blue"},
            {"code": "invited", "zh": "邀请招标", "en": "Invited tender", "tone": "violet"},
            {"code": "negotiation", "zh": "竞争性谈判", "en": "Negotiation", "tone": "amber"},
            {"code": "quotation", "zh": "询价", "en": "Quotation", "tone": "gray"},
            {"code": "direct", "zh": "直接采购", "en": "Direct", "tone": "green"},
        ],
    },
    {
        "code": "annual_budget",
        "type": "money",
        "name_zh": "年采购预算",
        "name_en": "Annual budget",
        "slot": "number_1",
        "slot_ready": True,
    },
    {"code": "devices", "type": "number", "name_zh": "设备台数", "name_en": "Installed devices"},
    {
        "code": "contract_end",
        "type": "date",
        "name_zh": "合同到期",
        "name_en": "Contract end",
        "slot": "date_1",
        "slot_ready": True,
    },
    {
        "code": "equipment",
        "type": "choices",
        "is_searchable": True,
        "name_zh": "主要设备",
        "name_en": "Main equipment",
        "options": [
            {"code": "laser", "zh": "激光切割机", "en": "Laser cutter", "tone": ""},
            {"code": "lathe", "zh": "数控车床", "en": "CNC lathe", "tone": ""},
            {"code": "mill", "zh": "加工中心", "en": "Machining centre", "tone": ""},
            {"code": "robot", "zh": "工业机器人", "en": "Industrial robot", "tone": ""},
        ],
    },
    {
        "code": "credit_limit",
        "type": "money",
        "is_sensitive": True,
        "name_zh": "授信额度",
        "name_en": "Credit limit",
        "help_zh": "财务批准的赊销上限。",
        "help_en": "How much finance lets them owe us.",
    },
)


def define():
    """The definitions, before the customers: their slots are filled as rows are written."""
    FieldDefinition.objects.bulk_create(
        FieldDefinition(entity=Customer._meta.label_lower, group="g2", order=place, **fields)
        for place, fields in enumerate(DEFINITIONS)
    )


def fill(customer):
    """Put the values into a customer that is not saved yet."""
    for field in DEFINITIONS:
        customer.hold(FieldDefinition(**field), values_of(customer).get(field["code"]))


def values_of(customer) -> dict:
    """What the demo knows of a company; the same for each run, and nothing of private people."""
    dice = random.Random(customer.name)
    if customer.kind != Customer.Kind.COMPANY or dice.random() < 0.2:
        return {}
    procurement = DEFINITIONS[0]["options"]
    equipment = DEFINITIONS[4]["options"]
    days = datetime.timedelta(days=dice.randint(20, 700))
    found = {
        "procurement": dice.choice(procurement)["code"],
        "devices": str(dice.randint(1, 240)),
        "contract_end": (datetime.date(2026, 6, 30) + days).isoformat(),
        "equipment": sorted(row["code"] for row in dice.sample(equipment, dice.randint(1, 3))),
    }
    if dice.random() < 0.6:
        found["annual_budget"] = str(dice.randint(8, 900) * 10_000)
    if dice.random() < 0.7:
        found["credit_limit"] = str(dice.randint(2, 60) * 50_000)
    return found
