"""Handing over what a colleague owns: who may, how much there is, to whom it goes, and taking it back exactly."""

from __future__ import annotations

import uuid

from django import forms
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import duties, jobs, ownership
from crm.access import Action, Root
from crm.entities import registry
from crm.forms import RecordChoiceField
from crm.jobs import JobFailed
from crm.models import HandOver, OwnershipChange, Team, User

MOST_RECEIVERS = 5
SHOWN = 10  # duties that the preview names
WAYS = (
    ("one", gettext_lazy("All to one person")),
    ("turn", gettext_lazy("Split evenly among several")),
    ("kind", gettext_lazy("To one person for each kind of record")),
    ("team", gettext_lazy("To one person for each team")),
)


def kinds_for(user) -> list[type]:
    """The entities whose records the person may assign."""
    found = [one for one in registry.values() if isinstance(one.model.access, Root) and one.may(user, Action.ASSIGN)]
    return sorted(found, key=lambda one: one.order)


def may_hand_over(user) -> bool:
    return bool(kinds_for(user))


def rows_of(entity, leaver, actor):
    """The records of a colleague that the actor sees and may assign. The colleague's own rights do not matter."""
    return entity.model.objects.visible_to(actor).visible_to(actor, Action.ASSIGN).filter(owner=leaver)


def hand_overs_of(user):
    """One's own hand-overs; Administrators see all."""
    rows = HandOver.objects.select_related("leaver", "actor", "job").order_by("-pk")
    return rows if user.is_administrator else rows.filter(actor=user)


def may_take_back(row: HandOver) -> bool:
    """Whether something of it can be taken back: it has ended, or was stopped half way, and nobody has done so."""
    has_ended = row.done_at or row.job is None or row.job.is_ended
    return bool(has_ended and row.counts and not row.undone_at)


def receivers(row: HandOver, user) -> list[tuple[User | None, int]]:
    """Who got how many of the records, most first; None for people whom the user does not see."""
    given = OwnershipChange.objects.filter(act=row.act).values_list("to_owner")
    numbers = dict(given.annotate(number=Count("pk")).order_by("-number", "to_owner"))
    people = User.objects.visible_to(user).in_bulk(numbers)
    return [(people.get(key), number) for key, number in numbers.items()]


class Preview:
    """What a colleague owns and has to do within the actor's reach: by kind, and by team; of the duties the first."""

    def __init__(self, leaver, actor):
        self.leaver, self.actor = leaver, actor
        self.by_kind, self.duties, teams = [], [], {}
        kinds = [(entity, rows_of(entity, leaver, actor), "team") for entity in kinds_for(actor)]
        for one in duties.duties_for(actor):
            rows = one.rows_of(leaver, actor)
            kinds.append((one.entity, rows, f"{one.whole}__team"))
            first = rows.select_related(one.whole).order_by("pk")[:SHOWN]
            self.duties.append((one.entity, [(row, getattr(row, one.whole)) for row in first]))
        for entity, rows, team_of in kinds:
            numbers = dict(rows.order_by().values_list(team_of).annotate(number=Count("pk")))
            self.by_kind.append((entity, sum(numbers.values())))
            for team, number in numbers.items():
                teams[team] = teams.get(team, 0) + number
        names = Team.objects.in_bulk([team for team in teams if team])
        self.by_team = [(team, names.get(team), number) for team, number in teams.items()]
        self.by_team.sort(key=lambda row: str(row[1] or ""))

    @property
    def number(self) -> int:
        return sum(number for _entity, number in self.by_kind)


class HandOverForm(forms.Form):
    """To whom the records go, why, and whether the account is switched off. Fields of the other ways are ignored."""

    how = forms.ChoiceField(label=gettext_lazy("How"), choices=WAYS, widget=forms.RadioSelect, initial="one")
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args, user, preview: Preview, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.preview = user, preview
        self.groups: dict[str, list[str]] = {way: [] for way, _label in WAYS}
        self.add("one", "receiver", _("Receiver"))
        for number in range(1, MOST_RECEIVERS + 1):
            self.add("turn", f"receiver_{number}", _("Receiver %(n)d") % {"n": number})
        for entity, number in preview.by_kind:
            if number:
                self.add("kind", f"kind_{entity.slug}", capfirst(entity.label_plural()))
        for entity, _rows in preview.duties:
            if field := self.fields.get(f"kind_{entity.slug}"):
                field.help_text = _("Those on records that are handed over go to whoever gets the record.")
        for key, team, _number in preview.by_team:
            self.add("team", f"team_{key or 0}", str(team or _("without a team")))
        if user.rights.may(User, Action.CHANGE):
            self.fields["deactivate"] = forms.BooleanField(
                label=_("Switch the account of %(name)s off when all is handed over") % {"name": preview.leaver},
                required=False,
            )

    def add(self, way: str, name: str, label: str):
        people = User.objects.visible_to(self.user).filter(is_active=True).exclude(pk=self.preview.leaver.pk)
        self.fields[name] = RecordChoiceField(people, label=label, required=False)
        self.groups[way].append(name)

    @property
    def sections(self) -> list[tuple[str, str, list]]:
        """(way, its label, its bound fields) for the template."""
        return [(way, label, [self[name] for name in self.groups[way]]) for way, label in WAYS]

    def clean(self):
        data = super().clean()
        names = self.groups.get(data.get("how"), ())
        if names and not any(data.get(name) or name in self.errors for name in names):
            self.add_error(names[0], _("Name a receiver."))
        for name in [name for name in self.errors if name in self.fields and name not in (*names, "how", "reason")]:
            del self.errors[name]  # what stands in the boxes of the other ways is not used
        return data

    @property
    def plan(self) -> list[dict]:
        """Parts of the hand-over in JSON: what is named nowhere stays where it is."""
        data, how = self.cleaned_data, self.cleaned_data["how"]
        slugs = [entity.slug for entity, number in self.preview.by_kind if number]
        chosen = {name: data[name].pk for name in self.groups[how] if data.get(name)}
        if how in ("one", "turn"):
            people = list(dict.fromkeys(chosen.values()))
            return [{"entity": slug, "team": "*", "to": people} for slug in slugs]
        if how == "kind":
            return [
                {"entity": slug, "team": "*", "to": [chosen[f"kind_{slug}"]]}
                for slug in slugs
                if f"kind_{slug}" in chosen
            ]
        teams = [key for key, _team, _number in self.preview.by_team if f"team_{key or 0}" in chosen]
        return [{"entity": slug, "team": key, "to": [chosen[f"team_{key or 0}"]]} for slug in slugs for key in teams]


@transaction.atomic
def begin(form: HandOverForm, *, actor) -> HandOver:
    """Add the hand-over and its job."""
    leaver, data = form.preview.leaver, form.cleaned_data
    row = HandOver.objects.create(
        leaver=leaver,
        actor=actor,
        reason=data["reason"],
        plan=form.plan,
        deactivates=bool(data.get("deactivate")),
    )
    title = _("Hand over from %(name)s") % {"name": leaver}
    row.job = jobs.enqueue("hand_over", user=actor, title=title, parameters={"hand_over": row.pk}, slot=str(row.act))
    row.save(update_fields=["job"])
    return row


def run_hand_over(job, progress):
    """The job: each kind of record in one transaction and one statement, with the rights of the moment."""
    row = HandOver.objects.select_related("leaver").get(pk=job.parameters["hand_over"])
    entities = {entity.slug: entity for entity in kinds_for(job.user)}
    beside = {one.entity.slug: one for one in duties.duties_for(job.user)}
    parts = [part for part in row.plan if part["entity"] in entities or part["entity"] in beside]
    if not parts:
        raise JobFailed(_("Your roles do not allow this any more."))
    if progress.total is None:
        roots = [chosen(part, entities, row, job.user) for part in parts if part["entity"] in entities]
        others = [one.rows_of(row.leaver, job.user) for one in beside.values()]
        progress.expect(sum(rows.order_by().count() for rows in (*roots, *others)))
    for part in parts:
        if progress.cancelled:
            return
        people = list(User.objects.filter(pk__in=part["to"], is_active=True).order_by("pk"))
        if len(people) < len(part["to"]):
            raise JobFailed(_("A receiver was switched off meanwhile. Nothing more was handed over; begin again."))
        if part["entity"] in entities:
            hand(part, people, entities[part["entity"]], row, job, progress)
        else:
            hand_duties(part, people, beside[part["entity"]], row, job, progress)
    with progress.finish():
        HandOver.objects.filter(pk=row.pk).update(done_at=timezone.now())
        if row.deactivates and job.user.rights.may(User, Action.CHANGE):
            User.objects.filter(pk=row.leaver_id).update(is_active=False)


def chosen(part, entities, row, actor):
    rows = rows_of(entities[part["entity"]], row.leaver, actor)
    return rows if part["team"] == "*" else rows.filter(team=part["team"])


def hand(part, people, entity, row, job, progress):
    """One part of the plan, with what the colleague has to do on these records. What a killed run did already belongs
    to others now and is not found again."""
    rows, act = chosen(part, {entity.slug: entity}, row, job.user), act_of(row, job)
    progress.brace(rows.order_by().count())
    with progress.chunk(0):
        places = duties.on_records(rows, row.leaver, job.user)  # read first: the actor may lose sight of them
        number = ownership.assign_many(rows, people, **act)
        note(row, entity, number, people, progress)
        for one, where in places:
            note(row, one.entity, duties.follow(one, where, **act), people, progress)


def hand_duties(part, people, one, row, job, progress):
    """What the colleague has to do on records that stay where they are."""
    rows = one.rows_of(row.leaver, job.user)
    rows = rows if part["team"] == "*" else rows.filter(**{f"{one.whole}__team": part["team"]})
    with progress.chunk(0):
        note(row, one.entity, duties.share_out(rows, people, **act_of(row, job)), people, progress)


def act_of(row, job) -> dict:
    return {"actor": job.user, "reason": row.reason, "act": row.act}


def note(row, entity, number: int, people, progress):
    """Count what changed hands, in the job and in the hand-over."""
    if not number:
        return
    progress.done += number
    progress.count("changed", number)
    counts = HandOver.objects.select_for_update().values_list("counts", flat=True).get(pk=row.pk)
    counts[entity.slug] = counts.get(entity.slug, 0) + number
    HandOver.objects.filter(pk=row.pk).update(counts=counts)
    names = ", ".join(person.name for person in people)
    progress.log(f"{capfirst(entity.label_plural())}: {number:,} → {names}")


def take_back(row: HandOver, user) -> int:
    """Give back all that was not given on or deleted since; gives how many. The account stays switched off."""
    undo, reason = uuid.uuid4(), _("Hand-over taken back")
    with transaction.atomic():
        try:
            models = [entity.model for entity in kinds_for(user)]
            number = ownership.take_back_all(row.act, models, user, reason=reason, undo=undo)
        except ownership.OutOfReach as error:
            text = _("Your roles do not reach these records any more, so nothing was taken back.")
            raise JobFailed(text) from error
        for one in duties.duties_for(user):
            number += duties.take_back(one, row.act, actor=user, reason=reason, undo=undo)
        HandOver.objects.filter(pk=row.pk).update(undone_at=timezone.now())
    return number


def run_take_back(job, progress):
    row = hand_overs_of(job.user).filter(pk=job.parameters["hand_over"], undone_at__isnull=True).first()
    if row is None:
        raise JobFailed(_("This hand-over was taken back already."))
    progress.brace(OwnershipChange.objects.filter(act=row.act).count())
    progress.count("changed", take_back(row, job.user))
    left = sum(rows.count() for _entity, rows in left_of(row, job.user))
    if left:
        progress.count("same", left)


def left_of(row: HandOver, user) -> list[tuple[type, object]]:
    """[(entity, visible records)] that taking back left as they are."""
    found = []
    for entity in (*kinds_for(user), *(one.entity for one in duties.duties_for(user))):
        keys = ownership.left_of(entity.model, row.act).values("subject_id")
        found.append((entity, entity.model.objects.visible_to(user).filter(pk__in=keys).annotate(now=F("owner__name"))))
    return found
