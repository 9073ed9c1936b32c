"""Uploads that find the temporary folder full: the form says so, and everything else that was typed is there."""

import contextlib

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from crm.files import StorageFull, is_full


class LostUpload(UploadedFile):
    """Stands for a file for which there was no room; who reads it gets StorageFull."""

    def read(self, *args):
        raise StorageFull

    def chunks(self, chunk_size=None):
        raise StorageFull


class TemporaryUpload(TemporaryFileUploadHandler):
    """Writes a large upload into the temporary folder; when that is full, it takes the rest and keeps nothing."""

    def new_file(self, *args, **kwargs):
        vars(self).pop("file", None)
        self.is_lost = False
        with self.giving_up():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        if not self.is_lost:
            with self.giving_up():
                super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size):
        if not self.is_lost:
            with self.giving_up():
                return super().file_complete(file_size)
        return LostUpload(None, self.file_name, self.content_type, file_size)

    @contextlib.contextmanager
    def giving_up(self):
        try:
            yield
        except OSError as error:
            if not is_full(error):
                raise
            self.is_lost = True
            if (file := vars(self).pop("file", None)) is not None:
                with contextlib.suppress(OSError):  # what still waits to be written finds no room, either
                    file.close()
