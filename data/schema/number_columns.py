"""Columns of numbers: the column proves whether point or comma is the decimal mark ("1,234")."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.schema.column_types import CellError, ColumnType, DecimalMark, ParsedColumn

EXPECTED = "a number such as 1000 or 12.5"
MARK_NAMES: dict[DecimalMark | None, str] = {".": "a point", ",": "a comma"}
OTHER_MARK: dict[str, DecimalMark] = {".": ",", ",": "."}

SPACE_GROUPS = re.compile(r"([+-]?\d{1,3})((?:[ '’]\d{3})+)([.,]\d+)?")
PLAIN = re.compile(r"[+-]?\d+")
GROUPS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
GROUPS_AND_DECIMALS = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?!\1)([.,])\d+")
ONE_MARK = re.compile(r"([+-]?)(\d*)([.,])(\d*)")
WITH_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d{1,3}")


class Number(ColumnType):
    """A number."""

    def parse_column(self, rows: Mapping[str, int], *, decimal: DecimalMark | None = None, **_: Any) -> ParsedColumn:
        readings: dict[str, dict[DecimalMark | None, float]] = {}
        reasons: dict[str, str] = {}
        for text in rows:
            try:
                readings[text] = _parse_number(text)
            except ValueError as error:
                reasons[text] = str(error)
        proven = {mark for by_mark in readings.values() for mark in by_mark if mark and len(by_mark) == 1}
        decimal = decimal or (next(iter(proven)) if len(proven) == 1 else None)
        numbers = {}
        for text, by_mark in readings.items():
            if len(by_mark) == 1 and (decimal is None or None in by_mark):
                (numbers[text],) = by_mark.values()
            elif decimal in by_mark:
                numbers[text] = by_mark[decimal]
            elif decimal:
                (mark,) = by_mark
                reasons[text] = f"has {MARK_NAMES[mark]} as its decimal mark where {MARK_NAMES[decimal]} was expected"
            elif proven:
                reasons[text] = f"may be {by_mark['.']:.12g} or {by_mark[',']:.12g}; the column has both marks"
            else:
                reasons[text] = "may be decimals or thousands: no cell of the column proves which"
        parsed = self.check_cells(numbers)
        parsed.errors |= {text: CellError(reason, EXPECTED) for text, reason in reasons.items()}
        return parsed


class DoseUnits(Number):
    """A number of units, 0 or more."""

    def check(self, cell: float) -> float:
        if cell < 0:
            raise CellError("is below zero", "units of 0 or more")
        return cell


@dataclass(frozen=True)
class Integer(Number):
    """A whole number from `lowest` to `highest`."""

    lowest: int
    highest: int

    def check(self, cell: float) -> int:
        if not cell.is_integer() or not self.lowest <= cell <= self.highest:
            raise CellError("is out of range", f"a whole number from {self.lowest} to {self.highest}")
        return int(cell)


def _parse_number(text: str) -> dict[DecimalMark | None, float]:
    """The number under each decimal mark that the text allows, or under None if it shows no mark. Raises ValueError."""
    text = text.strip().replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    digits: dict[DecimalMark | None, str]
    if match := SPACE_GROUPS.fullmatch(text):
        whole, groups, decimals = match.groups(default="")
        digits = {decimals[:1] or None: whole + re.sub(r"\D", "", groups) + decimals}
    elif PLAIN.fullmatch(text) or WITH_EXPONENT.fullmatch(text):
        digits = {None: text}
    elif match := GROUPS.fullmatch(text):
        digits = {OTHER_MARK[match[1]]: text.replace(match[1], "")}
    elif match := GROUPS_AND_DECIMALS.fullmatch(text):
        digits = {match[2]: text.replace(match[1], "")}
    elif (match := ONE_MARK.fullmatch(text)) and (match[2] or match[4]):
        sign, whole, mark, rest = match.groups()
        digits = {mark: f"{sign}{whole or 0}.{rest or 0}"}
        if len(rest) == 3 and len(whole) in (1, 2, 3) and whole[0] != "0":
            digits[OTHER_MARK[mark]] = sign + whole + rest
    else:
        raise ValueError(_explain_bad_number(text))
    numbers = {mark: float(number.replace(",", ".")) for mark, number in digits.items()}
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("is too large")
    return numbers


def _explain_bad_number(text: str) -> str:
    if text.endswith("%"):
        return "is a percentage"
    if re.match(r"[<>≤≥~≈]", text):
        return "is a bound and not one number"
    if re.fullmatch(r"[\d.,]+ ?(?:-|–|/|to) ?[\d.,]+", text):
        return "is two numbers"
    if match := re.fullmatch(r"([+-]?[\d.,]+) ?([^\d\s].{0,20})", text):
        return f"is a number followed by {match[2]!r}; write the number alone"
    return "is not a number"
