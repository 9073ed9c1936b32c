"""The hand-over of a colleague who leaves: whom, how much, to whom; what became of it, and taking it back."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import handing_over, jobs
from crm.forms import RecordChoiceField
from crm.models import HandOver, Job, User
from crm.out_of_sight import out_of_sight
from crm.views.doors import PersonalView

MOST = 100
SHOWN_LEFT = 20


class PersonForm(forms.Form):
    """Who leaves. People who are switched off already may be named, too."""

    person = RecordChoiceField(User.objects.none(), label=gettext_lazy("Who leaves?"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["person"].queryset = User.objects.visible_to(user)

    def clean_person(self):
        if self.cleaned_data["person"] == self.user:
            raise forms.ValidationError(_("You cannot hand over your own records here. Assign them from the list."))
        return self.cleaned_data["person"]


class HandOverView(PersonalView):
    """What the pages of hand-overs share: for people who may assign some kind of record."""

    model = HandOver

    def dispatch(self, request, *args, **kwargs):
        if not handing_over.may_hand_over(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def mine(self, model=None):
        return handing_over.hand_overs_of(self.request.user)


class HandOverList(HandOverView):
    """Past hand-overs, and the question who leaves."""

    def get(self, request, form=None):
        context = {
            "title": _("Hand-over"),
            "form": form or PersonForm(user=request.user),
            "rows": [described(row) for row in self.mine()[:MOST]],
        }
        return render(request, "handing_over/list.html", context, status=422 if form else 200)


class HandOverNew(HandOverView):
    """GET ?person=: what there is, and to whom it may go. POST: begins it; says first what a receiver would not see."""

    def preview(self):
        asked = PersonForm(self.request.GET, user=self.request.user)
        if not asked.is_valid():
            return None, asked
        return handing_over.Preview(asked.cleaned_data["person"], self.request.user), asked

    def get(self, request):
        preview, asked = self.preview()
        if preview is None:
            return HandOverList.get(self, request, asked if "person" in request.GET else None)
        return self.ask(preview, handing_over.HandOverForm(user=request.user, preview=preview))

    def post(self, request):
        preview, asked = self.preview()
        if preview is None:
            return HandOverList.get(self, request, asked)
        form = handing_over.HandOverForm(request.POST, user=request.user, preview=preview)
        if not preview.number or not form.is_valid():
            return self.ask(preview, form, status=422)
        unseen = out_of_sight(form)
        if unseen and request.POST.get("told") != unseen.plan:
            return self.ask(preview, form, unseen=unseen)
        row = handing_over.begin(form, actor=request.user)
        return HttpResponseRedirect(reverse("hand-over", args=[row.pk]), status=303)

    def ask(self, preview, form, status=200, unseen=None):
        context = {
            "title": _("Hand over from %(name)s") % {"name": preview.leaver},
            "preview": preview,
            "form": form,
            "unseen": unseen,
            "address": self.request.get_full_path(),
        }
        return render(self.request, "handing_over/new.html", context, status=status)


class HandOverPage(HandOverView):
    """One hand-over: how far it is, what went where, what taking back left."""

    def get(self, request, pk):
        row = described(get_object_or_404(self.mine(), pk=pk))
        left = []
        if row.undone_at:
            for entity, records in handing_over.left_of(row, request.user):
                left += [(entity, record, entity.url("record", record)) for record in records[:SHOWN_LEFT]]
        context = {
            "title": row.heading,
            "row": row,
            "receivers": handing_over.receivers(row, request.user),
            "left": left,
        }
        return render(request, "handing_over/page.html", context)


class HandOverUndo(HandOverView):
    """Take the hand-over back, as a job."""

    def post(self, request, pk):
        row = get_object_or_404(self.mine(), pk=pk)
        if not handing_over.may_take_back(row):
            messages.info(request, _("This hand-over cannot be taken back now."))
            return HttpResponseRedirect(reverse("hand-over", args=[row.pk]), status=303)
        title = _("Take back: hand-over from %(name)s") % {"name": row.leaver}
        job = jobs.enqueue(
            "hand_over_undo", user=request.user, title=title, parameters={"hand_over": row.pk}, slot=f"undo-{row.act}"
        )
        Job.objects.filter(pk=row.job_id).update(undone_by=job)
        return HttpResponseRedirect(job.get_absolute_url(), status=303)


def described(row: HandOver) -> HandOver:
    """The hand-over with heading, parts in words, state and tone."""
    entities = {entity.slug: entity for entity in handing_over.registry.values()}
    row.heading = _("Hand over from %(name)s") % {"name": row.leaver}
    row.parts = [
        (capfirst(entities[slug].label_plural()), number) for slug, number in row.counts.items() if slug in entities
    ]
    if row.undone_at:
        row.state, row.tone = _("Taken back"), "amber"
    elif row.done_at:
        row.state, row.tone = _("Done"), "green"
    else:
        row.state, row.tone = (row.job.get_state_display() if row.job else "—"), "blue"
    row.may_undo = handing_over.may_take_back(row)
    return row
