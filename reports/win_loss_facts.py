"""Won and lost opportunities of a period, counted and summed up by the database in groups."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate, TruncMonth
from django.utils.translation import gettext

from crm.access import Action
from crm.figures import ratio
from crm.models import Team, User
from reports.periods import fiscal_quarter
from sales.models import Opportunity, Product, StageType

NO_TIME = timedelta()
WON, LOST = Q(stage__type=StageType.WON), Q(stage__type=StageType.LOST)
TIMED = WON & Q(length__gte=NO_TIME)


@dataclass(frozen=True)
class Outcome:
    """Won and lost of one group; `days` is the sum over the won ones that say when they began, `timed` their number."""

    won: int = 0
    lost: int = 0
    value: Decimal = Decimal(0)
    valued: int = 0
    days: int = 0
    timed: int = 0

    def __add__(self, other):
        return Outcome(*(mine + theirs for mine, theirs in zip(self.figures, other.figures, strict=True)))

    @property
    def figures(self):
        return self.won, self.lost, self.value, self.valued, self.days, self.timed

    @property
    def decided(self):
        return self.won + self.lost

    @property
    def rate(self):
        return ratio(self.won, self.decided)

    @property
    def average(self):
        """The mean amount of the won ones that have an amount."""
        return ratio(self.value, self.valued)

    @property
    def cycle(self):
        return ratio(self.days, self.timed)


@dataclass
class Facts:
    """What the database says for one request; everything is asked once, when it is first needed."""

    request: object

    def rows(self, period=None, action=Action.VIEW):
        period = period or self.request.period
        rows = Opportunity.objects.visible_to(self.request.user, action).closed()
        rows = rows.filter(closed_on__lte=period.ends_on)
        return rows if period.starts_on is None else rows.filter(closed_on__gte=period.starts_on)

    def grouped(self, rows, key):
        """{key: Outcome}, added up by the database; the key is an expression over the opportunity."""
        began = Coalesce(F("engaged_on"), TruncDate("created_at", tzinfo=self.request.period.zone))
        length = ExpressionWrapper(F("closed_on") - began, output_field=DurationField())
        ordered = rows.order_by().annotate(length=length, group=key).values("group")
        found = ordered.annotate(
            n_won=Count("pk", filter=WON),
            n_lost=Count("pk", filter=LOST),
            value=Sum("amount", filter=WON),
            valued=Count("amount", filter=WON),
            spent=Sum("length", filter=TIMED),
            timed=Count("pk", filter=TIMED),
        )
        return {
            row["group"]: Outcome(
                row["n_won"],
                row["n_lost"],
                row["value"] or Decimal(0),
                row["valued"],
                row["spent"].days if row["spent"] else 0,
                row["timed"],
            )
            for row in found
        }

    @cached_property
    def total(self):
        return sum(self.by_team.values(), Outcome())

    @cached_property
    def before(self):
        """The period before, or None when this one has no beginning."""
        period = self.request.period.before
        return period and sum(self.grouped(self.rows(period), F("team")).values(), Outcome())

    @cached_property
    def by_team(self):
        return self.grouped(self.rows(), F("team"))

    @cached_property
    def teams(self):
        return Team.objects.select_related("manager").in_bulk()

    @cached_property
    def by_quarter(self):
        """{(fiscal year, quarter): Outcome}, the earliest first."""
        start = self.request.period.fiscal_start
        months = self.grouped(self.rows(), TruncMonth("closed_on"))
        return dict(sorted(summed(months, lambda month: fiscal_quarter(month, start)).items()))

    @cached_property
    def by_product(self):
        found = self.grouped(self.rows(), F("product"))
        names = Product.everything.in_bulk(set(found) - {None})
        return named(found, lambda pk: str(names[pk]) if pk in names else gettext("Without product"))

    @cached_property
    def by_manager(self):
        found = summed(self.by_team, self.manager_of)
        names = User.objects.in_bulk(set(found) - {None})
        return named(found, lambda pk: names[pk].name if pk in names else gettext("Without manager"))

    @cached_property
    def by_region(self):
        found = summed(self.by_team, self.region_of)
        return named(found, lambda pk: self.teams[pk].name if pk in self.teams else gettext("Without team"))

    def chain(self, team_id):
        """The team and those above it, from below."""
        team = self.teams.get(team_id)
        return [self.teams[int(pk)] for pk in reversed(team.path.strip("/").split("/"))] if team else []

    def manager_of(self, team_id):
        """The manager of the team, else of the nearest team above that has one."""
        return next((team.manager_id for team in self.chain(team_id) if team.manager_id), None)

    def region_of(self, team_id):
        """The top team of the tree."""
        chain = self.chain(team_id)
        return chain[-1].pk if chain else None


def summed(groups, key_of):
    found = {}
    for key, outcome in groups.items():
        found[key_of(key)] = found.get(key_of(key), Outcome()) + outcome
    return found


def named(groups, name_of):
    """[(name, Outcome)], the largest value first."""
    return sorted(
        ((name_of(key), outcome) for key, outcome in groups.items()), key=lambda g: (-g[1].value, -g[1].won, g[0])
    )
