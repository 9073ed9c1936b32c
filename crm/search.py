"""The search box: how text is prepared and which rows it finds. Phones and e-mail addresses are sealed;
finders look them up by their fingerprints."""

import re
import unicodedata
from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from django.db.models import Q

HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
MOST_WORDS = 6
finders: dict[type, Callable] = {}


def words_of(text: str) -> list[str]:
    """The words of a query in lower case and compatible form; never more than MOST_WORDS."""
    return unicodedata.normalize("NFKC", text).replace("\x00", "").lower().split()[:MOST_WORDS]


def doubled(word: str) -> str:
    """The word as search_text holds it: each Chinese character twice, so that two of them make a trigram."""
    return HAN.sub(r"\1\1", word)


def add_finder(model, finder):
    """Let the search box find rows of the model by something else than their text: finder(text, user) -> Q or None.

    Called at start only. The rows are looked for among those that the caller shows, so the rule of access stays.
    """
    finders[model] = finder


def found(queryset, text: str, user=None):
    """The rows of the queryset in which every word of the text occurs; all of them for an empty text.

    user: who searches, where rows may also be found by a finder (a whole phone number, its last four digits).
    """
    words = words_of(text)
    if not words:
        return queryset
    is_wide = user is not None and has_searchable(queryset.model, user)
    condition = reduce(and_, (occurs(queryset.model, word, is_wide) for word in words))
    finder = finders.get(queryset.model) if user is not None else None
    more = finder(text, user) if finder else None
    return queryset.filter(condition if more is None else condition | more)


def has_searchable(model, user) -> bool:
    """Whether the company opened a custom field of the model to the search box."""
    return any(definition.is_searchable for definition in user.fields.definitions(model))


def occurs(model, word: str, is_wide: bool = False) -> Q:
    """The rows of the model in which the word occurs; is_wide: also in its custom fields."""
    fields = {field.name for field in model._meta.concrete_fields}
    if "search_text" in fields:
        inside = Q(search_text__contains=doubled(word))
        return inside | Q(custom_text__contains=doubled(word)) if is_wide else inside
    named = [name for name in ("name", "name_zh", "name_en", "code", "username", "subject") if name in fields]
    return reduce(or_, (Q(**{f"{name}__icontains": word}) for name in named), Q(pk__in=[]))
