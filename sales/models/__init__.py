"""Models of the sales floor: pipelines with stages, products, opportunities and the ledger of their stages."""

from sales.models.files import OpportunityFile
from sales.models.opportunities import Opportunity, OpportunityTeamShare, OpportunityUserShare
from sales.models.pipelines import Pipeline, Stage, StageType
from sales.models.products import Product
from sales.models.stage_changes import StageChange

__all__ = [
    "Opportunity",
    "OpportunityFile",
    "OpportunityTeamShare",
    "OpportunityUserShare",
    "Pipeline",
    "Product",
    "Stage",
    "StageChange",
    "StageType",
]
