"""Forms of records: choices narrowed to what the user sees, version check per field, one-time token, reach after
saving."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from crm import ownership
from crm.access import Action, Catalogue, Part, Root
from crm.fields.forms import MARKER, FieldsMixin, Finished, conflict_words
from crm.masked_forms import MaskedField, MaskedForm
from crm.models import FormToken, Tag, User
from crm.models.record import TagsField
from crm.protection.masks import HIDDEN
from crm.search import found
from crm.tag_forms import TagsFormField, new_tags_field
from crm.tags import add_tags, names_in, three_way

NUMBERED = re.compile(r"^\s*[A-Za-z]+-0*(\d+)\b")
KEYED = re.compile(r"#(\d+)\s*$")
LOGIN = re.compile(r"\(([^()]+)\)\s*$")


def choice_text(record) -> str:
    """A record as one line that names it and leads back to it: "C-000123 Acme", "Ana Li (ana)", "North #4"."""
    if isinstance(record, User):
        return f"{record.name} ({record.username})"
    number = getattr(record, "number", None)
    return f"{number} {record}" if number else f"{record} #{record.pk}"


class RecordChoiceField(forms.ModelChoiceField):
    """One of very many records. A text box with suggestions: it takes the number, the suggested line or the exact name.

    Works without script; with it the list below the box follows what is typed (`data-choices-url`).
    """

    default_error_messages = {
        "unknown": _(
            "Nothing called “%(value)s” is among the records you can see. Choose one from the list, or type its number."
        ),
        "several": _("Several records are called “%(value)s”. Choose one from the list, or type its number."),
    }

    def __init__(self, queryset, **kwargs):
        kwargs["widget"] = forms.TextInput(attrs={"data-picker": "", "autocomplete": "off"})
        kwargs.pop("limit_choices_to", None)
        super().__init__(queryset, **kwargs)
        self.widget.attrs["data-choices-url"] = f"/choices/{queryset.model._meta.label_lower}/"
        self.present = None

    def prepare_value(self, value):
        if isinstance(value, models.Model):
            return choice_text(value)
        if isinstance(value, int):
            row = self.queryset.filter(pk=value).first()
            return choice_text(row) if row else ""
        if isinstance(value, str) and value.isdecimal() and self.queryset.model is not User:
            row = self.named(value).first()  # a key that came back with what was typed: people read the name
            return choice_text(row) if row else value
        return value

    def to_python(self, value):
        value = (value or "").strip() if isinstance(value, str) else value
        if not value:
            return None
        if isinstance(value, models.Model):
            return value
        rows = list(self.named(str(value))[:2])
        if len(rows) == 1:
            return rows[0]
        raise ValidationError(
            self.error_messages["several" if rows else "unknown"], code="invalid_choice", params={"value": value}
        )

    def named(self, text: str):
        """The rows that the text names, as a number, a key, a login or an exact name."""
        if "\x00" in text:
            return self.queryset.none()
        fields = {f.name for f in self.queryset.model._meta.concrete_fields}
        if self.queryset.model is User:
            login = LOGIN.search(text)
            return (
                self.queryset.filter(username=login[1])
                if login
                else self.queryset.filter(models.Q(name=text) | models.Q(username=text))
            )
        key = (
            (NUMBERED.search(text) if "number" in fields else None)
            or KEYED.search(text)
            or (re.match(r"^(\d+)$", text))
        )
        if key and int(key[1]) < 2**63:
            return self.queryset.filter(pk=int(key[1]))
        name = next(n for n in ("name", "name_en", "subject", "text") if n in fields)
        match = models.Q(**{f"{name}__iexact": text})
        return self.queryset.filter(match | models.Q(name_zh=text) if "name_zh" in fields else match)

    def has_changed(self, initial, data):
        return str(self.prepare_value(initial) or "") != str(data or "")


def form_field(db_field, **kwargs):
    """The form field of a model field: date inputs, text boxes with suggestions for large tables, no empty surprise."""
    if isinstance(db_field, models.ForeignKey):
        related = db_field.related_model
        if isinstance(related.access, (Root, Part)) or related._meta.label_lower in ("crm.user", "crm.team"):
            kwargs["form_class"] = RecordChoiceField
    elif isinstance(db_field, TagsField):
        return TagsFormField(db_field.model, required=False)
    elif isinstance(db_field, models.DateTimeField):
        kwargs["widget"] = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    elif isinstance(db_field, models.DateField):
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    elif isinstance(db_field, models.TextField):
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
    return db_field.formfield(**kwargs)


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed since the form was opened: its label and the three values as text."""

    name: str
    label: str
    opened: object
    theirs: object
    mine: object


class AlreadySaved(Exception):
    """The same form was sent twice; url is where the first one led."""

    def __init__(self, url: str):
        super().__init__(url)
        self.url = url


class EntityForm(FieldsMixin, MaskedForm, metaclass=Finished):
    """The base of all record forms. form_field makes its fields; keep it as Meta.formfield_callback in own forms."""

    new_tags = new_tags_field()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        formfield_callback = form_field

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.conflicts: list[Conflict] = []
        self.mask_for(user)
        self.fields["version"].initial = getattr(self.instance, "version", None)
        self.fields["form_token"].initial = uuid.uuid4()
        self.offer_tags()
        if "owner" in self.fields and not user.rights.may(self._meta.model, Action.ASSIGN):
            del self.fields["owner"]
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                self.narrow(name, field)

    def offer_tags(self):
        """The tags of the set, and a box for new ones for people who may make them."""
        field = self.fields.get("tags")
        may_add = field is not None and self.user.rights.may(Tag, Action.ADD)
        if not may_add:
            del self.fields["new_tags"]
        if field is not None:
            field.user = self.user
            if not self.user.rights.may(Tag) or not (may_add or field.offered()):
                del self.fields["tags"]

    def clean_new_tags(self):
        names = names_in(self.cleaned_data["new_tags"])
        for name in names:
            tag = Tag(root=self._meta.model._meta.label_lower, name=name)
            try:
                tag.clean_fields()
                tag.clean()
            except ValidationError as error:  # it names fields of the tag, which this form does not have
                raise ValidationError(error.messages) from error
        return names

    def narrow(self, name: str, field):
        """Offer only what the user sees, and the present value even where he does not."""
        model = field.queryset.model
        rows = field.queryset.visible_to(self.user)
        columns = {field.name for field in model._meta.concrete_fields}
        if model is User or (isinstance(model.access, Catalogue) and "is_active" in columns):
            rows = rows.filter(is_active=True)
        present = getattr(self.instance, f"{name}_id", None) if self.instance.pk else None
        field.queryset = rows | field.queryset.model._base_manager.filter(pk=present) if present else rows

    # -- two people at once --------------------------------------------------------------------------------------
    def clean(self):
        data = super().clean()
        opened = self.cleaned_data.get("version")
        if self.instance.pk and opened and opened != self.instance.version:
            self.compare(self.opened_values(opened))
        return data

    def opened_values(self, version: int) -> dict:
        """The column values as they were when the form was opened, from the change history."""
        events = getattr(self._meta.model, "pgh_event_model", None)
        row = (
            events.objects.filter(pgh_obj_id=self.instance.pk, version=version).order_by("-pgh_id").first()
            if events
            else None
        )
        return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} if row else {}

    def compare(self, opened: dict):
        """Keep both people's changes; where both changed the same field, ask, and show in the others what both made."""
        self.joined = {}
        for name in list(self.cleaned_data):
            if name not in self.fields or name in ("version", "form_token") or not is_column(self._meta.model, name):
                continue
            if name == "tags":
                mine, theirs = self.cleaned_data[name], self.instance.tags
                self.cleaned_data[name] = self.joined[name] = three_way(opened.get(name), theirs, mine)
                continue
            attname = self._meta.model._meta.get_field(name).attname
            mine, theirs = self.cleaned_data[name], getattr(self.instance, name)
            was = opened.get(attname, object())
            if key_of(mine) == was:
                self.cleaned_data[name] = self.joined[name] = theirs
            elif key_of(theirs) not in (was, key_of(mine)):
                told = [opened.get(attname), theirs] if self.may_tell(name) else [HIDDEN, HIDDEN]
                self.conflicts.append(Conflict(name, str(self.fields[name].label), *told, mine))
        for name, definition, *values in self.compare_custom(opened):
            *told, mine = conflict_words(definition, self.user, *values)
            told = told if self.may_tell(name) else [HIDDEN, HIDDEN]
            self.conflicts.append(Conflict(name, definition.name, *told, mine))
        if self.conflicts:
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = str(self.instance.version)
            for name, value in self.joined.items():  # saved again, the form must not bring the old value back
                self.send_again(name, value)
            names = ", ".join(conflict.label for conflict in self.conflicts)
            self.add_error(
                None,
                _(
                    "Someone else changed %(fields)s while you were editing. Compare below, keep or alter "
                    "your values, and save again. Nothing you typed is lost."
                )
                % {"fields": names},
            )

    def send_again(self, name: str, value):
        """Put a value into what the form was sent, as if the person had typed it."""
        field = self.fields[name]
        value = field.mask if isinstance(field, MaskedField) else field.prepare_value(value)
        sent = field.widget.format_value(value)
        if isinstance(field.widget, forms.CheckboxInput):
            sent = ["on"] if value else []
        self.data.setlist(self.add_prefix(name), sent if isinstance(sent, list) else ["" if sent is None else sent])

    def may_tell(self, name: str) -> bool:
        """Whether the person reads the values of this field that others wrote."""
        return not isinstance(self.fields[name], MaskedField)

    # -- saving --------------------------------------------------------------------------------------------------
    def save_for(self, actor, url_of) -> models.Model:
        """Save in one transaction with author, token and the check that the row stays in the actor's reach.

        url_of: record -> the address to lead to. Raises AlreadySaved for a form sent twice, ValidationError when the
        actor would lose sight of the record.
        """
        with transaction.atomic():
            self.use_token(actor)
            record = self.save_record(actor)
            if not self.stays_in_reach(record, actor):
                raise ValidationError(
                    _(
                        "You would no longer see this record after saving. Keep yourself or your team as owner, "
                        "or use “Assign”."
                    )
                )
            FormToken.objects.filter(token=self.token).update(location=url_of(record)[:300])
        return record

    def stays_in_reach(self, record, actor) -> bool:
        """Whether the actor still sees the row that was just written."""
        return type(record).objects.visible_to(actor).filter(pk=record.pk).exists()

    def save_record(self, actor) -> models.Model:
        """Write the row (and what belongs to it, in forms that override this)."""
        record = self.instance
        if not record.pk and hasattr(record, "created_by_id"):
            record.created_by = actor
        if hasattr(record, "modified_by_id"):
            record.modified_by = actor
        is_root = isinstance(type(record).access, Root)
        before = ownership.owners_of(record) if is_root and record.pk else None
        if is_root:
            self.place(record, actor)
        if new := self.cleaned_data.get("new_tags"):
            record.tags = sorted({*record.tags, *(tag.pk for tag in add_tags(type(record), new, actor=actor))})
        self.save()
        if before is not None:
            ownership.note(record, before, actor=actor)
        return record

    def place(self, record, actor):
        """Owner and team: a new record is its author's; a new owner brings his team, unless a team was chosen here."""
        if "owner" in self.fields:
            if "owner" in self.changed_data and "team" not in self.changed_data:
                record.give_to(self.cleaned_data["owner"])
        elif not record.pk and not record.owner_id:
            record.owner = actor
        if not record.pk and record.owner_id and not record.team_id:
            record.team = record.owner.team

    @property
    def changed_values(self) -> list[str]:
        """Names of the fields whose value the person changed."""
        return [name for name in self.changed_data if name not in ("version", "form_token", MARKER)]

    @property
    def token(self):
        return self.cleaned_data.get("form_token") or self.fields["form_token"].initial

    def is_sent_again(self) -> bool:
        """Whether the same form was saved already; saving leads to what it made."""
        return FormToken.objects.filter(token=self.token, user=self.user).exists()

    def use_token(self, actor):
        """Spend the one-time token; a second form with the same token has been saved already."""
        try:
            with transaction.atomic():
                FormToken.objects.create(token=self.token, user=actor)
        except IntegrityError:
            earlier = FormToken.objects.filter(token=self.token, user=actor).first()
            raise AlreadySaved(earlier.location if earlier and earlier.location else "/") from None


def is_column(model, name: str) -> bool:
    return name in {field.name for field in model._meta.concrete_fields}


def key_of(value):
    """A value as the history holds it: the key of a linked record, None for an empty text is kept apart."""
    return value.pk if isinstance(value, models.Model) else value


def suggestions(model, user, text: str, limit: int = 12) -> list[str]:
    """Lines for the box of a RecordChoiceField: the user's visible rows in which the text occurs."""
    rows = found(model.objects.visible_to(user), text)
    if model is User:
        rows = rows.filter(is_active=True)
    return [choice_text(row) for row in rows.order_by("-pk")[:limit]]
