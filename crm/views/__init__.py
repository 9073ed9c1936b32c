"""The generic pages of entities and the doors they pass."""

# {page name: (route below the entity's slug, dotted name of the view)}
PAGES = {
    "list": ("", "crm.views.listing.ListPage"),
    "add": ("add/", "crm.views.form.AddPage"),
    "export": ("export/", "crm.views.exporting.ExportPage"),
    "import": ("import/", "crm.views.importing.ImportPage"),
    "compare": ("compare/", "crm.views.comparing.ComparePage"),
    "bulk": ("bulk/", "crm.views.bulk.BulkPage"),
    "record": ("<int:pk>/", "crm.views.record.RecordPage"),
    "change": ("<int:pk>/change/", "crm.views.form.ChangePage"),
    "delete": ("<int:pk>/delete/", "crm.views.deleting.DeletePage"),
    "reveal": ("<int:pk>/reveal/", "crm.views.revealing.RevealPage"),
}
ROOT_PAGES = {
    "tag_set": ("tags/", "crm.views.tags.TagSetPage"),
    "tags": ("<int:pk>/tags/", "crm.views.tags.RecordTagsPage"),
    "assign": ("<int:pk>/assign/", "crm.views.assigning.AssignPage"),
    "access": ("<int:pk>/access/", "crm.views.explaining.AccessPage"),
    "share": ("<int:pk>/share/", "crm.views.sharing.SharePage"),
    "unshare": ("<int:pk>/unshare/", "crm.views.sharing.UnsharePage"),
}
