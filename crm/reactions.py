"""What the core itself shows: shares in the menu and on the workbench, their end on every tick; who owned a record."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import asking, navigation, shared_rows, workbench
from crm.access import Action, Root
from crm.entities import registry
from crm.figures import datetime_text
from crm.jobs import on_tick
from crm.marking import add_cards
from crm.models import OwnershipChange
from crm.ownership import PEOPLE, item_of
from crm.timeline import Arm, add_arm

LINES = 5


def received_lines(user) -> list[workbench.Line]:
    """What was shared with the person and the person's teams lately."""
    return [
        workbench.Line(
            str(row.record),
            row.url,
            note=" · ".join(filter(None, (str(row.grant.given_by or ""), row.grant.level, row.grant.reason))),
            value=_("until %(moment)s") % {"moment": datetime_text(row.grant.until)} if row.grant.until else "",
        )
        for row in shared_rows.received(user, limit=LINES)
    ]


def may_have_shares(user) -> bool:
    return bool(shared_rows.shared_models(user))


def request_lines(user) -> list[workbench.Line]:
    """The requests for access that are the person's to answer, the oldest first."""
    return [
        workbench.Line(
            f"{one.asker.name} → {one.record_name}",
            reverse("share-answer", args=[one.pk]),
            note=f"{one.get_level_display()} · {one.reason}",
            value=datetime_text(one.asked_at, form="short"),
        )
        for one in asking.named(asking.waiting_for(user).order_by("pk")[:LINES], user)
    ]


def may_answer(user) -> bool:
    return any(user.rights.may(model, Action.CHANGE) for model in shared_rows.shared_models(user))


workbench.add_card(
    workbench.Card(
        "requests",
        gettext_lazy("Requests for access"),
        "key",
        request_lines,
        may=may_answer,
        empty=gettext_lazy("Nobody waits for your answer"),
        url=lambda user: reverse("share-requests"),
        order=85,
    )
)
workbench.add_card(
    workbench.Card(
        "shared-with-me",
        gettext_lazy("Shared with me"),
        "share",
        received_lines,
        may=may_have_shares,
        empty=gettext_lazy("Nobody shares a record with you at the moment"),
        url=lambda user: reverse("share-received"),
        order=80,
    )
)
add_cards()
navigation.add(
    navigation.MenuItem(
        "share-received", gettext_lazy("Shares"), "share", group="home", prefix="share-", order=60, may=may_have_shares
    )
)
on_tick(shared_rows.expire_now_and_then)

for entity in registry.values():
    if isinstance(entity.model.access, Root):
        add_arm(
            Arm(
                f"owners of {entity.slug}",
                entity.model,
                OwnershipChange,
                lambda record, user: OwnershipChange.objects.about(record),
                item_of,
                related=PEOPLE,
            )
        )
