"""Suggestions for the text boxes that name one record, and the search page over all kinds of records."""

from django.apps import apps
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm.access import Action, Catalogue, Part, Root
from crm.columns import allowed, present, related_paths
from crm.entities import registry
from crm.forms import suggestions
from crm.pages import page_for
from crm.revealing import with_opening
from crm.search import found, words_of
from crm.views.doors import PersonalView, RecordView

SEARCHED_ROWS = 6


class ChoicesView(RecordView):
    """Visible rows of one model as lines of text: /choices/customers.customer/?q=海川."""

    action = Action.VIEW
    needs_right = False

    def get(self, request, model):
        try:
            self.model = apps.get_model(model)
        except (LookupError, ValueError) as error:
            raise Http404 from error
        if not isinstance(getattr(self.model, "access", None), (Root, Part, Catalogue)):
            raise Http404
        text = request.GET.get("q", "")[:100]
        return JsonResponse({"choices": suggestions(self.model, request.user, text) if text.strip() else []})


class SearchPage(PersonalView):
    """What the search box finds among all kinds of records that the user may see, a few of each kind."""

    def get(self, request):
        text = request.GET.get("q", "").strip()[:200]
        return render(
            request,
            "search.html",
            {"title": _("Search"), "query": text, "groups": self.groups(text) if words_of(text) else []},
        )

    def groups(self, text: str) -> list[dict]:
        """One group a kind: the newest rows that match, and where all of them are."""
        user, groups = self.request.user, []
        for entity in sorted(registry.values(), key=lambda e: e.order):
            if not (entity.in_menu and isinstance(entity.model.access, (Root, Part, Catalogue)) and entity.may(user)):
                continue
            columns = [column for column in allowed(entity.columns, entity.model, user) if not column.is_page][:3]
            rows = with_opening(entity.model.objects.select_related(*related_paths(entity.model, columns)), user)
            rows = found(rows, text, user)
            page = page_for(rows, user, entity.default_sort, size=SEARCHED_ROWS)
            if page.rows:
                groups.append(
                    {
                        "entity": entity,
                        "rows": present(entity, columns, page.rows, user),
                        "has_more": page.after is not None,
                        "url": f"{entity.url('list')}?{urlencode({'q': text})}",
                    }
                )
        return groups
