"""What labels and authorities say: labeled doses, and what to do about a red flag."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import read_reference, require_known_codes


@dataclass(frozen=True, kw_only=True)
class PublishedDose:
    """A dose for areas treated together. `part_of`: the labeled combination of which this is the share."""

    product: str
    areas: tuple[str, ...]
    part_of: tuple[str, ...]
    status: Literal["labelled", "trial", "off_label"]
    per: Literal["treatment", "injection"]
    units_low: float | None
    units_high: float | None
    source: str


@dataclass(frozen=True, kw_only=True)
class RedFlagAdvice:
    """When a side effect is a red flag, and what to do then."""

    side_effect: str
    when: str
    window: str
    action: str
    source: str


def labeled_dose(product: str, areas: Iterable[str]) -> PublishedDose | None:
    """The labeled dose per treatment of exactly these areas; None if off label, per injection, or not found."""
    require_known_codes(product=product)
    together = set(areas)
    for row in read_reference("doses", PublishedDose):
        labeled = row.status == "labelled" and row.per == "treatment" and None not in (row.units_low, row.units_high)
        if labeled and row.product == product and set(row.areas) == together:
            return row
    return None


def red_flag_advice(side_effect: str) -> list[RedFlagAdvice]:
    """What to do about this side effect; empty if it is never a red flag."""
    require_known_codes(side_effect=side_effect)
    return [row for row in read_reference("red_flags", RedFlagAdvice) if row.side_effect == side_effect]
