"""The contracts between the parts (.importlinter), and that every part can be imported."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGES = ("dashboard", "data", "models")
RUN_BY_STREAMLIT = ("dashboard.entrypoint", "dashboard.pages.")  # importing these would draw a page; their own tests do


def modules() -> list[str]:
    folders = {package: [str(ROOT / package)] for package in PACKAGES}
    found = [m.name for package, path in folders.items() for m in pkgutil.walk_packages(path, prefix=f"{package}.")]
    return [name for name in found if not name.startswith(RUN_BY_STREAMLIT)]


def test_imports_run_one_way(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    kept = lint_imports(no_cache=True, no_logo=True) == 0
    assert kept, capsys.readouterr().out


@pytest.mark.parametrize("module", modules())
def test_every_module_can_be_imported(module):
    importlib.import_module(module)


def test_no_test_folder_is_a_package():
    """A tests/data/__init__.py would hide the package `data`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
