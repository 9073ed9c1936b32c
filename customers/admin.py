"""The administrators' pages of customers, contacts and talks."""

from django.contrib import admin

from crm.admin import CatalogueAdmin, RecordAdmin
from crm.admin_site import site
from customers.models import Contact, ContactPoint, ContactRole, Customer, Industry, Interaction


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
    list_display = ("__str__", "kind", "customer", "contact", "is_primary")
    list_select_related = ("customer", "contact")
    list_filter = ("kind", "is_primary")


@admin.register(Interaction, site=site)
class InteractionAdmin(RecordAdmin):
    list_display = ("at", "kind", "customer", "contact", "outcome", "created_by")
    list_select_related = ("customer", "contact", "created_by")
    list_filter = ("kind", "direction", "outcome")
