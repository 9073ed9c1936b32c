"""The outbox: what became of every mail, for Administrators. Opening a mail is written into the access log."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import mail
from crm.access import Action
from crm.files import file_response
from crm.history import log_access
from crm.models import OutboxMessage
from crm.views.doors import RecordView

PAGE = 50
State = OutboxMessage.State
TONES = {
    State.QUEUED: "blue",
    State.SENDING: "violet",
    State.SENT: "green",
    State.REFUSED: "red",
    State.FAILED: "red",
    State.HELD: "amber",
    State.UNCERTAIN: "amber",
}
# name in the address, label, states
TABS = (
    ("all", _("All"), tuple(State)),
    ("waiting", _("Waiting"), (State.QUEUED, State.SENDING, State.UNCERTAIN)),
    ("sent", _("Sent"), (State.SENT,)),
    ("refused", _("Refused"), (State.REFUSED, State.FAILED)),
    ("held", _("Held"), (State.HELD,)),
)


def described(message: OutboxMessage) -> OutboxMessage:
    """The mail with what its pages say: colour of its state, and the error in the reader's language when it is ours."""
    message.tone = TONES[message.state]
    message.why = gettext(message.error) if message.error else ""
    return message


def described_try(line: dict) -> dict:
    """One line of a mail's log for the page."""
    state = State(line["state"])
    answer = gettext(line["answer"]) if line["answer"] else ""
    return {"at": parse_datetime(line["at"]), "label": state.label, "tone": TONES[state], "answer": answer}


class OutboxList(RecordView):
    """All mails, the newest first, by state and by address or subject."""

    model = OutboxMessage
    action = Action.VIEW

    def get(self, request):
        query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        chosen = next((tab for tab in TABS if tab[0] == request.GET.get("state")), TABS[0])
        rows = self.visible()
        if query:
            rows = rows.filter(Q(address__icontains=query) | Q(subject__icontains=query))
        counts = dict(rows.order_by().values_list("state").annotate(number=Count("pk")))
        tabs = [
            {
                "label": label,
                "count": sum(counts.get(state, 0) for state in states),
                "url": f"?{urlencode({'state': name, 'q': query})}",
                "is_on": name == chosen[0],
            }
            for name, label, states in TABS
        ]
        found = rows.filter(state__in=chosen[2]).select_related("user").defer("text", "html").order_by("-pk")
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
        shown = [described(message) for message in found[: PAGE + 1]]
        older = {"state": chosen[0], "q": query, "before": shown[PAGE - 1].pk} if len(shown) > PAGE else {}
        context = {
            "title": gettext("Outbox"),
            "tabs": tabs,
            "chosen": chosen[0],
            "query": query,
            "messages_shown": shown[:PAGE],
            "older": urlencode(older),
            "body_days": mail.BODY_DAYS,
            "row_days": mail.ROW_DAYS,
        }
        return render(request, "jobs/outbox.html", context)


class OutboxMessagePage(RecordView):
    """One mail: to whom, the tries, and the body as long as it is kept."""

    model = OutboxMessage
    action = Action.VIEW

    def get(self, request, pk):
        message = described(self.get_record("user"))
        log_access("read", user=request.user, record=message, address=request.META.get("REMOTE_ADDR"))
        may_change = request.user.rights.may(OutboxMessage, Action.CHANGE)
        context = {
            "title": message.subject,
            "message": message,
            "files": message.attachments.order_by("pk"),
            "tries": [described_try(line) for line in message.log],
            "may_send": may_change and mail.can_be_sent_again(message),
        }
        return render(request, "jobs/message.html", context)


class OutboxSendAgain(RecordView):
    """Let a mail that was not sent go once more."""

    model = OutboxMessage
    action = Action.CHANGE

    def post(self, request, pk):
        message = self.get_record()
        if mail.send_again(message):
            messages.success(request, gettext("The mail is sent again"))
        else:
            messages.error(request, gettext("This mail cannot be sent again"))
        return HttpResponseRedirect(message.get_absolute_url(), status=303)


class OutboxFile(RecordView):
    """A file that the mail carries."""

    model = OutboxMessage
    action = Action.VIEW

    def get(self, request, pk, file):
        message = self.get_record()
        stored = get_object_or_404(message.attachments, pk=file)
        response = file_response(stored)
        log_access(
            "download", user=request.user, record=stored, address=request.META.get("REMOTE_ADDR"), mail=message.pk
        )
        return response
