"""What happens to customers, their contacts and in the talks with them."""

from django.utils.translation import gettext_lazy as _

from crm.events import Event

customer_added = Event("customer_added", _("%(actor)s added the customer %(record)s"), icon="building", colour="blue")
customer_changed = Event("customer_changed", _("%(actor)s changed the customer %(record)s"), icon="pencil")
customer_deleted = Event("customer_deleted", _("%(actor)s deleted the customer %(record)s"), icon="trash", colour="red")
contact_added = Event("contact_added", _("%(actor)s added the contact %(record)s"), icon="user-plus", colour="blue")
contact_changed = Event("contact_changed", _("%(actor)s changed the contact %(record)s"), icon="pencil")
contact_deleted = Event("contact_deleted", _("%(actor)s deleted the contact %(record)s"), icon="trash", colour="red")
# The rows of interactions are in the timeline themselves; these tell the floors above, and stand in nobody's timeline.
interaction_logged = Event("interaction_logged", _("%(actor)s logged %(record)s"), icon="message")
interaction_changed = Event("interaction_changed", _("%(actor)s changed %(record)s"), icon="pencil")
interaction_deleted = Event("interaction_deleted", _("%(actor)s deleted %(record)s"), icon="trash", colour="red")
# The timeline shows a plan when it has become a talk; these are for the floors above, too.
plan_made = Event("plan_made", _("%(actor)s planned %(record)s"), icon="calendar-check")
plan_changed = Event("plan_changed", _("%(actor)s changed the plan %(record)s"), icon="pencil")
plan_deleted = Event("plan_deleted", _("%(actor)s deleted the plan %(record)s"), icon="trash", colour="red")
