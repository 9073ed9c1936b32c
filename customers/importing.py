"""What an import of customers needs beyond their columns."""

from functools import partial

from django.core.exceptions import ValidationError

from crm.access import Action
from crm.exchange import Importer, parse_text
from crm.models import Company
from customers.models import ContactPoint
from customers.models.customer import size_of
from customers.pinyin import name_pinyin
from customers.points import normalised

KINDS = ("phone", "email")


class CustomerImporter(Importer):
    """Customers by name with their switchboard and general address; amounts are in the company's currency."""

    aliases = {
        "name": ("客户", "客户名", "公司", "企业", "单位名称", "company name", "customer", "account name"),
        "phone": ("电话", "联系电话", "手机", "手机号", "手机号码", "tel", "telephone", "mobile", "phone number"),
        "email": ("邮箱", "电子邮箱", "邮件", "mail", "e-mail address", "email address"),
        "country": ("国家", "国家/地区", "office_location"),
        "employees": ("员工人数", "人数", "规模", "number of employees"),
        "background": ("备注", "说明", "remarks", "notes", "description"),
        "website": ("网址", "官网", "url", "domain"),
        "owner": ("业务员", "销售", "销售负责人", "sales agent", "account owner"),
        "industry": ("行业", "industry sector"),
        "level": ("级别", "客户级别", "grade", "rating"),
    }

    def readers_beside(self):
        may_add = self.user.rights.may(ContactPoint, Action.ADD)
        return {kind: partial(parse_text, max_length=254) for kind in KINDS} if may_add else {}

    def read(self, places, cells, record, errors, beside):
        """Points last: a number without + is at home where the customer is."""
        given = super().read(places, cells, record, errors, beside)
        for kind in KINDS:
            if kind in beside:
                try:
                    beside[kind] = normalised(kind, beside[kind], record.country)
                except ValidationError as error:
                    errors[kind] = " ".join(error.messages)
        return given

    def load(self, beat):
        super().load(beat)
        self.currency = Company.current().currency

    def prepare(self, record, given):
        record.name_pinyin = name_pinyin(record.name)
        record.size = size_of(record.employees) or record.size
        record.currency = self.currency

    def written(self, records, beside):
        ContactPoint.objects.bulk_create(
            ContactPoint(
                customer_id=key, kind=kind, value=value, is_primary=True, created_by=self.user, modified_by=self.user
            )
            for key, points in beside.items()
            for kind, value in points.items()
        )
        super().written(records, beside)
