"""The security cases (access, hostile text, files, forms, lost updates): which tests answer each, and that they exist.

A01 to A26 are all cases of that list; of the later ones those stand here that concern what is built.
"""

import ast
from functools import cache

import pytest
from django.conf import settings

HIDDEN = "tests/test_hidden_everywhere.py"
REQUESTS, TEXT = "tests/test_hostile_requests.py", "tests/test_hostile_text.py"
PARENTS, ADMIN, AT_ONCE = (
    "tests/test_other_parents.py",
    "crm/tests/test_admin_bypass.py",
    "tests/faults/test_sent_at_once.py",
)
FILES, READING = "crm/tests/test_attachments.py", "crm/tests/test_exchange_reading.py"
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
        f"{HIDDEN}::test_a05_no_child_is_added_to_a_hidden_parent_or_moved_there",
        f"{PARENTS}::test_a05_messages_of_a_hidden_case_are_neither_read_nor_written",
        f"{PARENTS}::test_a05_a_child_of_another_named_below_a_parent_of_ones_own_is_not_there",
        f"{PARENTS}::test_a05_a_move_of_another_record_is_not_taken_back",
        f"{PARENTS}::test_a05_what_one_wrote_cannot_be_moved_to_a_hidden_parent",
        f"{PARENTS}::test_a05_a_talk_with_a_contact_of_two_customers_shows_only_ones_own",
        f"{FILES}::test_who_does_not_see_the_record_reaches_no_file_of_it",
    ),
    "A07": (
        "search",
        "crm/tests/test_bulk.py::test_after_a_transfer_the_former_owner_has_lost_the_record_everywhere",
        "customers/tests/test_finding.py::test_phones_and_addresses_find_nobody",
        f"{HIDDEN}::test_a07_a08_no_suggestion_and_no_search_names_a_hidden_record",
    ),
    "A08": (
        "suggestions",
        "tests/test_nets.py::test_the_house_leaks_without_the_net",
        f"{HIDDEN}::test_a07_a08_no_suggestion_and_no_search_names_a_hidden_record",
        "crm/tests/test_importing.py::test_a_record_that_the_person_cannot_see_is_never_given_away_as_a_twin",
    ),
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
        f"{HIDDEN}::test_a11_a_hidden_field_named_by_hand_shows_nowhere",
        f"{HIDDEN}::test_a11_no_kind_of_record_takes_a_hidden_field_as_column_order_or_filter",
        "crm/tests/test_field_rules.py::test_a_hidden_field_is_on_no_page",
        "crm/tests/test_field_rules.py::test_a_hidden_field_neither_sorts_filters_nor_leaves_in_an_export",
        f"{ADMIN}::test_a26_a11_an_address_asks_nothing_about_a_field_that_is_hidden",
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
        f"{HIDDEN}::test_a23_after_a_transfer_nothing_of_the_record_is_suggested_or_found",
        f"{FILES}::test_a_file_goes_with_its_record_to_the_new_owner",
        "crm/tests/test_exporting.py::test_a_long_export_is_a_job_with_the_rights_of_its_person_when_it_runs",
        "crm/tests/test_exporting.py::test_a23_a_queued_export_runs_with_the_rights_of_that_moment",
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
        f"{ADMIN}::test_a26_hidden_rows_are_in_no_list_search_history_or_suggestion",
        f"{ADMIN}::test_a26_forged_posts_change_nothing",
        f"{ADMIN}::test_a26_no_page_of_the_admin_edits_in_its_list",
        f"{ADMIN}::test_a26_a11_an_address_asks_nothing_about_a_field_that_is_hidden",
    ),
    "A28": ("giving oneself more", "tests/test_hostile_requests.py::test_a28_nobody_gives_himself_more_than_he_has"),
    "A29": (
        "SQL in orders, columns and filters",
        f"{REQUESTS}::test_a29_a32_a71_whatever_stands_in_the_parameters_of_an_address_no_page_breaks_or_repeats_it_raw",
        f"{REQUESTS}::test_a29_orders_columns_and_filters_with_sql_in_them_give_the_plain_list",
        "crm/tests/test_custom_fields.py::test_names_and_values_out_of_the_address_never_reach_sql",
    ),
    "A32": (
        "reflected script",
        f"{REQUESTS}::test_a29_a32_a71_whatever_stands_in_the_parameters_of_an_address_no_page_breaks_or_repeats_it_raw",
        f"{TEXT}::test_an_answer_to_a_refused_form_repeats_what_was_typed_as_text",
    ),
    "A33": (
        "stored script",
        f"{TEXT}::test_what_is_typed_into_any_text_field_is_kept_as_typed",
        f"{TEXT}::test_a33_a35_no_page_shows_script_that_somebody_typed_anywhere_as_script",
        "tests/test_inline.py::test_no_page_has_anything_inline_and_none_in_chinese_an_english_sentence",
        "reports/tests/test_renderers.py::test_text_from_data_is_only_ever_text",
    ),
    "A35": (
        "script in unusual places",
        f"{TEXT}::test_a33_a35_no_page_shows_script_that_somebody_typed_anywhere_as_script",
        f"{TEXT}::test_a35_a_table_of_an_import_shows_script_as_text",
    ),
    "A37": (
        "formulas",
        "crm/tests/test_exchange_writing.py::test_csv_text_that_a_spreadsheet_would_run_gets_one_apostrophe",
        "crm/tests/test_exchange_writing.py::test_workbook_text_is_text_and_unchanged_and_marked_where_it_could_run",
        "crm/tests/test_exchange_writing.py::test_numbers_and_dates_stay_numbers_and_dates_with_their_formats",
        "crm/tests/test_exporting.py::test_names_that_look_like_formulas_stay_text_in_both_forms",
        "crm/tests/test_admin.py::test_an_export_holds_the_columns_never_runs_and_is_logged",
    ),
    "A39": ("markup in a PDF", "reports/tests/test_renderers.py::test_markup_in_data_stands_in_the_pdf_as_written"),
    "A40": (
        "layout of a PDF",
        "reports/tests/test_renderers.py::test_a40_text_without_end_makes_a_pdf_all_the_same",
        "reports/tests/test_renderers.py::test_characters_that_the_font_lacks_are_boxes_not_gaps",
        "reports/tests/test_renderers.py::test_every_font_of_the_pdf_is_embedded",
    ),
    "A47": (
        "types of uploads",
        "crm/tests/test_attachments.py::test_a_file_that_is_not_what_it_says_is_refused_in_words",
        f"{FILES}::test_files_are_attached_by_form_told_in_the_timeline_and_given_back_as_downloads",
    ),
    "A48": (
        "names of uploads",
        f"{FILES}::test_a_name_is_made_harmless",
        "crm/tests/test_files.py::test_a_name_carries_no_path_no_control_characters_and_keeps_its_ending",
        "crm/tests/test_files.py::test_a_path_that_leaves_the_storage_is_not_opened",
    ),
    "A49": (
        "bombs",
        f"{READING}::test_a_bomb_is_refused_before_it_goes_off",
        f"{READING}::test_a_workbook_that_claims_two_gigabytes_is_refused",
        f"{READING}::test_a_workbook_that_claims_less_than_it_holds_is_refused",
        f"{READING}::test_entities_and_many_parts_are_refused",
        f"{READING}::test_a_sheet_that_would_need_500_gigabytes_ends_only_the_reading_process",
        f"{FILES}::test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded",
    ),
    "A52": (
        "shapes of CSV",
        f"{READING}::test_every_usual_encoding_gives_the_same_table",
        f"{READING}::test_chinese_in_gbk_is_read_and_never_garbled",
        f"{READING}::test_the_encodings_of_other_countries_are_recognised",
        f"{READING}::test_a_damaged_text_is_refused_and_never_read_in_another_encoding",
        f"{READING}::test_delimiter_and_newline_are_found",
        f"{READING}::test_a_nul_character_is_refused_with_its_line",
        f"{READING}::test_quotes_that_do_not_match_are_refused_with_their_line",
        f"{READING}::test_a_line_without_end_is_refused",
        f"{READING}::test_of_two_headings_that_are_the_same_the_second_gets_a_number",
        f"{READING}::test_limits_of_rows_columns_and_bytes",
        f"{READING}::test_an_empty_file_is_refused",
    ),
    "A53": (
        "meaning of imports",
        "crm/tests/test_importing.py::test_every_wrong_line_says_what_is_wrong_and_good_lines_go_in",
        "crm/tests/test_importing.py::test_lines_that_exist_already_are_left_out_and_a_second_run_adds_nothing",
        "crm/tests/test_exchange_parsing.py::test_days_that_no_calendar_has_are_refused",
        "crm/tests/test_exchange_parsing.py::test_numbers_are_never_rounded_and_never_overflow",
        "customers/tests/test_contacts.py::test_points_are_kept_in_one_form_and_read_back",
    ),
    "A54": (
        "limits of uploads",
        f"{FILES}::test_too_large_and_too_many_are_refused_with_the_limit",
        "crm/tests/test_importing.py::test_a_file_larger_than_uploads_may_be_is_refused",
    ),
    "A62": (
        "requests of other sites",
        f"{REQUESTS}::test_a62_every_door_asks_for_the_token",
        f"{REQUESTS}::test_a62_nobody_is_signed_in_without_the_token_of_the_form",
    ),
    "A67": (
        "fields that no form offers",
        f"{REQUESTS}::test_a67_columns_that_the_form_of_a_record_does_not_offer_are_not_written",
        "crm/tests/test_saving.py::test_a_new_record_belongs_to_its_author_and_his_team",
        "crm/tests/test_custom_fields.py::test_values_of_no_field_sent_along_change_nothing",
    ),
    "A71": (
        "bad keys and types",
        f"{REQUESTS}::test_a71_a_key_that_no_row_has_is_not_found_and_never_an_error",
        f"{REQUESTS}::test_a29_a32_a71_whatever_stands_in_the_parameters_of_an_address_no_page_breaks_or_repeats_it_raw",
    ),
    "A72": (
        "any text in any field",
        f"{TEXT}::test_a72_no_text_in_any_field_breaks_a_form",
        f"{TEXT}::test_what_is_typed_into_any_text_field_is_kept_as_typed",
        "crm/tests/test_exchange_parsing.py::test_whatever_a_cell_holds_is_a_value_or_a_sentence",
    ),
    "A73": ("pages for failures", f"{REQUESTS}::test_a73_pages_for_failures_tell_nothing_of_the_inside"),
    "A83": (
        "masks and the log of reveals",
        "customers/tests/test_masks.py::test_a83_who_may_not_see_protected_values_reads_masks_on_record_and_list",
        "customers/tests/test_reveals.py::test_a83_a_click_shows_the_value_and_stands_in_the_access_log",
        "customers/tests/test_reveals.py::test_a83_nobody_reveals_without_the_right_or_what_he_does_not_see",
    ),
    "F16": (
        "lost updates",
        "crm/tests/test_saving.py::test_where_both_changed_the_same_field_the_second_is_asked_and_nothing_is_lost",
        "crm/tests/test_saving.py::test_two_people_who_change_different_fields_both_keep_their_change",
        "crm/tests/test_custom_fields.py::"
        "test_what_two_people_change_in_different_custom_fields_is_kept_and_in_one_field_asked_about",
    ),
    "F17": (
        "a form sent twice",
        "crm/tests/test_saving.py::test_a_form_sent_twice_makes_one_record",
        "customers/tests/test_composer.py::test_the_same_box_sent_twice_is_one_talk",
        f"{AT_ONCE}::test_f17_twenty_new_customers_at_once_are_one_and_all_answers_lead_to_it",
        f"{AT_ONCE}::test_f17_twenty_talks_and_twenty_answers_at_once_are_one_each",
        f"{AT_ONCE}::test_f17_what_has_no_token_is_done_once_all_the_same",
        f"{AT_ONCE}::test_f17_a_bulk_action_is_done_once",
    ),
    "F28": (
        "a rotation of keys that is killed",
        "tests/faults/test_rotation_fault.py::"
        "test_f28_a_rotation_killed_for_good_is_ended_by_the_next_one_and_every_value_opens",
        "crm/tests/test_keys.py::test_f28_a_rotation_killed_after_any_chunk_goes_on_where_it_stopped",
    ),
}
NOT_IN_THE_LIST = {"A04", "A06", "A12", "A13", "A16", "A18", "A20", "A22", "A25"}


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_cases_are_those_of_the_list():
    wanted = {f"A{number:02}" for number in range(1, 27)}
    assert {case for case in CASES if case <= "A26"} == wanted - NOT_IN_THE_LIST


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
