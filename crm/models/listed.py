"""Many keys as one parameter of a query."""

from django.db import models


@models.BigAutoField.register_lookup
class Listed(models.Lookup):
    """One of many keys, as one text: pk__listed=keys. `in` makes a parameter of each, which for the lines of an import
    costs more than the question itself."""

    lookup_name = "listed"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s::bigint[])", [*params, array_of(self.rhs)]


def array_of(numbers) -> str:
    """Whole numbers and None as PostgreSQL writes an array of them."""
    return f"{{{','.join(['NULL' if one is None else str(one) for one in numbers])}}}"
