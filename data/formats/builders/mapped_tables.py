"""From the rows of any flat table to sheets of our template, by a mapping specification (data/mapping/spec.py)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from data.files import Table, is_missing
from data.formats.registry import ReadContext
from data.mapping.check_marks import CHECK_MARKS, NO_MARKS
from data.mapping.service_reader import ServiceReader, UnknownServiceError
from data.mapping.spec import (
    ID_FIELDS,
    SCHEMAS,
    SERVICE,
    TICKED_CODE,
    CellRule,
    MappingSpec,
    SheetRule,
    field_type,
    matching_rows,
)
from data.problems import UNCONFIRMED_SERVICE, Problem
from data.schema.column_types import ListOf, suggestion_suffix
from data.schema.date_columns import Day, PartialDate
from data.schema.date_parser import DateOrder
from data.schema.follow_up_log import NOTHING_TO_REPORT
from data.schema.provenance import RowRef, TableRef
from data.schema.sheet_reader import Sheet
from data.schema.template import SIDE_EFFECTS

DATE_PLUS_OFFSET = re.compile(r"(.+) \+ (\d{1,5})(?:\.0+)? (day|week)s?")  # more digits would overflow a date
DAYS = {"day": 1, "week": 7}
# A tick box as REDCap writes it, raw or with labels, and as people do.
TICKS = dict.fromkeys(("0", "unchecked", "", *NO_MARKS), False) | dict.fromkeys(("1", "checked", *CHECK_MARKS), True)
MAX_SERVICES_NAMED = 5
BILLED_UNITS = ("1", "5", "100")  # of which one is billed (HCPCS J0585 to J0589)
NUMBER = re.compile(r"\d{1,6}(?:\.\d+)?")
NEGATIVE = re.compile(r"[-\u2212(]\s*[\d.,]*[1-9]")  # accountants write -1 as (1)

ColumnValues = Mapping[str, Sequence[str]]


@dataclass
class MappedTableReader:
    """Turns tables into sheets of our template; collects problems and notices about rows that were left out."""

    spec: MappingSpec
    context: ReadContext
    source: str
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def sheets(self, table: Table, alone: bool) -> list[Sheet]:
        used = self.spec.columns
        missing = sorted(used - set(table.columns))
        if missing and not alone and table.sheet is not None and used.isdisjoint(table.columns):
            self.notices.append(f'{table.file}: the sheet "{table.sheet}" has no column of the mapping; not read')
            return []
        for column in missing:
            hint = suggestion_suffix(column, [name for name in table.columns if name not in used])
            expected = f"the columns of the mapping: {', '.join(sorted(used))}"
            message = f"the column is missing{hint}"
            self.problems.append(Problem(table.file, None, column, None, expected, message, table.sheet))
        if missing:
            return []
        columns = {name: table.column(name) for name in table.columns}
        for name in self.spec.whole_numbers:
            columns[name] = [text.removesuffix(".0") for text in columns[name]]
        skipped = self._find_refunds(table, columns)
        rows = {}
        for name, rule in self.spec.sheets.items():
            matching = [n for n in matching_rows(columns.__getitem__, len(table.rows), rule.where) if n not in skipped]
            rows[name] = self._begun_rows(table, name, columns, matching)
        if unused := len(table.rows) - len(set().union(*rows.values())):
            self.notices.append(f"{table.file}: rows that the mapping does not use: {unused:,} of {len(table.rows):,}")
        return [self._sheet(table, name, columns, rows[name]) for name in rows]

    def _begun_rows(self, table: Table, sheet: str, columns: ColumnValues, row_indexes: list[int]) -> list[int]:
        """The rows that hold more than who the client is: a form that nobody filled in has a number and empty boxes."""
        rule = self.spec.sheets[sheet]
        about_client = {*ID_FIELDS, "client"}
        read = {column for name, cell in rule.cells.items() if name not in about_client for column in cell.columns}
        read |= set(self.spec.services.used_columns if rule.service_fields else ())
        cells = [columns[column] for column in sorted(read - self._client_columns())]
        begun = [n for n in row_indexes if not cells or any(_says_something(column[n]) for column in cells)]
        if left_out := len(row_indexes) - len(begun):
            title = SCHEMAS[sheet].title.lower()
            self.notices.append(f"{table.file}: rows that say nothing about {title}, left out: {left_out:,}")
        return begun

    def _find_refunds(self, table: Table, columns: ColumnValues) -> set[int]:
        """The rows with a negative quantity; where they void a treatment, also the row that they take back: the latest
        of the same client and service with that quantity."""
        found: set[int] = set()
        of_services = self.spec.services.used_columns if self.spec.services else []
        same = sorted({*self._client_columns(), *of_services} - self.spec.refunds.keys())
        for name, meaning in self.spec.refunds.items():
            refunds = [n for n, text in enumerate(columns[name]) if NEGATIVE.match(text)]
            found.update(refunds)
            for n in refunds if meaning == "voided" else ():
                key = [columns[column][n] for column in same], columns[name][n].strip("-\u2212() ")
                earlier = [m for m in range(n) if ([columns[column][m] for column in same], columns[name][m]) == key]
                found.update([m for m in earlier if m not in found][-1:])
            if refunds:
                self.notices.append(f"{table.file}: rows with a negative {name}, {meaning}: {len(refunds):,}")
        return found

    def _sheet(self, table: Table, sheet: str, columns: ColumnValues, row_indexes: list[int]) -> Sheet:
        rule = self.spec.sheets[sheet]
        # The column of the table that a message about one of our cells names.
        names = {name: (cell.columns or self.spec.services.used_columns)[0]
                 for name, cell in rule.cells.items() if cell.placeholders}  # fmt: skip
        joined = {name: cell.columns for name, cell in rule.cells.items() if len(cell.columns) > 1}
        rows = _MappedRows(table, TableRef(table, names, joined), columns, row_indexes)
        if rule.service_fields:
            self._expand_services(rows, rule)
        # Boxes of a field with one value make a row each; those of a field with several values, one list.
        in_a_list = {name for name in rule.cells if isinstance(field_type(sheet, name), ListOf)}
        if boxes := next((cell.boxes for name, cell in rule.cells.items() if cell.boxes and name not in in_a_list), {}):
            ticked = [(at, code) for at, codes in enumerate(rows.ticks(boxes, self.problems)) for code in codes or [""]]
            rows.expand([at for at, _ in ticked], "", [{TICKED_CODE: code} for _, code in ticked])
        cells, proven = {}, {}
        for name, cell in rule.cells.items():
            if cell.boxes and name in in_a_list:
                cells[name] = ["; ".join(codes) for codes in rows.ticks(cell.boxes, self.problems)]
                continue
            if order := _proven_date_order(sheet, name, cell, columns):
                proven[name] = order
            cells[name] = self._texts(rows, name, cell, self.spec.dates or order)
            for n, text in zip(rows.row_indexes, cells[name], strict=True):
                if text is None:
                    expected = f"one of {', '.join(cell.codes)}, which the mapping translates"
                    problem = RowRef(rows.table_ref, n).problem(name, "has no translation in the mapping", expected)
                    self.problems.append(problem)
                    rows.left_out.add(n)
        kept = [at for at, n in enumerate(rows.row_indexes) if n not in rows.left_out]
        if sheet == SIDE_EFFECTS.name and "side_effect" in cells:
            # No box ticked, or the words for nothing: the row is about a contact, and has no side effect.
            nothing = {NOTHING_TO_REPORT} | ({""} if rule.cells["side_effect"].boxes else set())
            kept = [at for at in kept if cells["side_effect"][at] not in nothing]
        cells = {name: [texts[at] for at in kept] for name, texts in cells.items()}
        indexes = [rows.row_indexes[at] for at in kept]
        return Sheet(SCHEMAS[sheet], rows.table_ref, cells, indexes, self.spec.dates, frozenset(rows.left_out), proven)

    def _texts(self, rows: "_MappedRows", name: str, cell: CellRule, order: DateOrder | None) -> list[str | None]:
        """The cells of one of our columns; None where the mapping has no translation."""
        clients = self._client_columns() if name in ID_FIELDS else frozenset()
        values = []
        for column in cell.placeholders:
            texts = rows.column(column)
            if column in clients:
                keys = {text: text if is_missing(text) else self.context.pseudonym(self.source, text)
                        for text in set(texts)}  # fmt: skip
                texts = [keys[text] for text in texts]
            values.append(texts)
        by_row = list(zip(*values, strict=True)) if values else [()] * len(rows.row_indexes)
        filled = {texts: cell.fill(texts) for texts in set(by_row)}
        days = _add_days(set(filled.values()), order)
        filled = {texts: days.get(text, text) for texts, text in filled.items()}
        if cell.codes:
            filled = {texts: cell.codes.get(text, cell.default) if text else text for texts, text in filled.items()}
        if name != "units" or not cell.columns:
            return [filled[texts] for texts in by_row]
        row_counts = Counter(rows.row_indexes)
        each = rows.column(f"{SERVICE}units")
        doses = [_times(filled[texts], units) for texts, units in zip(by_row, each, strict=True)]
        # One dose for several areas is the dose of none of them.
        shared = {n: dose for n, dose in zip(rows.row_indexes, doses, strict=True) if row_counts[n] > 1}
        if shared:
            total = sum(float(dose) for dose in shared.values() if NUMBER.fullmatch(dose))
            notice = f"rows with several areas and one dose, so that units per area are unknown: {len(shared):,}"
            self.notices.append(f"{rows.table.file}: {notice} ({total:,.10g} units)")
        return ["" if n in shared else dose for n, dose in zip(rows.row_indexes, doses, strict=True)]

    def _client_columns(self) -> frozenset[str]:
        """The columns with a client's number. A column that also names the site is not one."""
        columns = {
            name: {column for rule in self.spec.sheets.values() if name in rule.cells
                   for column in rule.cells[name].columns}
            for name in ("client", "site")
        }  # fmt: skip
        return frozenset(columns["client"] - columns["site"])

    def _expand_services(self, rows: "_MappedRows", rule: SheetRule) -> None:
        """Repeats each row for every injection that its service's name, dose columns or notes stand for."""
        services = self.spec.services
        reader = ServiceReader(services, needs_product="product" in rule.service_fields)
        names = [services.fill(texts) for texts in rows.by_row(services.placeholders)]
        doses, notes = rows.by_row(services.columns), rows.by_row(services.notes)
        left_out: dict[str, Counter[str]] = {"no toxin": Counter(), "no dose": Counter()}
        # A row with an area or a dose in a column of its own lacks its product; one without any has nothing to read.
        own = [column for field in ("area", "units") if field in rule.cells for column in rule.cells[field].columns]
        is_filled = [not all(map(is_missing, cells)) for cells in rows.by_row(own)]
        expanded: list[tuple[int, Mapping[str, str]]] = []
        for at, (n, name) in enumerate(zip(rows.row_indexes, names, strict=True)):
            text = "; ".join(part for part in notes[at] if not is_missing(part))
            try:
                is_empty = not (name or text or is_filled[at]) and all(map(is_missing, doses[at]))
                injections = () if is_empty else reader.read(name, doses[at], text)
            except UnknownServiceError as unknown:
                expected = "a service that a person has confirmed: look through the names of services again"
                message = "is a service that nobody has confirmed"
                problem = RowRef(rows.table_ref, n).problem("service", message, expected, UNCONFIRMED_SERVICE)
                column = services.used_columns[0]
                # Notes may name people: of them only the new word is repeated.
                self.problems.append(replace(problem, column=column, value=name or unknown.word or None))
                rows.left_out.add(n)
                continue
            if not injections:
                left_out["no dose" if services.columns or not name else "no toxin"][name] += 1
            expanded += [(at, injection) for injection in injections]
        expanded = self._without_repeated_products(rows, rule, expanded)
        rows.expand([at for at, _ in expanded], SERVICE, [injection for _, injection in expanded])
        for reason, times_by_name in left_out.items():
            if times_by_name:
                named = ", ".join(f"{name} {times:,}" for name, times in times_by_name.most_common(MAX_SERVICES_NAMED))
                more = len(times_by_name) - MAX_SERVICES_NAMED
                named += f" and {more} more services" if more > 0 else ""
                self.notices.append(f"{rows.table.file}: left out, {reason}: {times_by_name.total():,} ({named})")

    def _without_repeated_products(
        self, rows: "_MappedRows", rule: SheetRule, expanded: list[tuple[int, Mapping[str, str]]]
    ) -> list[tuple[int, Mapping[str, str]]]:
        """Without rows that only name the product of a visit whose other row has its dose: a line for the treatment,
        and one for the units."""
        if "units" not in rule.service_fields:
            return expanded
        parts = [rule.cells[name].columns for name in ("treatment_id", "client", "date") if name in rule.cells]
        visits = rows.by_row([column for columns in parts for column in columns])
        dosed = {(visits[at], injection.get("product")) for at, injection in expanded if "units" in injection}
        kept = [
            (at, injection)
            for at, injection in expanded
            if injection.keys() & {"units", "area"} or (visits[at], injection.get("product")) not in dosed
        ]
        if dropped := len(expanded) - len(kept):
            notice = f"rows that only name the product of a dose in another row: {dropped:,}"
            self.notices.append(f"{rows.table.file}: {notice}")
        return kept


@dataclass
class _MappedRows:
    """Rows of a table, some more than once, with further values for each."""

    table: Table
    table_ref: TableRef
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

    def by_row(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """The values of several columns, row by row."""
        return list(zip(*map(self.column, names), strict=True)) if names else [()] * len(self.row_indexes)

    def expand(self, positions: list[int], prefix: str, extra_values: list[Mapping[str, str]]) -> None:
        """Replaces the rows by those at these positions, each with its extra values."""
        self.row_indexes = [self.row_indexes[at] for at in positions]
        self.extra_values = {name: [texts[at] for at in positions] for name, texts in self.extra_values.items()}
        names = {name for values in extra_values for name in values}
        self.extra_values |= {f"{prefix}{name}": [values.get(name, "") for values in extra_values] for name in names}

    def ticks(self, boxes: Mapping[str, str], problems: list[Problem]) -> list[list[str]]:
        """The codes of the ticked boxes in each row."""
        codes: list[list[str]] = [[] for _ in self.row_indexes]
        for box, code in boxes.items():
            for at, text in enumerate(self.column(box)):
                ticked = TICKS.get("" if is_missing(text) else text.casefold())
                if ticked:
                    codes[at].append(code)
                elif ticked is None:
                    row = RowRef(self.table_ref, self.row_indexes[at])
                    problem = row.problem("", "is not a tick box", "1 or 0, Checked or Unchecked")
                    problems.append(replace(problem, column=box, value=text))
                    self.left_out.add(self.row_indexes[at])
        return codes


def _proven_date_order(sheet: str, name: str, cell: CellRule, columns: ColumnValues) -> DateOrder | None:
    """Whether the day or the month comes first in a column of dates, proven by all rows of the table, because a sheet
    may use only a few of them."""
    day, *_ = cell.template.split(" + ")
    if not isinstance(field_type(sheet, name), PartialDate) or not cell.columns or day != f"{{{cell.columns[0]}}}":
        return None
    return PartialDate().parse_column(dict.fromkeys(columns[cell.columns[0]], 0)).order


def _times(quantity: str, units: str) -> str:
    """The dose of a row that sold a number of services, each of so many units: 2 of "Botox 20 units" are 40.

    A quantity of 10 or more counts the units themselves, unless so few are billed at a time.
    """
    is_single = units in BILLED_UNITS or len(quantity) == 1
    if not units or not NUMBER.fullmatch(quantity) or float(quantity) == float(units) or not is_single:
        return quantity
    return f"{float(quantity) * float(units):g}"


def _add_days(texts: Iterable[str], order: DateOrder | None) -> dict[str, str]:
    """Texts such as "2025-03-03 + 2 weeks" -> the day. One whose first day can't be read is left to be a problem."""
    sums = {text: match for text in texts if text and (match := DATE_PLUS_OFFSET.fullmatch(text))}
    days = Day().parse_column({match[1]: 0 for match in sums.values()}, order=order).values
    return {
        text: str(days[match[1]] + timedelta(days=int(match[2]) * DAYS[match[3]]))
        for text, match in sums.items()
        if match[1] in days
    }


def _says_something(text: str) -> bool:
    """Whether a cell is filled, and not with an empty box."""
    return not is_missing(text) and text.casefold() not in NO_MARKS
