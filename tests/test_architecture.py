"""The architecture: imports by layer (.importlinter), small folders and modules, one name with one meaning."""

import ast
import importlib
import pkgutil
from collections import defaultdict
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGES = ("dashboard", "data", "models")
RUN_BY_STREAMLIT = ("dashboard.entrypoint", "dashboard.pages.")  # importing one draws a page; its own test does that
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
FOLDERS = sorted({file.parent for file in MODULES})

MAX_LINES = 350
# These grow by one file for each page, chart, measure, statistic or migration; a count says nothing about them.
GROW_BY_DESIGN = {
    "dashboard/pages",
    "dashboard/figures",
    "models/measures",
    "models/statistics",
    "data/database/migrations",
    "data/database/migrations/versions",
}

# Public names that several modules define, because one caller uses all of them in the same way.
SHARED_NAMES = {
    "main": "every page, the entry script and each `python -m` command start here",
    "draw": "every chart in dashboard/figures",
    "recognizes": "every reader in data/formats (data/formats/registry.py)",
    "read": "every reader in data/formats (data/formats/registry.py)",
    "upgrade": "every migration (the name is Alembic's)",
    "open_marks": "every workbook format (data/tabular/workbook.py)",
}


def importable_modules() -> list[str]:
    folders = {package: [str(ROOT / package)] for package in PACKAGES}
    names = [m.name for package, path in folders.items() for m in pkgutil.walk_packages(path, prefix=f"{package}.")]
    return [name for name in names if not name.startswith(RUN_BY_STREAMLIT)]


def path_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def modules_by_public_name() -> dict[str, list[str]]:
    modules = defaultdict(list)
    for file in MODULES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(path_of(file))
    return modules


def test_imports_follow_the_layers(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    kept = lint_imports(no_cache=True, no_logo=True) == 0
    assert kept, capsys.readouterr().out


@pytest.mark.parametrize("module", importable_modules())
def test_every_module_can_be_imported(module):
    importlib.import_module(module)


def test_a_public_name_has_one_meaning():
    repeated = {name: files for name, files in modules_by_public_name().items() if len(files) > 1}
    unexplained = {name: files for name, files in repeated.items() if name not in SHARED_NAMES}
    assert not unexplained, "Rename all but one, or say in SHARED_NAMES which caller uses them alike."
    assert not SHARED_NAMES.keys() - repeated.keys(), "These are defined once now: remove them from SHARED_NAMES."


@pytest.mark.parametrize("folder", FOLDERS, ids=path_of)
def test_a_folder_holds_three_to_twenty_modules(folder):
    modules = [file for file in folder.glob("*.py") if file.name != "__init__.py"]
    assert path_of(folder) in GROW_BY_DESIGN or 3 <= len(modules) <= 20, f"{len(modules)} modules"


def test_no_module_is_too_long_to_read():
    lines = {path_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}
    assert not {file: count for file, count in lines.items() if count > MAX_LINES}


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if "migrations" not in folder.parts], ids=path_of)
def test_a_package_says_in_one_line_what_belongs_there(folder):
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert len(docstring.splitlines()) == 1
    assert docstring.endswith(".")


def test_tests_mirror_the_source():
    folders = {file.parent.relative_to(ROOT / "tests") for file in (ROOT / "tests").rglob("test_*.py")}
    mirrored = {folder for folder in folders if folder.parts and folder.parts[0] in (*PACKAGES, "benchmarks")}
    assert mirrored
    assert not [folder.as_posix() for folder in mirrored if not (ROOT / folder).is_dir()]


def test_no_test_folder_is_a_package():
    """A tests/data/__init__.py would hide the package `data`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_documentation_holds_no_python():
    assert not list((ROOT / "docs").rglob("*.py"))
