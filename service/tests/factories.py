"""Rows of cases and messages for tests."""

from itertools import count

from crm.tests.file_factory import file_factory
from customers.tests.factories import make_customer
from service.models import Case, CaseFile, CaseMessage

number = count(1)


def make_case(owner=None, *, customer=None, **fields):
    """A case of a new customer of the same owner, unless a customer is given."""
    fields = {"subject": f"Case {next(number)}", "created_by": owner} | fields
    return Case.objects.create(owner=owner, customer=customer or make_customer(owner), **fields)


def make_case_message(owner=None, *, case=None, **fields):
    fields = {"direction": "out", "text": f"Message {next(number)}", "created_by": owner} | fields
    return CaseMessage.objects.create(case=case or make_case(owner), **fields)


FACTORIES = {
    "service.case": make_case,
    "service.casefile": file_factory(CaseFile, make_case),
    "service.casemessage": make_case_message,
}
