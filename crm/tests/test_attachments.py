"""Attached files: what is taken and what is refused, names, versions, previews, access, downloads, the scanner."""

import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from crm.attachments import RefusedFile, attach, check
from crm.attachments.checking import clean_name
from crm.deletion import delete, restore
from crm.files import open_file
from crm.models import AccessLogEntry, StoredFile, TimelineEntry
from crm.ownership import assign
from crm.tests.pictures import pdf, picture, upload, zipped
from customers.entities import CustomerFiles, Customers, InteractionFiles
from customers.models import CustomerFile
from tests.factories import factories

GIF = picture("GIF")
EXIF = Image.Exif()
EXIF[0x010E] = "CANARY-location"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def make(owner, **fields):
    return factories()["customers.customer"](owner, **fields)


def keep(customer, name="photo.png", content=None, actor=None):
    return attach(CustomerFile, customer, check(upload(name, content)), actor=actor)


def post(client, record, *files, entity=CustomerFiles):
    return client.post(f"{entity.url('add')}?record={record.pk}", {"record": record.pk, "files": list(files)})


def said(response) -> str:
    return " ".join(response.context["form"].errors.get("files", []))


@pytest.mark.parametrize(
    ("name", "content", "has_preview"),
    [
        ("photo.png", picture(), True),
        ("photo.JPG", picture("JPEG"), True),
        ("anim.gif", GIF, True),
        ("photo.webp", picture("WEBP"), True),
        ("quote.pdf", pdf(), True),
        ("letter.docx", zipped("[Content_Types].xml", "word/document.xml"), False),
        ("parts.zip", zipped("a.txt"), False),
        ("notes.txt", "报价 <b>很好</b>".encode(), False),
        ("list.csv", "名称,数量\n".encode("gb18030"), False),
    ],
)
def test_files_of_the_usual_types_are_taken(name, content, has_preview):
    checked = check(upload(name, content))
    checked.close()
    assert (checked.name, bool(checked.preview)) == (name, has_preview)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("x.svg", b"<svg onload=alert(1)>", "not kept here", id="A47-svg"),
        pytest.param("x.SVG", b"<svg/>", "not kept here", id="A47-SVG"),
        pytest.param("x.html", b"<html>", "not kept here", id="A47-html"),
        pytest.param("x.xhtml", b"<html/>", "not kept here", id="A47-xhtml"),
        pytest.param("x.xml", b"<a/>", "not kept here", id="A47-xml"),
        pytest.param("x.js", b"alert(1)", "not kept here", id="A47-js"),
        pytest.param("x.php", b"<?php", "not kept here", id="A47-php"),
        pytest.param("x.exe", b"MZ", "not kept here", id="A47-exe"),
        pytest.param("x.lnk", b"L\0", "not kept here", id="A47-lnk"),
        pytest.param("photo.png.exe", picture(), "not kept here", id="A47-double-ending"),
        pytest.param("page.html.", b"<html>", "not kept here", id="A47-trailing-dot"),
        pytest.param("page.html ", b"<html>", "not kept here", id="A47-trailing-space"),
        pytest.param("no-ending", picture(), "not kept here", id="A47-no-ending"),
        pytest.param("photo.png", b"<html><script>alert(1)</script>", "not what the ending", id="A47-wrong-magic"),
        pytest.param("photo.png", picture("JPEG"), "not what the ending", id="A47-other-picture"),
        pytest.param("big.pdf", picture(size=(3000, 2000)), "not what the ending", id="A47-picture-named-pdf"),
        pytest.param("x.gif", b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)", "two kinds", id="A47-polyglot-gif-js"),
        pytest.param("x.png", picture() + zipped("a.js"), "two kinds", id="A47-polyglot-zip"),
        pytest.param("x.jpg", picture("JPEG") + b"%PDF-1.7", "two kinds", id="A47-polyglot-pdf"),
        pytest.param("x.png", picture()[:60], "damaged", id="A47-broken-picture"),
        pytest.param("x.pdf", b"%PDF-1.7 nothing else", "damaged", id="A47-broken-pdf"),
        pytest.param("x.docx", zipped("a.txt"), "not what the ending", id="A47-zip-named-docx"),
        pytest.param(
            "x.docx", zipped("[Content_Types].xml", "word/vbaProject.bin"), "not what the ending", id="A47-macros"
        ),
        pytest.param("x.txt", b"\x7fELF\x02\x01\x01\x00", "not what the ending", id="A47-program-named-txt"),
        pytest.param("x.png", b"", "empty", id="A47-empty"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_words(name, content, words):
    with pytest.raises(RefusedFile, match=words):
        check(SimpleUploadedFile(name, content, "image/png") if content else upload(name, b""))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(settings):
    """A49: a small file that would unpack to much."""
    settings.ATTACHMENTS_MAX_PIXELS = 1000
    with pytest.raises(RefusedFile, match="40 × 30 pixels"):
        check(upload())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("../../etc/passwd.txt", "passwd.txt", id="A48-path"),
        pytest.param("C:\\temp\\a.txt", "a.txt", id="A48-windows-path"),
        pytest.param("a\x00b.txt", "ab.txt", id="A48-nul"),
        pytest.param("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt", id="A48-newline"),
        pytest.param("报表\u202egnp.exe", "报表gnp.exe", id="A48-right-to-left"),
        pytest.param("con.txt", "_con.txt", id="A48-CON"),
        pytest.param(" .. ", "_", id="A48-only-dots"),
        pytest.param("文" * 300 + ".txt", "文" * 196 + ".txt", id="A48-300-characters"),
        pytest.param('quo"te.txt', 'quo"te.txt', id="A48-quotes"),
    ],
)
def test_a_name_is_made_harmless(name, kept):
    assert clean_name(name) == kept


def test_a_preview_is_a_new_small_picture_without_what_the_camera_wrote():
    checked = check(upload("photo.jpg", picture("JPEG", (1200, 900), exif=EXIF)))
    checked.close()
    made = Image.open(io.BytesIO(checked.preview))
    assert (made.format, max(made.size), len(made.getexif()), b"CANARY" in checked.preview) == ("JPEG", 480, 0, False)


def test_files_are_attached_by_form_told_in_the_timeline_and_given_back_as_downloads(client, cast):
    """A47: served with attachment, nosniff and sandbox from a checked view; the page shows the name as text."""
    customer = make(cast.alice)
    client.force_login(cast.bob)
    response = post(client, customer, upload("<b>报价.pdf", pdf()), upload("notes.txt", b"<html>hi"))
    assert response.status_code == 303
    assert response.url == f"{Customers.url('record', customer)}?tab=customer-files"
    assert TimelineEntry.objects.about(customer).filter(event="file_attached").count() == 2
    page = client.get(response.url).content.decode()
    assert "&lt;b&gt;报价" in page
    assert "<b>报价" not in page
    notes = CustomerFile.objects.get(name="notes.txt")
    answer = client.get(CustomerFiles.url("download", notes))
    assert b"".join(answer.streaming_content) == b"<html>hi"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Type"].startswith("text/plain")
    entry = AccessLogEntry.objects.filter(kind="download").get()
    assert (entry.user, entry.subject_id, entry.facts) == (cast.bob, customer.pk, {"file": "notes.txt", "edition": 1})


def test_a_preview_is_shown_in_place_and_is_not_the_upload(client, cast):
    kept = keep(make(cast.alice), "photo.png", actor=cast.alice)
    client.force_login(cast.alice)
    answer = client.get(CustomerFiles.url("preview", kept))
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("image/jpeg", "inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"


def test_the_same_name_again_is_the_next_version_and_the_older_one_stays(client, cast):
    customer = make(cast.alice)
    first = keep(customer, "offer.txt", b"one", cast.alice)
    second = keep(customer, "offer.txt", b"two", cast.alice)
    keep(make(cast.alice), "offer.txt", b"elsewhere", cast.alice)
    assert (first.edition, second.edition) == (1, 2)
    with open_file(first.file) as file:
        assert file.read() == b"one"
    delete(second, actor=cast.alice)
    third = keep(customer, "offer.txt", b"three", cast.alice)
    assert third.edition == 3
    client.force_login(cast.alice)
    files = client.get(f"{Customers.url('record', customer)}?tab=customer-files").context["files"]
    assert [(one["newest"].edition, [old.edition for old in one["older"]]) for one in files] == [(3, [1])]


def test_who_does_not_see_the_record_reaches_no_file_of_it(client, cast):
    """A05, A14: neither adds nor reads nor deletes; also not the bytes behind the row."""
    customer = make(cast.alice)
    kept = keep(customer, actor=cast.alice)
    client.force_login(cast.carol)
    pages = [client.get(CustomerFiles.url(page, kept)).status_code for page in ("record", "download", "preview")]
    assert pages == [404, 404, 404]
    assert post(client, customer, upload()).status_code == 422
    assert client.post(CustomerFiles.url("delete", kept)).status_code == 404
    assert CustomerFile.objects.count() == 1
    assert StoredFile.objects.visible_to(cast.alice).count() == 0  # the bytes are nobody's own
    assert re.fullmatch(r"\d{4}/\d\d/[0-9a-f]{32}", kept.file.path)


def test_a_file_goes_with_its_record_to_the_new_owner(client, cast):
    """A23: whoever attached it loses it with the record."""
    customer = make(cast.alice)
    kept = keep(customer, actor=cast.alice)
    assign(customer, cast.carol, actor=cast.root)
    client.force_login(cast.alice)
    assert client.get(CustomerFiles.url("download", kept)).status_code == 404
    client.force_login(cast.carol)
    assert client.get(CustomerFiles.url("download", kept)).status_code == 200


def test_a_file_is_deleted_by_its_author_or_by_who_may_change_the_record(client, cast):
    from crm.access import share

    customer = make(cast.alice)
    share(customer, cast.carol, actor=cast.alice)
    hers, own = keep(customer, "a.txt", b"a", cast.alice), keep(customer, "c.txt", b"c", cast.carol)
    client.force_login(cast.carol)
    assert client.post(CustomerFiles.url("delete", hers)).status_code == 403
    assert client.post(CustomerFiles.url("delete", own)).status_code == 303
    client.force_login(cast.bob)
    assert client.post(CustomerFiles.url("delete", hers)).status_code == 303


def test_files_lie_in_the_recycle_bin_with_their_record_and_come_back_with_it(client, cast):
    customer = make(cast.alice)
    kept = keep(customer, actor=cast.alice)
    act = delete(customer, actor=cast.alice)
    client.force_login(cast.alice)
    assert client.get(CustomerFiles.url("download", kept)).status_code == 404
    restore(act, actor=cast.alice)
    assert client.get(CustomerFiles.url("download", kept)).status_code == 200


def test_a_talk_carries_files_too(client, cast):
    talk = factories()["customers.interaction"](cast.alice, customer=make(cast.alice))
    client.force_login(cast.bob)
    assert post(client, talk, upload("photo.png"), entity=InteractionFiles).status_code == 303
    client.force_login(cast.carol)
    assert client.get(InteractionFiles.url("download", talk.files.get())).status_code == 404


def test_of_several_files_with_one_that_is_refused_none_is_kept_and_each_is_named(client, cast):
    customer = make(cast.alice)
    client.force_login(cast.alice)
    response = post(client, customer, upload("good.png"), upload("bad.svg", b"<svg/>"), upload("x.pdf", b"no"))
    assert response.status_code == 422
    assert "bad.svg: Files of this type" in said(response)
    assert "x.pdf: The content" in said(response)
    assert (CustomerFile.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_after_a_refusal_the_page_names_the_record_in_title_and_box_and_leads_back_to_it(client, cast):
    customer = make(cast.alice, name="Acme Pumps")
    client.force_login(cast.alice)
    response = post(client, customer, upload("bad.svg", b"<svg/>"))
    body = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert "<title>Attach files to “Acme Pumps”" in body
    assert f'value="{customer.number} Acme Pumps"' in body
    assert f'value="{customer.pk}"' not in body
    assert response.context["cancel_url"] == f"/customers/{customer.pk}/?tab=customer-files"
    client.force_login(cast.carol)  # what one does not see is not named
    response = post(client, customer, upload("good.png"))
    assert (response.status_code, b"Acme" in response.content) == (422, False)
    assert not CustomerFile.objects.exists()


def test_too_large_and_too_many_are_refused_with_the_limit(client, cast, settings):
    """A54: the size of one file, the number at one record, the parts of one request."""
    customer = make(cast.alice)
    client.force_login(cast.alice)
    settings.ATTACHMENTS_MAX_BYTES = 1024 * 1024
    assert "larger than 1 MB" in said(post(client, customer, upload("a.txt", b"x" * (1024 * 1024 + 1))))
    settings.ATTACHMENTS_MAX_FILES = 1
    keep(customer, actor=cast.alice)
    response = post(client, customer, upload("b.png"))
    assert (response.status_code, CustomerFile.objects.count()) == (422, 1)
    assert "at most 1 files" in response.content.decode()
    assert post(client, customer, *(upload(f"{n}.png") for n in range(11))).status_code == 400


@pytest.mark.parametrize(("code", "words"), [(0, ""), (1, "found something"), (2, "cannot be asked")])
def test_a_scanner_is_asked_when_one_is_set_and_no_answer_is_a_refusal(settings, tmp_path, code, words):
    program = tmp_path / "scan.sh"
    program.write_text(f'#!/bin/sh\ntest -s "$1" || exit 9\nexit {code}\n')
    program.chmod(0o700)
    settings.ATTACHMENTS_SCANNER = str(program)
    if words:
        with pytest.raises(RefusedFile, match=words):
            check(upload())
    else:
        check(upload()).close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"stream: OK\0", ""), (b"stream: Eicar FOUND\0", "found something"), (b"ERROR\0", "cannot be asked")],
)
def test_clamd_is_asked_over_its_socket(settings, tmp_path, answer, words):
    import socket
    import threading

    place = str(tmp_path / "clamd.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(place)
    server.listen(1)

    def serve():
        talk, _address = server.accept()
        got = b""
        while not got.endswith(b"\0\0\0\0"):
            got += talk.recv(65536)
        talk.sendall(answer)
        talk.close()

    waiting = threading.Thread(target=serve)
    waiting.start()
    settings.ATTACHMENTS_SCANNER = f"clamd:{place}"
    try:
        if words:
            with pytest.raises(RefusedFile, match=words):
                check(upload())
        else:
            check(upload()).close()
    finally:
        waiting.join(10)
        server.close()


def test_a_scanner_that_is_not_there_lets_nothing_in(settings):
    settings.ATTACHMENTS_SCANNER = "clamd:/nowhere/clamd.ctl"
    with pytest.raises(RefusedFile, match="cannot be asked"):
        check(upload())
