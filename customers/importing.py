"""What an import of customers needs beyond their columns."""

from functools import cached_property, lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.exchange import Importer
from crm.models import Company
from customers.codes import credit_code
from customers.divisions import written_out
from customers.models.customer import size_of
from customers.pinyin import name_pinyin
from customers.point_import import WithPoints


@lru_cache(maxsize=4_096)
def place_of(text: str) -> str:
    """A province, city or district as the list of places writes it, also when it was written in one word or without
    市 and 省; other text stays."""
    found = written_out(text)
    return str(found) if found else text


class CustomerImporter(WithPoints, Importer):
    """Customers by name with their switchboard and general address; amounts are in the company's currency."""

    match_columns = ("credit_code",)
    kinds = ("phone", "email")
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

    @cached_property
    def company(self) -> Company:
        return Company.current()

    def prepare(self, record, given):
        self.derive(record, given)
        record.currency = self.company.currency

    def revise(self, record, given, before):
        self.derive(record, given)
        if record.region == place_of(before["region"]):
            record.region = before["region"]  # the same place in other words is no change

    def derive(self, record, given):
        """What follows from the columns that were given, and their rules."""
        if "name" in given:
            record.name_pinyin = name_pinyin(record.name)
        if "employees" in given:
            record.size = size_of(record.employees) or record.size
        if "region" in given:
            record.region = place_of(record.region)
        if "credit_code" in given:
            record.put_in_form(credit_code=credit_code)
        if "founded_on" in given and record.founded_on > self.company.today:
            raise ValidationError({"founded_on": _("The founding lies in the future.")})
