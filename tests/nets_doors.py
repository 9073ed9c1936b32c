"""The nets of the doors to protected values, jobs, undoing, tags, fields, hand-overs and the bin (tests/nets.py)."""

import uuid

from django.db.models import BooleanField, Value

from crm import access, bulk, deletion, duties, jobs, recycling, reveals, tag_jobs, tags
from crm.access import Action, Reach, Rights
from crm.entities import entity_for
from crm.fields import retyping
from crm.forms import choice_text
from crm.handing_over import Preview
from crm.models import Deletion, FieldDefinition, HandOver, Job, RoleRule, Tag, TagChange
from crm.quality.counting import Counting
from crm.views.doors import RecordView
from crm.views.handing_over import HandOverView
from crm.views.jobs import JobView
from crm.views.tags import TagUndoPage
from customers.models import ContactPoint, Customer, FollowUpPlan
from customers.models.point import ContactPointQuerySet
from customers.point_rows import PointRows
from tests.cast import again
from tests.nets import Net, every_row, make
from tests.nets_sharing import no_rule

PLAIN = "138 1234 5678"


def phone_of(owner):
    return make(ContactPoint, owner, customer=make(Customer, owner), kind="mobile", value="13812345678")


def all_see_customers():
    """Everybody with a role sees all customers; protected values open as far as before."""
    RoleRule.objects.filter(model="customers.customer", action=Action.VIEW).update(reach=Reach.ALL)


def shows(client, person, point) -> bool:
    client.force_login(person)
    return PLAIN in client.post(f"/points/{point.pk}/reveal/").content.decode()


# -- protected values ------------------------------------------------------------------------------------------------
def reveal_rows_hold(client, cast):
    return not shows(client, cast.carol, phone_of(cast.alice))


def reveal_right_holds(client, cast):
    all_see_customers()
    RoleRule.objects.filter(action=Action.REVEAL).delete()
    return not shows(client, cast.carol, phone_of(cast.alice))


def may_all(monkeypatch):
    """Every role permits every action on some rows; which rows those are is another net."""
    monkeypatch.setattr(Rights, "may", lambda *a, **k: True)


def reveal_without_right(monkeypatch):
    """Whoever has no right has no number of values a day either: either alone holds."""
    may_all(monkeypatch)
    no_limit(monkeypatch)


def no_limit(monkeypatch):
    monkeypatch.setattr(reveals, "left_today", lambda *a: None)


def limit_holds(client, cast):
    all_see_customers()
    RoleRule.objects.filter(model="customers.contactpoint", action=Action.REVEAL).update(daily_limit=1)
    first, second = phone_of(cast.alice), phone_of(cast.alice)
    shows(client, cast.carol, first)
    return not shows(client, cast.carol, second)


def masks_hold(client, cast):
    all_see_customers()
    phone_of(cast.alice)
    client.force_login(cast.carol)
    return PLAIN not in client.get("/customers/?columns=name,phone").content.decode()


def open_all(monkeypatch):
    monkeypatch.setattr(ContactPointQuerySet, "opening", lambda *a: Value(True, BooleanField()))


def point_rows_hold(client, cast):
    """Carol sends the row of Alice's number on the page of her own customer."""
    hidden, mine = phone_of(cast.alice), make(Customer, cast.carol)
    client.force_login(cast.carol)
    row = {"row": hidden.pk, f"p{hidden.pk}-value": "13900000000", f"p{hidden.pk}-version": hidden.version}
    client.post(f"/customers/{mine.pk}/points/", row)
    return ContactPoint.objects.get(pk=hidden.pk).value == "13812345678"


def every_point(monkeypatch):
    monkeypatch.setattr(PointRows, "points", property(lambda self: list(ContactPoint.objects.all())))


# -- jobs and taking them back ---------------------------------------------------------------------------------------
def deleted_by_job(person) -> Job:
    """A job that put the customers which the person sees into the bin."""
    from django.http import QueryDict

    selection = bulk.Selection(entity_for(Customer), again(person), query="")
    job = bulk.begin(bulk.actions["delete"], selection, QueryDict("reason="), act=uuid.uuid4())
    jobs.run(job.pk)
    return job


def undone(client, person, job) -> bool:
    client.force_login(person)
    client.post(f"/jobs/{job.pk}/undo/")
    made = Job.objects.filter(kind="undo").order_by("-pk").first()
    return made is not None and jobs.run(made.pk) and Customer.objects.exists()


def own_jobs_hold(client, cast):
    make(Customer, cast.alice)
    return not undone(client, cast.carol, deleted_by_job(cast.alice))


def every_job(monkeypatch):
    monkeypatch.setattr(JobView, "mine", lambda self, model=None: Job.objects.all())


def rights_of_an_undo_hold(client, cast):
    make(Customer, cast.alice)
    job = deleted_by_job(cast.alice)
    RoleRule.objects.filter(role=cast.worker, model="customers.customer").delete()
    return not undone(client, cast.alice, job)


def undo_without_rights(monkeypatch):
    """Neither the action is asked for its right nor the bin for what the person finds in it: either alone holds."""
    monkeypatch.setattr(bulk, "actions_of", lambda entity, user: list(bulk.actions.values()))
    everything_in_the_bin(monkeypatch)


# -- the bin ---------------------------------------------------------------------------------------------------------
def bin_holds(client, cast):
    act = deletion.delete(make(Customer, cast.alice), actor=cast.alice)
    client.force_login(cast.carol)
    client.post("/recycle-bin/restore/", {"keys": [act.pk]})
    return not Customer.objects.exists()


def everything_in_the_bin(monkeypatch):
    monkeypatch.setattr(recycling, "bin_of", lambda user, *models: Deletion.objects.waiting())


# -- tags ------------------------------------------------------------------------------------------------------------
def tag_undo_holds(client, cast):
    """Carol takes back what Erin deleted."""
    change = tags.delete_tag(tags.add_tag(Customer, "Key", actor=cast.erin), actor=cast.erin)
    client.force_login(cast.carol)
    client.post(f"/tags/changes/{change.pk}/undo/")
    return not Tag.objects.exists()


def every_tag_change(monkeypatch):
    monkeypatch.setattr(TagUndoPage, "mine", lambda self, model=None: TagChange.objects.select_related("tag"))


def tag_job_holds(client, cast):
    """The right to delete tags went before a worker came to the job."""
    job = tag_jobs.begin(tags.add_tag(Customer, "Key", actor=cast.alice), None, actor=cast.alice)
    RoleRule.objects.filter(role=cast.worker, model="crm.tag").delete()
    jobs.run(job.pk)
    return Tag.objects.exists()


# -- fields ----------------------------------------------------------------------------------------------------------
def text_field(**more):
    names = {"name_zh": "提示", "name_en": "Hint"}
    return FieldDefinition.objects.create(entity="customers.customer", code="hint", type="text", **names, **more)


def retype_holds(client, cast):
    field = text_field()
    client.force_login(cast.erin)
    client.post(f"/settings/fields/{field.pk}/type/", {"type": "number"})
    return FieldDefinition.objects.count() == 1


def retype_samples_hold(client, cast):
    field = text_field()
    make(Customer, cast.alice, custom={"hint": "secret"})
    return retyping.preview(field, "number", again(cast.carol)).lost_samples == []


def custom_search_holds(client, cast):
    text_field(is_searchable=True)
    hidden = make(Customer, cast.alice, custom={"hint": "Zehn"})
    client.force_login(cast.carol)
    pages = [client.get(address, {"q": "zehn"}).content.decode() for address in ("/customers/", "/search/")]
    return not any(f'"/customers/{hidden.pk}/"' in page for page in pages)


def no_ways_and_no_rule(monkeypatch):
    """The list asks the ways to rows, the search page the rule itself."""
    monkeypatch.setattr(Rights, "ways", lambda *a: access.Ways(everything=True))
    no_rule(monkeypatch)


# -- hand-overs ------------------------------------------------------------------------------------------------------
def duties_hold(client, cast):
    """Bob has a plan with Carol's customer, which Alice, who hands his records over, does not see."""
    plan = make(FollowUpPlan, cast.bob, customer=make(Customer, cast.carol))
    found = Preview(cast.bob, again(cast.alice)).duties
    return plan not in [row for _entity, rows in found for row, _whole in rows]


def every_duty(monkeypatch):
    rows = lambda self, leaver, actor: self.open(self.model.objects.all()).filter(owner=leaver)  # noqa: E731
    monkeypatch.setattr(duties.Duties, "rows_of", rows)


def hand_overs_hold(client, cast):
    """Carol takes back what Alice handed over."""
    customer = make(Customer, cast.bob)
    client.force_login(cast.alice)
    client.post("/hand-over/new/?person=bob", {"how": "one", "receiver": choice_text(cast.alice)})
    row = HandOver.objects.get()
    jobs.run(row.job_id)
    client.force_login(cast.carol)
    client.post(f"/hand-over/{row.pk}/undo/")
    made = Job.objects.filter(kind="hand_over_undo").first()
    return made is None or not jobs.run(made.pk) or Customer.objects.get(pk=customer.pk).owner_id == cast.alice.pk


def every_hand_over(monkeypatch):
    """The page finds all of them, and so does its job; and what may be given back is not asked."""
    from crm import handing_over

    everything = lambda *a, **k: HandOver.objects.select_related("leaver", "actor", "job").order_by("-pk")  # noqa: E731
    monkeypatch.setattr(HandOverView, "mine", everything)
    monkeypatch.setattr(handing_over, "hand_overs_of", everything)
    no_rule(monkeypatch)


# -- data quality ----------------------------------------------------------------------------------------------------
def quality_holds(client, cast):
    """Carol's figures, of which Alice's customer is no part."""
    make(Customer, cast.alice)
    return Counting(entity_for(Customer), again(cast.carol), 90).figures().total == 0


DOOR_NETS = (
    Net("rows of a reveal", lambda m: m.setattr(RecordView, "visible", every_row), reveal_rows_hold),
    Net("right to reveal", reveal_without_right, reveal_right_holds),
    Net("limit of reveals", no_limit, limit_holds),
    Net("masks in lists", open_all, masks_hold),
    Net("rows of the page of contact points", every_point, point_rows_hold),
    Net("one's own jobs", every_job, own_jobs_hold),
    Net("rights of an undo", undo_without_rights, rights_of_an_undo_hold),
    Net("what one finds in the bin", everything_in_the_bin, bin_holds),
    Net("one's own changes of tags", every_tag_change, tag_undo_holds),
    Net("rights of a job of tags", may_all, tag_job_holds),
    Net("right to change types of fields", may_all, retype_holds),
    Net("samples of a change of type", no_rule, retype_samples_hold),
    Net("search over custom fields", no_ways_and_no_rule, custom_search_holds),
    Net("duties that are handed over", every_duty, duties_hold),
    Net("one's own hand-overs", every_hand_over, hand_overs_hold),
    Net("rows that data quality counts", no_rule, quality_holds),
)
