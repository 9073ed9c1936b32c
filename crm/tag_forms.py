"""Tags as a person or a file names them: the form field, the box for new ones, the reader of a cell."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import tags
from crm.marks import tag_chip
from crm.models import Tag


class TagsFormField(forms.MultipleChoiceField):
    """Some tags of the set of a kind of root, as check boxes; its value is the keys in order."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": gettext_lazy(
            "A chosen tag is not in the set any more; it was merged or deleted meanwhile. Look at the tags again."
        )
    }

    def __init__(self, model, user=None, **kwargs):
        self.model, self.user = model, user
        super().__init__(
            **{"label": gettext_lazy("Tags"), "choices": self.offered, **kwargs, "widget": forms.CheckboxSelectMultiple}
        )

    def offered(self) -> list[tuple]:
        rows = Tag.objects.visible_to(self.user) if self.user else Tag.objects.all()
        return [(tag.pk, tag_chip(tag)) for tag in rows.of(self.model)]

    def prepare_value(self, value):
        return value or None

    def to_python(self, value):
        return [key for key in super().to_python(value) if key]

    def clean(self, value):
        return sorted(int(key) for key in super().clean(value))


def new_tags_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("New tags"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Several with a comma between them. They join the set of everybody."),
    )


class TagsReader:
    """Reads the cell of an import: names of tags. Unknown ones are kept aside when the person may make tags."""

    def __init__(self, model, user):
        self.model, self.user, self.known = model, user, None
        self.may_add = tags.may_manage(user)

    def __call__(self, cell) -> Tags:
        names = tags.names_in(str(cell))
        if self.known is None:
            self.known = {tag.name.lower(): tag.pk for tag in Tag.objects.visible_to(self.user).of(self.model)}
        unknown = [name for name in names if name.lower() not in self.known]
        if unknown and not self.may_add:
            raise ValidationError(
                _("There is no tag called %(names)s. Choose tags of the set, or have them added first.")
                % {"names": tags.joined(f"“{name}”" for name in unknown)}
            )
        for name in unknown:
            Tag(root=self.model._meta.label_lower, name=name).clean_fields(exclude=["id"])
        found = Tags(sorted(self.known[name.lower()] for name in names if name.lower() in self.known))
        found.new = unknown
        return found


class Tags(list):
    """Keys of tags, and the names of those that are to be made when the line is written."""

    new: list[str] = []
