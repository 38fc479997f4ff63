"""How do the units per area compare with the labelled dose?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="units_against_label",
    title="Units against the labelled dose",
    why="Dose drives both effect and spread. Each product is held against its own label; units do not convert.",
    kind="dose",
    unit="area",
    event="units",
    window_days=None,
    by=("product", "area"),
    direction="neither",
    source="LETYBO label 5.2 and the same statement on the other labels: units cannot be compared or converted",
    reviewed_on=date(2026, 11, 22),
)
