"""A mapping specification: how each row of a foreign table fills the sheets of our template.

One structure serves a mapping file, a preset (which also says how to recognize an export and what to ask about it) and
a proposal, where "?" stands for each answer that only a person can give. docs/importing.md describes the TOML form.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct, structs

from data.files import is_missing
from data.problems import ImportRefusedError, Problem
from data.schema.column_types import NO_TEXT, ColumnType, is_storable_text, suggestion_suffix
from data.schema.date_parser import DateOrder
from data.schema.template import SHEETS
from models.records import ATTRIBUTION_DAYS

SCHEMAS = {kind.name: kind for kind in SHEETS}
ORDERS = get_args(DateOrder)
WITHOUT_LIMIT = "no limit"
ANY = "*"  # in `where`: any value
NOT_READ = "not read"  # for the name of a service: not a treatment with a toxin
UNANSWERED = "?"
SERVICES = "services"
WORDS = "words"
NO_MEANING, UNNAMED_TOXIN = "no meaning", "a toxin"  # for a word in the names of services
SERVICE = "service."  # before a field of the service's name, where a column would stand
TICKED_CODE = "ticked"
ServiceField = Literal["product", "area", "side", "units", "lot"]
SERVICE_FIELDS = get_args(ServiceField)
# An id that contains the client's number is stored with the pseudonym in its place.
ID_FIELDS = frozenset({"treatment_id", "touch_up_of", "follow_up_id", "effect_id", "status_id"})

COLUMN = re.compile(r"\{([^{}]+)\}")

EXPECTED_CELL = '{ from = "{column}", codes = { theirs = "ours" } }, optionally with otherwise = "ours"'
EXPECTED_SERVICE = (
    f'"{NOT_READ}", or what it is, such as {{ product = "botox", area = "forehead" }}, or a list of these'
)

ServiceMeaning = Literal["not read", "?"] | dict[ServiceField, str] | tuple[dict[ServiceField, str], ...]
WordValue = Literal["no meaning", "a toxin"] | ServiceMeaning
RowFilter = Mapping[str, str | Sequence[str]]  # column -> the values wanted

NAMES_IN_FILE = {"text": "from", "default": "otherwise", "boxes": TICKED_CODE}


class CellRule(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename=NAMES_IN_FILE):
    """Where a cell comes from: text with {columns} filled in, then translated by `codes` if there are any; or `boxes`,
    columns of tick boxes with the code that each stands for."""

    text: str | None = None
    codes: dict[str, str] = {}
    default: str | None = None
    boxes: dict[str, str] = {}

    def __post_init__(self):
        if (self.text is None) == (not self.boxes):
            raise ValueError(f"either `from` or `{TICKED_CODE}` is needed")

    @property
    def template(self) -> str:
        return f"{{{TICKED_CODE}}}" if self.text is None else self.text

    @property
    def placeholders(self) -> list[str]:
        """The names in braces, in order: columns of the table or fields of the service's name."""
        return COLUMN.findall(self.template)

    @property
    def columns(self) -> list[str]:
        """The columns of the table that it needs."""
        columns = [name for name in self.placeholders if not name.startswith(SERVICE) and name != TICKED_CODE]
        return [*columns, *self.boxes]

    def fill(self, values: Sequence[str]) -> str:
        """The text with a value in place of each name in braces; empty if any of them is missing."""
        if any(map(is_missing, values)):
            return ""
        remaining = iter(values)
        return COLUMN.sub(lambda _: next(remaining), self.template)


class SheetRule(Struct, frozen=True, omit_defaults=True):
    """One sheet of the template: which rows fill it, and how."""

    cells: dict[str, CellRule]
    where: dict[str, str | tuple[str, ...]] = {}

    @property
    def columns(self) -> set[str]:
        return {*self.where, *(column for cell in self.cells.values() for column in cell.columns)}

    @property
    def service_fields(self) -> set[str]:
        """The fields that are read from the names of services."""
        names = (name for cell in self.cells.values() for name in cell.placeholders)
        return {name.removeprefix(SERVICE) for name in names if name.startswith(SERVICE)}


class ServiceRule(Struct, frozen=True, omit_defaults=True, rename={"text": "from"}):
    """Where the names of services stand, and what they mean: injections, or no toxin.

    `columns`: one column per area, whose cells are doses; `notes`: columns of free text that hold doses; `names`: what
    whole names mean; `words`: what the words of the other names mean; `product`: that of names that say no product.
    """

    text: str = ""
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    product: str | None = None
    names: dict[str, ServiceMeaning] = {}
    words: dict[str, WordValue] = {}

    def __post_init__(self):
        if not self.text and not self.columns:
            raise ValueError("either `from` or `columns` is needed")

    @property
    def placeholders(self) -> list[str]:
        return COLUMN.findall(self.text)

    @property
    def used_columns(self) -> list[str]:
        return [*self.placeholders, *self.columns, *self.notes]

    def fill(self, values: Sequence[str]) -> str:
        """The name of the service; a missing part is left out."""
        remaining = iter(values)
        filled = COLUMN.sub(lambda _: "" if is_missing(value := next(remaining)) else value, self.text)
        return " / ".join(part.strip() for part in filled.split(" / ") if part.strip())

    def injections_by_name(self) -> dict[str, tuple[Mapping[str, str], ...]]:
        """The injections that each confirmed name stands for, by `plain_name`; none: no toxin."""
        meanings = {plain_name(name): meaning for name, meaning in self.names.items()}
        return {
            name: () if meaning == NOT_READ else meaning if isinstance(meaning, tuple) else (meaning,)
            for name, meaning in meanings.items()
        }


Refund = Literal["refunded", "voided", "?"]
Columns = Annotated[tuple[str, ...], Meta(description='a list of columns, such as ["visit", "date"]')]
Days = Annotated[int, Meta(ge=0)] | Literal["no limit"]
Order = Literal["day first", "month first", "?"] | None


class MappingSpec(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mapping. `header`: the columns of the table it was made for, by which it is found again; `unplaced`: rows
    without an area are accepted; `whole_numbers`: columns that have 1 as 1.0; `fill_down`: columns whose empty cells
    repeat the cell above; `refunds`: a column of quantities, and what rows with a negative one mean."""

    source: Annotated[str, Meta(description='a name, such as source = "our clinic software"')]
    header: Columns = ()
    attribution_days: Annotated[Days, Meta(description='a number of days, or "no limit"')] = ATTRIBUTION_DAYS
    dates: Annotated[Order, Meta(description='"day first" or "month first"')] = None
    unplaced: Annotated[bool | Literal["?"], Meta(description="true or false")] = False
    whole_numbers: Columns = ()
    fill_down: Columns = ()
    refunds: Annotated[dict[str, Refund], Meta(description='{ Qty = "refunded" } or { Qty = "voided" }')] = {}
    services: ServiceRule | None = None
    sheets: dict[str, SheetRule]

    @property
    def columns(self) -> set[str]:
        """The columns that a table must have."""
        of_services = self.services.used_columns if self.services else ()
        settings = {*self.whole_numbers, *self.fill_down, *self.refunds}
        return settings.union(of_services, *(rule.columns for rule in self.sheets.values()))


Spec = TypeVar("Spec", bound=MappingSpec)


def plain_name(text: str) -> str:
    """A service's name without differences in case and spacing, which nobody would take for another name."""
    return " ".join(text.casefold().split())


def field_type(sheet: str, name: str) -> ColumnType | None:
    """What the cells of one of our columns hold; None if the sheet has no such column."""
    return next((column.type for column in SCHEMAS[sheet].columns if column.name == name), None)


def matching_rows(column: Callable[[str], Sequence[str]], row_count: int, where: RowFilter) -> list[int]:
    """The indexes of the rows that `where` asks for; `column` returns the cells of a column."""
    rows = list(range(row_count))
    for name, wanted in where.items():
        values, cells = (wanted,) if isinstance(wanted, str) else wanted, column(name)
        rows = [n for n in rows if cells[n] in values or (ANY in values and not is_missing(cells[n]))]
    return rows


def unanswered_settings(spec: MappingSpec) -> list[str]:
    """Where an answer is missing, such as "treatments.site"."""
    return _find_unanswered(spec_to_dict(spec))


def spec_to_dict(spec: MappingSpec) -> dict[str, Any]:
    """The specification with a section for each sheet, as its file has it."""
    document = msgspec.to_builtins(spec)
    services = document.pop(SERVICES, None)
    for name, rule in document.pop("sheets").items():
        cells = {field: cell["from"] if cell.keys() == {"from"} else cell for field, cell in rule["cells"].items()}
        document[name] = ({"where": rule["where"]} if "where" in rule else {}) | cells
    return document | ({SERVICES: services} if services else {})


def parse_mapping(text: str, file: str, kind: type[Spec] = MappingSpec) -> Spec:
    """The specification in a TOML text. Raises ImportRefusedError with everything that is wrong or unanswered."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        expected, message = 'lines such as site = "main"', f"is not valid TOML: {error}"
        raise ImportRefusedError([Problem(file, None, None, None, expected, message)]) from error
    parser = _Parser(file)
    spec = parser.parse(document, kind)
    if parser.problems:
        raise ImportRefusedError(parser.problems)
    return spec


class _Parser:
    """Converts a document part by part, because msgspec stops at the first error of what it is given."""

    def __init__(self, file: str):
        self.file, self.problems = file, []

    def parse(self, document: dict[str, Any], kind: type[Spec]) -> Spec | None:
        fields = [setting for setting in msgspec.structs.fields(kind) if setting.name not in (SERVICES, "sheets")]
        settings = {setting.name: setting.type for setting in fields}
        accepted = {name: annotated.__metadata__[0].description for name, annotated in settings.items()}
        if not all(is_storable_text(text) for _, text in _texts(document)):
            self._problem(None, NO_TEXT, "letters, digits and punctuation")
        for setting in fields:
            if setting.required and setting.name not in document:
                self._problem(setting.name, "is missing", accepted[setting.name])
        if document.keys().isdisjoint(SCHEMAS):
            self._problem(None, "fills no sheet", f"a section such as [treatments], one of {', '.join(SCHEMAS)}")
        parts: dict[str, Any] = {}
        sheets: dict[str, SheetRule] = {}
        for name, value in document.items():
            if name in settings:
                message = "has a value that is not accepted"
                parts[name] = self._convert(value, settings[name], name, message, accepted[name])
            elif name == SERVICES:
                parts[name] = self._services(_as_texts(value))
            elif name in SCHEMAS and isinstance(value, dict):
                sheets[name] = self._sheet(name, _as_texts(value), SERVICES in document)
            else:
                hint = suggestion_suffix(name, [*SCHEMAS, *settings, SERVICES])
                expected = f"{', '.join(settings)} or a section: {', '.join((*SCHEMAS, SERVICES))}"
                self._problem(name, f"is not a setting{hint}", expected)
        for place in _find_unanswered(document):
            self._problem(place, "is not answered yet", "an answer to the question above that line")
        return None if self.problems else kind(**parts, sheets=sheets)

    def _sheet(self, sheet: str, section: dict[str, Any], has_services: bool) -> SheetRule:
        where = self._convert(
            section.pop("where", {}), dict[str, str | tuple[str, ...]], f"{sheet}.where",
            "does not pair columns with values", '{ column = "value" } or { column = ["value", "value"] }',
        )  # fmt: skip
        cells = {}
        for name, value in section.items():
            place = f"{sheet}.{name}"
            if field_type(sheet, name) is None:
                hint = suggestion_suffix(name, SCHEMAS[sheet].names)
                message = f"is not a column of the {SCHEMAS[sheet].title} sheet{hint}"
                self._problem(place, message, ", ".join(SCHEMAS[sheet].names))
                continue
            rule = value if isinstance(value, dict) else {"from": value}
            cells[name] = self._convert(rule, CellRule, place, "does not say where a cell comes from", EXPECTED_CELL)
            if cells[name] and SERVICE in cells[name].template and not has_services:
                self._problem(place, "needs the names of services", f"a section [{SERVICES}]")
        return SheetRule(cells, where)

    def _services(self, section: Any) -> ServiceRule | None:
        meanings = {part: section.pop(part, {}) if isinstance(section, dict) else {} for part in ("names", WORDS)}
        message, expected = "does not say which columns name the service", 'a line such as from = "{Service Name}"'
        rule = self._convert(section, ServiceRule, SERVICES, message, expected)
        for part, kind in (("names", ServiceMeaning), (WORDS, WordValue)):
            place, message = f"{SERVICES}.{part}", f"does not say what a {'service' if part == 'names' else 'word'} is"
            by_text = self._convert(meanings[part], dict[str, Any], place, message, EXPECTED_SERVICE) or {}
            meanings[part] = {
                text: self._convert(meaning, kind, f"{place}.{text}", message, EXPECTED_SERVICE)
                for text, meaning in by_text.items()
            }
        return rule and structs.replace(rule, **meanings)

    def _convert(self, value: Any, kind: Any, place: str, message: str, expected: str) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self._problem(place, f"{message} ({error})", expected)
            return None

    def _problem(self, place: str | None, message: str, expected: str) -> None:
        self.problems.append(Problem(self.file, None, place, None, expected, message))


def _as_texts(value: Any) -> Any:
    """A section with its numbers and dates as text: every cell of a table is text."""
    if isinstance(value, dict):
        return {key: _as_texts(part) for key, part in value.items()}
    return list(map(_as_texts, value)) if isinstance(value, list) else str(value)


def _find_unanswered(document: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(place for place, text in _texts(document) if place and text == UNANSWERED))


def _texts(value: Any, place: str = "") -> Iterator[tuple[str | None, str]]:
    """Every text of a document at any depth, with the setting that it is the value of; None for keys and items."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield None, key
            yield from _texts(part, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from ((at if isinstance(part, dict) else None, text) for at, text in _texts(part, place))
    elif isinstance(value, str):
        yield place, value
