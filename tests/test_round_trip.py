"""A list that is exported with all its columns and imported again changes nothing, whatever its kind and the file."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.http import QueryDict
from django.utils import translation

from crm import tags
from crm.access import Root
from crm.entities import registry
from crm.exchange import Export
from crm.models import ImportBatch, StagedRow
from crm.tests.test_custom_fields import define
from crm.tests.test_importing import files_in_a_folder_of_their_own, run_waiting  # noqa: F401 (acts by being there)
from crm.tests.test_tags import make_tag
from customers.models import Contact, Customer
from customers.services import add_contact
from customers.tests.factories import make_contact_point
from tests.cast import again, make_user
from tests.factories import factories
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db
AWKWARD = '=1+2, “中文”; "x"　\'y'
CUSTOM = {
    "text": AWKWARD,
    "long_text": "-2\nlines",
    "number": "1234567.25",
    "money": "99.9",
    "date": "2026-02-03",
    "datetime": "2026-02-03T04:05:00Z",
    "choice": "open",
    "choices": ["direct", "open"],
    "boolean": False,
}
PLACES = ("country", "region", "credit_code", "identity_number")  # whose values have a form of their own
ALONE = (*PLACES, "code", "order", "closed_on", "lost_reason", "lost_note")
MOVED = ("import", "staged", "job", "storedfile", "accesslog", "timeline", "mapping", "formtoken")  # the import's own


def value_for(field):
    """A value of the kind that a field takes; None for those that mean something together with others."""
    if field.choices or field.name in ALONE:
        return None
    if isinstance(field, models.URLField):
        return "https://example.com/a?b=c&d=%20"
    if isinstance(field, models.TextField):
        return f"{AWKWARD}\n- second line"
    if isinstance(field, models.CharField):
        return AWKWARD[: field.max_length]
    for kind, value in (
        (models.DateTimeField, None),
        (models.DateField, date(2026, 2, 3)),
        (models.DecimalField, Decimal("1234567.80")),
        (models.BooleanField, True),
        (models.IntegerField, 7),
    ):
        if isinstance(field, kind):
            return value
    return None


def filled(entity, owner):
    """A record with a value in every column that an import may fill, as far as that is possible by itself; and a bare
    one."""
    make, model = factories(), entity.model
    bare, record = (make[model._meta.label_lower](owner=owner) for _number in range(2))
    own = {field.name: field for field in model._meta.concrete_fields}
    for name in entity.importable:
        column = entity.column(name)
        field = None if column.is_page else own.get(column.path or name)
        if field is not None and field.blank and (value := value_for(field)) is not None:
            setattr(record, field.name, value)
    if "customer" in own and "contact" in own and record.customer_id:
        record.contact = add_contact(record.customer, actor=owner, name="张 三")
    if hasattr(record, "custom"):
        for kind, value in CUSTOM.items():
            record.hold(define(f"own_{kind}", kind, model._meta.label_lower), value)
        record.hold(define("secret", "text", model._meta.label_lower, is_sensitive=True), "Secret 1")
        record.hold(define("colleague", "user", model._meta.label_lower), owner.pk)
        record.hold(define("left", "user", model._meta.label_lower), make_user("left", is_active=False).pk)
        record.hold(define("firm", "link", model._meta.label_lower), make["customers.customer"](owner=None).pk)
    for name in {"industry", "product"} & set(own):  # what nobody can choose any more
        linked = make[own[name].related_model._meta.label_lower]()
        own[name].related_model.objects.filter(pk=linked.pk).update(is_active=False)
        setattr(record, name, linked)
    if "parent" in own:
        record.parent = make["customers.customer"](owner=None)
    if "customer" in own and isinstance(model.access, Root):  # read by its name alone
        Customer.objects.filter(pk=record.customer_id).update(owner=None, team=None)
    if hasattr(record, "at"):
        record.at = record.at.replace(second=7, microsecond=123456)
    record.save()
    if hasattr(record, "tags"):
        tags.set_tags(record, [make_tag(name, model).pk for name in ("重点", "Second")], actor=owner)
    return record, bare


def make_rows(entity, owner):
    record, _bare = filled(entity, owner)
    if isinstance(record, Contact):  # works at two customers
        factories()["customers.contactrole"](owner, contact=record)
    if isinstance(record, Customer | Contact):
        for kind, value in (("phone", "051262880000"), ("email", "a@b.example"), ("mobile", "13812345678")):
            make_contact_point(**{record._meta.model_name: record}, kind=kind, value=value)


def events() -> dict[str, int]:
    """{event table of the change log: rows}."""
    models = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return {model._meta.label: model.objects.count() for model in models}


@pytest.mark.parametrize(("kind", "language"), [("xlsx", "en"), ("csv", "zh-hans")])
@pytest.mark.parametrize("slug", sorted(slug for slug, entity in registry.items() if entity.importable))
def test_what_is_exported_and_imported_again_is_unchanged(client, cast, slug, kind, language):
    entity, alice = registry[slug], cast.alice
    alice.language = language
    alice.save()
    with translation.override(language):
        make_rows(entity, alice)
        file = io.BytesIO()
        Export(entity, again(alice), QueryDict(""), all_columns=True).write(file, kind)
    client.force_login(alice)
    before, logged = fingerprint(), events()

    page = client.post(f"/{slug}/import/", {"file": SimpleUploadedFile(f"list.{kind}", file.getvalue())})
    client.post(page.url, {"action": "check"})
    run_waiting()
    batch = ImportBatch.objects.get()
    rows = {row.line: (row.decision, row.match, row.errors, row.changes) for row in batch.rows.all()}
    assert {decision for decision, *_rest in rows.values()} == {StagedRow.Decision.SAME}, rows
    client.post(page.url)
    run_waiting()
    assert [name for name in changed(before, fingerprint()) if not any(one in name for one in MOVED)] == []
    assert events() == logged


def test_a_column_of_running_numbers_is_none_of_ours(client, cast):
    """Of kinds without a reference in another system: the column is left out."""
    client.force_login(cast.alice)
    text = "编号,姓名,公司\n1001,张伟,海川\n1002,李娜,海川\n"
    page = client.post("/contacts/import/", {"file": SimpleUploadedFile("list.csv", text.encode())})
    assert client.post(page.url, {"action": "check"}).status_code == 303
    assert ImportBatch.objects.get().columns == {"1": "name", "2": "customer"}
