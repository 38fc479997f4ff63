"""The sentences as the screens print them: what holds for all of them."""

from pathlib import Path

import pytest

from dashboard import sentences, wording

FILES = sorted(Path(sentences.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_sentence_uses_a_word_kept_for_nobody(file):
    source = file.read_text(encoding="utf-8").lower()
    for word in ("significant", "compliant", "de-identified", "privileged", "detects"):
        assert word not in source


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_sentence_is_offered_to_the_pages(file):
    """A new one is named in dashboard/sentences/__init__.py too."""
    module = sentences if file.stem == "__init__" else getattr(sentences, file.stem)
    own = {name for name, held in vars(module).items() if getattr(held, "__module__", "") == module.__name__}
    own |= {name for name in vars(module) if name.isupper() and not hasattr(wording, name)}
    assert not {name for name in own if not name.startswith("_") and not hasattr(sentences, name)}
