"""Published rates of side effects, and which of them is comparable with the clinic's own.

A published rate is never shown without its denominator, dose, placebo rate, source and how clients were asked: trials
with scheduled visits, clinics that ask everyone and spontaneous reports differ tenfold.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import read_reference, require_known_codes

HOW_ASKED = {
    "trial_visits": "Recorded at the scheduled visits of a trial; how clients were asked is not stated.",
    "asked_everyone": "A clinic asked every client.",
    "recorded": "Every complaint was recorded; whether each client was asked is not stated.",
    "pooled_studies": "Pooled from studies that asked in different ways.",
    "not_stated": "How clients were asked is not stated.",
}
WHAT_COUNTED = {
    "all": "All events are counted, whatever their cause.",
    "related": "Only events judged to be caused by the treatment are counted.",
}
# From the paper's own table to a secondary source: of two equal rows the one closer to the original is shown.
COPY_KINDS = (
    "journal table read",
    "abstract read",
    "label text on secondary site",
    "manufacturer page read",
    "secondary copy",
)


@dataclass(frozen=True, kw_only=True)
class PublishedRate:
    """One rate as its source gives it. `percent`: as printed. `pooled`: separately treated areas counted together."""

    row: str
    side_effect: str
    areas: tuple[str, ...]
    pooled: bool
    product: str | None
    product_as_given: str
    area_as_given: str
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

    @property
    def proportion(self) -> float:
        """0-1, from the printed counts or else from the printed percentage."""
        return self.percent / 100 if self.events is None else self.events / self.total

    @property
    def placebo(self) -> float | None:
        """0-1, or None if there was no placebo group or its rate was not found."""
        if self.placebo_events is not None and self.placebo_total is not None:
            return self.placebo_events / self.placebo_total
        return None if self.placebo_percent is None else self.placebo_percent / 100

    @property
    def how_asked(self) -> str:
        """How the figure was obtained, in sentences to show with it."""
        sentences = [HOW_ASKED[self.asked], WHAT_COUNTED[self.counted]]
        if self.repeated:
            sentences.append(f"Over several treatments ({self.denominator}), so higher than a rate per treatment.")
        if self.placebo is None:
            sentences.append("No placebo rate was found.")
        if self.inferred:
            sentences.append(f"Inferred, not printed: {self.inferred}.")
        return " ".join(sentences)


def published_rates(side_effect: str, area: str | None = None, product: str | None = None) -> list[PublishedRate]:
    """The published rates of a side effect (or of loader.ANY), filtered by area and product."""
    require_known_codes(side_effect=side_effect, area=area, product=product)
    return [
        row
        for row in read_reference("rates", PublishedRate)
        if row.side_effect == side_effect and area in (None, *row.areas) and product in (None, row.product)
    ]


def closest_rate(side_effect: str, areas: Collection[str] = (), products: Collection[str] = ()) -> PublishedRate | None:
    """The row to show next to the clinic's rate among treatments of these areas and products (none: of all).

    None if no row fits. A row fits if it is about one of the products and of the areas; one that pools areas fits if
    all of them were chosen. Preferred, in this order: a rate per treatment to one over several treatments; without
    chosen areas a rate pooled over areas; an area treated alone to combinations; what the source prints to what was
    inferred; a known placebo rate; closeness to the original; size. Differences that remain are named in `how_asked`
    and `area_as_given`.
    """

    def fits(row: PublishedRate) -> bool:
        chosen, treated = set(areas), set(row.areas)
        is_treated = treated <= chosen if row.pooled else bool(treated & chosen)
        return (not chosen or is_treated) and (not products or row.product in products)

    def rank(row: PublishedRate) -> tuple[bool | int, ...]:
        breadth = -len(row.areas) if row.pooled else len(row.areas)
        printed, copy = row.inferred is None, COPY_KINDS.index(row.copy_read)
        return row.repeated, not row.pooled, breadth, not printed, row.placebo is None, copy, -row.total

    return min(filter(fits, published_rates(side_effect)), key=rank, default=None)
