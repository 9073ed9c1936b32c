"""Actions on many rows of a list at once: declared once, offered by every list on which they make sense.

An app adds its own with `bulk.add(Action())` while the apps start (reactions.py), or names them in `Entity.bulk`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import deletion, ownership
from crm.access import Action, Root
from crm.events import announce_many
from crm.forms import RecordChoiceField
from crm.jobs import JobFailed
from crm.listing import Listing
from crm.models import User

DIRECT_ROWS = 200
CHUNK = 1000


class BulkAction:
    """One action on many rows. name: unique; label, icon: on the bar; action: the right that each row must give.

    undo: URL name of a page that takes an act on few rows back, or ""; then `take_back` does it for the act of a job.
    """

    name = ""
    label = ""
    icon = "pencil"
    action = Action.CHANGE
    is_dangerous = False
    undo = ""
    template_note = ""

    def applies(self, entity) -> bool:
        """Whether lists of the entity offer it."""
        return True

    def form(self, entity, user, data=None) -> forms.Form:
        return forms.Form(data)

    def run(self, rows, values: dict, *, actor, act: uuid.UUID) -> int:
        """Do it with the rows, all of which the actor may act upon; gives how many changed. Called in a transaction."""
        raise NotImplementedError

    def take_back(self, model, act: uuid.UUID, progress, *, actor):
        """Undo the act of a job, with today's rights; tells `progress` how many came back and how many were left."""
        raise NotImplementedError

    def done(self, number: int) -> str:
        """What was done, as a sentence."""
        return ngettext("%(n)d record changed", "%(n)d records changed", number) % {"n": number}


actions: dict[str, BulkAction] = {}


def add(action: BulkAction):
    """Offer an action on every list to which it applies; said while the apps start, never during a request."""
    actions[action.name] = action


def actions_of(entity, user) -> list[BulkAction]:
    """The actions that the list of an entity offers to a person."""
    found = (*actions.values(), *entity.bulk)
    return [one for one in found if one.applies(entity) and user.rights.may(entity.model, one.action)]


# -- which rows --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Selection:
    """Rows that a person ticked (keys), or all that a list shows (query: its query string; until: no newer rows)."""

    entity: type
    user: User
    keys: tuple[int, ...] = ()
    query: str | None = None
    until: int | None = field(default=None)

    @property
    def rows(self):
        """The rows meant, visible or not."""
        if self.query is None:
            return self.entity.model.objects.filter(pk__in=self.keys)
        rows = Listing(self.entity, self.user, QueryDict(self.query)).queryset
        return rows if self.until is None else rows.filter(pk__lte=self.until)

    @property
    def seen(self):
        return self.rows.visible_to(self.user)

    def allowed(self, action: BulkAction):
        """The rows that the person sees and on which the action is permitted; all others are as if they were not."""
        return self.seen.visible_to(self.user, action.action)

    @property
    def asked(self) -> int:
        """How many rows were asked for: ticked ones that nobody may name count, too."""
        return len(set(self.keys)) if self.query is None else self.seen.order_by().count()

    @property
    def is_long(self) -> bool:
        """Whether it is too much for a request."""
        return self.seen.order_by().values("pk")[: DIRECT_ROWS + 1].count() > DIRECT_ROWS


def carry_out(action: BulkAction, selection: Selection, values: dict, *, act: uuid.UUID) -> tuple[int, int]:
    """Do it at once: (number changed, number left out because the person may not)."""
    with transaction.atomic():
        keys = list(selection.allowed(action).order_by().values_list("pk", flat=True))
        rows = selection.entity.model.objects.filter(pk__in=keys)
        return action.run(rows, values, actor=selection.user, act=act), max(0, selection.asked - len(keys))


def run_bulk(job, progress):
    """The job of an action on more than DIRECT_ROWS rows: by key, a chunk a transaction, with today's rights."""
    from crm.entities import registry

    given = job.parameters
    entity = registry.get(given["entity"])
    action = (
        next((one for one in actions_of(entity, job.user) if one.name == given["action"]), None) if entity else None
    )
    if action is None:
        raise JobFailed(_("Your roles do not allow this any more."))
    form = action.form(entity, job.user, QueryDict(given["data"]))
    if not form.is_valid():
        raise JobFailed(" ".join(text for texts in form.errors.values() for text in texts))
    keys = tuple(given["keys"])
    selection = Selection(entity, job.user, keys, given["query"], given["until"])
    if progress.total is None:
        progress.total = selection.asked
        progress.counts["refused"] = max(0, progress.total - selection.allowed(action).order_by().count())
        progress.tell()
    act, after = uuid.UUID(given["act"]), given.get("after", 0)
    while not progress.cancelled:
        rows = selection.allowed(action).filter(pk__gt=after).order_by("pk")
        chunk = list(rows.values_list("pk", flat=True)[:CHUNK])
        if not chunk:
            break
        after = chunk[-1]
        with progress.chunk(len(chunk)):
            number = action.run(entity.model.objects.filter(pk__in=chunk), form.cleaned_data, actor=job.user, act=act)
            progress.counts["changed"] = progress.counts.get("changed", 0) + number
            progress.counts["same"] = progress.counts.get("same", 0) + len(chunk) - number
            job.parameters = {**given, "after": after}
            progress.tell(parameters=job.parameters)
    progress.log(action.done(progress.counts.get("changed", 0)))


def undo_bulk(job, progress):
    """Take back what the job of a bulk action did (see crm.undoing)."""
    from crm.entities import registry

    entity = registry.get(job.parameters["entity"])
    offered = actions_of(entity, job.user) if entity else ()
    action = next((one for one in offered if one.name == job.parameters["action"] and one.undo), None)
    if action is None:
        raise JobFailed(_("Your roles do not allow this any more."))
    action.take_back(entity.model, uuid.UUID(job.parameters["act"]), progress, actor=job.user)


# -- the two that come with the house --------------------------------------------------------------------------------
class AssignForm(forms.Form):
    """To whom, and why."""

    owner = RecordChoiceField(User.objects.none(), label=gettext_lazy("Owner"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).filter(is_active=True)


class Assign(BulkAction):
    """Give the rows to a colleague."""

    name, label, icon, action, undo = "assign", gettext_lazy("Assign"), "user-share", Action.ASSIGN, "ownership-undo"
    template_note = gettext_lazy(
        "The records go to the new owner’s team. What your roles do not reach then leaves your lists."
    )

    def applies(self, entity):
        return isinstance(entity.model.access, Root) and entity.has("assign")

    def form(self, entity, user, data=None):
        return AssignForm(data, user=user)

    def run(self, rows, values, *, actor, act):
        return ownership.assign_many(rows, [values["owner"]], actor=actor, reason=values["reason"], act=act)

    def take_back(self, model, act, progress, *, actor):
        progress.expect(ownership.left_of(model, act).count())
        progress.brace(progress.total)
        with progress.chunk(progress.total):
            try:
                number = ownership.take_back_all(act, [model], actor, reason=_("Taken back"))
            except ownership.OutOfReach as error:
                text = _("Your roles do not reach these records any more, so nothing was taken back.")
                raise JobFailed(text) from error
            tell_undone(progress, number, progress.total - number, ownership.back_text, ownership.left_text)

    def done(self, number):
        return ngettext("%(n)d record assigned", "%(n)d records assigned", number) % {"n": number}


class DeleteForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


class Delete(BulkAction):
    """Put the rows into the recycle bin, each with its parts."""

    name, label, icon, action, undo = "delete", gettext_lazy("Delete"), "trash", Action.DELETE, "undelete-act"
    is_dangerous = True
    template_note = gettext_lazy(
        "They go into the recycle bin with everything that belongs to them, and can be restored."
    )

    def applies(self, entity):
        return entity.has("delete")

    def form(self, entity, user, data=None):
        return DeleteForm(data)

    def run(self, rows, values, *, actor, act):
        from crm.entities import entity_for

        event = entity_for(rows.model).events.get("delete")
        if event is not None and isinstance(rows.model.access, Root):
            announce_many(event, rows, actor=actor)
        return deletion.delete_many(rows, actor=actor, reason=values["reason"], act=act)

    def take_back(self, model, act, progress, *, actor):
        from crm import recycling

        if progress.total is None:
            progress.expect(deletion.of_act(model, act).count())
        after, number = 0, progress.counts.get("changed", 0)
        while not progress.cancelled:
            waiting = recycling.bin_of(actor, model).filter(act=act, actor=actor, pk__gt=after)
            if not (chunk := list(waiting.order_by("pk")[:CHUNK])):
                tell_undone(progress, number, progress.total - number, recycling.back_text, recycling.left_text)
                return
            after = chunk[-1].pk
            with progress.chunk(len(chunk)):
                number += recycling.restore_all(chunk, actor=actor)[0]
                progress.counts["changed"] = number

    def done(self, number):
        return ngettext("%(n)d record deleted", "%(n)d records deleted", number) % {"n": number}


def tell_undone(progress, number: int, left: int, back_text, left_text):
    """Say in counts and words how many rows came back, and how many were left since they were changed meanwhile."""
    progress.counts |= {"changed": number, "same": left}
    progress.log(back_text(number))
    if left:
        progress.log(left_text(left))


add(Assign())
add(Delete())


def newest(selection: Selection) -> int | None:
    """The highest key of the rows a job will go over: rows added after it began do not join."""
    return selection.entity.model.everything.order_by("-pk").values_list("pk", flat=True).first()


def begin(action: BulkAction, selection: Selection, data: QueryDict, *, act: uuid.UUID):
    """Add the job for a selection that is too large for a request."""
    from crm import jobs

    return jobs.enqueue(
        "bulk",
        user=selection.user,
        title=f"{action.label} · {selection.entity.label_plural()} · {timezone.localtime():%H:%M}",
        parameters={
            "entity": selection.entity.slug,
            "action": action.name,
            "keys": list(selection.keys),
            "query": selection.query,
            "until": newest(selection),
            "data": data.urlencode(),
            "act": act,
        },
    )
