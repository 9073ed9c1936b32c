"""Taking back an assignment of one or many records."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import ownership, recycling
from crm.access import Action
from crm.entities import entity_for
from crm.models import OwnershipChange
from crm.views.doors import PersonalView


class OutOfReach(Exception):
    """After taking back, the person would not reach the rows: his rights have changed since."""


def take_back_all(act: uuid.UUID, kinds, user, *, reason: str) -> int:
    """Give all rows of an act back, all kinds of records or none; gives how many.

    The person must reach the rows for assigning once they are back: today's rights are asked.
    """
    undo, number = uuid.uuid4(), 0
    with transaction.atomic():
        for model in kinds:
            if not user.rights.may(model, Action.ASSIGN):
                raise OutOfReach
            number += ownership.take_back(model, act, actor=user, reason=reason, undo=undo)
            back = ownership.rows_of_act(undo, model)
            reached = model.objects.visible_to(user, Action.ASSIGN)
            if model.objects.filter(pk__in=back).exclude(pk__in=reached.values("pk")).exists():
                raise OutOfReach
    return number


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
            number = take_back_all(act, kinds, request.user, reason=_("Taken back"))
        except OutOfReach:
            messages.error(request, _("Your roles do not reach these records any more, so nothing was taken back."))
            return HttpResponseRedirect(entity_for(kinds[0]).url("list") if kinds else reverse("home"), status=303)
        if number:
            done = ngettext("%(n)d assignment taken back", "%(n)d assignments taken back", number)
            messages.success(request, done % {"n": number})
        if number < total:
            left = ngettext(
                "%(n)d record was left as it is: it was given on or deleted since.",
                "%(n)d records were left as they are: they were given on or deleted since.",
                total - number,
            )
            messages.warning(request, left % {"n": total - number})
        return HttpResponseRedirect(entity_for(kinds[0]).url("list"), status=303)
