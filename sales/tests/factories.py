"""Rows of pipelines, products and opportunities for tests."""

from itertools import count

from crm.tests.file_factory import file_factory
from customers.tests.factories import make_customer
from sales.models import Opportunity, OpportunityFile, Pipeline, Product, Stage, StageChange
from sales.services import record_entry
from sales.setup import load_catalogues

number = count(1)


def make_pipeline(owner=None, **fields):
    running = next(number)
    fields = {"code": f"p{running}", "name_zh": f"流程{running}", "name_en": f"Pipeline {running}"} | fields
    return Pipeline.objects.create(**fields)


def make_stage(owner=None, *, pipeline=None, **fields):
    running = next(number)
    fields = {"code": f"s{running}", "name_zh": f"阶段{running}", "name_en": f"Stage {running}", "order": 50} | fields
    return Stage.objects.create(pipeline=pipeline or load_catalogues(), **fields)


def make_product(owner=None, **fields):
    running = next(number)
    fields = {"code": f"sku-{running}", "name_zh": f"产品{running}", "name_en": f"Product {running}"} | fields
    return Product.objects.create(**fields)


def stage(code: str) -> Stage:
    """A stage of the default pipeline: prospecting, qualification, proposal, negotiation, won, lost, void."""
    return Stage.objects.get(pipeline=load_catalogues(), code=code)


def make_opportunity(owner=None, *, at: str = "prospecting", customer=None, **fields):
    """An opportunity of a new customer of the same owner, in the stage with the code `at`, with its ledger row."""
    fields = {"name": f"Opportunity {next(number)}", "amount": 1000, "created_by": owner} | fields
    place = fields.pop("stage", None) or stage(at)
    opportunity = Opportunity.objects.create(
        owner=owner, customer=customer or make_customer(owner), pipeline=place.pipeline, stage=place, **fields
    )
    record_entry(opportunity, actor=owner)
    return opportunity


def make_stage_change(owner=None, *, opportunity=None, **fields):
    """A row of the ledger; the opportunity itself stays where it is."""
    fields = {"to_stage": stage("qualification"), "actor": owner} | fields
    return StageChange.objects.create(opportunity=opportunity or make_opportunity(owner), **fields)


FACTORIES = {
    "sales.opportunityfile": file_factory(OpportunityFile, make_opportunity),
    "sales.pipeline": make_pipeline,
    "sales.stage": make_stage,
    "sales.product": make_product,
    "sales.opportunity": make_opportunity,
    "sales.stagechange": make_stage_change,
}
