"""The shell around every page: menu, company, New menu, look; costs a request its rights and the company row."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.entities import registry

GROUPS = {
    "home": "",
    "customers": pgettext_lazy("menu", "Customers"),
    "sales": pgettext_lazy("menu", "Sales"),
    "marketing": pgettext_lazy("menu", "Marketing"),
    "service": pgettext_lazy("menu", "Service"),
    "insights": pgettext_lazy("menu", "Insights"),
}


@dataclass(frozen=True)
class MenuItem:
    """A page in the menu that is no entity's list. url_name stands without arguments; may: user -> bool.

    Upper floors add theirs at start: navigation.add(MenuItem(...)). prefix: URL names beginning so belong to it.
    """

    url_name: str
    label: str | Promise
    icon: str
    group: str = "insights"
    prefix: str = ""
    order: int = 50
    may: Callable = field(default=lambda user: True)


@dataclass(frozen=True)
class Link:
    """One link of the shell, ready for the template."""

    label: str | Promise
    url: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True)
class Language:
    """A language of the product under its own name, for the switch. code: ours; tag: for the lang attribute."""

    code: str
    name: str
    tag: str
    is_current: bool


@dataclass(frozen=True)
class LinkGroup:
    name: str
    label: str | Promise
    items: list[Link]


PRODUCT = ("榕客", "Banyan")
AUTONYMS = {"zh-hans": "中文", "en": "English"}
LANGUAGE_TAGS = {"zh-hans": "zh-Hans", "en": "en"}


def may_see_outbox(user) -> bool:
    from crm.models import OutboxMessage

    return user.rights.may(OutboxMessage)


def may_view_as(user) -> bool:
    from crm.models import Viewing

    return user.rights.may(Viewing, Action.ADD)


def may_see_fields(user) -> bool:
    from crm.models import FieldDefinition

    return user.rights.may(FieldDefinition)


def may_read_logs(user) -> bool:
    from crm.models import AccessLogEntry

    return user.rights.may(AccessLogEntry)


def may_ask_quality(user) -> bool:
    return any(entity.is_rated and entity.has("list") and entity.may(user) for entity in registry.values())


def may_hand_over(user) -> bool:
    from crm.handing_over import may_hand_over

    return may_hand_over(user)


HOME = MenuItem("home", _("Workbench"), "home", group="home")
QUALITY = MenuItem("quality", _("Data quality"), "circle-check", prefix="quality-", order=70, may=may_ask_quality)
FOOT = (
    MenuItem("job-list", _("Jobs"), "list-check", group="foot", prefix="job-"),
    MenuItem("bin", _("Recycle bin"), "trash", group="foot", prefix="bin-"),
    MenuItem("hand-overs", _("Hand-over"), "arrows-exchange", group="foot", prefix="hand-over", may=may_hand_over),
    MenuItem("access-log", _("Logs"), "history", group="foot", prefix="change-log", may=may_read_logs),
    MenuItem("outbox-list", _("Outbox"), "send", group="foot", prefix="outbox-", may=may_see_outbox),
    MenuItem("view-as", _("View as"), "eye", group="foot", may=may_view_as),
    MenuItem("field-list", _("Fields"), "forms", group="foot", prefix="field-", may=may_see_fields),
    MenuItem("admin:index", _("Administration"), "settings", group="foot", may=lambda user: user.is_administrator),
)
_added: dict[str, MenuItem] = {}


def add(item: MenuItem):
    """Put a page of an upper floor into the menu; called while the apps start, never during a request."""
    _added[item.url_name] = item


def toast(request, text, *, undo: str = "", level: int = messages.SUCCESS):
    """Say what was done on the next page; `undo` is the address to which its Undo button posts."""
    messages.add_message(request, level, text, extra_tags=f"undo:{undo}" if undo else "")


class Shell:
    """What layout.html shows around a page; everything is found when it is first asked for."""

    def __init__(self, request):
        self.request = request
        self.user = getattr(request, "user", None)
        match = getattr(request, "resolver_match", None)
        self.page = (match.view_name or "") if match else ""

    @property
    def is_signed_in(self) -> bool:
        return self.user is not None and self.user.is_authenticated

    @cached_property
    def company(self):
        from crm.models import Company

        return self.user.company if self.is_signed_in else Company.current()

    @property
    def today(self):
        """Today where the person is."""
        return timezone.localdate()

    # -- look -----------------------------------------------------------------------------------------------------
    @property
    def follows_device(self) -> bool:
        return not self.is_signed_in or self.user.theme == "system"

    @property
    def theme(self) -> str:
        return "dark" if self.is_signed_in and self.user.theme == "dark" else "light"

    @property
    def density(self) -> str:
        return self.user.density if self.is_signed_in else "comfortable"

    @property
    def both_names(self) -> str:
        return format_html('<span lang="zh-Hans">{}</span> <span lang="en">{}</span>', *PRODUCT)

    @property
    def languages(self) -> list[Language]:
        current = get_language() or ""
        return [
            Language(code, AUTONYMS[code], LANGUAGE_TAGS[code], code == current) for code, _label in settings.LANGUAGES
        ]

    # -- links ----------------------------------------------------------------------------------------------------
    def link(self, item: MenuItem) -> Link:
        current = self.page == item.url_name or (item.prefix != "" and self.page.startswith(item.prefix))
        return Link(item.label, reverse(item.url_name), item.icon, current)

    @cached_property
    def entities(self) -> list:
        """The entities in the menu whose records the person may see, in menu order."""
        shown = (e for e in registry.values() if e.in_menu and e.has("list") and e.may(self.user))
        return sorted(shown, key=lambda e: e.order)

    @cached_property
    def groups(self) -> list[LinkGroup]:
        if not self.is_signed_in:
            return []
        found = {name: [] for name in GROUPS}
        for entity in self.entities:
            current = self.page.startswith(f"{entity.slug}-") and self.page not in _added
            found[entity.group].append(Link(capfirst(entity.label_plural()), entity.url("list"), entity.icon, current))
        for item in sorted((HOME, QUALITY, *_added.values()), key=lambda item: item.order):
            if item.may(self.user):
                found[item.group].append(self.link(item))
        return [LinkGroup(name, GROUPS[name], links) for name, links in found.items() if links]

    @cached_property
    def foot(self) -> list[Link]:
        return [self.link(item) for item in FOOT if self.is_signed_in and item.may(self.user)]

    @cached_property
    def bar(self) -> list[Link]:
        """The bottom bar of a phone: the workbench and the first list of the first two groups."""
        return [group.items[0] for group in self.groups if group.name != "insights"][:3]

    @cached_property
    def new(self) -> list[Link]:
        """What the person may create from anywhere."""
        if not self.is_signed_in:
            return []
        return [
            Link(capfirst(entity.label()), entity.url("add"), entity.icon)
            for entity in self.entities
            if entity.has("add") and entity.may(self.user, Action.ADD)
        ]


def shell(request):
    """Context processor; lazy, so that parts of pages and mails pay nothing for it."""
    return {"shell": Shell(request)}
