"""Columns beside a protected value by which it is found: fingerprints that every way of writing fills by itself."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Derived:
    """A column that the record itself works out whenever save() or bulk_create() writes it.

    source: the name of the record's method that gives it; the method gives None to keep what is there.
    """

    def __init__(self, *args, source: str = "", **kwargs):
        self.source = source
        super().__init__(*args, **kwargs | {"editable": False})

    def pre_save(self, instance, add):
        return self.stored(instance)

    def stored(self, instance):
        if self.source:  # not on the bare models of migrations
            value = getattr(instance, self.source)()
            if value is not None:
                setattr(instance, self.attname, value)
        return getattr(instance, self.attname)


def as_json(field, record):
    """What a protected or derived column will hold, as JSON that PostgreSQL turns into the column."""
    value = field.stored(record)
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value


class DigestField(Derived, models.BinaryField):
    """The fingerprint of a whole value: 16 bytes, equal for equal values of one purpose."""


@DigestField.register_lookup
class AnyOf(models.Lookup):
    """One of many fingerprints, as one text: digest__anyof=[…]. An import asks for thousands at once, and an array of
    bytes would be escaped one by one."""

    lookup_name = "anyof"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        lhs, params = self.process_lhs(compiler, connection)
        given = "SELECT decode(one, 'hex') FROM unnest(string_to_array(%s, ' ')) AS one"
        return f"{lhs} = ANY(ARRAY({given}))", [*params, " ".join([one.hex() for one in self.rhs])]


class TokensField(Derived, ArrayField):
    """Fingerprints of 32 bits of the parts by which a value may be found; check again after opening."""

    def __init__(self, base_field=None, **kwargs):
        super().__init__(base_field or models.IntegerField(), **{"default": list} | kwargs)
