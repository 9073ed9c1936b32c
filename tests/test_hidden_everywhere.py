"""A record that one may not see: no suggestion, search, column, order, filter, export or other parent gives it away."""

import io
import json
import zipfile
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.http import QueryDict

from crm.access import Catalogue, Part, Root
from crm.entities import registry
from crm.fields.known import known_fields, refusal
from crm.listing import Listing
from crm.models import FieldRule
from crm.ownership import assign
from customers.models import Customer
from tests.cast import again
from tests.factories import factories
from tests.rows import changed, fingerprint
from tests.test_matrix import is_narrow

pytestmark = pytest.mark.django_db
CANARY = "CANARYHIDDEN"
NAMES = ("name", "subject", "text", "title", "short_name", "purpose")


def canaries(owner) -> dict:
    """{slug: a row of every narrow kind of record of the owner}, with the canary in its text wherever it has one."""
    found = {}
    for slug, entity in registry.items():
        if is_narrow(entity):
            record = factories()[entity.model._meta.label_lower](owner)
            columns = {field.name for field in entity.model._meta.concrete_fields if not field.generated}
            named = {name: CANARY for name in NAMES if name in columns}
            entity.model.objects.filter(pk=record.pk).update(**named)
            found[slug] = record
    Customer.objects.filter(owner=owner).update(name=CANARY)
    return found


def test_a07_a08_no_suggestion_and_no_search_names_a_hidden_record(client, cast):
    """Every model that /choices/ knows, every list with q, the search page, the check for twins, as an outsider."""
    canaries(cast.alice)
    told = {}
    for who in (cast.carol, cast.dave):
        client.force_login(who)
        for model in apps.get_models():
            if not isinstance(getattr(model, "access", None), (Root, Part, Catalogue)):
                continue
            answer = client.get(f"/choices/{model._meta.label_lower}/", {"q": CANARY[:8]})
            if answer.status_code != 200 or json.loads(answer.content)["choices"]:
                told[f"{who} {model._meta.label_lower}"] = answer.content[:80]
        pages = [entity.url("list") for entity in registry.values()] + ["/search/"]
        for address in pages:
            page = client.get(address, {"q": "CANARYH"}).content.decode()
            if CANARY in page:
                told[f"{who} {address}"] = "list"
    assert told == {}
    client.force_login(cast.bob)
    assert CANARY in client.get("/choices/customers.customer/", {"q": "CANARYH"}).content.decode()
    assert CANARY in client.get("/search/", {"q": "CANARYH"}).content.decode()


def test_a05_no_child_is_added_to_a_hidden_parent_or_moved_there(client, cast):
    """Every kind of part: added under the hidden parent of another, named in the address and in the form."""
    told, done = {}, 0
    hidden = canaries(cast.alice)
    client.force_login(cast.carol)
    before = fingerprint()
    for slug, entity in registry.items():
        if not isinstance(entity.model.access, Part) or not entity.has("add"):
            continue
        fields = entity.form_class().base_fields
        for name in {"record", *(path.split("__")[-1] for path in entity.parents)} & set(fields):
            wanted = fields[name].queryset.model
            parent = next((record for record in hidden.values() if type(record) is wanted), None)
            if parent is None:
                continue
            done += 1
            page = client.get(entity.url("add"), {name: parent.pk, "record": parent.pk})
            if CANARY in page.content.decode():
                told[f"{slug} {name}"] = "named"
            answer = client.post(entity.url("add"), {name: str(parent.pk), "record": parent.pk, "text": "x"})
            if answer.status_code not in (403, 404, 422) or CANARY in answer.content.decode():
                told[f"{slug} {name} post"] = answer.status_code
            elif answer.status_code == 422 and name not in answer.context["form"].errors:
                told[f"{slug} {name} post"] = "not refused for its parent"
    assert told == {}
    assert done > 8
    assert changed(before, fingerprint()) == []


def test_a11_a_hidden_field_named_by_hand_shows_nowhere(client, cast):
    """In the columns, order and filters of the address, in the page and in both forms of an export."""
    customer = factories()["customers.customer"](cast.alice, region=CANARY, background=CANARY)
    for field in ("region", "background"):
        FieldRule.objects.create(entity="customers.customer", field=field, role=cast.worker, right="hide")
    client.force_login(cast.alice)
    named = {"columns": "name,region,background", "sort": "region", "region": CANARY, "fields": "region"}
    for address in ("/customers/", "/customers/export/", f"/customers/{customer.pk}/?tab=details",
                    f"/customers/{customer.pk}/change/"):  # fmt: skip
        page = client.get(address, {} if "tab" in address else {**named, "region": ""}).content.decode()
        assert CANARY not in page, address
    for form in ("csv", "xlsx"):
        answer = client.post(f"/customers/export/?columns={named['columns']}&sort=region", {"format": form, **named})
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        if form == "xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(map(book.read, book.namelist()))
        assert CANARY not in content.decode()
        assert customer.name in content.decode()


def test_a11_no_kind_of_record_takes_a_hidden_field_as_column_order_or_filter(cast):
    """Every field that a rule may hide, of every kind: by its name, its order, and the parameters of its filters."""
    ways, told = 0, {}
    for slug, entity in registry.items():
        known = [one for one in known_fields(entity) if not refusal(one, "hide", False)]
        hidden = {one.name for one in known}
        label = entity.model._meta.label_lower
        FieldRule.objects.bulk_create(
            FieldRule(entity=label, field=name, role=cast.worker, right="hide") for name in hidden
        )
        columns = [column for column in entity.columns if column.name in hidden]
        filters = [name for one in entity.filters if one.name in hidden for name in one.names]
        ways += len(columns) + len(filters)
        for sort in ["", *(column.sort for column in columns if column.sort)]:
            params = QueryDict(urlencode({"columns": ",".join(hidden), "sort": sort} | dict.fromkeys(filters, "1")))
            listing = Listing(entity, again(cast.alice), params)
            shown = hidden & {column.name for column in listing.all_columns}
            if shown or listing.is_filtered or listing.sort != entity.default_sort or listing.chips:
                told[f"{slug} {sort}"] = (shown, listing.is_filtered, listing.sort)
            told |= {f"{slug} {name}": "filter" for name in set(filters) & set(listing.form.fields)}
    assert told == {}
    assert ways > 60


def test_a23_after_a_transfer_nothing_of_the_record_is_suggested_or_found(client, cast):
    customer = factories()["customers.customer"](cast.alice, name=CANARY)
    contact = factories()["customers.contact"](cast.alice, customer=customer, name=f"{CANARY} C")
    assign(customer, cast.carol, actor=cast.root)
    client.force_login(cast.alice)
    for model in ("customers.customer", "customers.contact"):
        answer = client.get(f"/choices/{model}/", {"q": "CANARYH"})
        assert json.loads(answer.content) == {"choices": []}, model
    for address in (f"/customers/{customer.pk}/", f"/contacts/{contact.pk}/", f"/customers/{customer.pk}/access/"):
        assert client.get(address).status_code == 404, address
    assert CANARY not in client.get("/search/", {"q": "CANARYH"}).content.decode()
