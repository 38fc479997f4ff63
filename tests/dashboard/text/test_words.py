"""What reaches the screen is plain American English: no word of banned_words.toml, outside its allowed contexts."""

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BANNED_WORDS = Path(__file__).with_name("banned_words.toml")
SOURCES = ("dashboard", "data", "models/measures")
CODELIST_TEXTS = ("label", "plain", "definition")


@cache
def stored_values() -> frozenset[str]:
    return frozenset(tomllib.loads(BANNED_WORDS.read_text(encoding="utf-8"))["stored_values"])


@cache
def banned_words() -> dict[re.Pattern, dict]:
    words = tomllib.loads(BANNED_WORDS.read_text(encoding="utf-8"))
    del words["stored_values"]
    return {re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE): entry for pattern, entry in words.items()}


def texts_of_module(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string literal, with {} for what is inserted; docstrings and names are left out."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skipped.update(node.values)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text or text[:1].isupper():  # anything else is a code, a key or a name
            yield node.lineno, text


def texts_of_codelist(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            yield from ((number, row[column]) for column in CODELIST_TEXTS if row.get(column))


def banned_in(text: str) -> list[str]:
    found = []
    for pattern, entry in banned_words().items():
        rest = text
        for phrase in entry.get("allowed", ()):
            rest = rest.replace(phrase, "")
        found += [f"{match[0]!r}: say {entry['say']}" for match in pattern.finditer(rest)]
    return [] if text in stored_values() else found


def all_texts() -> Iterator[tuple[str, str]]:
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield from ((f"{file.relative_to(ROOT)}:{line}", text) for line, text in texts_of_module(file))
    for file in sorted((ROOT / "models" / "codelists").glob("*.csv")):
        yield from ((f"{file.relative_to(ROOT)}:{line}", text) for line, text in texts_of_codelist(file))


def test_no_screen_or_message_uses_a_banned_word():
    found = [f"{place}: {problem}: {text}" for place, text in all_texts() for problem in banned_in(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["Grade not told", "41.1 %", "Colour by", "Outcome known", "The sample is made up"])
def test_the_old_style_is_found(text):
    assert banned_in(text)


@pytest.mark.parametrize("text", ["Grade not recorded", "41.1% (33.5-49.0)", "Followed up", "Reported by the client"])
def test_plain_english_passes(text):
    assert not banned_in(text)
