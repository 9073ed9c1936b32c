"""An export reads values without records where it can: the same values as the records give, for every entity."""

import pytest
from django.http import QueryDict
from django.utils import translation

from crm import tags
from crm.entities import registry
from crm.exchange.exporting import Export
from crm.exchange.flat import FlatRows
from crm.tests.test_tags import make_tag
from customers.tests.factories import make_customer
from tests.factories import factories

pytestmark = pytest.mark.django_db


def both_ways(entity, user):
    """(rows by values, rows by records) of all columns that need no record."""
    export = Export(entity, user, QueryDict(""), all_columns=True)
    export.columns = [column for column in export.columns if FlatRows(export.queryset, [column], user).fits]
    flat = FlatRows(export.queryset, export.columns, user)
    return [[list(row) for batch in rows for row in batch] for rows in (flat, export.rows_of_records())], export.columns


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_values_are_the_same_by_both_ways_for_every_entity(cast, language):
    make = factories()
    with translation.override(language):
        for entity in registry.values():
            for owner in (cast.alice, cast.bob):
                make[entity.model._meta.label_lower](owner=owner)
            (flat, records), columns = both_ways(entity, cast.root)
            assert flat == records, entity.slug
            assert columns
            assert len(flat) >= 2


def test_tags_links_and_choices_are_worded_alike(cast):
    parent = make_customer(cast.alice, name="Group", level="A")
    child = make_customer(cast.alice, name="Child", parent=parent, revenue="12.50", level="B")
    tags.set_tags(child, [make_tag("Later").pk, make_tag("Early").pk], actor=cast.root)
    (flat, records), columns = both_ways(registry["customers"], cast.root)
    assert flat == records
    place = {column.name: number for number, column in enumerate(columns)}
    row = next(row for row in flat if row[place["name"]] == "Child")
    assert (row[place["parent"]], row[place["owner"]], row[place["tags"]]) == ("Group", "Alice", "Early、Later")


def test_what_needs_a_record_is_read_with_one(cast):
    """Properties and protected values: the export as a whole then takes the way of records."""
    contact = registry["contacts"]
    export = Export(contact, cast.root, QueryDict(""), all_columns=True)
    kinds = {column.name: FlatRows(export.queryset, [column], cast.root).fits for column in export.columns}
    assert kinds["name"]
    assert not kinds["birthday"]
    assert not FlatRows(export.queryset, export.columns, cast.root).fits
