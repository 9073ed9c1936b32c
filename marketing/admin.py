"""The administrators' pages of the marketing floor."""

from django.contrib import admin

from crm.admin import AttachmentAdmin, RecordAdmin
from crm.admin_site import site
from marketing.models import Campaign, CampaignDeal, CampaignFile, CampaignMember


@admin.register(Campaign, site=site)
class CampaignAdmin(RecordAdmin):
    list_display = ("number", "name", "type", "status", "starts_on", "budget", "cost", "owner", "team")
    list_select_related = ("owner", "team")
    list_filter = ("type", "status")


@admin.register(CampaignMember, site=site)
class CampaignMemberAdmin(RecordAdmin):
    list_display = ("name", "campaign", "customer", "contact", "status", "created_at")
    list_select_related = ("campaign", "customer", "contact")
    list_filter = ("status",)


@admin.register(CampaignDeal, site=site)
class CampaignDealAdmin(RecordAdmin):
    list_display = ("opportunity", "campaign", "created_at")
    list_select_related = ("opportunity", "campaign")


admin.register(CampaignFile, site=site)(AttachmentAdmin)
