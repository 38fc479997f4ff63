"""Any flat table, by a mapping: a small TOML file that says how a line of it fills the sheets of our template.

docs/importing.md describes the format; data/mappings/ has examples.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from data.cells import did_you_mean
from data.date_text import Order
from data.dates import read_dates
from data.incoming import Origin
from data.problem import Problem, Refused
from data.reader import Reading, Request
from data.readers.template import Source, read_sheets
from data.sheet import Sheet
from data.tables import Table, is_missing
from data.template import DEFAULT_ATTRIBUTION_DAYS, SHEETS, SheetKind
from models.codelist import suggest

EXPECTED = "any table, with a mapping that says what its columns mean (--mapping FILE)"

SHIPPED = Path(__file__).parents[1] / "mappings"
SETTINGS = ("source", "attribution_days", "dates", "whole_numbers")
ORDERS = get_args(Order)
Columns = Mapping[str, Sequence[str]]
NO_LIMIT = "no limit"
ANY = "*"  # in `where`: any value

COLUMN = re.compile(r"\{([^{}]+)\}")
LATER = re.compile(r"(.+) \+ (\d+)(?:\.0+)? (day|week)s?")
DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Cell:
    """Where a cell of ours comes from: text with {columns} in it, then the translation of what that gives."""

    text: str
    codes: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None

    @property
    def columns(self) -> list[str]:
        return COLUMN.findall(self.text)


@dataclass(frozen=True)
class Part:
    """One sheet of the template: which lines fill it, and how."""

    kind: SheetKind
    where: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, Cell]

    @property
    def columns(self) -> set[str]:
        return {*self.where, *(column for cell in self.cells.values() for column in cell.columns)}


@dataclass(frozen=True)
class Meaning:
    """A mapping file."""

    source: str
    attribution_days: int | None
    whole_numbers: tuple[str, ...]
    order: Order | None
    parts: tuple[Part, ...]


def recognises(tables: Sequence[Table]) -> float:
    """Never by itself: what the columns of a foreign table mean is said by a person."""
    return 0.0


def read(tables: Sequence[Table], request: Request) -> Reading:
    """The records of every table, by the mapping asked for. Raises Refused where the mapping itself is wrong."""
    if request.mapping is None:
        raise Refused([Problem("mapping", None, None, None, "--mapping FILE", "no mapping was named")])
    meaning = load(request.mapping)
    problems: list[Problem] = []
    sheets = [sheet for table in tables for sheet in _sheets(table, meaning, problems)]
    source = Source(request.source or meaning.source, "mapping", meaning.attribution_days)
    incoming = read_sheets(sheets, source, request, problems)
    notices = tuple(f"{table.file}: {notice}" for table in tables for notice in table.notices)
    return Reading(replace(incoming, notices=(*notices, *incoming.notices)), tuple(problems))


def load(path: Path) -> Meaning:
    """The mapping in a file, or the one that is shipped under this name. Raises Refused with all that is wrong."""
    file = path if path.exists() else SHIPPED / f"{path.name.removesuffix('.toml')}.toml"
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        shipped = ", ".join(sorted(shipped.stem for shipped in SHIPPED.glob("*.toml")))
        raise Refused([_wrong(path, None, "the mapping can't be opened", f"a file, or one of {shipped}")]) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused([_wrong(file, None, f"is no TOML: {error}", 'lines such as site = "main"')]) from error
    if wrong := list(_faults(file, told)):
        raise Refused(wrong)
    kinds = {kind.name: kind for kind in SHEETS}
    parts = [_part(kinds[name], section) for name, section in told.items() if name in kinds]
    days = told.get("attribution_days", DEFAULT_ATTRIBUTION_DAYS)
    days = None if days == NO_LIMIT else days
    return Meaning(told["source"], days, tuple(told.get("whole_numbers", ())), told.get("dates"), tuple(parts))


# The mapping file


def _part(kind: SheetKind, section: dict[str, Any]) -> Part:
    where = {
        column: tuple(map(str, wanted if isinstance(wanted, list) else [wanted]))
        for column, wanted in section.get("where", {}).items()
    }
    cells = {name: _cell(value) for name, value in section.items() if name != "where"}
    return Part(kind, where, cells)


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        return Cell(str(value))
    codes = {cell: str(ours) for cell, ours in value.get("codes", {}).items()}
    return Cell(str(value["from"]), codes, value.get("otherwise"))


def _faults(file: Path, told: dict[str, Any]) -> Iterator[Problem]:
    kinds = {kind.name: kind for kind in SHEETS}
    if not isinstance(told.get("source"), str):
        yield _wrong(file, "source", "the source has no name", 'a line such as source = "our clinic software"')
    if not kinds.keys() & told.keys():
        yield _wrong(file, None, "no sheet is filled", f"a section such as [treatments], of {', '.join(kinds)}")
    days = told.get("attribution_days", 0)
    if days != NO_LIMIT and not (isinstance(days, int) and days >= 0):
        yield _wrong(file, "attribution_days", "is no number of days", 'a number of days or "no limit"')
    if told.get("dates", ORDERS[0]) not in ORDERS:
        yield _wrong(file, "dates", "is not known", " or ".join(f'"{order}"' for order in ORDERS))
    for name, section in told.items():
        if name in SETTINGS:
            continue
        if name not in kinds or not isinstance(section, dict):
            hint = did_you_mean(suggest(name, [*kinds, *SETTINGS]))
            yield _wrong(file, name, f"is not known{hint}", f"{', '.join(SETTINGS)} or a section of {', '.join(kinds)}")
            continue
        for column, value in section.items():
            if column != "where" and column not in kinds[name].names:
                hint = did_you_mean(suggest(column, kinds[name].names))
                message = f"is no column of the {kinds[name].title} sheet{hint}"
                yield _wrong(file, f"{name}.{column}", message, ", ".join(kinds[name].names))
            elif isinstance(value, dict) and column != "where" and not {"from"} <= value.keys() <= {
                "from", "codes", "otherwise"
            }:  # fmt: skip
                expected = '{ from = "{column}", codes = { theirs = "ours" } }, with otherwise = "ours" if need be'
                yield _wrong(file, f"{name}.{column}", "is not written as a translation", expected)


def _wrong(file: Path, column: str | None, message: str, expected: str) -> Problem:
    return Problem(file.name, None, column, None, expected, message)


# A table, by a mapping


def _sheets(table: Table, meaning: Meaning, problems: list[Problem]) -> list[Sheet]:
    used = {*meaning.whole_numbers, *(column for part in meaning.parts for column in part.columns)}
    missing = sorted(used - set(table.columns))
    for column in missing:
        hint = did_you_mean(suggest(column, [name for name in table.columns if name not in used]))
        expected = f"the columns of the mapping: {', '.join(sorted(used))}"
        problems.append(Problem(table.file, None, column, None, expected, f"the column is missing{hint}", table.sheet))
    if missing:
        return []
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
    for name in meaning.whole_numbers:
        columns[name] = tuple(_whole(text) for text in columns[name])
    return [_sheet(table, part, meaning.order, columns, problems) for part in meaning.parts]


def _sheet(table: Table, part: Part, order: Order | None, columns: Columns, problems: list[Problem]) -> Sheet:
    lines = range(len(table.rows))
    for name, wanted in part.where.items():
        lines = [n for n in lines if columns[name][n] in wanted or (ANY in wanted and not is_missing(columns[name][n]))]
    names = {name: cell.columns[0] for name, cell in part.cells.items() if cell.columns}
    origin = Origin(table, names)
    cells, left_out = {}, set()
    for name, cell in part.cells.items():
        given = [[columns[column][n] for n in lines] for column in cell.columns]
        together = list(zip(*given, strict=True)) if given else [()] * len(lines)
        meant = {texts: _filled(cell, texts) for texts in set(together)}
        worked_out = _worked_out(set(meant.values()), order)
        meant = {texts: _translated(cell, worked_out.get(text, text)) for texts, text in meant.items()}
        cells[name] = [meant[texts] for texts in together]
        for n, text in zip(lines, cells[name], strict=True):
            if text is None:
                expected = f"one of {', '.join(cell.codes)}, as the mapping translates them"
                problems.append(origin.place(n).problem(name, "has no translation in the mapping", expected))
                left_out.add(n)
    if left_out:
        cells = {
            name: [text for n, text in zip(lines, texts, strict=True) if n not in left_out]
            for name, texts in cells.items()
        }
        lines = [n for n in lines if n not in left_out]
    return Sheet(part.kind, origin, cells, lines, order, bool(left_out))


def _filled(cell: Cell, texts: Sequence[str]) -> str:
    """The text with its columns filled in; empty where one of them is."""
    if any(map(is_missing, texts)):
        return ""
    values = iter(texts)
    return COLUMN.sub(lambda _: next(values), cell.text)


def _worked_out(texts: Iterable[str], order: Order | None) -> dict[str, str]:
    """Texts such as "2025-03-03 + 2 weeks" -> the day. One whose first day can't be read stays, to be told as wrong."""
    later = {text: parts for text in texts if (parts := LATER.fullmatch(text))}
    days = list(dict.fromkeys(parts[1] for parts in later.values()))
    read = dict(zip(days, read_dates(days, range(len(days)), order).dates, strict=True))
    return {
        text: str(day.first + timedelta(days=int(parts[2]) * DAYS[parts[3]]))
        for text, parts in later.items()
        if (day := read[parts[1]]) and day.first == day.last
    }


def _translated(cell: Cell, text: str) -> str | None:
    """Our word for the text; None where the mapping has none."""
    if not cell.codes or not text:
        return text
    return cell.codes.get(text, cell.otherwise)


def _whole(text: str) -> str:
    return text.removesuffix(".0")
