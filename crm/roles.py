"""The roles that every installation begins with: which action on which model reaches how far."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext_noop

from crm.access import Action, Reach
from crm.models import RoleRule

SALES_REP, SALES_MANAGER = gettext_noop("Sales rep"), gettext_noop("Sales manager")
MARKETING, SERVICE_AGENT, SERVICE_MANAGER = (
    gettext_noop("Marketing"),
    gettext_noop("Service agent"),
    gettext_noop("Service manager"),
)
ANALYST, AUDITOR, ADMINISTRATOR = gettext_noop("Analyst"), gettext_noop("Auditor"), gettext_noop("Administrator")
ROLES = (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER, ANALYST, AUDITOR, ADMINISTRATOR)

OWN, TEAM, BELOW, ALL = Reach.OWN, Reach.TEAM, Reach.BELOW, Reach.ALL

# Per role: (view, change) of each root; no entry, no access. Add goes with change.
ROOTS = {
    "customers.customer": {
        SALES_REP: (OWN, OWN),
        SALES_MANAGER: (BELOW, BELOW),
        MARKETING: (ALL, None),
        SERVICE_AGENT: (ALL, None),
        SERVICE_MANAGER: (ALL, None),
        ANALYST: (ALL, None),
        AUDITOR: (ALL, None),
        ADMINISTRATOR: (ALL, ALL),
    },
    "sales.opportunity": {
        SALES_REP: (OWN, OWN),
        SALES_MANAGER: (BELOW, BELOW),
        MARKETING: (ALL, None),
        ANALYST: (ALL, None),
        AUDITOR: (ALL, None),
        ADMINISTRATOR: (ALL, ALL),
    },
    "marketing.campaign": {
        SALES_REP: (ALL, None),
        SALES_MANAGER: (ALL, None),
        MARKETING: (ALL, TEAM),
        ANALYST: (ALL, None),
        AUDITOR: (ALL, None),
        ADMINISTRATOR: (ALL, ALL),
    },
    "service.case": {
        SALES_MANAGER: (BELOW, None),
        SERVICE_AGENT: (TEAM, TEAM),
        SERVICE_MANAGER: (BELOW, BELOW),
        ANALYST: (ALL, None),
        AUDITOR: (ALL, None),
        ADMINISTRATOR: (ALL, ALL),
    },
}
# Delete and assign go to managers, within the reach of their change right.
MANAGERS = (SALES_MANAGER, SERVICE_MANAGER, ADMINISTRATOR)
# Export reaches as far as view.
EXPORTERS = (SALES_MANAGER, SERVICE_MANAGER, MARKETING, ANALYST, ADMINISTRATOR)
# Protected values are seen as far as the record may be changed. These people own no customer: they read masks and
# reveal single values, each of them logged.
ONE_BY_ONE = {("customers.customer", SERVICE_AGENT), ("customers.customer", SERVICE_MANAGER)}
# How many values a person of these roles may reveal one by one a day; the others are not limited.
DAILY_REVEALS = {SALES_REP: 50, SERVICE_AGENT: 50, SERVICE_MANAGER: 100}
# Parts: who may write them. Who sees the whole sees the part.
PARTS = {
    "customers.contact": ("customers.customer", (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER)),
    "customers.contactrole": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "customers.contactpoint": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "customers.address": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "customers.billingprofile": ("customers.customer", (SALES_REP, SALES_MANAGER)),
    "customers.customerrelation": ("customers.customer", (SALES_REP, SALES_MANAGER, MARKETING)),
    "customers.interaction": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "customers.customerfile": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "customers.interactionfile": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "sales.opportunityfile": ("sales.opportunity", (SALES_REP, SALES_MANAGER)),
    "customers.followupplan": (
        "customers.customer",
        (SALES_REP, SALES_MANAGER, MARKETING, SERVICE_AGENT, SERVICE_MANAGER),
    ),
    "sales.stagechange": ("sales.opportunity", ()),
    "marketing.campaignmember": ("marketing.campaign", (MARKETING,)),
    "marketing.campaigndeal": ("marketing.campaign", (MARKETING,)),
    "marketing.campaignfile": ("marketing.campaign", (MARKETING,)),
    "service.casefile": ("service.case", (SERVICE_AGENT, SERVICE_MANAGER)),
    "service.casemessage": ("service.case", (SERVICE_AGENT, SERVICE_MANAGER)),
}
CATALOGUES = (
    "crm.user",
    "crm.team",
    "crm.company",
    "crm.tag",
    "customers.industry",
    "customers.duplicaterule",
    "sales.pipeline",
    "sales.stage",
    "sales.product",
)
# Who makes, renames, merges and deletes tags, besides administrators. Who may change a record sets its tags.
TAGGERS = (SALES_MANAGER, SERVICE_MANAGER, MARKETING)
LOGS = ("crm.timelineentry", "crm.accesslogentry", "crm.deletion", "crm.ownershipchange", "crm.viewing")
REPORTS = {
    "reports.reportschedule": (SALES_MANAGER, SERVICE_MANAGER, MARKETING, ANALYST),
    "reports.reportrun": (SALES_MANAGER, SERVICE_MANAGER, MARKETING, ANALYST),
}
FIELDS = ("crm.fielddefinition", "crm.fieldrule", "crm.formlayout")
ADMINISTERED = ("crm.rolerule", "crm.outboxmessage", "crm.viewing", *FIELDS, *CATALOGUES)


def rules() -> dict[tuple[str, str, str], int]:
    """{(role, model, action): reach} of a new installation."""
    found: dict[tuple[str, str, str], int] = {}
    for model, roles in ROOTS.items():
        for role, (view, change) in roles.items():
            found |= root_rules(role, model, view, change)
    for model, (whole, writers) in PARTS.items():
        for role in ROOTS[whole]:
            found[role, model, Action.VIEW] = ALL
            if (role, whole, Action.REVEAL) in found:
                found[role, model, Action.REVEAL] = ALL
            if role in EXPORTERS:
                found[role, model, Action.EXPORT] = ALL
            if role in (*writers, ADMINISTRATOR):
                found |= {(role, model, action): ALL for action in (Action.ADD, Action.CHANGE, Action.DELETE)}
    for role in ROLES:
        found |= {(role, model, Action.VIEW): ALL for model in CATALOGUES}
    for role in TAGGERS:
        found |= {(role, "crm.tag", action): ALL for action in (Action.ADD, Action.CHANGE, Action.DELETE)}
    for role in EXPORTERS:
        found[role, "sales.product", Action.EXPORT] = ALL
    found |= {(role, model, Action.VIEW): ALL for role in (AUDITOR, ADMINISTRATOR) for model in (*LOGS, *FIELDS)}
    for model, roles in REPORTS.items():
        own = (Action.VIEW, Action.ADD, Action.CHANGE, Action.DELETE)
        found |= {(role, model, action): OWN for role in roles for action in own}
    found |= {(ADMINISTRATOR, model, action): ALL for model in (*ADMINISTERED, *REPORTS) for action in Action}
    return found


def root_rules(role: str, model: str, view, change) -> dict:
    found = {(role, model, Action.VIEW): view}
    if change:
        found |= {(role, model, Action.ADD): change, (role, model, Action.CHANGE): change}
    if role in MANAGERS and change:
        found |= {(role, model, Action.DELETE): change, (role, model, Action.ASSIGN): change}
    if role in EXPORTERS:
        found[role, model, Action.EXPORT] = view
    if change or (model, role) in ONE_BY_ONE:
        found[role, model, Action.REVEAL] = change or OWN
    return found


def daily_limit(role: str, action: str) -> int | None:
    return DAILY_REVEALS.get(role) if action == Action.REVEAL else None


def setup_roles() -> int:
    """Add the roles and rules that are missing; gives their number. What an administrator changed or removed stays:
    a rule is only added together with its role, or when its model is new to the role."""
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    known = set(RoleRule.objects.filter(role__in=groups.values()).values_list("role__name", "model"))
    missing = [
        RoleRule(role=groups[role], model=model, action=action, reach=reach, daily_limit=daily_limit(role, action))
        for (role, model, action), reach in rules().items()
        if (role, model) not in known
    ]
    RoleRule.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
