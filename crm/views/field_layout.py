"""The page of a form's layout: groups, order, labels in both languages, what must be filled."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm import navigation
from crm.access import Action
from crm.fields.laying import LayoutPage
from crm.models import FormLayout
from crm.views.doors import RecordView
from crm.views.field_rules import chosen_entity, entity_links


class FieldLayout(RecordView):
    """GET shows the layout of one kind of record's form; POST below saves it or takes it back."""

    model = FormLayout
    action = Action.VIEW

    def page(self, layout, status=200):
        context = {
            "title": _("Form layout"),
            "entity": layout.entity,
            "layout": layout,
            "entities": entity_links(layout.entity, "field-layout"),
            "may_change": self.request.user.rights.may(FormLayout, Action.CHANGE),
        }
        return render(self.request, "fields/layout.html", context, status=status)

    def get(self, request):
        return self.page(LayoutPage(chosen_entity(request.GET.get("entity", ""))))


class FieldLayoutSave(FieldLayout):
    action = Action.CHANGE

    def get(self, request):
        return HttpResponseRedirect(f"{reverse('field-layout')}?{request.GET.urlencode()}")

    def post(self, request):
        entity = chosen_entity(request.GET.get("entity", ""))
        layout, what = LayoutPage(entity, request.POST), {"what": capfirst(entity.label_plural())}
        if "reset" in request.POST:
            layout.reset()
            navigation.toast(request, _("The form of %(what)s is as the product brings it again") % what)
        elif not layout.is_valid():
            return self.page(layout, status=422)
        else:
            layout.save()
            navigation.toast(request, _("Saved the form of %(what)s") % what)
        return HttpResponseRedirect(f"{reverse('field-layout')}?entity={entity.slug}", status=303)
