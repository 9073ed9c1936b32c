"""The report "Win/loss": what was won and lost in a period, by quarter, manager, region and product."""

from dataclasses import replace

from django.db.models import Count
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.entities import entity_for
from reports import document as d
from reports.base import Again, Report, currency_filter, period_filter, recipient_text, rights_text
from reports.periods import Span, fiscal_quarter, quarter_name
from reports.win_loss_facts import LOST, WON, Facts, Outcome
from sales.models import Opportunity

MONEY, COUNT, DAYS, PERCENT = d.Kind.MONEY, d.Kind.COUNT, d.Kind.DAYS, d.Kind.PERCENT
RATE_DIGITS = 2
LISTED_QUARTERS, LISTED_MANAGERS = 8, 10


class WinLoss(Report):
    slug = "win-loss"
    title = _("Win/loss")
    about = _("What was won and lost, how often and how much, by quarter, manager, region and product.")
    icon = "trophy"
    spans = (
        Span.THIS_MONTH, Span.LAST_MONTH, Span.THIS_QUARTER, Span.LAST_QUARTER, Span.THIS_YEAR, Span.LAST_YEAR,
        Span.ALL, Span.DATES,
    )  # fmt: skip
    default_span = Span.THIS_QUARTER
    scheduled_span = Span.LAST_MONTH
    columns = (
        d.TableColumn(_("Number"), quiet=True),
        d.TableColumn(_("Opportunity"), weight=2),
        d.TableColumn(_("Customer"), weight=2),
        d.TableColumn(_("Product")),
        d.TableColumn(_("Owner")),
        d.TableColumn(_("Team"), quiet=True),
        d.TableColumn(_("Region"), quiet=True),
        d.TableColumn(_("Outcome")),
        d.TableColumn(_("Closed on"), d.Kind.DATE),
        d.TableColumn(_("Quarter")),
        d.TableColumn(_("Amount"), MONEY),
        d.TableColumn(_("Reason for the loss")),
    )

    def rows(self, request, facts):
        """The decided opportunities that the person may take out, the latest first."""
        found = facts.rows(action=Action.EXPORT).select_related("customer", "product", "owner", "stage")
        for record in found.order_by("-closed_on", "-pk").iterator(chunk_size=1000):
            chain = facts.chain(record.team_id)
            yield d.Row(
                (
                    record.number,
                    record.name,
                    record.customer.name if record.customer else None,
                    str(record.product) if record.product else None,
                    record.owner.name if record.owner else None,
                    chain[0].name if chain else None,
                    chain[-1].name if chain else None,
                    str(record.stage),
                    record.closed_on,
                    quarter_name(*fiscal_quarter(record.closed_on, request.period.fiscal_start)),
                    record.amount,
                    record.get_lost_reason_display() or None,
                )
            )

    def compute(self, request):
        facts, period = Facts(request), request.period
        columns = tuple(replace(column, label=str(column.label)) for column in self.columns)
        return d.ReportDocument(
            slug=self.slug,
            title=str(self.title),
            period=period.name,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            scope=request.scope,
            rights=rights_text(request),
            recipient=recipient_text(request),
            as_of=request.as_of,
            zone=request.user.time_zone,
            compared_with=period.before.name if period.before else gettext("no earlier period"),
            previous_label=period.before_label,
            currency=request.company.currency,
            language=request.language,
            headline=headline(facts),
            subject=subject(facts),
            preview=d.Sentence(gettext("Average won %(average)s."), {"average": d.Figure(MONEY, facts.total.average)}),
            kpis=kpis(facts),
            charts=(quarters_chart(facts), managers_chart(facts)),
            lists=lists(facts),
            sections=sections(facts),
            actions=d.ShortList(gettext("Largest wins"), items) if (items := largest(facts, WON)) else None,
            data=d.Table(gettext("Data"), "", columns, Again(self, request, facts)),
            row_count=facts.total.decided,
            filters=(
                period_filter(request),
                currency_filter(request),
            ),
            definitions=definitions(),
            run=request.run,
        )


def headline(facts):
    total = facts.total
    text = gettext("%(won)s of %(decided)s closed opportunities were won (%(rate)s), together worth %(value)s.")
    values = {
        "won": d.Figure(COUNT, total.won, strong=True),
        "decided": d.Figure(COUNT, total.decided),
        "rate": d.Figure(PERCENT, total.rate, strong=True, digits=RATE_DIGITS),
        "value": d.Figure(MONEY, total.value, strong=True, short=False),
    }
    return d.Sentence(text, values)


def subject(facts):
    values = {
        "period": facts.request.period.dates,
        "rate": d.Figure(PERCENT, facts.total.rate, digits=RATE_DIGITS),
        "value": d.Figure(MONEY, facts.total.value),
    }
    return d.Sentence(gettext("Win/loss, %(period)s: win rate %(rate)s, won %(value)s"), values)


def kpis(facts):
    total, before = facts.total, facts.before or Outcome()
    compares = facts.before is not None

    def past(value):
        return value if compares else None

    return (
        d.Kpi(gettext("Won"), total.won, COUNT, past(before.won)),
        d.Kpi(gettext("Lost"), total.lost, COUNT, past(before.lost), better="down"),
        d.Kpi(gettext("Win rate"), total.rate, PERCENT, past(before.rate), digits=RATE_DIGITS),
        d.Kpi(gettext("Won value"), total.value, MONEY, past(before.value)),
        d.Kpi(gettext("Average won"), total.average, MONEY, past(before.average)),
    )


def quarters_chart(facts):
    shown = list(facts.by_quarter.items())[-LISTED_QUARTERS:]
    bars = tuple((quarter_name(*quarter), (outcome.won, outcome.lost)) for quarter, outcome in shown)
    note = gettext("number of opportunities by the day they were closed")
    return d.StackedBars(gettext("By quarter"), note, COUNT, (gettext("Won"), gettext("Lost")), bars, upright=True)


def managers_chart(facts):
    bars = tuple(
        (name, outcome.rate, gettext("%(won)s of %(decided)s") % {"won": outcome.won, "decided": outcome.decided})
        for name, outcome in facts.by_manager[:LISTED_MANAGERS]
    )
    return d.Bars(gettext("Win rate by manager"), gettext("won of decided"), PERCENT, bars, digits=RATE_DIGITS)


def largest(facts, which):
    rows = facts.rows().filter(which, amount__isnull=False).select_related("customer").order_by("-amount", "-pk")[:3]
    address = entity_for(Opportunity).url_for
    return tuple(
        d.ListItem(
            row.name,
            row.customer.name if row.customer else "",
            row.amount,
            row.get_lost_reason_display(),
            address(row.pk),
        )
        for row in rows
    )


def lists(facts):
    labels = dict(Opportunity.LostReason.choices)
    reasons = facts.rows().filter(LOST).exclude(lost_reason="").order_by().values_list("lost_reason")
    why = tuple(
        d.ListItem(str(labels[reason]), "", count)
        for reason, count in reasons.annotate(number=Count("pk")).order_by("-number", "lost_reason")[:3]
    )
    none = gettext("None")
    return (
        d.ShortList(gettext("Largest wins"), largest(facts, WON), MONEY, none),
        d.ShortList(gettext("Largest losses"), largest(facts, LOST), MONEY, none),
        d.ShortList(gettext("Why lost"), why, COUNT, gettext("No reasons were given")),
    )


def sections(facts):
    quarters = [(quarter_name(*quarter), outcome) for quarter, outcome in facts.by_quarter.items()]
    return (
        table(gettext("By quarter"), gettext("Quarter"), quarters, facts.total),
        table(gettext("By manager"), gettext("Manager"), facts.by_manager, facts.total),
        table(gettext("By region"), gettext("Region"), facts.by_region, facts.total),
        table(gettext("By product"), gettext("Product"), facts.by_product, facts.total),
    )


def table(title, first, groups, total):
    columns = (
        d.TableColumn(first, weight=2),
        d.TableColumn(gettext("Won"), COUNT),
        d.TableColumn(gettext("Lost"), COUNT),
        d.TableColumn(gettext("Win rate"), PERCENT, 1.6, digits=RATE_DIGITS, bar=True),
        d.TableColumn(gettext("Won value"), MONEY, 1.4),
        d.TableColumn(gettext("Average won"), MONEY, 1.2),
        d.TableColumn(gettext("Average days to win"), DAYS, 1.2),
    )
    rows = [d.Row(cells(name, outcome)) for name, outcome in groups]
    if rows:
        rows.append(d.Row(cells(gettext("Total"), total), d.Level.TOTAL))
    return d.Table(title, "", columns, tuple(rows))


def cells(name, outcome):
    return name, outcome.won, outcome.lost, outcome.rate, outcome.value, outcome.average, outcome.cycle


def definitions():
    found = (
        (_("Win rate"), _("won ÷ (won + lost); void ones count for neither")),
        (_("Period"), _("by the day on which an opportunity was closed")),
        (_("Won value"), _("sum of the amounts of the won ones; without an amount they add nothing")),
        (_("Manager"), _("of the opportunity’s team, else of the nearest team above")),
        (_("Region"), _("the top team")),
        (_("Average days to win"), _("from the day the customer was engaged, else entered, to the closing day")),
    )
    return tuple(d.Definition(str(term), str(meaning)) for term, meaning in found)
