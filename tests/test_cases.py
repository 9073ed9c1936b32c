"""The security cases A01 to A26 (object access, bulk, leaks, admin): which tests answer each, and that they exist."""

import ast
from functools import cache

import pytest
from django.conf import settings

# case: (what it is, tests as "file::test"); a later floor that is not built yet has a reason instead of tests
CASES = {
    "A01": (
        "reading records of others by address",
        "tests/test_matrix.py::test_outsiders_reach_no_record_page_and_change_nothing",
        "crm/tests/test_job_pages.py::test_another_persons_job_does_not_exist_for_one",
    ),
    "A02": (
        "writing to records of others by address",
        "tests/test_matrix.py::test_outsiders_reach_no_record_page_and_change_nothing",
        "tests/test_matrix.py::test_viewing_alone_opens_no_door_that_writes",
        "crm/tests/test_recycling.py::test_undo_asks_todays_rights",
        "crm/tests/test_handing_over.py::test_another_manager_neither_sees_nor_takes_back_a_hand_over",
    ),
    "A03": (
        "bulk actions with keys of others",
        "crm/tests/test_bulk.py::test_only_rows_that_may_be_assigned_change_hands",
        "crm/tests/test_bulk.py::test_deleting_leaves_the_rows_of_others_alone",
        "crm/tests/test_bulk.py::test_rows_of_others_alone_change_nothing",
        "crm/tests/test_recycling.py::test_restoring_several_says_how_many_came_back_and_how_many_are_not_there",
    ),
    "A05": (
        "child objects of a hidden or another parent",
        "tests/test_matrix.py::test_outsiders_reach_no_record_page_and_change_nothing",
        "marketing/tests/test_parts.py::test_an_invisible_contact_cannot_be_chosen",
        "marketing/tests/test_parts.py::test_a_contact_of_another_customer_is_refused",
    ),
    "A07": (
        "search",
        "crm/tests/test_bulk.py::test_after_a_transfer_the_former_owner_has_lost_the_record_everywhere",
        "customers/tests/test_finding.py::test_phones_and_addresses_find_nobody",
    ),
    "A08": ("suggestions", "tests/test_nets.py::test_the_house_leaks_without_the_net"),
    "A09": ("counts and sums", "tests/test_agreement.py::test_all_ways_to_ask_agree"),
    "A10": (
        "rows of an export",
        "crm/tests/test_exporting.py::test_an_export_has_the_rows_that_each_person_sees_and_no_other",
        "crm/tests/test_exporting.py::test_an_export_never_reaches_further_than_the_pages",
    ),
    "A11": (
        "fields of an export",
        "crm/tests/test_columns.py::test_a_column_without_its_permission_is_on_no_page_in_no_export_and_gives_no_order",
        "crm/tests/test_columns.py::test_a_mask_stands_for_the_value_in_every_output",
        "crm/tests/test_logs.py::test_protected_values_stay_closed_in_the_change_log",
    ),
    "A14": (
        "runs and files of reports",
        "reports/tests/test_pages.py::test_everybody_opens_only_the_own_copy_and_file",
        "reports/tests/test_pages.py::test_a_file_of_other_rights_is_no_longer_given_out",
    ),
    "A15": (
        "report mail after a change of role",
        "reports/tests/test_delivery.py::test_who_left_gets_nothing",
        "reports/tests/test_delivery.py::test_a_mail_whose_rights_have_changed_is_held_and_the_owner_told",
    ),
    "A17": (
        "private jobs and schedules of others; saved views are not built",
        "crm/tests/test_job_pages.py::test_another_persons_job_does_not_exist_for_one",
        "reports/tests/test_pages.py::test_a_schedule_of_another_person_does_not_exist",
    ),
    "A19": ("portal: not built",),
    "A21": (
        "functions of other modules",
        "tests/test_matrix.py::test_without_a_role_no_page_of_a_kind_opens_but_the_empty_list",
        "tests/test_doors.py::test_the_admin_is_for_administrators",
        "crm/tests/test_logs.py::test_the_logs_are_closed_to_others",
        "crm/tests/test_bulk.py::test_an_action_one_may_not_do_is_refused",
    ),
    "A23": (
        "after a transfer",
        "crm/tests/test_bulk.py::test_after_a_transfer_the_former_owner_has_lost_the_record_everywhere",
        "crm/tests/test_bulk.py::test_a_job_whose_person_lost_the_right_changes_nothing",
        "crm/tests/test_handing_over.py::test_it_is_the_actors_rights_that_count_not_the_colleagues",
    ),
    "A24": (
        "other methods and overrides of the method",
        "tests/test_matrix.py::test_no_other_method_does_anything",
        "tests/test_matrix.py::test_insiders_open_every_record_page_by_get_and_that_changes_nothing",
        "tests/test_cases.py::test_a_method_in_the_form_or_a_header_overrides_nothing",
    ),
    "A26": (
        "the Django admin",
        "tests/test_doors.py::test_the_admin_is_for_administrators",
        "tests/test_cases.py::test_an_admin_without_the_right_on_a_model_changes_nothing_there",
    ),
}
NOT_IN_THE_LIST = {"A04", "A06", "A12", "A13", "A16", "A18", "A20", "A22", "A25"}


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_cases_are_those_of_the_list():
    wanted = {f"A{number:02}" for number in range(1, 27)}
    assert set(CASES) == wanted - NOT_IN_THE_LIST


@pytest.mark.parametrize("case", CASES)
def test_every_case_names_tests_that_exist(case):
    what, *named = CASES[case]
    missing = [one for one in named if one.partition("::")[2] not in functions_of(one.partition("::")[0])]
    assert missing == []
    assert named or "not built" in what


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["alice", "carol"])
def test_a_method_in_the_form_or_a_header_overrides_nothing(client, cast, who):
    """A24: _method=DELETE and X-HTTP-Method-Override are words like any others."""
    from customers.tests.factories import make_customer
    from tests.rows import changed, fingerprint

    record = make_customer(cast.alice)
    client.force_login(cast.people[who])
    before = fingerprint()
    for address in (f"/customers/{record.pk}/", f"/customers/{record.pk}/delete/"):
        client.get(address, {"_method": "DELETE"}, headers={"X-HTTP-Method-Override": "POST"})
    client.post(f"/customers/{record.pk}/", {"_method": "DELETE"}, headers={"X-HTTP-Method-Override": "DELETE"})
    assert changed(before, fingerprint()) == []


@pytest.mark.django_db
def test_an_admin_without_the_right_on_a_model_changes_nothing_there(client, cast):
    """A26: who enters the admin for the roles alone finds no customers in it, not by list, page, action or export."""
    from crm.access import Action, Reach
    from crm.models import RoleRule
    from customers.tests.factories import make_customer
    from tests.cast import make_role, make_user
    from tests.rows import changed, fingerprint

    record = make_customer(cast.alice, name="CANARY")
    role = make_role("Roles only", Reach.ALL)
    RoleRule.objects.filter(role=role).exclude(model="crm.user").delete()
    RoleRule.objects.bulk_create(
        RoleRule(role=role, model="crm.rolerule", action=action, reach=Reach.ALL) for action in Action
    )
    person = make_user("ron", None, role)
    client.force_login(person)
    assert client.get("/admin/").status_code == 200
    before = fingerprint()
    base = "/admin/customers/customer/"
    action = {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"}
    for address in (base, f"{base}{record.pk}/change/", f"{base}{record.pk}/history/", f"{base}export/"):
        answer = client.get(address)
        assert answer.status_code in (302, 403, 404), address
        assert b"CANARY" not in answer.content
    for address, data in (
        (base, action),
        (f"{base}{record.pk}/change/", {"name": "x"}),
        (f"{base}{record.pk}/delete/", {"post": "yes"}),
    ):
        assert client.post(address, data).status_code in (302, 403, 404), address
    assert changed(before, fingerprint()) == []
