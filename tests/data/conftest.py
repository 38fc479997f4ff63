"""What tests of imports share: a key and mappings of their own, so that no test makes or needs the clinic's."""

import pytest

from data.privacy import private_folder


@pytest.fixture(autouse=True)
def pseudonym_key(tmp_path, monkeypatch):
    """Every test names clients with a key of its own."""
    file = tmp_path / "pseudonym.key"
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(file))
    return file


@pytest.fixture(autouse=True)
def mappings_folder(tmp_path, monkeypatch):
    """Every test remembers mappings in a folder of its own."""
    folder = tmp_path / "mappings"
    monkeypatch.setattr(private_folder, "MAPPINGS", folder)
    return folder
