"""The addresses of the marketing floor."""

from marketing.entities import CampaignDeals, CampaignFiles, CampaignMembers, Campaigns

urlpatterns = [*Campaigns.urls(), *CampaignMembers.urls(), *CampaignDeals.urls(), *CampaignFiles.urls()]
