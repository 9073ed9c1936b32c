"""Every mail is a row first; it leaves once, only to whom it still may go, and a secret one keeps no body."""

import smtplib
import socket
import time
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.utils import timezone
from django.utils.translation import gettext_noop

from crm import mail, tasks
from crm.files import save_file
from crm.mail import queue_mail, queue_secret_mail
from crm.models import OutboxMessage, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path, woken):
    settings.FILES_DIR = tmp_path
    settings.LEASE_SECONDS = 60


@pytest.fixture
def server(monkeypatch):
    """A mail server that answers with the errors in the list, one a mail, then takes everything."""
    answers = []
    taken = []

    class Server:
        def open(self):
            if answers and isinstance(answers[0], ConnectionError):
                raise answers.pop(0)

        def send_messages(self, messages):
            if answers:
                raise answers.pop(0)
            taken.extend(messages)

        def close(self):
            pass

    monkeypatch.setattr(mail, "get_connection", Server)
    Server.answers, Server.taken = answers, taken
    return Server


def make_user(**more):
    return User.objects.create_user("alice", **{"name": "Alice", "email": "alice@spruce.example", **more})


def make_mail(to="alice@spruce.example", **more):
    return queue_mail("notice", to=to, **{"subject": "Pipeline", "text": "42 open", **more})


def let_try_come(message):
    OutboxMessage.objects.filter(pk=message.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_a_mail_is_a_row_that_wakes_a_worker_after_the_commit(woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        message = make_mail(make_user())
        assert woken == []
    assert woken == [("crm.tasks.send_mail", message.pk)]
    assert (message.state, message.address, message.user.name) == ("queued", "alice@spruce.example", "Alice")
    assert django_mail.outbox == []


def test_a_mail_leaves_whole_and_once_with_its_fixed_message_id():
    files = [
        save_file(lambda file: file.write(b"xlsx"), "管道.xlsx", "application/vnd.ms-excel", user=None),
        save_file(lambda file: file.write(b"%PDF"), "管道.pdf", "application/pdf", user=None),
    ]
    message = make_mail(subject="销售管道周报", html="<p>42 open</p>", attachments=files)
    tasks.send_mail(message.pk)
    assert mail.send(message.pk) is False
    [sent] = django_mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["alice@spruce.example"], "销售管道周报", "42 open")
    assert sent.message()["Message-ID"] == message.message_id
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert [(a[0], bytes(a[1])) for a in sent.attachments] == [("管道.xlsx", b"xlsx"), ("管道.pdf", b"%PDF")]
    assert [part.content for part in sent.alternatives] == ["<p>42 open</p>"]
    message.refresh_from_db()
    assert (message.state, message.tries, message.error, message.text) == ("sent", 1, "", "42 open")


def test_the_same_key_gives_the_mail_that_exists(woken, django_capture_on_commit_callbacks):
    first = make_mail(dedupe_key="run:7:alice")
    with django_capture_on_commit_callbacks() as callbacks:
        second = make_mail(dedupe_key="run:7:alice", subject="Another")
    assert (second.pk, second.subject, callbacks) == (first.pk, "Pipeline", [])


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("", "There is no e-mail address."),
        ("nobody", "This is not an e-mail address."),
        ("a@b.example\nBcc: c@d.example", "This is not an e-mail address."),
    ],
)
def test_a_bad_address_is_a_refused_row_that_is_never_sent(address, error, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        message = make_mail(address)
    assert (message.state, message.error, woken) == ("refused", error, [])
    assert mail.send(message.pk) is False
    assert make_mail(make_user(email=None)).error == "There is no e-mail address."


def test_a_subject_is_one_line_without_control_characters():
    message = make_mail(subject="Weekly\r\nBcc: x@y.example\x00 " + "长" * 400)
    assert message.subject.startswith("Weekly Bcc: x@y.example 长")
    assert len(message.subject) == 300


def test_a_secret_mail_loses_its_body_when_it_ends(server):
    alice = make_user()
    sent = queue_secret_mail(alice, "Reset", "https://x.example/reset/abc", "<a>abc</a>")
    refused = queue_secret_mail(alice, "Reset", "https://x.example/reset/def")
    bad = queue_secret_mail("nobody", "Reset", "https://x.example/reset/ghi")
    mail.send(sent.pk)
    server.answers.append(smtplib.SMTPRecipientsRefused({"alice@spruce.example": (550, b"no such user")}))
    mail.send(refused.pk)
    assert "abc" in server.taken[0].body
    rows = OutboxMessage.objects.order_by("pk").values_list("pk", "state", "text", "html")
    assert list(rows) == [(sent.pk, "sent", "", ""), (refused.pk, "refused", "", ""), (bad.pk, "refused", "", "")]
    refused.refresh_from_db()
    assert mail.send_again(refused) is False


@pytest.mark.parametrize(
    ("error", "state", "answer"),
    [
        (
            smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"5.1.1 no such user")}),
            "refused",
            "550 5.1.1 no such user",
        ),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"busy")}), "queued", "451 busy"),
        (smtplib.SMTPDataError(554, b"spam"), "refused", "554 spam"),
        (smtplib.SMTPDataError(452, b"full"), "queued", "452 full"),
        (smtplib.SMTPAuthenticationError(535, b"bad login"), "queued", "535 bad login"),
        (smtplib.SMTPServerDisconnected("gone"), "uncertain", "SMTPServerDisconnected: gone"),
        (TimeoutError("slow"), "uncertain", "TimeoutError: slow"),
        (ConnectionRefusedError("down"), "queued", "ConnectionRefusedError: down"),
        (ValueError("bad header"), "failed", "ValueError: bad header"),
    ],
)
def test_what_the_mail_server_says_decides_what_comes_next(server, error, state, answer):
    message = make_mail()
    server.answers.append(error)
    mail.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.error, message.tries) == (state, answer, 1)
    assert [(line["state"], line["answer"]) for line in message.log] == [(state, answer)]
    assert (message.ended_at is not None) == (state in OutboxMessage.ENDED)


def test_a_temporary_refusal_waits_longer_each_time_and_is_given_up_after_eight_tries(server):
    message = make_mail()
    waits = []
    for _number in range(8):
        server.answers.append(smtplib.SMTPDataError(451, b"busy"))
        mail.send(message.pk)
        message.refresh_from_db()
        waits.append(round((message.next_try_at - timezone.now()).total_seconds() / 60))
        assert mail.send(message.pk) is False, "not before its time"
        let_try_come(message)
    assert waits[:7] == [1, 5, 15, 60, 180, 360, 360]
    assert (message.state, message.tries, message.error) == ("failed", 8, "451 busy")


def test_a_mail_that_was_not_sent_can_be_sent_again(server, django_capture_on_commit_callbacks, woken):
    message = make_mail()
    server.answers.append(smtplib.SMTPDataError(554, b"spam"))
    mail.send(message.pk)
    message.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        assert mail.send_again(message) is True
    assert woken[-1] == ("crm.tasks.send_mail", message.pk)
    mail.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 2)
    assert mail.send_again(message) is False


def test_rights_are_asked_again_just_before_sending(server, monkeypatch):
    monkeypatch.setattr(mail, "checks", {})
    alice = make_user()
    reasons = [gettext_noop("The recipient may no longer see this report.")]
    mail.mail_check("notice")(lambda message: reasons.pop() if reasons else "")
    message = make_mail(alice, facts={"run": 7})
    assert mail.send(message.pk) is False
    message.refresh_from_db()
    assert (message.state, message.error, message.tries) == ("held", "The recipient may no longer see this report.", 0)
    assert server.taken == []
    free = make_mail(alice)
    assert mail.send(free.pk) is True
    alice.is_active = False
    alice.save()
    off = make_mail(alice)
    assert mail.send(off.pk) is False
    off.refresh_from_db()
    assert (off.state, off.error) == ("held", "The recipient's account is switched off.")
    assert len(server.taken) == 1


def test_a_mail_whose_attachment_is_gone_fails_and_says_so(server, tmp_path):
    stored = save_file(lambda file: file.write(b"x"), "x.pdf", "application/pdf", user=None)
    message = make_mail(attachments=[stored])
    (tmp_path / stored.path).unlink()
    mail.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "An attachment is no longer in the storage.")


def test_a_worker_that_died_while_it_sent_leaves_an_uncertain_mail_that_goes_again_with_the_same_id(server, woken):
    message = make_mail()
    mail.take(message.pk)
    assert mail.send(message.pk) is False, "another worker has it"
    assert mail.sweep() == 0
    OutboxMessage.objects.update(
        lease_until=timezone.now() - timedelta(seconds=1), woken_at=timezone.now() - timedelta(minutes=2)
    )
    assert mail.sweep() == 1
    message.refresh_from_db()
    assert (message.state, message.error) == ("uncertain", "The program was stopped while it sent this.")
    assert mail.sweep() == 0, "a second tick at the same time wakes nobody again"
    assert woken == [("crm.tasks.send_mail", message.pk)]
    mail.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 2)
    assert server.taken[0].extra_headers["Message-ID"] == message.message_id


def test_a_worker_that_was_taken_over_does_not_overwrite_the_fate_of_a_mail(server):
    message = make_mail()
    slow = mail.take(message.pk)
    OutboxMessage.objects.update(state="sending", tries=2, lease_until=timezone.now() + timedelta(seconds=60))
    mail.end_try(slow, "refused", "550 no")
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sending", 2)


def test_a_mail_server_that_says_nothing_is_given_up_after_the_timeout(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections wait in its backlog and never hear a greeting
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        message = make_mail()
        began = time.monotonic()
        mail.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries, message.error.endswith("timed out")) == ("queued", 1, True)
    assert time.monotonic() - began < 10


def test_the_demo_keeps_its_mail_readable_and_sends_none(settings):
    settings.EMAIL_BACKEND = "crm.mail.KeepBackend"
    message = make_mail(html="<p>42 open</p>")
    assert mail.send(message.pk) is True
    message.refresh_from_db()
    assert (message.state, message.text, message.html) == ("sent", "42 open", "<p>42 open</p>")


def test_bodies_leave_after_thirty_days_and_rows_after_half_a_year(server):
    young, month, old, waiting = (make_mail() for _number in range(4))
    for message in (young, month, old):
        mail.send(message.pk)
    OutboxMessage.objects.filter(pk=month.pk).update(ended_at=timezone.now() - timedelta(days=31))
    OutboxMessage.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=181))
    OutboxMessage.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=400))
    tasks.clean()
    rows = OutboxMessage.objects.order_by("pk").values_list("pk", "text")
    assert list(rows) == [(young.pk, "42 open"), (month.pk, ""), (waiting.pk, "42 open")]
