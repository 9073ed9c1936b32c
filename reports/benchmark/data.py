"""Teams, people and customers for a measurement: a small rep, a big rep, a manager of many teams, an administrator."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import UUIDField

from crm import roles
from crm.models import Company, Team, User
from customers.models import Customer

REGIONS, TEAMS_A_REGION, REPS_A_TEAM = 4, 5, 10
SMALL_SHARE, BIG_SHARE = 0.001, 0.05

PLACES = ("苏州", "杭州", "宁波", "上海", "Kestrel", "Harbour", "无锡", "南京")
NAMES = ("晨曦", "云栖", "海川", "瑞安", "精工", "恒立")
TRADES = ("医疗", "智造", "重工", "电气", "Instruments", "科技")
# What the columns of the customers are; all other columns get the default of their field.
COLUMNS = {
    "name": "(%(places)s::text[])[1 + n %% 8] || (%(names)s::text[])[1 + n / 7 %% 6] "
    "|| (%(trades)s::text[])[1 + n / 3 %% 6] || n",
    "name_pinyin": "'suzhou ' || n",
    "level": "(ARRAY['A','B','C','D'])[1 + (n * 7 + n / 13) %% 4]",
    "revenue": "CASE WHEN n %% 5 = 0 THEN NULL ELSE (n::bigint * 7919 %% 1000000)::numeric END",
    "currency": "'CNY'",
    "employees": "n %% 5000",
    "owner_id": "u.id",
    "team_id": "u.team_id",
    "created_at": "now() - n * interval '31 seconds'",
    "modified_at": "now()",
}
FILL = """
INSERT INTO customers_customer ({columns}) SELECT {values}
FROM generate_series(1, %(rows)s) AS n
JOIN LATERAL (SELECT CASE WHEN n::bigint * 7919 %% 1000 < %(small)s THEN %(small_rep)s
                          WHEN n::bigint * 7919 %% 1000 < %(small)s + %(big)s THEN %(big_rep)s
                          ELSE (%(reps)s::bigint[])[1 + n %% %(number)s] END AS owner) AS chosen ON true
JOIN crm_user u ON u.id = chosen.owner
"""
SHARE = """
INSERT INTO customers_customerusershare (user_id, permission_id, content_object_id, reason, created_at)
SELECT %(small_rep)s, %(permission)s, id, '', now() FROM customers_customer WHERE id %% 1000 = 7
"""


@dataclass(frozen=True)
class People:
    """The four readers of a measurement."""

    small: User
    big: User
    manager: User
    administrator: User

    def items(self):
        return vars(self).items()


def fill(rows: int, columns: dict[str, str] | None = None) -> People:
    """`rows` customers over 200 reps in 20 teams of 4 regions. columns: {column: SQL over n} in place of the usual.

    0.1 % are the small rep's (and as many are shared with him), 5 % the big one's.
    """
    Company.objects.update_or_create(pk=1, defaults={"name_zh": "测试", "name_en": "Benchmark"})
    roles.setup_roles()
    top = Team.objects.create(name="Company")
    regions = [Team.objects.create(name=f"Region {n}", parent=top) for n in range(REGIONS)]
    teams = [
        Team.objects.create(name=f"Team {n}", parent=regions[n % REGIONS]) for n in range(REGIONS * TEAMS_A_REGION)
    ]
    reps = [person(f"rep{n}", teams[n % len(teams)], roles.SALES_REP) for n in range(len(teams) * REPS_A_TEAM)]
    people = People(
        person("small", teams[0], roles.SALES_REP),
        person("big", teams[1], roles.SALES_REP),
        person("manager", regions[1], roles.SALES_MANAGER),
        person("administrator", top, roles.ADMINISTRATOR),
    )
    permission = Permission.objects.get(codename="view_customer")
    with connection.cursor() as cursor:
        cursor.execute(
            fill_statement(COLUMNS | (columns or {})),
            {
                "rows": rows,
                "small": int(SMALL_SHARE * 1000),
                "big": int(BIG_SHARE * 1000),
                "small_rep": people.small.pk,
                "big_rep": people.big.pk,
                "places": list(PLACES),
                "names": list(NAMES),
                "trades": list(TRADES),
                "reps": [rep.pk for rep in reps],
                "number": len(reps),
            },
        )
        cursor.execute(SHARE, {"small_rep": people.small.pk, "permission": permission.pk})
        cursor.execute("VACUUM ANALYZE")
    return people


def person(login: str, team: Team, role: str) -> User:
    user = User.objects.create(username=login, name=login.title(), team=team)
    user.groups.add(Group.objects.get(name=role))
    return user


def fill_statement(columns: dict[str, str]) -> str:
    """The INSERT of the customers, whatever columns the model has by now."""
    values = defaults(Customer, columns)
    return FILL.format(columns=", ".join(values), values=", ".join(values.values()))


def defaults(model, columns: dict[str, str]) -> dict[str, str]:
    """{column: SQL}: the columns given, and for all others that may not be empty the default of their field."""
    values = dict(columns)
    for field in model._meta.concrete_fields:
        if not (field.generated or field.primary_key or field.column in values or field.null):
            default = field.get_default()
            text = "{}" if default == [] else default
            values[field.column] = str(default) if isinstance(default, int) else f"'{text}'"
            if isinstance(field, UUIDField):
                values[field.column] = "gen_random_uuid()"
    return values
