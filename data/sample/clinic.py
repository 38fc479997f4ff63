"""The sample clinic: sites, practitioners, opening days and lots, and the planted signals."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data.analysis.selection import FOLLOW_UP_DAYS
from data.sample.assumptions import LOTS, Assumptions

MONTHS = 30  # of records, up to the month of `today`

SITES = {"Midtown": 0.5, "Buckhead": 0.3, "Decatur": 0.2}
PRODUCT_SHARES = {
    "botox_cosmetic": 0.48,
    "dysport": 0.18,
    "xeomin": 0.12,
    "jeuveau": 0.1,
    "daxxify": 0.07,
    "letybo": 0.05,
}

# Relative volume: months from January, weekdays from Monday. Invented.
MONTH_VOLUME = np.array([0.8, 0.85, 1, 1.05, 1.1, 1.1, 0.95, 0.8, 1.05, 1.1, 1.2, 1.15])
WEEKDAY_VOLUME = np.array([0.9, 1, 1, 1.05, 1.1, 0.6, 0])
GROWTH = 0.25  # over the whole period


@dataclass(frozen=True)
class SamplePractitioner:
    """`shares`: of each site's treatments. `habit`: dose factor. `sides_apart`: records left and right separately."""

    code: str
    shares: dict[str, float]
    habit: float = 1.0
    sides_apart: bool = False


PRACTITIONERS = (
    SamplePractitioner("NP 1", {"Midtown": 0.45}, sides_apart=True),
    SamplePractitioner("RN 2", {"Midtown": 0.37}, habit=0.92),
    SamplePractitioner("RN 3", {"Midtown": 0.18, "Buckhead": 0.5}),
    SamplePractitioner("NP 4", {"Buckhead": 0.5}, habit=0.96, sides_apart=True),
    SamplePractitioner("PA 5", {"Decatur": 1.0}, habit=1.08),
    SamplePractitioner("RN 6", {}),
)
NEWCOMER, NEWCOMER_SITE, NEWCOMER_SHARE = "RN 6", "Midtown", 0.06

LOT_OVERLAP_DAYS = 10
EXPIRY_DAYS = (150, 310, 210, 370, 260)  # after the lot was last used
WORSE_LOT, DOUBLED_PRACTITIONER, CLOSED_SITE = "BC-10", "RN 3", "Decatur"


@dataclass(frozen=True)
class SampleLot:
    product: str
    number: str
    first_used: int
    expiry: int


def make_table(**columns: np.ndarray | float) -> np.recarray:
    """A table of columns of one length, read as `table.column`; single values are repeated."""
    return np.rec.fromarrays(np.broadcast_arrays(*columns.values()), names=list(columns))


class SampleClinic:
    """Days are numbered from `first_day`; the last one is `today`. All draws use `rng` and the assumptions `facts`.

    data/sample/generator.py describes the signals. Without `has_signals`, lots, doses, practitioners and months are
    alike.
    """

    def __init__(self, today: date, seed: int = 1, has_signals: bool = True):
        self.has_signals = has_signals
        self.rng, self.facts = np.random.default_rng(seed), Assumptions()
        self.first_day = month_start_before(today, MONTHS - 1)
        self.days = (today - self.first_day).days + 1
        matured = today - timedelta(days=FOLLOW_UP_DAYS - 1)
        self.doubled_from = month_start_before(today, 10)
        self.rising_month = month_start_before(matured, 1)  # the latest month without a treatment in follow-up
        self.closed_month = month_start_before(today, 20)
        self.newcomer_from = month_start_before(today, 5)

    def day(self, of: date) -> int:
        return (of - self.first_day).days

    def month(self, first: date) -> slice:
        """The days of the month that starts on `first`."""
        return slice(self.day(first), self.day(month_start_before(first, -1)))

    @functools.cached_property
    def dates(self) -> list[date]:
        """The date of each day, up to the expiry of the last lot."""
        last = max(lot.expiry for lot in self.lots)
        return [self.first_day + timedelta(days=day) for day in range(last + 1)]

    def month_bounds(self, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first and the last day of the month of each day; the last one may be after today."""
        months = np.stack([self._months[day], self._months[day] + 1]).astype("datetime64[D]")
        first, next_first = (months - np.datetime64(self.first_day)).astype(int)
        return first, next_first - 1

    @functools.cached_property
    def lots(self) -> list[SampleLot]:
        lots = []
        for product, (prefix, days_in_use) in LOTS.items():
            for place, start in enumerate(range(-days_in_use // 2, self.days, days_in_use)):
                expiry = start + days_in_use + LOT_OVERLAP_DAYS + EXPIRY_DAYS[place % len(EXPIRY_DAYS)]
                lots.append(SampleLot(product, f"{prefix}-{place + 1:02}", start, expiry))
        return lots

    @functools.cached_property
    def volume(self) -> np.ndarray:
        """site x day -> relative volume, 0 when closed."""
        weekday = (np.arange(self.days) + self.first_day.weekday()) % 7
        month = self._months.astype(int) % 12
        growth = 1 + GROWTH * np.arange(self.days) / self.days
        volume = np.tile(MONTH_VOLUME[month] * WEEKDAY_VOLUME[weekday] * growth, (len(SITES), 1))
        volume[list(SITES).index(CLOSED_SITE), self.month(self.closed_month)] = 0
        return volume

    @functools.cached_property
    def _months(self) -> np.ndarray:
        return (np.datetime64(self.first_day) + np.arange(self.days)).astype("datetime64[M]")


def month_start_before(day: date, months: int) -> date:
    """The first day of the month that is `months` before the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
