"""What an import of opportunities needs beyond their columns: pipeline, closing and the first row of the ledger."""

import datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Value
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.exchange import Importer, ParseError
from crm.exchange.existing import Match
from crm.models import Company
from customers.importing import OF_COMPANIES
from customers.pinyin import name_pinyin
from sales.models import Pipeline, Product, Stage, StageType
from sales.services import record_stage_changes


class OpportunityImporter(Importer):
    """Opportunities by name and customer. Without a stage they begin in the first one of the default pipeline."""

    filled = ("stage",)
    makes = {"customer": OF_COMPANIES}
    aliases = {
        "external_ref": ("opportunity_id", "opportunity id", "deal id"),
        "name": ("商机", "商机名称", "项目", "项目名称", "deal name", "opportunity", "deal"),
        "customer": ("客户", "客户名称", "公司", "account", "company", "account name"),
        "stage": ("阶段", "销售阶段", "商机阶段", "deal stage", "deal_stage"),
        "amount": ("金额", "预计金额", "商机金额", "value", "close_value", "deal value"),
        "expected_close_on": ("预计成交日期", "预计签约日期", "expected close date", "expected close"),
        "closed_on": ("成交日期", "关闭日期", "close date", "close_date", "closed date"),
        "engaged_on": ("engage_date", "engage date"),
        "owner": ("业务员", "销售", "销售负责人", "sales_agent", "sales agent", "opportunity owner", "deal owner"),
    }

    @cached_property
    def company(self) -> Company:
        return Company.current()

    @cached_property
    def stages(self) -> dict[int, Stage]:
        return {stage.pk: stage for stage in Stage.objects.visible_to(self.user).filter(is_active=True)}

    @cached_property
    def pipeline(self) -> Pipeline | None:
        return Pipeline.default()

    @cached_property
    def first_stage(self) -> Stage | None:
        own = [stage for stage in self.stages.values() if self.pipeline and stage.pipeline_id == self.pipeline.pk]
        return min((stage for stage in own if stage.is_open), key=lambda s: (s.order, s.pk), default=None)

    def choose(self, one, cell, record):
        """Stages of several pipelines may have the same name: then that of the default pipeline is meant."""
        if one.name == "stage" and self.pipeline:
            candidates = one.lookup.candidates(cell)
            own = [pk for pk in candidates if self.stages[pk].pipeline_id == self.pipeline.pk]
            if len(candidates) > 1 and len(own) == 1:
                return own[0]
        return super().choose(one, cell, record)

    def prepare(self, record, given):
        stage = self.stages.get(record.stage_id) or self.first_stage
        if stage is None:
            raise ParseError(
                _("There is no stage to begin in. Name a stage, or ask an administrator to make a default pipeline.")
            )
        record.currency, record.base_amount = self.company.currency, record.amount
        self.enter(record, stage)
        entered = record.closed_on or record.engaged_on
        if entered:
            record.stage_entered_at = datetime.datetime.combine(entered, datetime.time(), self.company.zone)
        record.stage_entered_at = min(record.stage_entered_at, timezone.now())

    def revise(self, record, given, before):
        """Another stage clears what belonged to the one it leaves, as on the form."""
        if "amount" in given:
            record.base_amount = record.amount
        stage = self.stages.get(record.stage_id)
        if stage is None:  # a stage out of use, in which the record may stay
            return
        if stage.pk != before["stage_id"]:
            record.probability = None
            if not stage.is_closed and "closed_on" not in given:
                record.closed_on = None
            if stage.type != StageType.LOST and not given & {"lost_reason", "lost_note"}:
                record.lost_reason = record.lost_note = ""
            record.stage_entered_at = timezone.now()
        self.enter(record, stage)

    def enter(self, record, stage):
        record.stage_id, record.pipeline_id = stage.pk, stage.pipeline_id
        self.check_closing(record, stage)

    def check_closing(self, record, stage):
        """The same as on the form: a closing day with won and lost stages, and with no other."""
        if stage.is_closed and not record.closed_on:
            raise ValidationError({"closed_on": _("Say on which day it was won or lost.")})
        if record.closed_on and not stage.is_closed:
            raise ValidationError(
                {
                    "closed_on": _(
                        "Only a won or lost opportunity has a closing day. Leave it empty, or choose such a stage."
                    )
                }
            )
        if record.closed_on and record.engaged_on and record.closed_on < record.engaged_on:
            raise ValidationError({"closed_on": _("It cannot have been closed before the customer took part.")})

    def written(self, records, beside):
        record_stage_changes(records, actor=self.user)
        super().written(records, beside)

    def changed(self, records, before):
        """Moves between stages go into their ledger, there and back."""
        left: dict[int, list[int]] = {}
        for key, image in before.items():
            if "stage_id" in image:
                left.setdefault(image["stage_id"], []).append(key)
        for stage, keys in left.items():
            moved = records.filter(pk__in=keys)
            record_stage_changes(moved, actor=self.user, at=Value(timezone.now()), from_stage=Value(stage))
        super().changed(records, before)


class ProductImporter(Importer):
    """Products by their code, without one by that which their name gives; one name stands for both languages."""

    name_column = "name_zh"
    match_columns = ("code",)
    filled = ("code", "name_zh", "name_en")
    aliases = {
        "code": ("sku", "编码", "产品编码", "产品编号", "product code"),
        "name_zh": ("产品", "产品名称", "名称", "中文名称"),
        "name_en": ("product", "product name", "name", "英文名称"),
        "series": ("系列", "产品系列", "category"),
        "list_price": ("价格", "单价", "标价", "price", "sales_price", "list price"),
    }

    def prepare(self, record, given):
        record.name_zh, record.name_en = record.name_zh or record.name_en, record.name_en or record.name_zh
        if not record.name_zh:
            raise ParseError(_("A product needs a name."))
        if not record.code:
            record.code = slugify(record.name_en) or slugify(name_pinyin(record.name_zh).partition(" ")[0])
            record.code = record.code[:40]
        if not record.code:
            raise ValidationError({"code": _("This must not be empty.")})
        if record._state.adding:
            record.currency = Company.current().currency

    def find_beside(self, drafts):
        """A line without code by the one that is made of its name."""
        rows = Product.objects.visible_to(self.user).filter(code__in={d.record.code for d in drafts if d.record.code})
        keys = dict(rows.order_by().values_list("code", "pk"))
        for draft in drafts:
            if key := keys.get(draft.record.code):
                draft.found, draft.match = (key,), Match.KEY

    def key_of(self, record, beside):
        return super().key_of(record, beside) if record.name_zh else None
