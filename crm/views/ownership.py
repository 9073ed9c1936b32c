"""Taking back an assignment of one or many records."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import ownership, recycling
from crm.entities import entity_for
from crm.models import OwnershipChange
from crm.views.doors import PersonalView


def kinds_of(rows) -> list[type]:
    """The models of the rows of an act."""
    types = rows.order_by().values_list("subject_type", flat=True).distinct()
    return [entity.model for kind, entity in recycling.kinds().items() if kind in set(types)]


class OwnershipUndo(PersonalView):
    """Take back one's own assignment; rows that were given on since are left as they are."""

    model = OwnershipChange

    def mine(self, model=None):
        return OwnershipChange.objects.filter(actor=self.request.user, undoes__isnull=True)

    def post(self, request, act):
        rows = self.mine().filter(act=act)
        total, kinds = rows.count(), kinds_of(rows)
        if not total:
            raise Http404
        try:
            number = ownership.take_back_all(act, kinds, request.user, reason=_("Taken back"))
        except ownership.OutOfReach:
            messages.error(request, _("Your roles do not reach these records any more, so nothing was taken back."))
            return HttpResponseRedirect(entity_for(kinds[0]).url("list") if kinds else reverse("home"), status=303)
        if number:
            messages.success(request, ownership.back_text(number))
        if number < total:
            messages.warning(request, ownership.left_text(total - number))
        return HttpResponseRedirect(entity_for(kinds[0]).url("list"), status=303)
