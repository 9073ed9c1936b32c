"""How long the search for duplicates takes, from the rows of the database to the rows of the queue."""

import resource
import time

from django.db import connection

from customers.duplicates.scan import scan
from customers.models import Customer
from customers.points import digest_of, tokens_of
from reports.benchmark import data, protected

CITIES = "苏州 无锡 南京 上海 杭州 宁波 温州 合肥 济南 青岛 郑州 武汉 长沙 广州 深圳 东莞 佛山 厦门 福州 成都"
FIRST = (
    "宏恒鑫海天金瑞盛泰安永康远东南新中大明德信诚达通利源兴隆顺祥福佳美嘉博创科智慧云锦星晨阳光晶蓝绿龙凤鹏鼎立正方圆"
)
SECOND = "腾达盛昌泰康源丰隆顺祥辉耀宇翔飞跃峰岭川江河洋波涛森林茂盈润泽生曦昊然逸博雅文武杰英豪力能驰骏固坚"
TRADES = (
    "食品 精工 机械设备 医疗器械 电子科技 自动化设备 建筑工程 装饰材料 物流 化工 纺织 服饰 包装制品 环保科技 新材料"
)
FORMS = "有限公司 有限责任公司 股份有限公司"
TWIN = 20  # every so many-th customer is one that is there already, written otherwise


def array(words) -> str:
    return "(ARRAY[" + ",".join(f"'{word}'" for word in words) + "])"


def draw(words, salt: int) -> str:
    """SQL: one of the words for customer n; a twin draws as the customer before it."""
    number = f"(CASE WHEN n %% {TWIN} = 0 THEN n - 1 ELSE n END)"
    return f"{array(words)}[1 + abs(hashint8({number} * 31 + {salt})) %% {len(words)}]"


def fill(customers: int):
    """Customers with a phone and an address each; twins are without place and have the phone of their other self."""
    city = f"(CASE WHEN n %% {TWIN} = 0 THEN '' ELSE {draw(CITIES.split(), 1)} END)"
    brand = f"{draw(FIRST, 2)} || {draw(SECOND, 3)} || {draw(SECOND, 4)}"
    form = f"{array(FORMS.split())}[1 + n %% 3]"
    name = f"{city} || {brand} || {draw(TRADES.split(), 5)} || {form}"
    data.fill(customers, {"name": name, "name_pinyin": "''"})
    rows = Customer.objects.order_by("pk").values_list("pk", flat=True).iterator(50_000)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_contactpoint DISABLE TRIGGER USER")
        keys = list(rows)
        with cursor.copy(f"COPY customers_contactpoint ({protected.COLUMNS}) FROM STDIN") as copy:
            for number, key in enumerate(keys, 1):
                for row in points(number, key):
                    copy.write_row(row)
        cursor.execute("ALTER TABLE customers_contactpoint ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def points(number: int, key: int):
    """The phone and the address of one customer; sealed texts play no part here, their fingerprints do."""
    same = number - 1 if number % TWIN == 0 else number
    for kind, value in (("phone", protected.phone(same)), ("email", f"info@company{same}.example")):
        row = list(protected.row_of(key, kind, "-", protected.datetime.now(protected.UTC)))
        row[4], row[5] = digest_of(kind, value), tokens_of(kind, value)
        yield row


def measure(customers: int) -> list[dict]:
    """The first night, when all is new, and the second, when nothing has changed."""
    return [night("duplicates, first night", customers), night("duplicates, second night", customers)]


def night(name: str, customers: int) -> dict:
    start = time.perf_counter()
    found = scan(Customer)
    seconds = time.perf_counter() - start
    # The largest of the processes: this one, or one beside it.
    peak = max(resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "name": name,
        "rows": customers,
        "seconds": round(seconds, 2),
        "rows_per_s": round(customers / seconds),
        "peak_mb": round(peak / 1024),
        "compared": found.compared,
        "pairs": found.pairs,
    }
