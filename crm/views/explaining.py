"""The page that says who can see a record, and why."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.access import Action
from crm.explaining import Explanation
from crm.models import AccessLogEntry, AccessRequest, User, Viewing
from crm.revealing import is_open
from crm.search import found
from crm.verdicts import verdict
from crm.views.doors import RecordView

MOST = 200
CHECKED = 3  # so many people of one name get their verdict
SEEN = 5
ORDER = ("owner", "team", "above", "share", "role")


class AccessPage(RecordView):
    """For whoever sees the record: the people who see it too, with every reason; ?q= asks about one person, ?do= for
    viewing or changing, ?by= shows one kind of reason."""

    action = Action.VIEW

    def get(self, request, pk):
        record = self.get_record("owner", "team")
        query = request.GET.get("q", "").strip()[:100]
        everybody = User.objects.visible_to(request.user)
        people = found(everybody.active(), query).order_by("name", "pk")
        explanation = Explanation(record)
        viewers = sorted(explanation.viewers(people), key=lambda viewer: ORDER.index(viewer.reasons[0].by))
        may_change = request.user.has_perm(f"{record._meta.app_label}.change_{record._meta.model_name}", record)
        context = {
            "entity": self.entity,
            "record": record,
            "title": _("Who can see “%(name)s”") % {"name": record},
            "query": query,
            "asked": Action.CHANGE if request.GET.get("do") == Action.CHANGE else Action.VIEW,
            "number": len(viewers),
            "changers": sum(viewer.may_change for viewer in viewers),
            "others": people.count() - len(viewers) if query else 0,
            "may_change": may_change,
            "requests": self.requests(record) if may_change else (),
            "may_view_as": request.user.rights.may(Viewing, Action.ADD),
            **self.shown(viewers),
            **self.beside(record),
        }
        asked = found(everybody, query).select_related("team").order_by("name", "pk")[:CHECKED] if query else ()
        context["verdicts"] = [verdict(explanation, person, context["asked"]) for person in asked]
        return render(request, "entity/access.html", context)

    def requests(self, record):
        """What waits for an answer, for those who may give it."""
        waiting = AccessRequest.objects.about(record).filter(state=AccessRequest.State.OPEN)
        return list(waiting.exclude(asker=self.request.user).select_related("asker__team").order_by("pk")[:SEEN])

    def shown(self, viewers) -> dict:
        """The people of the chosen kind of reason, and how many each kind has."""
        kinds = {
            "owner": pgettext("reason of access", "Owner"),
            "team": pgettext("reason of access", "Team"),
            "above": pgettext("reason of access", "Above"),
            "share": pgettext("reason of access", "Share"),
            "role": pgettext("reason of access", "Role"),
        }
        counts = {kind: sum(kind in viewer.ways for viewer in viewers) for kind in kinds}
        by = self.request.GET.get("by", "")
        chosen = [viewer for viewer in viewers if by in viewer.ways] if by in kinds else viewers
        return {
            "by": by if by in kinds else "",
            "kinds": [(kind, label, counts[kind]) for kind, label in kinds.items() if counts[kind]],
            "viewers": chosen[:MOST],
            "is_cut": len(chosen) > MOST,
        }

    def beside(self, record) -> dict:
        """Values that not everybody reads who sees the record; and who looked lately, for readers of the access log."""
        model, user = type(record), self.request.user
        columns = user.fields.columns(self.entity)
        sensitive = {definition.field_name for definition in user.fields.sensitive(model)}
        protected = []
        for column in columns:
            if column.name in sensitive:
                protected.append((column, Action.REVEAL.label, True, is_open(record, user)))
            elif column.permission:
                action, mask = Action(column.permission), getattr(column, "mask", None)
                protected.append((column, action.label, mask is not None, user.rights.may(model, action)))
        seen = ()
        if user.rights.may(AccessLogEntry):
            reads = AccessLogEntry.objects.about(record).filter(kind=AccessLogEntry.Kind.READ)
            seen = reads.select_related("user").order_by("-pk")[:SEEN]
        return {
            "protected": protected,
            "seen": seen,
        }
