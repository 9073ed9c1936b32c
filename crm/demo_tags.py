"""The demo's tags: a set for each kind of record, and some of them on every second one."""

from random import Random

from crm.models import Tag

SETS = {
    "customers.customer": (
        ("重点", "red"),
        ("维保", "teal"),
        ("影像设备", "violet"),
        ("MES", "blue"),
        ("三甲", "green"),
        ("Key account", "amber"),
        ("Trade fair 2026", "gray"),
    ),
    "sales.opportunity": (
        ("招投标", "amber"),
        ("框架协议", "blue"),
        ("Pilot", "violet"),
        ("Competitor involved", "red"),
    ),
    "marketing.campaign": (("线下", "teal"), ("直播", "violet"), ("Partner", "blue")),
    "service.case": (("停机", "red"), ("需备件", "amber"), ("远程可解", "green"), ("Warranty", "blue")),
}


def sprinkle(model, actor):
    """Make the set of the model and give about half of its rows one or two tags of it; the first row gets three."""
    dice = Random(11)  # of its own, so that the other data stays what it is
    label = model._meta.label_lower
    made = Tag.objects.bulk_create(
        Tag(root=label, name=name, colour=colour, created_by=actor, modified_by=actor) for name, colour in SETS[label]
    )
    chosen: dict[tuple, list[int]] = {}
    for place, pk in enumerate(model.objects.order_by("pk").values_list("pk", flat=True)):
        some = made[:3] if place == 0 else dice.sample(made, dice.choice((0, 0, 1, 1, 2)))
        if some:
            chosen.setdefault(tuple(sorted(tag.pk for tag in some)), []).append(pk)
    for keys, rows in chosen.items():
        model.objects.filter(pk__in=rows).update(tags=list(keys))
