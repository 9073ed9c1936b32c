"""Writing down a talk from the box above a customer's timeline, of itself or out of a plan."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.forms import AlreadySaved
from crm.views.doors import RecordView
from customers.entities import Customers
from customers.models import Customer, FollowUpPlan, Interaction


class LogPage(RecordView):
    """Add a talk with a customer whom one sees; to change the customer is not needed. Comes back to the timeline."""

    model = Interaction
    action = Action.ADD

    def visible(self, action: str = Action.VIEW):
        """The key in the address is the customer's: whoever sees the whole may add the part."""
        return Customer.objects.visible_to(self.request.user, action)

    def plan(self, customer, key: str):
        """The open plan with this customer that the talk is to keep, if the reader sees it."""
        rows = FollowUpPlan.objects.visible_to(self.request.user).open().filter(customer=customer)
        rows = rows.select_related("owner")
        if key == "next":  # the earliest one, which the customer's page names
            return rows.order_by("at", "pk").first()
        if not key.isdigit() or int(key) >= 2**63:
            return None
        return rows.filter(pk=int(key)).first()

    def show(self, customer, form, status=200):
        context = {"entity": Customers, "record": customer, "composer": form, "title": _("Log a contact")}
        return render(self.request, "customers/log.html", context, status=status)

    def get(self, request, pk):
        customer = get_object_or_404(self.visible(), pk=pk)
        key = request.GET.get("plan", "")
        plan = self.plan(customer, key)
        if key and plan is None:
            messages.info(request, _("This plan is no longer open. You can log the contact without it."))
        return self.show(customer, Customers.composer(customer, request.user, plan=plan))

    def post(self, request, pk):
        customer = get_object_or_404(self.visible(), pk=pk)
        plan = self.plan(customer, request.POST.get("plan", ""))
        form = Customers.composer(customer, request.user, request.POST, plan)
        if not form.is_valid():
            return self.show(customer, form, status=422)
        url = Customers.url("record", customer)
        try:
            form.save_for(request.user, lambda interaction: url)
        except AlreadySaved as already:
            messages.info(request, _("This form was saved already; here is the record."))
            return HttpResponseRedirect(already.url, status=303)
        except ValidationError:  # two people kept the plan at the same moment
            form.forget_plan()
            return self.show(customer, form, status=422)
        messages.success(request, _("Logged the contact with “%(name)s”") % {"name": customer})
        return HttpResponseRedirect(url, status=303)
