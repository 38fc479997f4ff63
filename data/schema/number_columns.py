"""Text to numbers, one column at a time: the column proves whether point or comma is the decimal mark ("1,234")."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from data.files import ValueProblem, is_missing

DecimalMark = Literal[".", ","]

EXPECTED = "expected a number such as 20 or 2.5"

SPACE_GROUPS = re.compile(r"([+-]?\d{1,3})((?:[ '’]\d{3})+)([.,]\d+)?")
PLAIN = re.compile(r"[+-]?\d+")
GROUPS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
GROUPS_AND_DECIMALS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?!\1)([.,])\d+")
ONE_MARK = re.compile(r"([+-]?)(\d*)([.,])(\d*)")
WITH_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d{1,3}")


class NotANumberError(ValueError):
    """The message says what was found and what was expected."""


@dataclass(frozen=True)
class ParsedNumbers:
    """numbers: one for each value, None if it is missing, wrong or ambiguous; ambiguous values have no problem."""

    numbers: tuple[float | None, ...]
    problems: tuple[ValueProblem, ...]


def read_numbers(
    values: Sequence[str], row_numbers: Sequence[int], decimal: DecimalMark | None = None
) -> ParsedNumbers:
    """Reads one column. `decimal`: the mark, if the kind of file implies it (workbooks: ".")."""
    readings, problems = [], []
    for row, value in zip(row_numbers, values, strict=True):
        try:
            readings.append((None, None) if is_missing(value) else _parse_number(value))
        except NotANumberError as error:
            problems.append(ValueProblem(row, value, str(error)))
            readings.append((None, None))
    proven = {mark for _, mark in readings if mark}
    decimal = decimal or (next(iter(proven)) if len(proven) == 1 else None)
    numbers = []
    for row, value, (number, mark) in zip(row_numbers, values, readings, strict=True):
        if mark and decimal and mark != decimal:
            message = f"has {_mark_name(mark)} as its decimal mark where {_mark_name(decimal)} was expected"
            problems.append(ValueProblem(row, value, message))
            number = None
        elif isinstance(number, dict):
            if decimal is None and len(proven) == 2:
                message = f"may be {number['.']:.12g} or {number[',']:.12g}; the column has both marks"
                problems.append(ValueProblem(row, value, message))
            number = number.get(decimal)
        numbers.append(number)
    return ParsedNumbers(tuple(numbers), tuple(sorted(problems, key=lambda problem: problem.row)))


def _parse_number(text: str) -> tuple[float | dict[DecimalMark, float], DecimalMark | None]:
    """The number, or the number under each mark; and the decimal mark that the text proves. Raises NotANumberError."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    if match := SPACE_GROUPS.fullmatch(text):
        text = match[1] + re.sub(r"\D", "", match[2]) + (match[3] or "")
        return _require_finite(text.replace(",", ".")), match[3][0] if match[3] else None
    if PLAIN.fullmatch(text):
        return _require_finite(text), None
    if match := GROUPS.fullmatch(text):
        return _require_finite(text.replace(match[1], "")), "," if match[1] == "." else "."
    if match := GROUPS_AND_DECIMALS.fullmatch(text):
        return _require_finite(text.replace(match[1], "").replace(match[2], ".")), match[2]
    if WITH_EXPONENT.fullmatch(text):
        return _require_finite(text.replace(",", ".")), None
    match = ONE_MARK.fullmatch(text)
    if not match or not (match[2] or match[4]):
        raise NotANumberError(_explain_bad_number(text))
    sign, whole, mark, rest = match.groups()
    as_decimal = _require_finite(f"{sign}{whole or 0}.{rest or 0}")
    if len(rest) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return as_decimal, mark
    return {mark: as_decimal, "," if mark == "." else ".": _require_finite(sign + whole + rest)}, None


def _require_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotANumberError(f"is too large; {EXPECTED}")
    return number


def _explain_bad_number(text: str) -> str:
    if text.endswith("%"):
        return f"is a percentage; {EXPECTED}"
    if re.match(r"[<>≤≥~≈]", text):
        return f"is a bound and not one number; {EXPECTED}"
    if re.fullmatch(r"[\d.,]+ ?(?:-|–|/|to) ?[\d.,]+", text):
        return f"is two numbers; {EXPECTED}"
    if match := re.fullmatch(r"([+-]?[\d.,]+) ?([^\d\s].{0,20})", text):
        return f"is a number followed by {match[2]!r}; write the number alone; {EXPECTED}"
    return EXPECTED


def _mark_name(mark: DecimalMark) -> str:
    return "a point" if mark == "." else "a comma"
