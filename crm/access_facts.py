"""What an entry of the access log says beside its record, in the reader's language: rows, format, fields, reason …"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from crm.entities import registry

FACTS = {
    "rows": gettext_lazy("rows"),
    "format": gettext_lazy("format"),
    "columns": gettext_lazy("columns"),
    "entity": gettext_lazy("list"),
    "query": gettext_lazy("filters"),
    "name": gettext_lazy("tried name"),
    "reason": gettext_lazy("reason"),
    "field": gettext_lazy("field"),
    "job": gettext_lazy("job"),
    "mail": gettext_lazy("mail"),
    "tab": pgettext_lazy("log", "page"),
    "what": pgettext_lazy("log", "act"),
    "actor": gettext_lazy("actor"),
    "person": pgettext_lazy("log", "as"),
    "viewing": gettext_lazy("number"),
    "path": pgettext_lazy("log", "address of the page"),
    "status": pgettext_lazy("log", "answer"),
    "batch": gettext_lazy("import"),
    "file": gettext_lazy("file"),
    "edition": gettext_lazy("version"),
    "report": gettext_lazy("report"),
    "period": gettext_lazy("period"),
    "copy": pgettext_lazy("log", "copy"),
    "comparison": gettext_lazy("comparison"),
}
WORDS = {
    ("entity", "access-log"): gettext_lazy("Access log"),
    ("entity", "dictionary"): gettext_lazy("Data dictionary"),
    ("tab", "merge"): gettext_lazy("Merge"),
    ("what", "begin"): pgettext_lazy("log", "begin"),
    ("what", "end"): pgettext_lazy("log", "end"),
    ("what", "page"): pgettext_lazy("log", "page"),
}


def facts_of(facts: dict, labels: dict[str, str]) -> str:
    """The facts as one line. labels: {name: label} of the fields and columns that they may name."""
    said = [(name, value) for name, value in facts.items() if value not in ("", None, [], {})]
    return " · ".join(f"{FACTS.get(name, name)}: {in_words(name, value, labels)[:300]}" for name, value in said)


def in_words(name: str, value, labels: dict[str, str]) -> str:
    if isinstance(value, list):
        return pgettext("list", ", ").join(in_words(name, one, labels) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    if name == "entity" and text in registry:
        return str(registry[text].label_plural())
    if name in ("field", "columns"):
        return labels.get(text, text)
    return str(WORDS.get((name, text), text))
