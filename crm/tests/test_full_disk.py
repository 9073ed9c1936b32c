"""A full disk at every door that takes or gives out a file: a clear sentence, nothing half kept, nothing typed lost."""

import contextlib
import errno
import os
import resource
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import jobs
from crm.forms import choice_text
from crm.models import ImportBatch, Job, StoredFile
from customers.entities import CustomerFiles
from customers.models import CustomerFile
from tests.factories import factories

pytestmark = pytest.mark.django_db
SMALL, LARGE = 300_000, 1_500_000  # one stays in memory until it is kept, the other goes through the temporary folder
SENTENCE = {"en": "There is no room left on the server", "zh-hans": "服务器磁盘空间已满"}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path / "files"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path


@contextlib.contextmanager
def little_room():
    """No file of this process grows beyond 100 KB, as on a disk that has no more. Compiled code is not kept meanwhile:
    Python 3.11 would keep half a file of it, which ends every process that loads it."""
    before, keeps_none = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = keeps_none


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_import_says_that_there_is_no_room(client, cast, folders, size, language):
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(language=language)
    client.force_login(cast.alice)
    file = SimpleUploadedFile("customers.csv", b"name\n" + b"x" * size)
    with little_room():
        answer = client.post("/customers/import/", {"file": file})
    assert answer.status_code == 422
    assert SENTENCE[language] in answer.context["form"].errors["file"][0]
    assert (StoredFile.objects.count(), ImportBatch.objects.count(), Job.objects.count()) == (0, 0, 0)
    assert left_in(folders) == []


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_attachment_says_that_there_is_no_room_and_names_the_file(client, cast, folders, size):
    customer = factories()["customers.customer"](cast.alice)
    client.force_login(cast.alice)
    files = [SimpleUploadedFile("fine.txt", b"fine"), SimpleUploadedFile("notes.txt", b"x\n" * (size // 2))]
    with little_room():
        url = f"{CustomerFiles.url('add')}?record={customer.pk}"
        answer = client.post(url, {"record": customer.pk, "files": files})
    assert answer.status_code == 422
    said = answer.context["form"].errors["files"]
    assert (len(said), said[0].startswith(f"notes.txt: {SENTENCE['en']}")) == (1, True)
    assert answer.context["form"]["record"].value() == choice_text(customer)
    assert (StoredFile.objects.count(), CustomerFile.objects.count()) == (0, 0)
    assert left_in(folders) == []


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_temporary_file_that_cannot_even_be_made_says_so(client, cast, folders, monkeypatch):
    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", full)
    client.force_login(cast.alice)
    answer = client.post("/customers/import/", {"file": SimpleUploadedFile("a.csv", b"name\n" + b"x" * LARGE)})
    assert SENTENCE["en"] in answer.context["form"].errors["file"][0]


def test_a_download_says_that_there_is_no_room(client, cast, folders, monkeypatch):
    monkeypatch.setattr("crm.exchange.writing.TemporaryFile", full)
    client.force_login(cast.alice)
    answer = client.get("/customers/import/?file=template")
    assert answer.status_code == 507
    assert SENTENCE["en"] in answer.content.decode()


def test_another_error_of_the_system_is_not_called_a_full_disk(client, cast, folders, monkeypatch):
    def broken(*args):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("crm.exchange.writing.TemporaryFile", broken)
    client.force_login(cast.alice)
    with pytest.raises(OSError, match="broken"):
        client.get("/customers/import/?file=template")


def test_a_job_that_finds_no_room_for_a_temporary_file_says_so_and_is_tried_again(cast, monkeypatch, woken):
    monkeypatch.setitem(jobs.kinds, "full", jobs.Kind("full", "Full", full))
    job = jobs.enqueue("full", user=cast.alice, parameters={})
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error[:34]) == ("queued", SENTENCE["en"][:34])
