"""Giving a record a star or following it, and taking that back: one's own mark on a record that one sees."""

from django.apps import apps
from django.http import Http404, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from crm.access import Action, Root
from crm.entities import entity_for
from crm.marking import toggle
from crm.models import RecordMark
from crm.views.doors import RecordView


class MarkPage(RecordView):
    """POST sets the mark or takes it away. It changes nothing of the record, so seeing it is enough."""

    action = Action.VIEW
    needs_right = False

    def dispatch(self, request, *args, **kwargs):
        try:
            self.model = apps.get_model(kwargs["model"])
        except (LookupError, ValueError) as error:
            raise Http404 from error
        if not isinstance(getattr(self.model, "access", None), Root) or kwargs["kind"] not in RecordMark.Kind.values:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, model, kind, pk):
        record = self.get_record()
        toggle(record, request.user, kind)
        back = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
            back = entity_for(self.model).url("record", record)
        return HttpResponseRedirect(back, status=303)
