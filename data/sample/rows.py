"""Turn the arrays of the sample clinic into rows of the tables of records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Table, select

from data.database.bulk_insert import free_ids, insert_many
from data.records import kinds
from data.sample.clinic import PRACTITIONERS, SITES, SampleClinic
from data.sample.follow_ups import METHODS, OUTCOMES
from data.sample.notes import CAME_TO_LIGHT, SIDES, STATES
from models import codelist
from models.records import OURS

KEY_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz234567"))  # base32, as the pseudonyms of imported clients
KEY_LENGTH, KEY_LENGTH_UNIQUE = 16, 6
FEMALE_SHARE, MALE_SHARE = 0.86, 0.12  # the sex of the others is not recorded
MIN_AGE, MAX_AGE = 19, 74  # on the first day of the records

Columns = dict[str, np.ndarray | list]


@dataclass(frozen=True)
class SampleRecords:
    """Everything the sample clinic did and heard: the tables of the simulations."""

    clinic: SampleClinic
    visits: np.recarray
    places: np.recarray
    log: np.recarray
    reports: np.recarray
    notes: np.recarray
    remedies: np.recarray

    @property
    def row_count(self) -> int:
        """How many rows a file of these records would have."""
        return sum(map(len, (self.visits, self.places, self.log, self.reports, self.notes, self.remedies)))


def insert_sample(connection: Connection, sample: SampleRecords, source: str, batch: int) -> int:
    """Insert all records of the sample clinic. Returns the number of clients."""
    facts, lots = sample.clinic.facts, sample.clinic.lots
    origin = {"source": source, "import_batch_id": batch}

    def add(table: Table, columns: Columns, ids: Sequence[int] = ()) -> np.ndarray:
        rows = len(next(iter(columns.values())))
        constants = {name: [value] * rows for name, value in origin.items() if name in table.c}
        return _insert(connection, table, ids or free_ids(connection, table, rows), columns | constants)

    client = _find_or_insert(connection, kinds.CLIENT, ["key"], _client_columns(sample))
    sites = {"code": list(SITES), "name": [code.capitalize() for code in SITES]}
    site = _find_or_insert(connection, kinds.SITE, ["code"], sites)
    practitioners = {"code": [row.code for row in PRACTITIONERS]}
    practitioner = _find_or_insert(connection, kinds.PRACTITIONER, ["code"], practitioners)
    ids = free_ids(connection, kinds.TREATMENT, len(sample.visits))
    visits = sample.visits
    treated = {
        "client_id": client[visits.client],
        "site_id": site[visits.site],
        "practitioner_id": practitioner[visits.practitioner],
        "date": _pick(sample.clinic.dates, visits.day),
        "touch_up_of_id": _pick(ids, visits.touch_up_of),
        "source_id": _source_ids("T", visits.size),
    }
    treatment = add(kinds.TREATMENT, treated, ids)

    listed = [codelist.products()[code] for code in facts.products]
    described = {name: [getattr(row, name) for row in listed] for name in ("code", "label", "unit", "active")}
    described["dictionary"] = [OURS] * len(listed)
    product = _find_or_insert(connection, kinds.PRODUCT, ["code"], described)
    numbered = {
        "product_id": [int(product[facts.product(row.product)]) for row in lots],
        "number": [row.number for row in lots],
        "expiry": [sample.clinic.dates[row.expiry] for row in lots],
    }
    lot = _find_or_insert(connection, kinds.LOT, ["product_id", "number"], numbered)
    add(kinds.INJECTION, _injection_columns(sample, treatment, product, lot))
    add(kinds.FOLLOW_UP, _follow_up_columns(sample, treatment))
    side_effect = add(kinds.SIDE_EFFECT, _side_effect_columns(sample, client, treatment))
    add(kinds.STATUS, _status_columns(sample, side_effect))
    remedies = {
        "side_effect_id": side_effect[sample.remedies.report],
        "remedy": _pick([offer.remedy for offer in facts.offers], sample.remedies.offer),
        "kind": _pick(("advised", "used"), sample.remedies.used.astype(int)),
        "from_date": _pick(sample.clinic.dates, sample.remedies.day),
    }
    add(kinds.REMEDY, remedies)
    return client.size


def _client_columns(sample: SampleRecords) -> dict[str, list]:
    rng = sample.clinic.rng
    number = np.arange(sample.visits.client.max() + 1)
    born = sample.clinic.first_day.year - rng.integers(MIN_AGE, MAX_AGE, size=number.size)
    shares = [FEMALE_SHARE, MALE_SHARE, 1 - FEMALE_SHARE - MALE_SHARE]
    sex = rng.choice(3, size=number.size, p=shares)
    keys = _pseudonyms(rng, number)
    return {"key": keys, "year_of_birth": born.tolist(), "sex": _pick(("female", "male", None), sex)}


def _pseudonyms(rng: np.random.Generator, number: np.ndarray) -> list[str]:
    """Keys that reveal no order: a one-to-one shuffle of the numbers written in letters, then random letters."""
    base = len(KEY_LETTERS)
    many = base**KEY_LENGTH_UNIQUE
    odd = int(rng.integers(many // 4, many // 2)) * 2 + 1  # `many` is a power of 2, so no two products are equal
    shuffled = (number * odd + int(rng.integers(many))) % many
    unique = shuffled[:, None] // base ** np.arange(KEY_LENGTH_UNIQUE) % base
    random = rng.integers(base, size=(number.size, KEY_LENGTH - KEY_LENGTH_UNIQUE))
    letters = KEY_LETTERS[np.column_stack([unique, random])]
    return np.ascontiguousarray(letters).view(f"U{KEY_LENGTH}").ravel().tolist()


def _injection_columns(sample: SampleRecords, treatment: np.ndarray, product: np.ndarray, lot: np.ndarray) -> Columns:
    """One row per treated area; two for a sided area whose practitioner records left and right."""
    places = sample.places
    sided = np.array([row.sided for row in codelist.areas().values()])[places.area]
    apart = np.array([row.sides_apart for row in PRACTITIONERS])[sample.visits.practitioner[places.treatment]]
    rows = np.where(sided & apart, 2, 1)
    place = np.repeat(np.arange(places.area.size), rows)
    rows = rows[place]
    is_second = np.append(False, place[1:] == place[:-1])
    side = np.where(rows == 2, SIDES.index("left"), np.where(sided[place], SIDES.index("both"), -1))
    side[is_second] = SIDES.index("right")
    points = places.points[place]
    points = np.where(points >= 0, np.ceil(points / rows), -1).astype(int)
    return {
        "treatment_id": treatment[places.treatment[place]],
        "area": _pick(sample.clinic.facts.areas, places.area[place]),
        "side": _pick(SIDES, side),
        "product_id": product[places.product[place]],
        "lot_id": _pick(lot.tolist(), places.lot[place]),
        "units": places.units[place] / rows,
        "points": _pick(range(points.max() + 1), points),
    }


def _follow_up_columns(sample: SampleRecords, treatment: np.ndarray) -> Columns:
    log = sample.log
    return {
        "treatment_id": treatment[log.treatment],
        "date": _pick(sample.clinic.dates, log.day),
        "method": _pick(METHODS, log.method),
        "outcome": _pick(OUTCOMES, log.outcome),
        "asked": _pick(("open", "checklist"), log.checklist),
        "score": _pick((0.0, 1.0, 2.0, 3.0, 4.0), log.score),
        "scale": _pick(("movement", "sweating"), np.where(log.score >= 0, log.sweating, -1)),
        "source_id": _source_ids("F", log.size),
    }


def _side_effect_columns(sample: SampleRecords, client: np.ndarray, treatment: np.ndarray) -> Columns:
    reports, facts, dates = sample.reports, sample.clinic.facts, sample.clinic.dates
    own_words = [codelist.side_effects()[code].plain for code in facts.side_effects]
    return {
        "client_id": client[sample.visits.client[reports.treatment]],
        "treatment_id": _pick(treatment.tolist(), np.where(reports.treatment_named, reports.treatment, -1)),
        "area": _pick(facts.areas, reports.area),
        "side": _pick(SIDES, reports.side),
        "term": _pick(facts.side_effects, reports.side_effect),
        "as_given": _pick(own_words, np.where(reports.in_own_words, reports.side_effect, -1)),
        "onset_first": _pick(dates, reports.onset_first),
        "onset_last": _pick(dates, reports.onset_last),
        "came_to_light": _pick(CAME_TO_LIGHT, reports.came_to_light),
        "serious": _pick(("important_event",), np.where(reports.red_flag, 0, -1)),
        "source_id": _source_ids("E", reports.size),
    }


def _status_columns(sample: SampleRecords, side_effect: np.ndarray) -> Columns:
    notes, dates = sample.notes, sample.clinic.dates
    listed = [codelist.side_effects()[code] for code in sample.clinic.facts.side_effects]
    scales = ["ctcae_5" if row.ctcae_term else "mild_moderate_severe" for row in listed]
    graded = np.where(notes.grade >= 0, sample.reports.side_effect[notes.report], -1)
    return {
        "side_effect_id": side_effect[notes.report],
        "date": _pick(dates, notes.day),
        "state": _pick(STATES, notes.state),
        "last_day": _pick(dates, notes.last_day),
        "grade": _pick(range(6), notes.grade),
        "grade_scale": _pick(scales, graded),
        "source_id": _source_ids("N", notes.size),
    }


def _pick(values: Sequence, positions: np.ndarray) -> list:
    """One of the values per position; None where the position is negative."""
    return [values[position] if position >= 0 else None for position in positions.tolist()]


def _source_ids(prefix: str, rows: int) -> list[str]:
    return [f"{prefix}{number:07}" for number in range(1, rows + 1)]


def _insert(connection: Connection, table: Table, ids: Sequence[int], columns: Columns) -> np.ndarray:
    """Insert rows under these ids."""
    lists = {name: column if isinstance(column, list) else column.tolist() for name, column in columns.items()}
    for _ in insert_many(connection, table, lists | {"id": list(ids)}):
        pass
    return np.array(ids, dtype=np.int64)


def _find_or_insert(connection: Connection, table: Table, key: Sequence[str], columns: dict[str, list]) -> np.ndarray:
    """The ids of rows by their natural key; rows that do not exist yet are inserted."""
    found = connection.execute(select(table.c.id, *(table.c[name] for name in key)))
    ids = {tuple(values): number for number, *values in found}
    keys = list(zip(*(columns[name] for name in key), strict=True))
    new = [position for position, values in enumerate(keys) if values not in ids]
    new_ids = free_ids(connection, table, len(new))
    _insert(connection, table, new_ids, {name: [column[n] for n in new] for name, column in columns.items()})
    ids |= zip((keys[position] for position in new), new_ids, strict=True)
    return np.array([ids[values] for values in keys])
