"""The floors of the house: who may import whom, what every file says first, and how large things may grow."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "crm": {"crm"},
    "customers": {"crm", "customers"},
    "sales": {"crm", "customers", "sales"},
    "marketing": {"crm", "customers", "sales", "marketing"},
    "service": {"crm", "customers", "sales", "service"},
    "reports": {"crm", "customers", "sales", "marketing", "service", "reports"},
}
# Inside an app, a file imports only from files further right in one of these lines (house.md section 1).
INSIDE = {
    "models": {"urls", "entities", "views", "forms", "filters", "resources", "services", "reactions", "admin", "tasks"},
    "events": {"urls", "entities", "views", "forms", "filters", "resources", "services", "reactions", "admin", "tasks"},
    "services": {"urls", "entities", "views", "forms", "reactions", "admin", "tasks"},
    "forms": {"urls", "entities", "views", "admin", "reactions", "tasks"},
}
BANNED_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}
# settings.py and urls.py name apps by string or include; they hold no logic of a floor.
EXEMPT = {ROOT / "crm" / "settings.py", ROOT / "crm" / "urls.py"}


def sources(app: str):
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def product_sources():
    return [path for app in FLOORS for path in sources(app) if "tests" not in path.parts]


def imported(path: Path):
    """(line, dotted name) of every import in the file, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize("app", FLOORS)
def test_imports_run_downwards(app):
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(app)
        if path not in EXEMPT and "tests" not in path.parts
        for line, name in imported(path)
        if name.split(".")[0] in FLOORS and name.split(".")[0] not in FLOORS[app]
    ]
    assert wrong == []


@pytest.mark.parametrize("app", [app for app in FLOORS if app != "crm"])
def test_inside_an_app_lower_files_do_not_import_higher_ones(app):
    wrong = []
    for path in sources(app):
        part = path.relative_to(ROOT / app).parts[0].removesuffix(".py")
        for line, name in imported(path):
            target = name.split(".")
            if target[0] == app and len(target) > 1 and target[1] in INSIDE.get(part, ()):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_no_foreign_key_points_upwards():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app in FLOORS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, (models.ForeignKey, models.ManyToManyField, models.OneToOneField))
        and field.related_model._meta.app_label in FLOORS
        and field.related_model._meta.app_label not in FLOORS[app]
    ]
    assert wrong == []


def test_every_module_says_in_its_first_line_what_lives_there():
    silent = []
    for path in product_sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_file_is_called_utils():
    named = [path.name for path in product_sources() if path.name in BANNED_NAMES]
    assert named == []


def test_no_python_file_is_longer_than_500_lines_and_settings_than_250():
    long = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for app in FLOORS
        for path in sources(app)
    }
    assert {name: lines for name, lines in long.items() if lines > (250 if name == "crm/settings.py" else 500)} == {}


def test_no_function_is_longer_than_50_lines():
    long = []
    for path in product_sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno >= 50:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}")
    assert long == []


def test_no_template_is_longer_than_120_lines():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "templates").rglob("*.html")
        if "emails" not in path.parts
    }
    assert {name: n for name, n in lines.items() if n > 120} == {}


def test_nothing_listens_to_model_signals_or_keeps_data_in_threads():
    wrong = []
    for path in product_sources():
        text = path.read_text(encoding="utf-8").replace("def pre_save(self, instance", "")  # a field's own method
        for word in ("post_save", "pre_save", "post_delete", "pre_delete", "threading.local", "threading.Thread"):
            if word in text and "devtools" not in path.parts:
                wrong.append(f"{path.relative_to(ROOT)}: {word}")
    assert wrong == []


def test_guardian_is_asked_in_one_place_only():
    askers = {
        str(path.relative_to(ROOT))
        for path in product_sources()
        for _line, name in imported(path)
        if name.split(".")[0] == "guardian"
    }
    assert askers == {"crm/models/shares.py"}  # the base classes of the share tables; crm/access.py reads those tables


def test_views_never_fetch_a_row_past_the_rule_of_access():
    wrong = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in product_sources()
        if "views" in path.parts or path.name == "views.py"
        for word in (".objects.get(pk=", ".objects.get(id=", "get_object_or_404(Model", "everything.get(")
        if word in path.read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_no_template_walks_a_relation_by_all():
    wrong = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if ".all %" in (text := path.read_text(encoding="utf-8"))
        or ".all}" in text
        or ".all " in text.replace(".all users", "")
    ]
    assert wrong == []


def test_only_folders_that_run_last_or_on_a_copy_commit_to_the_database():
    """A test that commits empties all tables afterwards, and later files of its process miss the rows of migrations."""
    texts = {path: path.read_text("utf-8") for app in (*FLOORS, "tests") for path in (ROOT / app).rglob("test_*.py")}
    committing = [
        str(path.relative_to(ROOT))
        for path, text in texts.items()
        if "transaction=True" in text or "transactional_db" in text
    ]
    own = f"{Path(__file__).parent.name}/{Path(__file__).name}"
    allowed = ("tests/browser/", "tests/faults/", own)
    assert [name for name in committing if not name.startswith(allowed)] == []
