"""The addresses of the pages that shape fields."""

from django.urls import path

from crm.views import dictionary, field_layout, field_retype, field_rules, fields

urlpatterns = [
    path("settings/fields/", fields.FieldList.as_view(), name="field-list"),
    path("settings/fields/add/", fields.FieldAdd.as_view(), name="field-add"),
    path("settings/fields/rules/", field_rules.FieldRules.as_view(), name="field-rules"),
    path("settings/fields/rules/save/", field_rules.FieldRulesSave.as_view(), name="field-rules-save"),
    path("settings/fields/layout/", field_layout.FieldLayout.as_view(), name="field-layout"),
    path("settings/fields/layout/save/", field_layout.FieldLayoutSave.as_view(), name="field-layout-save"),
    path("settings/fields/dictionary/", dictionary.DataDictionary.as_view(), name="field-dictionary"),
    path("settings/fields/<int:pk>/", fields.FieldChange.as_view(), name="field-change"),
    path("settings/fields/<int:pk>/remove/", fields.FieldRemove.as_view(), name="field-remove"),
    path("settings/fields/<int:pk>/restore/", fields.FieldRestore.as_view(), name="field-restore"),
    path("settings/fields/<int:pk>/type/", field_retype.FieldRetype.as_view(), name="field-retype"),
    path(
        "settings/fields/<int:pk>/type/continue/",
        field_retype.FieldRetypeContinue.as_view(),
        name="field-retype-continue",
    ),
    path("settings/fields/<int:pk>/type/undo/", field_retype.FieldRetypeUndo.as_view(), name="field-retype-undo"),
]
