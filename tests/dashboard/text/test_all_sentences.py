"""The sentences as the screens print them: what holds for all of them."""

from pathlib import Path

import pytest

from dashboard import text

FILES = sorted(Path(text.__file__).parent.glob("*_sentences.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_sentence_uses_a_word_kept_for_nobody(file):
    source = file.read_text(encoding="utf-8").lower()
    for word in ("significant", "compliant", "de-identified", "privileged", "detects"):
        assert word not in source
