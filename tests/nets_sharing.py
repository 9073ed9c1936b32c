"""The nets of sharing, asking for access and viewing as another person (see tests/nets.py)."""

from contextlib import nullcontext

from crm import access, asking, viewing
from crm.access import share
from crm.entities import entity_for
from crm.views.asking import AnswerPage
from customers.models import Customer
from sales.models import Opportunity
from tests.cast import again
from tests.nets import Net, make


def shares_hold(client, cast):
    """Alice shared a record that has since left her sight."""
    customer = make(Customer, cast.alice)
    share(customer, cast.bob, actor=cast.alice)
    customer.owner, customer.team = cast.carol, cast.south
    customer.save()
    client.force_login(cast.alice)
    page = client.get("/shares/given/")
    return page.status_code == 200 and str(customer) not in page.content.decode()


def asking_holds(client, cast):
    """Carol has a token for the customer of an opportunity that she does not see."""
    deal = make(Opportunity, cast.alice, customer=make(Customer, cast.alice))
    client.force_login(cast.carol)
    return client.get(asking.ASK % asking.token_for(deal, "customer", again(cast.carol))).status_code == 404


def answering_holds(client, cast):
    """Dave, who may change nothing, answers a request for Alice's customer."""
    customer = make(Customer, cast.alice)
    request = asking.ask(customer, asker=cast.carol, level="view", reason="test")
    client.force_login(cast.dave)
    return client.get(f"/shares/requests/{request.pk}/").status_code == 404


def everything_answerable(monkeypatch):
    from crm.models import AccessRequest

    def found(self):
        request = AccessRequest.objects.get(pk=self.kwargs["pk"])
        return request, Customer.objects.get(pk=request.subject_id)

    monkeypatch.setattr(AnswerPage, "found", found)


def viewing_holds(client, cast):
    """Root looks as Alice and sends her form."""
    customer = make(Customer, cast.alice, name="Before")
    client.force_login(cast.root)
    client.post("/view-as/", {"person": "alice", "reason": "test"})
    client.post(entity_for(Customer).url("delete", customer))
    return Customer.objects.filter(pk=customer.pk).exists()


def writing_allowed(monkeypatch):
    """The two nets together: either of them alone holds."""
    monkeypatch.setattr(viewing.ViewAs, "process_view", lambda *a, **k: None)
    monkeypatch.setattr(viewing, "reading_only", nullcontext)


def no_rule(monkeypatch):
    monkeypatch.setattr(access.RecordQuerySet, "visible_to", lambda self, *a: self)


SHARING_NETS = (
    Net("lists of shares", no_rule, shares_hold),
    Net("tokens to ask for access", no_rule, asking_holds),
    Net("answers to requests", everything_answerable, answering_holds),
    Net("only looking while viewing as another person", writing_allowed, viewing_holds),
)
