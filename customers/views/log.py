"""Writing down a talk from the box above a customer's timeline."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.forms import AlreadySaved
from crm.views.doors import RecordView
from customers.entities import Customers
from customers.models import Customer, Interaction


class LogPage(RecordView):
    """Add a talk with a customer whom one sees; to change the customer is not needed. Comes back to the timeline."""

    model = Interaction
    action = Action.ADD

    def visible(self, action: str = Action.VIEW):
        """The key in the address is the customer's: whoever sees the whole may add the part."""
        return Customer.objects.visible_to(self.request.user, action)

    def show(self, customer, form, status=200):
        context = {"entity": Customers, "record": customer, "composer": form, "title": _("Log a contact")}
        return render(self.request, "customers/log.html", context, status=status)

    def get(self, request, pk):
        customer = get_object_or_404(self.visible(), pk=pk)
        return self.show(customer, Customers.composer(customer, request.user))

    def post(self, request, pk):
        customer = get_object_or_404(self.visible(), pk=pk)
        form = Customers.composer(customer, request.user, request.POST)
        if not form.is_valid():
            return self.show(customer, form, status=422)
        url = Customers.url("record", customer)
        try:
            form.save_for(request.user, lambda interaction: url)
        except AlreadySaved as already:
            messages.info(request, _("This form was saved already; here is the record."))
            return HttpResponseRedirect(already.url, status=303)
        messages.success(request, _("Logged the contact with “%(name)s”") % {"name": customer})
        return HttpResponseRedirect(url, status=303)
