"""The pages of attached files: a tab of their record, download, preview, adding several at once, deleting with undo."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.attachments.attaching import attach
from crm.attachments.checking import check
from crm.attachments.scanning import RefusedFile
from crm.columns import Column
from crm.entities import Entity, Group
from crm.files import StorageFull
from crm.filters import RangeFilter, RecordFilter
from crm.forms import EntityForm

MOST_AT_ONCE = 10


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    """Several uploads; each is checked, and what is wrong is said with the name of the file."""

    widget = ManyFiles

    def clean(self, data, initial=None):
        uploads = [super(FilesField, self).clean(one, initial) for one in (data or [None])]
        return [upload for upload in uploads if upload]


class FileForm(EntityForm):
    """Adds files to one record. `checked` are those that may be kept."""

    files = FilesField(label=_("Files"), widget=ManyFiles(attrs={"multiple": True}))

    class Meta(EntityForm.Meta):
        fields = ("record",)

    def clean_files(self):
        self.checked, problems = [], []
        for upload in self.cleaned_data["files"][:MOST_AT_ONCE]:
            try:
                self.checked.append(check(upload))
            except (RefusedFile, StorageFull) as problem:
                problems.append(f"{upload.name}: {problem}")
        if problems:
            self.discard()
            raise ValidationError(problems)
        return self.checked

    def discard(self):
        for one in getattr(self, "checked", ()):
            one.close()

    def save_record(self, actor):
        record, made = self.cleaned_data["record"], []
        try:
            made = [attach(self._meta.model, record, one, actor=actor) for one in self.checked]
        except StorageFull as problem:
            raise ValidationError(str(problem)) from problem
        finally:
            self.discard()
        self.instance = made[-1]
        return self.instance


class Files(Entity):
    """What the files of every kind of record share; a subclass names model, slug and group."""

    icon = "paperclip"
    order = 90
    in_menu = False
    without = ("change", "export")
    groups = (Group(_("File"), ("files", "name", "edition", "content_type", "size", "record")),)
    columns = (
        Column("name"),
        Column("edition", label=_("version")),
        Column("record", label=_("belongs to")),
        Column("size"),
        Column("content_type", least=True),
        Column("created_by"),
        Column("created_at", sort="-created_at"),
    )
    shown = ("name", "edition", "record", "size", "created_by", "created_at")
    filters = (RecordFilter("record", _("belongs to")), RangeFilter("created_at"))
    parents = ("record",)
    pages = {
        "add": ("add/", "crm.views.files.AddFilesPage"),
        "download": ("<int:pk>/download/", "crm.views.files.DownloadPage"),
        "delete": ("<int:pk>/delete/", "crm.views.files.DeleteFilePage"),
        "preview": ("<int:pk>/preview/", "crm.views.files.PreviewPage"),
    }
    record_template = "files/record.html"
    tab_template = "files/_tab.html"

    @classmethod
    def tab_label(cls, parent):
        return _("files")

    @classmethod
    def form_class(cls):
        meta = type("Meta", (FileForm.Meta,), {"model": cls.model})
        return type(f"{cls.__name__}Form", (FileForm,), {"Meta": meta})

    @classmethod
    def tab_extras(cls, record, rows, user):
        """The files by name: the newest version of each with the older ones; and what the reader may delete."""
        keys = [row.record.pk for row in rows]
        mine = cls.model.objects.visible_to(user, Action.DELETE).filter(pk__in=keys).values_list("pk", flat=True)
        by_name: dict[str, list] = {}
        for row in sorted(rows, key=lambda row: -row.record.edition):
            by_name.setdefault(row.record.name, []).append(row.record)
        return {
            "files": [{"newest": found[0], "older": found[1:]} for found in by_name.values()],
            "deletable": set(mine),
            "files_script": True,
            "max_bytes": settings.ATTACHMENTS_MAX_BYTES,
        }
