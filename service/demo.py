"""The demo's cases: ninety days of questions, faults and complaints, with what was said about them."""

import datetime
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from crm.demo_tags import sprinkle
from crm.models import TimelineEntry
from customers.demo import backdate
from service import demo_words as words
from service.events import case_added, case_moved, case_taken
from service.models import Case, CaseMessage, Status
from service.services import stamp

CASES, DAYS = 122, 90
HOURS = {"P1": 4, "P2": 24, "P3": 72, "P4": 168}  # until due
# Where the older cases ended, and where the newer ones stand.
ENDED = ("closed",) * 12 + ("resolved",) * 3 + ("cancelled", "duplicate")
CURRENT = (
    "new",
    "new",
    "assigned",
    "assigned",
    "in_progress",
    "in_progress",
    "in_progress",
    "waiting_customer",
    "waiting_customer",
    "waiting_others",
    "resolved",
    "resolved",
    "closed",
)
CHANNELS = ("phone", "phone", "email", "email", "wechat", "wecom", "online")
CURRENT_DAYS = 9
MINUTE = datetime.timedelta(minutes=1)
LATE = 0.3  # of the open ones


@dataclass
class Story:
    """A case that is not saved yet, when it was opened, and what happened in it: (moment, who, text) and moves."""

    case: Case
    at: datetime.datetime
    said: list = field(default_factory=list)
    moves: list = field(default_factory=list)


def make(world, random):
    """Fill world.cases and world.messages."""
    now = timezone.now().replace(second=0, microsecond=0)
    stories = [story_of(world, random, now) for _number in range(CASES)]
    stories.sort(key=lambda story: story.at)
    world.cases = Case.objects.bulk_create([story.case for story in stories])
    backdate(world.cases, {story.case.pk: story.at for story in stories})
    rows = [message(story, *said) for story in stories for said in story.said]
    world.messages = CaseMessage.objects.bulk_create(sorted(rows, key=lambda row: row.at))
    backdate(world.messages, {row.pk: row.at for row in world.messages})
    tell(stories)
    sprinkle(Case, world.users["he"])


def story_of(world, random, now) -> Story:
    customer = random.choice([customer for customer in world.customers if customer.kind == "company"])
    plot = plot_for(customer, random)
    status = Status(random.choice(CURRENT if random.random() < 0.34 else ENDED))
    at = opened_at(random, now, status)
    people = [contact for contact in world.contacts if contact.customer.pk == customer.pk]
    kind, priority, subject, said, done = plot
    if plot in words.CHINESE:
        subject += random.choice(words.PLACES)
    case = Case(
        subject=subject,
        customer=customer,
        contact=random.choice(people) if people else None,
        channel=random.choice(CHANNELS),
        type=kind,
        priority=priority,
        due_at=due_at(random, world.company.zone, now, at, status, priority),
        team=world.teams["一线支持"],
        owner=None if status == Status.NEW else world.users[random.choice(("chen", "chen", "sun"))],
    )
    story = Story(case, at)
    tell_story(story, random, world.company.zone, now, said, done, status)
    author = case.owner or world.users["he"]
    case.created_by = case.modified_by = author
    return story


def plot_for(customer, random):
    """A story in a language of the customer."""
    if customer.country == "中国":
        return random.choice(words.CHINESE)
    if customer.country in words.OTHERS and random.random() < 0.6:
        return words.OTHERS[customer.country]
    return random.choice(words.ENGLISH)


def opened_at(random, now, status) -> datetime.datetime:
    """Long ago for what is over, lately for what is still open; in working hours of the demo company."""
    is_over = status not in (*Status.of("open", "paused"), Status.RESOLVED)
    age = random.uniform(CURRENT_DAYS, DAYS) if is_over else random.uniform(0.05, CURRENT_DAYS)
    moment = now - datetime.timedelta(days=age)
    return moment if age < 1 else moment.replace(hour=random.randint(1, 9), minute=random.randint(0, 59))


def due_at(random, zone, now, at, status, priority) -> datetime.datetime | None:
    """By the priority; one in twelve has none. Of the open ones only a few are late."""
    if random.random() < 0.08:
        return None
    due = at + datetime.timedelta(hours=HOURS[priority])
    if status in Status.of("open", "paused"):
        if random.random() < LATE:
            due = at + (now - at) * random.uniform(0.4, 0.95)
        elif due < now:
            due = now + datetime.timedelta(hours=random.randint(2, 60))
    return due.astimezone(zone).replace(hour=random.randint(9, 18), minute=0, second=0, microsecond=0)


def tell_story(story, random, zone, now, said, done, status):
    """Spread what was said over the time the case took, and stamp where it ended."""
    case, end = story.case, min(now - MINUTE, story.at + datetime.timedelta(hours=random.uniform(2, 90)))
    heard = said[:1] if status in (Status.NEW, Status.ASSIGNED) else said
    if status in (Status.IN_PROGRESS, Status.WAITING_CUSTOMER, Status.WAITING_OTHERS):
        heard = said[: max(2, len(said) - 1)]
    places = sorted(random.uniform(0.02, 0.9) for _one in heard[1:])
    for (who, text), place in zip(heard, [0, *places], strict=True):
        at = in_hours(story.at + (end - story.at) * place, zone)
        at = min(max(at, story.at), end) + MINUTE
        story.said.append((at.replace(microsecond=0), who, text))
    story.said.sort(key=lambda said: said[0])
    replies = [at for at, who, _text in story.said if who == "out"]
    case.first_response_at = min(replies) if replies else None
    case.status = status
    if status not in (Status.NEW, Status.ASSIGNED):
        last = max(at for at, _who, _text in story.said)
        ended = min(now, max(last, in_hours(end, zone).replace(microsecond=0)))
        if status == Status.CLOSED:
            stamp(case, Status.RESOLVED, ended)
            closed = in_hours(ended + datetime.timedelta(days=random.uniform(0.5, 3)), zone)
            stamp(case, status, min(now, max(ended, closed)))
        else:
            stamp(case, status, ended)
        story.moves.append(("assigned", status, case.closed_at or case.resolved_at or last))
    if status in (Status.RESOLVED, Status.CLOSED):
        case.resolution = done


def in_hours(moment, zone) -> datetime.datetime:
    """The moment, or one in the working hours of its day."""
    local = moment.astimezone(zone)
    return local.replace(hour=min(max(local.hour, 8), 18))


def message(story, at, who, text) -> CaseMessage:
    case = story.case
    direction = {"in": "in", "out": "out", "note": "internal"}[who]
    author = case.owner or case.created_by
    channel = "" if who == "note" else case.channel
    return CaseMessage(
        case=case, direction=direction, channel=channel, text=text, at=at, created_by=author, modified_by=author
    )


def tell(stories):
    """The timelines: opened, taken, moved."""
    rows = []
    for story in stories:
        case = story.case
        rows.append(entry(case, case_added, case.created_by, story.at))
        if case.owner:
            rows.append(entry(case, case_taken, case.owner, story.at + datetime.timedelta(minutes=5)))
        for was, status, at in story.moves:
            rows.append(entry(case, case_moved, case.owner, at, **{"from": was, "to": str(status)}))
    TimelineEntry.objects.bulk_create(sorted(rows, key=lambda row: row.at))


def entry(case, event, actor, at, **facts) -> TimelineEntry:
    record = {"id": case.pk, "name": case.subject}
    return TimelineEntry(
        event=event.code,
        subject_type=ContentType.objects.get_for_model(Case),
        subject_id=case.pk,
        actor=actor,
        at=at,
        facts={"record": record, **facts},
        handled_at=at,
    )
