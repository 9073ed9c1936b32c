"""The administrators' pages: reading through visible_to; writing leaves the same events, history and recycle bin."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin

from crm import deletion, ownership
from crm.access import Action, Part, Root, permission_name
from crm.admin_site import site
from crm.entities import entity_for, importable_model
from crm.events import announce
from crm.fields.admin import FieldsAdmin
from crm.history import log_access
from crm.masked_forms import MaskedForm
from crm.models import AccessLogEntry, Company, OutboxMessage, RoleRule, Tag, Team, TimelineEntry, User
from crm.models.record import TagsField
from crm.resources import FORMATS, resource_of
from crm.revealing import is_open, protected_fields
from crm.roles import ROLES
from crm.search import found
from crm.tag_forms import TagsFormField

COUNT_LIMIT = 10_000


class CappedPaginator(Paginator):
    """Counts no further than 10,000 rows: the admin stays quick on a million."""

    @cached_property
    def count(self):
        return self.object_list.order_by().values("pk")[:COUNT_LIMIT].count()


class AccessMixin:
    """Permissions of an admin page from the rule of access; rows through visible_to."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50

    def allows(self, request, action, obj=None) -> bool:
        if obj is None or not obj.pk:
            return request.user.rights.may(self.model, action)
        return request.user.has_perm(permission_name(self.model, action), obj)

    def has_view_permission(self, request, obj=None):
        return self.allows(request, Action.VIEW, obj)

    def has_add_permission(self, request, obj=None):
        return self.allows(request, Action.ADD)

    def has_change_permission(self, request, obj=None):
        return self.allows(request, Action.CHANGE, obj)

    def has_delete_permission(self, request, obj=None):
        return self.allows(request, Action.DELETE, obj)

    def has_module_permission(self, request):
        return request.user.rights.may(self.model)

    def get_queryset(self, request):
        rows = self.model.objects.visible_to(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows


class RecordAdmin(FieldsAdmin, AccessMixin, ExportMixin, admin.ModelAdmin):
    """Business records: found by the search box's rule, saved with author and event, deleted into the recycle bin.

    Export takes the rows of the page that the administrator may export, by the columns of the entity.
    """

    formats = FORMATS
    form = MaskedForm
    ordering = ("-pk",)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form of this administrator: protected values that are not his to see stand as masks."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"user": request.user}) if protected_fields(self.model) else form

    def get_object(self, request, object_id, from_field=None):
        """A record that is only shown, not changed, carries the masks themselves."""
        record = super().get_object(request, object_id, from_field)
        fields = protected_fields(self.model)
        if record and fields and not self.has_change_permission(request, record) and not is_open(record, request.user):
            for field in fields:
                setattr(record, field.attname, field.masked(getattr(record, field.attname)))
        return record

    def get_raw_id_fields(self):
        return [
            field.name
            for field in self.model._meta.fields
            if field.is_relation
            and (
                isinstance(getattr(field.related_model, "access", None), (Root, Part))
                or field.related_model in (User, Team)
            )
        ]

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.raw_id_fields = tuple(self.raw_id_fields) or tuple(self.get_raw_id_fields())
        self.search_fields = self.search_fields or ("pk",)

    def has_export_permission(self, request):
        return entity_for(self.model) is not None and self.allows(request, Action.EXPORT)

    def get_export_resource_classes(self, request):
        return [resource_of(self.model, request.user)]

    def get_export_resource_kwargs(self, request, **kwargs):
        return {**super().get_export_resource_kwargs(request, **kwargs), "user": request.user}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, TagsField):
            return TagsFormField(self.model, request.user, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_export_queryset(self, request):
        rows = super().get_export_queryset(request)
        allowed = self.model.objects.visible_to(request.user, Action.EXPORT)
        return rows.filter(pk__in=allowed.values("pk"))

    def get_valid_export_item_pks(self, request):
        """The keys an action may name: those of the rows that may be exported, not of the whole table."""
        return self.get_export_queryset(request).values_list("pk", flat=True)

    def get_export_data(self, file_format, request, queryset, **kwargs):
        log_access("export", user=request.user, entity=self.model._meta.label_lower, rows=queryset.count())
        return super().get_export_data(file_format, request, queryset, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        return found(queryset, search_term, request.user), False

    def save_model(self, request, obj, form, change):
        if hasattr(obj, "modified_by_id"):
            obj.modified_by = request.user
            obj.created_by = obj.created_by if change else request.user
        if isinstance(type(obj).access, Root) and "owner" in form.changed_data and "team" not in form.changed_data:
            obj.give_to(obj.owner)
        before = ownership.owners_of(obj) if change and isinstance(type(obj).access, Root) else None
        obj.save()
        if before is not None:
            ownership.note(obj, before, actor=request.user)
        entity = entity_for(type(obj))
        event = entity.events.get("change" if change else "add") if entity else None
        if event:
            announce(event, obj, actor=request.user)

    def delete_model(self, request, obj):
        deletion.delete(obj, actor=request.user)

    def delete_queryset(self, request, queryset):
        for record in queryset:
            deletion.delete(record, actor=request.user)

    def get_deleted_objects(self, objs, request):
        """What goes into the bin: the records themselves; their parts follow and come back with them."""
        return [str(record) for record in objs], {self.model._meta.verbose_name_plural: len(objs)}, set(), []


class CatalogueAdmin(RecordAdmin):
    """Master data: labels in both languages, order, in use or not."""

    list_display = ("code", "name_zh", "name_en", "order", "is_active")
    ordering = ("order", "pk")


class ReadOnlyAdmin(AccessMixin, admin.ModelAdmin):
    """Rows that the product writes and people only read."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class AttachmentAdmin(ReadOnlyAdmin):
    """Attached files: listed here, attached and removed on the pages of their records, where they are checked."""

    list_display = ("name", "record", "edition", "size", "created_by", "created_at")
    list_select_related = ("record", "created_by")


class UserChangeForm(forms.ModelForm):
    """A user as administrators edit one; the password is set by link or by the product's own page."""

    class Meta:
        model = User
        fields = (
            "username",
            "name",
            "email",
            "team",
            "groups",
            "language",
            "time_zone",
            "theme",
            "density",
            "is_active",
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:
            self.fields["groups"].queryset = Group.objects.filter(team__isnull=True)
            self.fields["groups"].label = _("Roles")


class ImportableMixin:
    """The way from a list of the administration to the import of what it lists."""

    change_list_template = "admin/crm/importable_list.html"

    def changelist_view(self, request, extra_context=None):
        kind = importable_model(self.model)
        url = kind.url("import") if kind.may_import(request.user) else ""
        return super().changelist_view(request, {"import_url": url, **(extra_context or {})})


@admin.register(User, site=site)
class PersonAdmin(ImportableMixin, AccessMixin, UserAdmin):
    form = UserChangeForm
    list_display = ("username", "name", "email", "team", "is_active")
    list_filter = ("is_active", ("groups", admin.RelatedOnlyFieldListFilter))
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email", "is_active")}),
        (_("Work"), {"fields": ("team", "groups")}),
        (_("Preferences"), {"fields": ("language", "time_zone", "theme", "density")}),
        (_("History"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "name", "email", "team", "usable_password", "password1", "password2"),
            },
        ),
    )

    def has_delete_permission(self, request, obj=None):
        return False  # people are deactivated: what they did stays theirs


class RuleInline(admin.TabularInline):
    model = RoleRule
    extra = 0
    ordering = ("model", "action")

    def has_view_permission(self, request, obj=None):
        return request.user.rights.may(RoleRule)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(Group, site=site)
class RoleAdmin(GroupAdmin):
    """Roles with their rules; the groups of teams stay hidden, the roles that come with the product keep their
    names."""

    fields = ("name",)
    filter_horizontal = ()
    inlines = (RuleInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(team__isnull=True)

    def has_view_permission(self, request, obj=None):
        return request.user.rights.may(RoleRule, Action.CHANGE)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return self.has_view_permission(request) and not (obj and obj.name in ROLES)

    def get_readonly_fields(self, request, obj=None):
        return ("name",) if obj and obj.name in ROLES else ()


@admin.register(Team, site=site)
class TeamAdmin(ImportableMixin, AccessMixin, admin.ModelAdmin):
    list_display = ("name", "code", "parent", "manager")
    list_select_related = ("parent", "manager")
    search_fields = ("name",)
    raw_id_fields = ("manager",)
    ordering = ("path",)


@admin.register(Company, site=site)
class CompanyAdmin(AccessMixin, admin.ModelAdmin):
    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request) and not Company.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Tag, site=site)
class TagAdmin(AccessMixin, admin.ModelAdmin):
    """Looked at here; merged and deleted on the product's own page, where every record follows."""

    list_display = ("name", "root", "colour", "modified_at")
    list_filter = ("root",)
    search_fields = ("name",)
    readonly_fields = ("root",)
    fields = ("root", "name", "colour")
    ordering = ("root", "name")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AccessLogEntry, site=site)
class AccessLogAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "user", "subject_type", "subject_id", "address")
    list_filter = ("kind",)
    list_select_related = ("user", "subject_type")
    ordering = ("-pk",)


@admin.register(TimelineEntry, site=site)
class TimelineAdmin(ReadOnlyAdmin):
    list_display = ("at", "event", "actor", "subject_type", "subject_id")
    list_select_related = ("actor", "subject_type")
    ordering = ("-pk",)


@admin.register(OutboxMessage, site=site)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "address", "subject", "state")
    list_filter = ("state", "kind")
    ordering = ("-pk",)
    exclude = ("text", "html")
