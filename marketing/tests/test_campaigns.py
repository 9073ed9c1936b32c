"""Campaigns: their form, their list and their place on the workbench."""

import pytest
from django.utils import translation

from crm.models import TimelineEntry
from marketing.entities import Campaigns
from marketing.models import Campaign
from marketing.tests.factories import make_campaign


@pytest.fixture
def alice(client, cast):
    client.force_login(cast.alice)
    return client


def campaign_form(**fields):
    return {"name": "Webinar", "type": "webinar", "status": "planning", "owner": "Alice (alice)"} | fields


def test_a_new_campaign_is_its_authors_and_has_the_companys_currency(alice, cast):
    response = alice.post(Campaigns.url("add"), campaign_form(budget="12000.50", cost=""))
    campaign = Campaign.objects.get()
    assert response.status_code == 303
    assert (campaign.owner, campaign.team, campaign.currency) == (cast.alice, cast.north, "CNY")
    assert (str(campaign.budget), campaign.cost) == ("12000.50", None)
    assert campaign.number == f"M-{campaign.pk:06}"
    assert TimelineEntry.objects.get().event == "campaign_added"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "x" * 300}, "name", "Ensure this value has at most 200 characters (it has 300)."),
        ({"name": "a\x00b"}, "name", "Null characters are not allowed."),
        ({"type": "balloon"}, "type", "Select a valid choice. balloon is not one of the available choices."),
        ({"budget": "-1"}, "budget", "Ensure this value is greater than or equal to 0."),
        ({"cost": "free"}, "cost", "Enter a number."),
        ({"cost": "1" * 20}, "cost", "Ensure that there are no more than 18 digits in total."),
        ({"target_members": "-3"}, "target_members", "Ensure this value is greater than or equal to 0."),
        ({"starts_on": "2026-02-30"}, "starts_on", "Enter a valid date."),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "ends_on",
         "This day lies before the start. Choose a later one."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_nothing_is_saved(alice, fields, field, message):
    response = alice.post(Campaigns.url("add"), campaign_form(**fields))
    assert response.status_code == 422
    with translation.override("en"):
        assert message in list(response.context["form"].errors[field])
    assert not Campaign.objects.exists()


def test_emoji_and_html_in_a_name_are_kept_and_escaped(alice):
    alice.post(Campaigns.url("add"), campaign_form(name="🎉 <b>Fair</b> & more"))
    campaign = Campaign.objects.get()
    assert campaign.name == "🎉 <b>Fair</b> & more"
    page = alice.get(Campaigns.url("record", campaign)).content.decode()
    assert "🎉 &lt;b&gt;Fair&lt;/b&gt; &amp; more" in page
    assert "<b>Fair" not in page


def test_campaigns_without_a_start_come_last(alice, cast):
    never = make_campaign(cast.alice, name="Never")
    early = make_campaign(cast.alice, name="Early", starts_on="2026-01-05")
    late = make_campaign(cast.alice, name="Late", starts_on="2026-09-05")
    response = alice.get(Campaigns.url("list") + "?sort=-starts_order")
    assert [row.record for row in response.context["listing"].rows] == [late, early, never]


def test_running_campaigns_wait_on_the_workbench_of_their_owner(alice, cast):
    make_campaign(cast.alice, name="Mine, running", status="active", ends_on="2026-12-24")
    make_campaign(cast.alice, name="Mine, planned")
    make_campaign(cast.bob, name="Bob's, running", status="active")
    page = alice.get("/").content.decode()
    assert "Mine, running" in page
    assert ("Mine, planned" in page, "Bob&#x27;s, running" in page) == (False, False)


def test_statuses_read_in_both_languages():
    with translation.override("zh-hans"):
        zh = [str(label) for _code, label in Campaign.Status.choices]
    assert zh == ["策划中", "进行中", "已暂停", "已完成", "已取消"]
    with translation.override("en"):
        en = [str(label) for _code, label in Campaign.Status.choices]
    assert en == ["Planning", "Active", "Paused", "Completed", "Cancelled"]
