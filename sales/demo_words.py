"""The words of which the demo's products and opportunities are made. All of them are invented."""

# (code, Chinese name, English name, series, list price or None)
PRODUCTS = (
    ("vi-200", "视觉检测系统 VI-200", "Vision inspection VI-200", "Vision", 480_000),
    ("vi-400", "视觉检测系统 VI-400", "Vision inspection VI-400", "Vision", 960_000),
    ("mes-std", "MES 标准版", "MES Standard", "Software", 360_000),
    ("mes-ent", "MES 企业版", "MES Enterprise", "Software", 1_250_000),
    ("wms-01", "智能仓储系统", "Smart warehouse", "Logistics", 1_800_000),
    ("agv-60", "搬运机器人 AGV-60", "Mobile robot AGV-60", "Logistics", 220_000),
    ("em-10", "能耗监测平台", "Energy monitoring", "Software", 180_000),
    ("rc-7", "协作机器人 RC-7", "Collaborative robot RC-7", "Robotics", 265_000),
    ("rc-12", "协作机器人 RC-12", "Collaborative robot RC-12", "Robotics", 390_000),
    ("sv-1y", "年度维保", "Yearly maintenance", "Service", 96_000),
    ("sv-tr", "培训与调试", "Training and set-up", "Service", None),
)

# what an opportunity about a product is called; {product} is its name
CHINESE_TITLES = (
    "{product}采购",
    "{product}二期",
    "新工厂{product}项目",
    "{product}扩容",
    "产线改造：{product}",
    "{product}试点",
    "{product}更新（2 套）",
    "年度框架：{product}",
)
ENGLISH_TITLES = (
    "{product} for the new plant",
    "{product}, second line",
    "{product} upgrade",
    "{product} pilot",
    "Framework for {product}",
    "{product} replacement",
)
CHINESE_STEPS = (
    "发送技术方案",
    "约总经理面谈",
    "安排现场勘察",
    "确认预算与审批流程",
    "提交报价单",
    "邀请参观样板工厂",
    "跟进招标进度",
    "讨论付款条件",
)
ENGLISH_STEPS = (
    "Send the technical proposal",
    "Meet the plant manager",
    "Arrange a site survey",
    "Confirm budget and approval",
    "Send the quotation",
    "Invite them to the reference plant",
    "Discuss payment terms",
)
CHINESE_LOSSES = {
    "price": "报价比对手高约一成半",
    "competitor": "客户选择了原有供应商",
    "no_budget": "今年预算被冻结",
    "no_need": "新工厂项目取消",
    "timing": "推迟到明年再议",
    "product_fit": "接口不支持现有产线",
    "no_response": "三次联系均无回复",
    "other": "客户内部重组",
}
ENGLISH_LOSSES = {
    "price": "Our quotation was about 15 % above the other one",
    "competitor": "They stayed with their present supplier",
    "no_budget": "This year's budget is frozen",
    "no_need": "The new plant was called off",
    "timing": "Put off until next year",
    "product_fit": "Does not fit their present line",
    "no_response": "Three calls without an answer",
    "other": "Their company is being reorganised",
}
