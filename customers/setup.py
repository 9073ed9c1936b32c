"""The master data this app brings along: the short list of industries."""

# GB/T 4754-2017: the sections (letters), and the divisions (letter and number) that sales teams tell apart.
INDUSTRIES = (
    ("A", "农林牧渔", "Agriculture, forestry and fishing"),
    ("B", "采矿", "Mining"),
    ("C", "制造业", "Manufacturing"),
    ("C27", "医药制造", "Pharmaceuticals"),
    ("C35", "专用设备与医疗器械", "Special and medical equipment"),
    ("C36", "汽车制造", "Automotive"),
    ("C39", "电子与通信设备", "Electronics"),
    ("D", "电力、燃气与水务", "Energy and water"),
    ("E", "建筑", "Construction"),
    ("F", "批发和零售", "Wholesale and retail"),
    ("G", "交通运输与仓储", "Transport and logistics"),
    ("H", "住宿和餐饮", "Hotels and catering"),
    ("I63", "电信", "Telecommunications"),
    ("I65", "软件和信息技术服务", "Software and IT services"),
    ("J", "金融", "Finance"),
    ("K", "房地产", "Real estate"),
    ("L", "租赁和商务服务", "Business services"),
    ("M", "科研和技术服务", "Research and technical services"),
    ("N", "水利、环境和公共设施", "Environment and public facilities"),
    ("O", "居民服务", "Personal services"),
    ("P", "教育", "Education"),
    ("Q", "医疗卫生", "Health care"),
    ("R", "文化、体育和娱乐", "Culture, sports and entertainment"),
    ("S", "政府与社会组织", "Government and associations"),
)


def load_catalogues(model=None) -> int:
    """Add the industries that are missing; gives their number. What administrators have renamed stays as it is.

    model: the historical model when a migration calls.
    """
    if model is None:
        from customers.models import Industry as model
    known = set(model._base_manager.values_list("code", flat=True))
    missing = [
        model(code=code, name_zh=zh, name_en=en, order=10 * order)
        for order, (code, zh, en) in enumerate(INDUSTRIES, start=1)
        if code not in known
    ]
    return len(model._base_manager.bulk_create(missing))
