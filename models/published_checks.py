"""Compare published numbers with ours: every row of models/published/*.csv is computed on each call.

A row names its source, the path of the file that prints it (package, version, file; empty: not opened again, as cited),
the quantity, the number as printed and the call that computes ours. The tolerance is half a unit of the last printed
digit; another one is given with a reason if it is wider. own_checks.csv holds the numbers that this project computed
itself, once, by other means: they are counted apart. Calls are Python expressions in a small closed language:
the statistics modules, the data sets of models/published/data by file name, numbers, lists and arithmetic.
"""

import ast
import csv
import functools
import importlib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pandas

PUBLISHED_FOLDER = Path(__file__).parent / "published"
STATISTICS = "models.statistics"
MODULES = ("proportion", "detection", "survival", "control_chart", "funnel", "dose_response")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "only": lambda dataset, column, value: dataset[dataset[column] == value],
    "sum": sum,
}
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
NOT_REACHED = "not reached"
OWN_CHECKS = "own_checks"  # the file of numbers that nobody else printed
Origin = Literal["opened", "cited", "own"]


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """One published number and ours; None stands for "not reached".

    `origin`: others printed it, in a file that was opened (`path`) or as cited; or it is a check of our own.
    `reason`: why the tolerance is wider than half a unit of the last printed digit.
    """

    source: str
    path: str
    origin: Origin
    what: str
    published: float | None
    ours: float | None
    tolerance: float
    reason: str
    agrees: bool


def check_published_numbers(folder: Path = PUBLISHED_FOLDER) -> tuple[PublishedCheck, ...]:
    """Every published number with ours, in the order of the files and their rows.

    Raises ValueError, naming the file and the row as a spreadsheet counts it, if a row cannot be computed.
    """
    checks = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                try:
                    checks.append(_check_row(row, path.stem == OWN_CHECKS, folder / "data"))
                except Exception as problem:
                    raise ValueError(f"{path.name}, row {number}: {problem}") from problem
    return tuple(checks)


def half_last_digit(printed: str) -> float:
    """Half a unit of the last printed digit: 0.0005 of "0.731"; 0 of "not reached"."""
    return 0.0 if printed == NOT_REACHED else float(Decimal(5).scaleb(int(Decimal(printed).as_tuple().exponent) - 1))


def _check_row(row: dict[str, str], is_own: bool, data: Path) -> PublishedCheck:
    half = half_last_digit(row["published"])
    ours, tolerance = evaluate(row["call"], data), float(row["tolerance"] or half)
    if tolerance > half * (1 + 1e-9) and not row["reason"]:
        raise ValueError(f"a tolerance above {half:g}, half the last printed digit, needs a reason")
    if row["published"] == NOT_REACHED or ours is None:
        published = None if row["published"] == NOT_REACHED else float(row["published"])
        agrees = ours is published
    else:
        published, ours = float(row["published"]), float(ours)
        # Slightly more than the tolerance, because a number rounded at exactly half a unit agrees.
        agrees = abs(ours - published) <= tolerance * (1 + 1e-9)
    return PublishedCheck(
        source=row["source"],
        path=row["path"],
        origin="own" if is_own else "opened" if row["path"] else "cited",
        what=row["what"],
        published=published,
        ours=ours,
        tolerance=tolerance,
        reason=row["reason"],
        agrees=agrees,
    )


def evaluate(call: str | ast.expr, data: Path = PUBLISHED_FOLDER / "data") -> Any:
    """The value of an expression in the closed language. ValueError on anything outside it."""
    node = ast.parse(call, mode="eval").body if isinstance(call, str) else call
    match node:
        case ast.Constant(value=int() | float() | str() | None):
            return node.value
        case ast.Name(id=name) if name in MODULES:
            return importlib.import_module(f"{STATISTICS}.{name}")
        case ast.Name(id=name) if name in FUNCTIONS:
            return FUNCTIONS[name]
        case ast.Name(id=name):
            return _read_dataset(data / f"{name}.csv")
        case ast.List() | ast.Tuple():
            return [evaluate(element, data) for element in node.elts]
        case ast.UnaryOp(op=operation) if type(operation) in OPERATORS:
            return OPERATORS[type(operation)](evaluate(node.operand, data))
        case ast.BinOp(op=operation) if type(operation) in OPERATORS:
            return OPERATORS[type(operation)](evaluate(node.left, data), evaluate(node.right, data))
        case ast.Subscript():
            return evaluate(node.value, data)[evaluate(node.slice, data)]
        case ast.Attribute():
            return _resolve_attribute(evaluate(node.value, data), node.attr)
        case ast.Call() if all(word.arg for word in node.keywords):
            keywords = {word.arg: evaluate(word.value, data) for word in node.keywords if word.arg}
            return evaluate(node.func, data)(*(evaluate(argument, data) for argument in node.args), **keywords)
    raise ValueError(f"{ast.unparse(node)!r} is not part of the language of these calls")


def _resolve_attribute(owner: Any, name: str) -> Any:
    """A column of a data set, a function of a statistics module, or a field or method of what one returns."""
    if isinstance(owner, pandas.DataFrame) and name in owner:
        return owner[name].tolist()
    if not name.startswith("_"):
        value = getattr(owner, name)
        defined_in = getattr(value, "__module__", "") if isinstance(owner, ModuleType) else type(owner).__module__
        if defined_in.startswith(STATISTICS):
            return value
    raise ValueError(f"{name!r} cannot be reached from here")


@functools.cache
def _read_dataset(path: Path) -> pandas.DataFrame:
    if not path.is_file():
        raise ValueError(f"{path.stem!r} is neither a statistic nor a data set")
    return pandas.read_csv(path, keep_default_na=False)
