"""Pages of cases that are not generic: the conversation, replying, taking, handing over, undoing a move."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.access import Action
from crm.columns import cell_of, visible_links
from crm.forms import AlreadySaved
from crm.models import TimelineEntry
from crm.views.board import next_page
from crm.views.doors import RecordView
from crm.views.record import RecordPage, Tab
from service.conversation import clock_of, conversation
from service.events import case_moved
from service.forms import HandOverForm, ReplyForm, may_write
from service.models import Case, CaseMessage
from service.services import assign_case, take_case, undo_status

ASIDE = ("customer", "contact", "priority", "type", "channel", "owner", "team", "created_at", "first_response_at")


class CasePage(RecordPage):
    """A case opens with its conversation; the other tabs are the generic ones."""

    action = Action.VIEW

    @cached_property
    def tabs(self):
        """The messages as conversation, first; whoever may not read them begins with the timeline as elsewhere."""
        generic, base = super().tabs, self.entity.url("record", self.record)
        messages_tab = next((tab for tab in generic if tab.child and tab.child.model is CaseMessage), None)
        if messages_tab is None:
            return generic
        asked = self.request.GET.get("tab", "")
        first = Tab("conversation", _("Conversation"), base, asked in ("", "conversation"), messages_tab.count)
        others = [tab for tab in generic if tab is not messages_tab]
        timeline = replace(others[0], url=f"{base}?tab=timeline", is_on=asked == "timeline")
        return [first, timeline, *others[1:]]

    def panels(self) -> list:
        """None beside the timeline: what hangs on a case is its conversation."""
        return []

    def tab_conversation(self) -> dict:
        user, case = self.request.user, self.record
        lines, older = conversation(case, user, self.request.GET.get("older", ""))
        columns = [self.entity.column(name) for name in ASIDE]
        links = visible_links(columns, [case], user)
        return {
            "lines": lines,
            "older": older,
            "clock": clock_of(case),
            "cells": [cell_of(column, case, {}, links) for column in columns],
            "reply": ReplyForm(case=case, user=user) if may_write(user) else None,
            "may_take": case.is_open and not case.owner_id and case.may_change,
        }


class ReplyPage(RecordView):
    """Add a message to a case that one sees; to change the case is needed only for another status."""

    model = CaseMessage
    action = Action.ADD

    @property
    def record_model(self):
        return CaseMessage

    def visible(self, action: str = Action.VIEW):
        """The key in the address is the case's: whoever sees the whole may add the part."""
        return Case.objects.visible_to(self.request.user, action).select_related("customer")

    def show(self, case, form, status=200):
        context = {"entity": self.entity, "record": case, "reply": form, "title": _("Add a message")}
        return render(self.request, "service/reply.html", context, status=status)

    def get(self, request, pk):
        case = get_object_or_404(self.visible(), pk=pk)
        return self.show(case, ReplyForm(case=case, user=request.user))

    def post(self, request, pk):
        case = get_object_or_404(self.visible(), pk=pk)
        form = ReplyForm(request.POST, case=case, user=request.user)
        if not form.is_valid():
            return self.show(case, form, status=422)
        url = self.entity.url("record", case)
        try:
            form.save_for(request.user, lambda message: url)
        except AlreadySaved as already:
            messages.info(request, _("This form was saved already; here is the record."))
            return HttpResponseRedirect(already.url, status=303)
        messages.success(request, _("Added to “%(name)s”") % {"name": case})
        return HttpResponseRedirect(url, status=303)


class TakePage(RecordView):
    """POST: the reader becomes the assignee."""

    action = Action.CHANGE

    def post(self, request, pk):
        case = self.get_record()
        try:
            take_case(case, actor=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("“%(name)s” is yours now") % {"name": case})
        return HttpResponseRedirect(next_page(request, self.entity.url("record", case)), status=303)


class HandOverPage(RecordView):
    """Give the case to a person or into a queue; says that one may lose sight of it."""

    action = Action.ASSIGN

    def show(self, case, form, status=200):
        context = {
            "entity": self.entity,
            "record": case,
            "form": form,
            "title": _("Assign “%(name)s”") % {"name": case},
            "cancel_url": self.entity.url("record", case),
        }
        return render(self.request, "service/hand_over.html", context, status=status)

    def get(self, request, pk):
        case = self.get_record("owner", "team")
        return self.show(case, HandOverForm(user=request.user, initial={"owner": case.owner, "team": case.team}))

    def post(self, request, pk):
        case = self.get_record("owner", "team")
        form = HandOverForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.show(case, form, status=422)
        assign_case(case, form.cleaned_data["owner"], actor=request.user, team=form.cleaned_data["team"])
        words = {"name": case, "owner": case.owner or case.team}
        messages.success(request, _("Assigned “%(name)s” to %(owner)s") % words)
        still = self.visible().filter(pk=case.pk).exists()
        return HttpResponseRedirect(self.entity.url("record", case) if still else self.entity.url("list"), status=303)


class UndoMovePage(RecordView):
    """Take back a move: POST, with the key of its timeline entry in the query string."""

    action = Action.CHANGE

    def post(self, request, pk):
        case = self.get_record()
        key = request.GET.get("entry", "")
        moves = TimelineEntry.objects.about(case).filter(event=case_moved.code)
        entry = get_object_or_404(moves, pk=int(key) if key.isdecimal() and int(key) < 2**63 else 0)
        try:
            undo_status(entry, actor=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("“%(name)s” is back where it was") % {"name": case})
        return HttpResponseRedirect(next_page(request, self.entity.url("record", case)), status=303)
