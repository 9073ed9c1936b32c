"""Suggestions for the box that takes a province, city or district."""

from django.http import JsonResponse

from crm.views.doors import PersonalView
from customers.divisions import find


class PlacesView(PersonalView):
    """Public data for people who are signed in: /places/?q=苏州 gives lines of text."""

    def get(self, request):
        text = request.GET.get("q", "").strip()[:60]
        return JsonResponse({"choices": [str(division) for division in find(text)] if text else []})
