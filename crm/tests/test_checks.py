"""The system checks name what is missing, and refuse a database that cannot search Chinese."""

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import connection, connections

from crm import checks


def test_a_missing_font_is_named(settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    messages = [problem.msg for problem in checks.built_files(None) if problem.id == "banyan.E001"]
    assert messages == [
        f"{tmp_path}/NotoSansSC-Regular.ttf is missing (a font of the PDFs).",
        f"{tmp_path}/NotoSansSC-SemiBold.ttf is missing (a font of the PDFs).",
    ]


def test_missing_translations_front_end_files_and_places_are_named(settings, tmp_path):
    settings.LOCALE_PATHS, settings.BASE_DIR = [tmp_path], tmp_path
    found = {(problem.id, str(tmp_path) in problem.msg) for problem in checks.built_files(None)}
    assert found == {("banyan.E002", True), ("banyan.E003", True), ("banyan.E006", True)}


def test_an_installation_that_was_built_has_no_problem():
    assert checks.built_files(None) == []


@pytest.mark.django_db
def test_the_database_of_the_tests_can_search_chinese():
    assert checks.trigrams_of(connection, "张伟") != []
    assert [problem for problem in run_checks(databases=["default"]) if problem.id == "banyan.E004"] == []


def test_a_database_with_the_locale_c_is_refused():
    name = "banyan_locale_c"
    server = {**connections["default"].get_connection_params(), "dbname": "postgres"}
    server = {key: server[key] for key in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'")
        try:
            with psycopg.connect(**{**server, "dbname": name}) as other:
                assert checks.trigrams_of(other, "张伟") == []
                other.execute("CREATE EXTENSION pg_trgm")
                assert other.execute("SELECT show_trgm('张伟')").fetchone() == ([],)
        finally:
            admin.execute(f"DROP DATABASE {name}")


def test_the_check_of_chinese_search_names_the_database(monkeypatch):
    monkeypatch.setattr(checks, "trigrams_of", lambda connection, text: [])
    assert [problem.id for problem in checks.chinese_search(None, databases=["default"])] == ["banyan.E004"]
