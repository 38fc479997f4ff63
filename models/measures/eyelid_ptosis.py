"""Rate of drooping eyelids per treated area of the upper face."""

from models.measure import Measure

MEASURE = Measure(
    code="eyelid_ptosis",
    title="Eyelid ptosis per upper-face area",
    why="Nearly all cases follow the glabella and the forehead. A rate over all areas hides where they come from.",
    unit="area",
    side_effects=("eyelid_ptosis",),
    areas=("forehead", "glabella", "lateral_canthal", "brow_lift"),
    source="JAAD Int 2023;14:4-18, Table IV: 16 of 665 after the glabella, 0 of 1324 after the lateral canthal lines",
    reviewed_on="2026-11-22",
)
