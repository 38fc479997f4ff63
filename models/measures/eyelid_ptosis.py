"""In how many treated areas of the upper face did an eyelid droop?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="eyelid_ptosis",
    title="Eyelid ptosis per upper-face area",
    why="Nearly all of it follows the glabella and the forehead: a rate over all areas hides where it comes from.",
    kind="rate",
    unit="area",
    side_effects=("eyelid_ptosis",),
    areas=("forehead", "glabella", "lateral_canthal", "brow_lift"),
    by=("area", "product"),
    direction="lower",
    source="JAAD Int 2023;14:4-18, Table IV: 16 of 665 after the glabella, 0 of 1324 after the lateral canthal lines",
    reviewed_on=date(2026, 11, 22),
)
