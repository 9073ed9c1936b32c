"""The nets that make access unforgettable: how each is taken away, and the question that must then be answered
wrongly."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from crm import access, columns, middleware, pages
from crm.access import Rights, Ways, share
from crm.entities import entity_for
from crm.filters import RecordFilter
from crm.forms import EntityForm, RecordChoiceField, choice_text, suggestions
from crm.listing import Listing
from crm.models import TimelineEntry
from crm.timeline import Arm, add_arm, entries_about, entry_item, timeline
from crm.views.doors import RecordView
from crm.views.record import RecordPage
from customers.models import Customer, Interaction
from sales.models import Opportunity
from tests.cast import again
from tests.factories import factories


@dataclass(frozen=True)
class Net:
    """take_away: (monkeypatch) removes the net; holds: (client, cast) -> whether the house is tight."""

    name: str
    take_away: Callable
    holds: Callable


def make(model, owner, **fields):
    return factories()[model._meta.label_lower](owner=owner, **fields)


def every_row(self, action="view"):
    return self.record_model.objects.all()


def login_holds(client, cast):
    client.raise_request_exception = False
    return client.get(entity_for(Customer).url("list")).status_code == 302


def record_holds(client, cast):
    customer = make(Customer, cast.alice)
    client.force_login(cast.carol)
    return client.get(entity_for(Customer).url("record", customer)).status_code == 404


def action_holds(client, cast):
    customer = make(Customer, cast.alice)
    share(customer, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    return client.get(entity_for(Customer).url("change", customer)).status_code == 403


def form_choices_hold(client, cast):
    hidden = make(Customer, cast.alice)
    field = entity_for(Opportunity).form_class()(user=again(cast.carol)).fields["customer"]
    return not field.queryset.filter(pk=hidden.pk).exists()


def filter_choices_hold(client, cast):
    hidden = make(Customer, cast.alice)
    fields = RecordFilter("customer").fields(Opportunity, again(cast.carol))
    return not fields["customer"].queryset.filter(pk=hidden.pk).exists()


def all_choices(self, model, user):
    related = model._meta.get_field(self.name).related_model
    return {self.name: RecordChoiceField(related.objects.all(), required=False)}


def saving_holds(client, cast):
    """Alice may assign; giving her customer to Carol in the form would hide it from her, and is refused."""
    customer = make(Customer, cast.alice)
    form_class = entity_for(Customer).form_class()
    opened = form_class(instance=customer, user=again(cast.alice))
    data = {name: value for name in opened.fields if (value := opened[name].value()) not in (None, "", False)}
    client.force_login(cast.alice)
    data = {name: str(getattr(value, "pk", value)) for name, value in data.items()} | {"owner": choice_text(cast.carol)}
    client.post(entity_for(Customer).url("change", customer), data)
    return Customer.objects.get(pk=customer.pk).owner_id == cast.alice.pk


def parts_hold(client, cast):
    talk = make(Interaction, cast.alice)
    return not Interaction.objects.visible_to(again(cast.carol)).filter(pk=talk.pk).exists()


def lists_hold(client, cast):
    customer = make(Customer, cast.alice)
    client.force_login(cast.carol)
    page = client.get(entity_for(Customer).url("list"))
    return entity_for(Customer).url("record", customer) not in page.content.decode()


def counts_hold(client, cast):
    make(Customer, cast.alice)
    return pages.capped_count(Customer.objects.all(), again(cast.carol)) == (0, True)


def suggestions_hold(client, cast):
    customer = make(Customer, cast.alice)
    return suggestions(Customer, again(cast.carol), customer.name) == []


def exports_hold(client, cast):
    from django.http import QueryDict

    make(Customer, cast.alice)
    return list(Listing(entity_for(Customer), again(cast.carol), QueryDict()).visible) == []


def links_hold(client, cast):
    """Carol sees an opportunity shared with her, but its customer only by name."""
    customer = make(Customer, cast.alice)
    deal = make(Opportunity, cast.alice, customer=customer)
    share(deal, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    page = client.get(entity_for(Opportunity).url("list")).content.decode()
    return customer.name in page and entity_for(Customer).url("record", customer) not in page


def every_link(columns_, records, user):
    links = {}
    for column in columns_:
        for record in records:
            value = None if column.is_page else column.value(record)
            if isinstance(value, Customer):
                links[Customer, value.pk] = entity_for(Customer).url_for(value.pk)
    return links


def timeline_holds(client, cast):
    """Carol sees a shared customer, but not what happened to its opportunities."""
    customer = make(Customer, cast.alice)
    deal = make(Opportunity, cast.alice, customer=customer)
    TimelineEntry.objects.create(
        event="x", subject_id=deal.pk, subject_type=content_type(Opportunity), facts={"record": {"name": "secret deal"}}
    )
    share(customer, cast.carol, actor=cast.alice)
    items, _more = timeline(customer, again(cast.carol))
    return not any("secret deal" in item.sentence for item in items)


def content_type(model):
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model)


def leaky_arm(monkeypatch):
    from crm import timeline as module

    monkeypatch.setattr(module, "_arms", dict(module._arms))
    everything = entries_about(Opportunity, lambda record, user: Opportunity.objects.filter(customer=record))
    add_arm(Arm("leak", Customer, TimelineEntry, everything, entry_item, related=("actor",)))


def tabs_hold(client, cast):
    customer = make(Customer, cast.alice)
    deal = make(Opportunity, cast.alice, customer=customer)
    share(customer, cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    page = client.get(entity_for(Customer).url("record", customer) + f"?tab={entity_for(Opportunity).slug}")
    return page.status_code == 200 and entity_for(Opportunity).url("record", deal) not in page.content.decode()


def every_child(self, child, foreign_key):
    return child.model.objects.filter(**{foreign_key: self.record})


def everything(self, model, action="view"):
    return Ways(everything=True)


NETS = (
    Net(
        "login by middleware",
        lambda m: m.setattr(middleware.LoginRequired, "process_view", lambda *a: None),
        login_holds,
    ),
    Net("rows of a record page", lambda m: m.setattr(RecordView, "visible", every_row), record_holds),
    Net("action of a record page", lambda m: m.setattr("crm.models.User.has_perm", lambda *a, **k: True), action_holds),
    Net("choices of a form", lambda m: m.setattr(EntityForm, "narrow", lambda *a: None), form_choices_hold),
    Net("choices of a filter", lambda m: m.setattr(RecordFilter, "fields", all_choices), filter_choices_hold),
    Net("reach after saving", lambda m: m.setattr(EntityForm, "stays_in_reach", lambda *a: True), saving_holds),
    Net("parts through their whole", lambda m: m.setattr(access, "part_condition", lambda *a: Q()), parts_hold),
    Net("ways to a list", lambda m: m.setattr(Rights, "ways", everything), lists_hold),
    Net("counts", lambda m: m.setattr(Rights, "ways", everything), counts_hold),
    Net(
        "suggestions", lambda m: m.setattr(access.RecordQuerySet, "visible_to", lambda self, *a: self), suggestions_hold
    ),
    Net("exports", lambda m: m.setattr(access.RecordQuerySet, "visible_to", lambda self, *a: self), exports_hold),
    Net("links to other records", lambda m: m.setattr(columns, "visible_links", every_link), links_hold),
    Net("arms of a timeline", leaky_arm, timeline_holds),
    Net("tabs of a record page", lambda m: m.setattr(RecordPage, "rows_of", every_child), tabs_hold),
)
