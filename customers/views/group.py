"""The group of companies around a customer: its tree, totals and other relations."""

from django.db.models import Q
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.views.doors import RecordView
from customers.group import members, totals, tree
from customers.models import CustomerRelation


class GroupPage(RecordView):
    """Who belongs to whom around one customer, among the customers that the reader sees."""

    action = Action.VIEW

    def get(self, request, pk):
        customer = self.get_record()
        rows = members(customer, request.user)
        context = {
            "entity": self.entity,
            "record": customer,
            "title": _("Group of %(name)s") % {"name": customer},
            "nodes": tree(rows, request.user),
            "totals": totals(rows, request.user),
            "relations": self.relations(customer),
            "may_relate": request.user.rights.may(CustomerRelation, Action.ADD),
        }
        return render(request, "customers/group.html", context)

    def relations(self, customer) -> list[dict]:
        """What other customers are to this one, from whichever side it was written; links only to visible ones."""
        found = (
            CustomerRelation.objects.visible_to(self.request.user)
            .filter(Q(customer=customer) | Q(other=customer))
            .select_related("customer", "other")
            .order_by("kind", "pk")[:100]
        )
        rows = [(relation, relation.seen_from(customer)) for relation in found]
        ids = {other.pk for _relation, (_kind, other) in rows}
        visible = set(self.visible().filter(pk__in=ids).values_list("pk", flat=True))
        return [
            {"relation": relation, "kind": kind, "other": other, "is_visible": other.pk in visible}
            for relation, (kind, other) in rows
            if not other.deleted_at
        ]
