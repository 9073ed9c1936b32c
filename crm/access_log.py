"""The access log as people read it: filters, one page, the names a reader may see, and the export."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from crm.access import Action
from crm.access_facts import facts_of
from crm.entities import entity_for, registry
from crm.exchange.writing import CONTENT_TYPES, write_csv, write_xlsx
from crm.files import save_file
from crm.forms import RecordChoiceField
from crm.history import log_access
from crm.jobs import JobFailed
from crm.models import AccessLogEntry, User

PAGE = 50
BATCH = 1000
KEPT_DAYS = 7
TONES = {
    "reveal": "amber",
    "export": "violet",
    "download": "violet",
    "login_failed": "red",
    "login": "green",
    "logout": "gray",
}


class DateInput(forms.DateInput):
    input_type = "date"


class LogForm(forms.Form):
    """The filters of the access log; all may be empty."""

    kind = forms.MultipleChoiceField(
        label=pgettext_lazy("log", "What"),
        choices=AccessLogEntry.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    user = RecordChoiceField(User.objects.none(), label=pgettext_lazy("people", "Person"), required=False)
    entity = forms.ChoiceField(label=gettext_lazy("Kind of record"), required=False)
    record = forms.CharField(
        label=gettext_lazy("Number of the record"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Such as C-000123; choose the kind of record, too."),
    )
    address = forms.GenericIPAddressField(label=pgettext_lazy("log", "Address"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DateInput(format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=DateInput(format="%Y-%m-%d"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.visible_to(user)
        shown = sorted((one for one in registry.values() if one.may(user)), key=lambda one: one.order)
        self.fields["entity"].choices = [("", "—"), *((one.slug, capfirst(one.label())) for one in shown)]

    def clean_record(self):
        """The key in a number such as C-000123."""
        digits = self.cleaned_data["record"].strip().rpartition("-")[2].lstrip("#")
        if not digits:
            return None
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
            raise forms.ValidationError(_("Type a number such as C-000123."))
        return int(digits)

    def clean(self):
        data = super().clean()
        if data.get("record") and not data.get("entity"):
            self.add_error("entity", _("Choose the kind of record to which the number belongs."))
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("The end lies before the beginning."))
        return data


@dataclass(frozen=True)
class Line:
    """One entry as the page and the export show it. subject: name or number of the record; url: where it opens."""

    entry: AccessLogEntry
    tone: str
    kind_of_record: str
    subject: str
    url: str
    facts: str


class AccessLog:
    """The entries that filters keep, for a reader who has the right to see the log."""

    def __init__(self, user, params: QueryDict):
        self.user, self.params = user, params
        self.form = LogForm(params or None, user=user)

    @cached_property
    def data(self) -> dict:
        return self.form.cleaned_data if self.form.is_bound and (self.form.is_valid() or True) else {}

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.values())

    @property
    def queryset(self):
        """Newest first. Filters that are wrong filter nothing and are shown as errors."""
        rows = AccessLogEntry.objects.visible_to(self.user, Action.VIEW).order_by("-pk")
        data = self.data
        if data.get("kind"):
            rows = rows.filter(kind__in=data["kind"])
        if data.get("user"):
            rows = rows.filter(user=data["user"])
        if data.get("entity"):
            rows = rows.filter(subject_type=ContentType.objects.get_for_model(registry[data["entity"]].model))
        if data.get("record"):
            rows = rows.filter(subject_id=data["record"])
        if data.get("address"):
            rows = rows.filter(address=data["address"])
        if data.get("since"):
            rows = rows.filter(at__gte=beginning(data["since"]))
        if data.get("until"):
            rows = rows.filter(at__lt=beginning(data["until"] + datetime.timedelta(days=1)))
        return rows

    def page(self, before: str) -> tuple[list[Line], int | None]:
        """One page and the key to go on from, None at the end."""
        rows = self.queryset.select_related("user")
        if before.isdecimal() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows[: PAGE + 1])
        return self.lines(found[:PAGE]), found[PAGE - 1].pk if len(found) > PAGE else None

    def lines(self, entries: list[AccessLogEntry]) -> list[Line]:
        names, found = self.names(entries), []
        for entry in entries:
            entity = self.entity_of(entry)
            record = names.get((entry.subject_type_id, entry.subject_id))
            shown = str(record) if record is not None else f"#{entry.subject_id}" if entry.subject_id else ""
            url = entity.url_for(entry.subject_id) if entity and record is not None else ""
            kind = entity.label() if entity else self.kinds[entry.subject_type_id] if entry.subject_type_id else ""
            tone = TONES.get(entry.kind, "blue")
            found.append(Line(entry, tone, capfirst(kind), shown, url, self.told(entry, entity)))
        return found

    def told(self, entry, entity) -> str:
        """The facts of an entry; the fields and columns that it names as the reader's company calls them."""
        if not {"field", "columns"} & entry.facts.keys():
            return facts_of(entry.facts, {})
        entity = registry.get(entry.facts.get("entity"), entity)
        if entity and entity.slug not in self.labels:
            columns = self.user.fields.columns(entity)
            self.labels[entity.slug] = {column.name: capfirst(str(column.label)) for column in columns}
        return facts_of(entry.facts, self.labels[entity.slug] if entity else {})

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """{slug: {name of a column: label}} of the kinds of records that the lines named so far."""
        return {}

    @cached_property
    def kinds(self) -> dict[int, str]:
        return {row.pk: row.name for row in ContentType.objects.all()}

    def entity_of(self, entry):
        if not entry.subject_type_id:
            return None
        model = ContentType.objects.get_for_id(entry.subject_type_id).model_class()
        return entity_for(model) if model else None

    def names(self, entries) -> dict:
        """{(kind, key): record} of the records that the reader may see himself; the others stay numbers."""
        keys: dict[int, set[int]] = {}
        for entry in entries:
            if entry.subject_id and self.entity_of(entry):
                keys.setdefault(entry.subject_type_id, set()).add(entry.subject_id)
        found = {}
        for kind, wanted in keys.items():
            model = ContentType.objects.get_for_id(kind).model_class()
            found |= {(kind, row.pk): row for row in model.objects.visible_to(self.user).filter(pk__in=wanted)}
        return found

    # -- export ------------------------------------------------------------------------------------------------------
    @property
    def headings(self) -> list[str]:
        return [
            _("Time"),
            pgettext("people", "Person"),
            pgettext("log", "What"),
            _("Kind of record"),
            pgettext("log", "Record"),
            pgettext("log", "Address"),
            pgettext("log", "Details"),
        ]

    def rows(self, tell=lambda number: None):
        """Plain values, streamed by key, so that the newest entries cannot shift the pages."""
        last = None
        while True:
            rows = self.queryset.select_related("user")
            batch = list((rows.filter(pk__lt=last) if last else rows)[:BATCH])
            if not batch:
                return
            for line in self.lines(batch):
                entry = line.entry
                person = str(entry.user) if entry.user else entry.facts.get("name", "")
                yield [
                    entry.at,
                    person,
                    str(entry.get_kind_display()),
                    line.kind_of_record,
                    line.subject,
                    entry.address or "",
                    line.facts,
                ]
            last = batch[-1].pk
            tell(len(batch))

    def write(self, file, kind: str, tell=lambda number: None):
        if kind == "csv":
            write_csv(file, self.headings, self.rows(tell))
        else:
            write_xlsx(file, self.headings, self.rows(tell), title=str(_("Access log")))

    def log(self, number: int, kind: str, address=None):
        """Taking the log along is itself written into it."""
        query = self.params.urlencode()[:1000]
        facts = {"entity": "access-log", "rows": number, "format": kind, "query": query}
        log_access("export", user=self.user, address=address, **facts)

    def file_name(self, kind: str) -> str:
        return f"{_('Access log')} {timezone.localdate():%Y-%m-%d}.{kind}"


def beginning(day: datetime.date) -> datetime.datetime:
    """The first moment of a day where the reader is."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def run_export(job, progress):
    """The job of an export of the log that is too long for a request."""
    if not job.user.rights.may(AccessLogEntry, Action.VIEW):
        raise JobFailed(_("Your roles do not allow you to read the access log."))
    kind, log = job.parameters["format"], AccessLog(job.user, QueryDict(job.parameters["query"]))
    progress.expect(log.queryset.count())

    def tell(number):
        progress.step(number)
        progress.beat()

    name = log.file_name(kind)
    stored = save_file(
        lambda file: log.write(file, kind, tell), name, CONTENT_TYPES[kind], user=job.user, days=KEPT_DAYS
    )
    progress.count("exported", progress.done)
    log.log(progress.done, kind)
    return stored
