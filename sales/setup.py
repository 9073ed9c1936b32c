"""The master data that an installation starts with: the default pipeline and its stages."""

from django.db import transaction

PIPELINE = {
    "code": "standard",
    "name_zh": "标准销售流程",
    "name_en": "Standard sales process",
    "order": 1,
    "is_default": True,
}

# code, type, win probability in %, expected days, Chinese name, English name
STAGES = (
    ("prospecting", "open", 10, 21, "初步接洽", "Prospecting"),
    ("qualification", "open", 20, 21, "需求确认", "Qualification"),
    ("proposal", "open", 50, 21, "方案报价", "Proposal"),
    ("negotiation", "open", 80, 14, "商务谈判", "Negotiation"),
    ("won", "won", 100, None, "赢单", "Closed won"),
    ("lost", "lost", 0, None, "输单", "Closed lost"),
    ("void", "void", 0, None, "无效", "Void"),
)


@transaction.atomic
def load_catalogues(pipelines=None, stages=None):
    """Add the default pipeline and the stages that are missing; what administrators renamed or removed stays so.

    pipelines, stages: the historical models, when a migration calls; else those of the app. Gives the pipeline.
    """
    if pipelines is None:
        from sales.models import Pipeline as pipelines
        from sales.models import Stage as stages
    known = pipelines._base_manager
    pipeline = known.filter(code=PIPELINE["code"]).order_by("pk").first()
    if pipeline is None:
        has_default = known.filter(is_default=True, deleted_at__isnull=True).exists()
        pipeline = known.create(**{**PIPELINE, "is_default": not has_default})
    present = set(stages._base_manager.filter(pipeline=pipeline).values_list("code", flat=True))
    for order, (code, kind, probability, days, name_zh, name_en) in enumerate(STAGES, 1):
        if code not in present:
            stages._base_manager.create(
                pipeline=pipeline,
                code=code,
                type=kind,
                probability=probability,
                expected_days=days,
                name_zh=name_zh,
                name_en=name_en,
                order=order,
            )
    return pipeline
