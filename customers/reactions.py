"""What this floor shows in the timelines of its own records and on the workbench."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import merging, navigation, workbench
from crm.access import Action
from crm.duties import Duties, add_duties
from crm.models import TimelineEntry
from crm.moments import when
from crm.quality.figures import Further, add_figure
from crm.search import add_finder
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.duplicates import decided
from customers.finding import FINDERS
from customers.group import parent_after_merge
from customers.models import Contact, Customer, DuplicatePair, FollowUpPlan, Interaction
from customers.timeline import PARTICIPANTS, contacts_of, interaction_item, interactions_of

add_arm(
    Arm(
        "interactions",
        Customer,
        Interaction,
        interactions_of,
        interaction_item,
        related=("contact", "created_by"),
        annotations=PARTICIPANTS,
    )
)
add_arm(Arm("contacts", Customer, TimelineEntry, entries_about(Contact, contacts_of), entry_item, related=("actor",)))

merging.add_array(Contact, Interaction, "with_contacts")
merging.add_adjustment(Customer, parent_after_merge)
merging.records_merged.listen(decided.note_merge)
merging.records_unmerged.listen(decided.note_unmerge)

for model, finder in FINDERS.items():
    add_finder(model, finder)

for model in (Customer, Contact):
    add_figure(
        Further(
            model,
            _("Possible duplicates"),
            _("Pairs to decide of which you see both records"),
            "copy",
            count=lambda user, model=model: DuplicatePair.objects.seen_by(user, model).open().count(),
            page="duplicates",
        )
    )

add_duties(Duties(FollowUpPlan, "customer", lambda rows: rows.open()))

LINES = 5


def follow_up_lines(user) -> list[workbench.Line]:
    """The user's own plans that are due by the end of today, the longest overdue first."""
    now = timezone.now()
    tonight = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    mine = FollowUpPlan.objects.visible_to(user).filter(owner=user, at__lte=tonight).open()
    return [
        workbench.Line(
            plan.purpose or plan.get_kind_display(),
            f"{reverse('customers-log', args=[plan.customer_id])}?plan={plan.pk}",
            note=" · ".join(str(part) for part in (plan.customer, plan.contact) if part),
            value=str(when(plan.at)),
            tone="red" if plan.at < now else "",
        )
        for plan in mine.select_related("customer", "contact").order_by("at", "pk")[:LINES]
    ]


workbench.add_card(
    workbench.Card(
        "follow_ups",
        _("Follow-ups due"),
        "calendar-check",
        follow_up_lines,
        may=lambda user: user.rights.may(FollowUpPlan),
        empty=_("No follow-up of yours is due today"),
        url=lambda user: f"{reverse('follow-up-plans-list')}?mine=on&state=planned&sort=at",
        order=10,
    )
)

navigation.add(
    navigation.MenuItem(
        "customers-duplicates",
        _("Duplicates"),
        "copy",
        group="customers",
        order=90,
        may=lambda user: user.rights.may(Customer, Action.CHANGE),
    )
)
