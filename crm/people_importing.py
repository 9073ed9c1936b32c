"""What imports of users and teams need beyond their columns: no passwords, roles that only exist, one's own left alone,
paths of teams, and taking back without leaving anything that others rest on in the air."""

from __future__ import annotations

import re
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.text import normalize_newlines
from django.utils.translation import gettext as _

from crm.access import Action
from crm.exchange import Importer, ParseError, match_key, parse_text
from crm.exchange.existing import Match
from crm.exchange.staging import BESIDE, whole
from crm.models import Company, ImportedRow, Team, User

Undone = ImportedRow.Undone
OF_TEAM = {"name", "code", "parent_id", "manager_id"}
BETWEEN = re.compile(r"[,，、;；|/\n]+")


class RolesReader:
    """Reads a cell with the names of roles, in either language, into the names that the database has."""

    @cached_property
    def known(self) -> dict[str, str]:
        found = {}
        for group in Group.objects.filter(team__isnull=True):
            for language, _name in settings.LANGUAGES:
                with translation.override(language):
                    found[match_key(translation.gettext(group.name))] = group.name
        return found | {match_key(g.name): g.name for g in Group.objects.filter(team__isnull=True)}

    def __call__(self, cell) -> list[str]:
        names = [name.strip() for name in BETWEEN.split(normalize_newlines(parse_text(cell))) if name.strip()]
        keys = {name: self.known.get(match_key(name)) for name in names}
        if unknown := [name for name, key in keys.items() if key is None]:
            raise ParseError(_("There is no role called “%(value)s”."), value=unknown[0][:80])
        return sorted(set(keys.values()))


class AdministeredImporter(Importer):
    """What users and teams have in common: no versions and no bin, so that taking back looks at the values."""

    def values_of(self, keys) -> dict[int, dict]:
        """{key: {column: value as the database has it}} of the records that are there."""
        columns = [one.column for one in self.model._meta.concrete_fields]
        fields = [one.attname for one in self.model._meta.concrete_fields]
        rows = self.model.objects.filter(pk__in=keys).values_list(*fields)
        return {row[fields.index("id")]: dict(zip(columns, row, strict=True)) for row in rows}

    def touched_since(self, batch, rows) -> set[int]:
        """The keys of records that hold other values now than those that these lines wrote."""
        lines = {row.line: row for row in rows}
        now, found = self.values_of([row.record_id for row in rows]), set()
        for staged in batch.rows.filter(line__in=lines):
            row = lines[staged.line]
            wrote = whole(self.model, staged.data) if row.outcome == "created" else staged.changes
            compared = {one.field.column for one in self.fields.values() if one.field is not None} if wrote else set()
            held = now.get(row.record_id, {})
            if any(held.get(column) != wrote[column] for column in compared & wrote.keys()):
                found.add(row.record_id)
        return found


def hanging(model, keys, *without) -> set[int]:
    """The keys of records to which any row points, but for rows of the models `without`."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        there, name = relation.related_model, relation.field.attname
        is_table = there._meta.managed and there._meta.app_label != "pghistory"  # views over all events
        if is_table and not there._meta.auto_created and there not in without:
            rows = there._base_manager.filter(**{f"{name}__in": keys})
            found |= set(rows.values_list(name, flat=True).distinct())
    return found


class TeamImporter(AdministeredImporter):
    """Teams by code, or by name; the parent is a team that is there, or is made along."""

    match_columns = ("code",)
    makes = {"parent": ()}

    def find_beside(self, drafts):
        """Of teams with the same name the one below the parent of the line."""
        parents = {draft.record.parent_id for draft in drafts} - {None}
        below = Team.objects.visible_to(self.user).filter(parent__in=parents).values_list("parent_id", "name", "pk")
        keys = {(parent, match_key(name)): pk for parent, name, pk in below}
        for draft in drafts:
            if key := keys.get((draft.record.parent_id, match_key(draft.record.name))):
                draft.found, draft.match = (key,), Match.NAME

    def revise(self, record, given, before):
        record.clean()

    def recheck(self, rows):
        """Also: no team below itself, whatever other lines of the file change."""
        return super().recheck(rows) | self.circles(rows)

    def insert(self, rows, write):
        """One by one: each team makes its group and its path."""
        for key, data in rows.items():
            team = Team(pk=key, **{one: data[one] for one in OF_TEAM & data.keys()})
            team.save(force_insert=True)

    def linked(self, records):
        """A team that has moved takes its path and its subtree along."""
        for team in records.order_by("path"):
            team.save()

    def changed(self, records, before):
        self.linked(records)
        super().changed(records, before)

    def take_away(self, batch, keys) -> dict[int, str]:
        """Delete teams on which nothing rests, with their groups, the lowest first; gives {key: "used"} of others."""
        groups, used = dict(Team.objects.filter(pk__in=keys).values_list("group_id", "pk")), set(keys)
        while used:
            free = used - hanging(Team, used) - {groups[group] for group in hanging(Group, groups, Team)}
            if not free:
                break
            Team.objects.filter(pk__in=free).delete()
            Group.objects.filter(pk__in=[group for group, key in groups.items() if key in free]).delete()
            used -= free
        return dict.fromkeys(used, Undone.USED)


class UserImporter(AdministeredImporter):
    """People by user name or e-mail address; a line without user name gets one of its address or name. Nobody gets a
    password, and nobody's right to everything is touched."""

    filled = ("username",)
    makes = {"team": ()}

    def readers_beside(self):
        """Roles, for who may change people: in the administration, too, the form that adds a person has none."""
        return {"roles": RolesReader()} if self.may_give_roles else {}

    @property
    def may_give_roles(self) -> bool:
        return self.user.is_administrator and self.user.rights.may(User, Action.CHANGE)

    @cached_property
    def company(self) -> Company:
        return Company.current()

    # -- the check ---------------------------------------------------------------------------------------------------
    def prepare(self, record, given):
        record.email = record.email.strip().lower() if record.email else None
        if not record.username:
            source = record.email.partition("@")[0] if record.email else record.name
            record.username = re.sub(r"[^\w.@+-]+", ".", source.lower()).strip(".")[:150]
            given.add("username")
        record.username = User.normalize_username(record.username)
        if "time_zone" not in given:
            record.time_zone = self.company.time_zone
        record.set_unusable_password()

    def revise(self, record, given, before):
        record.email = record.email.strip().lower() if record.email else None
        if "username" not in self.mapped and record.username != before["username"]:
            record.username = before["username"]  # it was made of the name, to find the person by

    @cached_property
    def mapped(self) -> set[str]:
        """The columns that the file fills."""
        batch = self.making.batch
        return {*batch.columns.values(), *batch.options.get("constants", {})} if batch else set(self.fields)

    def find_beside(self, drafts):
        """By user name or address, in whatever case."""
        names = {draft.record.username.lower() for draft in drafts}
        mails = {draft.record.email.lower() for draft in drafts if draft.record.email}
        people = User.objects.visible_to(self.user).annotate(login=Lower("username"), mail=Lower("email")).order_by()
        rows = list(people.filter(Q(login__in=names) | Q(mail__in=mails)).values_list("pk", "login", "mail"))
        by_name, by_mail = ({row[place]: row[0] for row in rows if row[place]} for place in (1, 2))
        for draft in drafts:
            mail = (draft.record.email or "").lower()
            keys = {by_name.get(draft.record.username.lower()), by_mail.get(mail)} - {None}
            if len(keys) > 1:
                draft.errors[""] = str(_("The user name belongs to one person, the e-mail address to another."))
            elif keys:
                draft.found, draft.match = tuple(sorted(keys)), Match.LOGIN

    def key_of(self, record, beside):
        return ("login", record.username.lower())

    def load_twins(self, beat):
        return {}

    def new_data(self, draft):
        """None for who is there already: two people cannot have the same user name or address."""
        return None if draft.match else super().new_data(draft)

    def changeable(self, keys):
        """Superusers are changed by superusers alone."""
        found = super().changeable(keys)
        return {key: one for key, one in found.items() if self.user.is_superuser or not one.is_superuser}

    def changes_of(self, draft, barred):
        if draft.found[0] == self.user.pk and "roles" in draft.beside and self.differing_roles(draft, self.user):
            barred["roles"] = str(_("You may not change your own roles by an import."))
            return None
        return super().changes_of(draft, barred)

    def differing_roles(self, draft, target) -> bool:
        return "roles" in draft.beside and set(draft.beside["roles"]) != set(self.roles_of([target.pk])[target.pk])

    def differing_beside(self, draft, target):
        return {"roles": draft.beside["roles"]} if self.differing_roles(draft, target) else {}

    def roles_of(self, keys) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {key: [] for key in keys}
        rows = User.groups.through.objects.filter(user__in=keys, group__team__isnull=True)
        for person, name in rows.values_list("user_id", "group__name"):
            found[person].append(name)
        return {key: sorted(names) for key, names in found.items()}

    # -- the run -----------------------------------------------------------------------------------------------------
    def recheck(self, rows):
        """Also: no name or address twice, roles that are still there, superusers and one's own roles left alone."""
        wrong = super().recheck(rows)
        targets = self.targets_of(rows)
        closed = set(User.objects.filter(pk__in=targets.values(), is_superuser=True).values_list("pk", flat=True))
        roles = set(Group.objects.filter(team__isnull=True).values_list("name", flat=True))
        taken = self.taken(rows)
        for line, data in rows:
            key, given = targets.get(line), (data.get(BESIDE) or {}).get("roles")
            if key in closed and not self.user.is_superuser:
                wrong[line] = {"": str(_("Only superusers change a superuser."))}
            elif given is not None and (key == self.user.pk or set(given) - roles or not self.may_give_roles):
                wrong[line] = {"roles": str(_("These roles may not be given by this import any more."))}
            for name in ("username", "email"):
                value, who = (data.get(name) or "").lower(), key or -line
                if value and taken[name].setdefault(value, who) != who:
                    wrong[line] = {name: str(_("Another user already has this user name or e-mail address."))}
        return wrong

    def taken(self, rows) -> dict[str, dict[str, int]]:
        """{column: {value in small letters: key of who has it}} of the names and addresses of these lines."""
        found = {}
        for name in ("username", "email"):
            wanted = {data[name].lower() for _line, data in rows if data.get(name)}
            people = User.objects.annotate(small=Lower(name)).filter(small__in=wanted).order_by()
            found[name] = dict(people.values_list("small", "pk"))
        return found

    def written(self, records, beside):
        for key, values in beside.items():
            self.give_roles(key, values.get("roles", ()))
        super().written(records, beside)

    def change_beside(self, values, filling):
        """The roles of a line take the place of those that the person has."""
        before, done = self.roles_of(values), {}
        for key, kinds in values.items():
            if not (key in filling and before[key]):
                done[key] = [{"old": before[key], "new": kinds["roles"]}]
                self.give_roles(key, kinds["roles"])
        return done

    def give_roles(self, key: int, names):
        through, roles = User.groups.through, Group.objects.filter(team__isnull=True, name__in=names)
        through.objects.filter(user_id=key, group__team__isnull=True).exclude(group__in=roles).delete()
        through.objects.bulk_create([through(user_id=key, group=one) for one in roles], ignore_conflicts=True)

    def held_beside(self, records):
        return {(key, "roles"): [found] for key, found in self.roles_of(records).items() if found}

    # -- taking back -------------------------------------------------------------------------------------------------
    def touched_beside(self, before):
        now = self.roles_of(before)
        return {key for key, notes in before.items() if now[key] != sorted(notes[0]["new"])}

    def put_back_beside(self, before):
        for key, notes in before.items():
            self.give_roles(key, notes[0]["old"])

    def take_away(self, batch, keys) -> dict[int, str]:
        """Delete people on whom nothing rests; the others cannot sign in any more and keep what they did."""
        people = User.objects.filter(pk__in=keys)
        used = hanging(User, keys) | set(people.exclude(last_login=None).values_list("pk", flat=True))
        people.exclude(pk__in=used).delete()
        people.filter(pk__in=used).update(is_active=False)
        return dict.fromkeys(used, Undone.OFF)
