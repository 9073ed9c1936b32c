"""The pages of custom fields: which there are, adding and changing one, removing it and bringing it back."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm import navigation
from crm.access import Action
from crm.fields import retyping, services
from crm.fields.definition_form import TONES, DefinitionForm
from crm.models import FieldDefinition
from crm.pages import COUNT_CAP
from crm.views.doors import RecordView


def tabs(chosen, fields) -> list[dict]:
    """One tab a kind of record, with the number of its custom fields."""
    numbers = {}
    for definition in fields:
        if not definition.removed_at:
            numbers[definition.entity] = numbers.get(definition.entity, 0) + 1
    return [
        {
            "label": capfirst(entity.label_plural()),
            "url": f"{reverse('field-list')}?entity={entity.slug}",
            "count": numbers.get(entity.model._meta.label_lower, 0),
            "is_on": entity is chosen,
        }
        for entity in services.entities()
    ]


def entity_named(slug: str):
    """The entity of an address; the first one without a name, 404 for one that takes no custom fields."""
    known = {entity.slug: entity for entity in services.entities()}
    if slug and slug not in known:
        raise Http404
    return known.get(slug) or next(iter(known.values()))


class FieldDoor(RecordView):
    """What the pages of custom fields share: the list beside the form."""

    model = FieldDefinition
    action = Action.VIEW

    def may(self, action) -> bool:
        return self.request.user.rights.may(FieldDefinition, action)

    def page(self, entity, form=None, definition=None, status=200):
        rows = list(self.visible().order_by("order", "pk"))
        label = entity.model._meta.label_lower
        groups = {group.key: group.label for group in self.request.user.fields.groups(entity)}
        shown = [row for row in rows if row.entity == label]
        stopped = retyping.stopped(shown)
        replaced = {row.replaces_id: row for row in shown if row.replaces_id and not row.removed_at}
        for row in shown:
            row.group_label = groups.get(row.group, "")
            row.replaced_by = replaced.get(row.pk)
            row.is_stopped = row.pk in stopped
        context = {
            "title": _("Fields"),
            "entity": entity,
            "tabs": tabs(entity, rows),
            "fields": [row for row in shown if not row.removed_at],
            "removed": [row for row in shown if row.removed_at],
            "most": services.MOST,
            "form": form,
            "definition": definition,
            "tones": TONES,
            "may_add": self.may(Action.ADD),
            "may_change": self.may(Action.CHANGE),
            "may_delete": self.may(Action.DELETE),
            "is_stopped": definition is not None and definition.pk in stopped,
            "may_retype": self.may_retype(definition),
            "list_url": f"{reverse('field-list')}?entity={entity.slug}",
        }
        return render(self.request, "fields/list.html", context, status=status)

    def may_retype(self, definition) -> bool:
        return bool(definition and definition.type in retyping.OFFERED and not definition.is_sensitive)

    def lead_to_list(self, definition):
        slug = next(e.slug for e in services.entities() if e.model._meta.label_lower == definition.entity)
        return HttpResponseRedirect(f"{reverse('field-list')}?entity={slug}", status=303)

    def entity_of(self, definition):
        return next(e for e in services.entities() if e.model._meta.label_lower == definition.entity)


class FieldList(FieldDoor):
    """The custom fields of one kind of record."""

    def get(self, request):
        return self.page(entity_named(request.GET.get("entity", "")))


class FieldAdd(FieldDoor):
    action = Action.ADD

    def get(self, request):
        entity = entity_named(request.GET.get("entity", ""))
        return self.page(entity, DefinitionForm(entity=entity, user=request.user))

    def post(self, request):
        entity = entity_named(request.GET.get("entity", ""))
        form = DefinitionForm(request.POST, entity=entity, user=request.user)
        if not form.is_valid():
            return self.page(entity, form, status=422)
        definition = form.save_for(request.user)
        navigation.toast(request, _("Saved “%(name)s”") % {"name": definition})
        return self.lead_to_list(definition)


class FieldChange(FieldDoor):
    action = Action.CHANGE

    def get(self, request, pk):
        definition = self.get_record()
        entity = self.entity_of(definition)
        return self.page(entity, DefinitionForm(instance=definition, entity=entity, user=request.user), definition)

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        entity = self.entity_of(definition)
        form = DefinitionForm(request.POST, instance=definition, entity=entity, user=request.user)
        if not form.is_valid():
            return self.page(entity, form, definition, status=422)
        form.save_for(request.user)
        navigation.toast(request, _("Saved “%(name)s”") % {"name": definition})
        return self.lead_to_list(definition)


class FieldRemove(FieldDoor):
    """GET says what would be out of sight; POST removes the field, and can be undone."""

    action = Action.DELETE

    def get(self, request, pk):
        definition = self.get_record()
        number = services.used(definition)
        context = {
            "title": _("Remove “%(name)s”?") % {"name": definition},
            "definition": definition,
            "entity": self.entity_of(definition),
            "number": f"{COUNT_CAP:,}+" if number > COUNT_CAP else f"{number:,}",
            "is_used": number > 0,
            "back_url": reverse("field-change", args=[pk]),
        }
        return render(request, "fields/remove.html", context)

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        if not definition.removed_at:
            services.remove(definition, actor=request.user)
        undo = reverse("field-restore", args=[pk])
        navigation.toast(request, _("Removed the field “%(name)s”") % {"name": definition}, undo=undo)
        return self.lead_to_list(definition)


class FieldRestore(FieldDoor):
    """Brings a removed field back with its values."""

    action = Action.DELETE

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        if definition.removed_at and (refusal := services.restore_refusal(definition)):
            navigation.toast(request, refusal, level=messages.ERROR)
            return self.lead_to_list(definition)
        if definition.removed_at:
            services.restore(definition, actor=request.user)
        navigation.toast(request, _("Restored the field “%(name)s”") % {"name": definition})
        return self.lead_to_list(definition)
