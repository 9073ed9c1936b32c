"""Forms of reports: the period and pipeline of a report page, and a schedule."""

import uuid

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms import EntityForm
from crm.models.people import check_zone
from reports.models import ReportSchedule
from reports.periods import LABELS, Span
from sales.models import Pipeline

DATE = {"type": "date"}
Frequency = ReportSchedule.Frequency


class PeriodForm(forms.Form):
    """What a report page asks for; it is sent by GET, so that every report is a link."""

    span = forms.ChoiceField(label=_("Period"), required=False)
    first = forms.DateField(label=_("from"), required=False, widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    last = forms.DateField(label=_("to"), required=False, widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    pipeline = forms.ModelChoiceField(
        Pipeline.objects.none(), label=_("Pipeline"), required=False, empty_label=_("all pipelines")
    )

    def __init__(self, data, *, report, user):
        super().__init__({"span": report.default_span} | data.dict())
        self.report = report
        self.fields["span"].choices = [(span.value, LABELS[span]) for span in report.spans]
        pipelines = Pipeline.objects.visible_to(user).filter(is_active=True)
        if report.has_pipeline and len(pipelines) > 1:
            self.fields["pipeline"].queryset = pipelines
        else:
            del self.fields["pipeline"]

    def clean(self):
        data = super().clean()
        if data.get("span") == Span.DATES and not (data.get("first") and data.get("last")):
            raise ValidationError(_("Say from which day to which, for example 2026-01-01 to 2026-03-31."))
        return data

    @property
    def parameters(self):
        pipeline = self.cleaned_data.get("pipeline") if self.is_bound and self.is_valid() else None
        return {"pipeline": pipeline.pk} if pipeline else {}


class RolesField(forms.ModelMultipleChoiceField):
    """Roles by their names in the reader's language; the groups of teams are none."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, role):
        return gettext(role.name)


class ScheduleForm(EntityForm):
    """A schedule with those who get it. The report is chosen once, when the schedule is made."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("days"),
        choices=ReportSchedule.Weekday.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a weekly schedule."),
    )
    formats = forms.MultipleChoiceField(
        label=_("files"),
        choices=ReportSchedule.Format.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who may not take records out gets the mail without files."),
    )
    period = forms.ChoiceField(label=_("period"), help_text=_("Counted from the day on which it is sent."))
    roles = RolesField(Group.objects.none(), label=_("roles"), required=False)
    time_zone = forms.CharField(label=_("time zone"), max_length=50, validators=[check_zone])
    pipeline = forms.ModelChoiceField(
        Pipeline.objects, label=_("pipeline"), required=False, empty_label=_("all pipelines")
    )

    class Meta(EntityForm.Meta):
        model = ReportSchedule
        fields = (
            "name", "period", "frequency", "weekdays", "month_day", "at", "time_zone", "users", "roles", "teams",
            "formats", "only_with_data",
        )  # fmt: skip
        widgets = {
            "at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "users": forms.SelectMultiple({"size": 8}),
            "teams": forms.SelectMultiple({"size": 6}),
        }

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, **kwargs)
        self.report = report
        spans = [span for span in report.spans if span != Span.DATES]
        self.fields["period"].choices = [(span.value, LABELS[span]) for span in spans]
        self.fields["at"].input_formats = ["%H:%M", "%H:%M:%S"]
        if report.has_pipeline:
            self.fields["pipeline"].initial = self.instance.parameters.get("pipeline")
        else:
            del self.fields["pipeline"]

    def narrow(self, name, field):
        if name == "roles":
            field.queryset = Group.objects.filter(team__isnull=True).order_by("name")
        else:
            super().narrow(name, field)

    def clean(self):
        data = super().clean()
        if data.get("frequency") == Frequency.WEEKLY and not data.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one day."))
        if not any(data.get(name) for name in ("users", "roles", "teams")):
            self.add_error("users", _("Choose who gets the report: people, roles or teams."))
        return data

    def save_record(self, actor):
        schedule = self.instance
        if not schedule.pk:
            schedule.owner, schedule.report = actor, self.report.slug
        pipeline = self.cleaned_data.get("pipeline")
        schedule.parameters = {"pipeline": pipeline.pk} if pipeline else {}
        schedule.weekdays = sorted(self.cleaned_data["weekdays"])
        schedule.plan_next()
        return super().save_record(actor)


class TokenForm(forms.Form):
    """A button that starts something: its token makes a second click start nothing."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def fresh(cls):
        return cls(initial={"token": uuid.uuid4()})
