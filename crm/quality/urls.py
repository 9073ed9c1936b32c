"""The addresses of the pages on data quality: one for each kind of record that is rated."""

from django.urls import path

from crm.entities import registry
from crm.views.quality import QualityHome, QualityPage

urlpatterns = [
    path("quality/", QualityHome.as_view(), name="quality"),
    *(
        path(f"quality/{slug}/", QualityPage.as_view(entity=entity), name=f"quality-{slug}")
        for slug, entity in registry.items()
        if entity.is_rated
    ),
]
