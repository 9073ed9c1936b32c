"""The addresses of jobs and the outbox."""

from django.urls import path

from crm.views import imports, jobs, outbox

urlpatterns = [
    path("jobs/", jobs.JobListPage.as_view(), name="job-list"),
    path("jobs/<int:pk>/", jobs.JobPage.as_view(), name="job-record"),
    path("jobs/<int:pk>/cancel/", jobs.JobCancel.as_view(), name="job-cancel"),
    path("jobs/<int:pk>/repeat/", jobs.JobRepeat.as_view(), name="job-repeat"),
    path("jobs/<int:pk>/undo/", jobs.JobUndo.as_view(), name="job-undo"),
    path("jobs/<int:pk>/file/", jobs.JobFile.as_view(), name="job-file"),
    path("imports/", imports.ImportListPage.as_view(), name="import-list"),
    path("outbox/", outbox.OutboxList.as_view(), name="outbox-list"),
    path("outbox/<int:pk>/", outbox.OutboxMessagePage.as_view(), name="outbox-record"),
    path("outbox/<int:pk>/send/", outbox.OutboxSendAgain.as_view(), name="outbox-send"),
    path("outbox/<int:pk>/files/<int:file>/", outbox.OutboxFile.as_view(), name="outbox-file"),
]
