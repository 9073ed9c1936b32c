"""Sensitive custom fields: sealed in the row, masked for readers without the right, revealed one by one, never lost."""

import base64
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm import rotation
from crm.access import Action
from crm.changes import changes_of
from crm.deletion import delete, restore
from crm.entities import registry
from crm.exchange import Export
from crm.exchange.staging import data_of
from crm.fields import retyping, services
from crm.fields.definition_form import DefinitionForm
from crm.fields.dictionary import Dictionary
from crm.listing import Listing
from crm.models import AccessLogEntry, FieldDefinition, FieldRule, ImportBatch, ImportedRow, RoleRule, StagedRow
from crm.protection import Damaged
from crm.protection.cipher import ciphers
from crm.roles import setup_roles
from crm.tests.test_custom_fields import KINDS, define, form_data
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    checked,
    files_in_a_folder_of_their_own,
    run_waiting,
    signed_in,
)
from customers.models import Customer
from customers.tests.factories import make_customer
from tests.cast import again, make_user
from tests.factories import factories

PLAIN = "Heimlich-7391"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def sensitive(code="salary", type="text", entity="customers.customer", **more):
    return define(code, type, entity, is_sensitive=True, on_list=True, **more)


def holding(definition, value=PLAIN, owner=None, **fields):
    """A saved record with the value."""
    record = factories()[definition.entity](owner=owner, **fields)
    record.hold(definition, value)
    record.save()
    return record


def blind(cast):
    """Take the right to see protected values from Alice's role."""
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    return again(cast.alice)


def exported(entity, user) -> str:
    file = io.BytesIO()
    Export(entity, again(user), QueryDict("")).write(file, "csv")
    return file.getvalue().decode()


@pytest.mark.parametrize("slug", KINDS)
def test_a_typed_value_is_sealed_and_every_page_of_every_kind_of_record_masks_it(client, cast, slug):
    entity = registry[slug]
    field = sensitive(entity=entity.model._meta.label_lower)
    record = factories()[field.entity](owner=cast.alice)
    client.force_login(cast.alice)
    response = client.post(
        entity.url("change", record), form_data(client.get(entity.url("change", record))) | {"custom_salary": PLAIN}
    )
    assert response.status_code == 303, response.context["form"].errors
    record.refresh_from_db()
    assert (record.held(field), record.custom, list(record.sealed)) == (PLAIN, {}, ["salary"])
    assert PLAIN not in json.dumps(record.sealed)
    assert PLAIN not in base64.b64decode(record.sealed["salary"]).decode("latin-1")

    def seen() -> dict[str, bool]:
        pages = {
            "record": client.get(f"{entity.url('record', record)}?tab=details").content.decode(),
            "log": client.get(f"{entity.url('record', record)}?tab=changes").content.decode(),
            "list": client.get(entity.url("list")).content.decode(),
            "form": client.get(entity.url("change", record)).content.decode(),
            "export": exported(entity, cast.alice),
        }
        assert all("***" in text for name, text in pages.items() if PLAIN not in text), "a mask stands there instead"
        return {name: PLAIN in text for name, text in pages.items()}

    assert seen() == dict.fromkeys(("record", "log", "list", "form", "export"), True)
    blind(cast)
    assert seen() == dict.fromkeys(("record", "log", "list", "form", "export"), False)


@pytest.mark.parametrize(
    ("type", "typed", "kept", "shown"),
    [
        ("long_text", "a\r\nb", "a\nb", "a\nb"),
        ("number", "1200.50", "1200.5", "1,20"),
        ("money", "380000.50", "380000.5", "¥380,000.50"),
        ("date", "1988-03-14", "1988-03-14", "1988-03-14"),
    ],
)
def test_each_type_that_may_be_sensitive_keeps_one_form_and_shows_a_mask_or_its_value(
    client, cast, type, typed, kept, shown
):
    field, entity = sensitive(type=type), registry["customers"]
    record = make_customer(cast.alice)
    client.force_login(cast.alice)
    url = entity.url("change", record)
    assert client.post(url, form_data(client.get(url)) | {"custom_salary": typed}).status_code == 303
    record.refresh_from_db()
    sealed, version = record.sealed, record.version
    assert record.held(field) == kept
    assert client.post(url, form_data(client.get(url))).status_code == 303  # sent back untouched: nothing changes
    record.refresh_from_db()
    assert (record.sealed, record.version) == (sealed, version)
    assert shown in client.get(entity.url("list")).content.decode()
    cell = next(Export(entity, again(cast.alice), QueryDict("")).rows())[-1]
    typed_cells = {"number": Decimal("1200.5"), "money": Decimal("380000.5"), "date": date(1988, 3, 14)}
    assert cell == typed_cells.get(type, kept)
    blind(cast)
    page = client.get(entity.url("list")).content.decode()
    assert (shown in page, "***" in page) == (False, True)
    assert next(Export(entity, again(cast.alice), QueryDict("")).rows())[-1] == "***"


def test_who_reads_a_mask_leaves_the_value_by_leaving_the_mask_and_may_overwrite_or_empty_it(client, cast):
    field, entity = sensitive(), registry["customers"]
    record = holding(field, owner=cast.alice, name="Before")
    blind(cast)
    client.force_login(cast.alice)
    url = entity.url("change", record)
    steps = (({"name": "After"}, PLAIN), ({"custom_salary": "new"}, "new"), ({"custom_salary": ""}, None))
    for typed, expected in steps:
        page = client.get(url)
        assert PLAIN not in page.content.decode()
        assert client.post(url, form_data(page) | typed).status_code == 303
        record.refresh_from_db()
        assert (record.name, record.held(field)) == ("After", expected)
    refused = client.post(url, form_data(client.get(url)) | {"custom_salary": "x" * 201})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["custom_salary"])
    assert "x" * 201 in refused.content.decode(), "nothing typed is lost"


def test_what_two_people_change_is_kept_or_asked_about_and_the_question_tells_no_secret(client, cast):
    field, other, entity = sensitive(), sensitive("bonus"), registry["customers"]
    record = holding(field, owner=cast.alice)
    client.force_login(cast.alice)
    url = entity.url("change", record)
    data = form_data(client.get(url))
    theirs = Customer.objects.get(pk=record.pk)
    theirs.hold(field, "theirs")
    theirs.save()
    assert client.post(url, data | {"custom_bonus": "mine"}).status_code == 303
    record.refresh_from_db()
    assert (record.held(field), record.held(other)) == ("theirs", "mine")
    data = form_data(client.get(url))
    record.hold(field, PLAIN)
    record.save()
    refused = client.post(url, data | {"custom_salary": "mine"})
    told = [(c.label, c.opened, c.theirs, c.mine) for c in refused.context["form"].conflicts]
    assert (refused.status_code, told) == (409, [("Salary", "theirs", PLAIN, "mine")])
    blind(cast)
    refused = client.post(url, data | {"custom_salary": "mine"})
    told = [(c.label, c.opened, c.theirs, c.mine) for c in refused.context["form"].conflicts]
    assert (refused.status_code, told) == (409, [("Salary", "***", "***", "mine")])
    assert PLAIN not in refused.content.decode()


# -- revealing ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def seen_by_carol(cast):
    """A customer of Alice's that Carol sees and whose protected values she does not."""
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    return holding(sensitive(type="money"), "380000.5", owner=cast.alice, name="Acme")


def test_a83_a_mask_has_its_button_and_a_click_is_logged_counted_and_limited(client, cast, seen_by_carol):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.REVEAL).update(daily_limit=1)
    client.force_login(cast.carol)
    door = f"/customers/{seen_by_carol.pk}/reveal/?field=custom_salary"
    body = client.get(f"/customers/{seen_by_carol.pk}/?tab=details").content.decode()
    assert ("***" in body, "380" in body, door in body) == (True, False, True)
    asked = client.get(door).content.decode()
    assert ("Reveal Salary" in asked, "380" in asked) == (True, False)
    reasons = client.get(f"/customers/{seen_by_carol.pk}/access/").content.decode()
    assert "In full for roles with the right “See protected values”; others read a mask." in reasons
    assert AccessLogEntry.objects.filter(kind="reveal").count() == 0
    assert "¥380,000.50" in client.post(door).content.decode()
    entry = AccessLogEntry.objects.get(kind="reveal")
    assert (entry.user, entry.subject_id, entry.facts) == (cast.carol, seen_by_carol.pk, {"field": "custom_salary"})
    refused = client.post(door)
    assert (refused.status_code, "380000" in refused.content.decode()) == (429, False)


def test_no_way_leads_to_a_hidden_removed_plain_or_damaged_value_or_without_the_right(client, cast, seen_by_carol):
    field = FieldDefinition.objects.get()
    define("plain", "text")
    client.force_login(cast.carol)
    door, page = f"/customers/{seen_by_carol.pk}/reveal/", f"/customers/{seen_by_carol.pk}/?tab=details"
    assert client.post(f"{door}?field=custom_plain").status_code == 404
    seal = base64.b64encode(b"\x01ff").decode()
    Customer.objects.filter(pk=seen_by_carol.pk).update(sealed={"salary": seal})
    assert "field=custom_salary" not in client.get(page).content.decode()
    assert "damaged" in client.post(f"{door}?field=custom_salary").content.decode()
    FieldRule.objects.create(role=cast.worker, entity="customers.customer", field="custom_salary", right="hide")
    assert client.post(f"{door}?field=custom_salary").status_code == 404
    assert "Salary" not in client.get(page).content.decode()
    FieldRule.objects.all().delete()
    services.remove(field, actor=cast.root)
    assert client.post(f"{door}?field=custom_salary").status_code == 404
    services.restore(field, actor=cast.root)
    RoleRule.objects.filter(role=cast.worker, action=Action.REVEAL).delete()
    assert client.post(f"{door}?field=custom_salary").status_code == 403
    client.force_login(cast.dave)
    assert client.post(f"{door}?field=custom_salary").status_code == 404


# -- the cell ----------------------------------------------------------------------------------------------------------
def test_ciphertext_in_another_row_or_field_and_without_its_key_is_damaged_and_its_pages_live(client, cast):
    field, other = sensitive(), sensitive("bonus")
    record, second = holding(field, owner=cast.alice), make_customer(cast.alice)
    sealed = record.sealed["salary"]
    for moved in ({"sealed": {"salary": sealed}}, {"key": Customer(key=None).key, "sealed": {"salary": "***"}}):
        Customer.objects.filter(pk=second.pk).update(**moved)
        assert isinstance(Customer.objects.get(pk=second.pk).held(field), Damaged)
    Customer.objects.filter(pk=record.pk).update(sealed={"bonus": sealed})
    assert isinstance(Customer.objects.get(pk=record.pk).held(other), Damaged)
    client.force_login(cast.alice)
    url = registry["customers"].url("change", record)
    assert client.get("/customers/").status_code == 200
    assert "\ufffd\ufffd\ufffd" in client.get(f"/customers/{record.pk}/?tab=details").content.decode()
    assert client.post(url, form_data(client.get(url)) | {"name": "After"}).status_code == 303
    record.refresh_from_db()
    assert (record.name, record.sealed) == ("After", {"bonus": sealed}), "a damaged value stays as it is"


def test_rotation_seals_rows_and_their_copies_in_the_change_log_anew(cast, settings):
    field = sensitive()
    record = holding(field, "first", owner=cast.alice)
    record.hold(field, PLAIN)
    record.save()
    events, version = Customer.pgh_event_model.objects.filter(pgh_obj_id=record.pk), record.version
    number = events.count()
    settings.DATA_KEYS = settings.DATA_KEYS | {2: bytes([2]) * 32}
    ciphers.cache_clear()
    try:
        assert 1 in rotation.numbers_in_use()
        assert rotation.rotate(chunk=1).damaged == 0
        assert rotation.numbers_in_use() == {2}
        settings.DATA_KEYS = {2: settings.DATA_KEYS[2]}
        ciphers.cache_clear()
        record.refresh_from_db()
        assert record.held(field) == PLAIN
        told = [change.fields[-1] for change in changes_of(record, again(cast.alice)) if change.fields]
        assert [(one.before, one.after) for one in told if one.label == "Salary"] == [("first", PLAIN), ("—", "first")]
        assert (events.count(), Customer.objects.get().version) == (number, record.version)
        assert version <= record.version
        assert rotation.rotate().sealed == 0
    finally:
        ciphers.cache_clear()


@pytest.mark.parametrize("kind", ["custom", "protected"])
def test_a_key_is_needed_as_long_as_lines_of_imports_hold_what_it_has_sealed(cast, settings, kind):
    contact = holding(sensitive(entity="customers.contact"), birthday=date(1988, 3, 14))
    columns = (
        {"sealed": {**contact.sealed, "broken": "***"}}
        if kind == "custom"
        else {"birthday": data_of(contact)["birthday"]}
    )
    batch = ImportBatch.objects.create(user=cast.alice, entity="contacts", name="c.csv", headings=[], columns={})
    settings.DATA_KEYS = settings.DATA_KEYS | {2: bytes([2]) * 32}
    ciphers.cache_clear()
    try:
        for line in (
            StagedRow(batch=batch, line=2, cells=[], data=columns, decision="create"),
            ImportedRow(batch=batch, line=2, outcome="updated", record_id=contact.pk, before=columns),
        ):
            line.save()
            assert rotation.rotate().still_needed == {1}
            line.delete()
        assert rotation.rotate().still_needed == set()
    finally:
        ciphers.cache_clear()


def test_the_bin_keeps_a_value_and_a_permanent_deletion_takes_it_along(cast):
    field = sensitive()
    record = holding(field, owner=cast.alice)
    act = delete(record, actor=cast.alice)
    assert Customer.everything.get(pk=record.pk).held(field) == PLAIN
    restore(act, actor=cast.alice)
    assert Customer.objects.get(pk=record.pk).held(field) == PLAIN


def test_a_list_pays_no_query_without_sensitive_fields_and_none_more_with_many(client, cast):
    for number in range(3):
        make_customer(cast.alice, name=f"C{number}")
    client.force_login(cast.alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/customers/").status_code == 200
        return len(found)

    queries()
    without = queries()
    fields = [sensitive(f"f{number}") for number in range(4)]
    for record in Customer.objects.all():
        for field in fields:
            record.hold(field, PLAIN)
        record.save()
    assert queries() == without


# -- definitions -------------------------------------------------------------------------------------------------------
def posted(cast, **data):
    given = QueryDict(mutable=True)
    given.update({"name_zh": "工资", "name_en": "Salary", "type": "text", "order": "0", "is_sensitive": "on"} | data)
    form = DefinitionForm(given, entity=registry["customers"], user=again(cast.root))
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("data", "name", "in_english", "in_chinese"),
    [
        ({"type": "choice"}, "is_sensitive", "Only text, long text", "只有"),
        ({"type": "datetime"}, "is_sensitive", "Only text, long text", "只有"),
        ({"type": "link"}, "is_sensitive", "Only text, long text", "只有"),
        ({"sortable": "on"}, "sortable", "cannot be sorted by encrypted", "加密"),
        ({"starts_with": "100"}, "starts_with", "begins empty", "加密"),
    ],
)
def test_what_cannot_be_sensitive_is_said_in_both_languages(cast, data, name, in_english, in_chinese):
    assert in_english in str(posted(cast, **data).errors[name])
    with translation.override("zh-hans"):
        assert in_chinese in str(posted(cast, **data).errors[name])
    assert FieldDefinition.objects.count() == 0


def test_a_sensitive_field_is_never_searched_filtered_or_sorted_and_the_dictionary_says_protected(client, cast):
    field = posted(cast, is_searchable="on").save_for(cast.root)
    assert (field.is_sensitive, field.is_searchable, field.slot) == (True, False, "")
    holding(field, owner=cast.alice, name="Acme")
    listing = Listing(registry["customers"], again(cast.alice), QueryDict(f"custom_salary={PLAIN}&sort=custom_salary"))
    assert [row.record.name for row in listing.rows] == ["Acme"], "no such filter, no such order"
    client.force_login(cast.alice)
    for query in (f"/customers/?q={PLAIN}", f"/search/?q={PLAIN}"):
        assert "Acme" not in client.get(query).content.decode()
    with translation.override("en"):
        (entry,) = [one for one in Dictionary().entries() if one.code == "custom_salary"]
    assert entry.protected == "encrypted, masked"


def test_a_field_stays_sensitive_or_plain_and_says_why_and_keeps_its_values_when_removed(client, cast):
    field, plain = sensitive(), define("plan", "text")
    record = holding(field, owner=cast.alice)
    client.force_login(cast.root)
    page = client.get(f"/settings/fields/{plain.pk}/")
    assert "Only a new field can be made sensitive" in page.content.decode()
    forged = form_data(page) | {"is_sensitive": "on"}
    assert client.post(f"/settings/fields/{plain.pk}/", forged).status_code == 303
    page = client.get(f"/settings/fields/{field.pk}/")
    assert not {"sortable", "is_searchable", "starts_with"} & set(page.context["form"].fields)
    without_mark = {name: value for name, value in form_data(page).items() if name != "is_sensitive"}
    assert client.post(f"/settings/fields/{field.pk}/", without_mark).status_code == 303
    assert dict(FieldDefinition.objects.values_list("code", "is_sensitive")) == {"salary": True, "plan": False}
    with translation.override("en"):
        assert "sealed" in retyping.refusal(field, "long_text")
    assert client.post(f"/settings/fields/{field.pk}/type/", {"type": "long_text"}).status_code == 422
    question = client.get(f"/settings/fields/{field.pk}/remove/").content.decode()
    assert "Records with a value in this field: 1" in question
    client.post(f"/settings/fields/{field.pk}/remove/")
    assert PLAIN not in client.get(f"/customers/{record.pk}/?tab=details").content.decode()
    client.post(f"/settings/fields/{field.pk}/restore/")
    assert PLAIN in client.get(f"/customers/{record.pk}/?tab=details").content.decode()


# -- import and admin --------------------------------------------------------------------------------------------------
def lines_of_imports() -> str:
    """The staging table and the ledger of imports as text, as pg_dump would write them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(s)::text FROM crm_stagedrow s UNION ALL SELECT row_to_json(i)::text"
            " FROM crm_importedrow i"
        )
        return "\n".join(text for (text,) in cursor.fetchall())


def test_an_import_fills_sensitive_fields_and_stages_nothing_readable(client, cast):
    field, budget = sensitive(), sensitive("budget", "money")
    batch = checked(signed_in(client, cast.alice), f"name,Salary,Budget\n海川,{PLAIN},380000.50\n长江,,7391x\n")
    staged = lines_of_imports()
    assert [text for text in (PLAIN, "380000", "7391x") if text in staged] == []
    at = f"/customers/import/?batch={batch.pk}"
    assert "7391x" in client.get(at).content.decode(), "who imports reads the line as it is"
    client.post(at)
    run_waiting()
    record = Customer.objects.get()
    assert (record.held(field), record.held(budget), record.custom) == (PLAIN, "380000.5", {})


def test_an_import_changes_fills_and_takes_back_sealed_values_and_a_mask_says_nothing(client, cast):
    field, budget = sensitive(), sensitive("budget", "money")
    empty, kept, same, filled = (make_customer(cast.alice, name=f"C{number}") for number in range(4))
    for record, value in ((kept, "old"), (same, PLAIN), (filled, "old")):
        record.hold(field, value)
        record.save()
    before = {row.pk: (row.key, row.sealed) for row in Customer.objects.all()}
    text = (
        f"number,Salary,Budget\n{empty.number},{PLAIN},73918265\n{kept.number},***,73918265\n{same.number},{PLAIN},\n"
    )
    client = signed_in(client, cast.alice)
    checked(client, text + f"{filled.number},{PLAIN},73918265\n")
    batch = ImportBatch.objects.get()
    assert [*batch.rows.order_by("line").values_list("decision", flat=True)] == ["update", "update", "same", "update"]
    batch.rows.filter(target_id=filled.pk).update(decision="fill")
    client.post(f"/customers/import/?batch={batch.pk}")
    run_waiting()

    def values():
        return {row.name: (row.held(field), row.held(budget)) for row in Customer.objects.all()}

    assert values() == {
        "C0": (PLAIN, "73918265"),
        "C1": ("old", "73918265"),
        "C2": (PLAIN, None),
        "C3": ("old", "73918265"),
    }
    assert [text for text in (PLAIN, "73918265") if text in lines_of_imports()] == []
    assert client.post(f"/jobs/{ImportBatch.objects.get().run_job_id}/undo/").status_code == 303
    run_waiting()
    assert {row.pk: (row.key, row.sealed) for row in Customer.objects.all()} == before


def test_the_admin_masks_and_keeps_what_is_not_open_to_the_administrator(client, cast):
    field = sensitive()
    record = holding(field, owner=cast.alice)
    administrator = make_user("clerk", None, Group.objects.create(name="Administrator"))
    setup_roles()
    url = f"/admin/customers/customer/{record.pk}/change/"
    for is_open in (True, False):
        client.force_login(administrator)
        page = client.get(url)
        text = page.content.decode()
        assert (PLAIN in text, 'value="***"' in text) == (is_open, not is_open)
        form = page.context["adminform"].form
        data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
        for formset in page.context["inline_admin_formsets"]:
            management = formset.formset.management_form
            data |= {management[name].html_name: management[name].value() for name in management.fields}
        assert client.post(url, data | {"name": f"After {is_open}"}).status_code == 302
        record.refresh_from_db()
        assert (record.name, record.held(field)) == (f"After {is_open}", PLAIN)
        RoleRule.objects.filter(action=Action.REVEAL).delete()
