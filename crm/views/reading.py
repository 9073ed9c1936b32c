"""The first page of an import: choose or paste a table, see how it is read, change that, go on."""

from dataclasses import dataclass, replace

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.exchange import LIMITS, ReadChoices, UnreadableFile, begin_check, begin_import, importer_for
from crm.exchange.dialects import DELIMITERS, QUOTES
from crm.exchange.encodings import NAMES
from crm.exchange.inspecting import FileView
from crm.exchange.kinds import Kind
from crm.exchange.preview import text_of
from crm.exchange.uploads import read_again, seen
from crm.files import StorageFull
from crm.views.imports import state_of, url_of

RECENT = 8
SHOWN_COLUMNS = 40
RULE_LENGTH = 40
MOST_HEADER_ROWS = 5
ENDINGS = ".xlsx,.xls,.ods,.csv,.tsv,.txt,.vcf,.xlsb,.xlsm,.et"


class UploadForm(forms.Form):
    """A file, or a table that was pasted; refused before it is read when it is larger than uploads may be."""

    file = forms.FileField(label=gettext_lazy("File"), max_length=255, required=False)
    pasted = forms.CharField(
        label=gettext_lazy("Pasted table"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ENDINGS

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s, at most %(limit)s are allowed. Split it and import the parts.")
                % {"size": filesizeformat(file.size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)}
            )
        return file

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("file") and not data["pasted"].strip():
            self.add_error("file", _("Choose a file, or paste a table."))
        return data

    @property
    def part(self) -> str:
        """The field that the table came by."""
        return "file" if self.files.get("file") else "pasted"

    @property
    def upload(self):
        if self.cleaned_data["file"]:
            return self.cleaned_data["file"]
        return SimpleUploadedFile(_("Pasted table.tsv"), self.cleaned_data["pasted"].encode())


@dataclass(frozen=True)
class ShownLine:
    line: int
    cells: list[str]
    is_head: bool
    is_above: bool


class ReadingStep:
    """What `ImportPage` does before anything is checked. POST action=read reads the kept file again."""

    def upload(self):
        form = UploadForm(self.request.POST, self.request.FILES)
        if form.is_valid():
            try:
                batch = begin_import(self.entity, form.upload, actor=self.request.user)
            except (UnreadableFile, StorageFull) as error:
                form.add_error(form.part, str(error))
            else:
                return HttpResponseRedirect(self.url(batch), status=303)
        return self.upload_page(form, status=422)

    def upload_page(self, form, status=200):
        context = {
            "form": form,
            "limit_rows": LIMITS.rows,
            "limit_bytes": settings.UPLOAD_MAX_BYTES,
            "template_url": self.url(file="template"),
        }
        return self.page("entity/import.html", 0, status=status, **context | self.beside())

    def beside(self) -> dict:
        importer = importer_for(self.entity, self.request.user)
        return {
            "fields": [(capfirst(field.label), importer.is_required(field)) for field in importer.fields.values()],
            "recent": [
                (batch, url_of(batch, self.entity), *state_of(batch))
                for batch in self.batches().order_by("-pk")[:RECENT]
            ],
        }

    # -- a file that was uploaded, before it is checked ---------------------------------------------------------------
    def is_unchecked(self, batch) -> bool:
        return batch.check_job is None and batch.run_job is None and batch.file is not None

    def is_reading(self, batch) -> bool:
        """Not checked yet, or the person goes back by ?step=read."""
        return self.is_unchecked(batch) or (self.request.GET.get("step") == "read" and self.may_map(batch))

    def reading_page(self, batch, error="", status=200):
        chosen = ReadChoices.from_json(batch.reading.get("chosen", {}))
        try:
            view = seen(batch)
        except (UnreadableFile, FileNotFoundError) as problem:
            text = str(problem) if isinstance(problem, UnreadableFile) else _("The file is gone.")
            view = FileView(Kind.TEXT, chosen, problem=text)
        width = min(max((len(values) for _line, values in view.lines), default=0), SHOWN_COLUMNS)
        return self.page(
            "entity/import_reading.html",
            0,
            status=status,
            batch=batch,
            view=view,
            chosen=chosen,
            error=error,
            lines=[self.shown(view, line, values, width) for line, values in view.lines],
            controls=self.controls(view, chosen) if view.lines or view.problem else [],
            batch_url=self.url(batch),
            read_url=self.url(batch, step="read"),
            **self.beside(),
        )

    def shown(self, view, line, values, width) -> ShownLine:
        cells = [text_of(value) for value in values[:width]]
        head = view.head.lines if view.head else ()
        is_above = line < (head[0] if head else 0)
        if is_above:  # rules would push the columns apart
            cells = [cell if len(cell) <= RULE_LENGTH else f"{cell[: RULE_LENGTH - 1]}…" for cell in cells]
        return ShownLine(line, cells + [""] * (width - len(cells)), line in head, is_above)

    def controls(self, view, chosen) -> list[dict]:
        """The selects of the page: {name, label, options: (value, label, whether it is chosen)}."""
        controls = []
        if len(view.sheets) > 1:
            sheets = [(sheet.place, self.sheet_label(sheet)) for sheet in view.sheets]
            controls.append(self.control("sheet", _("Sheet"), sheets, view.used.sheet, None))
        if view.kind in (Kind.TEXT, Kind.VCARD):
            controls.append(self.control("encoding", _("Encoding"), NAMES.items(), chosen.encoding, view.used.encoding))
        if view.kind is Kind.TEXT:
            delimiters = dict(DELIMITERS)
            if view.used.delimiter and view.used.delimiter not in delimiters:
                delimiters[view.used.delimiter] = view.used.delimiter
            options = [delimiters.items(), chosen.delimiter, view.used.delimiter]
            controls.append(self.control("delimiter", _("Delimiter"), *options))
            controls.append(self.control("quote", _("Quotes"), QUOTES.items(), chosen.quote, view.used.quote))
        if view.kind is not Kind.VCARD and view.head:
            lines = [
                (0, _("There are none")),
                *((line, _("Line %(line)s") % {"line": line}) for line, _c in view.lines),
            ]
            controls.append(self.control("header", _("Headings"), lines, chosen.header, view.used.header))
            if view.used.header:
                counts = [(n, str(n)) for n in range(1, MOST_HEADER_ROWS + 1)]
                used = (chosen.header_rows, view.used.header_rows)
                controls.append(self.control("header_rows", _("Lines of headings"), counts, *used))
        return controls

    def control(self, name, label, options, chosen, found) -> dict:
        """chosen: what the person said, None when nothing; found: what was recognised, None when nothing can be."""
        given = [(str(value), str(text), value == chosen) for value, text in options]
        if found is not None or chosen is None:
            words = next((text for value, text, _is in given if value == str(found)), "")
            words = _("Recognised: %(what)s") % {"what": words} if words and chosen is None else _("Recognise")
            given.insert(0, ("", words, chosen is None))
        return {"name": name, "label": label, "options": given}

    def sheet_label(self, sheet):
        label = sheet.name
        if sheet.rows is not None:
            label = ngettext("%(name)s (%(rows)s line)", "%(name)s (%(rows)s lines)", sheet.rows)
            label %= {"name": sheet.name, "rows": sheet.rows}
        return label if sheet.is_visible else _("%(name)s, hidden") % {"name": label}

    def read_again(self, batch):
        """Keep what the form says; another sheet has its own headings, so those are recognised anew."""
        before = ReadChoices.from_json(batch.reading.get("chosen", {}))
        chosen = self.said(before)
        if (chosen.sheet, chosen.encoding, chosen.delimiter, chosen.quote) != (
            before.sheet,
            before.encoding,
            before.delimiter,
            before.quote,
        ):
            chosen = replace(chosen, header=None, header_rows=None)
        try:
            if not read_again(batch, chosen, importer_for(self.entity, self.request.user).known_headings):
                messages.info(self.request, _("This import was started already"))
        except UnreadableFile as error:
            return self.reading_page(batch, error=str(error), status=422)
        return HttpResponseRedirect(self.url(batch), status=303)

    def said(self, before) -> ReadChoices:
        """The choices of the form; what it does not offer stays, what is no choice is left to be recognised."""
        post, said = self.request.POST, {}
        for name, most in (("sheet", 1000), ("header", 100_000), ("header_rows", MOST_HEADER_ROWS)):
            if name in post:
                text = post[name]
                said[name] = int(text) if text.isdecimal() and len(text) < 7 and int(text) <= most else None
        for name, known in (("encoding", NAMES), ("quote", QUOTES)):
            if name in post:
                said[name] = post[name] if post[name] in known else None
        if "delimiter" in post:
            said["delimiter"] = post["delimiter"] if len(post["delimiter"]) == 1 else None
        return replace(before, **said, totals="totals" in post or None)

    def check(self, batch):
        importer = importer_for(self.entity, self.request.user)
        try:
            begin_check(batch, importer)
        except UnreadableFile as error:
            return self.reading_page(batch, error=str(error), status=422)
        return HttpResponseRedirect(self.url(batch), status=303)
