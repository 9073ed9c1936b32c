"""Forms of opportunities: all fields, and what closing one has to say."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms import EntityForm, form_field
from crm.models import Company
from sales.models import Opportunity, Pipeline, Stage, StageType
from sales.services import record_entry

DAY = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


def check_closing_day(day):
    if day and day > Company.current().today:
        raise ValidationError(_("The closing day lies in the future. Type the day it was won or lost."))


class OpportunityForm(EntityForm):
    """Add and change an opportunity; another stage goes into the ledger."""

    class Meta:
        model = Opportunity
        formfield_callback = form_field
        fields = (
            "name",
            "customer",
            "contact",
            "product",
            "type",
            "source",
            "stage",
            "amount",
            "probability",
            "expected_close_on",
            "owner",
            "next_step",
            "next_step_on",
            "engaged_on",
            "closed_on",
            "lost_reason",
            "lost_note",
            "description",
            "tags",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stage_before = self.instance.stage_id
        stages = self.fields["stage"].queryset.select_related("pipeline")
        self.fields["stage"].queryset = stages.order_by("pipeline__order", "pipeline", "order", "pk")
        self.fields["stage"].empty_label = None
        if not self.instance.pk and not self.initial.get("stage"):
            pipeline = Pipeline.default()
            self.initial["stage"] = pipeline.first_stage() if pipeline else None

    def clean(self):
        data = super().clean()
        if stage := self.cleaned_data.get("stage"):
            self.instance.pipeline_id = stage.pipeline_id
            self.leave_closed(stage)
            self.check_closing(stage)
        self.check_contact()
        return data

    @property
    def is_moved(self) -> bool:
        stage = self.cleaned_data.get("stage")
        return bool(self.instance.pk and stage and stage.pk != self.stage_before)

    def leave_closed(self, stage):
        """A move clears what belonged to the stage it leaves, unless it was typed now."""
        if not self.is_moved:
            return
        if "probability" not in self.changed_data:
            self.cleaned_data["probability"] = None
        if not stage.is_closed and "closed_on" not in self.changed_data:
            self.cleaned_data["closed_on"] = None
        if stage.type != StageType.LOST:
            for name in {"lost_reason", "lost_note"} - set(self.changed_data):
                self.cleaned_data[name] = ""

    def check_closing(self, stage):
        """The day and, for a loss, its reason; the model checks that only closed ones have a day."""
        if "closed_on" in self.changed_data or self.is_moved:
            try:
                check_closing_day(self.cleaned_data.get("closed_on"))
            except ValidationError as error:
                self.add_error("closed_on", error)
        if stage.type == StageType.LOST and not self.cleaned_data.get("lost_reason"):
            if self.is_moved or not self.instance.pk or "lost_reason" in self.changed_data:
                self.add_error("lost_reason", _("Say why it was lost."))
        elif stage.type != StageType.LOST and self.cleaned_data.get("lost_reason"):
            self.add_error(
                "lost_reason", _("Only a lost opportunity has a reason. Leave it empty, or choose such a stage.")
            )

    def check_contact(self):
        customer, contact = self.cleaned_data.get("customer"), self.cleaned_data.get("contact")
        if contact and not customer:
            self.add_error("customer", _("Choose the customer for whom “%(name)s” works.") % {"name": contact})
        elif contact and not contact.roles.filter(customer=customer).exists():
            self.add_error("contact", _("“%(name)s” is not a contact of this customer.") % {"name": contact})

    def save_record(self, actor):
        is_new, moved = not self.instance.pk, self.is_moved
        if moved:
            self.instance.stage_entered_at = timezone.now()
        record = super().save_record(actor)
        if is_new or moved:
            left = None if is_new else Stage.everything.get(pk=self.stage_before)
            record_entry(record, actor=actor, from_stage=left)
        return record


class WonForm(forms.Form):
    """What winning has to say."""

    amount = forms.DecimalField(
        label=_("Amount"), required=False, max_digits=18, decimal_places=2, validators=[MinValueValidator(0)]
    )
    closed_on = forms.DateField(label=_("Won on"), validators=[check_closing_day], **DAY)

    def __init__(self, data=None, *, record):
        super().__init__(data, initial={"closed_on": Company.current().today, "amount": record.amount})


class LostForm(forms.Form):
    """What losing has to say."""

    lost_reason = forms.ChoiceField(label=_("Reason for the loss"))
    lost_note = forms.CharField(
        label=_("Note on the loss"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    closed_on = forms.DateField(label=_("Lost on"), validators=[check_closing_day], **DAY)

    def __init__(self, data=None, *, record):
        super().__init__(data, initial={"closed_on": Company.current().today})
        self.fields["lost_reason"].choices = [("", "—"), *Opportunity.LostReason.choices]
