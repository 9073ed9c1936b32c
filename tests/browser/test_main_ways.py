"""A working day from end to end in a real browser, in both languages, with script and without it."""

import re

import pytest
from playwright.sync_api import expect

from crm.models import User
from customers.models import Customer, Interaction
from sales.models import Opportunity
from sales.setup import load_catalogues
from sales.tests.factories import stage
from tests.browser.test_opportunity_board import drag
from tests.cast import PASSWORD

WORDS = {
    "en": {
        "sign in": "Sign in",
        "new customer": "New customer",
        "new deal": "New opportunity",
        "save": "Save",
        "delete": "Delete",
        "undo": "Undo",
        "move": "Move Laser line",
        "go": "Move",
        "proposal": "Proposal",
        "logged": "Logged the contact with “Acorn Works”",
        "moved": "Moved “Laser line” to Proposal",
        "deleted": "Deleted “Acorn Works”",
        "restored": "Restored “Acorn Works”",
    },
    "zh-hans": {
        "sign in": "登录",
        "new customer": "新建客户",
        "new deal": "新建商机",
        "save": "保存",
        "delete": "删除",
        "undo": "撤销",
        "move": "移动Laser line",
        "go": "移动",
        "proposal": "方案报价",
        "logged": "已记录对“Acorn Works”的跟进",
        "moved": "已将“Laser line”移至方案报价",
        "deleted": "已删除“Acorn Works”",
        "restored": "已恢复“Acorn Works”",
    },
}


class Day:
    """Alice's browser and the words that she reads; form is where forms open: the drawer, or the page itself."""

    def __init__(self, page, live_server, language, *, has_script):
        self.page, self.home, self.has_script = page, live_server.url, has_script
        self.words = WORDS[language]
        self.form = page.locator("#drawer" if has_script else "#main")

    def button(self, word, within=None):
        return (within or self.page.locator("#main")).get_by_role("button", name=re.compile(f"^{self.words[word]}"))

    def link(self, word):
        return self.page.locator("#main").get_by_role("link", name=self.words[word], exact=True).first

    def hears(self, word):
        expect(self.page.locator("#toasts")).to_contain_text(self.words[word])

    def open(self, path):
        self.page.goto(f"{self.home}{path}")


def sign_in(day):
    day.open("/customers/")
    day.page.locator("[name=login]").fill("alice")
    day.page.locator("[name=password]").fill(PASSWORD)
    day.button("sign in", day.page).click()
    expect(day.page).to_have_url(re.compile(r"/customers/$"))


def add_a_customer(day):
    day.link("new customer").click()
    day.form.locator("[name=name]").fill("Acorn Works")
    day.button("save", day.form).click()
    expect(day.page.locator("h1")).to_contain_text("Acorn Works")
    customer = Customer.objects.get()
    assert (customer.name, customer.owner.username, customer.team.name) == ("Acorn Works", "alice", "North")
    return customer


def log_a_talk(day):
    day.page.locator("#composer [name=text]").fill("They want to see the line.")
    day.button("save", day.page.locator("#composer")).click()
    day.hears("logged")
    expect(day.page.locator("#timeline")).to_contain_text("They want to see the line.")
    assert Interaction.objects.get().text == "They want to see the line."


def add_a_deal(day, customer):
    day.link("new deal").click()
    day.form.locator("[name=name]").fill("Laser line")
    day.form.locator("[name=amount]").fill("380000")
    day.button("save", day.form).click()
    expect(day.page.locator("h1")).to_contain_text("Laser line")
    deal = Opportunity.objects.get()
    assert (deal.customer, deal.amount, deal.stage.code) == (customer, 380_000, "prospecting")


def move_it(day):
    day.open("/opportunities/board/")
    target = day.page.locator(f'[data-column="{stage("proposal").pk}"]')
    if day.has_script:
        drag(day.page, day.page.get_by_role("article"), target)
    else:
        day.link("move").click()
        day.page.locator("[name=to]").select_option(label=day.words["proposal"])
        day.button("go").click()
    day.hears("moved")
    expect(target.get_by_role("article")).to_have_count(1)
    assert Opportunity.objects.get().stage.code == "proposal"


def find_it(day):
    box = day.page.locator("[data-search]")
    box.fill("laser")
    box.press("Enter")
    expect(day.page.locator("#main")).to_contain_text("Laser line")
    day.page.locator("#main").get_by_role("link", name="Laser line").click()
    expect(day.page.locator("h1")).to_contain_text("Laser line")


def delete_and_undo(day, customer):
    talk = Interaction.objects.get()
    day.open(f"/customers/{customer.pk}/")
    day.page.locator(".acts details summary").click()
    day.page.locator(".acts").get_by_role("link", name=day.words["delete"]).click()
    day.button("delete").click()
    day.hears("deleted")
    assert (Customer.objects.count(), Interaction.objects.count()) == (0, 0)
    day.button("undo", day.page.locator("#toasts")).click()
    day.hears("restored")
    expect(day.page.locator("h1")).to_contain_text("Acorn Works")
    assert (Customer.objects.get(), Interaction.objects.get()) == (customer, talk)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_main_ways_of_a_day_lead_to_their_ends(
    browser, browser_context_args, people, live_server, language, has_script
):
    load_catalogues()
    User.objects.update(language=language)
    locale = {"en": "en-GB", "zh-hans": "zh-CN"}[language]
    wide = {"locale": locale, "viewport": {"width": 1600, "height": 900}, "java_script_enabled": has_script}
    with browser.new_context(**browser_context_args | wide) as context:
        page = context.new_page()
        page.set_default_timeout(20_000)
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        day = Day(page, live_server, language, has_script=has_script)
        sign_in(day)
        customer = add_a_customer(day)
        log_a_talk(day)
        add_a_deal(day, customer)
        move_it(day)
        find_it(day)
        delete_and_undo(day, customer)
        assert complaints == []
