"""The people of the demo company: its teams, one login per role, and the world the other floors fill."""

from types import SimpleNamespace

from django.contrib.auth.models import Group

from crm import roles
from crm.models import Company, Team, User

PASSWORD = "banyan-demo"  # noqa: S105 (printed at start, refused in production)

# (team, parent)
TEAMS = (
    ("云杉工业", None),
    ("华东销售部", "云杉工业"),
    ("华东一组", "华东销售部"),
    ("华东二组", "华东销售部"),
    ("International", "云杉工业"),
    ("市场部", "云杉工业"),
    ("客户服务部", "云杉工业"),
    ("一线支持", "客户服务部"),
)
# (login, name, home team, role, language)
PEOPLE = (
    ("lin", "林晓雯", "华东一组", roles.SALES_REP, "zh-hans"),
    ("zhang", "张雨桐", "华东一组", roles.SALES_REP, "zh-hans"),
    ("li", "李思远", "华东二组", roles.SALES_REP, "zh-hans"),
    ("zhao", "赵静怡", "华东二组", roles.SALES_REP, "zh-hans"),
    ("emma", "Emma Clarke", "International", roles.SALES_REP, "en"),
    ("noah", "Noah Bauer", "International", roles.SALES_REP, "en"),
    ("wang", "王浩", "华东销售部", roles.SALES_MANAGER, "zh-hans"),
    ("olivia", "Olivia Grant", "International", roles.SALES_MANAGER, "en"),
    ("xu", "徐婷", "市场部", roles.MARKETING, "zh-hans"),
    ("chen", "陈默", "一线支持", roles.SERVICE_AGENT, "zh-hans"),
    ("sun", "孙丽", "一线支持", roles.SERVICE_AGENT, "zh-hans"),
    ("he", "何俊杰", "客户服务部", roles.SERVICE_MANAGER, "zh-hans"),
    ("gu", "顾海峰", "云杉工业", roles.ANALYST, "zh-hans"),
    ("mia", "Mia Novak", "云杉工业", roles.AUDITOR, "en"),
    ("admin", "周管理", "云杉工业", roles.ADMINISTRATOR, "zh-hans"),
)
MANAGERS = {"华东销售部": "wang", "International": "olivia", "客户服务部": "he"}
# One login a role, printed at start.
SHOWN = ("lin", "wang", "xu", "chen", "he", "gu", "mia", "admin")


def make_world() -> SimpleNamespace:
    """Company, teams, people and roles of the demo. Gives what the other floors build on."""
    company = Company.objects.update_or_create(
        pk=1, defaults={"name_zh": "云杉工业", "name_en": "Spruce Industries", "currency": "CNY"}
    )[0]
    roles.setup_roles()
    groups = {group.name: group for group in Group.objects.filter(name__in=roles.ROLES)}
    teams: dict[str, Team] = {}
    for name, parent in TEAMS:
        teams[name] = Team.objects.create(name=name, parent=teams.get(parent))
    users = {
        login: make_person(login, name, teams[team], groups[role], language)
        for login, name, team, role, language in PEOPLE
    }
    for team, login in MANAGERS.items():
        teams[team].manager = users[login]
        teams[team].save()
    return SimpleNamespace(company=company, teams=teams, users=users)


def make_person(login: str, name: str, team: Team, role: Group, language: str) -> User:
    user = User.objects.create_user(login, f"{login}@spruce.example", PASSWORD, name=name, team=team, language=language)
    user.groups.add(role)
    return user


def is_there() -> bool:
    """Whether this database already has the demo (or anybody else's data)."""
    return User.objects.exists()


def login_lines() -> list[str]:
    """One line a role: role, login and password."""
    role_of = {login: role for login, _name, _team, role, _language in PEOPLE}
    name_of = {login: name for login, name, *_rest in PEOPLE}
    return [f"{role_of[login]}: {login} / {PASSWORD}  ({name_of[login]})" for login in SHOWN]
