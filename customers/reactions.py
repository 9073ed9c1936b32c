"""What this floor shows in the timelines of its own records."""

from crm.models import TimelineEntry
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.models import Contact, Customer, Interaction
from customers.timeline import contacts_of, interaction_item, interactions_of

add_arm(
    Arm("interactions", Customer, Interaction, interactions_of, interaction_item, related=("contact", "created_by"))
)
add_arm(Arm("contacts", Customer, TimelineEntry, entries_about(Contact, contacts_of), entry_item, related=("actor",)))
