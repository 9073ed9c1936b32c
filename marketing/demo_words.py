"""The demo's campaigns. All of them are invented."""

# (name, type, status, Chinese country only?, days since start, length in days, budget, cost, target members,
#  target revenue, goal, members, won deals, open deals, answered share)
CAMPAIGNS = (
    ("智能检测线上研讨会 春季场", "webinar", "completed", True, 232, 30, 180_000, 164_200, 80, 2_000_000,
     "向汽车零部件客户介绍视觉检测系统，收集产线改造需求。", 46, 3, 1, 0.42),
    ("华东智能制造展", "event", "completed", True, 190, 4, 280_000, 263_800, 120, 3_000_000,
     "展位 36 平方米，现场演示协作机器人和搬运机器人。", 64, 4, 1, 0.48),
    ("老客户维保续约提醒", "sms", "completed", True, 160, 14, 90_000, 86_150, 60, 500_000,
     "维保到期前三个月提醒续约，附上年度巡检报告。", 52, 2, 0, 0.35),
    ("Factory energy guide", "content", "completed", False, 140, 60, 120_000, 118_900, 40, 800_000,
     "A guide to energy monitoring for plant managers, in return for a conversation.", 26, 1, 1, 0.3),
    ("MES 标准版 秋季邮件", "email", "active", True, 48, 75, 150_000, 97_600, 90, 1_500_000,
     "四封系列邮件，介绍三家同行的上线过程，最后一封预约演示。", 58, 1, 4, 0.28),
    ("European roadshow", "event", "active", False, 35, 60, 320_000, 214_500, 50, 2_500_000,
     "Five days, four cities: Stuttgart, Eindhoven, Gothenburg, London.", 24, 2, 3, 0.4),
    ("智慧仓储样板工厂参观", "event", "active", True, 30, 90, 120_000, 81_300, 30, 4_000_000,
     "每两周一场，每场邀请六家客户参观宁波样板工厂。", 28, 1, 5, 0.5),
    ("视觉检测行业广告", "advertisement", "active", True, 62, 100, 150_000, 96_000, None, None,
     "行业媒体和搜索广告，引导下载白皮书。", 18, 0, 2, 0.22),
    ("Robotics newsletter", "email", "active", False, 75, 180, 12_000, 0, 60, None,
     "Monthly, written in house: no outside cost.", 30, 1, 1, 0.25),
    ("公众号系列文章：工厂能耗", "social", "paused", True, 55, 90, 20_000, 9_800, None, None,
     "等待新案例的客户授权后继续。", 16, 0, 1, 0.2),
    ("年终客户答谢会", "event", "planning", True, -25, 1, 180_000, None, 70, None,
     "邀请 A 级和 B 级客户，地点待定。", 34, 0, 0, 0.0),
    ("North America telemarketing", "telemarketing", "cancelled", False, 100, 30, 60_000, None, 40, 600_000,
     "Called off: the agency could not start in time.", 8, 0, 0, 0.0),
)  # fmt: skip
CHINESE_NOTES = ("索取了报价", "预约了现场演示", "下载了白皮书", "转给设备部跟进", "", "", "")
ENGLISH_NOTES = ("Asked for a quotation", "Booked a demonstration", "Downloaded the guide", "", "", "")
