"""What an import of customers needs beyond their columns."""

from crm.exchange import Importer
from crm.models import Company
from customers.pinyin import name_pinyin


class CustomerImporter(Importer):
    """Customers by name; amounts are in the company's currency."""

    aliases = {
        "name": ("客户", "客户名", "公司", "企业", "单位名称", "company name", "customer", "account name"),
        "country": ("国家", "国家/地区", "office_location"),
        "employees": ("员工人数", "人数", "规模", "number of employees"),
        "background": ("备注", "说明", "remarks", "notes", "description"),
        "website": ("网址", "官网", "url", "domain"),
        "owner": ("业务员", "销售", "销售负责人", "sales agent", "account owner"),
        "industry": ("行业", "industry sector"),
        "level": ("级别", "客户级别", "grade", "rating"),
    }

    def load(self, beat):
        super().load(beat)
        self.currency = Company.current().currency

    def prepare(self, record, given):
        record.name_pinyin = name_pinyin(record.name)
        record.currency = self.currency
