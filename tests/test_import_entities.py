"""Every kind of record that can be imported: what its lines become by its own rules, and that the undo takes back."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm.entities import registry
from crm.models import FieldRule, ImportBatch, Job, StagedRow
from crm.tests.test_importing import (  # noqa: F401 (the fixture acts by being there)
    checked,
    errors_of,
    files_in_a_folder_of_their_own,
    imported,
    run_waiting,
    signed_in,
)
from customers.models import Contact, ContactPoint, ContactRole, Customer, Interaction
from customers.services import add_contact
from customers.tests.factories import make_customer
from marketing.models import Campaign, CampaignMember
from sales.models import Product
from service.models import Case

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def sent(client, slug, text, **post) -> ImportBatch:
    return imported(client, text, url=f"/{slug}/import/", **post)


def taken_back(client, batch):
    client.post(f"/jobs/{batch.run_job.pk}/undo/")
    run_waiting()
    return Job.objects.filter(kind="undo").latest("pk").counts


def test_the_kinds_that_can_be_imported_are_these():
    kinds = {slug for slug, entity in registry.items() if entity.importable}
    assert kinds == {
        "customers",
        "contacts",
        "interactions",
        "opportunities",
        "products",
        "campaigns",
        "campaign-members",
        "cases",
    }


def test_contacts_come_with_customer_points_and_sealed_values_and_go_again(client, cast):
    client = signed_in(client, cast.alice)
    one, _two = make_customer(cast.alice, name="海川"), make_customer(cast.alice, name="远山")
    make_customer(cast.carol, name="Hers")
    old = add_contact(one, actor=cast.alice, name="王芳", is_primary=True, points={"mobile": "13812345670"})
    text = (
        "姓名,公司,手机,邮箱,生日,身份证号,职位\n"
        "张伟,海川,138 1234 5678,zw@example.com,1990-02-03,11010519491231002X,经理\n"
        "李娜,远山,,ln@example.com,,,\n"
        "王芳,海川,,,,,总监\n"
        "赵六,,,,,,\n"
        "钱七,Hers,,,,,\n"
        "孙八,海川,12,,2190-01-01,1,\n"
    )
    batch = sent(client, "contacts", text, matched="update")
    assert {line: sorted(errors) for line, errors in errors_of(batch).items() if line != 4} == {
        5: ["customer"],
        6: ["customer"],
        7: ["mobile"],
    }
    zhang = Contact.objects.get(name="张伟")
    assert (zhang.birthday, zhang.identity_number, zhang.position) == (date(1990, 2, 3), "11010519491231002X", "经理")
    assert "zhangwei" in zhang.search_text
    roles = ContactRole.objects.order_by("pk").values_list("contact__name", "customer__name", "is_primary")
    assert list(roles) == [("王芳", "海川", True), ("张伟", "海川", False), ("李娜", "远山", True)]
    assert {(p.contact.name, p.kind, p.value) for p in ContactPoint.objects.exclude(contact=old)} == {
        ("张伟", "mobile", "13812345678"),
        ("张伟", "email", "zw@example.com"),
        ("李娜", "email", "ln@example.com"),
    }
    assert Contact.objects.get(pk=old.pk).position == "总监"
    assert "11010519491231002X" not in str([*StagedRow.objects.extra(select={"t": "data::text"}).values_list("t")])
    # A person who works at one more customer: one more role, taken away again by the undo.
    more = sent(client, "contacts", f"number,公司,身份证号\n{zhang.number},远山,110105194912310038\n")
    zhang.refresh_from_db()
    assert (zhang.roles.filter(deleted_at=None).count(), zhang.identity_number) == (2, "110105194912310038")
    assert taken_back(client, more) == {"changed": 1, "same": 0}
    zhang = Contact.objects.get(pk=zhang.pk)
    assert (zhang.roles.filter(deleted_at=None).count(), zhang.identity_number) == (1, "11010519491231002X")
    counts = taken_back(client, batch)
    assert counts["changed"] + counts["same"] == 3
    assert not Contact.objects.filter(name="李娜").exists()
    assert Contact.objects.get(pk=old.pk).position == ""


def test_talks_are_logged_once_with_a_contact_of_their_customer_and_move_the_last_contact(client, cast):
    client = signed_in(client, cast.alice)
    one, two = make_customer(cast.alice, name="海川"), make_customer(cast.alice, name="远山")
    mine = add_contact(one, actor=cast.alice, name="张伟")
    add_contact(two, actor=cast.alice, name="张伟")
    stranger = add_contact(two, actor=cast.alice, name="李娜")
    text = (
        "客户,联系人,时间,方式,内容,下次跟进时间\n"
        "海川,张伟,2026-03-02 14:30,visit,看样品,2026-03-09\n"
        "海川,李娜,2026-03-03,call,报价,\n"
        "海川,,2026-03-04,call,报价,2026-03-01\n"
        "海川,,2026-03-02 14:30,visit,看样品,\n"
        "远山,,2026/3/5 9:00,call,,\n"
    )
    batch = sent(client, "interactions", text)
    talk = Interaction.objects.get()
    assert (talk.contact, talk.kind, talk.at) == (mine, "visit", datetime(2026, 3, 2, 14, 30, tzinfo=SHANGHAI))
    assert Customer.objects.get(pk=one.pk).last_followed_at == talk.at
    assert errors_of(batch) == {
        3: {"contact": "This person is not a contact of the customer of the line."},
        4: {"next_at": "The next follow-up must lie after the contact itself."},
        5: {"": "The same as line 2 of this file."},
        6: {"text": "This must not be empty."},
    }
    again = checked(client, text, url="/interactions/import/")
    assert again.rows.get(line=2).decision == "same"
    assert taken_back(client, batch) == {"changed": 1, "same": 0}
    assert Interaction.objects.count() == 0
    assert stranger.pk


def test_campaigns_and_their_members_follow_their_rules(client, cast):
    client = signed_in(client, cast.alice)
    customer = make_customer(cast.alice, name="海川")
    person = add_contact(customer, actor=cast.alice, name="张伟")
    text = "活动名称,开始日期,结束日期,预算\n展会,2026-03-01,2026-03-05,5万\n错,2026-03-05,2026-03-01,\n"
    batch = sent(client, "campaigns", text)
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.budget, campaign.owner, campaign.currency) == ("展会", 50_000, cast.alice, "CNY")
    assert list(errors_of(batch)[3]) == ["ends_on"]
    members = "活动,客户,联系人,状态\n展会,海川,张伟,sent\n展会,海川,,\n展会,,,\n展会,海川,张伟,\n无,海川,,\n"
    batch = sent(client, "campaign-members", members)
    rows = CampaignMember.objects.order_by("pk").values_list("customer", "contact", "status")
    assert list(rows) == [(customer.pk, person.pk, "sent"), (customer.pk, None, "targeted")]
    found = {line: list(errors) for line, errors in errors_of(batch).items()}
    assert found == {4: ["customer"], 5: [""], 6: ["campaign"]}
    again = checked(client, members, url="/campaign-members/import/")
    assert list(again.rows.filter(decision="same").values_list("line", flat=True)) == [2, 3]
    assert list(again.rows.filter(decision="twin").values_list("line", flat=True)) == [5]


def test_cases_carry_the_moments_of_their_status(client, cast):
    client = signed_in(client, cast.alice)
    make_customer(cast.alice, name="海川")
    rows = "不能登录,海川,P1,resolved,重置密码\n太慢,海川,,,\n没有结果,海川,,resolved,\n"
    text = f"主题,客户,优先级,状态,处理结果\n{rows}"
    batch = sent(client, "cases", text)
    solved, slow = Case.objects.order_by("pk")
    assert (solved.priority, solved.status, solved.resolved_at is not None) == ("P1", "resolved", True)
    assert (slow.priority, slow.status, slow.owner, slow.resolved_at) == ("P3", "new", cast.alice, None)
    assert errors_of(batch) == {4: {"resolution": "Say what was done."}}
    change = sent(client, "cases", f"number,状态,处理结果\n{slow.number},resolved,换了服务器\n")
    slow.refresh_from_db()
    assert slow.resolved_at is not None
    assert taken_back(client, change) == {"changed": 1, "same": 0}
    slow.refresh_from_db()
    assert (slow.status, slow.resolved_at, slow.resolution) == ("new", None, "")


def test_products_are_found_by_code_and_named_in_both_languages(client, cast):
    client = signed_in(client, cast.root)
    Product.objects.all().delete()
    sent(client, "products", "product,sku,series,sales_price\nGTX Basic,gtx-basic,GTX,550\n")
    text = "sku,产品名称,单价\ngtx-basic,基础版,600\ngtx-pro,专业版,\nno code!,x,\n"
    batch = sent(client, "products", text, matched="update")
    rows = Product.objects.order_by("code").values_list("code", "name_zh", "name_en", "list_price")
    assert list(rows) == [("gtx-basic", "基础版", "GTX Basic", Decimal(600)), ("gtx-pro", "专业版", "专业版", None)]
    assert list(errors_of(batch)[4]) == ["code"]


def test_a_column_that_a_rule_locks_is_not_imported(client, cast):
    FieldRule.objects.create(role=cast.worker, entity="customers.contact", field="identity_number", right="lock")
    client = signed_in(client, cast.alice)
    make_customer(cast.alice, name="海川")
    batch = sent(client, "contacts", "姓名,公司,身份证号\n张伟,海川,11010519491231002X\n")
    assert "identity_number" not in batch.columns.values()
    assert Contact.objects.get().identity_number == ""
