"""Words by which company names are taken apart: legal forms, what companies do, and the places they stand in."""

from functools import lru_cache

from customers.divisions import divisions

LEGAL = (
    "股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "控股有限公司", "有限公司", "股份公司",
    "责任公司", "集团公司", "总公司", "分公司", "公司", "集团", "股份", "控股", "总厂", "工厂", "有限", "责任",
    "合伙企业", "普通合伙", "有限合伙", "个体工商户", "经营部", "工作室", "商行", "事务所",
)  # fmt: skip

LATIN_LEGAL = frozenset((
    "co", "company", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "llc", "llp", "plc", "gmbh",
    "ag", "kg", "ohg", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "ab", "oy", "as", "aps", "pte", "pty", "bhd",
    "sdn", "kk", "gk", "the", "and", "of", "group", "holding", "holdings", "cn", "china", "prc", "intl",
    "international",
))  # fmt: skip

# What says least about what a company does: names that differ in such words alone may well be the same.
LOOSE = (
    "科技", "技术", "实业", "发展", "贸易", "商贸", "工贸", "国际", "管理", "服务", "咨询", "投资", "产业", "企业",
    "进出口", "开发", "经贸", "信息", "供应链", "中国", "连锁", "销售", "研发", "制品", "产品", "用品", "厂",
)  # fmt: skip

TRADES = (
    "食品", "饮料", "乳业", "酒业", "茶业", "粮油", "餐饮", "酒店", "农业", "牧业", "水产", "种业", "园林", "环保",
    "能源", "电力", "电气", "电器", "电子", "电缆", "电机", "光电", "光伏", "照明", "半导体", "集成电路", "通信",
    "通讯", "网络", "软件", "数据", "智能", "机器人", "自动化", "仪器", "仪表", "机械", "机电", "机床", "精工",
    "精密", "重工", "制造", "装备", "设备", "工具", "模具", "轴承", "五金", "金属", "钢铁", "钢构", "铝业", "铜业",
    "锚链", "阀门", "泵业", "化工", "化学", "涂料", "塑料", "塑胶", "橡胶", "材料", "新材料", "包装", "印刷",
    "纸业", "纺织", "服装", "服饰", "鞋业", "皮革", "家具", "家居", "建材", "陶瓷", "玻璃", "水泥", "建筑", "建设",
    "工程", "装饰", "设计", "地产", "房地产", "置业", "物业", "汽车", "汽配", "零部件", "车业", "摩托", "船舶",
    "航空", "航天", "物流", "运输", "货运", "快递", "仓储", "医药", "制药", "药业", "医疗", "器械", "医疗器械",
    "生物", "健康", "保健", "化妆品", "美容", "日化", "珠宝", "文化", "传媒", "广告", "影视", "动漫", "游戏",
    "体育", "旅游", "旅行社", "教育", "培训", "学校", "出版", "图书", "玩具", "礼品", "办公", "文具", "百货",
    "超市", "零售", "电商", "电子商务", "金融", "银行", "保险", "证券", "基金", "资产", "租赁", "担保", "典当",
    "人力资源", "劳务", "保安", "保洁", "家政", "律师", "会计", "检测", "认证", "测绘", "矿业", "煤业", "石油",
    "石化", "燃气", "热力", "水务", "净水", "消防", "安防", "防水", "门窗", "幕墙", "涂装", "激光", "超声", "影像",
)  # fmt: skip

SUFFIXES = (
    "特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "自治县", "地区", "新区", "省", "市",
    "县", "区", "盟",
)  # fmt: skip
NATIONS = ("中国", "中华", "国家")


@lru_cache(maxsize=1)
def places() -> dict[str, tuple[str, str]]:
    """{苏州: (江苏, 苏州), 江苏: (江苏, ""), …} with and without 省, 市 …; districts only under their full name."""
    found: dict[str, tuple[str, str]] = {}
    for division in divisions().values():
        province, city = bare(division.province), bare(division.city)
        if division.district:
            found.setdefault(division.district, (province, city))
            if division.district[-1] in "市县":
                found.setdefault(bare(division.district), (province, city or bare(division.district)))
        else:
            for name in {division.name, bare(division.name)}:
                found[name] = (province, city)
    return {name: place for name, place in found.items() if len(name) >= 2}


def bare(name: str) -> str:
    """A place without what it is: 江苏省 -> 江苏, 广西壮族自治区 -> 广西; short names stay."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


@lru_cache(maxsize=1)
def place_starts() -> dict[str, list[str]]:
    """{first two characters: names of places that begin so, the longest first}."""
    found: dict[str, list[str]] = {}
    for name in sorted(places(), key=len, reverse=True):
        found.setdefault(name[:2], []).append(name)
    return found


@lru_cache(maxsize=1)
def latin_places() -> dict[str, tuple[str, str]]:
    """{suzhou: (江苏, 苏州), …}: provinces and cities as they are read; one that names two places tells neither."""
    from customers.duplicates.names import reading_of

    found: dict[str, tuple[str, str]] = {}
    for division in divisions().values():
        if not division.district:
            name = reading_of(bare(division.name))
            place = places()[bare(division.name)]
            found[name] = place if found.get(name, place) == place else ("", "")
    return found


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Words that name no company by themselves."""
    return frozenset({*TRADES, *LOOSE, *LEGAL, "大学", "医院", "中学", "小学", "政府"})


@lru_cache(maxsize=1)
def trades() -> dict[str, tuple[str, ...]]:
    """{last character: words of what companies do, the longest first}."""
    return by_last(sorted({*TRADES, *LOOSE}, key=len, reverse=True))


@lru_cache(maxsize=1)
def legal_ends() -> dict[str, tuple[str, ...]]:
    """{last character: legal forms in the order in which they are tried}."""
    return by_last(LEGAL)


def by_last(ends) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in ends:
        found.setdefault(word[-1], []).append(word)
    return {last: tuple(same) for last, same in found.items()}
