"""The tags of one record, the set of one kind of record, and what is done with a tag of it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.forms import modelform_factory
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import tag_jobs, tags
from crm.access import Action
from crm.entities import entity_for
from crm.events import announce
from crm.forms import AlreadySaved, EntityForm, form_field
from crm.models import Tag, TagChange
from crm.views.doors import PersonalView, RecordView
from crm.views.form import ChangePage
from crm.views.record import capped, count_of


class RecordTagsPage(ChangePage):
    """The tags of one record, alone: a page, or the drawer. POST with ?back=3,4 sets those, which is Undo."""

    action = Action.CHANGE

    def form(self, record, data=None, files=None):
        made = modelform_factory(self.entity.model, form=EntityForm, fields=("tags",), formfield_callback=form_field)
        return made(data, instance=record, user=self.request.user)

    def show(self, form, record, status=200):
        context = {
            "entity": self.entity,
            "form": form,
            "record": record,
            "groups": [(_("Tags"), [form[name] for name in ("tags", "new_tags") if name in form.fields])],
            "title": _("Tags of “%(name)s”") % {"name": record},
            "cancel_url": self.entity.url("record", record),
        }
        template = "entity/_form.html" if self.request.htmx else "entity/form.html"
        return render(self.request, template, context, status=status)

    def post(self, request, pk):
        if "back" not in request.GET:
            return super().post(request, pk)
        keys = [int(key) for key in request.GET["back"].split(",") if key.isdigit() and int(key) < 2**63]
        with transaction.atomic():
            record = self.get_record(lock=True)
            if not request.user.rights.may(Tag):
                raise PermissionDenied
            tags.set_tags(record, keys, actor=request.user)
        messages.success(request, _("The tags are as they were"))
        return self.lead_to(self.entity.url("record", record))

    def save(self, form):
        record, before = form.instance, form.initial.get("tags") or []
        url = self.entity.url("record", record)
        try:
            form.save_for(self.request.user, lambda saved: url)
        except AlreadySaved as already:
            return self.lead_to(already.url)
        except ValidationError as error:
            form.add_error(None, error)
            return None
        tags.announce_tags(record, before, actor=self.request.user)
        back = f"{self.entity.url('tags', record)}?back={','.join(map(str, before))}"
        messages.success(self.request, _("Tags saved"), extra_tags=f"undo:{back}")
        return self.lead_to(url)


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ("name", "colour")

    def validate_unique(self):
        """Also over the kind of record, which no form shows."""
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self._update_errors(error)


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(Tag.objects.none(), label=gettext_lazy("Merge into"), empty_label="—")

    def __init__(self, *args, tag, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Tag.objects.visible_to(user).filter(root=tag.root).exclude(pk=tag.pk)


class TagSetPage(RecordView):
    """All tags of one kind of record, with the number of visible records; a POST adds one."""

    action = Action.VIEW

    def show(self, form, status=200):
        user, model = self.request.user, self.entity.model
        rows = list(Tag.objects.visible_to(user).of(model))
        context = {
            "entity": self.entity,
            "title": _("Tags of %(what)s") % {"what": self.entity.label_plural()},
            "rows": list(zip(rows, self.counts(rows), strict=True)),
            "form": form,
            "may_change": user.rights.may(Tag, Action.CHANGE),
            "may_delete": user.rights.may(Tag, Action.DELETE),
        }
        return render(self.request, "tags/set.html", context, status=status)

    def counts(self, rows) -> list[str]:
        """How many records with each tag the reader sees, up to 1,000; all in one query."""
        seen = self.visible()
        parts = [count_of(seen.filter(tags__contains=[tag.pk])) for tag in rows]
        if not parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(f'({sql})' for sql, _values in parts)}",
                [value for _sql, values in parts for value in values],
            )
            return [capped(number) for number in cursor.fetchone()]

    def new(self) -> Tag:
        user = self.request.user
        return Tag(root=self.entity.model._meta.label_lower, created_by=user, modified_by=user)

    def get(self, request):
        return self.show(TagForm(instance=self.new()) if tags.may_manage(request.user) else None)

    def post(self, request):
        if not tags.may_manage(request.user):
            raise PermissionDenied
        form = TagForm(request.POST, instance=self.new())
        with transaction.atomic():
            if form.is_valid() and self.added(form):
                return HttpResponseRedirect(self.entity.url("tag_set"), status=303)
        return self.show(form, 422)

    def added(self, form) -> bool:
        try:
            tags.check_room(self.entity.model)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        announce(tags.tag_added, form.save(), actor=self.request.user)
        messages.success(self.request, _("Added the tag “%(name)s”") % {"name": form.instance})
        return True


class TagView(RecordView):
    """A page about one tag; the set it belongs to is where it leads back to."""

    model = Tag
    action = Action.CHANGE

    def set_url(self, tag) -> str:
        return entity_for(tag.model).url("tag_set")

    def act(self, tag, into, done: str):
        """Merge or delete the tag and say what was done, with Undo; with many records by a job, whose page follows."""
        if tag_jobs.is_long(tag):
            job = tag_jobs.begin(tag, into, actor=self.request.user)
            return HttpResponseRedirect(job.get_absolute_url(), status=303)
        if into:
            return self.done(tags.merge_tag(tag, into, actor=self.request.user), done)
        return self.done(tags.delete_tag(tag, actor=self.request.user), done)

    def done(self, change, text: str):
        undo_url = reverse("tag-undo", args=[change.pk])
        messages.success(self.request, text, extra_tags=f"undo:{undo_url}")
        return HttpResponseRedirect(self.set_url(change.tag), status=303)


class TagPage(TagView):
    """Name and colour of a tag; and merging it into another, which also deletes it."""

    action = Action.CHANGE

    def show(self, tag, form, merge, status=200):
        entity = entity_for(tag.model)
        context = {
            "tag": tag,
            "entity": entity,
            "title": _("Tag “%(name)s”") % {"name": self.former_name},
            "form": form,
            "merge": merge,
            "cancel_url": self.set_url(tag),
        }
        return render(self.request, "tags/tag.html", context, status=status)

    def get(self, request, pk):
        tag = self.get_record()
        self.former_name = tag.name
        return self.show(tag, TagForm(instance=tag), self.merge_form(tag))

    def merge_form(self, tag, data=None):
        may = self.request.user.rights.may(Tag, Action.DELETE)
        return MergeForm(data, tag=tag, user=self.request.user) if may else None

    @transaction.atomic
    def post(self, request, pk):
        tag = self.get_record(lock=True)
        self.former_name = tag.name
        if "merge" in request.POST:
            return self.merge(tag)
        form = TagForm(request.POST, instance=tag)
        if not form.is_valid():
            return self.show(tag, form, self.merge_form(tag), 422)
        tag.modified_by = request.user
        form.save()
        if form.changed_data:
            announce(tags.tag_changed, tag, actor=request.user)
        messages.success(request, _("Saved “%(name)s”") % {"name": tag})
        return HttpResponseRedirect(self.set_url(tag), status=303)

    def merge(self, tag):
        form = self.merge_form(tag, self.request.POST)
        if form is None:
            raise PermissionDenied
        if not form.is_valid():
            return self.show(tag, TagForm(instance=tag), form, 422)
        into = form.cleaned_data["into"]
        try:
            return self.act(tag, into, _("Merged “%(name)s” into “%(into)s”") % {"name": tag, "into": into})
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(tag, TagForm(instance=tag), form, 422)


class TagDeletePage(TagView):
    """Delete a tag, with Undo."""

    action = Action.DELETE

    @transaction.atomic
    def post(self, request, pk):
        tag = self.get_record()
        try:
            return self.act(tag, None, _("Deleted the tag “%(name)s”") % {"name": tag})
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.set_url(tag), status=303)


class TagUndoPage(PersonalView):
    """Take back one's own merge or deletion of a tag, as long as one may manage tags; a job is undone on its page."""

    model = TagChange

    def mine(self, model=None):
        own = TagChange.objects.filter(actor=self.request.user, undone_at__isnull=True).select_related("tag")
        own = own.filter(part_of__isnull=True, parts__isnull=True)
        return own if tags.may_manage(self.request.user, Action.DELETE) else own.none()

    def post(self, request, pk):
        change = get_object_or_404(self.mine(), pk=pk)
        try:
            tags.undo(change, actor=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, capfirst(_("the tag “%(name)s” is back") % {"name": change.tag}))
        return HttpResponseRedirect(entity_for(change.tag.model).url("tag_set"), status=303)
