"""Hanging checked files on a record: kept in the private storage, each name in versions, told in the timeline."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.events import Event, announce
from crm.files import save_file

from .checking import Checked

file_attached = Event("file_attached", gettext_lazy("%(actor)s attached %(file)s"), icon="paperclip", colour="teal")


@transaction.atomic
def attach(model, record, checked: Checked, *, actor):
    """Keep a checked file at a record as a row of `model`; a name that is there already gets its next version.

    The rights are the caller's to check. Raises ValidationError when the record has as many files as it may, and
    StorageFull.
    """
    whole = type(record)
    whole.objects.select_for_update(no_key=True).get(pk=record.pk)  # two uploads of one name: one after the other
    rows = model.objects.filter(record=record)
    if rows.count() >= settings.ATTACHMENTS_MAX_FILES:
        raise ValidationError(
            _("A record holds at most %(number)s files. Delete some that nobody needs.")
            % {"number": settings.ATTACHMENTS_MAX_FILES}
        )
    last = model.everything.filter(record=record, name=checked.name).aggregate(last=Max("edition"))["last"] or 0

    def copy(target):
        with open(checked.path, "rb") as source:
            shutil.copyfileobj(source, target)

    stored = save_file(copy, checked.name, checked.content_type, user=None)
    preview = None
    if checked.preview:
        preview = save_file(lambda target: target.write(checked.preview), "preview.jpg", "image/jpeg", user=None)
    made = model.objects.create(
        record=record,
        name=checked.name,
        edition=last + 1,
        content_type=checked.content_type,
        size=stored.size,
        file=stored,
        preview=preview,
        created_by=actor,
        modified_by=actor,
    )
    announce(file_attached, record, actor=actor, file=made.name, edition=made.edition)
    return made
