"""The administrators' pages of the service floor."""

from django.contrib import admin

from crm.admin import AttachmentAdmin, RecordAdmin
from crm.admin_site import site
from service.models import Case, CaseFile, CaseMessage


@admin.register(Case, site=site)
class CaseAdmin(RecordAdmin):
    """Opened and moved on their own pages, where every move is noted with its moments."""

    list_display = ("number", "subject", "status", "priority", "customer", "due_at", "owner", "team")
    list_select_related = ("customer", "owner", "team")
    list_filter = ("status", "priority", "type", "channel")
    readonly_fields = ("status", "resolution")

    def has_add_permission(self, request):
        return False


@admin.register(CaseMessage, site=site)
class CaseMessageAdmin(RecordAdmin):
    """Written on the page of the case, where a reply counts as response."""

    list_display = ("at", "direction", "case", "channel", "created_by")
    list_select_related = ("case", "created_by")
    list_filter = ("direction", "channel")

    def has_add_permission(self, request):
        return False


admin.register(CaseFile, site=site)(AttachmentAdmin)
