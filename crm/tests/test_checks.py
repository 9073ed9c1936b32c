"""The system checks name what is missing, and refuse a database that cannot search Chinese."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from crm import checks


def test_a_missing_font_is_named(settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    messages = [problem.msg for problem in checks.built_files(None) if problem.id == "banyan.E001"]
    assert messages == [
        f"{tmp_path}/NotoSansSC-Regular.ttf is missing (a font of the PDFs).",
        f"{tmp_path}/NotoSansSC-SemiBold.ttf is missing (a font of the PDFs).",
    ]


def test_missing_translations_and_front_end_files_are_named(settings, tmp_path):
    settings.LOCALE_PATHS, settings.BASE_DIR = [tmp_path], tmp_path
    found = {(problem.id, str(tmp_path) in problem.msg) for problem in checks.built_files(None)}
    assert found == {("banyan.E002", True), ("banyan.E003", True)}


def test_an_installation_that_was_built_has_no_problem():
    assert checks.built_files(None) == []


@pytest.mark.django_db
def test_the_database_of_the_tests_can_search_chinese():
    assert checks.trigrams_of(connection, "张伟") != []
    assert [problem for problem in run_checks(databases=["default"]) if problem.id == "banyan.E004"] == []


@pytest.mark.django_db(transaction=True)
def test_a_database_with_the_locale_c_is_refused():
    name = "banyan_locale_c"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'")
    other = connection.copy(alias="locale_c")
    other.settings_dict = {**connection.settings_dict, "NAME": name}
    try:
        assert checks.trigrams_of(other, "张伟") == []
        with other.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("SELECT show_trgm('张伟')")
            assert cursor.fetchone()[0] == []
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
