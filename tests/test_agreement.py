"""visible_to, has_perm, the paged list, the capped count and a brute-force oracle agree in every world Hypothesis
thinks of."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.access import Action, Reach, permission_name, share
from crm.models import Company, RoleRule, Team, User
from crm.pages import capped_count, page_for
from customers.models import Contact, ContactRole, Customer, Interaction
from tests.cast import again

ACTIONS = (Action.VIEW, Action.CHANGE, Action.DELETE)
SORTS = ("name", "-created_at", "-revenue_order")


@dataclass(frozen=True)
class Plan:
    """A world in numbers: parents of teams, people, reaches of two roles, customers, shares; -1 stands for none."""

    parents: list[int]
    managers: list[int]
    people: list[tuple]
    roles: list[dict]
    customers: list[tuple]
    shares: list[tuple] = field(default_factory=list)


@st.composite
def plans(draw):
    teams = draw(st.integers(1, 5))
    persons = draw(st.integers(1, 4))
    people = st.tuples(
        st.integers(-1, teams - 1),
        st.lists(st.integers(0, 1), max_size=2, unique=True),
        st.booleans(),
        st.integers(0, 9),
    )
    customers = st.tuples(
        st.integers(-1, persons - 1), st.integers(-1, teams - 1), st.booleans(), st.integers(-1, 3), st.integers(0, 3)
    )
    shares = st.tuples(
        st.integers(0, 20),
        st.sampled_from(["user", "team"]),
        st.integers(0, 4),
        st.booleans(),
        st.sampled_from([None, -1, 1]),
    )
    return Plan(
        [draw(st.integers(-1, n - 1)) for n in range(teams)],
        [draw(st.integers(-1, persons - 1)) for _ in range(teams)],
        [draw(people) for _ in range(persons)],
        [{action: draw(st.sampled_from(list(Reach))) for action in ACTIONS} for _ in range(2)],
        draw(st.lists(customers, max_size=9)),
        draw(st.lists(shares, max_size=4)),
    )


class World:
    """The rows of a plan, and the oracle: the rule of access said again in plain Python over those rows."""

    def __init__(self, plan: Plan):
        self.plan = plan
        Company.objects.get_or_create(pk=1, defaults={"name_zh": "甲", "name_en": "A"})
        self.teams: list[Team] = []
        for number, parent in enumerate(plan.parents):
            self.teams.append(
                Team.objects.create(name=f"T{number}", parent=self.teams[parent] if parent >= 0 else None)
            )
        self.roles = [Group.objects.create(name=f"role {number}") for number in range(2)]
        for role, reaches in zip(self.roles, plan.roles, strict=True):
            for model in ("customers.customer", "customers.interaction", "customers.contact"):
                RoleRule.objects.bulk_create(
                    RoleRule(role=role, model=model, action=a, reach=reach) for a, reach in reaches.items()
                )
        self.people = [self.person(number, *facts) for number, facts in enumerate(plan.people)]
        for team, manager in zip(self.teams, plan.managers, strict=True):
            Team.objects.filter(pk=team.pk).update(manager=self.people[manager] if manager >= 0 else None)
        self.teams = [Team.objects.get(pk=team.pk) for team in self.teams]
        self.customers = [self.customer(number, *facts) for number, facts in enumerate(plan.customers)]
        self.shares = list(self.make_shares())

    def person(self, number, team, roles, is_active, luck):
        user = User.objects.create(
            username=f"p{number}",
            name=f"P{number}",
            team=self.teams[team] if team >= 0 else None,
            is_active=is_active or luck > 2,
            is_superuser=luck == 9,
            password="!",
        )
        user.groups.add(*(self.roles[role] for role in roles))
        return user

    def customer(self, number, owner, team, is_deleted, revenue, name):
        return Customer.objects.create(
            name=f"N{name}",
            owner=self.people[owner] if owner >= 0 else None,
            team=self.teams[team] if team >= 0 else None,
            deleted_at=timezone.now() if is_deleted else None,
            revenue=revenue if revenue >= 0 else None,
        )

    def make_shares(self):
        seen = set()
        for row, kind, target, change, end in self.plan.shares:
            if not self.customers:
                return
            customer = self.customers[row % len(self.customers)]
            to = self.people[target % len(self.people)] if kind == "user" else self.teams[target % len(self.teams)]
            if (customer.pk, kind, to.pk) not in seen:
                seen.add((customer.pk, kind, to.pk))
                share(
                    customer, to, actor=None, change=change, until=timezone.now() + timedelta(days=end) if end else None
                )
                yield customer, kind, to, change, end

    def may(self, user, customer, action) -> bool:
        """The oracle."""
        customer = Customer.everything.get(pk=customer.pk)
        if not user.is_active or customer.deleted_at:
            return False
        if user.is_superuser:
            return True
        number = self.people.index(user)
        reach = max([self.plan.roles[role][action] for role in self.plan.people[number][1]], default=Reach.NONE)
        if reach in (Reach.NONE, Reach.ALL):
            return reach == Reach.ALL
        mine = {team.pk for team in self.teams if team.pk == user.team_id or team.manager_id == user.pk}
        below = {team.pk for team in self.teams if mine & {int(part) for part in team.path.strip("/").split("/")}}
        reached = below if reach == Reach.BELOW else mine if reach == Reach.TEAM else set()
        return (
            customer.owner_id == user.pk or customer.team_id in reached or self.is_shared(user, customer, action, mine)
        )

    def is_shared(self, user, customer, action, mine) -> bool:
        return any(
            shared.pk == customer.pk
            and end != -1
            and (action == Action.VIEW or (action == Action.CHANGE and change))
            and (to.pk == user.pk if kind == "user" else to.pk in mine)
            for shared, kind, to, change, end in self.shares
        )


def walked(user, sort, action, size=2, model=Customer) -> list[int]:
    """The keys met when paging from the first page to the last."""
    keys, after = [], None
    while True:
        page = page_for(model.objects.all(), user, sort, after=after, size=size, action=action)
        keys += [row.pk for row in page.rows]
        if page.after is None:
            return keys
        after = page.after


def walked_back(user, sort, action, size=2, model=Customer) -> list[int]:
    """The keys met when paging to the end and from there back to the first page."""
    pages, after = [], None
    while True:
        page = page_for(model.objects.all(), user, sort, after=after, size=size, action=action)
        if page.after is None:
            break
        after = page.after
    while page.rows:
        pages.insert(0, [row.pk for row in page.rows])
        if page.before is None:
            break
        page = page_for(model.objects.all(), user, sort, before=page.before, size=size, action=action)
    return [key for keys in pages for key in keys]


class AgreementTest(TestCase):
    @given(plans())
    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def test_all_ways_to_ask_agree(self, plan):
        world = World(plan)
        for person in world.people:
            for action in ACTIONS:
                self.check(world, person, action)

    def check(self, world, person, action):
        user = again(person)
        expected = {customer.pk for customer in world.customers if world.may(person, customer, action)}
        assert set(Customer.objects.visible_to(user, action).values_list("pk", flat=True)) == expected
        name = permission_name(Customer, action)
        assert {customer.pk for customer in world.customers if user.has_perm(name, customer)} == expected
        for sort in SORTS:
            assert sorted(walked(user, sort, action)) == sorted(expected)
            assert walked_back(user, sort, action) == walked(user, sort, action)
        assert capped_count(Customer.objects.all(), user, action) == (len(expected), True)

    @given(plans())
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def test_parts_follow_their_whole(self, plan):
        world = World(plan)
        author = world.people[0]
        parts = [
            Interaction.objects.create(
                customer=customer, kind=Interaction.Kind.CALL, at=timezone.now(), created_by=author
            )
            for customer in world.customers
        ]
        for person in world.people:
            user = again(person)
            for action in ACTIONS:
                expected = {part.pk for part in parts if self.may_part(world, person, user, part, action)}
                assert set(Interaction.objects.visible_to(user, action).values_list("pk", flat=True)) == expected
                self.check_pages(Interaction, "-at", user, action, expected)

    @given(plans(), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 8)), max_size=9, unique=True))
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def test_the_list_of_contacts_agrees_however_many_customers_a_contact_has(self, plan, places):
        world = World(plan)
        contacts = Contact.objects.bulk_create(Contact(name=f"N{n % 2}") for n in range(5))
        roles = {(n, world.customers[at % len(world.customers)].pk) for n, at in places} if world.customers else set()
        ContactRole.objects.bulk_create(ContactRole(contact=contacts[n], customer_id=pk) for n, pk in sorted(roles))
        whole = {customer.pk: customer for customer in world.customers}
        for person in world.people:
            user = again(person)
            expected = {
                contacts[n].pk
                for n, pk in roles
                if user.is_active and user.rights.may(Contact) and world.may(person, whole[pk], Action.VIEW)
            }
            assert set(Contact.objects.visible_to(user).values_list("pk", flat=True)) == expected
            for sort in ("name", "-created_at"):
                self.check_pages(Contact, sort, user, Action.VIEW, expected)

    def check_pages(self, model, sort, user, action, expected):
        """The pages of a list of parts, which come from copies of owner and team, hold what visible_to gives."""
        assert sorted(walked(user, sort, action, model=model)) == sorted(expected)
        assert walked_back(user, sort, action, model=model) == walked(user, sort, action, model=model)
        assert capped_count(model.objects.all(), user, action) == (len(expected), True)

    def may_part(self, world, person, user, part, action) -> bool:
        if not user.is_active or not user.rights.may(Interaction, action):
            return False
        if not world.may(person, part.customer, Action.VIEW):
            return False
        return (
            action == Action.VIEW or part.created_by_id == person.pk or world.may(person, part.customer, Action.CHANGE)
        )
