"""The form in which an administrator defines a custom field."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.exchange.problems import ParseError
from crm.fields import services, types
from crm.fields.layout import groups_of
from crm.models import FieldDefinition, FieldRule
from crm.models.custom import SortableValues
from crm.models.fields import Type

TONES = (
    ("", "—"),
    ("gray", pgettext_lazy("tone", "gray")),
    ("blue", pgettext_lazy("tone", "blue")),
    ("green", pgettext_lazy("tone", "green")),
    ("amber", pgettext_lazy("tone", "amber")),
    ("red", pgettext_lazy("tone", "red")),
    ("violet", pgettext_lazy("tone", "violet")),
)
BLANK_ROWS = 4
PICKED = (Type.CHOICE, Type.CHOICES)


class DefinitionForm(forms.ModelForm):
    """A custom field. Its code and type are said once; the type is changed on a page of its own."""

    sortable = forms.BooleanField(
        label=_("The list can be sorted by it"),
        required=False,
        help_text=_("Two fields each of text, number, date, and date with time. Existing records are prepared first."),
    )
    starts_with = forms.CharField(
        label=_("Value of new records"),
        required=False,
        max_length=200,
        help_text=_("As in an import: 12.5, 2026-11-20, yes, or the name of a choice."),
    )

    class Meta:
        model = FieldDefinition
        fields = (
            "name_zh",
            "name_en",
            "type",
            "code",
            "help_zh",
            "help_en",
            "group",
            "order",
            "required",
            "on_list",
            "is_sensitive",
            "is_searchable",
        )
        labels = {"on_list": _("Shown on the list")}
        help_texts = {
            "code": _("Empty: made of the English name. It stays for good: imports and addresses use it."),
            "is_sensitive": _(
                "Its values are encrypted, and masked for people without the right to see protected values. For text, "
                "numbers, amounts and dates. Said once: it cannot be searched, filtered or sorted."
            ),
            "is_searchable": _("For text and choices. Such a field cannot be hidden from a role."),
            "required": _("Asked for when a record is added or changed; records that have none stay as they are."),
        }

    def __init__(self, *args, entity, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.entity, self.user = entity, user
        groups = groups_of(entity, user.fields.layout(entity.model), [])
        self.fields["group"] = forms.ChoiceField(
            label=capfirst(_("group on the form")),
            choices=[(group.key, group.label) for group in groups],
            required=False,
        )
        self.fields["order"].required = False
        self.fields["code"].required = False
        if not self.instance.pk:
            self.instance.entity = entity.model._meta.label_lower
            self.initial["group"] = groups[-1].key if groups else ""
        else:
            for name in ("code", "type"):
                del self.fields[name]
        if not self.instance.pk:
            self.initial["is_searchable"] = True
        else:
            self.settle_sensitive()
        if self.instance.pk and self.instance.type not in types.SEARCHED:
            self.fields.pop("is_searchable", None)
        if not issubclass(entity.model, SortableValues) or (
            self.instance.pk and self.instance.type not in types.SLOT_KINDS
        ):
            self.fields.pop("sortable", None)
        elif "sortable" in self.fields:
            self.fields["sortable"].initial = bool(self.instance.slot)
        if self.instance.pk and self.instance.type in types.LINKED:
            del self.fields["starts_with"]
        elif self.instance.default is not None:
            self.fields["starts_with"].initial = types.words(self.instance, self.instance.default)

    def settle_sensitive(self):
        """A field that exists stays sensitive, or as it is: its values stand in the change log and in backups."""
        field = self.fields["is_sensitive"]
        field.disabled = True
        if self.instance.is_sensitive:
            for name in ("is_searchable", "sortable", "starts_with"):
                del self.fields[name]
        else:
            field.help_text = _(
                "Only a new field can be made sensitive: the values of this one stand unencrypted in the change log "
                "and in backups. Add a sensitive field, type the values there, and remove this one."
            )

    # -- choices -----------------------------------------------------------------------------------------------------
    @property
    def has_options(self) -> bool:
        return not self.instance.pk or self.instance.type in PICKED

    @property
    def option_rows(self) -> list[dict]:
        """The choices as typed, or as they are, and empty lines for more."""
        rows = self.typed_options() if self.is_bound else list(self.instance.options)
        return [*rows, *({"code": "", "zh": "", "en": "", "tone": ""} for _place in range(BLANK_ROWS))]

    def typed_options(self) -> list[dict]:
        """The lines of the form in which something stands; a choice once saved keeps its code."""
        lists = [self.data.getlist(f"option_{name}") for name in ("code", "zh", "en", "tone", "state")]
        rows = []
        for code, zh, en, tone, state in zip(*lists, strict=False):
            if code or zh.strip() or en.strip():
                row = {"code": code[:40], "zh": zh.strip()[:80], "en": en.strip()[:80], "tone": tone}
                rows.append(row | ({"off": True} if state == "off" else {}))
        return rows

    def clean_options(self) -> list[dict]:
        known = {row["code"] for row in self.instance.options}
        rows, taken = self.typed_options(), set(known)
        tones = dict(TONES)
        for row in rows:
            if not row["zh"] or not row["en"]:
                raise ValidationError(_("Write each choice in Chinese and in English."))
            if row["code"] not in known:
                row["code"] = services.fresh_code(row["en"] or row["zh"], taken)
            taken.add(row["code"])
            row["tone"] = row["tone"] if row["tone"] in tones else ""
        names = [row[language] for language in ("zh", "en") for row in rows]
        half = len(rows)
        if len(set(names[:half])) < half or len(set(names[half:])) < half:
            raise ValidationError(_("Two choices have the same name. Give each a name of its own."))
        if not any(not row.get("off") for row in rows):
            raise ValidationError(_("Write at least one choice that is in use."))
        dropped = [row | {"off": True} for row in self.instance.options if row["code"] not in {r["code"] for r in rows}]
        return [*rows, *dropped]  # a choice that records hold is never lost, only no longer offered

    # -- checks ------------------------------------------------------------------------------------------------------
    def clean(self):
        data = super().clean()
        kind = self.instance.type or data.get("type")
        others = FieldDefinition.objects.filter(entity=self.instance.entity, removed_at__isnull=True)
        others = list(others.exclude(pk=self.instance.pk))
        if not self.instance.pk and len(others) >= services.MOST:
            self.add_error(None, _("There are 50 fields already. Remove one that nobody uses first."))
        for name, language in (("name_zh", "zh-hans"), ("name_en", "en")):
            if (data.get(name) or "").lower() in self.names_in(language, others):
                self.add_error(name, _("There is a field of this name already. Imports could not tell them apart."))
        if "code" in self.fields and not data.get("code") and not self.errors.get("code"):
            codes = FieldDefinition.objects.filter(entity=self.instance.entity).values_list("code", flat=True)
            data["code"] = services.fresh_code(data.get("name_en") or "", set(codes))
        data["order"] = data.get("order") or 0
        try:
            self.options = self.clean_options() if kind in PICKED else []
        except ValidationError as error:
            self.options = self.instance.options
            self.add_error(None, error)
        self.check_slot(kind, data)
        if data.get("is_sensitive") and not self.instance.pk:
            self.check_sensitive(kind, data)
        if kind not in types.SEARCHED:
            data["is_searchable"] = False
        elif data.get("is_searchable") and self.instance.pk and self.is_hidden_somewhere():
            self.add_error("is_searchable", _("A role does not see this field: the search box would tell."))
        return data

    def is_hidden_somewhere(self) -> bool:
        rules = FieldRule.objects.filter(entity=self.instance.entity, field=self.instance.field_name)
        return rules.filter(right=FieldRule.Right.HIDE).exists()

    def names_in(self, language: str, others) -> set[str]:
        """What the other fields of the entity are called in one language, standard ones too, in small letters."""
        with translation.override(language):
            return {str(column.label).lower() for column in self.entity.columns} | {one.name.lower() for one in others}

    def check_sensitive(self, kind, data):
        data["is_searchable"] = False
        if kind and kind not in types.SENSITIVE:
            self.add_error("is_sensitive", _("Only text, long text, numbers, amounts and dates can be sensitive."))
        if data.get("sortable"):
            self.add_error("sortable", _("A list cannot be sorted by encrypted values. Take one of the marks away."))
        if data.get("starts_with"):
            self.add_error("starts_with", _("A sensitive field begins empty: its definition is not encrypted."))

    def check_slot(self, kind, data):
        if not data.get("sortable") or self.instance.slot:
            return
        probe = FieldDefinition(pk=self.instance.pk, entity=self.instance.entity, type=kind or "")
        if kind not in types.SLOT_KINDS:
            self.add_error("sortable", _("Lists sort by text, number, amount, date, or date and time only."))
        elif not services.free_slot(probe):
            self.add_error("sortable", _("Two fields of this kind sort already. Take the mark from one of them first."))

    def _post_clean(self):
        super()._post_clean()
        self.instance.options = getattr(self, "options", self.instance.options)
        text = self.cleaned_data.get("starts_with")
        if "starts_with" not in self.fields or self.errors:
            return
        self.instance.default = None
        if text:
            read = types.reader_of(self.instance)
            if read is None:
                self.add_error("starts_with", _("Fields for colleagues and customers begin empty."))
                return
            try:
                self.instance.default = types.to_json(self.instance, read(text))
            except ParseError as problem:
                self.add_error("starts_with", str(problem))

    def save_for(self, actor) -> FieldDefinition:
        definition = self.instance
        services.give_slot(definition, bool(self.cleaned_data.get("sortable")), actor=actor)
        return definition
