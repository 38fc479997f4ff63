"""What tests of imports share: a key of their own, so that no test makes or needs the clinic's."""

import pytest


@pytest.fixture(autouse=True)
def pseudonym_key(tmp_path, monkeypatch):
    """Every test names clients with a key of its own."""
    file = tmp_path / "pseudonym.key"
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(file))
    return file
