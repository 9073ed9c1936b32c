"""What imports of customers, contacts and interactions need beyond their columns."""

import re
from functools import cache, cached_property, lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Func
from django.utils import translation
from django.utils.translation import gettext as _

from crm import deletion
from crm.exchange import Importer, match_key
from crm.exchange.existing import Match
from crm.exchange.lookups import Lookup
from crm.exchange.met import Keys
from crm.exchange.parsing import is_empty, parse_text
from crm.models import Company
from customers import batches
from customers.codes import credit_code, identity_number
from customers.divisions import written_out
from customers.models import ContactRole, Customer, Interaction
from customers.models.customer import size_of
from customers.pinyin import name_pinyin
from customers.point_import import WithPoints

# Columns of a customer that are known by their own headings in a file of what belongs to customers.
OF_COMPANIES = ("industry", "website", "credit_code", "revenue", "employees", "country", "region", "founded_on")


@lru_cache(maxsize=4_096)
def place_of(text: str) -> str:
    """A province, city or district as the list of places writes it, also when it was written in one word or without
    市 and 省; other text stays."""
    found = written_out(text)
    return str(found) if found else text


class WithNames:
    """What imports share whose records have names in Chinese."""

    def warm_up(self):
        super().warm_up()
        name_pinyin("榕客")
        written_out("江苏省")


class CustomerImporter(WithNames, WithPoints, Importer):
    """Customers by name with their switchboard and general address; amounts are in the company's currency."""

    match_columns = ("credit_code",)
    side_by_side = True
    makes = {"parent": ()}
    kinds = found_by = ("phone", "email")
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
        "parent": ("母公司", "集团", "上级公司", "parent account", "parent", "subsidiary_of"),
    }

    @cached_property
    def company(self) -> Company:
        return Company.current()

    @cached_property
    def today(self):
        return self.company.today

    def prepare(self, record, given):
        self.derive(record, given)
        record.currency = self.company.currency

    def revise(self, record, given, before):
        self.derive(record, given)
        if record.region == place_of(before["region"]):
            record.region = before["region"]  # the same place in other words is no change

    def recheck(self, rows):
        return super().recheck(rows) | self.circles(rows)

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
        if "parent" in given:
            record.clean_parent()
        if "founded_on" in given and record.founded_on > self.today:
            raise ValidationError({"founded_on": _("The founding lies in the future.")})


class WithRoles:
    """What imports share that name a contact of a customer: who works where, read once."""

    @cached_property
    def roles(self) -> set[tuple[int, int]]:
        """(contact, customer) of the contacts that the file names."""
        keys = {key for found in self.fields["contact"].lookup.found.values() for key in found}
        keys |= {int(key) for key in self.chosen.get("contact", ())}
        return set(ContactRole.objects.filter(contact__in=keys).values_list("contact_id", "customer_id"))

    def choose(self, one, cell, record):
        """Of several contacts of the same name the one who works at the customer of the line is meant."""
        if one.name == "contact" and record.customer_id:
            own = [key for key in one.lookup.candidates(cell) if (key, record.customer_id) in self.roles]
            if len(own) == 1:
                return own[0]
        return super().choose(one, cell, record)

    def check_contact(self, record, given):
        if "contact" in given and record.customer_id and (record.contact_id, record.customer_id) not in self.roles:
            raise ValidationError({"contact": _("This person is not a contact of the customer of the line.")})


@cache
def role_words() -> tuple[str, str]:
    """Patterns of what our own lists write before the name of a company, and between several of them."""
    labels = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels |= {re.escape(str(label)) for _code, label in ContactRole.Role.choices}
    words = f"(?:{'|'.join(sorted(labels))}) · "
    return words, f"(?:, |、){words}"


class CompanyLookup(Lookup):
    """Customers by their names, also as an exported list writes them: "Decision maker · Acme, Other · Kestrel", where
    the first one is meant."""

    def want(self, cell):
        super().want(cell)
        if plain := self.plain(cell):
            super().want(plain)

    def candidates(self, cell) -> set[int]:
        plain = self.plain(cell)
        return super().candidates(cell) or (super().candidates(plain) if plain else set())

    def plain(self, cell) -> str:
        """The name without a role before it; "" when there is none."""
        before, between = role_words()
        text = "" if is_empty(cell) else parse_text(cell)
        start = re.match(before, text)
        return re.split(between, text[start.end() :])[0] if start else ""


class ContactImporter(WithNames, WithPoints, Importer):
    """People with the customer where they work and their phones and addresses."""

    makes = {"customer": OF_COMPANIES}
    kinds = ("mobile", "email", "phone", "wechat")
    found_by = ("mobile", "email", "wechat")  # colleagues share a landline
    aliases = {
        "name": ("姓名", "联系人", "联系人姓名", "contact", "contact name", "full name"),
        "customer": ("客户", "客户名称", "公司", "公司名称", "company", "company name", "account", "account name"),
        "position": ("职位", "职务", "title", "job title"),
        "department": ("部门", "dept"),
        "mobile": ("手机", "手机号", "手机号码", "mobile phone", "cell", "cell phone"),
        "phone": ("电话", "座机", "办公电话", "tel", "telephone", "work phone", "business phone"),
        "email": ("邮箱", "电子邮箱", "e-mail address", "email address"),
        "wechat": ("微信", "微信号"),
        "birthday": ("生日", "出生日期", "date of birth"),
        "identity_number": ("身份证号", "身份证", "证件号"),
        "note": ("备注", "remarks", "notes"),
    }

    @property
    def writes(self):
        return (*super().writes, ContactRole)

    def readers_beside(self):
        return super().readers_beside() | {"customer": CompanyLookup(Customer, self.user)}

    def is_required(self, one):
        return one.name == "customer" or super().is_required(one)

    def prepare(self, record, given):
        if "name" in given:
            record.name_pinyin = name_pinyin(record.name)
        if "identity_number" in given:
            record.put_in_form(identity_number=identity_number)
        if "birthday" in given:
            record.clean()

    def key_of(self, record, beside):
        customer = beside.get("customer")
        return (match_key(record.name), customer) if record.name and customer else None

    def load_twins(self, beat):
        """By name and customer, from the roles: they carry the name of their contact."""
        twins = Keys()
        rows = ContactRole.objects.visible_to(self.user).order_by()
        for name, customer, contact in rows.values_list("contact_name", "customer_id", "contact_id").iterator():
            if name and (key := match_key(name)) in self.names.wanted:
                twins.add((key, customer), contact)
        beat()
        return twins

    def changeable(self, keys):
        found = super().changeable(keys)
        self.linked = set(ContactRole.objects.filter(contact__in=found).values_list("contact_id", "customer_id"))
        return found

    def differing_beside(self, draft, target):
        customer = draft.beside.get("customer")
        role = {} if customer is None or (target.pk, customer) in self.linked else {"customer": customer}
        return super().differing_beside(draft, target) | role

    def held_beside(self, records):
        """Also the customers where the people work, the present and the primary one first."""
        found = super().held_beside(records)
        for contact, customer in batches.roles_of_contacts(records, self.user).values_list("contact_id", "customer_id"):
            found.setdefault((contact, "customer"), []).append(customer)
        return found

    def written(self, records, beside):
        """The first contact of a customer becomes its primary one."""
        customers = {key: values["customer"] for key, values in beside.items()}
        taken = ContactRole.objects.filter(customer__in=customers.values(), is_primary=True)
        with_primary = set(taken.values_list("customer_id", flat=True))
        roles = []
        for key, customer in sorted(customers.items()):
            roles.append(self.role(key, customer, is_primary=customer not in with_primary))
            with_primary.add(customer)
        ContactRole.objects.bulk_create(roles)
        super().written(records, beside)

    def role(self, contact: int, customer: int, *, is_primary=False) -> ContactRole:
        who = {"created_by": self.user, "modified_by": self.user}
        return ContactRole(contact_id=contact, customer_id=customer, is_primary=is_primary, **who)

    def change_beside(self, values, filling):
        """Another customer than those where the person works becomes one more of them."""
        points = {key: {k: v for k, v in kinds.items() if k != "customer"} for key, kinds in values.items()}
        done = super().change_beside({key: kinds for key, kinds in points.items() if kinds}, filling)
        new = [self.role(key, kinds["customer"]) for key, kinds in values.items() if "customer" in kinds]
        for role in ContactRole.objects.bulk_create(new):
            done.setdefault(role.contact_id, []).append({"role": role.pk})
        return done

    def touched_beside(self, before):
        return super().touched_beside(points_in(before))

    def put_back_beside(self, before):
        super().put_back_beside(points_in(before))
        roles = [note["role"] for notes in before.values() for note in notes if "role" in note]
        deletion.delete_many(ContactRole.objects.filter(pk__in=roles), actor=self.user)


def points_in(before: dict) -> dict:
    """Of what put_back_beside needs, that of contact points."""
    return {key: [note for note in notes if "point" in note] for key, notes in before.items()}


class WholeSecond(Func):
    """A moment without its part of a second; TruncSecond would take it to a time zone."""

    template = "date_trunc('second', %(expressions)s)"
    output_field = DateTimeField()


class InteractionImporter(WithRoles, Importer):
    """Talks with customers. The same customer, moment and words are the same talk."""

    name_column = "text"
    is_whole_key = True
    makes = {"customer": OF_COMPANIES}
    aliases = {
        "customer": ("客户", "客户名称", "公司", "company", "account", "account name"),
        "contact": ("联系人", "contact name"),
        "at": ("时间", "跟进时间", "日期", "date", "datetime", "activity date"),
        "kind": ("方式", "跟进方式", "类型", "type", "activity type"),
        "text": ("内容", "跟进内容", "记录", "备注", "notes", "description", "summary", "subject"),
        "outcome": ("结果", "跟进结果", "result"),
        "duration": ("时长", "时长（分钟）", "minutes"),
        "next_at": ("下次跟进时间", "下次联系时间", "next contact"),
        "next_step": ("下一步", "下一步计划", "next action"),
    }

    def prepare(self, record, given):
        self.check_contact(record, given)
        if record.next_at and record.next_at <= record.at:
            raise ValidationError({"next_at": _("The next follow-up must lie after the contact itself.")})

    def load_twins(self, beat):
        return Keys()  # a million texts are not read: find_beside asks for those of the chunk

    def key_of(self, record, beside):
        return (record.customer_id, record.at, match_key(record.text))

    def find_beside(self, drafts):
        there: dict[tuple, list[int]] = {}
        rows = Interaction.objects.visible_to(self.user).order_by()
        rows = rows.annotate(second=WholeSecond("at")).filter(customer__in={d.record.customer_id for d in drafts})
        rows = rows.filter(second__in={d.record.at for d in drafts})  # a file knows whole seconds
        for pk, customer, at, text in rows.values_list("pk", "customer_id", "second", "text"):
            there.setdefault((customer, at, match_key(text)), []).append(pk)
        for draft in drafts:
            if found := there.get(self.key_of(draft.record, draft.beside)):
                draft.found, draft.match = tuple(sorted(found)), Match.NAME
