"""What a measure is: one clinical question, what counts as yes, among what, and why it is asked.

A measure is registered by being a file in models/measures/ that defines MEASURE. It holds codes and knows no database:
data/analysis/counts.py counts it.
"""

import functools
import importlib
import pkgutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Literal

from models import codelist
from models.codelist import Codelist

# An effect belongs to the latest treatment at most this many days before it; a source may set its own span. By then the
# toxin's effect is over in most clients, and a droop may last as long as the effect (King 2016, Wake Forest figures).
ATTRIBUTION_DAYS = 120

FOUR_TO_SIX_MONTHS = (122, 183)  # what clients are commonly told of the effect; months of 365.25 / 12 days

# Kind: what is computed from it.
#   rate      units with a side effect of the numerator / units with known outcome
#   duration  days from first to last day of each side effect of the numerator, open ones censored
#   interval  days from a treatment of an area to the event, censored at the last contact
#   share     treatments with the event / treatments
#   dose      units per treated area against the labelled dose, within one product
Kind = Literal["rate", "duration", "interval", "share", "dose"]
Event = Literal["side_effect", "known_outcome", "touch_up", "retreatment", "return_of_movement", "units"]
Unit = Literal["treatment", "area", "client"]
Direction = Literal["lower", "higher", "neither"]
Grouping = Literal["side_effect", "area", "product"]

EVENTS: Mapping[Kind, Collection[Event]] = {
    "rate": ("side_effect",),
    "duration": ("side_effect",),
    "interval": ("retreatment", "return_of_movement"),
    "share": ("known_outcome", "touch_up"),
    "dose": ("units",),
}


class MeasureError(ValueError):
    """A measure is not what it says; the message names the measure, the field and, for a code, what may be meant."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One clinical question.

    `side_effects`, `families`: what counts as yes (`numerator` holds the codes of both). `areas`, `products`: among
    what; None is all. `window_days`: from the treatment to the onset that still counts, or, for known outcomes, the
    days given to learn of them; None where the event names its treatment itself. `claim`: first and last day of a
    duration that clients are commonly told. `by`: how it is broken down on its page. `direction`: which is better.
    """

    code: str
    title: str
    why: str
    kind: Kind
    unit: Unit
    event: Event = "side_effect"
    side_effects: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    areas: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    window_days: int | None = ATTRIBUTION_DAYS
    claim: tuple[int, int] | None = None
    by: tuple[Grouping, ...] = ()
    direction: Direction
    source: str
    reviewed_on: date

    def __post_init__(self) -> None:
        self._check_codes("side_effects", self.side_effects, codelist.side_effects())
        self._check_codes("families", self.families, codelist.families())
        self._check_codes("areas", self.areas or (), codelist.areas())
        self._check_codes("products", self.products or (), codelist.products())
        self._require(self.event in EVENTS[self.kind], "event", f"{self.event!r} is no event of a {self.kind}")
        counts_effects = self.event == "side_effect"
        self._require(
            counts_effects == bool(self.numerator), "side_effects", "a side effect is what is counted, or not"
        )
        self._require(self.areas != () and self.products != (), "areas", "an empty denominator; None is all")
        for area in self.areas or ():
            possible = not counts_effects or any(codelist.side_effects()[c].can_follow(area) for c in self.numerator)
            self._require(possible, "areas", f"none of its side effects can follow {area!r}, says the codelist")

    @property
    def numerator(self) -> tuple[str, ...]:
        """The codes of the side effects that count as yes, in the order of their list."""
        return tuple(
            row.code
            for row in codelist.side_effects().values()
            if row.code in self.side_effects or row.family in self.families
        )

    def _check_codes(self, field: str, codes: Collection[str], listed: Codelist) -> None:
        for code in codes:
            hint = codelist.suggest_code(code, listed)
            meant = f"; did you mean {hint!r}?" if hint else ""
            self._require(code in listed, field, f"{code!r} is not in {listed.name}{meant}")

    def _require(self, holds: bool, field: str, otherwise: str) -> None:
        if not holds:
            raise MeasureError(f"measure {self.code!r}, {field}: {otherwise}")


@functools.cache
def measures() -> Mapping[str, Measure]:
    """Every measure by its code, in the order of the files. Raises MeasureError for one that is mistyped."""
    return discover_measures(importlib.import_module("models.measures"))


def discover_measures(package: ModuleType) -> Mapping[str, Measure]:
    """The MEASURE of every file of a package, by its code, which is the name of the file."""
    found: dict[str, Measure] = {}
    for file in pkgutil.iter_modules(package.__path__):
        measure = getattr(importlib.import_module(f"{package.__name__}.{file.name}"), "MEASURE", None)
        if not isinstance(measure, Measure):
            raise MeasureError(f"{file.name}.py: defines no MEASURE")
        if measure.code != file.name:
            raise MeasureError(f"{file.name}.py: the measure's code is {measure.code!r}; {file.name!r} expected")
        found[measure.code] = measure
    return found
