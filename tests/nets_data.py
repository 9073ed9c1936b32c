"""The nets of the doors through which data comes and goes: merging, duplicates, imports, comparisons, exports."""

import io
from dataclasses import replace

import openpyxl
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict

from crm import asking, jobs, merging, unmerging
from crm.access import Action, Reach
from crm.administered import Administered
from crm.entities import Entity
from crm.exchange import Export
from crm.exchange.importing import Importer
from crm.models import AccessLogEntry, AccessRequest, ImportBatch, Job, RecordMerge, RoleRule, User
from crm.tests.test_import_making import begun, run, say
from crm.tests.test_importing import checked, content_of, imported
from crm.views import merging as merging_pages
from crm.views.comparing import ComparePage
from crm.views.doors import RecordView
from crm.views.importing import ImportPage
from customers.duplicates import twins
from customers.entities import Contacts
from customers.models import Contact, ContactPoint, ContactRole, Customer, DuplicatePair
from customers.models.duplicate import DuplicatePairQuerySet
from tests.cast import again
from tests.nets import Net, every_row, make
from tests.nets_doors import every_job, may_all, open_all
from tests.nets_sharing import no_rule

SECRET = "Kestrel Instruments"
FILE = f"name,phone\n{SECRET},051262880000\nAlbatros,x\n"


# -- merging ---------------------------------------------------------------------------------------------------------
def merge_rows_hold(client, cast):
    """Carol compares her customer with one of Alice's."""
    mine, hidden = make(Customer, cast.carol), make(Customer, cast.alice, name=SECRET)
    client.force_login(cast.carol)
    page = client.get(f"/customers/{mine.pk}/merge/", {"with": hidden.pk})
    return SECRET not in page.content.decode()


def merge_right_holds(client, cast):
    """Two customers of Alice's, by way of the service."""
    keep, gone = make(Customer, cast.alice), make(Customer, cast.alice)
    try:
        merging.merge(keep, gone, versions={}, actor=again(cast.carol))
    except merging.Refused:
        return True
    return False


def merged(cast) -> RecordMerge:
    keep, gone = make(Customer, cast.alice), make(Customer, cast.alice)
    return merging.merge(keep, gone, versions={}, actor=again(cast.alice))


def unmerge_rows_hold(client, cast):
    row = merged(cast)
    client.force_login(cast.carol)
    return client.get(f"/customers/{row.subject_id}/unmerge/").status_code == 404


def every_row_may(monkeypatch):
    """The page finds all rows, and what may be done with them is not asked."""
    monkeypatch.setattr(RecordView, "visible", every_row)
    monkeypatch.setattr(User, "has_perm", lambda *a: True)


def unmerge_right_holds(client, cast):
    """Bob, who sees the survivor and may change nothing of Alice's."""
    row = merged(cast)
    RoleRule.objects.filter(model="customers.customer", action=Action.CHANGE).delete()
    try:
        unmerging.unmerge(row, actor=again(cast.bob))
    except merging.Refused:
        return True
    return False


def unmerge_kind_holds(client, cast):
    """Bob may change customers and delete none: he has merged none, and takes none apart."""
    row = merged(cast)
    RoleRule.objects.filter(model="customers.customer", action=Action.DELETE).delete()
    client.force_login(cast.bob)
    client.post(f"/customers/{row.subject_id}/unmerge/", {"merge": row.pk})
    return not Customer.objects.filter(pk=row.loser).exists()


# -- duplicates ------------------------------------------------------------------------------------------------------
def pair_of(first, second) -> DuplicatePair:
    kind = ContentType.objects.get_for_model(Customer)
    return DuplicatePair.objects.create(kind=kind, first=first.pk, second=second.pk, score=99, reasons=["name"])


def queue_holds(client, cast):
    """One of the two is Carol's: that it has a twin is not hers to know."""
    pair_of(make(Customer, cast.carol), make(Customer, cast.alice, name=SECRET))
    client.force_login(cast.carol)
    page = client.get("/customers/duplicates/")
    return SECRET not in page.content.decode() and page.context["number"] == 0


def dismissal_holds(client, cast):
    pair = pair_of(make(Customer, cast.alice), make(Customer, cast.alice))
    client.force_login(cast.carol)
    client.post("/customers/duplicates/", {"pair": pair.pk})
    pair.refresh_from_db()
    return pair.state == "open"


def every_pair(monkeypatch):
    monkeypatch.setattr(DuplicatePairQuerySet, "seen_by", lambda self, user, model, *a: self.of(model))


def desk_holds(client, cast):
    make(ContactPoint, cast.alice, customer=make(Customer, cast.alice, name=SECRET), kind="phone", value="051262880000")
    client.force_login(cast.carol)
    page = client.get("/customers/desk/", {"phone": "051262880000"}).content.decode()
    assert "Ask Alice" in page or SECRET in page
    return SECRET not in page


def desk_limit_holds(client, cast):
    make(Customer, cast.alice, name=SECRET)
    entry = {"user": cast.carol, "kind": twins.LOOKUP}
    AccessLogEntry.objects.bulk_create(AccessLogEntry(**entry) for _number in range(twins.DAILY))
    client.force_login(cast.carol)
    return "Ask Alice" not in client.get("/customers/desk/", {"name": SECRET}).content.decode()


def no_desk_limit(monkeypatch):
    monkeypatch.setattr(twins, "lookups_today", lambda user: 0)


def ask_of_twin(client, cast) -> str:
    """Carol finds Alice's customer by its number; gives the address behind "Ask for access"."""
    make(ContactPoint, cast.alice, customer=make(Customer, cast.alice, name=SECRET), kind="phone", value="051262880000")
    client.force_login(cast.carol)
    return client.get("/customers/desk/", {"phone": "051262880000"}).context["answer"].twins[0].ask


def asked_name_holds(client, cast):
    address = ask_of_twin(client, cast)
    said = client.get(address).content.decode()
    said += client.post(address, {"level": "view", "reason": "Fair"}, follow=True).content.decode()
    assert AccessRequest.objects.get().asker == cast.carol
    return SECRET not in said


def with_its_name(monkeypatch):
    real = asking.hidden_of

    def named(token, user):
        found = real(token, user)
        return found and replace(found, name=str(found.record))

    monkeypatch.setattr(asking, "hidden_of", named)


def asked_number_holds(client, cast):
    address, day = ask_of_twin(client, cast), asking.DAILY
    for number in range(day):
        asking.ask(make(Customer, cast.alice, name=f"Other {number}"), asker=cast.carol, level="view", reason="Fair")
    client.post(address, {"level": "view", "reason": "Fair"})
    return AccessRequest.objects.count() == day


def warning_holds(client, cast):
    """Carol types the name in another writing."""
    make(Customer, cast.alice, name="苏州晨曦医疗器械有限公司")
    client.force_login(cast.carol)
    typed = {"name": "蘇州晨曦醫療器械", "kind": "company", "level": "B", "lifecycle": "prospect", "owner": "carol"}
    return "苏州晨曦医疗器械有限公司" not in client.post("/customers/add/", typed).content.decode()


# -- imports ---------------------------------------------------------------------------------------------------------
def upload_of(client, person, work=checked) -> ImportBatch:
    client.force_login(person)
    return work(client, FILE)


def read_out(answer):
    """Read a file to its end, which closes it."""
    return list(answer.streaming_content) if answer.streaming else None


def import_page_holds(work, query="", **post):
    """A question about one page of Alice's import, which Carol asks for."""

    def holds(client, cast):
        address = f"/customers/import/?batch={upload_of(client, cast.alice, work).pk}{query}"
        client.force_login(cast.carol)
        before = Job.objects.count()
        answer = client.post(address, post) if post else client.get(address)
        read_out(answer)
        return answer.status_code == 404 and Job.objects.count() == before

    return holds


def every_batch(monkeypatch):
    every = lambda self: ImportBatch.objects.all()  # noqa: E731
    monkeypatch.setattr(ImportPage, "batches", every)
    monkeypatch.setattr(ComparePage, "batches", every)


def import_undo_holds(client, cast):
    job = upload_of(client, cast.alice, imported).run_job
    client.force_login(cast.carol)
    client.post(f"/jobs/{job.pk}/undo/")
    return not Job.objects.filter(kind="undo").exists()


def job_file_holds(client, cast):
    """The file of Alice's lines that were not imported."""
    job = upload_of(client, cast.alice, imported).run_job
    client.force_login(cast.carol)
    answer = client.get(f"/jobs/{job.pk}/file/")
    read_out(answer)
    return answer.status_code == 404


def run_holds(client, cast):
    """The right to add customers went between the check and the run."""
    batch = upload_of(client, cast.alice)
    client.post(f"/customers/import/?batch={batch.pk}")
    RoleRule.objects.filter(model="customers.customer", action=Action.ADD).delete()
    run_last()
    return not Customer.objects.filter(name=SECRET).exists()


def run_last():
    jobs.run(Job.objects.latest("pk").pk)


def run_without_rights(monkeypatch):
    """The job asks for the right, and each line for its reach: either alone holds."""
    may_all(monkeypatch)
    monkeypatch.setattr(Importer, "may_write", lambda *a: True)


def run_changes_hold(client, cast):
    """The right to change the record went between the check and the run."""
    record = make(Customer, cast.alice, name="Old")
    client.force_login(cast.alice)
    batch = checked(client, f"number,name\n{record.number},{SECRET}\n")
    client.post(f"/customers/import/?batch={batch.pk}")
    RoleRule.objects.filter(model="customers.customer", action=Action.CHANGE).delete()
    run_last()
    record.refresh_from_db()
    return record.name == "Old"


def made_along_holds(client, cast):
    """The right to add customers went between the check and the run of contacts that bring theirs along."""
    client.force_login(cast.alice)
    batch, page = begun(client, f"name,customer\nKim,{SECRET}\n")
    say(client, page, customer_all="1")
    RoleRule.objects.filter(model="customers.customer", action=Action.ADD).delete()
    run(client, batch, page)
    return not Customer.objects.filter(name=SECRET).exists()


def people_hold(client, cast):
    """Alice's role may add users, and she is no Administrator."""
    rule = {"role": cast.worker, "model": "crm.user", "action": Action.ADD}
    RoleRule.objects.update_or_create(**rule, defaults={"reach": Reach.ALL})
    client.force_login(cast.alice)
    client.post("/users/import/", {"pasted": f"name,login\n{SECRET},kestrel"})
    return not ImportBatch.objects.filter(entity="users").exists()


def anybody_imports_people(monkeypatch):
    monkeypatch.setattr(Administered, "may_import", Entity.__dict__["may_import"])


def import_numbers_hold(client, cast):
    """Carol's file names a record of Alice's by its number."""
    record = make(Customer, cast.alice, name=SECRET, short_name="")
    client.force_login(cast.carol)
    batch = checked(client, f"number,short name\n{record.number},Mine\n")
    return not batch.rows.filter(target_id=record.pk).exists()


# -- comparisons and exports -----------------------------------------------------------------------------------------
def compared(client, person) -> ImportBatch:
    record = Customer.objects.get(name=SECRET)
    client.force_login(person)
    batch = checked(client, f"number,short name\n{record.number},Other\n")
    client.post(f"/customers/compare/?batch={batch.pk}", {"format": "xlsx"})
    run_last()
    batch.refresh_from_db()
    return batch


def compare_page_holds(client, cast):
    make(Customer, cast.alice, name=SECRET)
    batch = compared(client, cast.alice)
    client.force_login(cast.carol)
    return client.get(f"/customers/compare/?batch={batch.pk}").status_code == 404


def compare_rows_hold(client, cast):
    make(Customer, cast.alice, name=SECRET)
    return compared(client, cast.carol).comparison["counts"]["missing"] == 1


def compare_file_holds(client, cast):
    make(Customer, cast.alice, name=SECRET)
    RoleRule.objects.filter(action=Action.EXPORT).delete()
    return compared(client, cast.alice).compare_job.file_id is None


def contact_of(owner) -> Contact:
    customer = make(Customer, owner)
    contact = make(Contact, owner, name=SECRET)
    make(ContactRole, owner, contact=contact, customer=customer)
    make(ContactPoint, owner, contact=contact, kind="mobile", value="13812345678")
    return contact


def cards(client, person) -> str:
    client.force_login(person)
    return content_of(client.post("/contacts/export/", {"format": "vcf", "all_columns": "1"})).decode()


def card_rows_hold(client, cast):
    contact_of(cast.alice)
    return SECRET not in cards(client, cast.carol)


def card_masks_hold(client, cast):
    contact_of(cast.alice)
    RoleRule.objects.filter(action=Action.REVEAL).delete()
    return "13812345678" not in cards(client, cast.alice)


def export_job_holds(client, cast):
    """Alice's list as a file of the background, without its right by the time that a worker comes to it."""
    make(Customer, cast.alice, name=SECRET)
    parameters = {"entity": "customers", "query": "", "format": "xlsx", "all_columns": True}
    job = jobs.enqueue("export", user=cast.alice, title="Export", parameters=parameters)
    RoleRule.objects.filter(model="customers.customer", action=Action.EXPORT).delete()
    jobs.run(job.pk)
    job.refresh_from_db()
    return job.file_id is None


def export_rows_hold(client, cast):
    make(Contact, cast.alice, name=SECRET)
    contact_of(cast.alice)
    file = io.BytesIO()
    Export(Contacts, again(cast.carol), QueryDict("")).write(file, "xlsx")
    cells = [cell for row in openpyxl.load_workbook(file).active.values for cell in row]
    return SECRET not in cells


def every_row_page(monkeypatch):
    monkeypatch.setattr(RecordView, "visible", every_row)


DATA_NETS = (
    Net("rows of a merge", every_row_page, merge_rows_hold),
    Net("rights of a merge", no_rule, merge_right_holds),
    Net("rows of taking a merge apart", every_row_may, unmerge_rows_hold),
    Net("right to take a merge apart", no_rule, unmerge_right_holds),
    Net(
        "who may not merge takes nothing apart",
        lambda m: m.setattr(merging_pages.merging, "may_merge", lambda *a: True),
        unmerge_kind_holds,
    ),
    Net("pairs of the queue", every_pair, queue_holds),
    Net("pairs that one may dismiss", every_pair, dismissal_holds),
    Net("names at the duplicate desk", no_rule, desk_holds),
    Net("limit of the duplicate desk", no_desk_limit, desk_limit_holds),
    Net("names in the warning of twins", no_rule, warning_holds),
    Net("names of hidden twins that one asks for", with_its_name, asked_name_holds),
    Net(
        "number of hidden twins that one asks for",
        lambda m: m.setattr(asking, "asks_today", lambda user: 0),
        asked_number_holds,
    ),
    Net("somebody else's check", every_batch, import_page_holds(checked)),
    Net("somebody else's mapping", every_batch, import_page_holds(checked, "&step=map")),
    Net("starting somebody else's import", every_batch, import_page_holds(checked, matched="skip")),
    Net("somebody else's result", every_batch, import_page_holds(imported)),
    Net("somebody else's failed rows", every_batch, import_page_holds(imported, "&file=rejects")),
    Net("undoing somebody else's import", every_job, import_undo_holds),
    Net("files of somebody else's jobs", every_job, job_file_holds),
    Net("right to add when lines are written", run_without_rights, run_holds),
    Net("right to change when lines are written", no_rule, run_changes_hold),
    Net("records that a file names", no_rule, import_numbers_hold),
    Net("right to add what lines bring along", run_without_rights, made_along_holds),
    Net("imports of people", anybody_imports_people, people_hold),
    Net("somebody else's comparison", every_batch, compare_page_holds),
    Net("rows of a comparison", no_rule, compare_rows_hold),
    Net("right to the file of differences", may_all, compare_file_holds),
    Net("rows of business cards", no_rule, card_rows_hold),
    Net("masks on business cards", open_all, card_masks_hold),
    Net("right of an export in the background", may_all, export_job_holds),
    Net("rows of a workbook", no_rule, export_rows_hold),
)
