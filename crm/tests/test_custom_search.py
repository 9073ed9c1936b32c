"""The search box looks into the custom fields that administrators opened to it."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from crm import jobs, search
from crm.entities import registry
from crm.fields import services
from crm.fields.known import known_custom, refusal
from crm.listing import Listing
from crm.models import FieldDefinition, FieldRule, Job
from crm.tests.test_custom_fields import KINDS, define, rows_of
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again
from tests.factories import factories


def run_jobs():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        jobs.run(job.pk)


@pytest.mark.parametrize("slug", KINDS)
def test_the_search_box_of_every_list_finds_texts_and_choices_of_searchable_fields(cast, slug):
    entity = registry[slug]
    label = entity.model._meta.label_lower
    define("hint", "text", label, is_searchable=True), define("grade", "choice", label, is_searchable=True)
    define("quiet", "text", label)
    make = factories()[label]
    record, other = make(owner=cast.alice), make(owner=cast.alice)
    rows = entity.model._base_manager
    rows.filter(pk=record.pk).update(custom={"hint": "Zehn 海川机床", "grade": "open", "quiet": "whisper"})
    rows.filter(pk=other.pk).update(custom={"grade": "direct"})

    def found(query, user=cast.alice):
        return [row.record.pk for row in Listing(entity, again(user), QueryDict(f"q={query}")).rows]

    assert found("zehn") == found("机床") == found("open tender") == found("公开") == found("ZEHN 公开") == [record.pk]
    assert found("直接") == [other.pk]
    assert found("whisper") == found("zehn 直接") == []
    assert found("zehn", cast.carol) == []
    rows.filter(pk=record.pk).update(custom={"grade": "direct"})
    assert found("zehn") == []


def test_a_search_needs_every_word_wherever_it_stands(cast):
    define("hint", "text", is_searchable=True)
    record = make_customer(cast.alice, name="Haichuan", custom={"hint": "needs a crane"})
    make_customer(cast.alice, name="Crane works")
    assert rows_of(cast.alice, "q=haichuan crane") == [record.name]


def test_opening_a_field_to_the_search_renaming_its_choices_and_removing_it_are_prepared_by_jobs(client, cast):
    made = define("grade", "choice")
    make_customer(cast.alice, name="A", custom={"grade": "open"})
    client.force_login(cast.root)
    lines = {"option_code": ["open"], "option_zh": ["公开招标"], "option_en": ["Open tender"]}
    data = {"name_zh": "等级", "name_en": "Grade", "option_tone": [""], "option_state": [""]} | lines
    url = reverse("field-change", args=[made.pk])
    assert client.post(url, data | {"is_searchable": "on"}).status_code == 303
    run_jobs()
    assert rows_of(cast.alice, "q=tender") == ["A"]
    assert client.post(url, data | {"is_searchable": "on", "option_en": ["Public call"]}).status_code == 303
    run_jobs()
    assert (rows_of(cast.alice, "q=tender"), rows_of(cast.alice, "q=public call")) == ([], ["A"])
    made.refresh_from_db()
    services.remove(made, actor=cast.root)
    run_jobs()
    assert list(Customer.objects.values_list("custom_text", flat=True)) == [None]
    services.restore(made, actor=cast.root)
    run_jobs()
    assert rows_of(cast.alice, "q=public") == ["A"]


def test_what_the_search_box_finds_is_hidden_from_no_role_and_what_is_hidden_is_not_found(client, cast):
    made = define("hint", "text")
    assert refusal(known_custom(made), "hide", False) == ""
    made.is_searchable = True
    assert refusal(known_custom(made), "hide", False)
    FieldRule.objects.create(
        role=cast.alice.groups.first(), entity="customers.customer", field="custom_hint", right="hide"
    )
    client.force_login(cast.root)
    data = {"name_zh": "提示", "name_en": "Hint", "is_searchable": "on"}
    page = client.post(reverse("field-change", args=[made.pk]), data)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["is_searchable"])
    made.refresh_from_db()
    assert not made.is_searchable


def test_text_for_the_search_makes_no_version_and_no_line_in_the_change_log(cast):
    define("hint", "text")
    record = make_customer(cast.alice, custom={"hint": "crane"})
    version, events = record.version, Customer.pgh_event_model.objects.count()
    FieldDefinition.objects.update(is_searchable=True)
    services.search_later(FieldDefinition.objects.get(), actor=cast.root)
    run_jobs()
    record.refresh_from_db()
    assert (record.custom_text, record.version) == ("crane", version)
    assert Customer.pgh_event_model.objects.count() == events


def test_the_search_reads_custom_text_by_its_index(cast):
    define("hint", "text", is_searchable=True)
    Customer.objects.bulk_create(
        Customer(name=f"Company {number}", owner=cast.alice, custom={"hint": f"machine m{number}x " * 9})
        for number in range(3_000)
    )
    rows = search.found(Customer.objects.all(), "m2718x", again(cast.alice)).order_by()
    assert rows.count() == 1
    with connection.cursor() as cursor:
        for index in ("customer_search", "customer_custom_text"):  # what vacuum does: rows just written wait in a list
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
        cursor.execute("ANALYZE customers_customer")
    plan = rows.explain()
    assert "customer_custom_text" in plan, plan
    assert "customer_search" in plan, plan
