"""What a report is to pages and delivery: title, periods, parameters, columns, and a document for one person."""

from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from crm.access import Action, Reach
from crm.models import Company
from reports.document import Filter, ReportDocument
from reports.periods import Period, Span
from sales.models import Opportunity

registry: dict[str, "Report"] = {}


@dataclass(frozen=True)
class Request:
    """For whom and when a report is computed. as_of: the moment whose data count.

    shared_by_all: for a file that several people get who see everything, so that it names none of them.
    """

    user: object
    period: Period
    as_of: object
    parameters: dict
    company: object
    shared_by_all: bool = False
    run: object = None

    @property
    def language(self):
        return self.user.language

    @property
    def scope(self):
        """What the figures cover, in words."""
        return str(self.company) if self.shared_by_all else scope_text(self.user, self.company)


class Report:
    """A report. Subclasses fill in the document; one instance of each registers itself and keeps no state."""

    slug = ""
    title: str | Promise = ""
    about: str | Promise = ""
    icon = "report-analytics"
    model = Opportunity
    spans: tuple[Span, ...] = ()
    default_span = Span.THIS_WEEK
    scheduled_span = Span.LAST_WEEK
    columns: tuple = ()
    has_pipeline = False  # whether one pipeline can be chosen
    reads_history = False  # whether it can tell what was true at the end of a past period

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        registry[cls.slug] = cls()

    def may(self, user, action=Action.VIEW):
        return user.rights.may(self.model, action)

    def rows(self, request, facts):
        """The rows of the data table: everything behind the figures that the person may take out."""
        raise NotImplementedError

    def compute(self, request) -> ReportDocument:
        raise NotImplementedError

    def document(self, user, period, as_of=None, parameters=None, *, shared_by_all=False, run=None) -> ReportDocument:
        """The report for one person, with this person's rights and in this person's language.

        as_of is now unless given; for a report that reads history, the end of the period when that has passed.
        """
        now = timezone.now()
        as_of = as_of or (min(period.ends_at, now) if self.reads_history else now)
        with translation.override(user.language):
            return self.compute(Request(user, period, as_of, parameters or {}, Company.current(), shared_by_all, run))


@dataclass(frozen=True)
class Again:
    """The rows of the data table, read from the database each time they are walked: they may be very many."""

    report: Report
    request: object
    facts: object

    def __iter__(self):
        return iter(self.report.rows(self.request, self.facts))


def scope_text(user, company):
    """Everything, some teams and those below, or the own records."""
    reach = user.rights.reach(Opportunity, Action.VIEW)
    if reach == Reach.ALL:
        return str(company)
    if reach in (Reach.TEAM, Reach.BELOW):
        managed = list(user.managed_teams.order_by("path"))
        names = [team.name for team in managed] or ([user.team.name] if user.team else [])
        if names and reach == Reach.BELOW:
            return gettext("%(teams)s and the teams below") % {"teams": gettext(", ").join(names)}
        if names:
            return gettext(", ").join(names)
    return gettext("Own records")


def recipient_text(request):
    return gettext("Everyone who sees all records") if request.shared_by_all else request.user.name


def rights_text(request):
    if request.shared_by_all:
        return gettext("Computed for people who see all records")
    return gettext("Computed with the rights of %(name)s: %(scope)s") % {
        "name": request.user.name,
        "scope": request.scope,
    }


def period_filter(request):
    return Filter(gettext("Period"), gettext("is"), request.period.dates)


def currency_filter(request):
    return Filter(gettext("Currency"), gettext("is"), request.company.currency)
