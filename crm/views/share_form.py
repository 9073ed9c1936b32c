"""The form that shares a record: several people or teams, the right, the end and the reason, checked before anything is
written."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action
from crm.explaining import Explanation
from crm.figures import date_text, datetime_text
from crm.forms import RecordChoiceField, choice_text
from crm.models import Team, User
from crm.sharing import Grant, end_of, grants_of, key_of, last_day, own_end

MOST_TARGETS = 20


class Boxes(forms.Widget):
    """Several text boxes of one name with suggestions: those that are filled and `spare` empty ones."""

    spare = 1

    def value_from_datadict(self, data, files, name):
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [value.strip() for value in values if value.strip()]

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def id_for_label(self, id_):
        return id_

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs({"type": "text", "maxlength": "200", **self.attrs}, attrs)
        values = [*(value or []), *[""] * self.spare][: max(MOST_TARGETS, len(value or []))]
        first = attrs.pop("id", f"id_{name}")
        boxes = []
        for number, text in enumerate(values):
            one = attrs | {"id": first if not number else f"{first}_{number}", "name": name, "value": text}
            if number:
                one["aria-label"] = _("Colleague or team, box %(number)s") % {"number": number + 1}
            pairs = ((key, word) for key, word in one.items() if word is not False)
            boxes.append(format_html("<input{}>", format_html_join("", ' {}="{}"', pairs)))
        return format_html('<div class="stack g6">{}</div>', format_html_join("", "{}", ((box,) for box in boxes)))


class TargetsField(forms.Field):
    """People and teams by name. Each text leads to one that the reader may choose, or to an error that names it."""

    widget = Boxes

    def __init__(self, *, user, **kwargs):
        super().__init__(**kwargs)
        self.people = RecordChoiceField(User.objects.visible_to(user))
        self.teams = RecordChoiceField(Team.objects.visible_to(user))

    def clean(self, value):
        texts = list(dict.fromkeys(value or []))
        if not texts:
            raise ValidationError(_("Name a colleague or a team. Type a name and choose from the list."))
        if len(texts) > MOST_TARGETS:
            words = {"most": MOST_TARGETS}
            raise ValidationError(_("At most %(most)s at a time. Share with the rest afterwards.") % words)
        found, problems = [], []
        several = _("Several people or teams are called “%(name)s”. Choose one from the list.")
        nobody = _("Nobody and no team is called “%(name)s”. Choose one from the list.")
        for text in texts:
            rows = [*self.people.named(text)[:2], *self.teams.named(text)[:2]]
            if len(rows) == 1:
                found.append(rows[0])
            else:
                problems.append((several if rows else nobody) % {"name": text})
        if problems:
            raise ValidationError(problems)
        return list({key_of(target): target for target in found}.values())


class ShareForm(forms.Form):
    """Who, which right, until when, why. `instead`: the key of the share that is being changed."""

    level = forms.ChoiceField(
        label=gettext_lazy("Right"),
        choices=[(Action.VIEW.value, gettext_lazy("View")), (Action.CHANGE.value, gettext_lazy("View and change"))],
    )
    until = forms.DateField(
        label=gettext_lazy("Until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: without end."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Goes into the timeline; whoever gets the record reads it, too."),
    )
    instead = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ("to", "level", "until", "reason", "instead")

    def __init__(self, *args, record, user, spare: int = 1, **kwargs):
        super().__init__(*args, **kwargs)
        self.record, self.user = record, user
        self.grants = {grant.key: grant for grant in grants_of(record)}
        self.fields["to"] = TargetsField(user=user, label=_("Colleague or team"))
        self.fields["to"].widget.spare = spare
        self.fields["to"].widget.attrs |= {
            "data-picker": "",
            "data-choices-url": "/shares/people/",
            "autocomplete": "off",
            "required": False,
        }
        self.order_fields(self.field_order)

    # -- the end ------------------------------------------------------------------------------------------------------
    def clean_until(self):
        return end_from(self.cleaned_data["until"], self.record, self.user)

    # -- the people ---------------------------------------------------------------------------------------------------
    def clean(self):
        data = super().clean()
        targets, level = self.cleaned_data.get("to"), self.cleaned_data.get("level")
        if targets and level:
            explanation = Explanation(self.record)
            problems = [text for target in targets if (text := self.problem(target, Action(level), explanation))]
            if problems:
                self.add_error("to", problems)
        return data

    def problem(self, target, action, explanation) -> str:
        """Why the record cannot be shared with this person or team; empty when it can."""
        grant = self.grants.get(key_of(target))
        if grant is not None and grant.key != self.cleaned_data.get("instead"):
            return self.has_it(grant)
        return "" if isinstance(target, Team) else self.problem_of_person(target, action, explanation, grant)

    def has_it(self, grant: Grant) -> str:
        until = datetime_text(grant.until, form="iso") if grant.until else _("without end")
        return _("%(name)s has this record already: %(level)s, %(until)s. Choose “Change” in the list below.") % {
            "name": grant.target,
            "level": grant.level,
            "until": until,
        }

    def problem_of_person(self, person, action, explanation, grant) -> str:
        names = {"name": person.name, "what": type(self.record)._meta.verbose_name_plural}
        if not person.is_active:
            return _("%(name)s is switched off and signs in no more. Choose somebody else.") % names
        if person.pk == self.user.pk:
            return _("This is you. You see the record already; name a colleague.")
        rights = explanation.rights(person)
        if not rights.may(type(self.record), Action.VIEW):
            return (
                _(
                    "No role of %(name)s permits to view %(what)s, so a share would show nothing. "
                    "Ask an administrator for a role first."
                )
                % names
            )
        if not rights.may(type(self.record), action):
            return (
                _("The roles of %(name)s permit to view %(what)s, not to change them. Choose the right “View”.") % names
            )
        reasons = explanation.reasons(person, rights, action)
        if reasons and grant is None:
            words = {**names, "reason": reasons[0].text}
            return _("%(name)s can do this already (%(reason)s). Leave the name out.") % words
        return ""

    # -- first values -------------------------------------------------------------------------------------------------
    @staticmethod
    def initial_of(grant: Grant | None, zone) -> dict:
        """The form's first values: those of a share that is to be changed, or none."""
        if grant is None:
            return {}
        return {
            "to": [choice_text(grant.target)],
            "level": (Action.CHANGE if grant.change else Action.VIEW).value,
            "until": grant.until.astimezone(zone).date() if grant.until else None,
            "reason": grant.reason,
            "instead": grant.key,
        }


def end_from(day, record, user):
    """The moment at which a share of the record ends that the user gives until a day (or None, without end). A day in
    the past, too far ahead, or beyond the user's own right raises ValidationError."""
    company = user.company
    if day is not None and day < company.today:
        raise ValidationError(
            _("%(day)s is over. Choose today or a later day, or leave it empty.") % {"day": date_text(day, form="iso")}
        )
    if day is not None and day > last_day(company.today):
        raise ValidationError(
            _("%(day)s is too far ahead. Choose a day before %(last)s, or leave it empty.")
            % {"day": date_text(day, form="iso"), "last": date_text(last_day(company.today), form="iso")}
        )
    until = None if day is None else end_of(day, company.zone)
    own = own_end(record, user)
    if own is not None and (until is None or until > own):
        raise ValidationError(
            _("You have this record through a share that ends at %(moment)s; you cannot share it for longer.")
            % {"moment": datetime_text(own, form="iso")}
        )
    return until
