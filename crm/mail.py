"""Mail leaves through the outbox: a row a recipient, one SMTP message each, rights asked again just before sending."""

import logging
import smtplib
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_noop

from crm.broker import delay_on_commit, wake
from crm.events import plain
from crm.failpoints import failpoint
from crm.files import open_file
from crm.models import OutboxMessage
from crm.models.background import new_message_id

logger = logging.getLogger(__name__)

MAX_TRIES = 8
PAUSES = (1, 5, 15, 60, 180, 360)  # in leases: with 60 s a minute, five, a quarter of an hour, one hour, three, six
SWEEP_ROWS = 500
BODY_DAYS, ROW_DAYS = 30, 180
State = OutboxMessage.State
checks: dict[str, Callable] = {}


class KeepBackend(BaseEmailBackend):
    """Keeps all mail in the house, where the outbox shows it to Administrators. For demonstrations and development."""

    def send_messages(self, email_messages):
        return len(email_messages)


def mail_check(kind: str):
    """Register `check(message) -> str` for a kind of mail: asked just before sending, a reason holds the mail back.

    The reason is an English msgid (gettext_noop): the outbox shows it in the reader's language. "" lets the mail go.
    """

    def register(check):
        checks[kind] = check
        return check

    return register


def queue_mail(
    kind: str,
    *,
    to,
    subject: str,
    text: str,
    html: str = "",
    attachments=(),
    facts: dict | None = None,
    dedupe_key: str | None = None,
    is_secret: bool = False,
) -> OutboxMessage:
    """Write one mail to one recipient, a User or an address, in this transaction; a worker sends it after the commit.

    Subject and text are in the recipient's language already. With a dedupe_key that exists, gives the mail that has it.
    A bad or missing address gives a row that is refused, so that it is seen. attachments: StoredFiles.
    """
    user, address = (None, to) if isinstance(to, str) else (to, to.email or "")
    message = OutboxMessage(
        kind=kind,
        user=user,
        address=Truncator(address).chars(254),
        subject=one_line(subject),
        text=text,
        html=html,
        facts=plain(facts or {}),
        dedupe_key=dedupe_key,
        is_secret=is_secret,
        message_id=new_message_id(own_domain()),
        last_try=MAX_TRIES,
    )
    message.next_try_at = message.woken_at = message.created_at
    refuse_bad_address(message)
    try:
        with transaction.atomic():
            message.save(force_insert=True)
            message.attachments.set(attachments)
    except IntegrityError:
        existing = OutboxMessage.objects.filter(dedupe_key=dedupe_key).first() if dedupe_key is not None else None
        if existing is None:
            raise
        return existing
    if message.state == State.QUEUED:
        delay_on_commit("crm.tasks.send_mail", message.pk)
    return message


def refuse_bad_address(message: OutboxMessage):
    """End a new mail that cannot reach anybody; saves nothing."""
    message.error = address_error(message.address)
    if message.error:
        message.state, message.ended_at = State.REFUSED, message.created_at
        if message.is_secret:
            message.text = message.html = ""


def queue_secret_mail(to, subject: str, text: str, html: str = "") -> OutboxMessage:
    """A mail whose body opens something, such as a reset link: it goes the same way and loses its body when it ends."""
    return queue_mail("secret", to=to, subject=subject, text=text, html=html, is_secret=True)


def one_line(subject: str) -> str:
    """A subject without line breaks or control characters, at most 300 characters."""
    return Truncator(" ".join("".join(c if c.isprintable() else " " for c in str(subject)).split())).chars(300)


def own_domain() -> str:
    """The domain of the sender, for Message-IDs."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def address_error(address: str) -> str:
    if not address:
        return gettext_noop("There is no e-mail address.")
    try:
        validate_email(address)
    except ValidationError:
        return gettext_noop("This is not an e-mail address.")
    return ""


def send(message_id: int) -> bool:
    """Send one mail if it is due; False when another worker has it or it is not to be sent now."""
    message = take(message_id)
    if message is None:
        return False
    failpoint("before_smtp")
    state, answer = hand_over(message)
    failpoint("after_smtp")
    end_try(message, state, answer)
    return True


def take(message_id: int) -> OutboxMessage | None:
    """Claim a waiting mail with a lease and a try number, or hold it when the recipient may no longer have it."""
    with transaction.atomic():
        waiting = OutboxMessage.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
        message = waiting.filter(
            pk=message_id, state__in=OutboxMessage.WAITING, next_try_at__lte=Now(), tries__lt=F("last_try")
        ).first()
        if message is None:
            return None
        reason = reason_to_hold(message)
        if reason:
            end(message, State.HELD, reason)
            return None
        message.tries += 1
        OutboxMessage.objects.filter(pk=message.pk).update(
            state=State.SENDING, tries=message.tries, lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS)
        )
    return message


def reason_to_hold(message: OutboxMessage) -> str:
    """Why the mail must not leave now, as an English msgid, or ""."""
    if message.user is not None and not message.user.is_active:
        return gettext_noop("The recipient's account is switched off.")
    check = checks.get(message.kind)
    return str(check(message) or "") if check is not None else ""


def hand_over(message: OutboxMessage) -> tuple[str, str]:
    """Give the mail to the mail server: the state it is in then, and what the server said."""
    try:
        email = as_email(message)
    except FileNotFoundError:
        return State.FAILED, gettext_noop("An attachment is no longer in the storage.")
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        return State.QUEUED, answer_of(error)
    try:
        connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        return (State.REFUSED if code >= 500 else State.QUEUED), answer_of(smtplib.SMTPResponseException(code, answer))
    except smtplib.SMTPDataError as error:
        return (State.REFUSED if error.smtp_code >= 500 else State.QUEUED), answer_of(error)
    except smtplib.SMTPResponseException as error:  # the sender or the login is refused: our fault, not the recipient's
        return State.QUEUED, answer_of(error)
    except OSError as error:  # the line broke: the server may have taken the mail
        return State.UNCERTAIN, answer_of(error)
    except ValueError as error:  # headers or addresses that cannot be written
        return State.FAILED, answer_of(error)
    finally:
        close(connection)
    return State.SENT, ""


def close(connection):
    """End the conversation; the mail's fate is known by then, so a line that breaks now changes nothing."""
    try:
        connection.close()
    except OSError as error:
        logger.info("The mail server went away while the connection was closed: %s", error)


def as_email(message: OutboxMessage) -> EmailMultiAlternatives:
    """The row as a mail with its fixed Message-ID."""
    email = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.address],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    for stored in message.attachments.order_by("pk"):
        with open_file(stored) as file:
            email.attach(stored.name, file.read(), stored.content_type)
    return email


def answer_of(error: Exception) -> str:
    """What the server said, as one line for the outbox."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return one_line(f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}")
    return one_line(f"{type(error).__name__}: {error}")


def end_try(message: OutboxMessage, state: str, answer: str, at_once: bool = False):
    """Write what came of this try; after a temporary failure the next one waits longer, and the last one gives up."""
    held = OutboxMessage.objects.filter(pk=message.pk, state=State.SENDING, tries=message.tries)
    log = [*message.log, {"at": timezone.now().isoformat(), "state": state, "answer": answer}]
    with transaction.atomic():
        if not held.select_for_update().exists():
            logger.warning("Mail %s was taken over by another worker.", message.pk)
        elif state in OutboxMessage.ENDED:
            end(message, state, answer, log=log)
        elif message.tries >= message.last_try:
            end(message, State.FAILED, answer, log=log)
        else:
            # the next try lies after the last waking, so that the sweeper wakes a worker when it is due
            pause = timedelta() if at_once else pause_after(message)
            held.update(state=state, error=answer, log=log, lease_until=None, next_try_at=Now() + pause)


def pause_after(message: OutboxMessage) -> timedelta:
    """How long a mail waits after so many tries in this round."""
    number = MAX_TRIES - message.last_try + message.tries
    return timedelta(seconds=settings.LEASE_SECONDS * PAUSES[min(number, len(PAUSES)) - 1])


def end(message: OutboxMessage, state: str, error: str, **changes):
    """Put the mail into a final state; a secret one keeps nothing that opens anything."""
    if message.is_secret:
        changes |= {"text": "", "html": ""}
    OutboxMessage.objects.filter(pk=message.pk).update(
        state=state, error=error, lease_until=None, ended_at=Now(), **changes
    )


def can_be_sent_again(message: OutboxMessage) -> bool:
    ended = message.state in (State.REFUSED, State.FAILED, State.HELD)
    return ended and not message.is_secret and bool(message.text) and not address_error(message.address)


def send_again(message: OutboxMessage) -> bool:
    """Let a mail that was not sent go once more, with its tries anew; False for sent, secret or emptied ones."""
    if not can_be_sent_again(message):
        return False
    now = timezone.now()
    again = OutboxMessage.objects.filter(pk=message.pk, state=message.state).update(
        state=State.QUEUED, last_try=F("tries") + MAX_TRIES, error="", ended_at=None, next_try_at=now, woken_at=now
    )
    if again:
        delay_on_commit("crm.tasks.send_mail", message.pk)
    return bool(again)


def sweep() -> int:
    """Wake workers for mails that wait too long, and free those whose worker died while it sent."""
    for message in OutboxMessage.objects.filter(state=State.SENDING, lease_until__lt=Now()).order_by("pk")[:SWEEP_ROWS]:
        end_try(message, State.UNCERTAIN, gettext_noop("The program was stopped while it sent this."), at_once=True)
    lost = Q(woken_at__lt=Now() - timedelta(seconds=settings.LEASE_SECONDS)) | Q(woken_at__lt=F("next_try_at"))
    due = OutboxMessage.objects.filter(lost, state__in=OutboxMessage.WAITING, next_try_at__lte=Now())
    woken = 0
    for message in due.order_by("pk").only("pk", "woken_at")[:SWEEP_ROWS]:
        if OutboxMessage.objects.filter(pk=message.pk, woken_at=message.woken_at).update(woken_at=Now()):
            wake("crm.tasks.send_mail", message.pk)
            woken += 1
    return woken


def clean_outbox() -> int:
    """Empty the bodies of mails that ended long ago, and later remove their rows; gives the number of rows removed."""
    ended = OutboxMessage.objects.filter(state__in=OutboxMessage.ENDED)
    ended.filter(ended_at__lt=timezone.now() - timedelta(days=BODY_DAYS)).exclude(text="", html="").update(
        text="", html=""
    )
    return ended.filter(ended_at__lt=timezone.now() - timedelta(days=ROW_DAYS)).delete()[0]
