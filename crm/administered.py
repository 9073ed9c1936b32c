"""Users and teams as kinds that are imported, by Administrators alone; their other pages are those of the
administration."""

from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from crm.columns import Column, PageColumn
from crm.entities import Entity
from crm.models import Team, User


def roles_of_people(ids, user) -> dict[int, str]:
    """{key of a person: the names of his roles}."""
    found: dict[int, list[str]] = {}
    rows = Group.objects.filter(team__isnull=True, user__in=ids).order_by("name").values_list("user", "name")
    for person, name in rows:
        found.setdefault(person, []).append(gettext(name))
    return {person: ", ".join(names) for person, names in found.items()}


class Administered(Entity):
    """A kind whose list and records are pages of the administration."""

    has_pages = False

    @classmethod
    def url(cls, page, record=None):
        if page == "list":
            return reverse(f"admin:crm_{cls.model._meta.model_name}_changelist")
        return super().url(page, record)

    @classmethod
    def url_for(cls, pk):
        return reverse(f"admin:crm_{cls.model._meta.model_name}_change", args=[pk])

    @classmethod
    def may_import(cls, user):
        """Who enters the administration and may add such records there."""
        return user.is_administrator and super().may_import(user)


class Teams(Administered):
    model = Team
    slug = "teams"
    icon = "users"
    columns = (
        Column("name", aliases=("团队", "团队名称", "部门", "部门名称", "team", "team name", "department")),
        Column("code", aliases=("团队编码", "部门编码", "team code", "department code")),
        Column("parent", aliases=("上级", "上级部门", "parent department", "region", "regional_office")),
        Column("manager", aliases=("经理", "主管", "团队经理", "lead", "head", "team lead")),
    )
    importable = ("name", "code", "parent", "manager")
    importer = "crm.people_importing.TeamImporter"


class People(Administered):
    model = User
    slug = "users"
    icon = "user"
    columns = (
        Column(
            "name",
            label=pgettext_lazy("person", "name"),
            aliases=("姓名", "员工", "员工姓名", "full name", "employee", "sales_agent"),
        ),
        Column("username", aliases=("登录名", "账号", "帐号", "login", "user", "account")),
        Column("email", aliases=("邮箱", "电子邮箱", "邮件", "mail", "e-mail address", "email address")),
        Column("team", aliases=("团队", "所属团队", "部门", "所属部门", "department", "team name")),
        PageColumn("roles", gettext_lazy("Roles"), roles_of_people, aliases=("角色", "role", "权限组", "groups")),
        Column("language", aliases=("界面语言", "locale")),
        Column("time_zone", aliases=("timezone", "zone")),
    )
    importable = ("name", "username", "email", "team", "roles", "language", "time_zone")
    importer = "crm.people_importing.UserImporter"
    import_note = gettext_lazy(
        "Imported people have no password, and no mail is sent. Each sets one with “Forgot your password?” on the "
        "sign-in page, with the e-mail address of the file. Passwords are never read from a file."
    )
