"""Files are kept whole or not at all, below FILES_DIR, and leave when their time is over."""

import errno
import hashlib
import os
from datetime import timedelta

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import timezone, translation

from crm import files
from crm.files import StorageFull, save_file
from crm.mail import queue_mail
from crm.models import Job, StoredFile, User

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def everything_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def make_user():
    return User.objects.create_user("alice", name="Alice")


def test_a_file_is_written_whole_with_its_size_and_sum(storage):
    alice = make_user()
    stored = save_file(lambda file: file.write(b"pipeline"), "管道.xlsx", XLSX, user=alice, days=30)
    assert (stored.name, stored.content_type, stored.size, stored.user) == ("管道.xlsx", XLSX, 8, alice)
    assert stored.sha256 == hashlib.sha256(b"pipeline").hexdigest()
    assert stored.expires_at - stored.created_at == timedelta(days=30)
    with files.open_file(stored) as file:
        assert file.read() == b"pipeline"
    [path] = everything_below(storage)
    assert path == storage / stored.path
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_and_says_so(storage, code):
    def fill(file):
        file.write(b"half")
        raise OSError(code, os.strerror(code))

    with translation.override("en"), pytest.raises(StorageFull, match="no room left on the server's disk"):
        save_file(fill, "half.xlsx", XLSX, user=None)
    assert everything_below(storage) == []
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, PermissionError])
def test_a_writer_that_fails_leaves_nothing(storage, error):
    def fail(file):
        file.write(b"half")
        raise error

    with pytest.raises(error):
        save_file(fail, "half.xlsx", XLSX, user=None)
    assert everything_below(storage) == []


def test_a_row_that_cannot_be_written_takes_its_bytes_with_it(storage):
    with pytest.raises(ValueError, match="User"), transaction.atomic():
        save_file(lambda file: file.write(b"x"), "x.xlsx", XLSX, user="nobody")
    assert everything_below(storage) == []


def test_a_name_carries_no_path_no_control_characters_and_keeps_its_ending():
    assert files.safe_name("../../etc/passwd") == "passwd"
    assert files.safe_name("C:\\temp\\客户.csv") == "客户.csv"
    assert files.safe_name("a\x00b\r\n.pdf") == "ab.pdf"
    assert files.safe_name("") == "file"
    long = files.safe_name("长" * 300 + ".xlsx")
    assert (len(long), long[-5:]) == (200, ".xlsx")


def test_a_path_that_leaves_the_storage_is_not_opened(storage):
    storage.mkdir()
    (storage.parent / "secret").write_text("secret")
    with pytest.raises(FileNotFoundError):
        files.open_file(StoredFile(path="../secret"))


def test_a_download_is_an_attachment_that_nobody_keeps_or_guesses(storage):
    stored = save_file(lambda file: file.write(b"<html>"), "报表.html", "text/html", user=None)
    response = files.file_response(stored)
    assert b"".join(response.streaming_content) == b"<html>"
    response.close()
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%8A%A5%E8%A1%A8.html")
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")


def test_a_file_whose_bytes_are_gone_is_not_found(storage):
    stored = save_file(lambda file: file.write(b"x"), "x.pdf", "application/pdf", user=None)
    (storage / stored.path).unlink()
    with pytest.raises(Http404):
        files.file_response(stored)


def test_expired_files_leave_unless_a_waiting_mail_carries_them(storage, django_capture_on_commit_callbacks):
    old, carried, kept = (
        save_file(lambda file: file.write(b"x"), name, "application/pdf", user=None, days=1)
        for name in ("old.pdf", "carried.pdf", "kept.pdf")
    )
    queue_mail("notice", to="a@b.example", subject="s", text="t", attachments=[carried])
    StoredFile.objects.filter(pk__in=(old.pk, carried.pk)).update(expires_at=timezone.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert files.clean_files() == 1
    assert sorted(StoredFile.objects.values_list("name", flat=True)) == ["carried.pdf", "kept.pdf"]
    assert everything_below(storage) == sorted([storage / carried.path, storage / kept.path])


def test_bytes_without_a_row_leave_after_a_day(storage):
    stored = save_file(lambda file: file.write(b"x"), "x.pdf", "application/pdf", user=None)
    folder = (storage / stored.path).parent
    (folder / "lost").write_bytes(b"x")
    (folder / "half.part").write_bytes(b"x")
    (folder / "young").write_bytes(b"x")
    before = (timezone.now() - timedelta(hours=25)).timestamp()
    for path in (folder / "lost", folder / "half.part", storage / stored.path):
        os.utime(path, (before, before))
    assert files.clean_orphans() == 2
    assert everything_below(storage) == sorted([folder / "young", storage / stored.path])


def test_a_file_to_which_nothing_points_leaves_after_a_day(storage, django_capture_on_commit_callbacks):
    alice = make_user()
    forgotten, of_a_job, of_a_mail, young = (
        save_file(lambda file: file.write(b"x"), name, "application/pdf", user=alice)
        for name in ("forgotten.pdf", "job.pdf", "mail.pdf", "young.pdf")
    )
    Job.objects.create(user=alice, kind="count", file=of_a_job, state="done")
    queue_mail("notice", to="a@b.example", subject="s", text="t", attachments=[of_a_mail])
    before = timezone.now() - timedelta(hours=25)
    StoredFile.objects.exclude(pk=young.pk).update(created_at=before)
    with django_capture_on_commit_callbacks(execute=True):
        assert files.clean_files() == 1
    assert sorted(StoredFile.objects.values_list("name", flat=True)) == ["job.pdf", "mail.pdf", "young.pdf"]
    assert not (storage / forgotten.path).exists()
