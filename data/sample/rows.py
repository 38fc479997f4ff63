"""Turn the arrays of the sample clinic into rows of the tables of records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, select

from data.database.bulk_insert import free_ids, insert_many
from data.sample.assumptions import Assumptions
from data.sample.clinic import PRACTITIONERS, SITES, SampleClinic
from data.sample.follow_ups import METHODS, OUTCOMES, ContactLog
from data.sample.notes import CAME_TO_LIGHT, SIDES, STATES, OfferedRemedies, ReportedEffects, StatusNotes
from data.sample.treatments import SimulatedVisits, TreatedPlaces
from models import codelist
from models.records import OURS, Record

KEY_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz234567"))  # base32, as the pseudonyms of imported clients
KEY_LENGTH, KEY_LENGTH_UNIQUE = 16, 6
FEMALE_SHARE, MALE_SHARE = 0.86, 0.12  # the sex of the others is not recorded
MIN_AGE, MAX_AGE = 19, 74  # on the first day of the records

Columns = dict[str, np.ndarray | list]


@dataclass(frozen=True)
class SampleRecords:
    """Everything the sample clinic did and heard."""

    clinic: SampleClinic
    facts: Assumptions
    visits: SimulatedVisits
    places: TreatedPlaces
    log: ContactLog
    reports: ReportedEffects
    notes: StatusNotes
    remedies: OfferedRemedies

    @property
    def row_count(self) -> int:
        """How many rows a file of these records would have."""
        parts = self.visits.day, self.places.area, self.log.day, self.reports.day, self.notes.day, self.remedies.day
        return sum(part.size for part in parts)


def insert_sample(
    connection: Connection, rng: np.random.Generator, sample: SampleRecords, source: str, batch: int
) -> dict[str, np.ndarray]:
    """Insert all records of the sample clinic. Returns the new ids by table."""
    facts, visits, dates = sample.facts, sample.visits, sample.clinic.dates
    of_batch = {"import_batch_id": batch}
    of_source = of_batch | {"source": source}

    def add(name: str, columns: Columns, **constants: Any) -> np.ndarray:
        table = Record.metadata.tables[name]
        ids = free_ids(connection, table, len(next(iter(columns.values()))))
        return _insert(connection, table, ids, columns, **constants)

    def find_or_add(name: str, key: Sequence[str], columns: dict[str, list]) -> np.ndarray:
        return _find_or_insert(connection, Record.metadata.tables[name], key, columns)

    client = find_or_add("client", ["key"], _client_columns(rng, sample))
    site = find_or_add("site", ["code"], {"code": list(SITES), "name": [code.capitalize() for code in SITES]})
    practitioner = find_or_add("practitioner", ["code"], {"code": [row.code for row in PRACTITIONERS]})
    treatment_table = Record.metadata.tables["treatment"]
    treatment_ids = free_ids(connection, treatment_table, visits.day.size)
    treatment = _insert(
        connection,
        treatment_table,
        treatment_ids,
        {
            "client_id": client[visits.client],
            "site_id": site[visits.site],
            "practitioner_id": practitioner[visits.practitioner],
            "date": _pick(dates, visits.day),
            "touch_up_of_id": _pick(treatment_ids, visits.touch_up_of),
            "source_id": _source_ids("T", visits.day.size),
        },
        **of_source,
    )

    listed = [codelist.products()[code] for code in facts.products]
    product = find_or_add(
        "product",
        ["code"],
        {
            "code": facts.products,
            "label": [row.label for row in listed],
            "unit": [row.unit for row in listed],
            "active": [row.active for row in listed],
            "dictionary": [OURS] * len(listed),
        },
    )
    lots = sample.clinic.lots
    lot = find_or_add(
        "lot",
        ["product_id", "number"],
        {
            "product_id": [int(product[facts.product(row.product)]) for row in lots],
            "number": [row.number for row in lots],
            "expiry": [sample.clinic.date(row.expiry) for row in lots],
        },
    )
    injection = add("injection", _injection_columns(sample, treatment, product, lot))

    log = sample.log
    follow_up = add(
        "follow_up",
        {
            "treatment_id": treatment[log.treatment],
            "date": _pick(dates, log.day),
            "method": _pick(METHODS, log.method),
            "outcome": _pick(OUTCOMES, log.outcome),
            "asked": _pick(("open", "checklist"), log.checklist),
            "score": _pick((0.0, 1.0, 2.0, 3.0, 4.0), log.score),
            "scale": _pick(("movement", "sweating"), np.where(log.score >= 0, log.sweating, -1)),
            "source_id": _source_ids("F", log.day.size),
        },
        **of_source,
    )

    reports = sample.reports
    effects = [codelist.side_effects()[code] for code in facts.side_effects]
    side_effect = add(
        "side_effect",
        {
            "client_id": client[visits.client[reports.treatment]],
            "treatment_id": _pick(treatment.tolist(), np.where(reports.treatment_named, reports.treatment, -1)),
            "area": _pick(facts.areas, reports.area),
            "side": _pick(SIDES, reports.side),
            "term": _pick(facts.side_effects, reports.side_effect),
            "as_given": _pick([row.plain for row in effects], np.where(reports.in_own_words, reports.side_effect, -1)),
            "onset_first": _pick(dates, reports.onset_first),
            "onset_last": _pick(dates, reports.onset_last),
            "came_to_light": _pick(CAME_TO_LIGHT, reports.came_to_light),
            "serious": _pick(("important_event",), np.where(reports.red_flag, 0, -1)),
            "source_id": _source_ids("E", reports.day.size),
        },
        **of_source,
    )

    notes = sample.notes
    scales = ["ctcae_5" if row.ctcae_term else "mild_moderate_severe" for row in effects]
    status = add(
        "status",
        {
            "side_effect_id": side_effect[notes.report],
            "date": _pick(dates, notes.day),
            "state": _pick(STATES, notes.state),
            "last_day": _pick(dates, notes.last_day),
            "grade": _pick(range(6), notes.grade),
            "grade_scale": _pick(scales, np.where(notes.grade >= 0, reports.side_effect[notes.report], -1)),
            "source_id": _source_ids("N", notes.day.size),
        },
        **of_batch,
    )

    remedies = sample.remedies
    remedy = add(
        "remedy",
        {
            "side_effect_id": side_effect[remedies.report],
            "remedy": _pick([offer.remedy for offer in facts.offers], remedies.offer),
            "kind": _pick(("advised", "used"), remedies.used.astype(int)),
            "from_date": _pick(dates, remedies.day),
        },
        **of_batch,
    )
    return {
        "client": client,
        "treatment": treatment,
        "injection": injection,
        "follow_up": follow_up,
        "side_effect": side_effect,
        "status": status,
        "remedy": remedy,
    }


def _client_columns(rng: np.random.Generator, sample: SampleRecords) -> dict[str, list]:
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
        "area": _pick(sample.facts.areas, places.area[place]),
        "side": _pick(SIDES, side),
        "product_id": product[places.product[place]],
        "lot_id": _pick(lot.tolist(), places.lot[place]),
        "units": places.units[place] / rows,
        "points": _pick(range(points.max() + 1), points),
    }


def _pick(values: Sequence, positions: np.ndarray) -> list:
    """One of the values per position; None where the position is negative."""
    return [values[position] if position >= 0 else None for position in positions.tolist()]


def _source_ids(prefix: str, rows: int) -> list[str]:
    return [f"{prefix}{number:07}" for number in range(1, rows + 1)]


def _insert(connection: Connection, table: Table, ids: Sequence[int], columns: Columns, **constants: Any) -> np.ndarray:
    """Insert rows under these ids, with the same constants in each of them."""
    lists = {name: column if isinstance(column, list) else column.tolist() for name, column in columns.items()}
    lists |= {"id": list(ids)} | {name: [value] * len(ids) for name, value in constants.items()}
    for _ in insert_many(connection, table, lists):
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
