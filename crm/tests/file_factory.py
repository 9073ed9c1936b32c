"""Rows of attached files for tests: a real small picture with its preview, kept in the storage."""

from crm.attachments import attach, check
from crm.tests.pictures import upload


def file_factory(model, make_record):
    """A factory of the files of one kind of record."""

    def make_file(owner=None, *, record=None, name="photo.png", content=None):
        checked = check(upload(name, content))
        try:
            return attach(model, record or make_record(owner), checked, actor=owner)
        finally:
            checked.close()

    return make_file
