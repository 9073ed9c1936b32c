"""The administrators' pages of customers, contacts and talks."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin import AttachmentAdmin, CatalogueAdmin, RecordAdmin
from crm.admin_site import site
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
    Industry,
    Interaction,
    InteractionFile,
)


@admin.register(Industry, site=site)
class IndustryAdmin(CatalogueAdmin):
    """Industries are taken out of use, never deleted: customers keep theirs."""

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Customer, site=site)
class CustomerAdmin(RecordAdmin):
    list_display = ("number", "name", "level", "lifecycle", "industry", "owner", "team", "created_at")
    list_select_related = ("industry", "owner", "team")
    list_filter = ("kind", "level", "lifecycle", "source", "industry")


@admin.register(Contact, site=site)
class ContactAdmin(RecordAdmin):
    list_display = ("number", "name", "position", "department", "created_at")


@admin.register(ContactRole, site=site)
class ContactRoleAdmin(RecordAdmin):
    list_display = ("contact", "customer", "role", "is_primary", "is_active")
    list_select_related = ("contact", "customer")
    list_filter = ("role", "is_primary", "is_active")


@admin.register(ContactPoint, site=site)
class ContactPointAdmin(RecordAdmin):
    list_display = ("kind", "masked", "customer", "contact", "is_primary", "is_valid")
    list_select_related = ("customer", "contact")
    list_filter = ("kind", "is_primary", "is_valid")

    @admin.display(description=_("value"))
    def masked(self, point):
        return point.mask


@admin.register(Address, site=site)
class AddressAdmin(RecordAdmin):
    list_display = ("customer", "kind", "place", "is_primary")
    list_select_related = ("customer",)
    list_filter = ("kind", "is_primary")
    exclude = ("street",)


@admin.register(BillingProfile, site=site)
class BillingProfileAdmin(RecordAdmin):
    list_display = ("title", "customer", "tax_number", "bank", "is_default")
    list_select_related = ("customer",)
    exclude = ("account",)


@admin.register(CustomerRelation, site=site)
class CustomerRelationAdmin(RecordAdmin):
    list_display = ("customer", "kind", "other")
    list_select_related = ("customer", "other")
    list_filter = ("kind",)


@admin.register(Interaction, site=site)
class InteractionAdmin(RecordAdmin):
    list_display = ("at", "kind", "customer", "contact", "outcome", "created_by")
    list_select_related = ("customer", "contact", "created_by")
    list_filter = ("kind", "direction", "outcome")


@admin.register(FollowUpPlan, site=site)
class FollowUpPlanAdmin(RecordAdmin):
    list_display = ("at", "purpose", "kind", "customer", "owner", "state")
    list_select_related = ("customer", "owner")
    list_filter = ("state", "kind")


admin.register(CustomerFile, InteractionFile, site=site)(AttachmentAdmin)
