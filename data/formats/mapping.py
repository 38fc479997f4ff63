"""Any flat table, by a mapping: a small TOML file that says how a line of it fills the sheets of our template."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from data.files import Table, is_missing
from data.formats.registry import ReadContext, ReadResult
from data.formats.template import SourceInfo, read_sheets
from data.mapping.service_names import UNCONFIRMED
from data.mapping.spec import (
    ANY,
    COLUMN,
    ID_FIELDS,
    SERVICE,
    TICKED_CODE,
    CellRule,
    MappingSpec,
    ServiceRule,
    SheetRule,
)
from data.mapping.store import conflicting_mappings, find_mapping_for, load_mapping
from data.problems import ImportRefusedError, Problem
from data.schema.column_types import PartialDate, suggestion_suffix
from data.schema.date_columns import read_dates
from data.schema.date_parser import DateOrder
from data.schema.provenance import TableRef
from data.schema.sheet_reader import Sheet
from models.codelist import suggest_code

EXPECTED = "any table, with a mapping that says what its columns mean (--mapping FILE)"

DATE_PLUS_OFFSET = re.compile(r"(.+) \+ (\d+)(?:\.0+)? (day|week)s?")
DAYS = {"day": 1, "week": 7}
CONFLICTING_CLIENT_COLUMN = (
    'the mapping "{}" of the same source tells clients by "{}" and this one by "{}": bring in one of the two, or one '
    "client would stand there as two"
)
# A tick box, as REDCap writes it raw and with labels.
TICKS = {"1": True, "checked": True, "0": False, "unchecked": False, "": False}

ColumnValues = Mapping[str, Sequence[str]]


def recognizes(tables: Sequence[Table]) -> float:
    """How much of the header is that of a mapping which a person confirmed. Any other foreign table: 0."""
    return max((find_mapping_for(table.columns)[1] for table in tables), default=0.0)


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The records of every table, by the mapping asked for or remembered. Raises Refused where that itself is wrong."""
    meaning = load_mapping(context.mapping or _find_saved_mapping(tables))
    work = _MappingReader(meaning, context, context.source or meaning.source)
    sheets = [sheet for table in tables for sheet in work.sheets(table, alone=len(tables) == 1)]
    source = SourceInfo(work.source, "mapping", meaning.attribution_days, meaning.unplaced)
    incoming = read_sheets(sheets, source, context, work.problems)
    notices = (
        *(f"{table.file}: {notice}" for table in tables for notice in table.notices),
        *work.notices,
        *(CONFLICTING_CLIENT_COLUMN.format(*other) for other in conflicting_mappings(meaning)),
    )
    incoming = replace(incoming, notices=(*notices, *incoming.notices), needed_columns=frozenset(meaning.columns))
    return ReadResult(incoming, tuple(work.problems))


def _find_saved_mapping(tables: Sequence[Table]):
    file = next((file for table in tables if (file := find_mapping_for(table.columns)[0])), None)
    if file is None:
        raise ImportRefusedError([Problem("mapping", None, None, None, "--mapping FILE", "no mapping was named")])
    return file


@dataclass
class _MappingReader:
    """Tables to sheets; gathers what is wrong, and what is left out."""

    spec: MappingSpec
    request: ReadContext
    source: str
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def sheets(self, table: Table, alone: bool) -> list[Sheet]:
        used = self.spec.columns
        missing = sorted(used - set(table.columns))
        if missing and not alone and table.sheet is not None and used.isdisjoint(table.columns):
            self.notices.append(
                f'{table.file}: the sheet "{table.sheet}" has no column of the mapping and was not read'
            )
            return []
        for column in missing:
            hint = suggestion_suffix(suggest_code(column, [name for name in table.columns if name not in used]))
            expected = f"the columns of the mapping: {', '.join(sorted(used))}"
            message = f"the column is missing{hint}"
            self.problems.append(Problem(table.file, None, column, None, expected, message, table.sheet))
        if missing:
            return []
        columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True)) if table.rows else {}
        for name in self.spec.whole_numbers:
            columns[name] = tuple(text.removesuffix(".0") for text in columns.get(name, ()))
        by_part = [_matching_rows(part, columns, len(table.rows)) for part in self.spec.sheet_rules]
        if idle := len(table.rows) - len(set().union(*by_part)):
            self.notices.append(
                f"{table.file}: lines that the mapping does not ask for: {idle:,} of {len(table.rows):,}"
            )
        return [self._sheet(table, part, columns, lines)
                for part, lines in zip(self.spec.sheet_rules, by_part, strict=True)]  # fmt: skip

    def _sheet(self, table: Table, part: SheetRule, columns: ColumnValues, wanted: Sequence[int]) -> Sheet:
        names = {name: self._message_column(cell) for name, cell in part.cells.items() if cell.placeholders}
        parts = {name: cell.columns for name, cell in part.cells.items() if len(cell.columns) > 1}
        lines = _MappedRows(table, TableRef(table, names, parts), columns, list(wanted))
        if part.is_by_service:
            self._name_services(lines, self.spec.services)
        if part.boxes:
            self._expand_ticks(lines, part.boxes)
        cells, proven = {}, {}
        for name, cell in part.cells.items():
            if cell.boxes and part.is_multi_valued(name):
                cells[name] = lines.ticked_column(cell.boxes, self.problems)
                continue
            if order := _proven_date_order(part, name, columns):
                proven[name] = order
            texts = self._texts(lines, name, cell, part, self.spec.date_order or order)
            for n, text in zip(lines.row_indexes, texts, strict=True):
                if text is None:
                    expected = f"one of {', '.join(cell.codes)}, as the mapping translates them"
                    message = "has no translation in the mapping"
                    self.problems.append(lines.origin.row_ref(n).problem(name, message, expected))
                    lines.left_out.add(n)
            cells[name] = texts
        kept = [at for at, n in enumerate(lines.row_indexes) if n not in lines.left_out]
        cells = {name: [texts[at] for at in kept] for name, texts in cells.items()}
        lines_kept, left_out = [lines.row_indexes[at] for at in kept], bool(lines.left_out)
        return Sheet(part.schema, lines.origin, cells, lines_kept, self.spec.date_order, left_out, proven)

    def _message_column(self, cell: CellRule) -> str:
        """The column of the table that a message about a cell names."""
        return (cell.columns or self.spec.services.cell.columns)[0]

    def _texts(
        self, lines: "_MappedRows", name: str, cell: CellRule, part: SheetRule, order: DateOrder | None
    ) -> list[str | None]:
        clients = self._clients() if name in ID_FIELDS else frozenset()
        given = [
            self._pseudonyms(lines.column(one)) if one in clients else lines.column(one) for one in cell.placeholders
        ]
        together = list(zip(*given, strict=True)) if given else [()] * len(lines.row_indexes)
        meant = {texts: _fill_template(cell, texts) for texts in set(together)}
        worked_out = _add_days(set(meant.values()), order)
        meant = {texts: _translate(cell, worked_out.get(text, text)) for texts, text in meant.items()}
        texts = [meant[texts] for texts in together]
        if name == "units" and cell.columns:
            return self._refuse_shared_dose(texts, lines)
        return texts

    def _refuse_shared_dose(self, texts: list[str | None], lines: "_MappedRows") -> list[str | None]:
        """One dose for several areas is the dose of none of them."""
        several = {n for n, times in Counter(lines.row_indexes).items() if times > 1}
        if several:
            notice = f"lines of several areas and one dose, whose units per area are not known: {len(several):,}"
            self.notices.append(f"{lines.table.file}: {notice}")
        return ["" if n in several else text for n, text in zip(lines.row_indexes, texts, strict=True)]

    def _clients(self) -> frozenset[str]:
        """Columns with a client's number. What also names the site is no client's alone."""

        def filling(name: str) -> set[str]:
            return {c for part in self.spec.sheet_rules if name in part.cells for c in part.cells[name].columns}

        return frozenset(filling("client") - filling("site"))

    def _pseudonyms(self, texts: Sequence[str]) -> list[str]:
        known = {text: text if is_missing(text) else self.request.pseudonym(self.source, text) for text in set(texts)}
        return [known[text] for text in texts]

    def _name_services(self, lines: "_MappedRows", services: ServiceRule) -> None:
        """Each line once for every injection that its service's name stands for."""
        names = list(zip(*(lines.column(column) for column in services.cell.placeholders), strict=True))
        filled = {texts: _fill_template(services.cell, texts) for texts in set(names)}
        meanings = {texts: services.injections_for(name) for texts, name in filled.items()}
        not_read: Counter = Counter()
        expanded: list[tuple[int, Mapping[str, str]]] = []
        for at, (n, texts) in enumerate(zip(lines.row_indexes, names, strict=True)):
            meant = meanings[texts]
            if meant is None:
                expected = "a service that a person has said the meaning of: look through the names of services again"
                problem = replace(
                    lines.origin.row_ref(n).problem("service", UNCONFIRMED, expected),
                    column=services.cell.columns[0], value=filled[texts] or None,
                )  # fmt: skip
                self.problems.append(problem)
                lines.left_out.add(n)
            elif not meant:
                not_read[filled[texts]] += 1
            expanded += [(at, one) for one in meant or ()]
        lines.expand([at for at, _ in expanded], SERVICE, [one for _, one in expanded])
        if not_read:
            told = ", ".join(f"{name} {times:,}" for name, times in not_read.most_common(5))
            more = f" and {len(not_read) - 5} more services" if len(not_read) > 5 else ""
            self.notices.append(f"{lines.table.file}: left out, no toxin: {not_read.total():,} ({told}{more})")

    def _expand_ticks(self, lines: "_MappedRows", boxes: Mapping[str, str]) -> None:
        """Each line once for every box that is ticked; once with nothing where none is."""
        ticked = lines.ticks(boxes, self.problems)
        expanded = [(at, ours) for at, found in enumerate(ticked) for ours in found or [""]]
        lines.expand([at for at, _ in expanded], "", [{TICKED_CODE: ours} for _, ours in expanded])


@dataclass
class _MappedRows:
    """Lines of a table, some more than once, and what is known of each beside its columns."""

    table: Table
    origin: TableRef
    columns: ColumnValues
    row_indexes: list[int]
    left_out: set[int] = field(default_factory=set)
    extra_values: dict[str, list[str]] = field(default_factory=dict)

    def column(self, name: str) -> Sequence[str]:
        if name in self.extra_values:
            return self.extra_values[name]
        if name.startswith(SERVICE):
            return [""] * len(self.row_indexes)
        return [self.columns[name][n] for n in self.row_indexes]

    def expand(self, places: list[int], prefix: str, beside: list[Mapping[str, str]]) -> None:
        """Each of these lines, by its place among those there are, with what is known beside it."""
        self.row_indexes = [self.row_indexes[at] for at in places]
        self.extra_values = {name: [texts[at] for at in places] for name, texts in self.extra_values.items()}
        names = {name for one in beside for name in one}
        self.extra_values |= {f"{prefix}{name}": [one.get(name, "") for one in beside] for name in names}

    def ticks(self, boxes: Mapping[str, str], problems: list[Problem]) -> list[list[str]]:
        """What is ticked in each line."""
        found: list[list[str]] = [[] for _ in self.row_indexes]
        for box, ours in boxes.items():
            for at, text in enumerate(self.column(box)):
                ticked = TICKS.get("" if is_missing(text) else text.casefold())
                if ticked:
                    found[at].append(ours)
                elif ticked is None:
                    place = self.origin.row_ref(self.row_indexes[at])
                    problem = place.problem("", "is no tick box", "1 or 0, Checked or Unchecked")
                    problems.append(replace(problem, column=box, value=text))
                    self.left_out.add(self.row_indexes[at])
        return found

    def ticked_column(self, boxes: Mapping[str, str], problems: list[Problem]) -> list[str]:
        return ["; ".join(ours) for ours in self.ticks(boxes, problems)]


def _matching_rows(part: SheetRule, columns: ColumnValues, rows: int) -> Sequence[int]:
    lines: Iterable[int] = range(rows)
    for name, wanted in part.row_filter.items():
        texts = columns.get(name, ())
        wants: Callable = lambda text, wanted=wanted: text in wanted or (ANY in wanted and not is_missing(text))
        lines = [n for n in lines if wants(texts[n])]
    return list(lines)


def _fill_template(cell: CellRule, texts: Sequence[str]) -> str:
    """The text with its columns filled in; empty where one of them is."""
    if any(map(is_missing, texts)):
        return ""
    values = iter(texts)
    return COLUMN.sub(lambda _: next(values), cell.text)


def _proven_date_order(part: SheetRule, name: str, columns: ColumnValues) -> DateOrder | None:
    """Whether the day or the month comes first in a column of dates, as all lines of the table prove it: the lines that
    a sheet asks for may be few."""
    cell = part.cells[name]
    kind = next(column.type for column in part.schema.columns if column.name == name)
    day, *_ = cell.text.split(" + ")
    if not isinstance(kind, PartialDate) or len(cell.columns) == 0 or day != f"{{{cell.columns[0]}}}":
        return None
    texts = list(dict.fromkeys(columns.get(cell.columns[0], ())))
    return read_dates(texts, range(len(texts))).order


def _add_days(texts: Iterable[str], order: DateOrder | None) -> dict[str, str]:
    """Texts such as "2025-03-03 + 2 weeks" -> the day. One whose first day can't be read stays, to be told as wrong."""
    later = {text: parts for text in texts if text and (parts := DATE_PLUS_OFFSET.fullmatch(text))}
    days = list(dict.fromkeys(parts[1] for parts in later.values()))
    read = dict(zip(days, read_dates(days, range(len(days)), order).dates, strict=True))
    return {
        text: str(day.first + timedelta(days=int(parts[2]) * DAYS[parts[3]]))
        for text, parts in later.items()
        if (day := read[parts[1]]) and day.first == day.last
    }


def _translate(cell: CellRule, text: str) -> str | None:
    """Our word for the text; None where the mapping has none."""
    if not cell.codes or not text:
        return text
    return cell.codes.get(text, cell.default)
