"""A whole report document made by hand, with the figures of the design pictures; no database is needed."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

from reports import document as d

STAGES = {
    "en": ("Qualify", "Needs", "Proposal", "Negotiation"),
    "zh-hans": ("线索确认", "需求分析", "方案报价", "商务谈判"),
}
OWNERS = (
    ("林晓雯", "Lin Xiaowen", (104_000, 868_000, 980_000, 1_152_000)),
    ("李思远", "Li Siyuan", (140_000, 992_000, 450_000, 271_000)),
    ("赵静怡", "Zhao Jingyi", (663_000, 347_000, 0, 673_000)),
    ("王浩", "Wang Hao", (865_000, 696_000, 375_000, 652_000)),
    ("张雨桐", "Zhang Yutong", (327_000, 1_035_000, 277_000, 426_000)),
    ("陈默", "Chen Mo", (720_000, 1_585_000, 811_000, 326_000)),
)
NAMES = (
    ("智能仓储试点", "Smart warehouse pilot"),
    ("MES 系统升级", "MES upgrade"),
    ("冷链温控系统", "Cold chain control"),
)
CUSTOMERS = (("苏州晨曦医疗器械", "Suzhou Chenxi Medical"), ("无锡精工轴承", "Wuxi Jinggong Bearing"))


def sample_document(language="en", currency="CNY", rows=63, **changes):
    """changes replace parts of the document; rows is the length of the data table."""
    zh = language != "en"

    def say(chinese, english):
        return chinese if zh else english

    values = {
        "slug": "sales-pipeline",
        "title": say("销售管道", "Sales pipeline"),
        "period": say("第 47 周 · 2026-11-16 至 2026-11-22", "Week 47 · 16 to 22 November 2026"),
        "starts_on": date(2026, 11, 16),
        "ends_on": date(2026, 11, 22),
        "scope": say("华东销售部及下级团队", "East China sales and the teams below"),
        "rights": say("按王浩的权限计算", "Computed with the rights of Wang Hao"),
        "recipient": say("王浩", "Wang Hao"),
        "as_of": datetime(2026, 11, 22, 15, 59, tzinfo=UTC),
        "zone": "Asia/Shanghai",
        "compared_with": say("第 46 周，2026-11-09 至 2026-11-15", "Week 46, 9 to 15 November 2026"),
        "previous_label": say("上周", "last week"),
        "currency": currency,
        "language": language,
        "headline": headline(say),
        "subject": d.Sentence(
            say("销售管道，第 47 周：未结 %(open)s", "Sales pipeline, week 47: %(open)s open"),
            {"open": d.Figure(d.Kind.MONEY, D(14_735_000))},
        ),
        "preview": d.Sentence(say("赢单 %(won)s。", "Won %(won)s."), {"won": d.Figure(d.Kind.MONEY, D(1_804_000))}),
        "kpis": kpis(say),
        "charts": (funnel(language, say), stacked(language, say)),
        "lists": lists(say, zh),
        "sections": (owner_table(say, zh), waterfall(say), risk_table(say, zh)),
        "actions": d.ShortList(say("先看这 3 个", "Look at these 3 first"), lists(say, zh)[2].items),
        "data": data_table(say, zh, rows),
        "row_count": rows,
        "filters": (d.Filter(say("状态", "Status"), say("属于", "is"), say("未结", "open")),),
        "definitions": (
            d.Definition(
                say("未结管道", "Open pipeline"),
                say("期末未结商机的金额之和", "sum of the opportunities open at the end of the period"),
            ),
            d.Definition(
                say("逾期", "Overdue"), say("预计成交日不晚于期末", "close date not after the end of the period")
            ),
        ),
        "run": d.Run(
            "R-20261123-0800-417", datetime(2026, 11, 23, 0, 0, 6, tzinfo=UTC), say("每周一 08:00", "Mondays 08:00")
        ),
    }
    return d.ReportDocument(**{**values, **changes})


def headline(say):
    return d.Sentence(
        say(
            "本周末未结管道 %(open)s，较上周 %(change)s；赢单 %(won)s。",
            "The open pipeline stands at %(open)s, %(change)s on last week; won %(won)s.",
        ),
        {
            "open": d.Figure(d.Kind.MONEY, D(14_735_000), strong=True),
            "change": d.Figure(d.Kind.PERCENT, D(278_000) / D(14_457_000), strong=True, signed=True),
            "won": d.Figure(d.Kind.MONEY, D(1_804_000)),
        },
    )


def kpis(say):
    money = d.Kind.MONEY
    return (
        d.Kpi(say("未结管道", "Open pipeline"), D(14_735_000), money, D(14_457_000)),
        d.Kpi(say("加权预测", "Weighted forecast"), D(5_734_150), money, D(4_986_000)),
        d.Kpi(say("本周新增", "Created this week"), D(2_695_000), money, D(1_120_000)),
        d.Kpi(say("本周赢单", "Won this week"), D(1_804_000), money, D(468_000)),
        d.Kpi(say("停滞商机", "Stale deals"), 27, d.Kind.COUNT, 24, better="down"),
    )


def funnel(language, say):
    now = zip(
        STAGES[language], (124, 88, 57, 38), (15, 26, 11, 11), (2_819_000, 5_523_000, 2_893_000, 3_500_000), strict=True
    )
    steps = [d.FunnelStep(name, reached, count, D(amount)) for name, reached, count, amount in now]
    note = say("近 90 天新建的 124 个商机走到哪一步", "how far the 124 deals of the last 90 days got")
    return d.Funnel(say("销售漏斗", "Sales funnel"), note, (*steps, d.FunnelStep(say("赢单", "Won"), 24, is_won=True)))


def stacked(language, say):
    bars = tuple((zh if language != "en" else en, tuple(map(D, values))) for zh, en, values in OWNERS)
    return d.StackedBars(
        say("负责人 × 阶段", "Owner × stage"), say("未结金额", "open amount"), d.Kind.MONEY, STAGES[language], bars
    )


def lists(say, zh):
    def items(count):
        return tuple(
            d.ListItem(
                NAMES[n % 3][not zh], CUSTOMERS[n % 2][not zh], D(407_000 - n * 61_000), say("停留超限", "stale")
            )
            for n in range(count)
        )

    titles = (("本周赢单", "Won this week"), ("本周输单", "Lost this week"), ("两周内预计成交", "Due within two weeks"))
    return tuple(d.ShortList(say(*title), items(count)) for title, count in zip(titles, (3, 0, 3), strict=True))


def owner_table(say, zh):
    money = d.Kind.MONEY
    columns = (
        d.TableColumn(say("负责人", "Owner"), weight=2),
        d.TableColumn(say("商机", "Deals"), d.Kind.COUNT),
        d.TableColumn(say("未结金额", "Open amount"), money, 1.6),
        d.TableColumn(say("较上周", "vs last week"), money, 1.4, signed=True),
        d.TableColumn(say("赢率", "Win rate"), d.Kind.PERCENT, 1.4, digits=0, bar=True),
        d.TableColumn(say("停滞", "Stale"), d.Kind.COUNT),
    )
    rows, every = [], D(0)
    for team, members in ((say("华东一组", "East team 1"), OWNERS[:3]), (say("华东二组", "East team 2"), OWNERS[3:])):
        amounts = [D(sum(values)) for _zh, _en, values in members]
        for n, (member, amount) in enumerate(zip(members, amounts, strict=True)):
            marks = {3: "red"} if n == 0 else {5: "amber"} if n == 1 else {}
            cells = (
                member[not zh],
                11 + n,
                amount,
                D(-412_000) if n == 0 else D(99_000),
                D("0.65") - n * D("0.1"),
                2 + n,
            )
            rows.append(d.Row(cells, d.Level.MEMBER, marks))
        rows.append(
            d.Row(
                (say(f"{team} 小计", f"{team} subtotal"), 36, sum(amounts), D(-214_000), D("0.55"), 9), d.Level.SUBTOTAL
            )
        )
        every += sum(amounts)
    rows.append(d.Row((say("合计", "Total"), 72, every, D(-428_000), None, 18), d.Level.TOTAL))
    return d.Table(
        say("负责人明细", "By owner"),
        say("加权 = 金额 × 阶段赢率", "weighted = amount × win rate of the stage"),
        columns,
        tuple(rows),
    )


def waterfall(say):
    steps = (
        (say("上周末", "Last week"), 14_457_000, d.Role.OPEN),
        (say("新增", "New"), 2_695_000, d.Role.PLUS),
        (say("金额上调", "Raised"), 326_000, d.Role.PLUS),
        (say("金额下调", "Cut"), -266_000, d.Role.MINUS),
        (say("赢单", "Won"), -1_804_000, d.Role.WON),
        (say("输单", "Lost"), -673_000, d.Role.LOST),
        (say("本周末", "This week"), 14_735_000, d.Role.CLOSE),
    )
    note = say("从上周末到本周末", "end of last week to end of this week")
    return d.Waterfall(
        say("管道变化", "What changed"),
        note,
        tuple(d.WaterfallStep(name, D(value), role) for name, value, role in steps),
    )


def risk_table(say, zh):
    columns = (
        d.TableColumn(say("商机", "Opportunity"), weight=2, strong=True),
        d.TableColumn(say("客户", "Customer"), weight=2, quiet=True),
        d.TableColumn(say("金额", "Amount"), d.Kind.MONEY),
        d.TableColumn(say("预计成交", "Close date"), d.Kind.DATE),
        d.TableColumn(say("原因", "Why"), weight=1.4),
    )
    rows = tuple(
        d.Row(
            (
                NAMES[n % 3][not zh],
                CUSTOMERS[n % 2][not zh],
                D(884_000 - n * 31_000),
                date(2026, 11, 19),
                say("停留超限", "stale"),
            ),
            marks={3: "red"},
        )
        for n in range(22)
    )
    return d.Table(
        say("需要处理的商机", "Opportunities to act on"),
        say("前 22 个，共 32 个", "first 22 of 32"),
        columns,
        rows,
        own_page=True,
    )


def data_table(say, zh, count):
    columns = (
        d.TableColumn(say("编号", "Number"), quiet=True),
        d.TableColumn(say("商机", "Opportunity"), weight=2),
        d.TableColumn(say("客户", "Customer"), weight=2),
        d.TableColumn(say("金额", "Amount"), d.Kind.MONEY),
        d.TableColumn(say("赢率", "Win rate"), d.Kind.PERCENT, digits=0),
        d.TableColumn(say("停留天数", "Days in stage"), d.Kind.DAYS),
        d.TableColumn(say("预计成交", "Close date"), d.Kind.DATE),
    )
    rows = tuple(
        d.Row(
            (
                f"O-{n:06d}",
                NAMES[n % 3][not zh],
                CUSTOMERS[n % 2][not zh],
                None if n % 9 == 8 else D(100_000 + 1_000 * n),
                D("0.25"),
                n % 40,
                date(2026, 12, 1 + n % 28),
            ),
            marks={5: "amber"} if n % 40 > 30 else {},
        )
        for n in range(count)
    )
    return d.Table(say("明细", "Data"), "", columns, rows)
