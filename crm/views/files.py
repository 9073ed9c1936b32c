"""Attached files: adding several to one record, giving out the bytes, showing previews that we made."""

import logging

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.access import Action
from crm.entities import entity_for
from crm.files import open_file, path_of
from crm.forms import AlreadySaved
from crm.history import log_access
from crm.views.deleting import DeletePage
from crm.views.doors import RecordView
from crm.views.form import AddPage

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024
SANDBOX = "default-src 'none'; sandbox"


def pieces(stored):
    with open_file(stored) as file:
        while piece := file.read(BLOCK):
            yield piece


def given_out(stored, *, as_attachment: bool) -> StreamingHttpResponse:
    """The bytes of a file that the reader may have; opened when the first of them is sent."""
    if not path_of(stored).is_file():
        logger.error("File %s is missing in the storage.", stored.pk)
        raise Http404
    response = StreamingHttpResponse(pieces(stored), content_type=stored.content_type)
    response["Content-Length"] = stored.size
    named = content_disposition_header(as_attachment, stored.name)
    response["Content-Disposition"] = named if as_attachment else "inline"
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class AddFilesPage(AddPage):
    """Hang files on a record that one sees; back to the record's tab of files."""

    action = Action.ADD

    def place(self, form) -> dict:
        """Names the record to which the files go and leads back to it, also after a refusal."""
        try:
            record = form.fields["record"].clean(form["record"].value())
        except ValidationError:  # none, or one that the reader does not see
            return {}
        return {
            "title": _("Attach files to “%(name)s”") % {"name": record},
            "cancel_url": files_url(self.entity, record),
        }

    def save(self, form):
        try:
            made = form.save_for(self.request.user, self.tab_url)
        except AlreadySaved as already:
            form.discard()
            return self.lead_to(already.url)
        except ValidationError as error:
            form.discard()
            form.add_error(None, error)
            return None
        number = len(form.checked)
        text = ngettext("Attached %(number)s file", "Attached %(number)s files", number) % {"number": number}
        messages.success(self.request, text)
        return self.lead_to(self.tab_url(made))

    def tab_url(self, made) -> str:
        return files_url(self.entity, made.record)


def files_url(entity, record) -> str:
    """The tab of files of a record."""
    return f"{entity_for(type(record)).url('record', record)}?tab={entity.slug}"


class DeleteFilePage(DeletePage):
    """Delete one version; back to the files of its record."""

    action = Action.DELETE

    def post(self, request, pk):
        found = self.get_record("record")
        super().post(request, pk)
        return HttpResponseRedirect(files_url(self.entity, found.record), status=303)


class DownloadPage(RecordView):
    """The bytes of one version, always as a download, never as a page; written into the access log."""

    action = Action.VIEW

    def get(self, request, pk):
        found = self.get_record("file", "record")
        response = given_out(found.file, as_attachment=True)
        log_access(
            "download",
            user=request.user,
            record=found.record,
            address=request.META.get("REMOTE_ADDR"),
            file=found.name,
            edition=found.edition,
        )
        return response


class PreviewPage(RecordView):
    """The small picture that we made of a picture or of the first page of a PDF; nothing of the upload itself."""

    action = Action.VIEW

    def get(self, request, pk):
        found = self.get_record("preview")
        if found.preview is None:
            raise Http404
        response = given_out(found.preview, as_attachment=False)
        response["Cache-Control"] = "private, max-age=3600"
        return response
