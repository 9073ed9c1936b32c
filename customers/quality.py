"""What may be missing or wrong in customers and contacts beyond their own fields: phones, addresses, codes."""

from django.contrib.postgres.aggregates import BitOr
from django.db.models import BooleanField, Case, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Mod, StrIndex, Substr
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _

from crm.quality.checks import Check
from customers.codes import TAX_NUMBER
from customers.models import BillingProfile, Contact, ContactPoint, ContactRole, Customer

# One number a record says all about its contact points, so that they are looked up once, whatever is asked.
KINDS = {kind: 1 << place for place, kind in enumerate(("mobile", "phone", "email", "wechat"))}
WRONG = {kind: 1 << place for place, kind in enumerate(("mobile", "phone", "email"), len(KINDS))}

# GB 32100: characters, and the weight of each place; the weighted sum of a right code can be divided by 31.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (*(3**place % 31 for place in range(17)), 1)
FORM = "^[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}$"

BAD_PHONE = _("Marked as no longer valid")
BAD_EMAIL = _("Marked as no longer valid, or without an @")
BAD_TAX = _("In the invoice details: not 4 to 30 letters and digits, or a last digit that does not fit the rest")
BAD_CODE = _("Not 18 characters, or the last one does not fit the rest")


IS_WRONG = Q(is_valid=False) | Q(kind="email", tokens__len=0)


def points_of(holder: str):
    """What the contact points of a record say, as bits; 0 without any. holder: "customer" or "contact".

    Wrong is what is marked as not valid, and an address without an @: it has no parts to be found by. Numbers that are
    none are refused when they are written; sealed as they are, nobody opens them to look again.
    """
    kinds = Case(*(When(kind=kind, then=Value(bit)) for kind, bit in KINDS.items()), default=Value(0))
    wrong = Case(*(When(IS_WRONG, kind=kind, then=Value(bit)) for kind, bit in WRONG.items()), default=Value(0))
    rows = ContactPoint.objects.filter(**{holder: OuterRef("pk")}).order_by().values(holder)
    return Coalesce(Subquery(rows.annotate(said=BitOr(kinds.bitor(wrong))).values("said")), 0)


def without(name: str, holder: str, *kinds: str) -> Check:
    """Records with no contact point of these kinds."""
    said = F("points_said").bitand(sum(KINDS[kind] for kind in kinds))
    there = ContactPoint.objects.filter(**{holder: OuterRef("pk")}, kind__in=kinds)
    needs = {"points_said": points_of(holder)}
    return Check(name, Q(Exact(said, 0)), needs=needs, rows=~Q(Exists(there)), parts=(ContactPoint,))


def wrong(name: str, holder: str, *kinds: str) -> Check:
    """Records with a wrong contact point of these kinds."""
    said = F("points_said").bitand(sum(WRONG[kind] for kind in kinds))
    there = ContactPoint.objects.filter(IS_WRONG, kind__in=kinds, **{f"{holder}__isnull": False})
    needs = {"points_said": points_of(holder)}
    rows = Q(pk__in=there.values(holder))
    why = BAD_EMAIL if kinds == ("email",) else BAD_PHONE
    return Check(name, Q(GreaterThan(said, 0)), needs=needs, rows=rows, parts=(ContactPoint,), why=why)


def wrong_credit_code(name: str) -> Q:
    """As customers.codes.credit_code decides, in SQL."""
    places = (StrIndex(Value(ALPHABET), Substr(name, place + 1, 1)) - 1 for place in range(18))
    total = sum((place * weight for place, weight in zip(places, WEIGHTS, strict=True)), Value(0))
    is_right = Q(**{f"{name}__regex": FORM}) & Q(Exact(Mod(total, 31, output_field=IntegerField()), 0))
    return ~Q(**{name: ""}) & ~is_right


def talks_of_contact(talks):
    """Of the talks those with one contact, as the one it was about or as one who was there, too: looked up through the
    customers at which the contact has a role, since nobody else takes part."""
    was_there = Func(
        OuterRef("pk"),
        F("with_contacts"),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    here = Q(customer__roles__contact=OuterRef("pk"), customer__roles__deleted_at__isnull=True)
    return talks.filter(here).filter(Q(contact=OuterRef("pk")) | Q(was_there))


def without_primary_contact() -> Check:
    """Customers without a primary contact that is in use."""
    roles = ContactRole.objects.filter(customer=OuterRef("pk"), is_primary=True, contact__deleted_at__isnull=True)
    needs = {"has_primary": Exists(roles)}
    return Check("contact", Q(has_primary=False), needs=needs, rows=~Q(Exists(roles)), parts=(Contact, ContactRole))


def wrong_tax_number() -> Check:
    """Customers whose invoice details have a tax number that is wrong, as customers.codes.tax_number decides."""
    of_company = Q(tax_number__regex="^9.{17}$") & wrong_credit_code("tax_number")
    profiles = BillingProfile.objects.filter(
        ~Q(tax_number="") & (~Q(tax_number__regex=f"^({TAX_NUMBER.pattern})$") | of_company)
    )
    return Check(
        "tax_number",
        Q(has_wrong_tax=True),
        needs={"has_wrong_tax": Exists(profiles.filter(customer=OuterRef("pk")))},
        rows=Q(pk__in=profiles.values("customer")),
        parts=(BillingProfile,),
        about=(BillingProfile, "tax_number"),
        label=_("tax number"),
        why=BAD_TAX,
    )


CUSTOMER_GAPS = (
    without_primary_contact(),
    without("phone", "customer", "mobile", "phone"),
    without("email", "customer", "email"),
)
CUSTOMER_FAULTS = (
    wrong("phone", "customer", "mobile", "phone"),
    wrong("email", "customer", "email"),
    Check("credit_code", wrong_credit_code("credit_code"), why=BAD_CODE),
    wrong_tax_number(),
)
COMPANIES = Q(kind=Customer.Kind.COMPANY)
COMPANY_FIELDS = ("short_name", "credit_code", "founded_on", "revenue", "employees", "size", "website", "industry")

CONTACT_GAPS = tuple(without(kind, "contact", kind) for kind in KINDS)
CONTACT_FAULTS = tuple(wrong(kind, "contact", kind) for kind in WRONG)
