"""The search box: how text is prepared and which rows it finds. Phones and e-mail addresses are never looked through
here."""

import re
import unicodedata
from functools import reduce
from operator import or_

from django.db.models import Q

HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
MOST_WORDS = 6


def words_of(text: str) -> list[str]:
    """The words of a query in lower case and compatible form; never more than MOST_WORDS."""
    return unicodedata.normalize("NFKC", text).replace("\x00", "").lower().split()[:MOST_WORDS]


def doubled(word: str) -> str:
    """The word as search_text holds it: each Chinese character twice, so that two of them make a trigram."""
    return HAN.sub(r"\1\1", word)


def found(queryset, text: str):
    """The rows of the queryset in which every word of the text occurs; all of them for an empty text."""
    fields = {field.name for field in queryset.model._meta.concrete_fields}
    for word in words_of(text):
        if "search_text" in fields:
            queryset = queryset.filter(search_text__contains=doubled(word))
        else:
            named = [name for name in ("name", "name_zh", "name_en", "code", "username", "subject") if name in fields]
            queryset = queryset.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in named), Q(pk__in=[])))
    return queryset
