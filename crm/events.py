"""What has happened. Down the house one calls; up the house one announces."""

import json
import logging
from collections.abc import Callable

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router, transaction
from django.db.models import F, Value
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.broker import delay_on_commit, wake
from crm.history import acting

logger = logging.getLogger(__name__)

MAX_TRIES = 10
BATCH = 200
EMPTY = "—"
NAME_FIELDS = ("name", "subject", "title", "number")
registry: dict[str, "Event"] = {}


class Event:
    """A kind of thing that happens: a constant of an app's events.py. Upper floors listen to it in their reactions.py.

    code: stable and unique, past tense ("customer_added").
    sentence: lazy text with named parts: %(actor)s, %(record)s and any fact.
    parts: optional function facts -> {name: text}; words facts in the active language (money, states, dates).
    icon, colour: how the timeline marks it.
    """

    def __init__(
        self,
        code: str,
        sentence,
        *,
        parts: Callable[[dict], dict] | None = None,
        icon: str = "point",
        colour: str = "gray",
    ):
        if code in registry:
            raise ValueError(f"There are two events with the code {code}.")
        self.code, self.sentence, self.parts, self.icon, self.colour = code, sentence, parts, icon, colour
        self.listeners: list[Callable] = []
        registry[code] = self

    def listen(self, function: Callable) -> Callable:
        """Have `function(entry)` called by a worker after the commit of each announcement; it may be called twice.

        Said while the apps start (reactions.py), never during a request. Also a decorator: @customer_added.listen
        """
        if function not in self.listeners:
            self.listeners.append(function)
        return function

    def __repr__(self):
        return f"<Event {self.code}>"


class FactEncoder(DjangoJSONEncoder):
    """Facts as JSON: a record becomes its key and name, master data its key and the names in both languages."""

    def default(self, value):
        if isinstance(value, models.Model):
            if hasattr(value, "name_zh"):
                return {"id": value.pk, "zh": value.name_zh, "en": value.name_en}
            return {"id": value.pk, "name": str(value)}
        return super().default(value)


def plain(facts):
    """The facts as JSON will give them back."""
    return json.loads(json.dumps(facts, cls=FactEncoder))


def announce(event: Event, record, *, actor, **facts):
    """Write `event` into the timeline of `record` in this transaction, and let the floors above know after the commit.

    actor: the user who did it, or None for the product itself. facts: plain values, moments, Decimals or records.
    """
    entry = apps.get_model("crm", "TimelineEntry").objects.create(
        event=event.code,
        subject_type=ContentType.objects.get_for_model(record),
        subject_id=record.pk,
        actor=actor,
        facts=plain({"record": record, **facts}),
        handled_at=None if event.listeners else timezone.now(),
    )
    if event.listeners:
        delay_on_commit("crm.tasks.run_listeners", entry.pk)
    return entry


def announce_many(event: Event, queryset, *, actor, **facts) -> int:
    """The same for every row of the queryset in one INSERT … SELECT; gives the number of entries.

    A fact may be an expression over the row: old_owner=F("owner__name").
    """
    now = timezone.now()
    values = {
        "event": Value(event.code),
        "subject_type_id": Value(ContentType.objects.get_for_model(queryset.model).pk),
        "subject_id": F("pk"),
        "actor_id": Cast(Value(actor.pk if actor else None), models.BigIntegerField()),
        "at": Cast(Value(now), models.DateTimeField()),
        "facts": JSONObject(
            record=JSONObject(id=F("pk"), name=name_expression(queryset.model)), **as_expressions(facts)
        ),
        "handled_at": Cast(Value(None if event.listeners else now), models.DateTimeField()),
        "tries": Value(0),
    }
    entries = apps.get_model("crm", "TimelineEntry")
    connection = connections[router.db_for_write(entries)]
    selected = queryset.order_by().annotate(**{f"new_{name}": value for name, value in values.items()})
    rows = selected.values_list(*(f"new_{name}" for name in values))
    try:
        sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
    columns = ", ".join(map(connection.ops.quote_name, values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {connection.ops.quote_name(entries._meta.db_table)} ({columns}) {sql}", parameters)
        count = cursor.rowcount
    if count and event.listeners:
        delay_on_commit("crm.tasks.run_waiting_listeners")
    return count


def as_expressions(facts: dict) -> dict:
    return {
        name: value if isinstance(value, (BaseExpression, F)) else Value(plain(value), models.JSONField())
        for name, value in facts.items()
    }


def name_expression(model):
    """The column by which people know a row of the model."""
    for name in NAME_FIELDS:
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        return F(name)
    return Value(None, models.CharField())


def handle(entry_id: int) -> bool:
    """Run the listeners of one entry and mark it, in one transaction; False when another worker has it or it is done.

    When a listener fails, nothing of this run stays and the entry waits for the sweeper, ten times at most.
    """
    entries = apps.get_model("crm", "TimelineEntry").objects
    try:
        with transaction.atomic():
            entry = entries.select_for_update(skip_locked=True).filter(pk=entry_id, handled_at__isnull=True).first()
            if entry is None:
                return False
            with acting(entry.actor, event=entry.event):
                for listener in getattr(registry.get(entry.event), "listeners", ()):
                    listener(entry)
            entries.filter(pk=entry_id).update(handled_at=timezone.now())
    except Exception:
        logger.exception("A listener of timeline entry %s failed; the sweeper will repeat it.", entry_id)
        entries.filter(pk=entry_id).update(tries=F("tries") + 1)
        return False
    return True


def handle_waiting() -> int:
    """Run the listeners of the oldest waiting entries; wakes another worker when there are more than one batch."""
    waiting = apps.get_model("crm", "TimelineEntry").objects.filter(handled_at__isnull=True, tries__lt=MAX_TRIES)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    handled = sum(handle(entry_id) for entry_id in ids)
    if handled and len(ids) == BATCH:
        wake("crm.tasks.run_waiting_listeners")
    return handled


def sentence_of(entry) -> str:
    """The entry as one sentence in the active language; every part is escaped, whoever wrote it."""
    event = registry.get(entry.event)
    facts = {name: worded(value) for name, value in entry.facts.items()}
    if event is not None and event.parts is not None:
        facts |= event.parts(entry.facts)
    parts = Parts({name: conditional_escape(value) for name, value in facts.items()})
    parts["actor"] = format_html('<b class="b">{}</b>', entry.actor.name if entry.actor_id else _("Banyan"))
    sentence = event.sentence if event is not None else _("%(actor)s changed %(record)s")
    return SafeString(str(sentence) % parts)  # the pattern is ours and all parts are escaped above


class Parts(dict):
    """Parts of a sentence; one that an older entry does not have reads as empty."""

    def __missing__(self, name):
        return EMPTY


def worded(value):
    """A fact as text in the active language."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, dict):
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        return value.get(language) or value.get("name") or EMPTY
    return value
