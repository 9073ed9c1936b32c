"""The report "Sales pipeline": what is open at the end of a period by stage, team and owner, and what changed."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.figures import ratio
from crm.models import Team, User
from reports import document as d
from reports.base import Again, Report, currency_filter, period_filter, recipient_text, rights_text
from reports.periods import Span
from reports.pipeline_facts import Moments, pipeline_facts, pipeline_sums, with_risks
from reports.pipeline_parts import (
    LISTED_RISKS,
    actions,
    data_row,
    funnel,
    lists,
    owner_table,
    owners_by_stage,
    risk_table,
    stage_table,
    waterfall,
)
from sales.models import Opportunity, Pipeline, Stage, StageType

MONEY, COUNT, DAYS = d.Kind.MONEY, d.Kind.COUNT, d.Kind.DAYS


@dataclass
class Facts:
    """What the database says for one request; everything is asked once, when it is first needed."""

    request: object

    @cached_property
    def moments(self):
        period, as_of = self.request.period, self.request.as_of
        return Moments(period.starts_at, as_of, period.zone, is_over=as_of >= period.ends_at)

    @cached_property
    def pipelines(self):
        return {pipeline.pk: pipeline for pipeline in Pipeline.objects.visible_to(self.request.user)}

    @cached_property
    def pipeline(self):
        """The one that was chosen, or None for all."""
        chosen = str(self.request.parameters.get("pipeline") or "")
        return self.pipelines.get(int(chosen)) if chosen.isdecimal() else None

    @cached_property
    def stages(self):
        """{id: stage}, also of stages that are no longer in use."""
        return {stage.pk: stage for stage in Stage.everything.select_related("pipeline").order_by("pipeline", "order")}

    @cached_property
    def open_stages(self):
        kept = self.stages.values()
        return [
            s for s in kept if s.type == StageType.OPEN and (not self.pipeline or s.pipeline_id == self.pipeline.pk)
        ]

    def stage_ids(self, *types):
        return [stage.pk for stage in self.stages.values() if stage.type in types]

    @cached_property
    def sums(self):
        return pipeline_sums(self.request.user, self.moments, self.pipeline)

    @cached_property
    def sums_before(self):
        """Those of the period before, for what is compared with it."""
        before = self.request.period.before
        moments = Moments(before.starts_at, before.ends_at, before.zone, is_over=True)
        return pipeline_sums(self.request.user, moments, self.pipeline).total

    @cached_property
    def people(self):
        return User.objects.in_bulk({owner for _team, owner in self.sums.by_owner} - {0})

    @cached_property
    def teams(self):
        return Team.objects.in_bulk(set(self.sums.by_team) - {0})

    def rows(self, action=Action.VIEW):
        return pipeline_facts(self.request.user, self.moments, self.pipeline, action)

    def risky(self, action=Action.VIEW):
        limits = {stage.pk: stage.expected_days for stage in self.open_stages}
        return with_risks(self.rows(action), self.moments, limits).select_related("customer", "owner", "team")

    @cached_property
    def worst(self):
        """The open ones that need attention most."""
        return list(self.risky().filter(risks__gt=0).order_by("-weight", "-pk")[:LISTED_RISKS])

    def stage_name(self, pk):
        stage = self.stages[pk]
        many = not self.pipeline and len({s.pipeline_id for s in self.open_stages}) > 1
        return (
            gettext("%(stage)s (%(pipeline)s)") % {"stage": stage, "pipeline": stage.pipeline} if many else str(stage)
        )

    def owner_name(self, pk):
        return self.people[pk].name if pk in self.people else gettext("Without owner")

    def team_name(self, pk):
        return self.teams[pk].name if pk in self.teams else gettext("Without team")


class SalesPipeline(Report):
    slug = "sales-pipeline"
    title = _("Sales pipeline")
    about = _("What is open, by stage, team and owner, what changed in the period, and what needs attention.")
    icon = "chart-bar"
    has_pipeline = True
    reads_history = True
    model = Opportunity
    spans = (
        Span.THIS_WEEK, Span.LAST_WEEK, Span.THIS_MONTH, Span.LAST_MONTH, Span.THIS_QUARTER, Span.LAST_QUARTER,
        Span.DATES,
    )  # fmt: skip
    default_span = Span.THIS_WEEK
    scheduled_span = Span.LAST_WEEK
    columns = (
        d.TableColumn(_("Number"), quiet=True),
        d.TableColumn(_("Opportunity"), weight=2),
        d.TableColumn(_("Customer"), weight=2),
        d.TableColumn(_("Owner")),
        d.TableColumn(_("Team"), quiet=True),
        d.TableColumn(_("Stage")),
        d.TableColumn(_("Amount"), MONEY),
        d.TableColumn(_("Amount before"), MONEY),
        d.TableColumn(_("Difference"), MONEY, signed=True),
        d.TableColumn(_("Win probability"), d.Kind.PERCENT, digits=0),
        d.TableColumn(_("Weighted amount"), MONEY),
        d.TableColumn(_("Days in stage"), DAYS),
        d.TableColumn(_("Expected to close"), d.Kind.DATE),
        d.TableColumn(_("Next step on"), d.Kind.DATE),
        d.TableColumn(_("Needs attention because"), weight=2),
    )

    def rows(self, request, facts):
        """The open opportunities the person may take out, the riskiest first."""
        for record in facts.risky(Action.EXPORT).order_by("-weight", "-pk").iterator(chunk_size=1000):
            yield data_row(record, facts)

    def compute(self, request):
        facts = Facts(request)
        total = facts.sums.total
        return d.ReportDocument(
            slug=self.slug,
            title=str(self.title),
            period=request.period.name,
            starts_on=request.period.starts_on,
            ends_on=request.period.ends_on,
            scope=request.scope,
            rights=rights_text(request),
            recipient=recipient_text(request),
            as_of=request.as_of,
            zone=request.user.time_zone,
            compared_with=request.period.before.name,
            previous_label=request.period.before_label,
            currency=request.company.currency,
            language=request.language,
            headline=headline(total, request),
            subject=subject(total, request),
            preview=preview(total),
            kpis=kpis(facts),
            charts=(funnel(facts), owners_by_stage(facts)),
            lists=lists(facts),
            sections=(stage_table(facts), owner_table(facts), waterfall(facts), risk_table(facts)),
            actions=actions(facts),
            data=d.Table(gettext("Data"), "", translated(self.columns), Again(self, request, facts)),
            row_count=total.count,
            filters=filters(facts),
            definitions=definitions(facts),
            run=request.run,
        )


def translated(columns):
    """The columns with their labels in the active language."""
    return tuple(replace(column, label=str(column.label)) for column in columns)


def headline(total, request):
    """The answer in a sentence; what it is compared with is left out where nothing was open before."""
    if total.amount_before:
        text = ngettext(
            "%(count)s opportunity is open, worth %(amount)s, %(change)s on %(before)s; won %(won)s, "
            "added %(added)s. Needing attention: %(risks)s.",
            "%(count)s opportunities are open, worth %(amount)s, %(change)s on %(before)s; won %(won)s, "
            "added %(added)s. Needing attention: %(risks)s.",
            total.count,
        )
    else:
        text = ngettext(
            "%(count)s opportunity is open, worth %(amount)s; won %(won)s, added %(added)s. "
            "Needing attention: %(risks)s.",
            "%(count)s opportunities are open, worth %(amount)s; won %(won)s, added %(added)s. "
            "Needing attention: %(risks)s.",
            total.count,
        )
    values = {
        "count": d.Figure(COUNT, total.count, strong=True),
        "amount": d.Figure(MONEY, total.amount, strong=True),
        "change": d.Figure(d.Kind.PERCENT, ratio(total.gap, total.amount_before), strong=True, signed=True),
        "before": request.period.before_label,
        "won": d.Figure(MONEY, total.won),
        "added": d.Figure(MONEY, total.added),
        "risks": d.Figure(COUNT, total.at_risk, strong=True),
    }
    return d.Sentence(text, values)


def subject(total, request):
    text = gettext("Sales pipeline, %(period)s: %(amount)s open, %(risks)s need attention")
    values = {
        "period": request.period.dates,
        "amount": d.Figure(MONEY, total.amount),
        "risks": d.Figure(COUNT, total.at_risk),
    }
    return d.Sentence(text, values)


def preview(total):
    values = {"won": d.Figure(MONEY, total.won), "added": d.Figure(MONEY, total.added)}
    return d.Sentence(gettext("Won %(won)s, added %(added)s in the period."), values)


def kpis(facts):
    total, before = facts.sums.total, facts.sums_before
    return (
        d.Kpi(gettext("Open pipeline"), total.amount, MONEY, total.amount_before),
        d.Kpi(gettext("Weighted forecast"), total.weighted, MONEY, total.weighted_before),
        d.Kpi(gettext("Added in the period"), total.added, MONEY, before.added),
        d.Kpi(gettext("Won in the period"), total.won, MONEY, before.won),
        d.Kpi(gettext("Too long in stage"), total.stale, COUNT, total.stale_before, better="down"),
    )


def filters(facts):
    is_ = gettext("is")
    chosen = str(facts.pipeline) if facts.pipeline else gettext("all")
    return (
        period_filter(facts.request),
        d.Filter(gettext("Pipeline"), is_, chosen),
        currency_filter(facts.request),
    )


def definitions(facts):
    limits = gettext(", ").join(
        ngettext("%(stage)s %(days)s day", "%(stage)s %(days)s days", stage.expected_days)
        % {"stage": facts.stage_name(stage.pk), "days": stage.expected_days}
        for stage in facts.open_stages
        if stage.expected_days is not None and stage.is_active
    )
    found = (
        (
            _("Open pipeline"),
            _("sum of the amounts of the opportunities in an open stage; without an amount they add nothing"),
        ),
        (_("Weighted forecast"), _("amount × win probability of the opportunity, else of its stage")),
        (_("Age"), _("days since the customer was first engaged, else since the opportunity was entered")),
        (_("Overdue"), _("open although the day on which it was expected to close has passed")),
        (_("Past"), _("stages of the past come from the ledger of stages, amounts from the change history")),
    )
    stale = gettext("longer in the present stage than it expects (%(limits)s)") % {
        "limits": limits or gettext("no limits")
    }
    return (
        *(d.Definition(str(term), str(meaning)) for term, meaning in found),
        d.Definition(gettext("Too long in stage"), stale),
    )
