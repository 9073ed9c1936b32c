"""The addresses of the sales floor."""

from sales.entities import Opportunities, OpportunityFiles, Products

urlpatterns = [*Opportunities.urls(), *Products.urls(), *OpportunityFiles.urls()]
