"""How long side effects and results last according to publications, as these print it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import ANY, read_reference


@dataclass(frozen=True, kw_only=True)
class PublishedDuration:
    """One duration. `as_printed`: the words of the source. `evidence`: what was read; `notes`: its size."""

    kind: Literal["effect", "side_effect"]
    side_effect: str | None
    product: str | None
    product_as_given: str
    areas: tuple[str, ...]
    area_as_given: str
    item: str
    shortest_days: float | None
    longest_days: float | None
    as_printed: str
    source: str
    evidence: str
    notes: str | None


def side_effect_durations(side_effects: Collection[str], areas: Collection[str] = ()) -> list[PublishedDuration]:
    """Durations of these side effects, in their order, then of any, after treatments of these areas (none: of all)."""
    order = [*side_effects, ANY]
    listed = [row for row in _durations("side_effect", areas) if row.side_effect in order]
    return sorted(listed, key=lambda row: order.index(row.side_effect))


def result_durations(areas: Collection[str] = (), products: Collection[str] = ()) -> list[PublishedDuration]:
    """How long results last, in these areas and with these products (none: all). A row may name no area or product."""
    return [row for row in _durations("effect", areas) if not products or row.product in (None, *products)]


def _durations(kind: str, areas: Collection[str]) -> list[PublishedDuration]:
    rows = read_reference("durations", PublishedDuration)
    return [row for row in rows if row.kind == kind and (not areas or not row.areas or set(areas) & set(row.areas))]
