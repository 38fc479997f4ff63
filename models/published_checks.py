"""Compare published numbers with ours: every row of models/published/*.csv is computed on each call.

A row names its source, the quantity, the number as printed, the tolerance (half a unit of the last printed digit,
unless the source rounds more) and the call that computes ours. Calls are Python expressions in a small closed language:
the statistics modules, the data sets of models/published/data by file name, numbers, lists and arithmetic.
"""

import ast
import csv
import functools
import importlib
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PUBLISHED_FOLDER = Path(__file__).parent / "published"
STATISTICS = "models.statistics"
MODULES = ("proportion", "detection", "survival", "control_chart", "funnel", "dose_response")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "list": list,
    "max": max,
    "min": min,
    "range": range,
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


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """One published number and ours; None stands for "not reached"."""

    source: str
    what: str
    published: float | None
    ours: float | None
    tolerance: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Dataset:
    """A small published data set; its columns are attributes."""

    columns: dict[str, list[float | str]]

    def __getattr__(self, name: str) -> list[float | str]:
        try:
            return self.columns[name]
        except KeyError:
            raise AttributeError(name) from None

    def only(self, column: str, value: float | str) -> "Dataset":
        """The rows with this value in this column."""
        kept = [k for k, found in enumerate(self.columns[column]) if found == value]
        return Dataset({name: [values[k] for k in kept] for name, values in self.columns.items()})


def check_published_numbers(folder: Path = PUBLISHED_FOLDER) -> tuple[PublishedCheck, ...]:
    """Every published number with ours, in the order of the files and their rows.

    Raises ValueError, naming the file and the row as a spreadsheet counts it, if a row cannot be computed.
    """
    return tuple(row for path in sorted(folder.glob("*.csv")) for row in _check_file(path))


def _check_file(path: Path) -> Iterator[PublishedCheck]:
    with path.open(newline="", encoding="utf-8") as file:
        for number, line in enumerate(csv.DictReader(file), start=2):
            try:
                yield _check_row(line, path.parent / "data")
            except Exception as problem:
                raise ValueError(f"{path.name}, row {number}: {problem}") from problem


def _check_row(line: dict[str, str], data: Path) -> PublishedCheck:
    published = None if line["published"] == NOT_REACHED else float(line["published"])
    tolerance = float(line["tolerance"])
    ours = evaluate(line["call"], data)
    ours = None if ours is None else float(ours)
    if ours is None or published is None:
        agrees = ours is published
    else:
        # Slightly more than the tolerance, because a number rounded at exactly half a unit agrees.
        agrees = abs(ours - published) <= tolerance * (1 + 1e-9)
    return PublishedCheck(line["source"], line["what"], published, ours, tolerance, agrees)


def evaluate(call: str, data: Path = PUBLISHED_FOLDER / "data") -> Any:
    """The value of an expression in the closed language. ValueError on anything outside it."""
    return _evaluate_node(ast.parse(call, mode="eval").body, data)


def _evaluate_node(node: ast.expr, data: Path) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() | None):
            return node.value
        case ast.Name():
            return _resolve_name(node.id, data)
        case ast.List() | ast.Tuple():
            return [_evaluate_node(element, data) for element in node.elts]
        case ast.UnaryOp(op=operation) if type(operation) in OPERATORS:
            return OPERATORS[type(operation)](_evaluate_node(node.operand, data))
        case ast.BinOp(op=operation) if type(operation) in OPERATORS:
            return OPERATORS[type(operation)](_evaluate_node(node.left, data), _evaluate_node(node.right, data))
        case ast.Subscript():
            return _evaluate_node(node.value, data)[_evaluate_node(node.slice, data)]
        case ast.Attribute():
            return _resolve_attribute(_evaluate_node(node.value, data), node.attr)
        case ast.Call() if all(word.arg for word in node.keywords):
            keywords = {word.arg: _evaluate_node(word.value, data) for word in node.keywords if word.arg}
            arguments = [_evaluate_node(argument, data) for argument in node.args]
            return _evaluate_node(node.func, data)(*arguments, **keywords)
    raise ValueError(f"{ast.unparse(node)!r} is not part of the language of these calls")


def _resolve_name(name: str, data: Path) -> Any:
    if name in MODULES:
        return importlib.import_module(f"{STATISTICS}.{name}")
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    path = data / f"{name}.csv"
    if name.isidentifier() and path.is_file():
        return _read_dataset(path)
    raise ValueError(f"{name!r} is neither a statistic nor a data set")


def _resolve_attribute(owner: Any, name: str) -> Any:
    """A function of a statistics module, or a field or method of what one returns; nothing of any other library."""
    value = getattr(owner, name)
    ours = owner if isinstance(owner, ModuleType) else type(owner)
    within = ours.__name__ if isinstance(owner, ModuleType) else ours.__module__
    foreign = isinstance(owner, ModuleType) and not getattr(value, "__module__", "").startswith(STATISTICS)
    if name.startswith("_") or not within.startswith("models.") or foreign:
        raise ValueError(f"{name!r} cannot be reached from here")
    return value


@functools.cache
def _read_dataset(path: Path) -> Dataset:
    with path.open(newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    return Dataset({name: [_parse_number(line[k]) for line in lines] for k, name in enumerate(header)})


def _parse_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
