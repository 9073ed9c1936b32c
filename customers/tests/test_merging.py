"""Merging customers and contacts: what moves, what stays, that nothing is lost, and that it can be taken apart."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import merging, unmerging
from crm.access import Action, share
from crm.asking import ask
from crm.marking import toggle
from crm.models import (
    AccessRequest,
    FieldDefinition,
    FieldRule,
    RecordMark,
    RecordMerge,
    RoleRule,
    StagedRow,
    Tag,
    TimelineEntry,
)
from crm.tests.test_custom_fields import define
from crm.tests.test_importing import checked
from customers.models import (
    Contact,
    ContactPoint,
    ContactRole,
    Customer,
    CustomerRelation,
    DuplicatePair,
    Interaction,
)
from customers.tests.factories import (
    make_address,
    make_contact,
    make_contact_point,
    make_contact_role,
    make_customer,
    make_interaction,
    make_plan,
    make_relation,
)
from tests.factories import factories
from tests.rows import fingerprint

pytestmark = pytest.mark.django_db
STAMPS = ("version", "modified_at", "modified_by", "sealed", "key")  # sealed values are sealed anew: see `said`


@pytest.fixture
def pair(cast):
    """A customer with everything and its twin with everything, of Alice's."""
    keep, gone = (make_customer(cast.alice, name=name) for name in ("苏州晨曦医疗器械有限公司", "晨曦医疗"))
    person = make_contact(cast.alice, customer=keep, is_primary=True)
    make_contact_role(cast.alice, contact=person, customer=gone)
    make_contact(cast.alice, customer=gone, is_primary=True)
    for customer in (keep, gone):
        make_contact_point(customer=customer, kind="phone", value="051262880000", is_primary=True)
        make_address(cast.alice, customer=customer, is_primary=True)
        make_interaction(cast.alice, customer=customer, contact=person, with_contacts=[person.pk])
        make_plan(cast.alice, customer=customer)
    make_contact_point(customer=gone, kind="email", value="info@chenxi.example", is_primary=True)
    make_relation(cast.alice, customer=gone, other=keep)
    make_relation(cast.alice, customer=gone)
    make_customer(cast.alice, name="Subsidiary", parent=gone)
    make = factories()
    for label in ("sales.opportunity", "service.case", "marketing.campaignmember", "customers.billingprofile"):
        make[label](cast.alice, customer=gone)
    make["customers.customerfile"](cast.alice, record=gone)
    for customer in (keep, gone):
        toggle(customer, cast.alice, "follow")
        ask(customer, asker=cast.carol, level="view", reason="Mine, too")
    toggle(gone, cast.alice, "star")
    ask(gone, asker=cast.dave, level="view", reason="Mine, too")
    share(gone, cast.carol, actor=cast.alice)
    return keep, gone


def secrets_of(*records) -> list:
    """A sensitive and an open custom field with a value in both, and the two definitions."""
    secret, hint = define("salary", "text", is_sensitive=True), define("hint", "text")
    for number, record in enumerate(records):
        record.refresh_from_db()
        record.hold(secret, f"Secret {number}")
        record.hold(hint, f"Hint {number}")
        record.save()
    return [secret, hint]


def both(a, b, actor, **more):
    """Merge b into a, and let the listener come that a worker runs after it."""
    a.refresh_from_db()
    b.refresh_from_db()
    act = merging.merge(a, b, versions={a.pk: a.version, b.pk: b.version}, actor=actor, **more)
    merging.gather(TimelineEntry.objects.about(a).filter(event="records_merged").latest("pk"))
    return act


def rows(model):
    """The rows of a model without what every write stamps, the columns of Customer and all that hangs on one."""
    names = [one.attname for one in model._meta.concrete_fields if one.name not in STAMPS]
    return sorted(map(repr, model._base_manager.values_list(*names)))


def state():
    models = {Customer, Contact, *(one for root in (Customer, Contact) for one, _name in merging.pointers(root))}
    return {model._meta.label: rows(model) for model in {*models, RecordMark, AccessRequest}} | {"sealed": said()}


def said() -> list:
    """What the sensitive fields of all customers say."""
    fields = FieldDefinition.objects.filter(is_sensitive=True)
    return [(row.pk, one.code, row.held(one)) for row in Customer.everything.order_by("pk") for one in fields]


def test_everything_that_hangs_on_the_other_record_moves(cast, pair):
    keep, gone = pair

    both(keep, gone, cast.alice, take={"name"}, keep_shares=True)

    keep.refresh_from_db()
    assert keep.name == "晨曦医疗"
    assert not Customer.objects.filter(pk=gone.pk).exists()
    assert Customer.everything.get(pk=gone.pk).merged_into_id == keep.pk
    left = {
        model._meta.label
        for model, name in merging.pointers(Customer)
        if model.objects.filter(**{name: gone}).exists() and model is not CustomerRelation
    }
    assert left == set()
    assert keep.interactions.count() == 2
    assert Customer.objects.get(name="Subsidiary").parent_id == keep.pk
    assert [point.value for point in keep.points.order_by("pk")] == ["051262880000", "info@chenxi.example"]
    assert ContactRole.objects.filter(customer=keep).count() == 2
    assert ContactRole.objects.filter(customer=keep, is_primary=True).count() == 1
    assert not CustomerRelation.objects.filter(customer=gone).exists()
    assert TimelineEntry.objects.about(keep).filter(event="records_merged").count() == 1
    assert keep.next_follow_at is not None


def test_a_merge_taken_apart_leaves_the_rows_as_they_were(cast, pair):
    keep, gone = pair
    secrets_of(keep, gone)
    Customer.objects.filter(pk=gone.pk).update(tags=[Tag.objects.create(root="customers.customer", name="重点").pk])
    before, number = state(), gone.number

    act = both(keep, gone, cast.alice, take={"name", "level"}, take_custom={"salary", "hint"}, keep_shares=True)
    keep = Customer.objects.get(pk=keep.pk)
    assert [text for key, _code, text in said() if key == keep.pk] == ["Secret 1"]
    assert (keep.custom, len(keep.tags)) == ({"hint": "Hint 1"}, 1)
    assert sorted(RecordMark.objects.about(keep).values_list("kind", flat=True)) == ["follow", "star"]
    assert set(AccessRequest.objects.about(keep).values_list("asker", flat=True)) == {cast.carol.pk, cast.dave.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields::text FROM crm_recordmerge")
        assert "Secret" not in cursor.fetchone()[0]
    back, left = unmerging.unmerge(act, actor=cast.alice)

    assert (back, back.number, left) == (gone, number, [])
    assert state() == before
    with pytest.raises(merging.Refused):
        unmerging.unmerge(act, actor=cast.alice)


values = st.fixed_dictionaries(
    {
        "points": st.lists(st.tuples(st.booleans(), st.sampled_from(["051262880000", "13812345678"]), st.booleans())),
        "roles": st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.booleans()), max_size=5),
        "take": st.sets(st.sampled_from(["name", "short_name", "level", "revenue", "parent", "website", "founded_on"])),
    }
)


@given(values)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_merge_taken_apart_leaves_the_rows_as_they_were(cast, drawn):
    holders = [
        make_customer(cast.alice, level="A"),
        make_customer(cast.alice, revenue="10.50", founded_on="2001-02-03"),
    ]
    people = [Contact.objects.create(name=f"P{n}") for n in range(3)]
    for second, value, is_primary in drawn["points"]:
        here = ContactPoint.objects.filter(customer=holders[second], kind="phone")
        if not any(point.value == value for point in here):
            is_primary = is_primary and not here.filter(is_primary=True).exists()
            make_contact_point(customer=holders[second], kind="phone", value=value, is_primary=is_primary)
    for second, number, is_primary in drawn["roles"]:
        here = ContactRole.objects.filter(customer=holders[second])
        if not here.filter(contact=people[number]).exists():
            is_primary = is_primary and not here.filter(is_primary=True).exists()
            make_contact_role(cast.alice, contact=people[number], customer=holders[second], is_primary=is_primary)
    before = state()

    act = both(*holders, cast.alice, take=drawn["take"])
    unmerging.unmerge(act, actor=cast.alice)

    assert state() == before


def test_what_was_changed_after_the_merge_stays_and_is_told(client, cast, pair):
    keep, gone = pair
    secret, hint = secrets_of(keep, gone)
    tags = [Tag.objects.create(root="customers.customer", name=name).pk for name in ("Brought", "Later")]
    Customer.objects.filter(pk=gone.pk).update(tags=tags[:1])
    act = both(keep, gone, cast.alice, take={"name"}, take_custom={"salary", "hint"})
    keep = Customer.objects.get(pk=keep.pk)
    keep.name, keep.tags = "Renamed", tags
    keep.hold(secret, "Secret 2")
    keep.save()
    role = ContactRole.objects.get(pk__in=act.cleared["customers.contactrole.is_primary"])
    elsewhere = make_customer(cast.alice)
    make_contact(cast.alice, customer=elsewhere, is_primary=True)
    ContactRole.objects.filter(pk=role.pk).update(customer=elsewhere)
    make_interaction(cast.alice, customer=keep)
    moved = Interaction.objects.filter(customer=keep).order_by("pk")[1]
    other = make_customer(cast.alice)
    Interaction.objects.filter(pk=moved.pk).update(customer=other)

    client.force_login(cast.alice)
    page = client.get(reverse("customers-unmerge", args=[keep.pk])).content.decode()
    _back, left = unmerging.unmerge(act, actor=cast.alice)

    keep.refresh_from_db()
    moved.refresh_from_db()
    assert left == ["name", "custom_salary"]
    assert "Changed since, stays as it is: name, Salary<" in page
    assert f"Added since, stays with {keep}: interactions 1<" in page
    assert (keep.name, keep.held(secret), keep.held(hint)) == ("Renamed", "Secret 2", "Hint 0")
    assert (keep.tags, moved.customer_id) == (tags[1:], other.pk)
    role.refresh_from_db()
    assert (role.customer_id, role.is_primary) == (elsewhere.pk, False)


def test_contacts_merge_with_their_roles_talks_and_protected_values(cast):
    acme, other = make_customer(cast.alice), make_customer(cast.alice)
    keep = make_contact(cast.alice, customer=acme, name="张伟", identity_number="")
    gone = make_contact(cast.alice, customer=acme, name="Zhang Wei", identity_number="110101199003077758")
    make_contact_role(cast.alice, contact=gone, customer=other)
    talk = make_interaction(cast.alice, customer=acme, contact=keep, with_contacts=[gone.pk])
    before = (state(), Contact.objects.get(pk=gone.pk).identity_number)

    act = both(keep, gone, cast.alice, take={"identity_number"})

    assert Contact.objects.get(pk=keep.pk).identity_number == "110101199003077758"
    assert {role.customer_id for role in keep.roles.all()} == {acme.pk, other.pk}
    talk.refresh_from_db()
    assert talk.with_contacts == [keep.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields::text FROM crm_recordmerge")
        assert "110101199003077758" not in cursor.fetchone()[0]
    unmerging.unmerge(act, actor=cast.alice)
    after = (state(), Contact.objects.get(pk=gone.pk).identity_number)
    for label in after[0]:
        assert after[0][label] == before[0][label], label
    assert after == before
    assert Contact.objects.get(pk=keep.pk).identity_number == ""


def test_a_merge_into_a_subsidiary_makes_no_circle(cast):
    top = make_customer(cast.alice)
    gone = make_customer(cast.alice, parent=top)
    between = make_customer(cast.alice, parent=gone)
    keep = make_customer(cast.alice, parent=between)
    before = state()

    act = both(keep, gone, cast.alice)

    for customer in (keep, between):
        customer.refresh_from_db()
        customer.clean_parent()
    unmerging.unmerge(act, actor=cast.alice)
    assert state() == before


def test_a_merge_is_refused_when_one_changed_or_the_right_is_missing(cast, pair):
    keep, gone = pair
    before = fingerprint()
    stale = {keep.pk: keep.version, gone.pk: gone.version + 1}
    with pytest.raises(merging.Refused, match="changed one of the two"):
        merging.merge(keep, gone, versions=stale, actor=cast.alice)
    with pytest.raises(merging.Refused):
        merging.merge(keep, gone, versions={}, actor=cast.carol)
    with pytest.raises(merging.Refused):
        merging.merge(keep, keep, versions={}, actor=cast.alice)
    assert fingerprint() == before


def test_chained_merges_lead_to_the_last_survivor_and_come_apart_in_turn(client, cast, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    first, second, third = (make_customer(cast.alice, name=f"Chain {n}") for n in range(3))
    inner = both(second, third, cast.alice)
    outer = both(first, second, cast.alice)
    client.force_login(cast.alice)

    assert client.get(reverse("customers-record", args=[third.pk])).url == reverse("customers-record", args=[first.pk])
    assert str(first).encode() in client.get(reverse("search"), {"q": third.number}).content
    batch = checked(client, f"number,short name\n{third.number},Short\n")
    assert StagedRow.objects.get(batch=batch).target_id == first.pk
    with pytest.raises(merging.Refused):
        unmerging.unmerge(inner, actor=cast.alice)
    unmerging.unmerge(outer, actor=cast.alice)
    unmerging.unmerge(inner, actor=cast.alice)
    assert Customer.objects.filter(name__startswith="Chain").count() == 3
    both(second, third, cast.alice)
    client.force_login(cast.carol)
    assert client.get(reverse("customers-record", args=[third.pk])).status_code == 404
    assert b"Chain" not in client.get(reverse("search"), {"q": third.number}).content
    assert b"Chain" not in client.get(reverse("customers-list"), {"q": third.number}).content


def test_the_page_compares_merges_and_takes_apart(client, cast, pair):
    keep, gone = pair
    tag = Tag.objects.create(root="customers.customer", name="重点")
    Customer.objects.filter(pk=gone.pk).update(tags=[tag.pk])
    for customer in pair:
        customer.refresh_from_db()
    client.force_login(cast.alice)
    address = reverse("customers-merge", args=[keep.pk])
    page = client.get(address, {"with": gone.pk})
    assert "苏州晨曦医疗器械有限公司".encode() in page.content
    assert client.get(address, {"other": gone.number}).url.endswith(f"?with={gone.pk}")

    data = {"with": gone.pk, "mine": keep.version, "theirs": gone.version, "name": "theirs", "tags": "on"}
    assert client.post(address, data | {"theirs": 99}).status_code == 409
    assert client.post(address, data).status_code == 303

    keep.refresh_from_db()
    assert (keep.name, keep.tags) == ("晨曦医疗", [tag.pk])
    act = RecordMerge.objects.get()
    apart = reverse("customers-unmerge", args=[keep.pk])
    assert str(gone).encode() in client.get(apart).content
    assert client.post(apart, {"merge": act.pk}).status_code == 303
    assert client.post(apart, {"merge": act.pk}).status_code == 404
    assert Customer.objects.get(pk=keep.pk).name == "苏州晨曦医疗器械有限公司"


def test_sensitive_values_are_chosen_by_field_also_by_whoever_reads_masks(client, cast, pair):
    keep, gone = pair
    secret, _hint = secrets_of(keep, gone)
    address = reverse("customers-merge", args=[keep.pk])
    client.force_login(cast.alice)
    assert "Secret 1" in client.get(address, {"with": gone.pk}).content.decode()

    gone.hold(secret, "Secret 0")  # equal by now, which whoever reads masks does not learn
    gone.save()
    RoleRule.objects.filter(action=Action.REVEAL).delete()
    page = client.get(address, {"with": gone.pk}).content.decode()
    assert "Secret" not in page
    assert 'name="custom_salary"' in page
    gone.hold(secret, "Secret 1")
    gone.save()
    for record in pair:
        record.refresh_from_db()
    data = {"with": gone.pk, "mine": keep.version, "theirs": gone.version, "custom_salary": "theirs"}
    assert client.post(address, data).status_code == 303
    assert Customer.objects.get(pk=keep.pk).held(secret) == "Secret 1"
    changes = client.get(reverse("customers-record", args=[keep.pk]), {"tab": "changes"}).content.decode()
    assert f"{gone.number}), merged into this record" in changes
    assert "Secret" not in changes


def test_what_a_rule_hides_from_whoever_merges_is_not_lost(client, cast, pair):
    keep, gone = pair
    secret, _hint = secrets_of(gone)
    Customer.objects.filter(pk=gone.pk).update(background="Founded by two brothers", short_name="Brothers")
    for field in ("background", "custom_salary"):
        FieldRule.objects.create(role=cast.worker, entity="customers.customer", field=field, right="hide")
    for record in pair:
        record.refresh_from_db()
    client.force_login(cast.alice)
    address = reverse("customers-merge", args=[keep.pk])

    page = client.get(address, {"with": gone.pk}).content.decode()
    assert "brothers" not in page
    assert 'name="custom_salary"' not in page
    data = {"with": gone.pk, "mine": keep.version, "theirs": gone.version, "short_name": "mine"}
    assert client.post(address, data).status_code == 303

    keep = Customer.objects.get(pk=keep.pk)
    assert (keep.background, keep.short_name, keep.held(secret)) == ("Founded by two brothers", "", "Secret 0")
    unmerging.unmerge(RecordMerge.objects.get(), actor=cast.alice)
    keep = Customer.objects.get(pk=keep.pk)
    assert (keep.background, keep.held(secret)) == ("", None)


def test_who_does_not_see_the_other_record_neither_compares_nor_merges(client, cast):
    mine, hers = make_customer(cast.alice), make_customer(cast.carol, name="Hidden twin")
    client.force_login(cast.alice)
    address = reverse("customers-merge", args=[mine.pk])
    before = fingerprint()

    page = client.get(address, {"with": hers.pk})
    assert page.status_code == 404
    assert b"Hidden twin" not in page.content
    assert client.post(address, {"with": hers.pk, "mine": 1, "theirs": 1}).status_code == 422
    assert fingerprint() == before


def pair_of(first, second, score=96, reasons=("name",), **more):
    kind = ContentType.objects.get_for_model(type(first))
    return DuplicatePair.objects.create(
        kind=kind, first=first.pk, second=second.pk, score=score, reasons=list(reasons), **more
    )


def test_the_queue_is_filtered_and_leads_from_merge_to_merge_through_a_cluster(client, cast):
    one, two, three, other, twin = (make_customer(cast.alice, name=f"Chenxi {n}") for n in range(5))
    pair_of(one, two), pair_of(two, three, 90, ["phone"]), pair_of(other, twin, 85, ["phone"])
    hidden = make_customer(cast.carol)
    pair_of(two, hidden)
    queue = reverse("customers-duplicates")
    client.force_login(cast.alice)

    def shown(**query):
        return [row["pair"].score for row in client.get(queue, query).context["rows"]]

    assert (shown(), shown(score=90), shown(reason="phone"), shown(score=95, reason="phone")) == (
        [96, 90, 85],
        [96, 90],
        [90, 85],
        [],
    )
    assert shown(score="x", reason="made up", page="-1") == [96, 90, 85]

    def merge_and_next(address, keep, gone):
        page = client.get(address)
        assert (page.context["record"], page.context["other"]) == (keep, gone)
        data = {"with": gone.pk, "mine": page.context["record"].version, "theirs": page.context["other"].version}
        answer = client.post(address.partition("?")[0], data | {"queue": "1", "next": "1"})
        assert answer.status_code == 303
        return answer.url

    first = f"{reverse('customers-merge', args=[one.pk])}?queue=1&with={two.pk}"
    assert client.get(first).context["candidates"] == 1
    second = merge_and_next(first, one, two)  # three was alike to two, which is one by now
    third = merge_and_next(second, one, three)
    client.post(queue, {"pair": DuplicatePair.objects.get(first=other.pk).pk, "next": "1"})
    assert third == f"{reverse('customers-merge', args=[other.pk])}?queue=1&with={twin.pk}"
    assert client.get(third).context["queue"] is not None
    assert set(DuplicatePair.objects.filter(state="merged").values_list("first", "second")) == {
        (one.pk, two.pk),
        (one.pk, three.pk),
    }
    assert Customer.everything.filter(merged_into=one).count() == 2
    assert shown() == []
    assert DuplicatePair.objects.filter(first=one.pk, second=hidden.pk, state="open").exists()
