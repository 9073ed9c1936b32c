"""An entity: one model and the pages staff use to work with it, declared once in an app's entities.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

from django.forms import modelform_factory
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules, import_string
from django.utils.translation import gettext_lazy as _

from crm.access import Action, Root, whole_model
from crm.columns import Column, PageColumn
from crm.models.custom import CustomValues
from crm.revealing import protected_fields

registry: dict[str, type[Entity]] = {}
_imported_only: dict[str, type[Entity]] = {}
_by_model: dict[type, type[Entity]] = {}


@dataclass(frozen=True)
class Fact:
    """A figure in the head of a record page; any floor may add one with Entity.add_fact.

    Either value: (record, user) -> text or None, asking nothing of the database; or figure and words, which join the
    one
    query of the page: figure: (record, user) -> queryset of one row with one JSON value, read through visible_to, or
    None for readers without the right; words: (that value or None, record) -> text.
    """

    name: str
    label: str | Promise
    value: Callable | None = None
    order: int = 50
    figure: Callable | None = None
    words: Callable | None = None


@dataclass(frozen=True)
class Group:
    """Fields that stand together on a form and on the details tab."""

    label: str | Promise
    fields: tuple[str, ...]


@dataclass(frozen=True)
class FileKind:
    """A kind of file that an export of an entity may be. write: dotted name of (export, binary file, tell) -> rows."""

    name: str
    label: str | Promise
    write: str


class Entity:
    """Declarations only, in the manner of ModelAdmin. Subclasses register themselves under their slug.

    model, slug (URL prefix), icon (a name of static/icons.txt), group (heading of the menu), order (in the menu).
    groups: the fields of the form by heading; form: a ModelForm (or its dotted name) where generated ones are not
    enough.
    columns: all that may be shown; shown: names of those on the list by default. default_sort: one of the columns'
    sorts.
    parents: foreign keys, or paths such as "roles__customer", on whose record page these records are a tab. pages:
    further pages or other views, {name: (route, view)}.
    facts: header of the record page. events: {"add": Event, "change": Event, "delete": Event} that the generic pages
    announce. record_template: a template that extends entity/record.html. importable: names of columns an import may
    fill; None when there is no import.
    bulk: further actions on many rows (crm.bulk); assign and delete are there by themselves.
    pillars: fields on which boards, timelines, sums and reports rest, so that no rule may hide them; moved: fields
    that moves between stages write, so that no rule may hide or lock them.
    importer: dotted name of a crm.exchange.Importer, where imported records need more than their columns.
    import_note: what a person should know before he imports such records.
    has_pages: False for what is only imported here and otherwise looked after in the administration.
    file_kinds: kinds of files an export may be beside .xlsx and .csv.
    is_rated: whether the page on data quality counts these records; roots are, unless it says False. gaps: checks
    (crm.quality) whether page columns are empty; faults: whether values are wrong; spare: fields that may well be
    empty; applies: {field: Q of the records that should have it}; heard: the moment of the last contact; or
    talks, talks_of: the model of talks (with `at`), and which of them are with a record (OuterRef("pk")).
    """

    model = None
    slug = ""
    icon = "table"
    group = "customers"
    order = 50
    groups: tuple[Group, ...] = ()
    form = None
    columns: tuple = ()
    shown: tuple[str, ...] = ()
    filters: tuple = ()
    default_sort = "-created_at"
    parents: tuple[str, ...] = ()
    pages: dict = {}
    without: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    importable: tuple[str, ...] | None = None
    importer: str | None = None
    import_note = ""
    has_pages = True
    file_kinds: tuple[FileKind, ...] = ()
    bulk: tuple = ()
    pillars: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    is_rated: bool | None = None
    gaps: tuple = ()
    faults: tuple = ()
    spare: tuple[str, ...] = ()
    applies: dict = {}
    heard = ""
    talks = None
    talks_of: Callable | None = None
    in_menu = True
    search_hint = ""  # what the search box of the list finds, where that is more than names
    events: dict = {}
    record_template = "entity/record.html"
    tab_template = "entity/_tab.html"

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.model is None:
            return
        if not cls.slug:
            raise TypeError(f"{cls.__name__} needs a slug")
        if isinstance(cls.model.access, Root):
            cls.carry_tags()
        if cls.is_rated is None:
            cls.is_rated = isinstance(cls.model.access, Root)
        cls.columns = tuple(c.bound(cls.model) if isinstance(c, Column) else c for c in cls.columns)
        if not cls.has_pages:
            _imported_only[cls.slug] = cls
            return
        registry[cls.slug] = cls
        _by_model[cls.model] = cls

    @classmethod
    def carry_tags(cls):
        """Every root has tags: in its form, list, filters and import; and everybody's own stars and follows."""
        from crm.marking import MarkFilter, star_column
        from crm.tag_columns import TagColumn, TagFilter

        first, *others = cls.groups
        cls.groups = (replace(first, fields=(*first.fields, "tags")), *others)
        cls.columns = (*cls.columns, TagColumn(), star_column(cls.model))
        cls.shown = (*cls.shown, "tags")
        marks = (MarkFilter("starred", _("Starred")), MarkFilter("followed", _("Followed"), kind="follow"))
        cls.filters = (*cls.filters, TagFilter(), *marks)
        cls.importable = cls.importable and (*cls.importable, "tags")

    # -- words --------------------------------------------------------------------------------------------------
    @classmethod
    def label(cls):
        return cls.model._meta.verbose_name

    @classmethod
    def label_plural(cls):
        return cls.model._meta.verbose_name_plural

    @classmethod
    def tab_label(cls, parent: type[Entity]):
        """What the tab of these records is called on the record page of a parent."""
        return cls.label_plural()

    @classmethod
    def tab_extras(cls, record, rows, user) -> dict:
        """More context for an own tab_template; rows: the rows of the tab."""
        return {}

    @classmethod
    def subtitle(cls, record) -> str:
        """The second line below a record's name on a list; empty when there is none. Asks nothing of the database."""
        return ""

    @classmethod
    def badges(cls, record) -> list[tuple[str, str]]:
        """(text, tone) badges beside a record's name on its page."""
        return []

    @classmethod
    def extras(cls, record, user) -> dict:
        """More context for an own record_template (a composer, a stage path)."""
        return {}

    # -- extension from upper floors, at start --------------------------------------------------------------------
    @classmethod
    def add_column(cls, column: PageColumn):
        """Show a value of an upper floor on this list; called in an app's reactions.py, at start only."""
        if column.name not in {c.name for c in cls.columns}:
            cls.columns = (*cls.columns, column)

    @classmethod
    def add_fact(cls, fact: Fact):
        """Show a figure of an upper floor in the head of the record page; called in reactions.py, at start only."""
        if fact.name not in {f.name for f in cls.facts}:
            cls.facts = tuple(sorted((*cls.facts, fact), key=lambda f: f.order))

    # -- columns ---------------------------------------------------------------------------------------------------
    @classmethod
    def column(cls, name: str):
        return next(c for c in cls.columns if c.name == name)

    @classmethod
    def sorts(cls) -> dict[str, Column]:
        """{"name": column, "-name": column, …}: every order a list of this entity may have."""
        found = {}
        for column in cls.columns:
            if column.sort:
                plain = column.sort.lstrip("-")
                found |= {plain: column, f"-{plain}": column}
        return found | {s: None for s in (cls.default_sort,) if s not in found}

    @classmethod
    def children(cls) -> list[tuple[type[Entity], str]]:
        """(entity, foreign key) of all entities that declare this one as a parent, whatever their floor."""
        return [
            (child, name)
            for child in sorted(registry.values(), key=lambda e: e.order)
            for name in child.parents
            if whole_model(child.model, name) is cls.model
        ]

    # -- forms -----------------------------------------------------------------------------------------------------
    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        return tuple(name for group in cls.groups for name in group.fields)

    @classmethod
    def form_class(cls):
        """The ModelForm of add and change pages, made when first asked."""
        from crm.forms import EntityForm, form_field

        if isinstance(cls.form, str):
            return import_string(cls.form)
        return cls.form or modelform_factory(
            cls.model, form=EntityForm, fields=cls.field_names(), formfield_callback=form_field
        )

    # -- pages -----------------------------------------------------------------------------------------------------
    @classmethod
    def all_pages(cls) -> dict[str, tuple]:
        """{page name: (route, view class)} of this entity: the generic ones, its own, less those it does without."""
        from crm.views import PAGES, ROOT_PAGES

        if not cls.has_pages:
            return {name: PAGES[name] for name in ("import", "compare")}
        pages = {**PAGES, **(ROOT_PAGES if isinstance(cls.model.access, Root) else {}), **cls.pages}
        if cls.importable is None:
            pages.pop("import", None)
            pages.pop("compare", None)
        if not (protected_fields(cls.model) or issubclass(cls.model, CustomValues)):
            pages.pop("reveal", None)
        pages = {name: page for name, page in pages.items() if name not in cls.without}
        if not (cls.bulk or "assign" in pages or "delete" in pages):
            pages.pop("bulk", None)
        return pages

    @classmethod
    def urls(cls) -> list:
        """URL patterns of all pages: the list at "<slug>/", a record at "<slug>/<pk>/"."""
        found = []
        for name, (route, view) in cls.all_pages().items():
            view = import_string(view) if isinstance(view, str) else view
            found.append(path(f"{cls.slug}/{route}", view.as_view(entity=cls), name=cls.url_name(name)))
        return found

    @classmethod
    def url_name(cls, page: str) -> str:
        return f"{cls.slug}-{page}"

    @classmethod
    def url(cls, page: str, record=None) -> str:
        return reverse(cls.url_name(page), args=[record.pk] if record is not None else [])

    @classmethod
    def url_for(cls, pk: int) -> str:
        """The address of a record page by its key."""
        return reverse(cls.url_name("record"), args=[pk])

    @classmethod
    def has(cls, page: str) -> bool:
        return page in cls.all_pages()

    @classmethod
    def may(cls, user, action: str = Action.VIEW) -> bool:
        return user.rights.may(cls.model, action)

    @classmethod
    def may_import(cls, user) -> bool:
        """Whether the person may import such records: whoever may add them."""
        return cls.importable is not None and cls.may(user, Action.ADD)


def entity_for(model) -> type[Entity] | None:
    """The entity of a model, or None when the model has no pages."""
    return _by_model.get(model)


def importable(slug: str) -> type[Entity] | None:
    """The entity of a slug that can be imported, whether it has further pages or not."""
    found = registry.get(slug) or _imported_only.get(slug)
    return found if found and found.importable is not None else None


def importables() -> list[type[Entity]]:
    """All kinds that can be imported, those with pages of their own first."""
    return [one for one in (*registry.values(), *_imported_only.values()) if one.importable is not None]


def importable_model(model) -> type[Entity] | None:
    """The entity of a model that can be imported."""
    return next((one for one in importables() if one.model is model), None)


def discover():
    """Import every app's entities.py and reactions.py; called once at start."""
    autodiscover_modules("entities")
    import_module("crm.administered")
    autodiscover_modules("events")
    autodiscover_modules("tasks")  # kinds of jobs: pages name them, workers do them
    autodiscover_modules("reactions")
