"""The assumptions of the sample clinic: doses, rates, courses and remedies, each row of a CSV file with its source.

The rates are those among clients who were asked.
"""

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.reference import published_rates
from models import codelist, csv_rows

FOLDER = Path(__file__).parent

# Product -> the prefix of its lot numbers, and the days that a lot is in use.
LOTS = {
    "botox_cosmetic": ("BC", 70),
    "botox": ("BX", 110),
    "dysport": ("DY", 90),
    "xeomin": ("XE", 100),
    "jeuveau": ("JE", 110),
    "daxxify": ("DX", 120),
    "letybo": ("LE", 130),
    "myobloc": ("MY", 180),
}


@dataclass(frozen=True)
class TreatmentProgram:
    """Areas treated together. `product` is used if the client's usual one has no dose for one of the areas."""

    code: str
    areas: tuple[str, ...]
    product: str
    share: float
    source: str


@dataclass(frozen=True)
class SampleDose:
    """Units per treated area, both sides together, in the product's own units, and the number of points."""

    area: str
    product: str
    least: float
    usual: float
    most: float
    step: float
    points: int | None
    source: str


@dataclass(frozen=True)
class TypicalEffectDuration:
    """The median duration of the effect. A row without an area applies to all areas without a row."""

    product: str
    area: str | None
    weeks: float
    source: str


@dataclass(frozen=True)
class SampleRate:
    """The probability of a side effect per treated area. A row without a product applies to all without a row.

    `published` names the row of data/reference/rates.csv that has the rate; otherwise `rate` and `source` are given.
    """

    side_effect: str
    area: str
    product: str | None
    published: str | None
    rate: float | None
    source: str | None

    @property
    def chance(self) -> float:
        if self.published is None:
            return self.rate
        rows = published_rates.published_rates(self.side_effect, self.area)
        return next(row.proportion for row in rows if row.row == self.published)


@dataclass(frozen=True)
class EffectCourse:
    """Days from the treatment to the onset, and until half and nine in ten have resolved. `placed`: has an area."""

    side_effect: str
    onset_least: int
    onset_usual: int
    onset_most: int
    half_over: float
    nine_in_ten_over: float
    placed: bool
    sided: bool
    source: str

    @property
    def spread(self) -> float:
        """The standard deviation of the logarithm of a log-normal duration."""
        return math.log(self.nine_in_ten_over / self.half_over) / NINE_IN_TEN


NINE_IN_TEN = 1.2816  # the 90 % point of the standard normal distribution


@dataclass(frozen=True)
class RemedyOffer:
    """How often a remedy is advised for these side effects and families, and how often it is then used."""

    remedy: str
    offered_for: tuple[str, ...]
    advised: float
    used: float
    source: str


class Assumptions:
    """The CSV files, and arrays made from them. Areas and products are positions in `areas` and `products`."""

    def __init__(self) -> None:
        self.programmes = csv_rows.read_csv_rows(FOLDER / "programmes.csv", TreatmentProgram)
        self.doses = csv_rows.read_csv_rows(FOLDER / "doses.csv", SampleDose)
        self.rates = csv_rows.read_csv_rows(FOLDER / "rates.csv", SampleRate)
        self.courses = csv_rows.read_csv_rows(FOLDER / "courses.csv", EffectCourse)
        self.offers = csv_rows.read_csv_rows(FOLDER / "remedies.csv", RemedyOffer)
        self.areas = list(codelist.areas())
        self.products = [code for code in codelist.products() if code in LOTS]
        self.side_effects = [course.side_effect for course in self.courses]
        self._lasting = csv_rows.read_csv_rows(FOLDER / "lasting.csv", TypicalEffectDuration)

    @functools.cached_property
    def dose_row(self) -> np.ndarray:
        """area x product -> position in `doses`, or -1 if the product has no dose for the area."""
        table = self._table(-1)
        for position, dose in enumerate(self.doses):
            table[self.area(dose.area), self.product(dose.product)] = position
        return table

    @functools.cached_property
    def effect_weeks(self) -> np.ndarray:
        """area x product -> median weeks that the effect lasts."""
        table = self._table(np.nan)
        for lasting in sorted(self._lasting, key=lambda row: row.area is not None):
            place = slice(None) if lasting.area is None else self.area(lasting.area)
            table[place, self.product(lasting.product)] = lasting.weeks
        return table

    @functools.cached_property
    def programme_areas(self) -> np.ndarray:
        """program x position in its list -> area, padded with -1."""
        table = np.full((len(self.programmes), max(len(row.areas) for row in self.programmes)), -1)
        for row, programme in zip(table, self.programmes, strict=True):
            row[: len(programme.areas)] = [self.area(area) for area in programme.areas]
        return table

    @functools.cached_property
    def product_used(self) -> np.ndarray:
        """program x the client's usual product -> the product used."""
        table = np.empty((len(self.programmes), len(self.products)), dtype=int)
        for row, programme in zip(table, self.programmes, strict=True):
            has_dose = (self.dose_row[[self.area(area) for area in programme.areas]] >= 0).all(axis=0)
            row[:] = np.where(has_dose, np.arange(len(self.products)), self.product(programme.product))
        return table

    def rate(self, side_effect: str) -> np.ndarray:
        """area x product -> the probability of the side effect."""
        table = self._table(0.0)
        rates = [row for row in self.rates if row.side_effect == side_effect]
        for row in sorted(rates, key=lambda row: row.product is not None):
            table[self.area(row.area), slice(None) if row.product is None else self.product(row.product)] = row.chance
        return table

    def area(self, code: str) -> int:
        return self.areas.index(code)

    def product(self, code: str) -> int:
        return self.products.index(code)

    def _table(self, fill: float) -> np.ndarray:
        return np.full((len(self.areas), len(self.products)), fill)
