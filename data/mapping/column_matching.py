"""How well a column of a foreign table fits a field of our template, by its header and by its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from data.mapping.proposal import FieldSuggestion
from data.mapping.service_names import service_words
from data.mapping.spec import SCHEMAS, field_type
from data.reference.loader import FOLDER
from data.schema.column_types import Choice, Code, ColumnType, ListOf
from data.schema.date_columns import PartialDate
from data.schema.follow_up_log import NOTHING_TO_REPORT, NOTHING_WORDS
from data.schema.number_columns import Number
from data.schema.sheet_reader import normalize_heading
from data.schema.template import SheetSchema
from models import codelist
from models.csv_rows import read_csv_rows

MIN_LIKENESS = 0.8  # of a header and an alias: "Treatment dates" and "Treatment Date" 0.97, "Tip" and "Trip" 0.86
SHORT, MIN_LIKENESS_OF_SHORT = 5, 0.95  # letters; "Tax" resembles "Toxin" and means something else
MIN_READABLE_SHARE = 0.3  # of the values: below it the header alone proves nothing
MIN_CODE_SHARE = 0.8  # of the values, if only the values suggest a field
VALUES_ONLY_CONFIDENCE = 0.5
NUMERIC_CODES_WEIGHT, MAX_NUMERIC_CODES = 0.5, 50
# Confidence in a code for a value that is another spelling of it, or close to one (rapidfuzz, 0-100).
EXACT_SPELLING, NEAR_SPELLING = 0.9, 0.5
MIN_SPELLING_LIKENESS, MIN_LETTERS = 80, 4
MAX_VALUES_LOOKED_UP = 200
MAX_SITES = 20  # different values; a clinic has few sites, practitioners and states
UNPROVEN_CONFIDENCE = 0.84  # of a header whose values any text would fit: likely, never sure
CLIENT_NAME_WEIGHT = 0.7  # a number tells apart two clients with the same name

LISTED_WORDS = {codelist.areas: "areas", codelist.products: "product", codelist.side_effects: "side_effect"}
PROVEN_BY_VALUES = (Code, Choice, ListOf, PartialDate, Number)
FIELD_TYPES = {(kind.name, column.name): column.type for kind in SCHEMAS.values() for column in kind.columns}


@dataclass(frozen=True)
class ColumnAlias:
    """Another name of a column. `ask`: a person must say what the column holds."""

    sheet: str
    column: str
    alias: str
    ask: bool
    source: str


@dataclass(frozen=True)
class ColumnSample:
    """A column of a foreign table: its header, its different values, how many cells are filled, and how it identifies
    a client, if it does."""

    header: str
    distinct: tuple[str, ...]
    filled: int
    identifying: str | None = None


def match_columns(kind: SheetSchema, samples: Sequence[ColumnSample]) -> list[FieldSuggestion]:
    """The best column for each field of the sheet, each column used once; the most confident first."""
    possible = [match for sample in samples for match in _possible_matches(kind, sample)]
    possible.sort(key=lambda match: (-match.confidence, match.needs_confirmation))
    chosen: list[FieldSuggestion] = []
    for match in possible:
        if all(match.name != other.name and match.text != other.text for other in chosen):
            chosen.append(match)
    return chosen


def share_readable(kind: ColumnType, values: Sequence[str]) -> float:
    """The share of values that can be read as this kind; of codes also those with a similar spelling."""
    if not values:
        return 0.0
    if isinstance(kind, PartialDate | Number):
        reader = kind if isinstance(kind, Number) else PartialDate()
        parsed = reader.parse_column(dict.fromkeys(values, 0))
        return (len(parsed.values) + len(parsed.undecided)) / len(values)
    if isinstance(kind, ListOf):
        parts = [part.strip() for value in values for part in value.split(";") if part.strip()]
        return share_readable(kind.item_type, parts)
    if isinstance(kind, Code | Choice):
        values = values[:: 1 + len(values) // MAX_VALUES_LOOKED_UP]
        return sum(nearest_code(kind, value)[0] is not None for value in values) / len(values)
    return 1.0


def nearest_code(kind: ColumnType, value: str) -> tuple[str | None, float]:
    """The code that a value is or may stand for, and the confidence in it."""
    kind = kind.item_type if isinstance(kind, ListOf) else kind
    if is_exact_code(kind, value):
        return kind.parse_column({value: 0}).values[value], 1.0
    spellings, text = _spellings(kind), _normalize(value)
    if kind == FIELD_TYPES["side_effects", "side_effect"] and text in NOTHING_WORDS:
        return NOTHING_TO_REPORT, EXACT_SPELLING
    if codes := spellings.get(text):
        return codes[0], EXACT_SPELLING if len(codes) == 1 else NEAR_SPELLING
    near = process.extractOne(text, list(spellings), scorer=fuzz.ratio, score_cutoff=MIN_SPELLING_LIKENESS)
    return (spellings[near[0]][0], NEAR_SPELLING) if near and len(value) >= MIN_LETTERS else (None, 0.0)


def is_side_effect_name(header: str) -> bool:
    """Whether the header is a spelling of one side effect."""
    return len(_spellings(FIELD_TYPES["side_effects", "side_effect"]).get(_normalize(header), ())) == 1


def is_exact_code(kind: ColumnType, value: str) -> bool:
    """Whether the value is a code or label as it stands."""
    return not kind.parse_column({value: 0}).errors


def _possible_matches(kind: SheetSchema, sample: ColumnSample) -> list[FieldSuggestion]:
    matches = []
    for field, aliases in _field_aliases(kind.name).items():
        likeness, ask = max((_likeness(sample.header, alias.alias), alias.ask) for alias in aliases)
        share = _share_of_values(kind, field, sample) if likeness else 0.0
        if likeness and share >= MIN_READABLE_SHARE:
            confidence, reason = likeness * (0.4 + 0.6 * share), "by its header and its values"
            if not isinstance(FIELD_TYPES.get((kind.name, field)), PROVEN_BY_VALUES):
                confidence, reason = min(confidence, UNPROVEN_CONFIDENCE), "by its header"
            if field == "client" and sample.identifying:
                confidence, reason = confidence * CLIENT_NAME_WEIGHT, "names, which become pseudonyms"
        elif likeness and _has_numeric_codes(kind, field, sample):
            confidence, reason = likeness * NUMERIC_CODES_WEIGHT, "by its header; say what each number means"
        elif not likeness and _has_listed_labels(kind, field, sample):
            confidence, reason, ask = VALUES_ONLY_CONFIDENCE, "by its values alone", False
        else:
            continue
        matches.append(FieldSuggestion(kind.name, field, f"{{{sample.header}}}", round(confidence, 2), reason, ask))
    return matches


def _share_of_values(kind: SheetSchema, field: str, sample: ColumnSample) -> float:
    """The share of the column's values that the field could hold."""
    if sample.identifying and field != "client":
        return 0.0
    if field in ("site", "practitioner", "lines"):
        return min(1.0, MAX_SITES / max(1, len(sample.distinct)))
    if field in ("service", "client"):
        return 1.0 if sample.distinct else 0.0
    share = share_readable(field_type(kind.name, field), sample.distinct)
    if field == kind.columns[0].name and kind.columns[0].required and sample.filled:
        return share * len(sample.distinct) / sample.filled  # an id that repeats is not an id
    return share


def _has_numeric_codes(kind: SheetSchema, field: str, sample: ColumnSample) -> bool:
    """Whether numbers stand for our codes, as in a raw REDCap export."""
    few = 0 < len(sample.distinct) <= MAX_NUMERIC_CODES and not sample.identifying
    is_coded = isinstance(field_type(kind.name, field), Code | Choice | ListOf)
    return few and is_coded and all(text.isdecimal() for text in sample.distinct)


def _has_listed_labels(kind: SheetSchema, field: str, sample: ColumnSample) -> bool:
    """Whether nearly all values are on the field's list, which is too long to match by chance."""
    if field not in ("area", "product", "side_effect") or sample.identifying or len(sample.distinct) < 2:
        return False
    spellings = _spellings(field_type(kind.name, field))
    return sum(_normalize(value) in spellings for value in sample.distinct) >= MIN_CODE_SHARE * len(sample.distinct)


def _likeness(header: str, alias: str) -> float:
    header, alias = normalize_heading(header).replace("_", " "), normalize_heading(alias).replace("_", " ")
    likeness = fuzz.ratio(header, alias) / 100
    least = MIN_LIKENESS_OF_SHORT if min(len(header), len(alias)) <= SHORT else MIN_LIKENESS
    return likeness if likeness >= least else 0.0


@cache
def _field_aliases(sheet: str) -> dict[str, list[ColumnAlias]]:
    """The fields of a sheet with their possible headers: their own name, and those in reference/column_aliases.csv."""
    columns = [column.name for column in SCHEMAS[sheet].columns if not column.for_exports]
    aliases = {name: [ColumnAlias(sheet, name, name, False, "ours")] for name in columns}
    for alias in read_csv_rows(FOLDER / "column_aliases.csv", ColumnAlias):
        if alias.sheet == sheet or (alias.sheet == "treatments" and alias.column in ("client", "treatment_id")):
            aliases.setdefault(alias.column, []).append(alias)
    return aliases


@cache
def _spellings(kind: ColumnType) -> dict[str, tuple[str, ...]]:
    """Each spelling (label, plain words and others) with the codes that it may mean."""
    if isinstance(kind, Choice):
        return {_normalize(choice): (choice,) for choice in kind.choices}
    codes: dict[str, dict[str, None]] = {}
    for entry in kind.entries().values():
        for spelling in (entry.code, entry.label, entry.plain, *entry.also):
            codes.setdefault(_normalize(spelling), {})[entry.code] = None
    for word in service_words():
        if word.means == LISTED_WORDS.get(kind.entries) and len(word.codes) == 1:
            codes.setdefault(_normalize(word.word), {word.codes[0]: None})
    return {spelling: tuple(found) for spelling, found in codes.items()}


def _normalize(text: str) -> str:
    return normalize_heading(text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")).replace("_", " ")
