"""How talks with a customer read in its timeline."""

from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.events import EMPTY
from crm.timeline import Item
from customers.models import Contact, Interaction

OUT, IN = Interaction.Direction.OUTGOING, Interaction.Direction.INCOMING
Kind = Interaction.Kind
SENTENCES = {
    (Kind.CALL, OUT): gettext_lazy("{actor} called {whom}"),
    (Kind.CALL, IN): gettext_lazy("{whom} called {actor}"),
    (Kind.VISIT, OUT): gettext_lazy("{actor} visited {whom}"),
    (Kind.VISIT, IN): gettext_lazy("{whom} visited {actor}"),
    (Kind.MEETING, OUT): gettext_lazy("{actor} met {whom}"),
    (Kind.MEETING, IN): gettext_lazy("{whom} met {actor}"),
    (Kind.EMAIL, OUT): gettext_lazy("{actor} wrote an e-mail to {whom}"),
    (Kind.EMAIL, IN): gettext_lazy("{whom} wrote an e-mail to {actor}"),
    (Kind.WECHAT, OUT): gettext_lazy("{actor} wrote to {whom} by WeChat"),
    (Kind.WECHAT, IN): gettext_lazy("{whom} wrote to {actor} by WeChat"),
    (Kind.WECOM, OUT): gettext_lazy("{actor} wrote to {whom} by WeCom"),
    (Kind.WECOM, IN): gettext_lazy("{whom} wrote to {actor} by WeCom"),
    (Kind.SMS, OUT): gettext_lazy("{actor} sent a text message to {whom}"),
    (Kind.SMS, IN): gettext_lazy("{whom} sent a text message to {actor}"),
    (Kind.ONLINE, OUT): gettext_lazy("{actor} talked to {whom} online"),
    (Kind.ONLINE, IN): gettext_lazy("{whom} talked to {actor} online"),
    (Kind.OTHER, OUT): gettext_lazy("{actor} was in touch with {whom}"),
    (Kind.OTHER, IN): gettext_lazy("{whom} was in touch with {actor}"),
}
# (icon, colour) of each kind of talk.
MARKS = {
    Kind.CALL: ("phone", "blue"),
    Kind.VISIT: ("map-pin", "violet"),
    Kind.MEETING: ("users", "violet"),
    Kind.EMAIL: ("mail", "teal"),
    Kind.WECHAT: ("messages", "green"),
    Kind.WECOM: ("messages", "green"),
    Kind.SMS: ("device-mobile", "gray"),
    Kind.ONLINE: ("video", "teal"),
    Kind.OTHER: ("message", "gray"),
}

NAMES = (
    "SELECT string_agg(one.name, ', ' ORDER BY one.name) FROM {table} AS one "
    "WHERE one.id = ANY(customers_interaction.{keys})"
)
# Who else took part, as parts of the query that reads the talks of a page.
PARTICIPANTS = {
    "others": RawSQL(NAMES.format(table="customers_contact", keys="with_contacts"), (), TextField()),
    "colleagues": RawSQL(NAMES.format(table="crm_user", keys="with_colleagues"), (), TextField()),
}


def interactions_of(customer, user):
    """The talks with one customer that the user may see."""
    return Interaction.objects.visible_to(user).filter(customer=customer)


def contacts_of(customer, user):
    """The contacts of one customer that the user may see."""
    return Contact.objects.visible_to(user).filter(roles__customer=customer, roles__deleted_at__isnull=True)


def interaction_item(interaction) -> Item:
    """A talk as one line of the timeline, with what was said below it."""
    from crm.entities import entity_for

    icon, colour = MARKS[interaction.kind]
    step = _("Next step: %(step)s") % {"step": interaction.next_step} if interaction.next_step else ""
    body = "\n".join(part for part in (interaction.text, step) if part)
    url = entity_for(Interaction).url_for(interaction.pk)
    return Item(interaction.at, icon, colour, sentence(interaction), body, url)


def sentence(interaction) -> str:
    """Who spoke to whom and with what outcome, as safe HTML in the active language."""
    actor = interaction.created_by.name if interaction.created_by_id else EMPTY
    whom = interaction.contact.name if interaction.contact_id else ""
    comma = pgettext("list", ", ")
    actor = comma.join(name for name in (actor, getattr(interaction, "colleagues", None)) if name)
    whom = comma.join(name for name in (whom, getattr(interaction, "others", None)) if name) or _("the customer")
    parts = {name: format_html('<b class="b">{}</b>', text) for name, text in (("actor", actor), ("whom", whom))}
    said = format_html(str(SENTENCES[interaction.kind, interaction.direction]), **parts)
    minutes = interaction.duration and ngettext("%(number)s min", "%(number)s min", interaction.duration) % {
        "number": interaction.duration
    }
    return format_html_join(
        " · ", "{}", ((part,) for part in (said, interaction.get_outcome_display(), minutes) if part)
    )
