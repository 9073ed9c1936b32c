"""The addresses of this app."""

from django.urls import path

from reports.views import reading, received, schedules

urlpatterns = [
    path("reports/", reading.ReportList.as_view(), name="report-list"),
    path("reports/received/", received.ReceivedList.as_view(), name="report-received-list"),
    path("reports/received/<int:pk>/", received.ReceivedPage.as_view(), name="report-received"),
    path("reports/received/<int:pk>/files/<int:file>/", received.ReceivedFile.as_view(), name="report-received-file"),
    path("reports/received/<int:pk>/stop/", received.StopPage.as_view(), name="report-stop"),
    path("reports/schedules/", schedules.ScheduleList.as_view(), name="report-schedules"),
    path("reports/schedules/add/", schedules.ScheduleAdd.as_view(), name="report-schedule-add"),
    path("reports/schedules/<int:pk>/", schedules.SchedulePage.as_view(), name="report-schedule"),
    path("reports/schedules/<int:pk>/change/", schedules.ScheduleChange.as_view(), name="report-schedule-change"),
    path("reports/schedules/<int:pk>/pause/", schedules.SchedulePause.as_view(), name="report-schedule-pause"),
    path("reports/schedules/<int:pk>/run/", schedules.ScheduleRun.as_view(), name="report-schedule-run"),
    path("reports/schedules/<int:pk>/delete/", schedules.ScheduleDelete.as_view(), name="report-schedule-delete"),
    path("reports/schedules/<int:pk>/restore/", schedules.ScheduleRestore.as_view(), name="report-schedule-restore"),
    path("reports/runs/<int:pk>/", schedules.RunPage.as_view(), name="report-run"),
    path("reports/<slug:slug>/", reading.ReportPage.as_view(), name="report-page"),
    path("reports/<slug:slug>/file/<slug:kind>/", reading.ReportFile.as_view(), name="report-file"),
]
