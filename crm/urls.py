"""The addresses of the product."""

from django.urls import include, path
from django.views.generic import RedirectView

from crm.admin_site import site
from crm.administered import People, Teams
from crm.views.asking import AskPage
from crm.views.choices import ChoicesView, SearchPage
from crm.views.deleting import UndeletePage
from crm.views.health import HealthView
from crm.views.home import HomePage, LanguageView, PreferencesPage
from crm.views.marks import MarkPage
from crm.views.tags import TagDeletePage, TagPage, TagUndoPage
from crm.views.viewing import ViewAsEnd, ViewAsPage

handler500 = "crm.views.errors.server_error"

urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    path("search/", SearchPage.as_view(), name="search"),
    path("choices/<str:model>/", ChoicesView.as_view(), name="choices"),
    path("preferences/", PreferencesPage.as_view(), name="preferences"),
    path("language/", LanguageView.as_view(), name="language"),
    path("deleted/<int:pk>/undo/", UndeletePage.as_view(), name="undelete"),
    path("marks/<str:model>/<slug:kind>/<int:pk>/", MarkPage.as_view(), name="mark"),
    path("tags/<int:pk>/", TagPage.as_view(), name="tag"),
    path("tags/<int:pk>/delete/", TagDeletePage.as_view(), name="tag-delete"),
    path("tags/changes/<int:pk>/undo/", TagUndoPage.as_view(), name="tag-undo"),
    path("health/", HealthView.as_view(), name="health"),
    path("accounts/email/", RedirectView.as_view(pattern_name="preferences")),  # one address, on the own settings
    path("accounts/", include("allauth.account.urls")),
    path("admin/", site.urls),
    *[one for kind in (Teams, People) for one in kind.urls()],
    path("", include("crm.jobs_urls")),
    path("", include("crm.keeping_urls")),
    path("shares/", include("crm.shares_urls")),
    path("ask/<str:token>/", AskPage.as_view(), name="ask"),
    path("view-as/", ViewAsPage.as_view(), name="view-as"),
    path("view-as/end/", ViewAsEnd.as_view(), name="view-as-end"),
    path("", include("crm.fields.urls")),
    path("", include("crm.quality.urls")),
    path("", include("customers.urls")),
    path("", include("sales.urls")),
    path("", include("marketing.urls")),
    path("", include("service.urls")),
    path("", include("reports.urls")),
]
