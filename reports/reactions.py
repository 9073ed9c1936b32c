"""What reports add to the rest of the house: the reports themselves and their place in the menu."""

from django.utils.translation import gettext_lazy as _

from crm import navigation
from reports import pipeline, win_loss
from reports.base import registry

REPORTS = (pipeline.SalesPipeline, win_loss.WinLoss)

navigation.add(
    navigation.MenuItem(
        "report-list",
        _("Reports"),
        "report-analytics",
        group="insights",
        prefix="report-",
        may=lambda user: any(report.may(user) for report in registry.values()),
    )
)
