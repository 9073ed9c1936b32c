"""The addresses of what keeps records safe: recycle bin, taking back, hand-over, logs."""

from django.urls import path

from crm.views.deleting import UndeleteActPage
from crm.views.handing_over import HandOverList, HandOverNew, HandOverPage, HandOverUndo
from crm.views.logs import AccessLogExport, AccessLogPage, ChangeLogPage
from crm.views.ownership import OwnershipUndo
from crm.views.recycling import BinPage, BinPurge, BinRestore

urlpatterns = [
    path("deleted/acts/<uuid:act>/undo/", UndeleteActPage.as_view(), name="undelete-act"),
    path("ownership/<uuid:act>/undo/", OwnershipUndo.as_view(), name="ownership-undo"),
    path("recycle-bin/", BinPage.as_view(), name="bin"),
    path("recycle-bin/restore/", BinRestore.as_view(), name="bin-restore"),
    path("recycle-bin/purge/", BinPurge.as_view(), name="bin-purge"),
    path("hand-over/", HandOverList.as_view(), name="hand-overs"),
    path("hand-over/new/", HandOverNew.as_view(), name="hand-over-new"),
    path("hand-over/<int:pk>/", HandOverPage.as_view(), name="hand-over"),
    path("hand-over/<int:pk>/undo/", HandOverUndo.as_view(), name="hand-over-undo"),
    path("logs/access/", AccessLogPage.as_view(), name="access-log"),
    path("logs/access/export/", AccessLogExport.as_view(), name="access-log-export"),
    path("logs/changes/", ChangeLogPage.as_view(), name="change-log"),
]
