"""How well a column of a foreign table fits a field of our template: by its header, and by what stands beneath it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from data.files import is_missing
from data.reference.loader import FOLDER
from data.schema.column_types import Choice as Words
from data.schema.column_types import Code, ColumnType, ListOf, Number, ParseHints, PartialDate
from data.schema.date_columns import read_dates
from data.schema.sheet_reader import normalize_heading
from data.schema.template import SHEETS, SheetSchema
from models.csv_rows import read_csv_rows

MAX_SAMPLED_VALUES = 2_000  # different values of a column, spread evenly
HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 0.85, 0.6  # from here on a fit is called so

MIN_LIKENESS = 0.8  # of a header and an alias: "Treatment dates" and "Treatment Date" 0.97, "Tip" and "Trip" 0.86
SHORT, MIN_LIKENESS_OF_SHORT = 5, 0.95  # letters; "Tax" is like "Toxin" and means something else
MIN_READABLE_SHARE = 0.3  # of the values: below it the header alone proves nothing
MIN_CODE_SHARE = 0.8  # of the values, where nothing but the values speaks for a column
VALUES_ONLY_CONFIDENCE = 0.5
NUMERIC_CODES, MAX_NUMBERS = 0.5, 50
# Of a word and the code that it may be: another spelling on the list; near to one (rapidfuzz, 0-100).
EXACT_SPELLING, NEAR_SPELLING = 0.9, 0.5
MIN_SPELLING_LIKENESS, MIN_LETTERS = 80, 4
MAX_VALUES_LOOKED_UP = 200
MAX_SITES = 20  # different values; clinics, practitioners and states are few
UNNAMED_PENALTY = 0.7  # a client's name, where a number would tell two of one name apart


@dataclass(frozen=True)
class ColumnAlias:
    """Another name of a column. `ask`: what it holds is not sure before a person has said so."""

    sheet: str
    column: str
    alias: str
    ask: bool
    source: str


@dataclass(frozen=True)
class ColumnSample:
    """A column of a foreign table: its header, its different filled values, and whether it tells who a client is."""

    header: str
    distinct: tuple[str, ...]
    filled: int
    identifying: str | None = None


@dataclass(frozen=True)
class ColumnMatch:
    """A column for a field, how sure (0 to 1) and why. `ask`: a person must say before it is used."""

    field: str
    column: str
    confidence: float
    reason: str
    needs_confirmation: bool = False


def confidence_label(confidence: float) -> str:
    """How sure, as a person reads it."""
    return "sure" if confidence >= HIGH_CONFIDENCE else "likely" if confidence >= MEDIUM_CONFIDENCE else "please check"


def distinct_values(cells: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """The different filled cells, spread over the column, and how many cells are filled."""
    filled = [cell for cell in cells if not is_missing(cell)]
    found = list(dict.fromkeys(filled))
    return tuple(found[:: 1 + len(found) // MAX_SAMPLED_VALUES]), len(filled)


def match_columns(kind: SheetSchema, columns: Sequence[ColumnSample]) -> list[ColumnMatch]:
    """Each field of the sheet with the column that fits it best; each column for one field. The surest come first."""
    possible = [fit for column in columns for fit in _possible_matches(kind, column)]
    possible.sort(key=lambda fit: (-fit.confidence, fit.needs_confirmation))
    taken: list[ColumnMatch] = []
    for fit in possible:
        if all(fit.field != other.field and fit.column != other.column for other in taken):
            taken.append(fit)
    return taken


def share_readable(kind: ColumnType, values: Sequence[str]) -> float:
    """The share of values that can be read as this kind; of codes also those with a near spelling."""
    if not values:
        return 0.0
    if isinstance(kind, PartialDate):
        return 1 - len(read_dates(values, range(len(values))).problems) / len(values)
    if isinstance(kind, Number):
        return len(kind.parse_column(dict(zip(values, range(len(values)), strict=True)), ParseHints()).values) / len(
            values
        )
    if isinstance(kind, ListOf):
        return share_readable(
            kind.item_type, [part.strip() for value in values for part in value.split(";") if part.strip()]
        )
    if isinstance(kind, Code | Words):
        values = values[:: 1 + len(values) // MAX_VALUES_LOOKED_UP]
        return sum(nearest_code(kind, value)[0] is not None for value in values) / len(values)
    return 1.0


def nearest_code(kind: ColumnType, value: str) -> tuple[str | None, float]:
    """The code that a value is or may be meant to be, and how sure that is."""
    kind = kind.item_type if isinstance(kind, ListOf) else kind
    if is_exact_code(kind, value):
        return kind.parse_column({value: 0}, ParseHints()).values[value], 1.0
    codes = _spellings(kind).get(_normalize(value), ())
    if codes:
        return codes[0], EXACT_SPELLING if len(codes) == 1 else NEAR_SPELLING
    found = process.extractOne(
        _normalize(value), list(_spellings(kind)), scorer=fuzz.ratio, score_cutoff=MIN_SPELLING_LIKENESS
    )
    return (_spellings(kind)[found[0]][0], NEAR_SPELLING) if found and len(value) >= MIN_LETTERS else (None, 0.0)


def is_exact_code(kind: ColumnType, value: str) -> bool:
    """Is the value a code or label as it stands?"""
    return not kind.parse_column({value: 0}, ParseHints()).errors


def _possible_matches(kind: SheetSchema, column: ColumnSample) -> list[ColumnMatch]:
    found = []
    for field, names in _field_aliases(kind.name).items():
        likeness, alias = max((_likeness(column.header, name.alias), name.ask) for name in names)
        values = _match_by_values(kind, field, column) if likeness else 0.0
        if likeness and values >= MIN_READABLE_SHARE:
            confidence, why = likeness * (0.4 + 0.6 * values), "by its header and its values"
            if field == "client" and column.identifying:
                confidence, why = confidence * UNNAMED_PENALTY, "names, which become pseudonyms"
            found.append(ColumnMatch(field, column.header, round(confidence, 2), why, alias))
        elif likeness and _has_numeric_codes(kind, field, column):
            why = "by its header; what each number means must be said"
            found.append(ColumnMatch(field, column.header, round(likeness * NUMERIC_CODES, 2), why, alias))
        elif not likeness and _are_listed_labels(kind, field, column):
            found.append(ColumnMatch(field, column.header, VALUES_ONLY_CONFIDENCE, "by its values alone"))
    return found


def _match_by_values(kind: SheetSchema, field: str, column: ColumnSample) -> float:
    if column.identifying and field != "client":
        return 0.0
    few = min(1.0, MAX_SITES / max(1, len(column.distinct)))
    if field in ("site", "practitioner", "lines"):
        return few
    if field in ("service", "client"):
        return 1.0 if column.distinct else 0.0
    meant = next(one for one in kind.columns if one.name == field)
    share = share_readable(meant.type, column.distinct)
    if field == kind.columns[0].name and meant.required and column.filled:
        return share * len(column.distinct) / column.filled  # an id that comes again is no id
    return share


def _has_numeric_codes(kind: SheetSchema, field: str, column: ColumnSample) -> bool:
    """Are codes of ours written as numbers of theirs, as REDCap exports them raw?"""
    meant = next((one.type for one in kind.columns if one.name == field), None)
    few = 0 < len(column.distinct) <= MAX_NUMBERS and not column.identifying
    return few and isinstance(meant, Code | Words | ListOf) and all(text.isdecimal() for text in column.distinct)


def _are_listed_labels(kind: SheetSchema, field: str, column: ColumnSample) -> bool:
    """Are nearly all values of the column on the list of this field, which is too long to fit by chance?"""
    if field not in ("area", "product", "side_effect") or column.identifying or len(column.distinct) < 2:
        return False
    spellings = _spellings(next(one.type for one in kind.columns if one.name == field))
    return sum(_normalize(value) in spellings for value in column.distinct) >= MIN_CODE_SHARE * len(column.distinct)


def _likeness(header: str, alias: str) -> float:
    header, alias = normalize_heading(header).replace("_", " "), normalize_heading(alias).replace("_", " ")
    like = fuzz.ratio(header, alias) / 100
    least = MIN_LIKENESS_OF_SHORT if min(len(header), len(alias)) <= SHORT else MIN_LIKENESS
    return like if like >= least else 0.0


@cache
def _field_aliases(sheet: str) -> dict[str, tuple[ColumnAlias, ...]]:
    """The fields of a sheet, and what they may be called: their own name, and reference/column_aliases.csv."""
    kind = next(kind for kind in SHEETS if kind.name == sheet)
    found = {
        column.name: [ColumnAlias(sheet, column.name, column.name, False, "ours")]
        for column in kind.columns
        if not column.for_exports
    }
    for alias in read_csv_rows(FOLDER / "column_aliases.csv", ColumnAlias):
        if alias.sheet == sheet or (alias.sheet == "treatments" and alias.column in ("client", "treatment_id")):
            found.setdefault(alias.column, []).append(alias)
    return {column: tuple(names) for column, names in found.items()}


@cache
def _spellings(kind: ColumnType) -> dict[str, tuple[str, ...]]:
    """The codes that a spelling may mean: its label, plain words and other spellings among them."""
    if isinstance(kind, Words):
        return {_normalize(choice): (choice,) for choice in kind.choices}
    found: dict[str, dict[str, None]] = {}
    for entry in kind.entries().values():
        for spelling in (entry.code, entry.label, entry.plain, *entry.also):
            found.setdefault(_normalize(spelling), {})[entry.code] = None
    return {spelling: tuple(codes) for spelling, codes in found.items()}


def _normalize(text: str) -> str:
    return normalize_heading(text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")).replace("_", " ")
