"""Lines that can be stored, apart from those that can't and all that stands or falls with them.

The areas of a visit stand or fall together, the notes and remedies of a side effect, and what was told at a contact:
half a visit would be stored as a whole one. What refers to a refused visit is refused with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.files import Table, is_missing
from data.formats.registry import Reading
from data.importing.contact_groups import ContactLines
from data.importing.row_references import Line, line_of, lines_of, told_in
from data.problems import Problem, Refused
from data.records.lookups import Clients
from data.records.neutral_records import Incoming, SheetRead, Treatment
from data.records.serialization import cell
from data.schema.column_types import Hints, Number, Span
from data.schema.template import REMEDIES, SIDE_EFFECTS, TREATMENTS
from data.tabular.formulas import unescape_formula

OF_A_VISIT, OF_AN_EFFECT = (TREATMENTS,), (SIDE_EFFECTS, REMEDIES)


@dataclass(frozen=True)
class Apart:
    """`reading`: what is left without the refused lines, without a problem. `why`: for each of those, what is wrong.

    `tables`: as they were read, with dates and numbers written so that they can be read without the other lines.
    """

    reading: Reading
    why: Mapping[Line, str]
    problems: tuple[Problem, ...]
    tables: tuple[Table, ...]
    sheets: tuple[SheetRead, ...]


def apart(
    tables: Sequence[Table],
    read: Callable[[Sequence[Table]], Reading],
    broken: Callable[[Incoming], Sequence[Problem]],
    clients: Clients,
) -> Apart:
    """Reads the tables without the lines that have problems, as often as it takes until none is left.

    `broken`: the rules that records must meet; `clients`: those whom lines may name. Raises Refused where a problem is
    not one of single lines.
    """
    reading = first = read(tables)
    problems = told = [*reading.problems, *broken(reading.incoming)]
    plain = tuple(_plain(table, first.incoming.sheets) for table in tables)
    left, as_read, why = plain, tables, {}
    while problems:
        plain_of = {id(table): meant for table, meant in zip(as_read, left, strict=True)}
        new = _refused(left, reading.incoming, problems, plain_of, clients)
        if not new or not first.incoming.sheets:
            raise Refused(told)
        why |= new
        left = as_read = tuple(_without(table, why) for table in plain)
        reading = read(left)
        problems = [*reading.problems, *broken(reading.incoming)]
        told = [*told, *problems]
    read_by_now, refused = first.incoming.rows, first.incoming.rows - reading.incoming.rows
    incoming = replace(reading.incoming, rows=read_by_now, rows_refused=refused, notices=first.incoming.notices)
    return Apart(replace(reading, incoming=incoming), why, tuple(told), plain, first.incoming.sheets)


def _without(table: Table, refused: Mapping[Line, str]) -> Table:
    if not refused:
        return table
    kept = [n for n, line in enumerate(lines_of(table)) if line not in refused]
    return replace(
        table,
        rows=tuple(table.rows[n] for n in kept),
        row_numbers=tuple(table.row_numbers[n] for n in kept),
        faults=tuple(f for f in table.faults if (table.file, table.sheet, f.row) not in refused),
    )


def _refused(
    tables: Sequence[Table], incoming: Incoming, problems: Sequence[Problem], plain_of: Mapping[int, Table],
    clients: Clients,
) -> dict[Line, str]:  # fmt: skip
    """The lines with problems, and those that go with them. Empty where a problem is not one of a line."""
    there = {line for table in tables for line in lines_of(table)}
    context = {(s.origin.table.file, s.origin.table.sheet) for s in incoming.sheets if not s.of_records}
    why: dict[Line, list[str]] = defaultdict(list)
    for problem in problems:
        line = problem.file, problem.sheet, problem.row
        if line not in there or line[:2] in context:
            return {}
        why[line].append(_said(problem))
    companions = _Companions(incoming, problems, plain_of, clients)
    waiting = list(why)
    while waiting:
        line = waiting.pop()
        for other in companions.of(line):
            if other not in why:
                where = "" if other[:2] == line[:2] else f" of {line[1] or line[0]}"
                why[other].append(f"goes with row {line[2]}{where}")
                waiting.append(other)
    return {line: "; ".join(reasons) for line, reasons in why.items()}


def _said(problem: Problem) -> str:
    """The problem without the file and row that it stands beside."""
    return str(replace(problem, file="", sheet=None, row=None)).lstrip(", :").rstrip(".")


class _Companions:
    """Which lines stand or fall with a line: by the records they make, and by what their cells say where they make
    none."""

    def __init__(
        self, incoming: Incoming, problems: Sequence[Problem], plain_of: Mapping[int, Table], clients: Clients
    ):
        self.by_line: dict[Line, list[int]] = defaultdict(list)
        self.records = [*incoming.treatments, *incoming.follow_ups, *incoming.side_effects]
        self.dependents: dict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            for place in record.lines():
                self.by_line[line_of(place)].append(number)
            named = record.touch_up_of if isinstance(record, Treatment) else record.treatment
            if named:
                self.dependents[named].append(number)
        self.families: dict[tuple, list[Line]] = defaultdict(list)
        self.of_line: dict[Line, list[tuple]] = defaultdict(list)
        wrong = defaultdict(set)
        for problem in problems:
            wrong[problem.file, problem.sheet, problem.row].add(problem.column)
        for sheet in incoming.sheets:
            for line, family in _families(sheet, plain_of[id(sheet.origin.table)], wrong):
                self.families[family].append(line)
                self.of_line[line].append(family)
        self.contacts = ContactLines(incoming, plain_of, wrong, clients)
        self.visits = [family for family in self.families if family[0] == "day"]

    def of(self, line: Line) -> Iterator[Line]:
        yield from self.contacts.of(line)
        for number in self.by_line.get(line, ()):
            yield from self._record(number)
        for family in self.of_line.get(line, ()):
            for alike in self._alike(family):
                yield from self.families[alike]
            if family[0] == "visit":
                yield from self._dependents(family[1])

    def _record(self, number: int) -> Iterator[Line]:
        record = self.records[number]
        yield from map(line_of, record.lines())
        if isinstance(record, Treatment):
            yield from self._dependents(record.source_id)

    def _dependents(self, treatment: str) -> Iterator[Line]:
        for number in self.dependents.get(treatment, ()):
            yield from map(line_of, self.records[number].lines())

    def _alike(self, family: tuple) -> Iterable[tuple]:
        """A visit without a number is a client's on a day; a line that tells only one of them may be of any such."""
        if family[0] != "day" or None not in family:
            return [family]
        _, client, day = family
        return [f for f in self.visits if client in (None, f[1]) and day in (None, f[2])]


def _families(sheet: SheetRead, table: Table, wrong: Mapping[Line, set]) -> Iterator[tuple[Line, tuple]]:
    """Each line with the visit or side effect that its cells name. None: the cell is empty or can't be read."""
    names, cell_of = sheet.origin.names, told_in(sheet, table)

    def told(name: str, row: tuple[str, ...], line: Line) -> str | None:
        return cell_of(name, row) if names.get(name) not in wrong.get(line, ()) else None

    for line, row in zip(lines_of(table), table.rows, strict=True):
        if sheet.kind in OF_AN_EFFECT and "effect_id" in names:
            yield line, ("effect", cell_of("effect_id", row))
        elif sheet.kind in OF_A_VISIT:
            if visit := cell_of("treatment_id", row):
                yield line, ("visit", visit)
            else:
                client = told("client", row, line) or told("client_key", row, line)
                yield line, ("day", client, told("date", row, line))


# Cells that other cells of their column prove


def _plain(table: Table, sheets: Sequence[SheetRead]) -> Table:
    """The table with the days and numbers that could be read written so that they mean the same on their own."""
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True)) if table.rows else {}
    for sheet in sheets:
        if sheet.origin.table is not table:
            continue
        kinds = {column.name: column.kind for column in sheet.kind.columns}
        for name, column in sheet.origin.names.items():
            if isinstance(kinds.get(name), Span | Number) and column in columns:
                columns[column] = _written(kinds[name], columns[column], sheet)
    return replace(table, rows=tuple(zip(*columns.values(), strict=True))) if columns else table


def _written(kind: Span | Number, texts: Sequence[str], sheet: SheetRead) -> Sequence[str]:
    table = sheet.origin.table
    given = {text: unescape_formula(text) for text in set(texts) if not is_missing(text)}
    rows = dict(zip(reversed(texts), reversed(table.row_numbers), strict=True))
    met_on = {plain: rows[text] for text, plain in given.items()}
    found = kind.cells(met_on, Hints(sheet.order, table.epoch, table.sheet is not None)).values
    meant = {text: _alone(found[plain]) or text for text, plain in given.items() if plain in found}
    return [meant.get(text, text) for text in texts]


def _alone(value: Any) -> str | None:
    """The value as our own files have it; None for a month or a year, which can be read alone."""
    if isinstance(value, tuple):
        return str(value[0]) if value[0] == value[1] else None
    return cell(value)
