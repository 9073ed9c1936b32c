"""Bad input of every sort, in both languages: a message that says what is wrong, and nothing that was typed is lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from crm.access import Action
from crm.fields import services
from crm.models import FieldDefinition, StoredFile
from customers.entities import CustomerFiles
from customers.models import ContactRole, Customer
from customers.tests.factories import make_contact, make_customer
from customers.tests.test_pages import customer_data
from tests.cast import again, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("language", ["en", "zh-hans"])]


@pytest.fixture
def alice(cast, language):
    cast.alice.language = language
    cast.alice.save(update_fields=["language"])
    return again(cast.alice)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def messages_of(response, language) -> str:
    """The errors of the form as they stand on the page: lazy words are worded where they are read."""
    with translation.override(language):
        said = " ".join(message for errors in response.context["form"].errors.values() for message in errors)
    assert all(part in response.text_plain for part in said.splitlines())
    return said


def sent_by(response) -> dict:
    """What a browser would send back of the form on this page."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("credit_code", "91350200MA000001X1", "is not a unified social credit code"),
        ("phone", "1" * 40, "is not a phone number"),
        ("email", "zhang@", "is not an e-mail address"),
        ("owner", "gone", "gone"),
        ("name", "abc\u202efdp.exe\x00", "Null characters"),
        ("founded_on", "2999-01-01", "lies in the future"),
    ],
)
def test_a_wrong_value_is_named_in_the_readers_language(cast, alice, visit, language, name, value, words):
    make_user("gone", cast.north, cast.worker, name="Gone", is_active=False)
    response = visit(alice, "/customers/add/", customer_data(background="Met at the fair") | {name: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    said = messages_of(response, language)
    assert words in said if language == "en" else is_chinese(said)
    assert value.replace("\x00", "") in response.text_plain.replace("\x00", "")
    assert "Met at the fair" in response.text_plain
    assert not Customer.everything.exists()


def test_a_parent_below_the_customer_itself_is_refused(cast, alice, visit, language):
    top = make_customer(alice, name="Top")
    low = make_customer(alice, name="Low", parent=make_customer(alice, name="Middle", parent=top))
    page = f"/customers/{top.pk}/change/"
    response = visit(alice, page, customer_data(name="Topmost", parent=f"C-{low.pk:06}"))
    assert response.status_code == 422
    assert is_chinese(messages_of(response, language)) == (language != "en")
    assert "Topmost" in response.text_plain
    top.refresh_from_db()
    assert (top.name, top.parent) == ("Top", None)


def test_a_second_primary_contact_takes_the_mark_from_the_first(cast, alice, visit, language):
    customer = make_customer(alice)
    first = make_contact(alice, customer=customer, is_primary=True).roles.get()
    data = {"name": "Zhou Min", "customer": f"C-{customer.pk:06}", "role": "finance", "primary": "on"}
    assert visit(alice, "/contacts/add/", data).status_code == 303
    assert list(ContactRole.objects.filter(is_primary=True).values_list("contact__name", flat=True)) == ["Zhou Min"]
    first.refresh_from_db()
    assert not first.is_primary


def test_a_customer_whose_owner_was_switched_off_is_saved_and_keeps_him(cast, alice, visit, language):
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])
    customer = make_customer(cast.bob, name="Acme", team=cast.north)
    page = f"/customers/{customer.pk}/change/"
    data = sent_by(visit(alice, page))
    assert visit(alice, page, data | {"name": "Acme Pumps"}).status_code == 303
    customer.refresh_from_db()
    assert (customer.name, customer.owner) == ("Acme Pumps", cast.bob)


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"), [("scan.pdf", picture()), ("photo.png", picture() + b"%PDF-1.7"), ("page.svg", b"<svg/>")]
)
def test_a_file_that_is_not_what_it_says_is_named(cast, alice, visit, language, name, content):
    customer = make_customer(alice, name="Acme Pumps")
    page = f"{CustomerFiles.url('add')}?record={customer.pk}"
    response = visit(alice, page, {"record": customer.pk, "files": [SimpleUploadedFile(name, content)]})
    assert response.status_code == 422
    assert name in response.text_plain
    assert is_chinese(messages_of(response, language)) == (language != "en")
    assert not StoredFile.objects.exists()


def test_markup_in_a_text_is_shown_as_it_was_typed(cast, alice, visit, language):
    text = '<img src=x onerror="alert(1)"> \u202egnp.exe'
    assert visit(alice, "/customers/add/", customer_data(background=text)).status_code == 303
    customer = Customer.objects.get()
    assert customer.background == text
    response = visit(alice, f"/customers/{customer.pk}/?tab=details")
    assert text in response.text_plain
    assert b"<img src=x" not in response.content


def test_a_field_that_was_removed_meanwhile_is_named_with_what_was_typed(cast, alice, visit, language):
    definition = FieldDefinition.objects.create(
        entity="customers.customer", code="plan", type="text", name_en="Plan", name_zh="计划"
    )
    customer = make_customer(alice, name="Acme")
    page = f"/customers/{customer.pk}/change/"
    data = sent_by(visit(alice, page)) | {"custom_plan": "ten machines"}
    services.remove(definition, actor=cast.root)
    response = visit(alice, page, data)
    assert response.status_code == 422
    assert is_chinese(messages_of(response, language)) == (language != "en")
    assert "ten machines" in messages_of(response, language)


def test_a_share_to_oneself_is_refused(cast, alice, visit, language):
    customer = make_customer(alice)
    data = {"to": ["alice"], "level": "view", "reason": "A visit together", "until": ""}
    response = visit(alice, f"/customers/{customer.pk}/share/", data)
    assert response.status_code == 422
    assert ("This is you." in response.text_plain) == (language == "en")
    assert "A visit together" in response.text_plain
    assert not Customer.objects.visible_to(again(cast.carol), Action.VIEW).exists()
