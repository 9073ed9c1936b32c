"""The addresses of the sales floor."""

from sales.entities import Opportunities, Products

urlpatterns = [*Opportunities.urls(), *Products.urls()]
