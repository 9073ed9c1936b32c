"""An import in the browser: the file, the check that follows by itself, the result; and an export of the list."""

import pytest
from playwright.sync_api import expect

from crm import jobs
from crm.models import Job
from customers.models import Customer

FILE = "客户名称,员工人数,手机号,颜色\n海川机电,12,138 1234 5678,红\n长江造船,很多,,\n海川机电,3,,\n".encode("gb18030")
SERIOUS = ("serious", "critical")


@pytest.fixture(autouse=True)
def files_in_a_folder_of_their_own(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def run_waiting():
    for job in Job.objects.filter(state=Job.State.QUEUED):
        jobs.run(job.pk)


def barriers(axe, page):
    return [found["id"] for found in axe(page) if found["impact"] in SERIOUS]


def test_a_file_is_uploaded_checked_and_imported(alices_page, live_server, axe):
    page = alices_page
    page.goto(f"{live_server.url}/customers/")
    page.get_by_role("link", name="Import").first.click()
    expect(page.locator("input[type=file]")).to_be_attached()
    assert barriers(axe, page) == []
    page.set_input_files("input[type=file]", {"name": "客户.csv", "mimeType": "text/csv", "buffer": FILE})
    page.get_by_role("button", name="Upload and look at it").click()
    page.get_by_role("link", name="Next: map the columns").click()
    expect(page.get_by_label("手机号 goes to")).to_have_value("phone")
    assert barriers(axe, page) == []
    page.get_by_role("button", name="Check all rows").click()
    page.wait_for_selector("text=Waits for a worker")
    run_waiting()
    # The page asks for itself every two seconds.
    page.wait_for_selector("text=Import 1 row")
    assert page.locator("td.bad").inner_text().splitlines()[0] == "很多"
    expect(page.get_by_text("The same as line 2 of this file.")).to_be_visible()
    assert barriers(axe, page) == []
    page.get_by_role("button", name="Import 1 row").click()
    page.wait_for_selector("text=Waits for a worker")
    run_waiting()
    page.wait_for_selector("text=existed already")
    assert barriers(axe, page) == []
    page.get_by_role("link", name="Show customers").click()
    expect(page.get_by_role("link", name="海川机电")).to_be_visible()
    assert list(Customer.objects.values_list("name", "employees", "owner__username")) == [("海川机电", 12, "alice")]


def test_a_list_is_exported_as_it_is_shown(alices_page, people, live_server, axe):
    Customer.objects.create(name="海川机电", owner=people.alice)
    page = alices_page
    page.goto(f"{live_server.url}/customers/?q=海川")
    page.get_by_label("Export what this list shows").click()
    expect(page.get_by_text("1 record that you may export")).to_be_visible()
    assert barriers(axe, page) == []
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
