"""Pages of the sales floor that are not generic."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from crm.access import Action
from crm.views.board import next_page
from crm.views.doors import RecordView
from sales.models import StageChange
from sales.services import CannotUndo, undo_move


class UndoMovePage(RecordView):
    """Take back a move: POST, with the key of the change in the query string."""

    action = Action.CHANGE

    def post(self, request, pk):
        opportunity = self.get_record()
        key = request.GET.get("change", "")
        moves = StageChange.objects.visible_to(request.user).filter(opportunity=opportunity)
        change = get_object_or_404(moves, pk=int(key) if key.isdecimal() and int(key) < 2**63 else 0)
        try:
            undo_move(change, actor=request.user)
        except CannotUndo as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("“%(name)s” is back where it was") % {"name": opportunity})
        return HttpResponseRedirect(next_page(request, self.entity.url("record", opportunity)), status=303)
