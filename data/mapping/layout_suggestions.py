"""How a table lays out what was injected: doses in one cell, a column per area, check marks, cells left empty."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from data.files import Table, is_missing
from data.mapping.check_marks import CHECK_MARKS, NO_MARKS
from data.mapping.dose_text import DOSE
from data.mapping.proposal import FieldSuggestion, distinct_values
from data.mapping.repeated_cells import DITTO
from data.mapping.service_names import is_area_name, is_product_name, known_words
from data.schema.sheet_reader import normalize_heading

MIN_DOSED_SHARE = 0.5  # of the different cells of a column that name an area with its dose
MIN_STRICT_SHARE = 0.9  # of them, with no other words: the column is kept for doses
MIN_TOXIN_SHARE = 1 / 3  # of the different values of a column of services
MIN_DOSE_CELLS = 0.8  # of the filled cells of a column for one area
NEVER_REPEATED = ("units", "area", "side", "points", "treatment_id")  # fields whose empty cells mean nothing was given


@dataclass(frozen=True)
class DoseLayout:
    """`texts`: columns kept for doses; `notes`: free text that also holds doses; `columns`: a column per area or, if
    not `names_areas`, per product."""

    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    names_areas: bool = True
    names_products: bool = True

    @property
    def has_doses(self) -> bool:
        return bool(self.texts or self.notes or self.columns)


def find_dose_layout(table: Table, skipped: Collection[str]) -> DoseLayout:
    """Where the doses of a table stand, if not one to a row. `skipped`: columns that cannot hold them."""
    columns = [name for name in table.columns if name not in skipped]
    per_area = [name for name in columns if is_area_name(name) and _are_doses(table.column(name))]
    if len(per_area) > 1:
        return DoseLayout(columns=tuple(per_area))
    per_product = [name for name in columns if is_product_name(name) and _are_doses(table.column(name))]
    if len(per_product) > 1:
        return DoseLayout(columns=tuple(per_product), names_areas=False)
    texts, notes = [], []
    for name in columns:
        values, filled = distinct_values(table.column(name))
        readings = [known_words().read(value) for value in values]
        dosed = [reading for reading in readings if any("area" in i and "units" in i for i in reading.injections)]
        if filled and len(dosed) >= MIN_DOSED_SHARE * len(values):
            lots = [reading for reading in dosed if any("lot" in one for one in reading.injections)]
            is_kept_for_doses = not lots and _share_without_words(values) >= MIN_STRICT_SHARE
            (texts if is_kept_for_doses else notes).append(name)
    named = [known_words().read(value) for name in (*texts[:1], *notes[:1]) for value in set(table.column(name))]
    names_products = sum(reading.names_toxin for reading in named) >= MIN_DOSED_SHARE * len(named)
    return DoseLayout(tuple(texts[:1]), tuple(notes[:1]) if not texts else (), names_products=names_products)


def _share_without_words(values: Sequence[str]) -> float:
    strict = type(known_words())(known_words().words)
    return sum(not strict.read(value).unknown for value in values) / max(1, len(values))


def _are_doses(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if not is_missing(cell)]
    fitting = sum(bool(DOSE.match(cell)) or cell.casefold() in CHECK_MARKS | NO_MARKS for cell in filled)
    return bool(filled) and fitting >= MIN_DOSE_CELLS * len(filled)


def find_service_column(table: Table, columns: Collection[str]) -> str | None:
    """The column that names toxins most often, if it does so in a third of its different values or more."""
    shares = {}
    for name in columns:
        values, _ = distinct_values(table.column(name))
        readings = [known_words().read(value) for value in values]
        shares[name] = sum(reading.names_toxin for reading in readings) / max(1, len(readings))
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best and shares[best] >= MIN_TOXIN_SHARE else None


def find_check_marks(table: Table, columns: Collection[str]) -> tuple[str, ...]:
    """Those of these columns that hold nothing but check marks, with at least one mark."""
    found = []
    for name in columns:
        cells = {cell.casefold() for cell in table.column(name) if not is_missing(cell)}
        if cells & CHECK_MARKS and cells <= CHECK_MARKS | NO_MARKS:
            found.append(name)
    return tuple(found)


def find_fill_down(table: Table, fields: Sequence[FieldSuggestion], of_services: Sequence[str] = ()) -> tuple[str, ...]:
    """The columns whose empty cells probably repeat the cell above: of fields that every treatment has, empty in a row
    with other values, below a filled one. `of_services`: the columns with the names of services."""
    used = {name: one.name for one in fields if one.sheet == "treatments" for name in one.columns}
    used = dict.fromkeys(of_services, "product") | used
    columns = {name: table.column(name) for name in used if name in table.columns}
    never = [cells for name, cells in columns.items() if used[name] in NEVER_REPEATED]
    filled = [n for n in range(len(table.rows)) if any(not is_missing(cells[n]) for cells in never)]
    repeated = [name for name, cells in columns.items()
                if used[name] not in NEVER_REPEATED and _is_left_empty([cells[n] for n in filled])]  # fmt: skip
    return tuple(repeated) if any(used[name] in ("date", "client") for name in repeated) else ()


def _is_left_empty(cells: Sequence[str]) -> bool:
    return bool(cells) and not is_missing(cells[0]) and any(not cell or cell in DITTO for cell in cells[1:])


def find_negative_column(table: Table, candidates: Sequence[str]) -> str | None:
    """The first of these columns with a negative number."""
    return next((name for name in candidates if any(_is_negative(cell) for cell in table.column(name))), None)


def _is_negative(cell: str) -> bool:
    return cell[:1] in ("-", "\u2212") and any(map(str.isdigit, cell))


def describe_unused(table: Table, used: Collection[str], identifying: Collection[str]) -> Iterator[tuple[str, str]]:
    """Columns that the mapping does not read, each with what it looks like."""
    for name in table.columns:
        values, filled = distinct_values(table.column(name))
        if name in used or name in identifying or not filled:
            continue
        if is_area_name(name):
            looks = "doses of an area" if _are_doses(table.column(name)) else "an area"
        elif find_check_marks(table, [name]):
            looks = "check marks"
        elif normalize_heading(name) in ("notes", "note", "comments", "comment", "remarks", "bemerkung", "notas"):
            looks = "notes"
        elif any("units" in one for value in values for one in known_words().read(value).injections):
            looks = "doses"
        else:
            looks = ""
        yield name, looks
