"""The second page of an import: which column fills which field, how it is written, and what unknown values mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.exchange import UnreadableFile, begin_check, importer_for
from crm.exchange.converting import COMMA, FACTORS, ORDERS, pattern_of
from crm.exchange.mapping import (
    by_memory,
    converters_of,
    foreign_amount,
    is_date,
    is_number,
    is_text,
    remember,
    say_values,
    shown,
    templates_of,
)
from crm.exchange.parsing import is_empty
from crm.exchange.problems import ParseError
from crm.exchange.suggesting import UnknownValues
from crm.exchange.uploads import prepare_mapping
from crm.models import Job

CONSTANTS = 3  # empty lines for constant values


@dataclass(frozen=True)
class MapColumn:
    """A column of the file as the page shows it."""

    place: int
    heading: str
    samples: list[str]
    filled: int
    name: str
    tone: str
    remark: str
    order: str
    factor: str
    is_date: bool
    is_number: bool
    result: str
    error: str


class MappingStep:
    """What `ImportPage` does between reading and check, and again whenever the person goes back."""

    @cached_property
    def importer(self):
        return importer_for(self.entity, self.request.user)

    def may_map(self, batch) -> bool:
        checked = batch.check_job is None or batch.check_job.is_ended
        return batch.run_job is None and batch.file is not None and checked and "used" in batch.reading

    def mapping_page(self, batch, error="", status=200):
        try:
            unsure = prepare_mapping(batch, self.importer)
        except (UnreadableFile, FileNotFoundError) as problem:
            text = str(problem) if isinstance(problem, UnreadableFile) else _("The file is gone.")
            messages.error(self.request, text)
            return HttpResponseRedirect(self.url(batch), status=303)
        columns = [self.column(batch, place, heading, unsure) for place, heading in enumerate(batch.headings)]
        constants = [*batch.options.get("constants", {}).items()]
        return self.page(
            "entity/import_map.html",
            1,
            status=status,
            batch=batch,
            error=error,
            columns=columns,
            mapped=sum(bool(one.name) for one in columns),
            unsure=sum(one.tone == "amber" for one in columns),
            left_out=sum(not one.name for one in columns),
            lacking=[capfirst(field.label) for field in self.lacking(batch)],
            choices=self.choices,
            orders=ORDERS.items(),
            factors=FACTORS.items(),
            constants=[*constants, *[("", "")] * max(1, CONSTANTS - len(constants))],
            templates=templates_of(self.request.user, self.entity.slug),
            batch_url=self.url(batch),
            map_url=self.url(batch, step="map"),
            read_url=self.url(batch, step="read"),
            template_url=self.url(file="template"),
        )

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return [
            (name, f"{capfirst(field.label)} *" if self.importer.is_required(field) else capfirst(field.label))
            for name, field in self.importer.all_fields.items()
        ]

    def lacking(self, batch) -> list:
        filled = {*batch.columns.values(), *batch.options.get("constants", {})}
        if filled & {"number", "external_ref"}:
            return []
        return [field for field in self.importer.required if field.name not in filled]

    def column(self, batch, place: int, heading: str, unsure) -> MapColumn:
        """One column with its first value as it would come out."""
        key, sample = str(place), batch.samples.get(str(place)) or {}
        name = batch.columns.get(key, "")
        one = self.importer.all_fields.get(name)
        order, result, error, remark = sample.get("order", ""), "", "", ""
        if one and sample.get("values"):
            result, error = self.outcome(one, sample["values"][0], converters_of(one, key, batch.options))
        date, number = bool(one and is_date(one)), bool(one and is_number(one))
        tone = "green" if name else ""
        if date and order == "?" and not batch.options.get("orders", {}).get(key):
            tone, remark = "amber", _("“%(value)s”: which is the day?") % {"value": sample["evidence"]}
        elif date and order in ORDERS:
            remark = _("“%(value)s” shows it") % {"value": sample["evidence"]}
        elif one and (value := foreign_amount(one, sample, self.request.user.company.currency)):
            tone, currency = "amber", self.request.user.company.currency
            remark = _("“%(value)s” is taken as %(currency)s") % {"value": value, "currency": currency}
        elif number and sample.get("decimals", [""])[0] == COMMA:
            remark = _("“%(value)s” shows it") % {"value": sample["decimals"][1]}
        elif name and place in unsure:
            tone, remark = "amber", _("recognised by its values")
        return MapColumn(
            place,
            heading or _("(no heading)"),
            sample.get("values", []),
            sample.get("filled", 0),
            name,
            tone,
            remark,
            batch.options.get("orders", {}).get(key, ""),
            batch.options.get("factors", {}).get(key, ""),
            date and order != "",
            number,
            result,
            error,
        )

    def outcome(self, one, value, converters) -> tuple[str, str]:
        """(the value as it would be stored, what is wrong with it)."""
        if one.lookup or is_empty(value):
            return ("" if is_empty(value) else str(value)), ""
        try:
            for convert in converters:
                value = convert(value)
            found = one.value(value)
        except (ParseError, ValueError) as problem:
            return "", str(problem)
        if isinstance(found, list):  # tags, roles: as they are written
            return str(value), ""
        labels = dict(one.choices)
        return str(labels.get(found, shown(found) if found is not None else "")), ""

    # -- what a person says ------------------------------------------------------------------------------------------
    def map_columns(self, batch):
        post = self.request.POST
        action = post.get("action", "check")
        if action == "use":
            row = get_object_or_404(templates_of(self.request.user, self.entity.slug), pk=number_in(post, "template"))
            columns, options = by_memory(self.importer, row, batch.headings)
            batch.columns = {str(place): name for place, name in columns.items()}
            batch.options = batch.options | options
            batch.save(update_fields=["columns", "options"])
            return HttpResponseRedirect(self.url(batch, step="map"), status=303)
        problem = self.take(batch, post)
        if problem:
            return self.mapping_page(batch, error=problem, status=422)
        batch.save(update_fields=["columns", "options"])
        if name := post.get("save_as", "").strip()[:80]:
            remember(batch, name)
            messages.success(self.request, _("Saved as “%(name)s”") % {"name": name})
        if action == "show":
            return HttpResponseRedirect(self.url(batch, step="map"), status=303)
        if lacking := self.lacking(batch):
            text = _("Nothing fills “%(field)s”. Choose the column for it, or give a constant value below.")
            return self.mapping_page(batch, error=text % {"field": capfirst(lacking[0].label)}, status=422)
        remember(batch)
        begin_check(batch, self.importer)
        return HttpResponseRedirect(self.url(batch), status=303)

    def take(self, batch, post) -> str:
        """Put what the form says on the batch; gives what is wrong with it."""
        fields, columns, orders, factors = self.importer.all_fields, {}, {}, {}
        for place in map(str, range(len(batch.headings))):
            name = post.get(f"column_{place}", "")
            if name in fields:
                columns[place] = name
            if post.get(f"order_{place}") in ORDERS:
                orders[place] = post[f"order_{place}"]
            if post.get(f"factor_{place}") in FACTORS and post[f"factor_{place}"]:
                factors[place] = post[f"factor_{place}"]
        pairs = zip(post.getlist("constant_field"), post.getlist("constant_value"), strict=False)
        constants = {name: text.strip()[:1000] for name, text in pairs if name in fields and text.strip()}
        batch.columns = columns
        batch.options = batch.options | {"orders": orders, "factors": factors, "constants": constants}
        names = [*columns.values()]
        twice = next((n for n in names if names.count(n) > 1 and not is_text(fields[n])), None)
        if twice:
            return _("Two columns fill “%(field)s”. Only text can be joined from several columns.") % {
                "field": capfirst(fields[twice].label)
            }
        both = next((n for n in constants if n in names), None)
        if both:
            return _("“%(field)s” has a column and a constant value. Leave one of them out.") % {
                "field": capfirst(fields[both].label)
            }
        return self.wrong_constant(constants, batch.headings)

    def wrong_constant(self, constants: dict, headings: list[str]) -> str:
        for name, text in constants.items():
            one = self.importer.all_fields[name]
            try:
                if pattern_of(text, headings):
                    continue
                if one.lookup:
                    one.lookup.want(text)
                    one.lookup.load()
                    self.importer.choose(one, text, self.importer.model())
                else:
                    one.value(text)
            except ParseError as problem:
                return f"{capfirst(one.label)}: {problem}"
        return ""

    # -- values that match nothing -----------------------------------------------------------------------------------
    def values_page(self, batch, error="", status=200):
        return self.page(
            "entity/import_values.html",
            1,
            status=status,
            batch=batch,
            error=error,
            groups=UnknownValues(batch, self.importer).groups,
            typed=self.request.POST,
            batch_url=self.url(batch),
            values_url=self.url(batch, step="values"),
        )

    def has_values(self, batch) -> bool:
        """Whether there is something to say about values: they match nothing, or new records are made of them."""
        return is_done(batch.check_job) and (bool(batch.unmatched) or batch.made.exists())

    def map_values(self, batch):
        unknown = UnknownValues(batch, self.importer)
        chosen, problem = unknown.read(self.request.POST)
        if problem:
            return self.values_page(batch, error=problem, status=422)
        make = unknown.all_new(self.request.POST)
        if chosen or make != batch.options.get("make", []):
            say_values(batch, chosen)
            batch.options["make"] = make
            begin_check(batch, self.importer)
        return HttpResponseRedirect(self.url(batch), status=303)

    # -- doors -------------------------------------------------------------------------------------------------------
    def step_page(self, batch):
        """The page of ?step=, or None when that is not its time."""
        step = self.request.GET.get("step")
        if step == "map" and self.may_map(batch):
            return self.mapping_page(batch)
        if step == "values" and self.may_map(batch) and self.has_values(batch):
            return self.values_page(batch)
        return None

    def step_post(self, batch):
        step = self.request.GET.get("step")
        if step in ("map", "values") and not self.may_map(batch):
            messages.info(self.request, _("This import was started already"))
            return HttpResponseRedirect(self.url(batch), status=303)
        if step == "map":
            return self.map_columns(batch)
        if step == "decide":
            return self.decide(batch)
        if step == "values" and is_done(batch.check_job):
            return self.map_values(batch)
        return None


def is_done(job) -> bool:
    return job is not None and job.state == Job.State.DONE


def number_in(post, name: str) -> int:
    text = post.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0
