"""A05: a child named below a parent to which it does not belong. Seeing the parent opens no child of another."""

import pytest

from crm.access import Part
from crm.entities import registry
from crm.forms import choice_text
from crm.models import TimelineEntry
from customers.models import Contact, ContactPoint, Customer, FollowUpPlan, Interaction
from customers.tests.factories import make_contact, make_contact_point, make_customer, make_interaction, make_plan
from sales.models import StageChange
from sales.services import move_stage
from sales.tests.factories import make_opportunity, stage
from service.events import case_moved
from service.models import Case, CaseMessage
from service.services import change_status
from service.tests.factories import make_case, make_case_message
from tests.factories import factories
from tests.rows import changed, fingerprint
from tests.test_hidden_everywhere import CANARY, canaries
from tests.test_matrix import payload

pytestmark = pytest.mark.django_db


def test_a05_messages_of_a_hidden_case_are_neither_read_nor_written(client, cast):
    """By the case, by the message itself, and below a case that one does see."""
    hidden = make_case_message(cast.alice, case=make_case(cast.alice), text=CANARY)
    mine = make_case(cast.carol)
    client.force_login(cast.carol)
    before = fingerprint()
    message = {"direction": "out", "text": "Answer", "case": str(hidden.case_id)}
    for address in (f"/cases/{hidden.case_id}/reply/", f"/case-messages/{hidden.pk}/"):
        for answer in (client.get(address), client.post(address, message)):
            assert (answer.status_code, CANARY in answer.content.decode()) in ((404, False), (405, False)), address
    for address in (f"/cases/{mine.pk}/", f"/cases/{mine.pk}/?tab=case-messages", "/case-messages/"):
        assert CANARY not in client.get(address, {"older": hidden.pk, "case": hidden.case_id}).content.decode()
    assert changed(before, fingerprint()) == []
    assert client.post(f"/cases/{mine.pk}/reply/", message).status_code == 303
    assert CaseMessage.objects.get(text="Answer").case == mine, "the case in the address counts, not one in the form"


def test_a05_a_child_of_another_named_below_a_parent_of_ones_own_is_not_there(client, cast):
    """Plans, contacts, phones, moves: each by its key, as a form of one's own record may carry it."""
    customer, other = make_customer(cast.carol), make_customer(cast.alice)
    contact, plan = make_contact(cast.alice, customer=other), make_plan(cast.alice, customer=other)
    point = make_contact_point(customer=other, value="13812345678")
    client.force_login(cast.carol)
    base = f"/customers/{customer.pk}/"
    talk = {"kind": "call", "text": "x", "plan": plan.pk}
    answer = client.post(f"{base}log/", talk | {"contact": contact.pk, "with_contacts": [contact.pk]})
    assert (answer.status_code, Interaction.objects.count()) == (422, 0)
    assert {"contact", "with_contacts"} <= set(answer.context["composer"].errors)
    assert client.post(f"{base}log/", talk).status_code == 422, "this plan is not there"
    assert FollowUpPlan.objects.get(pk=plan.pk).state == plan.state
    row = {"row": point.pk, f"p{point.pk}-value": "13900000000", f"p{point.pk}-gone": "on"}
    assert client.post(f"{base}points/", row).status_code == 422, "nor is this number"
    assert ContactPoint.objects.get(pk=point.pk).value == "13812345678"
    assert ContactPoint.objects.count() == 1


def test_a05_a_move_of_another_record_is_not_taken_back(client, cast):
    """Below one's own opportunity or case, with the key of what happened to a hidden one."""
    deal, case = make_opportunity(cast.carol), make_case(cast.carol)
    hidden_deal, hidden_case = make_opportunity(cast.alice), make_case(cast.alice)
    move_stage(hidden_deal, stage("qualification"), actor=cast.alice)
    change_status(hidden_case, "in_progress", actor=cast.alice)
    change = StageChange.objects.filter(opportunity=hidden_deal).latest("pk")
    entry = TimelineEntry.objects.about(hidden_case).filter(event=case_moved.code).latest("pk")
    client.force_login(cast.carol)
    before = fingerprint()
    assert client.post(f"/opportunities/{deal.pk}/undo-move/?change={change.pk}").status_code == 404
    assert client.post(f"/cases/{case.pk}/undo-move/?entry={entry.pk}").status_code == 404
    assert changed(before, fingerprint()) == []


def test_a05_what_one_wrote_cannot_be_moved_to_a_hidden_parent(client, cast):
    """Every kind of part with a form: its author sends it with the key of a hidden parent. Some forms never move."""
    hidden = {type(record): record for record in canaries(cast.alice).values()}
    client.force_login(cast.carol)
    told, done = {}, 0
    for slug, entity in registry.items():
        if not isinstance(entity.model.access, Part) or not entity.has("change"):
            continue
        record = factories()[entity.model._meta.label_lower](cast.carol)
        data = payload(entity, cast.carol, record)
        for path in {path.split("__")[0] for path in entity.model.access.wholes} & set(data):
            parent = hidden[entity.model._meta.get_field(path).related_model]
            done += 1
            for named in (str(parent.pk), choice_text(parent)):
                answer = client.post(entity.url("change", record), data | {path: named})
                refused = answer.status_code == 422 and path in answer.context["form"].errors
                is_fixed = entity.form_class()(instance=record, user=cast.carol).fields[path].disabled
                record.refresh_from_db()
                if not (refused or is_fixed) or getattr(record, f"{path}_id") == parent.pk:
                    told[f"{slug} {path}"] = (answer.status_code, named)
    assert told == {}
    assert done > 5


def test_a05_a_talk_with_a_contact_of_two_customers_shows_only_ones_own(client, cast):
    """A contact is seen through one of his customers; what hangs on the other stays hidden."""
    mine, hidden = make_customer(cast.carol), make_customer(cast.alice, name=CANARY)
    contact = make_contact(cast.carol, customer=mine)
    factories()["customers.contactrole"](cast.alice, contact=contact, customer=hidden)
    talk = make_interaction(cast.alice, customer=hidden, contact=contact, text=CANARY)
    case = make_case(cast.alice, customer=hidden, contact=contact, subject=CANARY)
    client.force_login(cast.carol)
    assert Contact.objects.visible_to(cast.carol).filter(pk=contact.pk).exists()
    for tab in ("", "?tab=interactions", "?tab=cases", "?tab=details", "?tab=changes", "?tab=timeline"):
        page = client.get(f"/contacts/{contact.pk}/{tab}").content.decode()
        assert f"/interactions/{talk.pk}/" not in page
        assert f"/cases/{case.pk}/" not in page
        assert f"/customers/{hidden.pk}/" not in page
        assert CANARY not in page
    assert client.get(f"/interactions/{talk.pk}/").status_code == 404
    assert not Case.objects.visible_to(cast.carol).filter(pk=case.pk).exists()
    assert Customer.objects.visible_to(cast.carol).get() == mine
