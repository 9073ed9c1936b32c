"""The addresses of what keeps records safe: recycle bin, taking back."""

from django.urls import path

from crm.views.deleting import UndeleteActPage
from crm.views.ownership import OwnershipUndo
from crm.views.recycling import BinPage, BinPurge, BinRestore

urlpatterns = [
    path("deleted/acts/<uuid:act>/undo/", UndeleteActPage.as_view(), name="undelete-act"),
    path("ownership/<uuid:act>/undo/", OwnershipUndo.as_view(), name="ownership-undo"),
    path("recycle-bin/", BinPage.as_view(), name="bin"),
    path("recycle-bin/restore/", BinRestore.as_view(), name="bin-restore"),
    path("recycle-bin/purge/", BinPurge.as_view(), name="bin-purge"),
]
