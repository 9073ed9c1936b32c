"""The page and drawer that share one record, ending a share, and the names offered while one types."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import sharing
from crm.access import Action
from crm.forms import suggestions
from crm.models import Team, User
from crm.views.doors import RecordView
from crm.views.share_form import MOST_TARGETS, ShareForm

SUGGESTED = 12


class SharePage(RecordView):
    """Share the record with people and teams, and see who has it: for whoever may change it, who thereby never gives
    more than the person has."""

    action = Action.CHANGE

    def show(self, record, form, status=200):
        context = {
            "entity": self.entity,
            "record": record,
            "form": form,
            "title": _("Share “%(name)s”") % {"name": record},
            "grants": list(form.grants.values()),
            "changed": form.grants.get(form["instead"].value() or ""),
            "cancel_url": self.entity.url("record", record),
        }
        template = "entity/_share.html" if self.request.htmx else "entity/share.html"
        return render(self.request, template, context, status=status)

    def get(self, request, pk):
        record = self.get_record("owner", "team")
        form = ShareForm(record=record, user=request.user)
        if grant := form.grants.get(request.GET.get("with", "")):
            form.initial = ShareForm.initial_of(grant, request.user.company.zone)
            form.fields["to"].widget.spare = 0
        return self.show(record, form)

    def post(self, request, pk):
        if "more" in request.POST:
            return self.more(request)
        with transaction.atomic():
            record = self.get_record(lock=True)
            form = ShareForm(request.POST, record=record, user=request.user)
            if not form.is_valid():
                return self.show(record, form, status=422)
            data = form.cleaned_data
            sharing.give(
                record,
                data["to"],
                actor=request.user,
                change=data["level"] == Action.CHANGE,
                until=data["until"],
                reason=data["reason"],
            )
        messages.success(request, self.said(record, data["to"]))
        return self.lead_to(self.entity.url("access", record))

    def more(self, request):
        """The same form with one box more; nothing is checked yet."""
        record = self.get_record("owner", "team")
        names = [text for text in request.POST.getlist("to") if text.strip()][:MOST_TARGETS]
        form = ShareForm(record=record, user=request.user, spare=2)
        typed = {name: request.POST.get(name) for name in ("level", "until", "reason", "instead")}
        form.initial = typed | {"to": names}
        return self.show(record, form)

    def said(self, record, targets) -> str:
        number = sum(sharing.people_of(target) if isinstance(target, Team) else 1 for target in targets)
        return ngettext(
            "Shared “%(name)s” with %(number)s person", "Shared “%(name)s” with %(number)s people", number
        ) % {"name": record, "number": number}

    def lead_to(self, url: str):
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url, status=303)


class UnsharePage(RecordView):
    """End one share of the record, named by its key ("user-12"); for whoever may change the record."""

    action = Action.CHANGE

    @transaction.atomic
    def post(self, request, pk):
        record = self.get_record(lock=True)
        key = request.POST.get("with", "")
        grant = next((one for one in sharing.grants_of(record) if one.key == key), None)
        if grant is None:
            raise Http404
        sharing.end(record, grant, actor=request.user)
        messages.success(request, _("%(name)s no longer has this record through a share") % {"name": grant.target})
        back = request.POST.get("next", "")
        is_own = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(back if is_own else self.entity.url("access", record), status=303)


class ShareChoices(RecordView):
    """People and teams as lines of text, for the boxes of the share form: /shares/people/?q=li."""

    action = Action.VIEW
    model = User
    needs_right = False

    def get(self, request):
        text = request.GET.get("q", "")[:100]
        people = suggestions(User, request.user, text) if text.strip() else []
        teams = suggestions(Team, request.user, text) if text.strip() else []
        return JsonResponse({"choices": [*people, *teams][:SUGGESTED]})
