"""Tags: setting, making, merging, deleting, taking back; and what lists, history, export and import do with them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from crm import jobs, tag_jobs, tags, undoing
from crm.changes import changes_of
from crm.exchange import importer_for
from crm.exchange.fields import import_fields
from crm.models import Job, RoleRule, Tag, TagChange, TimelineEntry
from customers.entities import Customers
from customers.models import Customer
from service.models import Case
from tests.cast import again
from tests.factories import factories


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def make_tag(name, model=Customer, colour="gray"):
    return Tag.objects.create(root=model._meta.label_lower, name=name, colour=colour)


def make(owner, *its_tags, **fields):
    return factories()["customers.customer"](owner, tags=sorted(tag.pk for tag in its_tags), **fields)


def keys(record) -> list[int]:
    return type(record).everything.get(pk=record.pk).tags


def test_a_merge_gives_every_record_the_other_tag_once_and_undo_restores_exactly(cast):
    old, new, other = make_tag("重点"), make_tag("Key account"), make_tag("MES")
    only, both, none = make(cast.alice, old, other), make(cast.bob, old, new), make(cast.carol, other)
    before = {row.pk: row.tags for row in (only, both, none)}
    change = tags.merge_tag(old, new, actor=cast.erin)
    assert [keys(row) for row in (only, both, none)] == [[new.pk, other.pk], [new.pk], [other.pk]]
    assert not Tag.objects.filter(pk=old.pk).exists()
    assert (sorted(change.records), change.had_both) == (sorted([only.pk, both.pk]), [both.pk])
    assert TimelineEntry.objects.filter(event="tag_merged").get().facts["number"] == 2
    assert tags.undo(change, actor=cast.erin) == 2
    assert {row.pk: keys(row) for row in (only, both, none)} == before
    assert Tag.objects.filter(pk=old.pk).exists()
    assert tags.undo(change, actor=cast.erin) == 0


def test_a_deleted_tag_leaves_every_record_also_those_in_the_bin_and_comes_back(cast):
    from crm.deletion import delete

    tag, other = make_tag("重点"), make_tag("MES")
    kept, binned = make(cast.alice, tag, other), make(cast.alice, tag)
    delete(binned, actor=cast.alice)
    change = tags.delete_tag(tag, actor=cast.erin)
    assert (keys(kept), keys(binned)) == ([other.pk], [])
    tags.undo(change, actor=cast.erin)
    assert (keys(kept), keys(binned)) == ([tag.pk, other.pk], [tag.pk])


def test_undo_is_refused_while_another_tag_has_the_name(cast):
    tag = make_tag("重点")
    record = make(cast.alice, tag)
    change = tags.delete_tag(tag, actor=cast.erin)
    make_tag("重点")
    with pytest.raises(ValidationError, match="again"):
        tags.undo(change, actor=cast.erin)
    assert keys(record) == []
    assert TagChange.objects.get().undone_at is None


def test_tags_of_two_kinds_of_records_are_not_merged(cast):
    with pytest.raises(ValidationError):
        tags.merge_tag(make_tag("a"), make_tag("b", Case), actor=cast.erin)
    assert TagChange.objects.count() == 0


def test_a_set_holds_a_name_once_whatever_its_case(cast):
    make_tag("Key")
    with pytest.raises(ValidationError):
        tags.add_tag(Customer, "KEY", actor=cast.erin)
    tags.add_tag(Case, "KEY", actor=cast.erin)


@pytest.mark.parametrize("name", ["a,b", "a、b", "x\u202egnp", "a\x00b", "\u200b", " ", "n" * 41])
def test_a_name_that_could_not_be_told_apart_is_refused(cast, name):
    with pytest.raises(ValidationError):
        tags.add_tag(Customer, name, actor=cast.erin)
    assert Tag.objects.count() == 0


def test_what_two_people_changed_at_once_is_all_kept():
    assert tags.three_way([1, 2], [1, 2, 3], [2, 4]) == [2, 3, 4]
    assert tags.three_way([1], [], [1, 5]) == [5]
    assert tags.three_way(None, [1], [1, 2]) == [1, 2]


def test_a_list_reads_the_names_with_one_query_and_with_none_when_nothing_is_tagged(client, cast):
    client.force_login(cast.alice)
    for _ in range(3):
        make(cast.alice)
    url = Customers.url("list")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            page = client.get(url)
        return len(caught), page.content.decode()

    queries()
    bare, _page = queries()
    tag, other = make_tag("重点", colour="teal"), make_tag("MES")
    Customer.objects.update(tags=[tag.pk, other.pk])
    tagged, page = queries()
    assert tagged == bare + 1
    assert page.count('<span class="chip"><span class="dot teal"></span>重点</span>') == 3


def test_a_list_is_narrowed_to_any_or_all_of_the_tags(client, cast):
    client.force_login(cast.alice)
    one, two = make_tag("one"), make_tag("two")
    make(cast.alice, one, name="Only one"), make(cast.alice, two, name="Only two")
    make(cast.alice, one, two, name="Both"), make(cast.alice, name="Neither")
    url = Customers.url("list")

    def names(query):
        return {row.record.name for row in client.get(f"{url}?{query}").context["listing"].rows}

    assert names(f"tags={one.pk}") == {"Only one", "Both"}
    assert names(f"tags={one.pk}&tags={two.pk}") == {"Only one", "Only two", "Both"}
    assert names(f"tags={one.pk}&tags={two.pk}&tags_all=on") == {"Both"}
    chip = client.get(f"{url}?tags={one.pk}&tags={two.pk}&tags_all=on").context["listing"].chips[0]
    assert (chip.text, chip.url) == ("all of one, two", url)


def test_a_record_shows_its_tags_in_its_head_without_a_further_query(client, cast):
    record = make(cast.alice)
    client.force_login(cast.alice)
    url = Customers.url("record", record)
    client.get(url)
    with CaptureQueriesContext(connection) as bare:
        client.get(url)
    Customer.objects.update(tags=[make_tag("重点").pk])
    with CaptureQueriesContext(connection) as tagged:
        page = client.get(url).content.decode()
    assert len(tagged) == len(bare)
    assert "重点" in page
    assert Customers.url("tags", record) in page


def test_who_may_change_the_record_sets_its_tags_and_takes_that_back(client, cast):
    tag, other = make_tag("重点"), make_tag("MES")
    record = make(cast.alice, other)
    client.force_login(cast.bob)
    url = Customers.url("tags", record)
    token = client.get(url).context["form"]["form_token"].value()
    response = client.post(url, {"tags": [tag.pk], "version": record.version, "form_token": token})
    assert response.status_code == 303
    assert keys(record) == [tag.pk]
    assert [entry.event for entry in TimelineEntry.objects.about(record).order_by("pk")] == [
        "record_tagged",
        "record_untagged",
    ]
    assert client.post(f"{url}?back={other.pk}").status_code == 303
    assert keys(record) == [other.pk]


def test_the_change_log_names_the_tags_also_the_deleted_ones(client, cast):
    tag = make_tag("重点")
    record = make(cast.alice)
    tags.set_tags(record, [tag.pk], actor=cast.alice)
    tags.delete_tag(tag, actor=cast.erin)
    told = [
        (field.before, field.after)
        for change in changes_of(record, again(cast.alice))
        for field in change.fields
        if field.label == "tags"
    ]
    assert told == [("重点", "—"), ("—", "重点")]


def test_a_form_makes_new_tags_for_people_who_may_and_has_no_box_for_others(client, cast):
    make_tag("重点")
    record = make(cast.alice)
    client.force_login(cast.alice)
    url = Customers.url("tags", record)
    response = client.post(url, {"new_tags": "MES、 重点 ,MES", "version": record.version})
    assert response.status_code == 303, response.context["form"].errors
    assert list(Tag.objects.filter(pk__in=keys(record)).values_list("name", flat=True)) == ["MES", "重点"]
    RoleRule.objects.filter(model="crm.tag").exclude(action="view").delete()
    assert "new_tags" not in client.get(url).context["form"].fields
    record.refresh_from_db()
    client.post(url, {"new_tags": "secret", "version": record.version})
    assert not Tag.objects.filter(name="secret").exists()


def test_a_tag_deleted_while_the_form_was_open_is_a_clear_message(client, cast):
    tag = make_tag("重点")
    record = make(cast.alice)
    client.force_login(cast.alice)
    tags.delete_tag(tag, actor=cast.erin)
    make_tag("MES")
    response = client.post(Customers.url("tags", record), {"tags": [tag.pk], "version": record.version})
    assert response.status_code == 422
    assert "merged or deleted meanwhile" in response.content.decode()
    assert keys(record) == []


def test_without_the_right_no_tag_is_made_changed_merged_or_deleted(client, cast):
    tag, other = make_tag("重点"), make_tag("MES")
    RoleRule.objects.filter(model="crm.tag").exclude(action="view").delete()
    client.force_login(cast.alice)
    seen = [
        client.post(Customers.url("tag_set"), {"name": "x", "colour": "blue"}).status_code,
        client.post(f"/tags/{tag.pk}/", {"name": "x", "colour": "blue"}).status_code,
        client.post(f"/tags/{tag.pk}/", {"merge": "1", "into": other.pk}).status_code,
        client.post(f"/tags/{tag.pk}/delete/").status_code,
    ]
    assert seen == [403, 403, 403, 403]
    assert sorted(Tag.everything.values_list("name", "deleted_at")) == [("MES", None), ("重点", None)]


def test_the_set_of_records_that_one_may_not_see_is_not_there(client, cast):
    tag = make_tag("机密", Case)
    RoleRule.objects.filter(model="service.case").delete()
    client.force_login(cast.alice)
    assert client.get("/cases/tags/").status_code == 403
    assert client.get(f"/tags/{tag.pk}/").status_code == 404
    assert client.get("/choices/crm.tag/?q=机密").json() == {"choices": []}


def test_a_set_counts_only_what_the_reader_sees(client, cast):
    tag = make_tag("重点")
    make(cast.alice, tag), make(cast.carol, tag), make(cast.carol, tag)
    client.force_login(cast.alice)
    assert client.get(Customers.url("tag_set")).context["rows"] == [(tag, "1")]


def test_a_tag_is_renamed_merged_and_brought_back_on_its_pages(client, cast):
    tag, other = make_tag("重点"), make_tag("MES")
    record = make(cast.alice, tag)
    client.force_login(cast.alice)
    assert client.post(f"/tags/{tag.pk}/", {"name": "mes", "colour": "red"}).status_code == 422
    assert client.post(f"/tags/{tag.pk}/", {"name": "Key", "colour": "red"}).status_code == 303
    assert Tag.objects.filter(pk=tag.pk, name="Key", colour="red").exists()
    assert client.post(f"/tags/{tag.pk}/", {"merge": "1", "into": other.pk}).status_code == 303
    assert keys(record) == [other.pk]
    change = TagChange.objects.get()
    client.force_login(cast.bob)
    assert client.post(f"/tags/changes/{change.pk}/undo/").status_code == 404
    client.force_login(cast.alice)
    assert client.post(f"/tags/changes/{change.pk}/undo/").status_code == 303
    assert keys(record) == [tag.pk]
    client.post(f"/tags/{tag.pk}/delete/")
    assert keys(record) == []


def test_an_import_takes_tags_by_name_and_rejects_unknown_ones_unless_one_may_make_them(cast):
    tag, other = make_tag("重点"), make_tag("MES")
    read = import_fields(Customers, again(cast.alice), {}, {})["tags"]
    assert (read.value("mes、重点"), read.value("MES; Neu").new) == (sorted([tag.pk, other.pk]), ["Neu"])
    RoleRule.objects.filter(model="crm.tag").exclude(action="view").delete()
    from crm.exchange.problems import ParseError

    with pytest.raises(ParseError, match="no tag called “Neu”"):
        import_fields(Customers, again(cast.alice), {}, {})["tags"].value("MES; Neu")


def test_the_new_tags_of_an_import_are_made_when_its_lines_are_written(cast):
    tag = make_tag("重点")
    importer = importer_for(Customers, again(cast.alice))
    rows = [(2, {"tags": [tag.pk], "import:tags": ["Neu", "MES"]}), (3, {"tags": [], "import:tags": ["neu"]})]
    made = importer.make_tags(rows)
    neu, mes = Tag.objects.get(name__iexact="neu"), Tag.objects.get(name="MES")
    assert made == {2: sorted([tag.pk, neu.pk, mes.pk]), 3: [neu.pk]}


def test_an_export_joins_the_names(client, cast):
    tag, other = make_tag("重点"), make_tag("=MES")
    make(cast.alice, tag, other, name="海川")
    client.force_login(cast.alice)
    response = client.get(Customers.url("export") + "?format=csv&columns=name,tags")
    if response.status_code == 200 and "csv" not in response.headers["Content-Type"]:
        response = client.post(Customers.url("export") + "?columns=name,tags", {"format": "csv", "columns": "shown"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "'=MES, 重点" in text


def test_many_tags_cost_a_list_no_more_than_its_budget(client, cast):
    from tests import budgets

    one = make_tag("重点")
    client.force_login(cast.erin)
    for _ in range(60):
        make(cast.alice, one)
    client.get(Customers.url("list"))
    with CaptureQueriesContext(connection) as caught:
        client.get(Customers.url("list"))
    assert len(caught) <= budgets.LIST_QUERIES


# -- many records: by a job -------------------------------------------------------------------------------------------
@pytest.fixture
def small_steps(monkeypatch):
    """More than two records are many; three make a chunk."""
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)
    monkeypatch.setattr(tag_jobs, "DIRECT_ROWS", 2)
    monkeypatch.setattr(tag_jobs, "CHUNK", 3)


def run(job):
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return job


def seven(cast, old, new):
    """Seven records with the old tag, the third with both, the last in the recycle bin; and one with the new alone."""
    rows = [make(cast.alice, old, *([new] if n == 2 else [])) for n in range(7)]
    Customer.objects.filter(pk=rows[6].pk).update(deleted_at=timezone.now())
    return [*rows, make(cast.alice, new)]


def test_a_tag_of_many_records_is_merged_by_a_job_and_brought_back_on_its_page(client, cast, small_steps):
    old, new = make_tag("重点"), make_tag("Key account")
    rows = seven(cast, old, new)
    before = [keys(row) for row in rows]
    client.force_login(cast.alice)
    answer = client.post(f"/tags/{old.pk}/", {"merge": "1", "into": new.pk})
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, job.get_absolute_url())
    assert [keys(row) for row in rows] == before
    assert Tag.objects.filter(pk=old.pk).exists()
    run(job)
    assert (job.state, job.total, job.counts) == ("done", 7, {"changed": 7})
    assert [keys(row) for row in rows] == [[new.pk]] * 8
    assert not Tag.objects.filter(pk=old.pk).exists()
    assert [len(part.records) for part in TagChange.objects.order_by("pk")] == [0, 3, 3, 1]
    assert TimelineEntry.objects.get(event="tag_merged").facts["number"] == 7
    event = Customer.pgh_event_model.objects.filter(pgh_obj_id=rows[0].pk).latest("pk")
    assert event.pgh_context.metadata == {"user": cast.alice.pk, "job": job.pk}
    Customer.objects.filter(pk=rows[1].pk).update(tags=[])
    assert 'id="job-undo"' in client.get(job.get_absolute_url()).content.decode()
    client.post(f"/jobs/{job.pk}/undo/")
    undo = run(Job.objects.latest("pk"))
    assert (undo.state, undo.counts) == ("done", {"changed": 6, "same": 1})
    assert [line["text"] for line in undo.log] == [
        "6 records have the tag again",
        "1 record was left as it is: it lost the other tag or was deleted for good since.",
    ]
    assert [keys(row) for row in rows] == [before[0], [], *before[2:]]
    assert Tag.objects.filter(pk=old.pk).exists()
    assert TimelineEntry.objects.get(event="tag_restored").facts["number"] == 6


def test_a_tag_of_many_records_is_deleted_by_a_job_and_brought_back(client, cast, small_steps):
    tag, other = make_tag("重点"), make_tag("MES")
    rows = seven(cast, tag, other)
    before = [keys(row) for row in rows]
    client.force_login(cast.alice)
    client.post(f"/tags/{tag.pk}/delete/")
    job = run(Job.objects.get())
    assert [keys(row) for row in rows] == [[], [], [other.pk], [], [], [], [], [other.pk]]
    head = TagChange.objects.get(part_of=None)
    assert client.post(f"/tags/changes/{head.pk}/undo/").status_code == 404
    make_tag("重点")
    client.post(f"/jobs/{job.pk}/undo/")
    undo = run(Job.objects.latest("pk"))
    assert (undo.state, undo.error[:26]) == ("failed", "There is a tag called “重点”")
    Tag.objects.exclude(pk__in=(tag.pk, other.pk)).delete()
    client.post(f"/jobs/{job.pk}/undo/")
    assert run(Job.objects.latest("pk")).counts == {"changed": 7, "same": 0}
    assert [keys(row) for row in rows] == before


def test_few_records_need_no_job(client, cast, small_steps):
    tag = make_tag("重点")
    record = make(cast.alice, tag)
    client.force_login(cast.alice)
    client.post(f"/tags/{tag.pk}/delete/")
    assert (keys(record), Job.objects.count()) == ([], 0)


def test_a_job_that_was_stopped_or_killed_loses_no_record(cast, small_steps, monkeypatch):
    old, new = make_tag("重点"), make_tag("Key account")
    rows = seven(cast, old, new)
    before = [keys(row) for row in rows]
    job = tag_jobs.begin(old, new, actor=cast.erin)
    part = tag_jobs.part

    def die(change, actor, among):
        if among and rows[3].pk in among:
            raise RuntimeError("killed")
        return part(change, actor, among)

    monkeypatch.setattr(tag_jobs, "part", die)
    assert run(job).state == "queued"
    assert [keys(row) for row in rows[:4]] == [[new.pk]] * 3 + [[old.pk]]
    monkeypatch.setattr(tag_jobs, "part", part)
    late = make(cast.bob, old)
    Job.objects.update(next_try_at=timezone.now())
    run(job)
    assert (job.state, job.counts) == ("done", {"changed": 8})
    assert keys(late) == [new.pk]
    undo = run(undoing.begin(job))
    assert undo.counts == {"changed": 8, "same": 0}
    assert [*map(keys, rows), keys(late)] == [*before, [old.pk]]
    job = tag_jobs.begin(old, new, actor=cast.erin)
    jobs.cancel(job)
    assert not jobs.run(job.pk)
    assert Tag.objects.filter(pk=old.pk).exists()


def test_a_tag_at_which_a_job_works_is_not_merged_or_deleted_again(client, cast, small_steps):
    old, new, third = make_tag("重点"), make_tag("Key account"), make_tag("MES")
    seven(cast, old, new)
    tag_jobs.begin(old, new, actor=cast.erin)
    client.force_login(cast.alice)
    for tag in (old, new):
        answer = client.post(f"/tags/{tag.pk}/", {"merge": "1", "into": third.pk})
        assert answer.status_code == 422
        assert "A job is merging, deleting or bringing back this tag" in answer.content.decode()
        answer = client.post(f"/tags/{tag.pk}/delete/", follow=True)
        assert "A job is merging, deleting or bringing back this tag" in answer.content.decode()
    assert (Tag.objects.count(), Job.objects.count(), TagChange.objects.count()) == (3, 1, 1)


def test_the_job_of_a_tag_asks_the_rights_of_the_moment(cast, small_steps):
    """A23: merging and taking back, both."""
    old, new = make_tag("重点"), make_tag("Key account")
    rows = seven(cast, old, new)
    job = tag_jobs.begin(old, new, actor=cast.alice)
    rules = list(RoleRule.objects.filter(model="crm.tag", action="delete"))
    RoleRule.objects.filter(model="crm.tag", action="delete").delete()
    assert run(job).error == "Your roles do not allow this any more."
    assert keys(rows[0]) == [old.pk]
    RoleRule.objects.bulk_create(rules)
    jobs.repeat(job)
    assert run(job).state == "done"
    RoleRule.objects.filter(model="crm.tag", action="delete").delete()
    assert run(undoing.begin(job)).error == "Your roles do not allow this any more."
    assert keys(rows[0]) == [new.pk]
