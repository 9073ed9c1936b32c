"""What becomes of a plan besides a talk: it is called off, did not take place, or is opened again."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from crm.access import Action
from crm.navigation import toast
from crm.views.doors import RecordView
from customers.models import FollowUpPlan
from customers.talks import set_state

State = FollowUpPlan.State


class PlanStatePage(RecordView):
    """Post the state of a plan; `to` is planned, cancelled or missed. What became a talk stays done."""

    action = Action.CHANGE
    http_method_names = ("post",)

    def post(self, request, pk):
        plan = self.get_record()
        to = request.POST.get("to") or request.GET.get("to", "")
        if to not in (State.PLANNED, State.CANCELLED, State.MISSED):
            raise BadRequest
        url = self.entity.url("record", plan)
        if not set_state(plan, to, actor=request.user):
            messages.info(
                request, _("Nothing was changed: the plan is no longer what it was when you opened this page.")
            )
        else:
            undo = f"{self.entity.url('state', plan)}?to={State.PLANNED}" if to != State.PLANNED else ""
            toast(request, _("The plan is now: %(state)s") % {"state": State(to).label}, undo=undo)
        return HttpResponseRedirect(url, status=303)
