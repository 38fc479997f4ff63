"""Published rates of side effects, and which of them may stand beside the clinic's own.

A published rate is shown with its denominator, dose, placebo rate, source and how it was asked, or not at all: trials
that look at set visits, clinics that ask everyone and reports that come in by themselves differ tenfold.
"""

import functools
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import ANY, read_reference, require_known_codes  # noqa: F401

HOW_ASKED = {
    "trial_visits": "Seen at the set visits of a trial; how each effect was asked for is not stated in what was read.",
    "asked_everyone": "A clinic asked every client.",
    "recorded": "Every complaint that came up was recorded; whether each client was asked is not stated.",
    "pooled_studies": "Pooled over studies that asked in different ways.",
    "not_stated": "How it was asked is not stated in what was read.",
}
WHAT_COUNTED = {
    "all": "Counted whatever the cause.",
    "related": "Counted where judged to come from the treatment.",
}
# From the paper's own table to a retelling: of two equal rows the one nearer to the original is shown.
COPY_KINDS = (
    "journal table read",
    "abstract read",
    "label text on secondary site",
    "manufacturer page read",
    "secondary copy",
)


@dataclass(frozen=True, kw_only=True)
class PublishedRate:
    """One rate as its source gives it. `percent` is as printed; `pooled`: areas treated apart, counted together."""

    row: str
    side_effect: str
    areas: tuple[str, ...]
    pooled: bool
    product: str | None
    product_as_given: str
    area_as_given: str
    event_as_given: str
    dose: str

    unit: Literal["client", "treatment", "injection"]
    denominator: str
    repeated: bool
    counted: Literal["all", "related"]
    asked: Literal["trial_visits", "asked_everyone", "recorded", "pooled_studies", "not_stated"]

    events: int | None
    total: int
    percent: float
    placebo_events: int | None
    placebo_total: int | None
    placebo_percent: float | None

    source: str
    url: str
    copy_read: Literal[COPY_KINDS]
    inferred: str | None
    notes: str | None

    @property
    def proportion(self) -> float:
        """0-1: from the counts where they are printed, else from the printed percentage."""
        return self.percent / 100 if self.events is None else self.events / self.total

    @property
    def placebo(self) -> float | None:
        """0-1, or None: no placebo group, or its rate is not in what was read."""
        if self.placebo_events is not None and self.placebo_total is not None:
            return self.placebo_events / self.placebo_total
        return None if self.placebo_percent is None else self.placebo_percent / 100

    @property
    def how_asked(self) -> str:
        """How the figure came about, in sentences ready to stand beside it."""
        said = [HOW_ASKED[self.asked], WHAT_COUNTED[self.counted]]
        if self.repeated:
            said.append(f"Counted over several treatments ({self.denominator}): higher than a rate per treatment.")
        if self.placebo is None:
            said.append("No placebo rate in what was read.")
        if self.inferred:
            said.append(f"Inferred, not printed: {self.inferred}.")
        return " ".join(said)


def published_rates(side_effect: str, area: str | None = None, product: str | None = None) -> list[PublishedRate]:
    """The published rates of a side effect (or of ANY), those that include the area, those of the product."""
    require_known_codes(side_effect=side_effect, area=area, product=product)
    return [
        row
        for row in _published_rates()
        if row.side_effect == side_effect and area in (None, *row.areas) and product in (None, row.product)
    ]


def comparable_rate(side_effect: str, area: str | None = None, product: str | None = None) -> PublishedRate | None:
    """The one row to show beside the clinic's rate, or None where none is fit to be.

    A rate over several treatments is not fit to stand beside one per treatment. What happens after one area is no
    reference for all, nor the other way round: with an area the rows of that area are looked at, without one those
    pooled over areas. The area treated alone goes before combinations, then a known placebo rate, then how near to the
    original the row was read, then size.
    """
    fit = [
        row for row in published_rates(side_effect, area, product) if not row.repeated and row.pooled == (area is None)
    ]
    return min(fit, key=_rank, default=None)


def _rank(row: PublishedRate) -> tuple:
    breadth = -len(row.areas) if row.pooled else len(row.areas)
    return breadth, row.placebo is None, COPY_KINDS.index(row.copy_read), -row.total


@functools.cache
def _published_rates() -> tuple[PublishedRate, ...]:
    return read_reference("rates", PublishedRate)
