"""A measure: one clinical question, the side effects that count as yes, the areas they are counted in, and why.

A measure is registered by being a file in models/measures/ that defines MEASURE. It holds codes and knows no database;
data/analysis counts it.
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from models import codelist
from models.codelist import Codelist, UnknownCodeError

FOUR_TO_SIX_MONTHS = (122, 183)  # how long clients are told the effect lasts; months of 365.25 / 12 days

Unit = Literal["treatment", "area", "client"]


class MeasureError(ValueError):
    """A measure contradicts the code lists. The message names the measure, the field and the nearest code, if any."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The rate of side effects per unit: those of `side_effects` and of `families` count as yes.

    `areas`: the treated areas that are counted; None stands for all of them.
    """

    code: str
    title: str
    why: str
    unit: Unit = "treatment"
    side_effects: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    areas: tuple[str, ...] | None = None
    source: str
    reviewed_on: str  # ISO 8601

    def __post_init__(self) -> None:
        lists: dict[str, Codelist[Any]] = {
            "side_effects": codelist.side_effects(), "families": codelist.families(), "areas": codelist.areas(),
        }  # fmt: skip
        for field, listed in lists.items():
            for code in getattr(self, field) or ():
                try:
                    listed[code]
                except UnknownCodeError as error:
                    raise self._error(field, str(error)) from None
        if not self.numerator:
            raise self._error("side_effects", "no side effect is counted")
        if self.areas == ():
            raise self._error("areas", "an empty denominator; None stands for all areas")
        for area in self.areas or ():
            if not any(codelist.side_effects()[code].can_follow(area) for code in self.numerator):
                raise self._error("areas", f"none of its side effects can follow {area!r}, says the codelist")

    def _error(self, field: str, problem: str) -> MeasureError:
        return MeasureError(f"measure {self.code!r}, {field}: {problem}")

    @property
    def numerator(self) -> tuple[str, ...]:
        """The codes of the side effects that count as yes, in the order of their list."""
        return tuple(
            row.code
            for row in codelist.side_effects().values()
            if row.code in self.side_effects or row.family in self.families
        )


@functools.cache
def measures() -> Mapping[str, Measure]:
    """Every measure by its code, in the order of the files. Raises MeasureError."""
    return discover_measures(importlib.import_module("models.measures"))


def discover_measures(package: ModuleType) -> Mapping[str, Measure]:
    """The MEASURE of every file of a package, by its code, which must be the name of the file."""
    found: dict[str, Measure] = {}
    for file in pkgutil.iter_modules(package.__path__):
        measure = getattr(importlib.import_module(f"{package.__name__}.{file.name}"), "MEASURE", None)
        if not isinstance(measure, Measure):
            raise MeasureError(f"{file.name}.py: defines no MEASURE")
        if measure.code != file.name:
            raise MeasureError(f"{file.name}.py: the measure's code is {measure.code!r}; {file.name!r} expected")
        found[measure.code] = measure
    return found
