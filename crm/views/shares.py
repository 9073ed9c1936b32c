"""What I shared and what was shared with me, over all kinds of records; ending several of mine at once."""

from django.contrib import messages
from django.core.signing import b64_decode, b64_encode
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import shared_rows
from crm.views.doors import PersonalView

PAGE = 50
MOST_AT_ONCE = 200


class SharesPage(PersonalView):
    """What the two lists have in common: pages of fifty over visible rows, the newest first."""

    is_mine = False

    def rows(self, before) -> list:
        raise NotImplementedError

    def get(self, request):
        rows = self.rows(moment_of(request.GET.get("before", "")))
        last = rows[PAGE - 1].grant.given_at if len(rows) > PAGE else None
        context = {
            "title": _("Shared by me") if self.is_mine else _("Shared with me"),
            "rows": rows[:PAGE],
            "is_mine": self.is_mine,
            "older": b64_encode(last.isoformat().encode()).decode() if last else "",
        }
        return render(request, "shares/list.html", context)


class GivenPage(SharesPage):
    """The shares that I gave: with whom, which right, until when; I end those I choose."""

    is_mine = True

    def rows(self, before):
        return shared_rows.given(self.request.user, before=before, limit=PAGE + 1)

    def post(self, request):
        keys = request.POST.getlist("share")[:MOST_AT_ONCE]
        ended = shared_rows.end_given(keys, actor=request.user)
        if not keys:
            messages.info(request, _("Nothing was chosen. Tick the shares that are to end."))
        else:
            messages.success(
                request, ngettext("Ended %(number)s share", "Ended %(number)s shares", ended) % {"number": ended}
            )
        if skipped := len(keys) - ended:
            text = ngettext(
                "%(number)s was left out: it is not yours, or it had ended already",
                "%(number)s were left out: they are not yours, or they had ended already",
                skipped,
            )
            messages.warning(request, text % {"number": skipped})
        return HttpResponseRedirect(reverse("share-given"), status=303)


class ReceivedPage(SharesPage):
    """What others shared with me and my teams."""

    def rows(self, before):
        return shared_rows.received(self.request.user, before=before, limit=PAGE + 1)


def moment_of(text: str):
    """The moment of an "older" link, or None when it is absent or was tampered with."""
    try:
        moment = parse_datetime(b64_decode(text.encode()).decode()) if text else None
    except (ValueError, UnicodeError):
        return None
    return moment if moment is not None and moment.tzinfo else None
