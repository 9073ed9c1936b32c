"""Text that people may type or bring along: script, SQL, all of Unicode, in every text field of every form (A33, A72).

All walk over the registry of entities and the addresses of the product, so that a new form or page is covered.
"""

from urllib.parse import urlencode

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.entities import registry
from crm.forms import RecordChoiceField
from crm.models import FieldDefinition, Job, OutboxMessage, Tag, Team, User
from reports.models import ReportSchedule
from tests.cast import again
from tests.pages import addresses, make_rows, tabs
from tests.rows import changed, fingerprint
from tests.test_matrix import make, payload

pytestmark = pytest.mark.django_db
SCRIPT = "\"'><script>canary()</script><img src=x onerror=canary()>{{ 7|add:7 }}"
SHORT = "<s>x"
FORM = "application/x-www-form-urlencoded"
RAW = ("<script>canary", "<img src=x", SHORT, "14}}")
# Beyond the plane of everyday, both directions, marks that combine, no width, white space inside.
UNICODE = "Ünï 榕树 𠀀 🌳 שלום \u200f e\u0301 \u200b\u3000x\u00a0y ＝1 �"
NASTY = {
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "controls": "a\x01\x1b[31m\r\n\tb",
    "long": "x" * 10_001,
    "marks": "e" + "\u0301" * 5_000,
    "sql": "'; DROP TABLE crm_user; --",
    "formula": '=HYPERLINK("http://evil";"x")',
    "number": "1e9999999",
    "nan": "NaN",
    "minus": "-99999999999999999999999999",
    "date": "9999-99-99",
    "digits": "٣٤５",
    "list": '[1, {"a": null}]',
    "spaces": " \u3000\u200b\ufeff ",
}


@pytest.fixture
def keys(cast, tmp_path, settings, monkeypatch):
    settings.FILES_DIR = tmp_path
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)
    return make_rows(cast.alice)


def is_free_text(field) -> bool:
    """Whether a form field takes any text, so that what is typed must come back."""
    return type(field) is forms.CharField and not field.disabled and not isinstance(field.widget, forms.HiddenInput)


def free_texts(form) -> dict[str, int]:
    """{name of a field that takes any text: how long it may be}."""
    return {name: field.max_length or 4000 for name, field in form.fields.items() if is_free_text(field)}


def save_with(client, entity, record, user, text) -> tuple[dict, dict]:
    """Save the record with the text in every free field: ({field: what was typed}, {field: errors} of those that
    have a rule of their own and were then left as they are)."""
    form = entity.form_class()(instance=record, user=again(user))
    data = payload(entity, again(user), record)
    typed = {name: (text if length >= len(text) else SHORT)[:length] for name, length in free_texts(form).items()}
    answer = client.post(entity.url("change", record), data | typed)
    refused = {}
    if answer.status_code == 422:
        refused = dict(answer.context["form"].errors)
        typed = {name: value for name, value in typed.items() if name not in refused}
        answer = client.post(entity.url("change", record), data | typed)
    assert answer.status_code == 303, (entity.slug, answer.context and answer.context["form"].errors)
    return typed, refused


# Fields that take a text of a kind of their own and say so.
WITH_A_RULE = {
    "country",
    "credit_code",
    "tax_number",
    "account",
    "postcode",
    "identity_number",
    "currency",
    "code",
    "phone",
    "mobile",
    "email",
    "new_tags",
}


@pytest.mark.parametrize("text", [pytest.param(SCRIPT, id="A33"), pytest.param(UNICODE, id="A72")])
def test_what_is_typed_into_any_text_field_is_kept_as_typed(client, cast, text):
    client.force_login(cast.root)
    lost, ruled, done = {}, set(), 0
    for slug, entity in registry.items():
        if not entity.has("change"):
            continue
        record = make(entity, cast.alice)
        typed, refused = save_with(client, entity, record, cast.root, text)
        ruled |= set(refused)
        fresh = entity.model.objects.get(pk=record.pk)
        for name, value in typed.items():
            if hasattr(fresh, name):
                done += 1
                if getattr(fresh, name) != value.strip():
                    lost[f"{slug}.{name}"] = (value, getattr(fresh, name))
    assert lost == {}
    assert ruled - WITH_A_RULE == set()
    assert done > 30


def test_a33_a35_no_page_shows_script_that_somebody_typed_anywhere_as_script(client, cast, keys):
    """Every text field of every form, names of people, teams, tags, fields, schedules, jobs, mails, files; every page,
    tab, list in every column, in both languages."""
    client.force_login(cast.root)
    for slug, entity in registry.items():
        if entity.has("change"):
            record = entity.model.objects.get(pk=keys[f"{slug}/"])
            save_with(client, entity, record, cast.root, SCRIPT)
    User.objects.filter(pk=cast.alice.pk).update(name=SCRIPT[:80])
    Team.objects.filter(pk=cast.north.pk).update(name=SCRIPT[:80])
    Tag.objects.filter(pk=keys["tags/"]).update(name=SCRIPT[:40])
    FieldDefinition.objects.update(name_en=SCRIPT[:60], name_zh=SCRIPT[:60], help_en=SCRIPT, help_zh=SCRIPT)
    ReportSchedule.objects.update(name=SCRIPT[:80])
    Job.objects.update(title=SCRIPT[:80], error=SCRIPT)
    OutboxMessage.objects.update(subject=SCRIPT, html=f"<p>{SHORT}</p>", error=SCRIPT)
    for language in ("en", "zh-hans"):
        User.objects.filter(pk=cast.root.pk).update(language=language)
        client.force_login(again(cast.root))
        assert raw_in(client, keys, whole=language == "en") == {}


def raw_in(client, keys, *, whole: bool) -> dict[str, list[str]]:
    """{address: what stands in its page as markup}; whole: all pages and tabs, else the pages of customers."""
    found, asked = {}, set()
    lists = [f"{entity.url('list')}?columns={','.join(c.name for c in entity.columns)}" for entity in registry.values()]
    waiting = [*addresses(keys), *lists, "/search/?q=script", "/choices/customers.customer/?q=script"]
    if not whole:
        waiting = [one for one in waiting if one.startswith(("/customers/", "/search/", "/logs/", "/settings/"))]
    while waiting:
        address = waiting.pop(0)
        asked.add(address)
        answer = client.get(address)
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            content = answer.content.decode()
            if wrong := [word for word in RAW if word in content]:
                found[address] = wrong
            waiting += [url for url in tabs(answer) if url not in asked and url not in waiting]
    assert len(asked) > (200 if whole else 20)
    return found


def test_a72_no_text_in_any_field_breaks_a_form(client, cast):
    """All words spread over the fields, three times a form: an answer in words at the fields, and no row of it."""
    client.force_login(cast.root)
    client.raise_request_exception = False
    wrong, words = {}, list(NASTY.values())
    for slug, entity in registry.items():
        if not entity.has("change"):
            continue
        record = make(entity, cast.alice)
        names = list(entity.form_class()(instance=record, user=again(cast.root)).fields)
        for number in range(0, len(words), 5):
            spread = {name: words[(number + at) % len(words)] for at, name in enumerate(names)}
            page = "add" if number and entity.has("add") else "change"
            address = entity.url(page, record) if page == "change" else entity.url(page)
            body = urlencode(spread, errors="surrogatepass")
            answer = client.post(address, body, content_type=FORM, headers={"HX-Request": "true"})
            if answer.status_code not in (409, 422):
                wrong[f"{slug} {page} {number}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a35_a_table_of_an_import_shows_script_as_text(client, cast, settings, tmp_path, monkeypatch, language):
    """Headings, cells, names of files and the reasons for refused lines, before and after the check."""
    from crm import jobs

    settings.FILES_DIR = tmp_path
    monkeypatch.setattr("crm.jobs.wake", lambda *_args: True)
    User.objects.filter(pk=cast.alice.pk).update(language=language)
    client.force_login(again(cast.alice))
    text = f'客户名称,级别,网址,"<s>x{SCRIPT.replace(chr(34), "")}"\n{SHORT}长江,{SHORT},javascript:{SHORT},{SHORT}\n'
    file = SimpleUploadedFile(f"{SHORT}<script>canary().csv", text.encode())
    at = client.post("/customers/import/", {"file": file}).headers["Location"]
    assert [word for word in RAW if word in client.get(at).content.decode()] == []
    client.post(at)
    for job in Job.objects.filter(state=Job.State.QUEUED):
        assert jobs.run(job.pk)
    page = client.get(at).content.decode()
    assert [word for word in RAW if word in page] == []
    assert "&lt;s&gt;x长江" in page


def test_an_answer_to_a_refused_form_repeats_what_was_typed_as_text(client, cast):
    """A32: what a form gives back, in its fields and in its messages."""
    client.force_login(cast.alice)
    before = fingerprint()
    answer = client.post("/customers/add/", {"name": SCRIPT, "parent": SCRIPT, "level": SCRIPT, "owner": SCRIPT})
    assert answer.status_code == 422
    content = answer.content.decode()
    assert [word for word in RAW if word in content] == []
    assert "&lt;script&gt;canary()" in content
    assert changed(before, fingerprint()) == []


def test_the_walks_know_what_a_free_text_is(cast):
    form = registry["customers"].form_class()(user=again(cast.root))
    assert {"name", "background", "preferences"} <= set(free_texts(form))
    assert not any(isinstance(form.fields[name], RecordChoiceField) for name in free_texts(form))
