"""Values that one query finds for all rows of a page: phones of customers, customers of contacts, and the like."""

from django.urls import reverse
from django.utils.translation import pgettext

from crm.access import Action
from crm.models import User
from crm.unmasking import Mask
from customers.models import Contact, ContactPoint, ContactRole, Customer, Interaction


def first_points(model, ids, user, kinds) -> dict[int, str]:
    """{id of the customer or contact: its first point of these kinds, true or masked for this reader}; a mask that he
    may lift knows where."""
    name = model._meta.model_name
    points = ContactPoint.objects.of(model.objects.filter(pk__in=ids), user).filter(kind__in=kinds)
    rows = points.order_by(name, "-is_primary", "kind", "pk").distinct(name).only(name, "kind", "key", "value")
    address = reverse("point-reveal", args=[0]) if user.rights.may(ContactPoint, Action.REVEAL) else ""

    def told(point) -> str:
        is_closed = address and not (point.is_unmasked or point.is_damaged)
        return Mask(point.text, address.replace("/0/", f"/{point.pk}/")) if is_closed else point.text

    return {getattr(point, f"{name}_id"): told(point) for point in rows}


def customer_phones(ids, user):
    return first_points(Customer, ids, user, ("mobile", "phone"))


def customer_emails(ids, user):
    return first_points(Customer, ids, user, ("email",))


def contact_mobiles(ids, user):
    return first_points(Contact, ids, user, ("mobile",))


def contact_phones(ids, user):
    return first_points(Contact, ids, user, ("phone",))


def contact_emails(ids, user):
    return first_points(Contact, ids, user, ("email",))


def contact_wechats(ids, user):
    return first_points(Contact, ids, user, ("wechat",))


def primary_contacts(ids, user) -> dict[int, str]:
    """{customer id: "Zhou Min · Head of equipment"} for the customers that have a primary contact."""
    if not user.rights.may(Contact):
        return {}
    seen = Customer.objects.filter(pk__in=ids).visible_to(user).values("pk")
    roles = ContactRole.objects.filter(customer__in=seen, is_primary=True, contact__deleted_at__isnull=True)
    rows = roles.values_list("customer_id", "contact__name", "contact__position")
    return {pk: f"{name} · {position}" if position else name for pk, name, position in rows}


def roles_of_contacts(ids, user):
    """The roles of contacts at customers that the reader sees, the present and the primary one first."""
    if not user.rights.may(ContactRole):
        return ContactRole.objects.none()
    roles = ContactRole.objects.filter(contact__in=ids, customer__in=Customer.objects.visible_to(user).values("pk"))
    return roles.order_by("-is_active", "-is_primary", "pk")


def customers_of_contacts(ids, user) -> dict[int, str]:
    """{contact id: "Decision maker · Acme"} with all customers the reader sees, the present ones first."""
    labels = dict(ContactRole.Role.choices)
    found: dict[int, list[str]] = {}
    for pk, name, role in roles_of_contacts(ids, user).values_list("contact_id", "customer__name", "role"):
        found.setdefault(pk, []).append(f"{labels[role]} · {name}")
    return {pk: pgettext("list", ", ").join(lines) for pk, lines in found.items()}


def main_customers(ids, user) -> dict[int, str]:
    """{contact id: name of the customer that the person works at}."""
    found: dict[int, str] = {}
    for pk, name in roles_of_contacts(ids, user).values_list("contact_id", "customer__name"):
        found.setdefault(pk, name)
    return found


def participants(model, column: str):
    """A batch: the names of those whose keys a talk holds in the column."""

    def batch(ids, user) -> dict[int, str]:
        keys = dict(Interaction.objects.filter(pk__in=ids).visible_to(user).values_list("pk", column))
        wanted = {key for several in keys.values() for key in several}
        rows = model._base_manager.filter(pk__in=wanted).values_list("pk", "name") if wanted else ()
        names = dict(rows)
        comma = pgettext("list", ", ")
        return {
            pk: comma.join(names[key] for key in several if key in names) for pk, several in keys.items() if several
        }

    return batch


talk_contacts = participants(Contact, "with_contacts")
talk_colleagues = participants(User, "with_colleagues")
