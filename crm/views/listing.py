"""The generic list page of an entity."""

from django.shortcuts import render

from crm import bulk
from crm.access import Action
from crm.listing import Listing
from crm.views.doors import RecordView


class ListPage(RecordView):
    """Rows the user may see, filtered, sorted and paged. Without the right at all: the page says so, with no row and
    no count."""

    action = Action.VIEW
    needs_right = False

    def get(self, request):
        entity, user = self.entity, request.user
        context = {"entity": entity, "title": entity.label_plural(), "may_see": entity.may(user)}
        if context["may_see"]:
            listing = Listing(entity, user, request.GET)
            listing.offer_reveals(request)
            context |= {
                "listing": listing,
                "may_add": entity.has("add") and entity.may(user, Action.ADD),
                "may_import": entity.has("import") and entity.may(user, Action.ADD),
                "bulk_actions": bulk.actions_of(entity, user) if entity.has("bulk") else [],
                "may_export": entity.has("export") and entity.may(user, Action.EXPORT),
            }
        part = request.htmx and request.htmx.target == "list"
        response = render(request, "entity/_list.html" if part else "entity/list.html", context)
        response.headers["Vary"] = "HX-Request"
        return response
