"""The pages of customers, contacts, their roles, and talks."""

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.attachments.entity import Files
from crm.columns import Column, PageColumn
from crm.entities import Entity, Fact, FileKind, Group
from crm.figures import short_money
from crm.filters import CatalogueFilter, ChoiceFilter, FlagFilter, RangeFilter, RecordFilter
from crm.marks import avatar
from crm.moments import when
from customers import batches, events, quality
from customers.filters import MineFilter, WorksAtFilter
from customers.models import (
    Address,
    BillingProfile,
    Contact,
    ContactPoint,
    ContactRole,
    Customer,
    CustomerFile,
    CustomerRelation,
    FollowUpPlan,
    Interaction,
    InteractionFile,
)
from customers.tones import LEVELS, LIFECYCLES, OUTCOMES, PLAN_STATES
from customers.views.duplicates import DUPLICATES
from customers.views.group import GroupPage
from customers.views.points import PointsPage


def owner_of(customer, user):
    if not customer.owner_id:
        return "—"
    return format_html("{} {}", avatar(customer.owner.name), customer.owner.name)


def next_follow_up(customer, user):
    """The planned moment; in red once it has passed."""
    if customer.next_follow_at and customer.next_follow_at < timezone.now():
        return format_html('<span class="down">{}</span>', when(customer.next_follow_at))
    return when(customer.next_follow_at)


def points_of(holder, user):
    """All contact points of one customer or contact, primary ones first; whether masked ones may be revealed, and
    points be changed by whoever may change the record."""
    holders = type(holder).objects.filter(pk=holder.pk)
    points = ContactPoint.objects.of(holders, user).order_by("-is_primary", "kind", "pk")
    may = user.rights.may
    return {
        "points": points,
        "may_reveal": may(ContactPoint, Action.REVEAL),
        "may_change_points": may(ContactPoint, Action.CHANGE),
    }


class Customers(Entity):
    model = Customer
    slug = "customers"
    icon = "building"
    group = "customers"
    order = 10
    search_hint = _("Name, phone or its last 4 digits")
    form = "customers.forms.CustomerForm"
    groups = (
        Group(_("Basics"), ("name", "short_name", "kind", "type", "level", "lifecycle", "industry", "source", "owner")),
        Group(_("How to reach them"), ("phone", "email", "website", "country", "region")),
        Group(_("Company"), ("credit_code", "founded_on", "revenue", "employees", "size", "parent")),
        Group(_("What we know"), ("background", "preferences")),
    )
    columns = (
        Column(
            "name", sort="name", aliases=("customer name", "company", "account", "客户名称", "公司名称", "企业名称")
        ),
        Column("number"),
        Column("short_name", least=True, aliases=("简称", "abbreviation")),
        Column("kind"),
        Column("type", least=True, aliases=("客户类型", "account type")),
        Column("level", tones=LEVELS),
        Column("lifecycle", tones=LIFECYCLES),
        Column("industry", aliases=("sector", "所属行业")),
        Column("source", least=True),
        Column("country", least=True),
        Column("region", aliases=("province", "省市", "地区")),
        PageColumn("contact", _("primary contact"), batches.primary_contacts),
        PageColumn("phone", _("Phone"), batches.customer_phones),
        PageColumn("email", _("E-mail"), batches.customer_emails, least=True),
        Column("revenue", sort="-revenue_order", aliases=("annual revenue", "年营收")),
        Column("employees", least=True),
        Column("size", least=True, aliases=("企业规模", "人员规模", "company size")),
        Column(
            "credit_code",
            least=True,
            aliases=("统一社会信用代码", "信用代码", "税号", "uscc", "social credit code", "registration number"),
        ),
        Column("founded_on", least=True, aliases=("成立日期", "成立时间", "founded", "date of incorporation")),
        Column("last_followed_at", sort="-followed_order"),
        Column("next_follow_at"),
        Column("owner"),
        Column("team", least=True),
        Column("parent", least=True),
        Column("website", least=True),
        Column("background", least=True, aliases=("背景", "客户背景")),
        Column("preferences", least=True, aliases=("客户偏好", "likes")),
        Column("created_at", sort="-created_at", least=True),
        Column("modified_at", least=True),
    )
    shown = (
        "name",
        "level",
        "lifecycle",
        "industry",
        "contact",
        "phone",
        "last_followed_at",
        "next_follow_at",
        "owner",
    )
    filters = (
        ChoiceFilter("level"),
        ChoiceFilter("lifecycle"),
        CatalogueFilter("industry"),
        ChoiceFilter("type"),
        ChoiceFilter("kind"),
        ChoiceFilter("size"),
        ChoiceFilter("source"),
        RecordFilter("owner"),
        RecordFilter("team"),
        RangeFilter("revenue", kind="number"),
        RangeFilter("last_followed_at"),
        FlagFilter("overdue", _("Follow-up overdue"), method="overdue"),
        RangeFilter("created_at"),
    )
    facts = (
        Fact("owner", _("Owner"), owner_of, order=10),
        Fact("last", _("Last contact"), lambda customer, user: when(customer.last_followed_at), order=40),
        Fact("next", _("Next follow-up"), next_follow_up, order=45),
        Fact(
            "revenue",
            _("Annual revenue"),
            lambda customer, user: short_money(customer.revenue, customer.currency),
            order=60,
        ),
    )
    pillars = ("last_followed_at", "next_follow_at", "kind", "parent")
    gaps = quality.CUSTOMER_GAPS
    faults = quality.CUSTOMER_FAULTS
    spare = ("parent",)
    applies = dict.fromkeys(quality.COMPANY_FIELDS, quality.COMPANIES)
    heard = "last_followed_at"
    importer = "customers.importing.CustomerImporter"
    importable = (
        "name",
        "short_name",
        "kind",
        "type",
        "level",
        "lifecycle",
        "industry",
        "source",
        "country",
        "region",
        "revenue",
        "employees",
        "size",
        "credit_code",
        "founded_on",
        "phone",
        "email",
        "website",
        "parent",
        "owner",
        "background",
        "preferences",
    )
    pages = {"group": ("<int:pk>/group/", GroupPage), "points": ("<int:pk>/points/", PointsPage), **DUPLICATES}
    events = {"add": events.customer_added, "change": events.customer_changed, "delete": events.customer_deleted}
    record_template = "customers/record.html"

    @classmethod
    def subtitle(cls, record):
        return record.region

    @classmethod
    def badges(cls, record):
        found = [(record.get_lifecycle_display(), LIFECYCLES[record.lifecycle])] if record.lifecycle else []
        if record.level:
            found.append((_("Level %(level)s") % {"level": record.level}, LEVELS[record.level]))
        return found

    @classmethod
    def composer(cls, record, user, data=None, plan=None):
        """The form to log a talk with a customer one sees, or None for whoever may log none."""
        from customers.talk_forms import ComposerForm

        if not user.rights.may(Interaction, Action.ADD):
            return None
        return ComposerForm(data, customer=record, user=user, plan=plan)

    @classmethod
    def extras(cls, record, user):
        return {
            "composer": cls.composer(record, user),
            **points_of(record, user),
            "is_planned": record.next_follow_at is not None and user.rights.may(FollowUpPlan),
            "is_late": record.next_follow_at is not None and record.next_follow_at < timezone.now(),
        }


class Contacts(Entity):
    model = Contact
    slug = "contacts"
    icon = "users"
    group = "customers"
    order = 20
    search_hint = _("Name, phone or its last 4 digits")
    form = "customers.forms.ContactForm"
    groups = (
        Group(_("Basics"), ("name", "customer", "role", "primary", "position", "department")),
        Group(_("How to reach them"), ("mobile", "email", "phone", "wechat")),
        Group(
            _("What we know"),
            ("preferred_channel", "preferred_language", "do_not_contact", "birthday", "identity_number"),
        ),
        Group(_("Note"), ("note",)),
    )
    columns = (
        Column("name", sort="name"),
        Column("position"),
        PageColumn("customer", _("works at"), batches.customers_of_contacts),
        PageColumn("mobile", _("Mobile"), batches.contact_mobiles),
        PageColumn("email", _("E-mail"), batches.contact_emails),
        PageColumn("phone", _("Phone"), batches.contact_phones, least=True),
        PageColumn("wechat", _("WeChat"), batches.contact_wechats, least=True),
        Column("department"),
        Column("preferred_channel", least=True),
        Column("preferred_language", least=True),
        Column("do_not_contact", least=True),
        Column("birthday", least=True),
        Column("identity_number", least=True),
        Column("number", least=True),
        Column("note", least=True),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("name", "position", "customer", "mobile", "email")
    file_kinds = (FileKind("vcf", _("Business cards (.vcf)"), "customers.cards.write_cards"),)
    filters = (
        WorksAtFilter("customer"),
        ChoiceFilter("preferred_channel"),
        ChoiceFilter("preferred_language"),
        RangeFilter("created_at"),
    )
    parents = ("roles__customer",)
    pages = {"points": ("<int:pk>/points/", PointsPage), **DUPLICATES}
    importer = "customers.importing.ContactImporter"
    importable = (
        "name", "customer", "position", "department", "mobile", "email", "phone", "wechat", "preferred_channel",
        "preferred_language", "do_not_contact", "birthday", "identity_number", "note",
    )
    events = {"add": events.contact_added, "change": events.contact_changed, "delete": events.contact_deleted}
    pillars = ("number",)
    is_rated = True
    gaps = quality.CONTACT_GAPS
    faults = quality.CONTACT_FAULTS
    spare = ("note",)
    talks = Interaction
    talks_of = staticmethod(quality.talks_of_contact)
    record_template = "customers/contact.html"

    @classmethod
    def subtitle(cls, record):
        return record.department

    @classmethod
    def extras(cls, record, user):
        return points_of(record, user)


class ContactRoles(Entity):
    """The customers of one contact; a tab of the contact's page."""

    model = ContactRole
    slug = "contact-roles"
    icon = "link"
    group = "customers"
    order = 25
    in_menu = False
    form = "customers.forms.ContactRoleForm"
    groups = (Group(_("Role"), ("contact", "customer", "role", "primary", "is_active")),)
    columns = (
        Column("role"),
        Column("customer"),
        Column("contact"),
        Column("is_primary"),
        Column("is_active"),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("role", "customer", "contact", "is_primary", "is_active")
    filters = (ChoiceFilter("role"), RecordFilter("customer"))
    parents = ("contact",)


class Addresses(Entity):
    """The addresses of one customer; a tab of the customer's page."""

    model = Address
    slug = "addresses"
    icon = "map-pin"
    group = "customers"
    order = 26
    in_menu = False
    form = "customers.forms.AddressForm"
    groups = (
        Group(_("Address"), ("customer", "kind", "country", "place", "street", "postcode", "receiver", "primary")),
    )
    columns = (
        Column("kind"),
        Column("place"),
        Column("street"),
        Column("postcode"),
        Column("receiver"),
        Column("is_primary"),
        Column("country"),
        Column("customer"),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("kind", "place", "street", "postcode", "receiver", "is_primary")
    filters = (ChoiceFilter("kind"), RecordFilter("customer"))
    parents = ("customer",)


class BillingProfiles(Entity):
    """What stands on the invoices of one customer; a tab of the customer's page."""

    model = BillingProfile
    slug = "billing-profiles"
    icon = "receipt"
    group = "customers"
    order = 27
    in_menu = False
    form = "customers.forms.BillingProfileForm"
    groups = (Group(_("Invoice"), ("customer", "title", "tax_number", "bank", "account", "note", "primary")),)
    columns = (
        Column("title"),
        Column("tax_number"),
        Column("bank"),
        Column("account"),
        Column("is_default"),
        Column("customer"),
        Column("note", least=True),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("title", "tax_number", "bank", "account", "is_default")
    filters = (RecordFilter("customer"),)
    parents = ("customer",)


class CustomerRelations(Entity):
    """Partners, suppliers and other relations; the group page of a customer shows them from both sides."""

    model = CustomerRelation
    slug = "relations"
    icon = "link"
    group = "customers"
    order = 28
    in_menu = False
    groups = (Group(_("Relation"), ("customer", "kind", "other", "note")),)
    columns = (
        Column("kind"),
        Column("other"),
        Column("customer"),
        Column("note"),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("customer", "kind", "other", "note")
    filters = (ChoiceFilter("kind"), RecordFilter("customer"))


class Interactions(Entity):
    model = Interaction
    slug = "interactions"
    icon = "messages"
    group = "customers"
    order = 30
    form = "customers.talk_forms.InteractionForm"
    groups = (
        Group(_("Basics"), ("customer", "contact", "kind", "direction", "at", "duration", "outcome", "text")),
        Group(_("Who else took part"), ("with_contacts", "with_colleagues")),
        Group(_("What comes next"), ("next_step", "next_at")),
    )
    columns = (
        Column("at", sort="-at"),
        Column("kind"),
        Column("outcome", tones=OUTCOMES),
        Column("customer"),
        Column("contact"),
        Column("text"),
        Column("next_step", least=True),
        Column("next_at"),
        Column("direction", least=True),
        Column("duration", least=True),
        PageColumn("with_contacts", _("also there"), batches.talk_contacts, least=True),
        PageColumn("with_colleagues", _("colleagues"), batches.talk_colleagues, least=True),
        Column("created_by", label=_("by")),
        Column("created_at", least=True),
    )
    shown = ("at", "kind", "outcome", "customer", "contact", "text", "next_at", "created_by")
    filters = (
        ChoiceFilter("kind"),
        ChoiceFilter("outcome"),
        ChoiceFilter("direction"),
        RecordFilter("customer"),
        RecordFilter("created_by", label=_("by")),
        RangeFilter("at"),
        RangeFilter("next_at"),
    )
    default_sort = "-at"
    parents = ("customer",)
    importer = "customers.importing.InteractionImporter"
    importable = (
        "customer", "contact", "at", "kind", "direction", "outcome", "duration", "text", "next_step", "next_at",
    )
    pillars = ("kind", "direction", "outcome", "contact", "text", "next_step", "next_at", "created_by")
    events = {
        "add": events.interaction_logged,
        "change": events.interaction_changed,
        "delete": events.interaction_deleted,
    }


class CustomerFiles(Files):
    model = CustomerFile
    slug = "customer-files"
    group = "customers"


class InteractionFiles(Files):
    model = InteractionFile
    slug = "interaction-files"
    group = "customers"


class FollowUpPlans(Entity):
    model = FollowUpPlan
    slug = "follow-up-plans"
    icon = "calendar-check"
    group = "customers"
    order = 35
    form = "customers.talk_forms.FollowUpPlanForm"
    groups = (Group(_("Basics"), ("customer", "contact", "kind", "at", "purpose", "owner")),)
    columns = (
        Column("at", sort="at"),
        Column("purpose"),
        Column("kind"),
        Column("customer"),
        Column("contact"),
        Column("owner"),
        Column("state", tones=PLAN_STATES),
        Column("record", least=True),
        Column("origin", least=True),
        Column("created_by", label=_("by"), least=True),
        Column("created_at", least=True),
    )
    shown = ("at", "purpose", "kind", "customer", "contact", "owner", "state")
    filters = (
        MineFilter("mine", _("My plans")),
        FlagFilter("overdue", _("Overdue"), method="overdue"),
        FlagFilter("week", _("Due this week"), method="this_week"),
        ChoiceFilter("state"),
        ChoiceFilter("kind"),
        RecordFilter("customer"),
        RecordFilter("owner"),
        RangeFilter("at"),
    )
    default_sort = "-at"
    parents = ("customer",)
    pages = {"state": ("<int:pk>/state/", "customers.views.plans.PlanStatePage")}
    events = {"add": events.plan_made, "change": events.plan_changed, "delete": events.plan_deleted}
    record_template = "customers/plan.html"

    @classmethod
    def badges(cls, record):
        late = [(_("Overdue"), "red")] if record.is_overdue else []
        return [(record.get_state_display(), PLAN_STATES[record.state]), *late]

    @classmethod
    def extras(cls, record, user):
        return {"may_log": record.is_open and user.rights.may(Interaction, Action.ADD)}
