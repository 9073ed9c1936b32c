"""The administrators' pages of the sales floor."""

from django.contrib import admin

from crm.admin import AttachmentAdmin, CatalogueAdmin, ReadOnlyAdmin, RecordAdmin
from crm.admin_site import site
from sales.models import Opportunity, OpportunityFile, Pipeline, Product, Stage, StageChange


class LastingAdmin(CatalogueAdmin):
    """Master data that opportunities stand in: taken out of use, never deleted; what the program reads stays."""

    fixed: tuple[str, ...] = ("code",)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return self.fixed if obj else ()


@admin.register(Pipeline, site=site)
class PipelineAdmin(LastingAdmin):
    list_display = (*CatalogueAdmin.list_display, "is_default")


@admin.register(Stage, site=site)
class StageAdmin(LastingAdmin):
    fixed = ("code", "pipeline", "type")
    list_display = ("name_zh", "name_en", "pipeline", "type", "probability", "expected_days", "order", "is_active")
    list_filter = ("pipeline", "type", "is_active")
    list_select_related = ("pipeline",)
    ordering = ("pipeline", "order", "pk")


@admin.register(Product, site=site)
class ProductAdmin(CatalogueAdmin):
    list_display = ("code", "name_zh", "name_en", "series", "list_price", "is_active")
    list_filter = ("is_active", "series")


@admin.register(Opportunity, site=site)
class OpportunityAdmin(RecordAdmin):
    """Added and moved on their own pages, where every move goes into the ledger."""

    list_display = ("number", "name", "customer", "stage", "amount", "owner", "expected_close_on")
    list_select_related = ("customer", "stage", "owner")
    list_filter = ("pipeline", "stage__type")
    readonly_fields = ("pipeline", "stage", "closed_on", "lost_reason", "lost_note")

    def has_add_permission(self, request):
        return False


@admin.register(StageChange, site=site)
class StageChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "opportunity", "from_stage", "to_stage", "amount", "actor")
    list_select_related = ("opportunity", "from_stage", "to_stage", "actor")
    ordering = ("-pk",)


admin.register(OpportunityFile, site=site)(AttachmentAdmin)
