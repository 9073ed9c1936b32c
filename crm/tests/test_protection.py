"""A protected value is ciphertext in the database, bound to its field and row, and never garbage in Python."""

import datetime
import uuid

import pytest
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.functions import Upper
from django.test.utils import isolate_apps

from crm.keyring import KeyProblem, new_entry, parse_keys
from crm.protection import Damaged, ProtectedField, Sealed, Unreadable, blind, new_key, short
from crm.protection.cipher import cell, ciphers, seal, unseal
from crm.protection.masks import email, phone, tail

ROW, OTHER_ROW = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def ring(settings):
    """A key ring that a test may change."""
    ciphers.cache_clear()
    yield settings
    ciphers.cache_clear()


@pytest.fixture
def secret_model():
    with isolate_apps("crm"):

        class Secret(models.Model):
            key = models.UUIDField(default=new_key)
            value = ProtectedField(scope="crm.secret.value", max_length=20)
            born_on = ProtectedField(scope="crm.secret.born_on", kind="date")

            class Meta:
                app_label = "crm"

            def __str__(self):
                return "a secret"

        yield Secret


def loaded(model, **columns):
    """The row as the database gives it."""
    names = ["id", "key", "value", "born_on"]
    row = {"id": 1, "key": ROW, "value": None, "born_on": None} | columns
    values = [model._meta.get_field(name) for name in names]
    values = [
        f.from_db_value(row[f.name], None, None) if isinstance(f, ProtectedField) else row[f.name] for f in values
    ]
    return model.from_db("default", names, values)


def test_a_value_comes_back_and_two_seals_of_it_differ():
    place = cell("crm.secret.value", ROW)
    first, second = seal("13812345678", place), seal("13812345678", place)
    assert unseal(first, place) == unseal(second, place) == "13812345678"
    assert first != second
    assert len(first) == 1 + 12 + 11 + 16
    assert b"13812345678" not in first


@pytest.mark.parametrize("place", [cell("crm.secret.value", OTHER_ROW), cell("crm.secret.other", ROW)])
def test_a85_a_value_moved_to_another_row_or_field_does_not_open(place):
    sealed = seal("13812345678", cell("crm.secret.value", ROW))
    with pytest.raises(Unreadable):
        unseal(sealed, place)


def test_a_cut_empty_changed_or_foreign_value_does_not_open(ring):
    place = cell("crm.secret.value", ROW)
    sealed = seal("13812345678", place)
    for damaged in (b"", sealed[:5], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([99]) + sealed[1:]):
        with pytest.raises(Unreadable):
            unseal(damaged, place)


def test_a_new_data_key_seals_and_the_old_one_still_opens(ring):
    place = cell("crm.secret.value", ROW)
    old = seal("13812345678", place)
    ring.DATA_KEYS = ring.DATA_KEYS | {2: bytes(32)}
    ciphers.cache_clear()
    new = seal("13812345678", place)
    assert (old[0], new[0]) == (1, 2)
    assert unseal(old, place) == unseal(new, place) == "13812345678"


def test_fingerprints_depend_on_purpose_and_text_alone():
    assert blind("phone", "13812345678") == blind("phone", "13812345678") != blind("phone", "13812345679")
    assert blind("phone", "5678") != blind("email", "5678")
    assert len(blind("phone", "13812345678")) == 16
    assert -(2**31) <= short("phone.tail", "5678") < 2**31


def test_saving_seals_and_an_unchanged_value_keeps_its_ciphertext(secret_model):
    field = secret_model._meta.get_field("value")
    record = secret_model(key=ROW, value="13812345678")
    sealed = field.pre_save(record, add=True)
    again = loaded(secret_model, value=bytes(sealed))
    assert again.value == "13812345678"
    again.value = "13812345678"
    assert field.pre_save(again, add=False) == sealed
    again.value = "13912345678"
    assert field.pre_save(again, add=False) != sealed
    assert again.value == "13912345678"


def test_empty_values_are_null_in_the_database_and_empty_in_python(secret_model):
    record = secret_model(key=ROW)
    assert (record.value, record.born_on) == ("", None)
    assert [f.pre_save(record, add=True) for f in secret_model._meta.fields[2:]] == [None, None]
    assert (loaded(secret_model).value, loaded(secret_model).born_on) == ("", None)


def test_a_date_stays_a_date(secret_model):
    field, day = secret_model._meta.get_field("born_on"), datetime.date(1990, 2, 28)
    sealed = field.pre_save(secret_model(key=ROW, born_on=day), add=True)
    assert loaded(secret_model, born_on=bytes(sealed)).born_on == day


def test_a_damaged_value_shows_as_damaged_and_saving_leaves_it(secret_model):
    field = secret_model._meta.get_field("value")
    record = loaded(secret_model, value=b"\x01garbage")
    assert isinstance(record.value, Damaged)
    record.value = record.value  # what a form does with a field that nobody touched
    assert field.pre_save(record, add=False) == Sealed(b"\x01garbage")


def test_the_database_can_only_be_asked_whether_there_is_a_value(secret_model):
    for question in ({"value": "13812345678"}, {"value__contains": "1381"}, {"value__in": ["1"]}):
        with pytest.raises(FieldError, match="blind index"):
            secret_model._base_manager.filter(**question)
    assert "IS NULL" in str(secret_model._base_manager.filter(value__isnull=True).query)
    with pytest.raises(TypeError, match="only save"):
        str(
            secret_model._base_manager.annotate(x=Upper(models.Value("1", secret_model._meta.get_field("value")))).query
        )


def test_masks_keep_what_tells_people_apart_and_no_more():
    assert phone("13812345678") == "138****5678"
    assert phone("+8613812345678") == "+86138****5678"
    assert phone("051262880000x8") == "0512****0000"
    assert (phone("62880000"), phone("110")) == ("****0000", "***")
    assert (email("zhang@example.cn"), email("odd")) == ("z***@example.cn", "***")
    assert (tail("6222020200112233"), tail("123456")) == ("****2233", "***")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "index key"),
        (new_entry("1"), "index key"),
        (f"{new_entry('1')} {new_entry('1')}", "twice"),
        ("1:abc index:abc", "32 bytes"),
        (new_entry("0"), "number:key"),
        (new_entry("256"), "number:key"),
    ],
    ids=("nothing", "no index key", "twice", "short keys", "number too small", "number too large"),
)
def test_a_ring_that_is_not_whole_is_refused_without_showing_a_key(text, problem):
    with pytest.raises(KeyProblem, match=problem) as caught:
        parse_keys(text)
    assert not any(entry.partition(":")[2] in str(caught.value) for entry in text.split())


def test_a_ring_may_have_comments_lines_and_commas():
    one, two, index = new_entry("1"), new_entry("2"), new_entry("index")
    assert set(parse_keys(f"# 2026\n{one},{two}\n\n{index}  # for finding\n")) == {"1", "2", "index"}
