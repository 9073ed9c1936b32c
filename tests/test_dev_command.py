"""The development command: its options, its data folders, and what it builds."""

import json
import os
import re
import stat
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

import dev
from crm.devtools import catalogues, frontend
from crm.devtools.folders import Folder, InUse
from crm.devtools.supervisor import LOGIN
from crm.devtools.template import PREFIX, at
from crm.entities import registry


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("demo", "up", [])),
        (["check"], ("demo", "check", [])),
        (["--data", "mine", "reset", "--yes"], ("mine", "reset", ["--yes"])),
        (["--data=mine"], ("mine", "up", [])),
        (["test", "-k", "access", "--data"], ("demo", "test", ["-k", "access", "--data"])),
    ],
)
def test_the_command_line_is_understood(arguments, expected):
    assert dev.parse(list(arguments)) == expected


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fly"], "dev.py: unknown command fly; see python3 dev.py --help"),
        (["--fast"], "dev.py: unknown option --fast; see python3 dev.py --help"),
        (["--data", "../elsewhere"], "this is '../elsewhere'"),
        (["--data", "test"], "this is 'test'"),
    ],
)
def test_a_wrong_command_line_is_refused_with_the_reason(arguments, reason):
    with pytest.raises(SystemExit) as refusal:
        dev.parse(arguments)
    assert reason in str(refusal.value)


def test_the_command_needs_the_standard_library_only():
    code = "import sys, dev; print(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'crm')))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_one_process_at_a_time_holds_a_data_folder_and_says_who_it_is(tmp_path):
    second = Folder(tmp_path).held("a test run")
    with Folder(tmp_path).held("the CRM"), pytest.raises(InUse, match=r"^the CRM \(process \d+\)$"):
        second.__enter__()
    with Folder(tmp_path).held("a test run"):
        assert (tmp_path / "owner.lock").read_text().startswith("a test run")


def test_what_a_running_stack_publishes_is_readable_by_its_owner_alone_and_leaves_with_it(tmp_path):
    folder = Folder(tmp_path)
    with folder.held("the CRM"):
        folder.publish(DATABASE_URL="postgresql://x", address="http://127.0.0.1:8000/")
        assert stat.S_IMODE(folder.running.stat().st_mode) == 0o600
        assert json.loads(folder.running.read_text())["address"] == "http://127.0.0.1:8000/"
    assert folder.published(seconds=0) == {}


def test_a_secret_is_made_once_and_is_readable_by_its_owner_alone(tmp_path):
    folder = Folder(tmp_path)
    first = folder.secret("secret_key")
    assert len(first) == 64
    assert (folder.secret("secret_key"), stat.S_IMODE((tmp_path / "secret_key").stat().st_mode)) == (first, 0o600)


def test_the_icon_sprite_holds_each_drawing_once_without_what_the_file_says_about_itself():
    sprite = frontend.sprite(["building", "building", "star-filled"])
    assert sprite.count("<symbol ") == 2
    assert '<symbol id="i-building" viewBox="0 0 24 24" fill="none" stroke="currentColor"' in sprite
    assert '<symbol id="i-star-filled" viewBox="0 0 24 24" fill="currentColor">' in sprite
    assert "<!--" not in sprite
    assert "M0 0h24v24H0z" not in sprite


def test_bootstrap_loses_the_rules_for_what_no_page_names_and_nothing_else():
    css = (
        '@charset "UTF-8";:root{--bs-blue:#0d6efd}.btn,.navbar-brand{color:red}.btn:not(.a,.b).show{color:blue}'
        "@media (min-width:576px){.col-sm-3{width:25%}}@media print{.card{border:0}.modal-sm{width:9px}}"
        "@keyframes spin{0%{opacity:0}}.mb-lg-2,.mb-2{margin:0}.showing{opacity:0}\n/*# sourceMappingURL=a.map */"
    )
    assert frontend.trimmed(css).strip() == (
        '@charset "UTF-8";:root{--bs-blue:#0d6efd}.btn{color:red}@media print{.card{border:0}}'
        "@keyframes spin{0%{opacity:0}}.mb-2{margin:0}"
    )


def test_an_icon_that_does_not_exist_is_named():
    with pytest.raises(SystemExit, match="names no-such-drawing, and Tabler"):
        frontend.sprite(["no-such-drawing"])


def test_every_icon_that_templates_and_entities_name_is_in_the_list():
    listed = set((settings.BASE_DIR / "static/icons.txt").read_text("utf-8").split())
    named = {entity.icon for entity in registry.values() if entity.icon}
    for path in catalogues.template_files():
        named |= set(re.findall(r"""{% icon ["']([a-z0-9-]+)""", path.read_text("utf-8")))
    assert named - listed == set()


def test_the_logins_of_the_demo_are_understood():
    line = LOGIN.fullmatch("Sales rep: wang.li / demo-password  (王莉)")
    assert line.groupdict() == {
        "role": "Sales rep",
        "username": "wang.li",
        "password": "demo-password",
        "name": "王莉",
    }


@pytest.mark.skipif("BANYAN_TEST_SERVERS" not in os.environ, reason="the servers of this run were given by URL")
@pytest.mark.django_db
def test_the_test_database_is_a_copy_of_one_migrated_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        assert [name for (name,) in cursor.fetchall()] == [settings.DATABASES["default"]["TEST"]["TEMPLATE"]]


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("postgresql://u:p@127.0.0.1:5432/banyan", "postgresql://u:p@127.0.0.1:5432/other"),
        ("postgresql://127.0.0.1/banyan?sslmode=require", "postgresql://127.0.0.1/other?sslmode=require"),
    ],
)
def test_a_url_leads_to_another_database_of_the_same_server(url, other):
    assert at(url, "other") == other


def test_what_production_installs_is_what_dev_installs():
    """Two locks: whoever adds a package compiles both."""
    locks = [(dev.ROOT / f"requirements{name}.txt").read_text("utf-8") for name in ("", "-dev")]
    plain, installed = ({line.split()[0] for line in text.splitlines() if "==" in line.split("#")[0]} for text in locks)
    assert plain
    assert plain <= installed
