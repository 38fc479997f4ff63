"""Simulate the treatments: clients return when the effect has worn off, and some come for a touch-up."""

import numpy as np

from data.sample.clinic import (
    LOT_OVERLAP_DAYS,
    NEWCOMER,
    NEWCOMER_SHARE,
    NEWCOMER_SITE,
    PRACTITIONERS,
    PRODUCT_SHARES,
    SITES,
    SampleClinic,
    make_table,
)

TOUCH_UP_SHARE = 0.055  # of all treatments
TOUCH_UP_DAYS = (14, 20)
TOUCH_UP_DOSE = 0.35  # of the usual dose, in the first area of the treatment
RETURNING_SHARE = 0.75  # after each treatment
EXISTING_CLIENT_SHARE, EXISTING_CLIENT_DAYS = 0.33, 120  # existing clients come in the first months of the records
EFFECT_SPREAD = 0.15  # standard deviation of the logarithm of the duration of the effect; invented
MIN_DAYS_BETWEEN = 91  # labels allow one treatment in three months
MEAN_BOOKING_DELAY = 45  # longest, after the effect has worn off
USUAL_PROGRAM_SHARE = 0.88  # of treatments with the client's usual program, product and practitioner, each
LOT_NOT_RECORDED = 0.02
NEVER = 10**6  # a day after all others


def simulate_visits(clinic: SampleClinic, treatments: int) -> np.recarray:
    """This number of treatments in order of date, including touch-ups.

    Columns: client, site, practitioner, programme, product, day, next_day (of the client's next full treatment),
    effect_days (how long the effect lasts), touch_up_of (position of a treatment, or -1).
    """
    touch_ups = round(treatments * TOUCH_UP_SHARE)
    full = _full_treatments(clinic, treatments - touch_ups)
    day = full.day + clinic.rng.integers(*TOUCH_UP_DAYS, size=full.day.size)
    day = _next_open_day(clinic.volume)[full.site, np.minimum(day, clinic.days)]
    possible = np.flatnonzero((day < clinic.days) & (day - full.day <= TOUCH_UP_DAYS[1]))
    parents = clinic.rng.choice(possible, size=min(touch_ups, possible.size), replace=False)
    touched = full[parents]
    touched.day, touched.touch_up_of = day[parents], parents
    visits = np.concatenate([full, touched]).view(np.recarray)
    order = np.argsort(visits.day, kind="stable")
    visits = visits[order]
    new_position = np.argsort(order)
    visits.touch_up_of = np.where(visits.touch_up_of >= 0, new_position[visits.touch_up_of], -1)
    return visits


def simulate_places(clinic: SampleClinic, visits: np.recarray) -> np.recarray:
    """The injected areas in order of treatment: all areas of the program, or the first one for a touch-up.

    Columns: treatment, area, product, lot and points (-1: not recorded), units.
    """
    areas = clinic.facts.programme_areas[visits.programme]
    injected = areas >= 0
    injected[visits.touch_up_of >= 0, 1:] = False
    treatment, area = np.nonzero(injected)[0], areas[injected]
    product = visits.product[treatment]
    dose = clinic.facts.dose_row[area, product]
    touch_up = visits.touch_up_of[treatment] >= 0
    points = np.array([row.points or -1 for row in clinic.facts.doses])[dose]
    return make_table(
        treatment=treatment,
        area=area,
        product=product,
        lot=_lots(clinic, visits, treatment),
        units=_units(clinic, dose, visits.practitioner[treatment], np.where(touch_up, TOUCH_UP_DOSE, 1.0)),
        points=np.where(touch_up, np.minimum(points, 2), points),
    )


def _full_treatments(clinic: SampleClinic, wanted: int) -> np.recarray:
    site = clinic.rng.choice(len(SITES), size=wanted, p=list(SITES.values()))
    programmes = np.array([row.share for row in clinic.facts.programmes])
    programmes = programmes / programmes.sum()
    usual_programme = clinic.rng.choice(programmes.size, size=wanted, p=programmes)
    products = np.array([PRODUCT_SHARES.get(code, 0) for code in clinic.facts.products])
    usual_product = clinic.rng.choice(products.size, size=wanted, p=products)
    usual_practitioner = _practitioners(clinic, site)

    first_area = clinic.facts.programme_areas[usual_programme, 0]
    weeks = clinic.facts.effect_weeks[first_area, clinic.facts.product_used[usual_programme, usual_product]]
    client, day, effect_days = _simulate_returns(clinic, site, weeks * 7)
    order = np.lexsort((day, client))[:wanted]
    client, day, effect_days = client[order], day[order], effect_days[order]

    def mostly(usual: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        return np.where(clinic.rng.random(wanted) < USUAL_PROGRAM_SHARE, usual[client], otherwise)

    programme = mostly(usual_programme, clinic.rng.choice(programmes.size, size=wanted, p=programmes))
    product = mostly(usual_product, clinic.rng.choice(products.size, size=wanted, p=products))
    practitioner = mostly(usual_practitioner, _practitioners(clinic, site[client]))
    there = (day >= clinic.day(clinic.newcomer_from)) & (site[client] == list(SITES).index(NEWCOMER_SITE))
    newcomer = there & (clinic.rng.random(wanted) < NEWCOMER_SHARE)
    practitioner[newcomer] = [row.code for row in PRACTITIONERS].index(NEWCOMER)
    same_client = client[1:] == client[:-1]
    return make_table(
        client=client,
        site=site[client],
        practitioner=practitioner,
        programme=programme,
        product=clinic.facts.product_used[programme, product],
        day=day,
        next_day=np.append(np.where(same_client, day[1:], NEVER), NEVER),
        effect_days=effect_days,
        touch_up_of=np.full(wanted, -1),
    )


def _simulate_returns(
    clinic: SampleClinic, site: np.ndarray, lasting: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Client, day and duration of the effect of every visit.

    Time is measured in clinic days, which pass faster when the clinic is busy and stop when it is closed, so that first
    visits and returns both follow the volume.
    """
    busy = clinic.volume.cumsum(axis=1) * (clinic.days / clinic.volume.sum(axis=1, keepdims=True))
    opens = _next_open_day(clinic.volume)
    is_existing = clinic.rng.random(site.size) < EXISTING_CLIENT_SHARE
    moment = clinic.rng.random(site.size) * np.where(is_existing, EXISTING_CLIENT_DAYS, clinic.days)
    client, soonest = np.arange(site.size), np.zeros(site.size, dtype=int)
    found = []
    while client.size:
        day = np.empty(client.size, dtype=int)
        for place in range(len(SITES)):
            here = site[client] == place
            day[here] = np.searchsorted(busy[place], moment[here], side="right")
        day = opens[site[client], np.minimum(np.maximum(day, soonest), clinic.days)]
        effect_days = lasting[client] * np.exp(clinic.rng.normal(0, EFFECT_SPREAD, client.size))
        came = day < clinic.days
        found.append((client[came], day[came], effect_days[came]))
        gap = np.maximum(effect_days + clinic.rng.random(client.size) * MEAN_BOOKING_DELAY, MIN_DAYS_BETWEEN)
        returns = came & (clinic.rng.random(client.size) < RETURNING_SHARE) & (moment + gap < clinic.days)
        client, moment, soonest = client[returns], (moment + gap)[returns], (day + MIN_DAYS_BETWEEN)[returns]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _next_open_day(volume: np.ndarray) -> np.ndarray:
    """site x day -> that day or the next open one; one past the last day if there is none."""
    days = volume.shape[1]
    own = np.where(volume > 0, np.arange(days), days)
    following = np.minimum.accumulate(own[:, ::-1], axis=1)[:, ::-1]
    return np.column_stack([following, np.full(len(volume), days)])


def _practitioners(clinic: SampleClinic, site: np.ndarray) -> np.ndarray:
    practitioner = np.empty(site.size, dtype=int)
    for place, code in enumerate(SITES):
        here = np.flatnonzero(site == place)
        shares = [row.shares.get(code, 0) for row in PRACTITIONERS]
        practitioner[here] = clinic.rng.choice(len(PRACTITIONERS), size=here.size, p=shares)
    return practitioner


def _units(clinic: SampleClinic, dose: np.ndarray, practitioner: np.ndarray, portion: np.ndarray) -> np.ndarray:
    least, usual, most, step = (
        np.array([getattr(row, name) for row in clinic.facts.doses])[dose]
        for name in ("least", "usual", "most", "step")
    )
    habit = np.array([row.habit for row in PRACTITIONERS])[practitioner]
    nearly = 1e-9  # the triangular distribution must have a width
    units = clinic.rng.triangular(least - nearly, usual, most + nearly) * habit * portion
    return np.maximum(np.round(units / step), 1) * step


def _lots(clinic: SampleClinic, visits: np.recarray, treatment: np.ndarray) -> np.ndarray:
    """The lot in use, or for some days the one before it, per treatment."""
    day = visits.day - clinic.rng.integers(0, LOT_OVERLAP_DAYS, size=visits.day.size)
    lot = np.empty(visits.day.size, dtype=int)
    for product, code in enumerate(clinic.facts.products):
        used = visits.product == product
        mine = [position for position, row in enumerate(clinic.lots) if row.product == code]
        starts = [clinic.lots[position].first_used for position in mine]
        lot[used] = mine[0] + np.searchsorted(starts, day[used], side="right") - 1
    lot[clinic.rng.random(lot.size) < LOT_NOT_RECORDED] = -1
    return lot[treatment]
