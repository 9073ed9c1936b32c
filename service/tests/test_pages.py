"""The pages of cases: form, conversation, replying, taking, handing over, undo, and what the customer's page says."""

import datetime

import pytest
from django.utils import timezone, translation

from crm.models import RoleRule, TimelineEntry
from customers.entities import Customers
from customers.tests.factories import make_contact, make_contact_role, make_customer
from service.entities import CaseMessages, Cases
from service.models import Case, CaseMessage
from service.services import add_message, change_status
from service.tests.factories import make_case, make_case_message


@pytest.fixture
def alice(client, cast):
    client.force_login(cast.alice)
    return client


@pytest.fixture
def agent(client, cast):
    """Alice without the right to assign, as agents are."""
    RoleRule.objects.filter(role=cast.worker, model="service.case", action="assign").delete()
    client.force_login(cast.alice)
    return client


def case_form(**fields):
    return {
        "subject": "Scanner drops out",
        "channel": "email",
        "type": "incident",
        "priority": "P2",
        "status": "new",
    } | fields


def errors(response):
    assert response.status_code == 422
    with translation.override("en"):
        return {name: list(found) for name, found in response.context["form"].errors.items()}


def facts_of(response):
    with translation.override("en"):
        return {str(label): str(value) for label, value in response.context["facts"]}


# -- form -------------------------------------------------------------------------------------------------------------
def test_an_agent_who_names_no_queue_works_on_the_case_himself(agent, cast):
    assert agent.post(Cases.url("add"), case_form()).status_code == 303
    case = Case.objects.get()
    assert (case.owner, case.team, case.status, case.created_by) == (cast.alice, cast.north, "assigned", cast.alice)
    assert case.number == f"S-{case.pk:06}"
    assert TimelineEntry.objects.get().event == "case_added"


def test_an_agent_who_names_a_queue_leaves_the_case_to_it(agent, cast):
    assert agent.post(Cases.url("add"), case_form(team=f"North #{cast.north.pk}")).status_code == 303
    case = Case.objects.get()
    assert (case.owner, case.team, case.status) == (None, cast.north, "new")


def test_an_agent_cannot_put_a_new_case_out_of_his_sight(agent, cast):
    found = errors(agent.post(Cases.url("add"), case_form(team=f"South #{cast.south.pk}")))
    assert list(found) == ["__all__"]
    assert "no longer see this record" in found["__all__"][0]
    assert not Case.objects.exists()


def test_an_assignee_keeps_the_chosen_queue(alice, cast):
    data = case_form(owner="Bob (bob)", team=f"South #{cast.south.pk}")
    RoleRule.objects.filter(role=cast.worker, model="service.case").update(reach=4)
    assert alice.post(Cases.url("add"), data).status_code == 303
    assert Case.objects.values_list("owner__name", "team__name").get() == ("Bob", "South")


def test_a_change_of_status_by_form_notes_its_moment_and_can_be_undone(alice, cast):
    case = make_case(cast.alice, status="in_progress", customer=None)
    data = case_form(subject=case.subject, status="resolved", resolution="Done.", version=1, owner="Alice (alice)",
                     customer=f"{case.customer} #{case.customer.pk}", team="North")  # fmt: skip
    assert alice.post(Cases.url("change", case), data).status_code == 303
    case.refresh_from_db()
    assert (case.status, case.resolution, case.resolved_at is not None) == ("resolved", "Done.", True)
    moved = TimelineEntry.objects.get(event="case_moved")
    assert (moved.facts["from"], moved.facts["to"], moved.facts["version"]) == ("in_progress", "resolved", case.version)
    assert alice.post(Cases.url("undo_move", case) + f"?entry={moved.pk}").status_code == 303
    case.refresh_from_db()
    assert (case.status, case.resolved_at) == ("in_progress", None)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"subject": ""}, "subject", "This field is required."),
        ({"subject": "x" * 300}, "subject", "Ensure this value has at most 200 characters (it has 300)."),
        ({"subject": "a\x00"}, "subject", "Null characters are not allowed."),
        ({"priority": "P9"}, "priority", "Select a valid choice. P9 is not one of the available choices."),
        ({"status": "lost"}, "status", "Select a valid choice. lost is not one of the available choices."),
        ({"due_at": "tomorrow"}, "due_at", "Enter a valid date/time."),
        ({"customer": "Nobody"}, "customer", "Nothing called “Nobody” is among the records you can see. "
         "Choose one from the list, or type its number."),
        ({"status": "resolved"}, "resolution", "Say what was done."),
        ({"description": "x" * 20_001}, "description",
         "Ensure this value has at most 20000 characters (it has 20001)."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_nothing_is_saved(alice, fields, field, message):
    assert errors(alice.post(Cases.url("add"), case_form(owner="Alice (alice)") | fields))[field] == [message]
    assert not Case.objects.exists()


def test_a_contact_belongs_to_the_customer(alice, cast):
    customer, contact = make_customer(cast.alice), make_contact(cast.alice, name="Zhou")
    data = case_form(owner="Alice (alice)", customer=f"x #{customer.pk}", contact=f"x #{contact.pk}")
    assert errors(alice.post(Cases.url("add"), data)) == {"contact": ["“Zhou” is not a contact of this customer."]}
    assert alice.post(Cases.url("add"), case_form(owner="Alice (alice)", contact=f"x #{contact.pk}")).status_code == 303
    assert Case.objects.get().customer == contact.roles.get().customer
    make_contact_role(cast.alice, contact=contact)
    data = case_form(owner="Alice (alice)", contact=f"x #{contact.pk}")
    assert errors(alice.post(Cases.url("add"), data)) == {"customer": ["Choose the customer for whom “Zhou” works."]}


# -- conversation -----------------------------------------------------------------------------------------------------
def test_the_page_opens_with_the_conversation_oldest_first(alice, cast):
    customer = make_customer(cast.alice)
    contact = make_contact(cast.alice, customer=customer, name="Zhou Min")
    case = make_case(cast.alice, customer=customer, contact=contact, description="Error E-7114")
    now = timezone.now()
    for minutes, direction, text in ((9, "in", "It stopped."), (5, "out", "Checking."), (2, "internal", "Fan dead")):
        add_message(case, actor=cast.bob, text=text, direction=direction, at=now - datetime.timedelta(minutes=minutes))
    change_status(case, "in_progress", actor=cast.bob)
    response = alice.get(Cases.url("record", case))
    lines = response.context["lines"]
    assert [(line.who, line.look, line.text) for line in lines if line.message] == [
        ("Zhou Min", "", "It stopped."),
        ("Bob", "ag", "Checking."),
        ("Bob", "nt", "Fan dead"),
    ]
    assert lines[-1].sentence == f'<b class="b">Bob</b> moved the case {case.subject} from New to In progress'
    page = response.content.decode()
    assert page.index("Error E-7114") < page.index("It stopped.") < page.index("Fan dead")
    names = [tab.name for tab in response.context["tabs"]]
    assert names == ["conversation", "timeline", "details", "case-files", "changes"]
    assert response.context["tabs"][0].count == "3"


def test_a_long_conversation_goes_on_page_by_page(alice, cast):
    case = make_case(cast.alice)
    now = timezone.now()
    for number in range(35):
        make_case_message(cast.alice, case=case, text=f"No {number}.", at=now - datetime.timedelta(minutes=60 - number))
    first = alice.get(Cases.url("record", case))
    assert [line.text for line in first.context["lines"]] == [f"No {n}." for n in range(5, 35)]
    older = alice.get(Cases.url("record", case) + f"?older={first.context['older']}")
    assert [line.text for line in older.context["lines"]] == [f"No {n}." for n in range(5)]
    assert older.context["older"] == ""
    assert alice.get(Cases.url("record", case) + "?older=%00nonsense").status_code == 200


def test_what_people_write_is_escaped(alice, cast):
    case = make_case(cast.alice, subject="<script>1</script>")
    add_message(case, actor=cast.alice, text="<img src=x onerror=1> 🙂")
    for tab in ("", "?tab=timeline", "?tab=details"):
        page = alice.get(Cases.url("record", case) + tab).content.decode()
        assert ("<script>1" in page, "<img src=x" in page) == (False, False)


def test_replying_adds_the_message_and_moves_the_case(alice, cast):
    case = make_case(cast.alice)
    data = {"direction": "out", "text": "Solved by phone.", "channel": "phone", "after": "resolved"}
    response = alice.post(Cases.url("reply", case), data)
    assert (response.status_code, response.url) == (303, Cases.url("record", case))
    message = CaseMessage.objects.get()
    assert (message.case, message.text, message.channel, message.created_by) == (
        case, "Solved by phone.", "phone", cast.alice,
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.status, case.resolution, case.first_response_at) == ("resolved", "Solved by phone.", message.at)


def test_a_reply_sent_twice_is_kept_once(alice, cast):
    case = make_case(cast.alice)
    token = str(alice.get(Cases.url("record", case)).context["reply"]["form_token"].value())
    data = {"direction": "in", "text": "Hello?", "channel": "", "after": "", "form_token": token}
    for _ in range(2):
        assert alice.post(Cases.url("reply", case), data).url == Cases.url("record", case)
    assert CaseMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"direction": "sideways"}, "direction"),
        ({"channel": "pigeon"}, "channel"),
        ({"after": "lost"}, "after"),
    ],
)
def test_a_wrong_reply_is_refused_with_what_was_typed(alice, cast, fields, field):
    case = make_case(cast.alice)
    data = {"direction": "out", "text": "Kept text", "channel": "phone", "after": "resolved"} | fields
    response = alice.post(Cases.url("reply", case), data)
    assert response.status_code == 422
    assert list(response.context["reply"].errors) == [field]
    assert "text" in fields or "Kept text" in response.content.decode()
    case.refresh_from_db()
    assert (CaseMessage.objects.count(), case.status, case.first_response_at) == (0, "new", None)


def test_who_only_sees_a_case_may_write_but_not_move_it(client, cast):
    from crm.access import share

    case = make_case(cast.alice)
    share(case, cast.carol, actor=cast.alice, reason="test")
    client.force_login(cast.carol)
    page = client.get(Cases.url("record", case))
    assert "after" not in page.context["reply"].fields
    data = {"direction": "internal", "text": "I know them.", "after": "closed"}
    assert client.post(Cases.url("reply", case), data).status_code == 303
    case.refresh_from_db()
    assert (CaseMessage.objects.get().created_by, case.status) == (cast.carol, "new")


def test_without_the_right_on_messages_there_is_no_box_and_no_message(client, cast):
    case = make_case(cast.alice)
    add_message(case, actor=cast.alice, text="Inside talk")
    RoleRule.objects.filter(model="service.casemessage").delete()
    client.force_login(cast.alice)
    response = client.get(Cases.url("record", case))
    assert response.status_code == 200
    assert [tab.name for tab in response.context["tabs"]] == ["timeline", "details", "case-files", "changes"]
    assert "Inside talk" not in response.content.decode()
    assert client.get(Cases.url("record", case) + "?tab=conversation").status_code == 404
    assert client.post(Cases.url("reply", case), {"direction": "out", "text": "x"}).status_code == 403


def test_an_author_changes_his_own_message_only(client, cast):
    from crm.access import share

    case = make_case(cast.alice)
    share(case, cast.carol, actor=cast.alice, reason="test")
    hers, others = make_case_message(cast.carol, case=case), make_case_message(cast.alice, case=case, text="Keep")
    client.force_login(cast.carol)

    def data(message):
        at = timezone.localtime(message.at).strftime("%Y-%m-%dT%H:%M")
        return {"case": f"x #{case.pk}", "direction": "out", "at": at, "text": "New words", "version": message.version}

    assert client.post(CaseMessages.url("change", hers), data(hers)).status_code == 303
    assert client.post(CaseMessages.url("change", others), data(others)).status_code == 403
    hers.refresh_from_db()
    others.refresh_from_db()
    assert (hers.text, others.text) == ("New words", "Keep")


# -- taking, handing over, undo ---------------------------------------------------------------------------------------
def test_taking_a_case_of_the_own_queue(agent, cast):
    case = make_case(None, team=cast.north)
    assert 'action="/cases/' in agent.get(Cases.url("record", case)).content.decode()
    assert agent.get(Cases.url("record", case)).context["may_take"] is True
    assert agent.post(Cases.url("take", case)).url == Cases.url("record", case)
    case.refresh_from_db()
    assert (case.owner, case.status) == (cast.alice, "assigned")
    assert agent.get(Cases.url("record", case)).context["may_take"] is False


def test_a_case_that_somebody_else_took_stays_his(agent, cast):
    case = make_case(cast.bob)
    assert agent.post(Cases.url("take", case)).status_code == 303
    case.refresh_from_db()
    assert case.owner == cast.bob


def test_who_may_only_see_a_case_cannot_take_it(client, cast):
    from crm.access import share

    case = make_case(None, team=cast.north)
    share(case, cast.carol, actor=cast.alice, reason="test")
    client.force_login(cast.carol)
    assert client.post(Cases.url("take", case)).status_code == 403
    case.refresh_from_db()
    assert case.owner is None


def test_handing_over_into_another_queue_leads_to_the_list_when_it_is_out_of_sight(alice, cast):
    case = make_case(cast.alice)
    response = alice.post(Cases.url("assign", case), {"owner": "", "team": f"South #{cast.south.pk}"})
    assert (response.status_code, response.url) == (303, Cases.url("list"))
    case.refresh_from_db()
    assert (case.owner, case.team) == (None, cast.south)


def test_handing_over_to_nobody_and_nowhere_is_refused(alice, cast):
    case = make_case(cast.alice)
    assert errors(alice.post(Cases.url("assign", case), {"owner": "", "team": ""})) == {
        "owner": ["Choose an assignee or a queue."]
    }
    assert list(errors(alice.post(Cases.url("assign", case), {"owner": "Zorro"}))) == ["owner"]
    case.refresh_from_db()
    assert case.owner == cast.alice


@pytest.mark.parametrize("entry", ["", "x", "0", "99999999999999999999", "٣"])
def test_an_undo_of_nothing_is_not_found(alice, cast, entry):
    case = make_case(cast.alice)
    assert alice.post(Cases.url("undo_move", case) + f"?entry={entry}").status_code == 404


def test_the_move_of_another_case_is_not_undone_through_this_one(alice, cast):
    case, other = make_case(cast.alice), make_case(cast.carol)
    entry = change_status(other, "closed", actor=cast.carol)
    assert alice.post(Cases.url("undo_move", case) + f"?entry={entry.pk}").status_code == 404
    other.refresh_from_db()
    assert other.status == "closed"


# -- the customer's page ----------------------------------------------------------------------------------------------
def test_the_customers_page_counts_the_open_cases_that_the_reader_sees(client, cast):
    customer = make_customer(cast.alice)
    make_case(cast.alice, customer=customer, subject="Ours")
    make_case(cast.alice, customer=customer, status="waiting_customer")
    make_case(cast.alice, customer=customer, status="closed")
    theirs = make_case(cast.carol, customer=customer, subject="Theirs")
    add_message(theirs, actor=cast.carol, text="Not for Alice")
    client.force_login(cast.alice)
    page = client.get(Customers.url("record", customer))
    assert facts_of(page)["Open cases"] == "2"
    assert "Not for Alice" not in page.content.decode()
    tab = client.get(Customers.url("record", customer) + "?tab=cases").content.decode()
    assert ("Ours" in tab, "Theirs" in tab) == (True, False)
    client.force_login(cast.root)
    page = client.get(Customers.url("record", customer))
    assert facts_of(page)["Open cases"] == "3"
    assert "Not for Alice" in page.content.decode()


def test_without_the_right_on_cases_the_customers_page_does_not_mention_them(client, cast):
    customer = make_customer(cast.alice)
    make_case(cast.alice, customer=customer, subject="Hidden case")
    RoleRule.objects.filter(model__startswith="service.").delete()
    client.force_login(cast.alice)
    page = client.get(Customers.url("record", customer))
    assert "Open cases" not in facts_of(page)
    assert "Hidden case" not in page.content.decode()


def test_an_invisible_customer_is_a_name_without_link(client, cast):
    theirs = make_customer(cast.carol, name="Haichuan")
    case = make_case(cast.alice, customer=theirs)
    client.force_login(cast.alice)
    for page in (Cases.url("record", case), Cases.url("list"), Cases.url("board")):
        text = client.get(page).content.decode()
        assert "Haichuan" in text
        assert Customers.url("record", theirs) not in text


def test_my_open_cases_wait_on_the_workbench_those_due_first_on_top(alice, cast):
    now = timezone.now()
    make_case(cast.alice, subject="Later", due_at=now + datetime.timedelta(days=3))
    make_case(cast.alice, subject="Sooner", due_at=now + datetime.timedelta(hours=3))
    make_case(cast.alice, subject="Never")
    make_case(cast.alice, subject="Over", status="closed")
    make_case(cast.bob, subject="Bob's")
    page = alice.get("/").content.decode()
    assert page.index("Sooner") < page.index("Later") < page.index("Never")
    assert (">Over<" in page, "Bob&#x27;s" in page) == (False, False)
