"""Files of real people and of the tests of other products, with all their quirks: what a person is told about each.

real_tables.tsv holds a line for every table of the shared folder; twins of the quirks, made by code, stand in
test_exchange_reading.py, so that a checkout without the folder tests them, too.
"""

import csv
import os
from itertools import groupby
from pathlib import Path

import pytest
from django.utils import translation

from crm.tests.real_tables import told

SHARED = Path(os.environ.get("BANYAN_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "data"
TABLE = Path(__file__).with_name("real_tables.tsv").read_text(encoding="utf-8").splitlines()
LINES = [line.split("\t", 1) for line in TABLE]
FOLDERS = {folder: dict(lines) for folder, lines in groupby(LINES, key=lambda line: "/".join(line[0].split("/")[:2]))}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of shared sample data is not here")


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_person_is_told_about_each_file(folder):
    with translation.override("en"):
        assert {name: told(SHARED / name) for name in FOLDERS[folder]} == FOLDERS[folder]


def test_every_table_of_the_manifest_is_named():
    with (SHARED / "MANIFEST.tsv").open(encoding="utf-8") as file:
        names = {row["file"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    tables = {
        name
        for name in names
        if name.startswith(("1_crm/", "5_chinese/", "9_dirty_tables/"))
        and not name.endswith((".md", ".txt", "LICENSE"))
        and (SHARED / name).exists()
    }
    assert tables - {name for name, _told in LINES} == set()
