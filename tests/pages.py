"""Every page of the product that a GET opens, with a row of every kind behind it; tests of whole pages go over them."""

import re
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm import jobs, merging
from crm.deletion import delete
from crm.entities import registry
from crm.mail import queue_mail
from crm.models import FieldDefinition, HandOver, ImportBatch, Job, Tag
from crm.models.custom import CustomValues
from crm.tags import delete_tag
from crm.views.record import Tab
from customers.models import DuplicatePair
from reports.base import registry as reports
from reports.models import RunCopy
from reports.tests.factories import make_copy, make_run, make_schedule
from sales.setup import load_catalogues
from tests.factories import factories, with_sensitive_value
from tests.test_doors import OWN

SKIPPED = ("health/",)
FILES = re.compile(r"/files?/")


def make_rows(owner) -> dict[str, int]:
    """One row of every kind that belongs to the owner; gives {beginning of an address: key of the row}."""
    load_catalogues()
    make, keys = factories(), {}
    customer = make["customers.customer"](owner, name="海川精密")
    contact = make["customers.contact"](owner, customer=customer, name="周敏", position="财务总监", is_primary=True)
    make["customers.interaction"](owner, customer=customer, contact=contact, text="想看产线。", next_step="寄样品")
    deal = make["sales.opportunity"](owner, customer=customer, contact=contact, name="激光产线", next_step="报价")
    campaign = make["marketing.campaign"](owner, name="秋季展会")
    make["marketing.campaigndeal"](owner, campaign=campaign, opportunity=deal)
    case = make["service.case"](owner, customer=customer, contact=contact, subject="机床报警")
    make["service.casemessage"](owner, case=case, text="请查看。")
    known = {"customers": customer, "contacts": contact, "opportunities": deal, "campaigns": campaign, "cases": case}
    for slug, entity in registry.items():
        rows = entity.model.objects.order_by("pk")
        record = known.get(slug) or rows.first() or make[entity.model._meta.label_lower](owner)
        if isinstance(record, CustomValues):
            with_sensitive_value(record, "18,000")
        keys[f"{slug}/"] = record.pk
    return keys | rows_of_work(owner, make)


IMPORTS = ("import", "undo", "compar")  # how the kinds of their jobs begin
FILE = "名称,电话,年营收,负责人,行业\n海川精密,051262880000,120万,{who},\n远山,12,x,{who},陶瓷业\n晨曦医疗,,,{who},\n"


def run_imports():
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
        if job.kind.startswith(IMPORTS):
            assert jobs.run(job.pk)


def pages_of_data(owner) -> list[str]:
    """The pages of imports, comparisons, duplicates and merges at every step, with something to show: the owner's.
    The eight that matter most come first."""
    client, url = Client(), "/customers/import/"
    client.force_login(owner)
    text = FILE.format(who=owner.username)

    def uploaded(table, *posts):
        """The address of an import after these forms, with all its jobs done."""
        page = client.post(url, {"file": SimpleUploadedFile("客户.csv", table.encode())}).url
        for form in posts:
            client.post(page, form)
            run_imports()
        return page

    check, run = {"action": "check"}, {"matched": "update"}
    read, batch, done, undone = (
        uploaded(*one) for one in ((text,), (text, check), (text, check, run), ("名称\n青松\n", check, run))
    )
    client.post(f"/jobs/{ImportBatch.objects.latest('pk').run_job_id}/undo/")
    compared = uploaded(text, check).replace("import", "compare")
    client.post(compared, {"format": "xlsx"})
    run_imports()
    make = factories()["customers.customer"]
    keep, gone, further = (make(owner, name=name) for name in ("苏州晨曦医疗器械有限公司", "晨曦医疗器械", "晨曦"))
    merging.merge(keep, further, versions={}, actor=owner)
    kind = ContentType.objects.get_for_model(type(keep))
    DuplicatePair.objects.create(kind=kind, first=keep.pk, second=gone.pk, score=97, reasons=["short", "phone"])
    return [
        *(batch, f"{batch}&step=map", f"{batch}&step=values", done, compared),
        f"/customers/{keep.pk}/merge/?queue=1&with={gone.pk}",
        "/customers/duplicates/?score=95",
        "/customers/desk/?name=晨曦医疗",
        *(read, f"{batch}&step=read", f"{batch}&show=all", undone),
        *(f"/customers/{keep.pk}/{page}" for page in ("merge/", "unmerge/", "?tab=changes")),
        "/imports/",
    ]


def rows_of_work(owner, make) -> dict[str, int]:
    """Schedule, run, copy, job, mail and a deletion of the owner."""
    schedule = make_schedule(owner, name="周一管道", users=[owner])
    run = make_run(owner, schedule=schedule)
    mail = queue_mail("report", to=owner, subject="销售管道", text="你好", html="<p>你好</p>")
    copy = make_copy(owner, run=run, message=mail, state=RunCopy.State.MAILED)
    tag, gone = (Tag.objects.create(root="customers.customer", name=name) for name in ("重点", "旧"))
    make["customers.customer"](owner, tags=[tag.pk])
    job = jobs.enqueue("export", user=owner, title="导出客户", parameters={}, slot=str(uuid4()))
    return {
        "reports/schedules/": schedule.pk,
        "reports/runs/": run.pk,
        "reports/received/": copy.pk,
        "jobs/": job.pk,
        "outbox/": mail.pk,
        "tags/": tag.pk,
        "tags/changes/": delete_tag(gone, actor=owner).pk,
        "settings/fields/": make_field().pk,
        "hand-over/": HandOver.objects.create(leaver=owner, actor=owner, counts={"customers": 2}).pk,
        "points/": make["customers.contactpoint"](owner).pk,
        "deleted/": delete(make["customers.customer"](owner), actor=owner).pk,
    }


def make_field():
    """A custom field of every customer, with choices."""
    return FieldDefinition.objects.create(
        entity="customers.customer",
        code="procurement",
        type="choice",
        name_zh="采购方式",
        name_en="Procurement",
        options=[{"code": "open", "zh": "公开招标", "en": "Open tender", "tone": "blue"}],
        on_list=True,
    )


def addresses(keys: dict[str, int]) -> list[str]:
    """The address of every own page, its parameters filled in; files are left out."""
    found = ["/reports/schedules/add/?report=win-loss"]  # without a report there is nothing to schedule
    for route, _view in OWN:
        if route in SKIPPED or FILES.search(f"/{route}"):
            continue
        key = max((start for start in keys if route.startswith(start)), key=len, default="")
        filled = route.replace("<int:pk>", str(keys.get(key, 1))).replace("<str:model>", "customers.customer")
        found += [f"/{filled.replace('<slug:slug>', slug)}" for slug in (reports if "<slug:slug>" in filled else ("",))]
    return list(dict.fromkeys(found))


def tabs(page) -> list[str]:
    """The addresses of the tabs of a record page."""
    return [tab.url for tab in (page.context or {}).get("tabs") or () if isinstance(tab, Tab)]
