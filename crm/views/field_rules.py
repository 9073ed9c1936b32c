"""The page of field rules: which fields a role does not see, or sees and does not write."""

from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import navigation
from crm.access import Action
from crm.entities import registry
from crm.fields.known import adding_roles, known_fields, refusal, roles
from crm.models import FieldRule
from crm.views.doors import RecordView

CHOICES = (("", gettext_lazy("sees and writes")), ("lock", gettext_lazy("sees only")), ("hide", gettext_lazy("hidden")))


def all_entities() -> list:
    return sorted(registry.values(), key=lambda entity: (entity.order, entity.slug))


def chosen_entity(slug: str):
    """The entity of an address; the first one without a name."""
    if slug and slug not in registry:
        raise Http404
    return registry[slug] if slug else all_entities()[0]


def entity_links(chosen, page: str, **more) -> list[dict]:
    """One link a kind of record to the same page about it."""
    return [
        {
            "label": capfirst(entity.label_plural()),
            "url": f"{reverse(page)}?{urlencode({'entity': entity.slug, **more})}",
            "is_on": entity is chosen,
        }
        for entity in all_entities()
    ]


class FieldRules(RecordView):
    """GET shows the rules of one role for one kind of record; POST sets them. Of several roles the widest holds."""

    model = FieldRule
    action = Action.VIEW

    def state(self):
        """(entity, role, the fields of the entity) of the address."""
        entity = chosen_entity(self.request.GET.get("entity", ""))
        known, asked = roles(), self.request.GET.get("role", "")
        role = next((one for one in known if str(one.pk) == asked), None if asked else known[0] if known else None)
        if role is None:
            raise Http404
        definitions = self.request.user.fields.all_definitions.get(entity.model._meta.label_lower, ())
        return entity, role, known_fields(entity, [d for d in definitions if not d.removed_at])

    def rules_of(self, entity, role):
        return FieldRule.objects.filter(entity=entity.model._meta.label_lower, role=role)

    def page(self, typed=None, errors=None, status=200):
        entity, role, fields = self.state()
        now = dict(self.rules_of(entity, role).values_list("field", "right")) if typed is None else typed
        may_add = role.pk in adding_roles(entity.model)
        rows = [
            {
                "field": field,
                "right": now.get(field.name, ""),
                "choices": [(v, label) for v, label in CHOICES if not refusal(field, v, may_add)],
                "why": refusal(field, "hide", may_add),
                "error": (errors or {}).get(field.name, ""),
            }
            for field in fields
        ]
        context = {
            "title": _("Fields by role"),
            "entity": entity,
            "role": role,
            "rows": rows,
            "has_errors": bool(errors),
            "entities": entity_links(entity, "field-rules", role=role.pk),
            "roles": [
                {
                    "label": _(one.name),
                    "url": f"{reverse('field-rules')}?{urlencode({'entity': entity.slug, 'role': one.pk})}",
                    "is_on": one == role,
                }
                for one in roles()
            ],
            "may_change": self.request.user.rights.may(FieldRule, Action.CHANGE),
        }
        return render(self.request, "fields/rules.html", context, status=status)

    def get(self, request):
        return self.page()


class FieldRulesSave(FieldRules):
    action = Action.CHANGE

    def get(self, request):
        return HttpResponseRedirect(f"{reverse('field-rules')}?{request.GET.urlencode()}")

    @transaction.atomic
    def post(self, request):
        entity, role, fields = self.state()
        may_add = role.pk in adding_roles(entity.model)
        typed = {field.name: request.POST.get(field.name, "") for field in fields}
        typed = {name: right for name, right in typed.items() if right in FieldRule.Right.values}
        errors = {f.name: why for f in fields if (why := refusal(f, typed.get(f.name, ""), may_add))}
        if errors:
            return self.page(typed, errors, status=422)
        label, names = entity.model._meta.label_lower, [field.name for field in fields]
        before = {rule.field: rule for rule in self.rules_of(entity, role).filter(field__in=names)}
        for name, rule in before.items():
            if name not in typed:
                rule.delete()
            elif rule.right != typed[name]:
                rule.right = typed[name]
                rule.save()
        for name in typed.keys() - before.keys():
            FieldRule.objects.create(role=role, entity=label, field=name, right=typed[name])
        navigation.toast(request, _("Saved the field rules of “%(role)s”") % {"role": _(role.name)})
        query = urlencode({"entity": entity.slug, "role": role.pk})
        return HttpResponseRedirect(f"{reverse('field-rules')}?{query}", status=303)
