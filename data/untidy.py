"""What looks wrong in a table before anyone says what its columns mean. Told, with rows; never mended.

For the preview of an import: a person decides. Each finding is a question, not a fault.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from data.numbers import NotANumber, read_number
from data.tables import Table, is_missing

MOSTLY = 0.8  # of the filled cells: the column is of that kind, the others stand out
FEWEST_NUMBERS = 8  # below this nothing can be said about the usual range
MOST_FAR_OUT = 0.1  # more of them are no slips but how the values are spread
FAR_OUT = 3  # quartile distances beyond the quartiles (Tukey 1977, "far out")
# Numbers that people write where there is none; they count when all others are on one side of them.
STAND_INS = frozenset({-9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0})
MOST_CATEGORIES = 50
LIKE_A_SLIP = 0.83  # Jaro-Winkler similarity of words that begin alike ("forhead" 0.94, "heartache" for headache 0.92)
SAME_LENGTH = 0.6  # a slip leaves most letters there

TWO_NUMBERS = re.compile(r"\d+(?:\.\d+)?\s*[/x×]\s*\d+(?:\.\d+)?")
PARTS_OF_A_DATE = frozenset({"day", "month", "year"})


@dataclass(frozen=True)
class Finding:
    """kind: a word for grouping; rows: where, empty for the column as a whole."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]
    message: str


def findings(table: Table) -> tuple[Finding, ...]:
    """What looks wrong, column by column, then across columns."""
    found: list[Finding] = []
    if table.rows:
        for name, cells in zip(table.columns, zip(*table.rows, strict=True), strict=True):
            filled = [(row, cell) for row, cell in zip(table.row_numbers, cells, strict=True) if not is_missing(cell)]
            if filled:
                found += _in_column(name, filled)
    found += _split_dates(table.columns)
    found += _unlike_headers(table.columns)
    return tuple(found)


def _in_column(name: str, filled: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    as_numbers = {cell: _number(cell) for cell in {cell for _, cell in filled}}
    numbers = [(row, number) for row, cell in filled if (number := as_numbers[cell]) is not None]
    if len(numbers) >= MOSTLY * len(filled):
        words = [(row, cell) for row, cell in filled if as_numbers[cell] is None]
        if words:
            shown = ", ".join(sorted({repr(cell) for _, cell in words})[:5])
            yield Finding("words among numbers", (name,), _rows(words), f"{name}: words among numbers: {shown}")
        yield from _stand_ins(name, numbers)
        yield from _far_out(name, numbers)
    elif sum(bool(TWO_NUMBERS.fullmatch(cell)) for _, cell in filled) >= MOSTLY * len(filled):
        yield Finding(
            "two values in one cell", (name,), (), f"{name}: two numbers in each cell, such as {filled[0][1]!r}"
        )
    else:
        yield from _spellings(name, filled)


def _stand_ins(name: str, numbers: Sequence[tuple[int, float]]) -> Iterator[Finding]:
    for stand_in in sorted(STAND_INS & {number for _, number in numbers}):
        others = [number for _, number in numbers if number not in STAND_INS]
        if others and (stand_in < min(0, *others) if stand_in < 0 else stand_in > 2 * max(others)):
            rows = tuple(row for row, number in numbers if number == stand_in)
            message = f"{name}: {stand_in:g} may stand for a missing value"
            yield Finding("number for a missing value", (name,), rows, message)


def _far_out(name: str, numbers: Sequence[tuple[int, float]]) -> Iterator[Finding]:
    usual = [number for _, number in numbers if number not in STAND_INS]
    if len(usual) < FEWEST_NUMBERS:
        return
    lower, _, upper = statistics.quantiles(usual, n=4, method="inclusive")
    reach = FAR_OUT * (upper - lower)
    far = [(row, number) for row, number in numbers
           if number not in STAND_INS and not lower - reach <= number <= upper + reach]  # fmt: skip
    if reach and 0 < len(far) <= MOST_FAR_OUT * len(usual):
        shown = ", ".join(f"{number:g}" for _, number in far[:5])
        message = f"{name}: far from the rest (half lie between {lower:g} and {upper:g}): {shown}"
        yield Finding("far out", (name,), _rows(far), message)


def _spellings(name: str, filled: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    """Values that are probably one: but for capitals and spaces, or a slip of the pen in the rarer of the two."""
    counts = Counter(cell for _, cell in filled)
    if len(counts) > MOST_CATEGORIES or len(counts) == len(filled):
        return
    ranked = [value for value, _ in counts.most_common()]
    for at, rare in enumerate(ranked):
        for usual in ranked[:at]:
            same = _letters(rare) == _letters(usual)
            if same or (2 * counts[rare] <= counts[usual] and _is_a_slip(rare, usual)):
                rows = tuple(row for row, cell in filled if cell == rare)
                yield Finding("spelling", (name,), rows, f"{name}: {rare!r} is perhaps {usual!r}")
                break


def _is_a_slip(rare: str, usual: str) -> bool:
    """Word by word; values that differ by whole words, sides or numbers are different on purpose."""
    if re.search(r"\d", rare + usual):
        return False
    words, others = (re.findall(r"[^\W_]+", text.casefold()) for text in (rare, usual))
    if len(words) != len(others):
        words, others = ["".join(words)], ["".join(others)]
        if min(len(words[0]), len(others[0])) < SAME_LENGTH * max(len(words[0]), len(others[0])):
            return False
    pairs = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    return all(word[0] == other[0] and JaroWinkler.similarity(word, other) >= LIKE_A_SLIP for word, other in pairs)


def _split_dates(columns: Sequence[str]) -> Iterator[Finding]:
    parts: dict[str, dict[str, str]] = {}
    for name in columns:
        words = re.findall(r"[^\W_]+", name.casefold())
        for part in PARTS_OF_A_DATE.intersection(words):
            parts.setdefault(" ".join(word for word in words if word != part), {})[part] = name
    for of, named in parts.items():
        if named.keys() == PARTS_OF_A_DATE:
            names = tuple(named[part] for part in ("year", "month", "day"))
            yield Finding("split date", names, (), f"{', '.join(names)}: one date ({of or 'unnamed'}) in three columns")


def _unlike_headers(columns: Sequence[str]) -> Iterator[Finding]:
    """Headers with spaces or signs where most are written as one_word: perhaps renamed by hand."""
    unlike = tuple(name for name in columns if not re.fullmatch(r"\w+", name))
    if unlike and len(unlike) < len(columns) * (1 - MOSTLY):
        yield Finding("header", unlike, (), f"headers not written like the others: {', '.join(unlike)}")


def _number(cell: str) -> float | None:
    if not cell[-1].isdigit():
        return None
    try:
        return read_number(cell, ".")
    except NotANumber:
        return None


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.casefold()))


def _rows(found: Sequence[tuple[int, object]]) -> tuple[int, ...]:
    return tuple(row for row, _ in found)
