"""A mapping file: how a line of a foreign table fills the sheets of our template; read and checked.

docs/importing.md describes the format; data/mappings/ has examples, data/mapping/store.py finds and writes them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from data.problems import ImportRefusedError, Problem
from data.schema.column_types import NO_TEXT, ListOf, is_storable_text, suggestion_suffix
from data.schema.date_parser import DateOrder
from data.schema.template import DEFAULT_ATTRIBUTION_DAYS, SHEETS, SheetSchema
from models.codelist import suggest_code

SETTINGS = ("source", "attribution_days", "dates", "whole_numbers", "header", "unplaced")
SERVICES = "services"
ORDERS = get_args(DateOrder)
WITHOUT_LIMIT = "no limit"
ANY = "*"  # in `where`: any value
NOT_READ = "not read"  # in the names of services: no treatment with a toxin
UNANSWERED = "?"
SERVICE_FIELDS = ("product", "area", "side", "units")
SERVICE = "service."  # before a field of the service's name, where a column would stand
TICKED_CODE = "ticked"
# In an id that is made with a client's number, the number is replaced by its pseudonym: an id is stored as it stands.
ID_FIELDS = frozenset({"treatment_id", "touch_up_of", "follow_up_id", "effect_id", "status_id"})

COLUMN = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class CellRule:
    """Where a cell of ours comes from: text with {columns} in it, then the translation of what that gives.

    `boxes`: columns of tick boxes, and what each stands for; they take the place of the text.
    """

    text: str
    codes: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    boxes: Mapping[str, str] = field(default_factory=dict)

    @property
    def placeholders(self) -> list[str]:
        """What stands in braces, in order: columns of the table, or fields of the service's name."""
        return COLUMN.findall(self.text)

    @property
    def columns(self) -> list[str]:
        """The columns of the table that it needs."""
        return [name for name in self.placeholders if not name.startswith(SERVICE) and name != TICKED_CODE] + list(
            self.boxes
        )


@dataclass(frozen=True)
class SheetRule:
    """One sheet of the template: which lines fill it, and how."""

    schema: SheetSchema
    row_filter: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, CellRule]

    @property
    def columns(self) -> set[str]:
        return {*self.row_filter, *(column for cell in self.cells.values() for column in cell.columns)}

    @property
    def is_by_service(self) -> bool:
        """Does a name of a service say what a line is?"""
        return any(name.startswith(SERVICE) for cell in self.cells.values() for name in cell.placeholders)

    @property
    def boxes(self) -> Mapping[str, str]:
        """The tick boxes that make a line each: those of a column that holds one value."""
        return next(
            (cell.boxes for name, cell in self.cells.items() if cell.boxes and not self.is_multi_valued(name)), {}
        )

    def is_multi_valued(self, name: str) -> bool:
        """Can a cell of this column hold several values?"""
        return isinstance(next(column.type for column in self.schema.columns if column.name == name), ListOf)


@dataclass(frozen=True)
class ServiceRule:
    """What the names of services stand for: for each, one or more injections; none: no treatment with a toxin."""

    cell: CellRule
    injections_by_name: Mapping[str, tuple[Mapping[str, str], ...]]

    def injections_for(self, name: str) -> tuple[Mapping[str, str], ...] | None:
        """None: a name that nobody has confirmed."""
        return self.injections_by_name.get(plain_name(name))


@dataclass(frozen=True)
class MappingSpec:
    """A mapping file. `header`: the columns of the table it was made for, by which it is found again."""

    source: str
    attribution_days: int | None
    whole_numbers: tuple[str, ...]
    date_order: DateOrder | None
    header: tuple[str, ...]
    unplaced: bool
    services: ServiceRule | None
    sheet_rules: tuple[SheetRule, ...]

    @property
    def columns(self) -> set[str]:
        """The columns that a table must have."""
        of_services = self.services.cell.columns if self.services else ()
        return {*self.whole_numbers, *of_services, *(column for part in self.sheet_rules for column in part.columns)}


def plain_name(text: str) -> str:
    """A service's name without what no person would see as another name: capitals and spaces."""
    return " ".join(text.casefold().split())


# Read


def parse_mapping(text: str, file: str) -> MappingSpec:
    """The mapping in this text. Raises Refused with all that is wrong."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportRefusedError(
            [_problem(file, None, f"is no TOML: {error}", 'lines such as site = "main"')]
        ) from error
    if wrong := list(_find_problems(file, told)):
        raise ImportRefusedError(wrong)
    kinds = {kind.name: kind for kind in SHEETS}
    days = told.get("attribution_days", DEFAULT_ATTRIBUTION_DAYS)
    return MappingSpec(
        source=told["source"],
        attribution_days=None if days == WITHOUT_LIMIT else days,
        whole_numbers=tuple(told.get("whole_numbers", ())),
        date_order=told.get("dates"),
        header=tuple(told.get("header", ())),
        unplaced=told.get("unplaced", False),
        services=_parse_services(told[SERVICES]) if SERVICES in told else None,
        sheet_rules=tuple(_parse_sheet(kinds[name], section) for name, section in told.items() if name in kinds),
    )


def _parse_sheet(kind: SheetSchema, section: dict[str, Any]) -> SheetRule:
    where = {
        column: tuple(map(str, wanted if isinstance(wanted, list) else [wanted]))
        for column, wanted in section.get("where", {}).items()
    }
    cells = {name: _parse_cell(value) for name, value in section.items() if name != "where"}
    return SheetRule(kind, where, cells)


def _parse_cell(value: Any) -> CellRule:
    if not isinstance(value, dict):
        return CellRule(str(value))
    if TICKED_CODE in value:
        return CellRule("{ticked}", boxes={box: str(ours) for box, ours in value[TICKED_CODE].items()})
    codes = {cell: str(ours) for cell, ours in value.get("codes", {}).items()}
    return CellRule(str(value["from"]), codes, value.get("otherwise"))


def _parse_services(section: dict[str, Any]) -> ServiceRule:
    names = {}
    for name, meant in section.get("names", {}).items():
        each = [] if meant == NOT_READ else meant if isinstance(meant, list) else [meant]
        names[plain_name(name)] = tuple({part: str(value) for part, value in one.items()} for one in each)
    return ServiceRule(CellRule(section["from"]), names)


# Checked


def _find_problems(file: str, told: dict[str, Any]) -> Iterator[Problem]:
    kinds = {kind.name: kind for kind in SHEETS}
    if not all(map(is_storable_text, _strings(told))):
        yield _problem(file, None, NO_TEXT, "letters, digits and signs")
    if not isinstance(told.get("source"), str):
        yield _problem(file, "source", "the source has no name", 'a line such as source = "our clinic software"')
    if not kinds.keys() & told.keys():
        yield _problem(file, None, "no sheet is filled", f"a section such as [treatments], of {', '.join(kinds)}")
    days = told.get("attribution_days", 0)
    if days != WITHOUT_LIMIT and not (isinstance(days, int) and days >= 0):
        yield _problem(file, "attribution_days", "is no number of days", 'a number of days or "no limit"')
    if told.get("dates", ORDERS[0]) not in ORDERS:
        yield _problem(file, "dates", "is not known", " or ".join(f'"{order}"' for order in ORDERS))
    for name in ("whole_numbers", "header"):
        if not _are_texts(told.get(name, [])):
            yield _problem(file, name, "is no list of columns", f'a line such as {name} = ["visit", "date"]')
    if not isinstance(told.get("unplaced", False), bool):
        yield _problem(file, "unplaced", "is not known", "true or false")
    for name, section in told.items():
        if name in SETTINGS:
            continue
        if name == SERVICES:
            yield from _find_service_problems(file, section)
        elif name not in kinds or not isinstance(section, dict):
            hint = suggestion_suffix(suggest_code(name, [*kinds, *SETTINGS, SERVICES]))
            yield _problem(
                file, name, f"is not known{hint}", f"{', '.join(SETTINGS)} or a section of {', '.join(kinds)}"
            )
        else:
            yield from _find_section_problems(file, kinds[name], section, SERVICES in told)


def _find_section_problems(file: str, kind: SheetSchema, section: dict[str, Any], services: bool) -> Iterator[Problem]:
    for column, value in section.items():
        place = f"{kind.name}.{column}"
        if column == "where":
            if not isinstance(value, dict):
                yield _problem(file, place, "is not written as columns and values", '{ column = "value" }')
            elif UNANSWERED in value.values():
                yield _problem(file, place, "is not answered yet", "what the question above the line asks for")
        elif column not in kind.names:
            hint = suggestion_suffix(suggest_code(column, kind.names))
            message = f"is no column of the {kind.title} sheet{hint}"
            yield _problem(file, place, message, ", ".join(kind.names))
        elif UNANSWERED in (value, isinstance(value, dict) and value.get("from")):
            yield _problem(file, place, "is not answered yet", "what the question above the line asks for")
        elif isinstance(value, dict) and not _is_translation(value):
            expected = '{ from = "{column}", codes = { theirs = "ours" } }, with otherwise = "ours" if need be'
            yield _problem(file, place, "is not written as a translation", expected)
        elif isinstance(value, dict):
            for theirs, ours in (value.get("codes") or value.get(TICKED_CODE) or {}).items():
                if ours == UNANSWERED:
                    yield _problem(file, f"{place}.{theirs}", "is not answered yet", "the code that it stands for")
        elif SERVICE in str(value) and not services:
            yield _problem(file, place, "needs the names of services", "a section [services]")


def _find_service_problems(file: str, section: Any) -> Iterator[Problem]:
    if not isinstance(section, dict) or not isinstance(section.get("from"), str):
        yield _problem(file, SERVICES, "does not say where the names stand", 'a line such as from = "{Service Name}"')
        return
    names = section.get("names", {})
    if not isinstance(names, dict):
        yield _problem(file, "services.names", "is no list of names", '"Botox 20u" = { product = "botox" }')
        return
    expected = f'"{NOT_READ}", or what it is, such as {{ product = "botox", area = "forehead" }}, or several of them'
    for name, meant in names.items():
        each = meant if isinstance(meant, list) else [meant]
        if meant == UNANSWERED or any(isinstance(one, dict) and UNANSWERED in one.values() for one in each):
            yield _problem(file, f"services.{name}", "is not answered yet", expected)
        elif meant != NOT_READ and not all(isinstance(one, dict) and one.keys() <= {*SERVICE_FIELDS} for one in each):
            yield _problem(file, f"services.{name}", "is not written as what it stands for", expected)


def _is_translation(value: dict[str, Any]) -> bool:
    if TICKED_CODE in value:
        return value.keys() == {TICKED_CODE} and isinstance(value[TICKED_CODE], dict)
    return {"from"} <= value.keys() <= {"from", "codes", "otherwise"} and isinstance(value.get("codes", {}), dict)


def _strings(value: Any) -> Iterator[str]:
    """Every text in it, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _strings(part)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _problem(file: str, column: str | None, message: str, expected: str) -> Problem:
    return Problem(file, None, column, None, expected, message)
