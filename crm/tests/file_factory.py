"""Rows of attached files for tests: small, with a preview, kept in the storage; only the checking process is spared."""

from crm.files import save_file
from crm.tests.pictures import picture

SMALL = picture("JPEG")


def file_factory(model, make_record):
    """A factory of the files of one kind of record."""

    def make_file(owner=None, *, record=None, name="photo.jpg"):
        record = record or make_record(owner)
        file, preview = (
            save_file(lambda target: target.write(SMALL), one, "image/jpeg", user=None) for one in (name, "preview.jpg")
        )
        return model.objects.create(
            record=record,
            name=name,
            edition=model.everything.filter(record=record, name=name).count() + 1,
            content_type="image/jpeg",
            size=file.size,
            file=file,
            preview=preview,
            created_by=owner,
        )

    return make_file
