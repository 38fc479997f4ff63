"""Only this user can enter data/private/, whichever part of the program creates it."""

import stat

import pytest

from data.database import engine
from data.mapping import store
from data.mapping.spec import CellRule, MappingSpec, SheetRule
from data.privacy import private_folder


def remember_a_mapping() -> None:
    cells = {"date": CellRule("{d}"), "site": CellRule("x"), "client": CellRule("{c}"), "area": CellRule("forehead")}
    store.save_mapping("s", MappingSpec(source="s", header=("d", "c"), sheets={"treatments": SheetRule(cells)}))


@pytest.fixture
def folder(monkeypatch, tmp_path):
    folder = tmp_path / "private"
    for module in (private_folder, engine):
        monkeypatch.setattr(module, "PRIVATE", folder)
    monkeypatch.setattr(private_folder, "MAPPINGS", folder / "mappings")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return folder


@pytest.mark.parametrize("make", [remember_a_mapping, engine.database_url])
@pytest.mark.parametrize("found", [None, 0o755, 0o777])
def test_whatever_creates_the_private_folder_closes_it_to_others(make, found, folder):
    if found:
        folder.mkdir()
        folder.chmod(found)
    make()
    made = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
