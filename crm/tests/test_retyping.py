"""The type of a custom field with values is changed: shown before, converted by a job, undone exactly."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation

from crm import jobs
from crm.changes import changes_of
from crm.entities import registry
from crm.fields import retyping, services
from crm.listing import Listing
from crm.models import FieldDefinition, FieldRule, FormLayout, Job
from crm.tests.test_custom_fields import define, form_data
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def run_jobs():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        jobs.run(job.pk)


def retyped(definition, kind, actor):
    new = retyping.retype(definition, kind, actor=actor)
    run_jobs()
    new.refresh_from_db()
    return new


def rows_of(user, query: str) -> list[str]:
    return [row.record.name for row in Listing(registry["customers"], again(user), QueryDict(query)).rows]


@pytest.mark.parametrize(
    ("old", "new", "value", "becomes"),
    [
        ("text", "long_text", "a", "a"),
        ("long_text", "text", "x" * 201, None),
        ("text", "number", "1,200.50", "1200.5"),
        ("text", "money", "¥380,000", "380000"),
        ("text", "money", "about ten", None),
        ("text", "date", "2026/11/20", "2026-11-20"),
        ("text", "date", "2026-02-30", None),
        ("text", "datetime", "2026-11-20 08:30", "2026-11-20T00:30:00Z"),
        ("text", "boolean", "是", True),
        ("text", "boolean", "perhaps", None),
        ("number", "text", "1200.5", "1200.5"),
        ("number", "money", "1.234", None),
        ("money", "number", "1.23", "1.23"),
        ("date", "datetime", "2026-11-20", "2026-11-19T16:00:00Z"),
        ("datetime", "date", "2026-11-19T16:30:00Z", "2026-11-20"),
        ("datetime", "text", "2026-11-19T16:30:00Z", "2026-11-20 00:30"),
        ("choice", "text", "open", "公开招标"),
        ("choice", "choices", "open", ["open"]),
        ("choices", "choice", ["open"], "open"),
        ("choices", "choice", ["direct", "open"], None),
        ("choices", "text", ["direct", "open"], "直接采购、公开招标"),
        ("boolean", "text", False, "否"),
        ("boolean", "choice", True, "yes"),
    ],
)
def test_a_value_becomes_the_same_value_of_the_other_type_or_none(db, old, new, value, becomes):
    definition = define("x", old)
    made = retyping.made_of(definition, new)
    with retyping.house():
        assert retyping.converted(definition, made, value) == becomes


def test_what_would_happen_is_shown_before_and_nothing_is_changed_by_looking(client, cast):
    definition = define("budget", "text", default="12")
    make_customer(cast.alice, custom={"budget": "1,200.50"})
    make_customer(cast.alice, custom={"budget": "<b>ten</b>"})
    client.force_login(cast.root)
    page = client.get(reverse("field-retype", args=[definition.pk]), {"type": "number"})
    found = page.context["preview"]
    assert (found.converted, found.lost) == (1, 1)
    assert (found.samples, found.lost_samples) == ([("1,200.50", "1200.5")], ["<b>ten</b>"])
    assert "&lt;b&gt;ten&lt;/b&gt;" in page.content.decode()
    assert found.new.default == "12"
    assert FieldDefinition.objects.count() == 1


def test_samples_come_only_from_records_that_the_person_sees(cast):
    definition = define("hint", "text")
    make_customer(cast.carol, custom={"hint": "secret"})
    found = retyping.preview(definition, "number", again(cast.alice))
    assert (found.lost, found.lost_samples) == (1, [])


def test_the_values_are_converted_by_a_job_and_lists_sort_and_filter_by_them(client, cast):
    definition = define("budget", "text", on_list=True)
    services.give_slot(definition, True, actor=cast.root)
    for number in (9, 100, 20):
        make_customer(cast.alice, name=f"C{number}", custom={"budget": str(number), "other": "kept"})
    make_customer(cast.alice, name="Lost", custom={"budget": "ten"})
    make_customer(cast.alice, name="Binned", custom={"budget": "7"}, deleted_at=timezone.now())
    run_jobs()
    client.force_login(cast.root)
    url = reverse("field-retype", args=[definition.pk])
    assert client.post(url, {"type": "number"}).status_code == 303
    run_jobs()  # the conversion
    run_jobs()  # the places for sorting
    new = FieldDefinition.objects.get(removed_at__isnull=True)
    assert (new.code, new.type, new.name_en, new.on_list) == ("budget_2", "number", "Budget", True)
    assert (new.slot, new.slot_ready) == ("number_1", True)
    job = Job.objects.get(kind="field_retype")
    assert (job.state, job.counts) == ("done", {"changed": 4, "refused": 1})
    assert Customer.objects.get(name="C9").custom == {"budget": "9", "budget_2": "9", "other": "kept"}
    assert Customer.everything.get(name="Binned").custom["budget_2"] == "7"
    assert rows_of(cast.alice, "sort=-slot_number_1") == ["C100", "C20", "C9", "Lost"]
    assert rows_of(cast.alice, "custom_budget_2_from=15&custom_budget_2_to=100&sort=-slot_number_1") == ["C100", "C20"]
    assert not Customer.everything.filter(slot_text_1__isnull=False).exists()
    with translation.override("en"):
        change = changes_of(Customer.objects.get(name="C9"), again(cast.alice))[0]
    assert (change.actor, [(f.label, f.before, f.after) for f in change.fields]) == (
        cast.root,
        [("Budget", "—", "9")],
    )


def test_undo_brings_the_old_values_back_and_counts_what_was_typed_since(client, cast):
    definition = define("budget", "text")
    one = make_customer(cast.alice, custom={"budget": "1"})
    two = make_customer(cast.alice, custom={"budget": "2"})
    new = retyped(definition, "number", cast.root)
    client.force_login(cast.alice)
    url = registry["customers"].url("change", two)
    assert client.post(url, form_data(client.get(url)) | {"custom_budget_2": "250"}).status_code == 303
    client.force_login(cast.root)
    undo = reverse("field-retype-undo", args=[new.pk])
    assert "changed since: 1." in client.get(undo).content.decode()
    page = client.post(undo, follow=True).content.decode()
    assert "newer values stay with the removed field: 1." in page
    live = FieldDefinition.objects.get(removed_at__isnull=True)
    assert (live.pk, live.type, live.code) == (definition.pk, "text", "budget")
    for record, custom in ((one, {"budget": "1", "budget_2": "1"}), (two, {"budget": "2", "budget_2": "250"})):
        record.refresh_from_db()
        assert record.custom == custom
    assert again(cast.alice).fields.definitions(Customer) == [definition]
    assert client.post(undo, follow=True).status_code == 200  # once more: said, and nothing happens
    assert FieldDefinition.objects.get(removed_at__isnull=True).pk == definition.pk


def test_a_change_of_type_is_undone_for_30_days_and_no_longer(client, cast):
    definition = define("budget", "text")
    new = retyped(definition, "number", cast.root)
    FieldDefinition.objects.filter(pk=definition.pk).update(removed_at=timezone.now() - timedelta(days=31))
    client.force_login(cast.root)
    undo = reverse("field-retype-undo", args=[new.pk])
    assert client.get(undo).status_code == 409
    assert "for 30 days" in client.post(undo, follow=True).content.decode()
    assert FieldDefinition.objects.get(removed_at__isnull=True).pk == new.pk


def test_texts_become_choices_the_commonest_first_however_they_are_spelled(cast):
    definition = define("kind", "text")
    for number, text in enumerate(["Gold", "gold ", "Silver", "Gold", "x" * 81]):
        make_customer(cast.alice, name=f"C{number}", custom={"kind": text})
    new = retyped(definition, "choice", cast.root)
    assert [row["en"] for row in new.options] == ["Gold", "Silver"]
    gold = new.options[0]["code"]
    assert rows_of(cast.alice, f"custom_kind_2={gold}&sort=name") == ["C0", "C1", "C3"]
    assert Job.objects.get(kind="field_retype").counts == {"changed": 4, "refused": 1}


def test_rules_of_roles_and_the_layout_follow_the_field_there_and_back(cast, client):
    definition = define("budget", "text")
    role = cast.alice.groups.first()
    FieldRule.objects.create(role=role, entity="customers.customer", field="custom_budget", right="hide")
    groups = [{"key": "g0", "zh": "一", "en": "One", "fields": ["name", "custom_budget"]}]
    FormLayout.objects.create(entity="customers.customer", data={"groups": groups})
    new = retyped(definition, "number", cast.root)
    assert again(cast.alice).fields.is_hidden(Customer, "custom_budget_2")
    assert FormLayout.objects.get().data["groups"][0]["fields"] == ["name", "custom_budget_2"]
    retyping.take_back(new, actor=cast.root)
    assert again(cast.alice).fields.is_hidden(Customer, "custom_budget")
    assert FormLayout.objects.get().data["groups"][0]["fields"] == ["name", "custom_budget"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("date", "money", "A field of the type “Date” can become: Text, Date and time."),
        ("text", "nonsense", "A field of the type “Text” can become"),
        ("text", "", "Choose a type."),
        ("user", "text", "Colleagues and links to customers cannot be converted."),
    ],
)
def test_other_pairs_are_refused_with_the_ones_that_are_offered(client, cast, old, new, said):
    definition = define("x", old)
    client.force_login(cast.root)
    page = client.post(reverse("field-retype", args=[definition.pk]), {"type": new})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert FieldDefinition.objects.get().removed_at is None


def test_a_field_is_not_changed_again_while_its_values_are_being_converted(client, cast):
    new = retyping.retype(define("x", "text"), "number", actor=cast.root)
    client.force_login(cast.root)
    assert client.post(reverse("field-retype", args=[new.pk]), {"type": "text"}).status_code == 422
    run_jobs()
    assert client.post(reverse("field-retype", args=[new.pk]), {"type": "text"}).status_code == 303


def test_a_job_that_was_undone_before_it_began_writes_nothing(cast):
    record = make_customer(cast.alice, custom={"x": "1"})
    new = retyping.retype(define("x", "text"), "number", actor=cast.root)
    retyping.take_back(new, actor=cast.root)
    run_jobs()
    record.refresh_from_db()
    assert record.custom == {"x": "1"}


def test_a_job_that_was_killed_goes_on_where_it_stopped_and_leaves_what_was_typed_meanwhile(cast, monkeypatch):
    monkeypatch.setattr(retyping, "CHUNK", 2)
    rows = [make_customer(cast.alice, custom={"x": str(number)}) for number in range(5)]
    new = retyping.retype(define("x", "text"), "number", actor=cast.root)
    Customer.objects.filter(pk=rows[4].pk).update(custom={"x": "4", "x_2": "99"})
    write, calls = retyping.write, []

    def dies_once(*args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        write(*args)

    monkeypatch.setattr(retyping, "write", dies_once)
    job = Job.objects.get(kind="field_retype")
    jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(next_try_at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.done) == ("done", 2, 5)
    found = [Customer.objects.get(pk=row.pk).custom[new.code] for row in rows]
    assert found == ["0", "1", "2", "3", "99"]


@pytest.fixture
def half(cast, monkeypatch):
    """A field of which a job converted two of five values and was then cancelled."""
    monkeypatch.setattr(retyping, "CHUNK", 2)
    for number in range(5):
        make_customer(cast.alice, name=f"C{number}", custom={"x": str(number)})
    new = retyping.retype(define("x", "text"), "number", actor=cast.root)
    write = retyping.write

    def write_once(*args):
        write(*args)
        Job.objects.filter(kind="field_retype").update(cancel_at=timezone.now())

    with monkeypatch.context() as once:
        once.setattr(retyping, "write", write_once)
        run_jobs()
    job = Job.objects.get(kind="field_retype")
    assert (job.state, job.done, job.total) == ("cancelled", 2, 5)
    return new


def held(new) -> list:
    return [row.custom.get(new.code) for row in Customer.objects.order_by("pk")]


def test_a_conversion_that_was_cancelled_is_continued_where_it_stopped(client, cast, half):
    client.force_login(cast.root)
    first = Job.objects.get(kind="field_retype")
    assert held(half) == ["0", "1", None, None, None]
    assert reverse("field-retype", args=[half.pk]) in client.get(first.get_absolute_url()).content.decode()
    assert "converted in part" in client.get(reverse("field-list") + "?entity=customers").content.decode()
    page = client.get(reverse("field-retype", args=[half.pk])).content.decode()
    assert "stopped after 2 of 5 values" in page
    assert reverse("field-retype-undo", args=[half.pk]) in page
    again_ = client.post(reverse("field-retype", args=[half.pk]), {"type": "text"})
    assert (again_.status_code, FieldDefinition.objects.count()) == (422, 2), "no third type on top of half a second"
    go_on = reverse("field-retype-continue", args=[half.pk])
    Customer.objects.filter(name="C0").update(custom={"x": "0"})  # emptied by somebody meanwhile: stays so
    answers = [client.post(go_on) for _time in range(2)]
    job = Job.objects.exclude(pk=first.pk).get(kind="field_retype")
    assert [one.url for one in answers] == [job.get_absolute_url(), reverse("field-list") + "?entity=customers"]
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    assert held(half) == [None, "1", "2", "3", "4"]
    assert retyping.stopped([half]) == {}
    assert 'id="job-goes-on"' not in client.get(first.get_absolute_url()).content.decode()


def test_a_conversion_that_failed_offers_the_same_and_its_job_repeated_late_does_nothing(client, cast, half):
    first = Job.objects.get(kind="field_retype")
    Job.objects.filter(pk=first.pk).update(state=Job.State.FAILED, error="The disk is full.")
    client.force_login(cast.root)
    assert "The disk is full." in client.get(reverse("field-retype", args=[half.pk])).content.decode()
    client.post(reverse("field-retype-continue", args=[half.pk]))
    run_jobs()
    Customer.objects.filter(name="C4").update(custom={"x": "4"})
    jobs.repeat(first)
    run_jobs()
    assert held(half) == ["0", "1", "2", "3", None]


def test_a_conversion_that_was_cancelled_is_undone(client, cast, half):
    client.force_login(cast.root)
    assert client.post(reverse("field-retype-undo", args=[half.pk])).status_code == 303
    half.refresh_from_db()
    live = FieldDefinition.objects.get(removed_at__isnull=True)
    assert (live.code, live.type, retyping.stopped([half, live])) == ("x", "text", {})
    assert client.post(reverse("field-retype-continue", args=[half.pk]), follow=True).status_code == 200
    assert Job.objects.filter(kind="field_retype").count() == 1


def test_a_removed_field_does_not_come_back_beside_one_of_its_name(client, cast):
    definition = define("plan", "text", removed_at=timezone.now())
    define("plan2", "text", name_en="plan")
    client.force_login(cast.root)
    page = client.post(reverse("field-restore", args=[definition.pk]), follow=True)
    assert "There is a field of this name already." in page.content.decode()
    definition.refresh_from_db()
    assert definition.removed_at is not None


@pytest.mark.parametrize("name", ["retype", "retype-continue", "retype-undo"])
def test_people_without_the_right_change_no_type(client, cast, name):
    definition = define()
    client.force_login(cast.erin)
    url = reverse(f"field-{name}", args=[definition.pk])
    assert client.get(url).status_code in (403, 404, 405)
    assert client.post(url, {"type": "text"}).status_code in (403, 404)
    assert FieldDefinition.objects.get().type == "money"
