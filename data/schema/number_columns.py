"""Text to numbers: whether point or comma marks the decimals is proven by the column, or asked ("1,234")."""

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


class NotANumberError(ValueError):  # noqa: N818 (it reads as a sentence: raises NotANumber)
    """The message says what was found and expected."""


class AmbiguousNumberError(NotANumberError):
    """The text is one number with the point, another with the comma as decimal mark; `readings` says which."""

    def __init__(self, with_point: float, with_comma: float):
        self.readings = f"may be {with_point:.12g} or {with_comma:.12g}"
        super().__init__(f"{self.readings}; {EXPECTED}")


@dataclass(frozen=True)
class ParsedNumbers:
    """numbers: one for each value, None where it is missing, wrong or undecided; evidence: the row that proves the
    decimal mark; question: what to ask a person, when rows are undecided."""

    numbers: tuple[float | None, ...]
    decimal: DecimalMark | None
    evidence: int | None
    question: str | None
    undecided: tuple[int, ...]
    problems: tuple[ValueProblem, ...]


def read_number(text: str, decimal: DecimalMark | None = None) -> float:
    """The number; `decimal`: the mark where it is known. Raises NotANumber; Ambiguous where the mark must tell."""
    number, mark = _parse_number(text)
    if mark and decimal and mark != decimal:
        raise NotANumberError(f"has {_mark_name(mark)} as decimal mark where {_mark_name(decimal)} was expected")
    if isinstance(number, float):
        return number
    if decimal is None:
        raise AmbiguousNumberError(number["."], number[","])
    return number[decimal]


def read_numbers(
    values: Sequence[str], row_numbers: Sequence[int], decimal: DecimalMark | None = None
) -> ParsedNumbers:
    """Reads one column. `decimal`: what a person, another column or the file's kind says (workbooks: ".")."""
    proof: dict[DecimalMark, int] = {}
    for row, value in zip(row_numbers, values, strict=True):
        try:
            mark = None if is_missing(value) else _parse_number(value)[1]
        except NotANumberError:
            continue
        if mark:
            proof.setdefault(mark, row)
    proven = next(iter(proof)) if len(proof) == 1 else None
    numbers, undecided, problems, question = [], [], [], None
    for row, value in zip(row_numbers, values, strict=True):
        number = None
        try:
            number = None if is_missing(value) else read_number(value, decimal or proven)
        except AmbiguousNumberError as error:
            if len(proof) == 2:
                problems.append(ValueProblem(row, value, f"{error}; the column has both marks"))
            else:
                undecided.append(row)
                question = (
                    question or f"{value} (row {row}) {error.readings}: is the point or the comma the decimal mark?"
                )
        except NotANumberError as error:
            problems.append(ValueProblem(row, value, str(error)))
        numbers.append(number)
    return ParsedNumbers(
        numbers=tuple(numbers),
        decimal=decimal or proven,
        evidence=proof.get(decimal or proven),
        question=question,
        undecided=tuple(undecided),
        problems=tuple(problems),
    )


def _parse_number(text: str) -> tuple[float | dict[DecimalMark, float], DecimalMark | None]:
    """The number, or the number under each mark; and the decimal mark that the text proves. Raises NotANumber."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    if told := SPACE_GROUPS.fullmatch(text):
        text = told[1] + re.sub(r"\D", "", told[2]) + (told[3] or "")
        return _require_finite(text.replace(",", ".")), told[3][0] if told[3] else None
    if PLAIN.fullmatch(text):
        return _require_finite(text), None
    if told := GROUPS.fullmatch(text):
        return _require_finite(text.replace(told[1], "")), "," if told[1] == "." else "."
    if told := GROUPS_AND_DECIMALS.fullmatch(text):
        return _require_finite(text.replace(told[1], "").replace(told[2], ".")), told[2]
    if WITH_EXPONENT.fullmatch(text):
        return _require_finite(text.replace(",", ".")), None
    told = ONE_MARK.fullmatch(text)
    if not told or not (told[2] or told[4]):
        raise NotANumberError(_explain_bad_number(text))
    sign, whole, mark, rest = told.groups()
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
        return f"is not one number but a bound; {EXPECTED}"
    if re.fullmatch(r"[\d.,]+ ?(?:-|–|/|to) ?[\d.,]+", text):
        return f"is two numbers; {EXPECTED}"
    if told := re.fullmatch(r"([+-]?[\d.,]+) ?([^\d\s].{0,20})", text):
        return f"is a number with {told[2]!r} behind it; write the number alone; {EXPECTED}"
    return EXPECTED


def _mark_name(mark: DecimalMark) -> str:
    return "a point" if mark == "." else "a comma"
