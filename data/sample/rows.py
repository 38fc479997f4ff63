"""From the made-up clinic's arrays to the tables of records."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from data.database.bulk_load import CodedColumn, SequentialIds, get_or_insert_ids, insert_columns, reserve_ids
from data.sample.assumptions import Assumptions
from data.sample.clinic import PRACTITIONERS, SITES, SampleClinic
from data.sample.follow_ups import METHODS, OUTCOMES, ContactLog
from data.sample.notes import CAME_TO_LIGHT, SIDES, STATES, OfferedRemedies, ReportedEffects, StatusNotes
from data.sample.treatments import SimulatedVisits, TreatedPlaces
from models import codelist, records

KEY_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz234567"))  # base32, as the pseudonyms of imported clients
KEY_LENGTH, KEY_LENGTH_UNIQUE = 16, 6
FEMALE_SHARES, MALE_SHARES = 0.86, 0.12  # the others not told
MIN_AGE, MAX_AGE = 19, 74  # on the first day of the records


@dataclass(frozen=True)
class SampleRecords:
    """All that the clinic did and heard."""

    clinic: SampleClinic
    facts: Assumptions
    visits: SimulatedVisits
    places: TreatedPlaces
    log: ContactLog
    reports: ReportedEffects
    notes: StatusNotes
    remedies: OfferedRemedies

    @property
    def rows(self) -> int:
        """How many rows a file of these records would have: each thing given, heard, noted or advised is one."""
        parts = self.visits.day, self.places.area, self.log.day, self.reports.day, self.notes.day, self.remedies.day
        return sum(part.size for part in parts)


def insert_sample(
    connection: Connection, rng: np.random.Generator, made_up: SampleRecords, source: str, import_batch_id: int
) -> dict[str, np.ndarray]:
    """Stores it all; returns the ids of each table's rows."""
    from_batch = {"import_batch_id": import_batch_id}
    from_source = from_batch | {"source": source}
    client = _clients(connection, rng, made_up)
    treatment = _treatments(connection, made_up, client, from_source)
    injection = _injections(connection, made_up, treatment)
    follow_up = _follow_ups(connection, made_up, treatment, from_source)
    side_effect = _side_effects(connection, made_up, treatment, client, from_source)
    status = _statuses(connection, made_up, side_effect, from_batch)
    remedy = _remedies(connection, made_up, side_effect, from_batch)
    return {
        "client": client,
        "treatment": treatment,
        "injection": injection,
        "follow_up": follow_up,
        "side_effect": side_effect,
        "status": status,
        "remedy": remedy,
    }


def _clients(connection: Connection, rng: np.random.Generator, made_up: SampleRecords) -> np.ndarray:
    number = np.arange(made_up.visits.client.max() + 1)
    born = made_up.clinic.first_day.year - rng.integers(MIN_AGE, MAX_AGE, size=number.size)
    sex = rng.choice(
        ["female", "male", ""], size=number.size, p=[FEMALE_SHARES, MALE_SHARES, 1 - FEMALE_SHARES - MALE_SHARES]
    )
    rows = zip(_pseudonyms(rng, number), born.tolist(), sex.tolist(), strict=True)
    rows = [{"key": key, "year_of_birth": year, "sex": told or None} for key, year, told in rows]
    return get_or_insert_ids(connection, records.Client.__table__, ["key"], rows)


def _pseudonyms(rng: np.random.Generator, number: np.ndarray) -> list[str]:
    """Keys that tell nothing of the order: a one-to-one shuffle of the numbers in letters, and random letters."""
    base = len(KEY_LETTERS)
    many = base**KEY_LENGTH_UNIQUE
    odd = int(rng.integers(many // 4, many // 2)) * 2 + 1  # odd, so that no two numbers meet: `many` is a power of 2
    shuffled = (number * odd + int(rng.integers(many))) % many
    unique = shuffled[:, None] // base ** np.arange(KEY_LENGTH_UNIQUE) % base
    random = rng.integers(base, size=(number.size, KEY_LENGTH - KEY_LENGTH_UNIQUE))
    letters = KEY_LETTERS[np.column_stack([unique, random])]
    return np.ascontiguousarray(letters).view(f"U{KEY_LENGTH}").ravel().tolist()


def _treatments(
    connection: Connection, made_up: SampleRecords, client: np.ndarray, from_source: dict[str, object]
) -> np.ndarray:
    visits = made_up.visits
    site = [{"code": code, "name": code.capitalize()} for code in SITES]
    site = get_or_insert_ids(connection, records.Site.__table__, ["code"], site)
    practitioner = [{"code": row.code} for row in PRACTITIONERS]
    practitioner = get_or_insert_ids(connection, records.Practitioner.__table__, ["code"], practitioner)
    table = records.Treatment.__table__
    ids = reserve_ids(connection, table, visits.day.size)
    columns = {
        "client_id": client[visits.client],
        "site_id": site[visits.site],
        "practitioner_id": practitioner[visits.practitioner],
        "date": CodedColumn(made_up.clinic.dates, visits.day),
        "touch_up_of_id": CodedColumn(ids.tolist(), visits.touch_up_of),
        "source_id": SequentialIds("T", ids.size),
    }
    return insert_columns(connection, table, ids, columns, **from_source)


def _injections(connection: Connection, made_up: SampleRecords, treatment: np.ndarray) -> np.ndarray:
    """Sided areas are one row, or two where the practitioner records left and right."""
    facts, places = made_up.facts, made_up.places
    product, lot = _products_and_lots(connection, made_up)
    sided = np.array([row.sided for row in codelist.areas().values()])[places.area]
    apart = np.array([row.sides_apart for row in PRACTITIONERS])[made_up.visits.practitioner[places.treatment]]
    rows = np.where(sided & apart, 2, 1)
    place = np.repeat(np.arange(places.area.size), rows)
    second = np.append(False, place[1:] == place[:-1])
    side = np.where(rows == 2, SIDES.index("left"), np.where(sided, SIDES.index("both"), -1))[place]
    points = places.points[place]
    columns = {
        "treatment_id": treatment[places.treatment[place]],
        "area": CodedColumn(facts.areas, places.area[place]),
        "side": CodedColumn(SIDES, np.where(second, SIDES.index("right"), side)),
        "product_id": product[places.product[place]],
        "lot_id": CodedColumn(lot.tolist(), places.lot[place]),
        "units": places.units[place] / rows[place],
        "points": CodedColumn(
            range(points.max() + 1), np.where(points >= 0, np.ceil(points / rows[place]), -1).astype(int)
        ),
    }
    table = records.Injection.__table__
    return insert_columns(connection, table, reserve_ids(connection, table, place.size), columns)


def _products_and_lots(connection: Connection, made_up: SampleRecords) -> tuple[np.ndarray, np.ndarray]:
    listed = codelist.products()
    products = [
        {
            "code": code,
            "label": listed[code].label,
            "unit": listed[code].unit,
            "active": listed[code].active,
            "dictionary": records.OURS,
        }
        for code in made_up.facts.products
    ]
    product = get_or_insert_ids(connection, records.Product.__table__, ["code"], products)
    lots = [
        {
            "product_id": int(product[made_up.facts.product(row.product)]),
            "number": row.number,
            "expiry": made_up.clinic.date(row.expiry),
        }
        for row in made_up.clinic.lots
    ]
    return product, get_or_insert_ids(connection, records.Lot.__table__, ["product_id", "number"], lots)


def _follow_ups(
    connection: Connection, made_up: SampleRecords, treatment: np.ndarray, from_source: dict[str, object]
) -> np.ndarray:
    log = made_up.log
    scored = log.score >= 0
    columns = {
        "treatment_id": treatment[log.treatment],
        "date": CodedColumn(made_up.clinic.dates, log.day),
        "method": CodedColumn(METHODS, log.method),
        "outcome": CodedColumn(OUTCOMES, log.outcome),
        "asked": CodedColumn(("open", "checklist"), log.checklist),
        "score": CodedColumn((0.0, 1.0, 2.0, 3.0, 4.0), log.score),
        "scale": CodedColumn(("movement", "sweating"), np.where(scored, log.sweating, -1)),
        "source_id": SequentialIds("F", log.day.size),
    }
    table = records.FollowUp.__table__
    return insert_columns(connection, table, reserve_ids(connection, table, log.day.size), columns, **from_source)


def _side_effects(
    connection: Connection,
    made_up: SampleRecords,
    treatment: np.ndarray,
    client: np.ndarray,
    from_source: dict[str, object],
) -> np.ndarray:
    facts, heard, dates = made_up.facts, made_up.reports, made_up.clinic.dates
    own_words = [codelist.side_effects()[code].plain for code in facts.side_effects]
    columns = {
        "client_id": client[made_up.visits.client[heard.treatment]],
        "treatment_id": CodedColumn(treatment.tolist(), np.where(heard.treatment_named, heard.treatment, -1)),
        "area": CodedColumn(facts.areas, heard.area),
        "side": CodedColumn(SIDES, heard.side),
        "term": CodedColumn(facts.side_effects, heard.side_effect),
        "as_given": CodedColumn(own_words, np.where(heard.in_own_words, heard.side_effect, -1)),
        "onset_first": CodedColumn(dates, heard.onset_first),
        "onset_last": CodedColumn(dates, heard.onset_last),
        "came_to_light": CodedColumn(CAME_TO_LIGHT, heard.came_to_light),
        "serious": CodedColumn(("important_event",), np.where(heard.red_flag, 0, -1)),
        "source_id": SequentialIds("E", heard.day.size),
    }
    table = records.SideEffect.__table__
    return insert_columns(connection, table, reserve_ids(connection, table, heard.day.size), columns, **from_source)


def _statuses(
    connection: Connection, made_up: SampleRecords, side_effect: np.ndarray, from_batch: dict[str, object]
) -> np.ndarray:
    facts, notes, dates = made_up.facts, made_up.notes, made_up.clinic.dates
    listed = codelist.side_effects()
    scales = ["ctcae_5" if listed[code].ctcae_term else "mild_moderate_severe" for code in facts.side_effects]
    term = made_up.reports.side_effect[notes.report]
    columns = {
        "side_effect_id": side_effect[notes.report],
        "date": CodedColumn(dates, notes.day),
        "state": CodedColumn(STATES, notes.state),
        "last_day": CodedColumn(dates, notes.last_day),
        "grade": CodedColumn(range(6), notes.grade),
        "grade_scale": CodedColumn(scales, np.where(notes.grade >= 0, term, -1)),
        "source_id": SequentialIds("N", notes.day.size),
    }
    table = records.Status.__table__
    return insert_columns(connection, table, reserve_ids(connection, table, notes.day.size), columns, **from_batch)


def _remedies(
    connection: Connection, made_up: SampleRecords, side_effect: np.ndarray, from_batch: dict[str, object]
) -> np.ndarray:
    remedies = made_up.remedies
    columns = {
        "side_effect_id": side_effect[remedies.report],
        "remedy": CodedColumn([offer.remedy for offer in made_up.facts.offers], remedies.offer),
        "kind": CodedColumn(("advised", "used"), remedies.used.astype(int)),
        "from_date": CodedColumn(made_up.clinic.dates, remedies.day),
    }
    table = records.Remedy.__table__
    return insert_columns(connection, table, reserve_ids(connection, table, remedies.day.size), columns, **from_batch)
